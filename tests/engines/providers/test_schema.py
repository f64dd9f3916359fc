"""What is said of a value that does not have the form that was asked for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.core.models import Json
from openvod.engines.providers.reading import objects
from openvod.engines.providers.schema import complaints

ROW: Json = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": ["a", "b"], "description": "which one"},
        "words": {"type": "array", "items": {"type": "string", "maxLength": 3}, "minItems": 1, "maxItems": 2},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "sure": {"type": "boolean"},
    },
    "required": ["kind"],
}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "words", "share"]), inner)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"kind": "a"}, []),
        ({"kind": "b", "words": ["x"], "share": 1, "sure": False, "other": None}, []),
        ([], ["`answer` must be of type object"]),
        ({}, ["`answer.kind` is missing"]),
        ({"kind": "c"}, ["`answer.kind` must be one of a, b"]),
        ({"kind": "a", "words": []}, ["`answer.words` must have at least 1 items"]),
        ({"kind": "a", "words": ["long", 3]}, [
            "`answer.words[0]` must have at most 3 characters",
            "`answer.words[1]` must be of type string",
        ]),
        ({"kind": "a", "share": 1.5}, ["`answer.share` must be at most 1"]),
        ({"kind": "a", "share": True}, ["`answer.share` must be of type number"]),
        ({"kind": "a", "sure": 1}, ["`answer.sure` must be of type boolean"]),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_place(value: Any, told: list[str]) -> None:
    assert list(complaints(value, ROW)) == told


def test_a_schema_that_says_more_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="pattern"):
        list(complaints("x", {"type": "string", "pattern": "y"}))


@given(VALUES)
def test_any_value_is_judged(value: Any) -> None:
    told = list(complaints(value, ROW))
    fits = isinstance(value, dict) and value.get("kind") in ("a", "b") and value.keys() == {"kind"}
    assert not (fits and told)


@given(st.text(alphabet='{}[]":,\\ab1<think>/', max_size=80))
def test_any_text_is_searched_for_objects(text: str) -> None:
    assert all(isinstance(each, dict) for each in objects(text))


def test_objects_are_found_in_order_and_hostile_text_ends_soon() -> None:
    assert list(objects('a {"x": 1} b {"y": {"z": 2}} {"x": NaN}')) == [{"x": 1}, {"y": {"z": 2}}]
    assert list(objects('{"a":' * 100_000)) == []
