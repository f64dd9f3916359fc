"""`htv` and `vremake`: what they ask for, what is refused, what is only warned of."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openvod.core.errors import TaskFault
from openvod.engines.analysis.remakes import htv_options, vertical, vremake_options


def htv(**fields: Any) -> htv_options.Wish:
    return htv_options.read({"ExtendedParameter": json.dumps({"htv": fields})})


def vremake(**fields: Any) -> vremake_options.Wish:
    return vremake_options.read({"ExtendedParameter": json.dumps({"vremake": fields})})


def test_nothing_said_is_the_default() -> None:
    assert htv_options.read({}) == htv_options.Wish()
    assert vremake_options.read({}) == vremake_options.Wish()


def test_everything_said_is_read() -> None:
    fallback = {"NoFaceDetect": "ScaleWithoutBlur", "DoubleFace": "SplitScreenVertical"}
    config = {"FaceScoreThd": 60, "FaceAccuracy": "Precision", "FallbackConfig": fallback}
    wish = htv(
        AlgorithmType=3,
        Ratio="4:5",
        SmoothWeight="0.25",
        OutputPattern="mine-{sessionId}",
        FaceDetectConfig=config,
    )
    assert (wish.ratio, wish.smooth, wish.score, wish.accuracy) == (0.8, 0.25, 0.6, "Precision")
    assert (wish.no_face, wish.double, wish.faces_only) == ("ScaleWithoutBlur", "SplitScreenVertical", True)
    assert wish.warnings == ()
    assert htv(AlgorithmType=5, BlurWeight=1).blurred
    assert vertical.title(wish, "abc") == "mine-abc"


def test_what_is_not_known_is_a_warning() -> None:
    wish = htv(
        AlgorithmType=9, FaceDetectConfig={"FaceAccuracy": "Best", "FallbackConfig": {"DoubleFace": 1}}
    )
    assert (wish.accuracy, wish.double, len(wish.warnings)) == ("Balance", "Scale", 3)
    assert "`AB` means nothing" in vremake(mode="PicInPic", AB={}).warnings[0].replace("vremake.", "")
    assert "extMode" in vremake(mode="AB", AB={"extMode": 7}).warnings[0]


@pytest.mark.parametrize(
    "ratio", ["9", "9:0", "0:9", "1:9", "9:1", "a:b", 9, "9:16:4", "1e9:1e9", ["9:16"], "9:" + "1" * 99]
)
def test_a_ratio_that_is_none(ratio: Any) -> None:
    with pytest.raises(TaskFault) as fault:
        htv(Ratio=ratio)
    assert fault.value.code == "InvalidInput"


NAMES = [
    "AlgorithmType",
    "Ratio",
    "SmoothWeight",
    "FaceDetectConfig",
    "FallbackConfig",
    "mode",
    "picInPic",
    "AB",
    "extMode",
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda more: st.lists(more) | st.dictionaries(st.sampled_from(NAMES), more),
)


@settings(max_examples=60)
@given(ANYTHING)
def test_whatever_is_given_is_read_or_refused(value: Any) -> None:
    for key, read in (("htv", htv_options.read), ("vremake", vremake_options.read)):
        try:
            read({"ExtendedParameter": json.dumps({key: value})})
        except TaskFault as fault:
            assert fault.code.startswith("InvalidInput")  # noqa: PT017 - it may also be read


@pytest.mark.parametrize("kind", [6, 7])
def test_what_paints_the_unseen_needs_a_model(kind: int) -> None:
    with pytest.raises(TaskFault) as fault:
        htv(AlgorithmType=kind)
    assert fault.value.code == "InvalidInput.ConfigurationUnsupported"
    assert "generates pictures" in fault.value.en


@pytest.mark.parametrize(
    "asked",
    [{"mode": "SwapFace"}, {"mode": "swapCharacter"}, {"picInPic": {"llmPrompt": "a beach"}},
     {"mode": "VerticalExtend", "verticalExtend": {"appendImagePrompt": "a sunset"}}],
)  # fmt: skip
def test_what_is_made_of_words_needs_a_model(asked: Any) -> None:
    with pytest.raises(TaskFault) as fault:
        vremake(**asked)
    assert fault.value.key == "InvalidInput.ConfigurationUnsupported/generative"


def test_modes_and_their_fields() -> None:
    assert vremake(mode="verticalextend").flip
    assert not vremake(mode="AB").flip
    assert vremake(mode="AB", AB={"extMode": "2", "randomCut": 1, "randomSpeed": "true"}).strength == 2
    assert vremake(mode="BackgroundExtend", backgroundExtend={"minSceneSecs": 4}).least_scene == 4.0
    with pytest.raises(TaskFault, match="mode"):
        vremake(mode="Upside")


@given(st.text(max_size=200))
def test_a_title_is_always_a_plain_name(pattern: str) -> None:
    name = vertical.title(htv_options.Wish(pattern=pattern), "0" * 32, now=1.0)
    assert name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
    assert not name.startswith(".")
