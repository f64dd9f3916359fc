"""ExtendedParameter's keys: what is known passes in silence, the rest is named by its path."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.core import extended_parameter, facts
from openvod.core.errors import TaskFault
from openvod.core.extended_parameter import MOST_WARNINGS, section, unknown_keys, warnings

KNOWN = facts.read("extended_parameter")


def filled(known: Any) -> Any:
    """A value that has every known key."""
    if isinstance(known, dict):
        return {name: filled(below) for name, below in known.items()}
    return [filled(known[0])] * 2 if isinstance(known, list) else 1


@pytest.mark.parametrize("feature", KNOWN)
def test_what_is_known_is_no_warning(feature: str) -> None:
    assert unknown_keys(json.dumps({feature: filled(KNOWN[feature])})) == []


@pytest.mark.parametrize(
    "text, paths",
    [
        ('{"dea":{"split":1}}', ["dea"]),
        ('{"des":{"split":{"methods":"nlp"},"need_ocr":true}}', ["des.split.methods"]),
        (
            '{"delogo":{"custom_objs":{"time_objs":[{"objs":[{"rect":{"x":1}}]}]}}}',
            ["delogo.custom_objs.time_objs.objs.rect.x"],
        ),
        ('{"tag":7}', []),  # a wrong type is the sub-task's to refuse
        ("", []),
        ("{", []),
        ("[]", []),
    ],
)
def test_what_is_not_known_is_named(text: str, paths: list[str]) -> None:
    assert unknown_keys(text) == paths


NAMES = st.sampled_from([*KNOWN, "split", "x", "y" * 5000])


@given(st.recursive(st.none() | st.text(), lambda below: st.lists(below) | st.dictionaries(NAMES, below)))
def test_any_json_comes_to_a_few_short_warnings(value: Any) -> None:
    found = warnings({"AiAnalysisTask": {"ExtendedParameter": json.dumps(value)}})
    assert len(found) <= MOST_WARNINGS
    assert sum(map(len, found)) < 10_000


def test_a_section_is_an_object_or_refused() -> None:
    asked = {"des": {"split": {"method": "nlp"}}, "hht": None, "htv": 3}
    assert section(asked, "des.split") == {"method": "nlp"}
    assert section(asked, "des.none.deeper") == section(asked, "hht") == {}
    with pytest.raises(TaskFault, match="htv"):
        section(asked, "htv.FaceDetectConfig")


@pytest.mark.parametrize(
    ("value", "is_on"),
    [
        *((value, True) for value in (True, 1, " TRUE ", "1")),
        *((value, False) for value in (False, 0, "yes", None, [1])),
    ],
)
def test_a_switch_says_yes_in_few_ways(value: object, is_on: bool) -> None:
    assert extended_parameter.switch(value) is is_on


def test_a_number_is_one_from_0_on() -> None:
    assert [extended_parameter.number(value, "`x`") for value in (0, 2.5, "3")] == [0.0, 2.5, 3.0]
    wrong: tuple[object, ...] = (-1, "many", None, [], {}, float("nan"), float("inf"))
    for value in wrong:
        with pytest.raises(TaskFault, match="`x` in ExtendedParameter"):
            extended_parameter.number(value, "`x`")
