"""What `hht` asks for: the documented sets, numbers as texts, and what cannot be honoured."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.core.errors import TaskFault
from openvod.engines.analysis.highlights import hht_options
from openvod.engines.analysis.highlights.hht_options import Wish


def read(**hht: Any) -> Wish:
    return hht_options.read({"ExtendedParameter": json.dumps({"hht": hht})})


VLOG = {"top_clip": 5, "force_cls": 10020, "model_segment_limit": [3, 6]}
DRAMA = {
    "force_cls": "10010", "merge_type": 0, "need_vad": 1, "top_clip": 100, "res_save_type": 1, "scenario": "kisses",
}  # fmt: skip


def test_nothing_is_the_usual() -> None:
    assert hht_options.read({}) == Wish()


def test_the_vendors_ready_sets() -> None:
    assert read(**VLOG) == Wish(most=5, genre="vlog", limits=(3, 6))
    assert read(**DRAMA) == Wish(most=100, genre="drama", words="kisses")
    assert read(**{**DRAMA, "force_cls": "4001"}).genre == read(force_cls=4002).genre == "sport"
    panorama = read(**VLOG, use_panorama_direct=1, panorama_video=1)
    assert len(panorama.warnings) == 2


def test_everything_else_that_is_honoured() -> None:
    wish = read(
        need_vad=0, threshold="0.5", merge_time=2.5, merge_type="1", prompts={"multimodal_prompt": "goals"}
    )
    assert wish == Wish(hears_speech=False, threshold=0.5, merge_gap=2.5, together=True, words="goals")


@pytest.mark.parametrize(
    ("hht", "named"),
    [
        ({"top_clip": 0}, "top_clip"),
        ({"top_clip": "many"}, "top_clip"),
        ({"threshold": 40}, "threshold"),
        ({"merge_time": -1}, "merge_time"),
        ({"force_cls": 77}, "force_cls"),
        ({"model_segment_limit": [6, 3]}, "model_segment_limit"),
        ({"model_segment_limit": 6}, "model_segment_limit"),
        ({"merge_type": 3}, "merge_type"),
        ({"res_save_type": 0}, "res_save_type"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_what_cannot_be_honoured_is_a_warning(hht: dict[str, Any], named: str) -> None:
    (warning,) = read(**hht).warnings
    assert named in warning
    assert hht_options.Wish(warnings=(warning,)) == read(**hht)


def test_what_is_no_object_fails() -> None:
    for text in ('{"hht": 5}', '{"hht": {"prompts": "x"}}', "[1]", "{"):
        with pytest.raises(TaskFault):
            hht_options.read({"ExtendedParameter": text})


def test_bounds_fit_the_film() -> None:
    assert Wish().bounds(600) == (4, 30)
    assert Wish().bounds(10) == (2.5, 5)
    assert Wish(limits=(3, 6)).bounds(4) == (3, 6)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(sorted(hht_options._KNOWN - {"prompts"})) | st.text(max_size=8), _JSON, max_size=6
    )
)
def test_anything_is_read_or_warned_of(hht: dict[str, Any]) -> None:
    hht.pop("prompts", None)
    wish = read(**{str(key): value for key, value in hht.items()})
    assert 1 <= wish.most <= hht_options.MOST_CLIPS
    assert 0 <= wish.threshold <= 1
    least, most = wish.bounds(60.0)
    assert 0 < least <= most
