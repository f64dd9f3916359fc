"""Requests made from the facts: right ones about things that there are, and ones that are off by one value."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from openvod.core import spec
from openvod.core.limits import FLOAT_MAX
from openvod.core.walker import SPANS
from tests.wire import made

SPEC = spec.load()
WRONG = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        2**63,
        -(2**63) - 1,
        2**64,
        10**400,
        0.5,
        FLOAT_MAX,
        float("nan"),
        "",
        "0",
        "\0",
        "\ud800",
    ]
) | st.sampled_from([[], {}, [None], [[]], {"": 0}, {"A": {"B": []}}, "[" * 2000, "啊" * 2000, ["x"] * 300])
WORDS: dict[str, st.SearchStrategy[Any]] = {
    "MediaType": st.sampled_from(["mp4", "MP3", "x" * 11, ""]),
    "CoverType": st.sampled_from(["jpg", ""]),
    "Procedure": st.sampled_from(["", "", "LongVideoPreset"]),
}
"""Fields whose values the facts do not limit, and a handler does."""
PASSED_ON = [
    {"AiAnalysisTask": {"Definition": 21}},
    {"AiAnalysisTask": {"Definition": 35}, "SessionId": "shared", "TasksPriority": 10},
    {"SmartEraseTask": {"Definition": 201}, "MediaProcessTask": {}},
    {"MediaProcessTask": {"TranscodeTaskSet": [{"Definition": 1}]}},
    {"Name": "n", "Definitions": [30001], "Definition": 30001},
    [],
]


def about(
    params: dict[str, Any], known: Mapping[str, st.SearchStrategy[Any]], draw: Callable[..., Any]
) -> Any:
    """The same request with names of things that there are wherever such a name stands."""

    def replaced(name: str, value: Any) -> Any:
        if name in known:
            one = draw(known[name])
            return [one] if isinstance(value, list) else one
        match value:
            case dict():
                return {inner: replaced(inner, each) for inner, each in value.items()}
            case list():
                return [replaced("", each) for each in value]
        return value

    return replaced("", params)


@st.composite
def right(draw: st.DrawFn, action: str, known: Mapping[str, st.SearchStrategy[Any]]) -> dict[str, Any]:
    """Every field as the facts allow it; whether they go together is another matter, so simple ones come often."""
    given = draw(made.params(action))
    if action in {"CreateMPSTemplate", "ModifyMPSTemplate"} and draw(st.booleans()):
        given = draw(_template(action))
    params: dict[str, Any] = about(given, known, draw)
    if action == "ProcessMediaByMPS" and draw(st.booleans()):
        params = {name: params[name] for name in ("FileId", "SubAppId")}
        params["AiAnalysisTask"] = {"Definition": draw(st.sampled_from([21, 22, 25, 35]))}
    for field in params:
        if field.startswith("MPS") and draw(st.booleans()):
            params[field] = json.dumps(draw(st.sampled_from(PASSED_ON)))
    return params


def _template(action: str) -> st.SearchStrategy[dict[str, Any]]:
    """A template of the kind that has no rules between its fields."""
    struct = SPEC.fields(f"{action}Request")["AIAnalysisTemplate"].type
    fixed = {
        "SubAppId": st.just(1),
        "TemplateType": st.just("AIAnalysis"),
        "AIAnalysisTemplate": made.struct(struct),
    }
    return st.fixed_dictionaries(fixed)


@st.composite
def off_by_one(draw: st.DrawFn, action: str, known: Mapping[str, st.SearchStrategy[Any]]) -> dict[str, Any]:
    """A right request with one value, at any depth, at the edge of what is allowed, just over it, or of another kind."""
    params = draw(right(action, known))
    holder, type_name = params, f"{action}Request"
    while fields := SPEC.fields(type_name):
        name = draw(st.sampled_from(sorted(fields)))
        field, value = fields[name], holder.get(name)
        inside = value[0] if isinstance(value, list) and value else value
        if field.nested and isinstance(inside, dict) and draw(st.booleans()):
            holder, type_name = inside, field.type
            continue
        edge = draw(_edge(field.type, SPEC.limits(type_name, name), many=field.many) | WRONG)
        holder[name] = edge
        break
    return params


def _edge(kind: str, row: dict[str, Any], *, many: bool) -> st.SearchStrategy[Any]:
    if many:
        fewest, most = row.get("items", (0, 100))
        sizes = [size for size in (fewest - 1, fewest, most, most + 1) if size >= 0]
        return st.sampled_from(sizes).flatmap(
            lambda size: _edge(kind, row.get("each", {}), many=False).map(lambda v: [v] * size)
        )
    if kind in SPANS:
        low, high = (
            max(SPANS[kind][0], row.get("min", SPANS[kind][0])),
            min(SPANS[kind][1], row.get("max", SPANS[kind][1])),
        )
        return st.sampled_from([low, high, low - 1, high + 1, row.get("default", 0)])
    if kind == "string":
        most = row.get("length", 300)
        return st.sampled_from(
            ["a" * most, "a" * (most + 1), "字" * most, " ", "ON", "on", *map(str, row.get("enum", ()))]
        )
    return WRONG
