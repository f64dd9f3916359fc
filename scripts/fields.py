"""The part of docs/COVERAGE.md that goes field by field: how each field of a request is treated, and what answers never hold."""

import ast
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

from openvod import actions, tasks
from openvod.actions.treatment import NO_EFFECT, REFUSED
from openvod.core import spec, templates
from openvod.engines import burn, subtitling

PASSED_ON = {
    "ProcessMediaByMPS": ["MPSProcessMediaParams"],
    "DescribeMPSTemplates": ["MPSDescribeTemplateParams"],
    "CreateMPSTemplate": [f"{kind}Template" for kind in templates.TEMPLATE_TYPES],
    "ModifyMPSTemplate": [f"{kind}TemplateForUpdate" for kind in templates.TEMPLATE_TYPES],
}
"""Structures that arrive as JSON text in a parameter of the action."""
OPTIONS = (
    *("RawSmart", "OverrideErase", "SmartErase", "SmartSubtitle", "UpdateSmart", "EmbedSubtitle"),
    *("Erase", "Subtitle", "Selecting", "AsrHotWords"),
)
"""How the names of structures begin, without MPS, whose fields only the sub-tasks themselves can honour."""
BY_THE_CALL = {
    *("Definition", "RawParameter", "OverrideParameter", "ProcessType", "TranslateSwitch", "EraseType"),
    *("Name", "Comment", "SubtitleEmbedId"),
}
"""Fields of them that are honoured before a sub-task runs: they choose it, or are only shown."""


def of_requests() -> Iterator[tuple[str, str]]:
    """Structure and field of everything that a request can hold, once each."""
    api = spec.load()
    for name in _structures([f"{action}Request" for action in sorted(actions.load_all())]):
        yield from ((name, field) for field in api.fields(name))


def _structures(roots: list[str]) -> list[str]:
    """These and all that are nested in them, the texts with JSON in them too."""
    api = spec.load()
    found: dict[str, None] = {}
    todo = roots + [inner for name in roots for inner in PASSED_ON.get(name.removesuffix("Request"), [])]
    while todo:
        name = todo.pop(0)
        if name not in found:
            found[name] = None
            todo += [field.type for field in api.fields(name).values() if field.nested]
    return list(found)


def section() -> Iterator[str]:
    """Requests field by field, then the structures that they share; then what answers never hold."""
    yield "## Fields of requests"
    yield ""
    yield (
        "Every field is checked: its type, its limits, and what contradicts it. **Honoured** fields change what is done or "
        "answered. **Kept** ones go to the sub-task, are shown in its `Input` or in the template, and wait for the engine "
        "that will use them."
    )
    for action in sorted(actions.load_all()):
        yield from ("", f"### {action}", "")
        yield from _told(f"{action}Request")
    yield from ("", "### Structures", "")
    yield from _of_structures()
    yield from ("## Fields of answers that are never filled", "")
    yield "They are null, or left out where the API has no null: other products' results, and kinds of media that are not made."
    yield ""
    api = spec.load()
    for name in _structures([f"{action}Response" for action in sorted(actions.load_all())]):
        empty = [field for field, about in api.fields(name).items() if about.type == "null"]
        if empty:
            yield f"- `{name}`: {_names(empty)}"


def _of_structures() -> Iterator[str]:
    """First those whose fields are all treated alike, then the others one by one."""
    roots = [f"{action}Request" for action in sorted(actions.load_all())]
    names = sorted(set(_structures(roots)) - set(roots))
    uniform = {
        name: states.pop()
        for name in names
        if len(states := {_state(name, f) for f in spec.load().fields(name)}) == 1
    }
    for state, text in sorted(set(uniform.values())):
        yield f"- all fields {text}: {_names([name for name in uniform if uniform[name] == (state, text)])}"
    for name in names:
        if name not in uniform:
            yield from ("", f"`{name}`", "")
            yield from _told(name)
    yield ""


def _told(name: str) -> Iterator[str]:
    """A structure's fields, those that are treated alike in one line."""
    states = sorted((_state(name, field), field) for field in spec.load().fields(name))
    for (_, state), group in groupby(states, key=lambda row: row[0]):
        yield f"- {state}: {_names([field for _, field in group])}"


def _state(name: str, field: str) -> tuple[int, str]:
    """How a field is treated, and where it stands in the list."""
    key = f"{name}.{field}"
    if key in NO_EFFECT:
        return 2, f"without effect ({NO_EFFECT[key]})"
    if name in _structures(["TaskOutputStorage"]):
        return 2, "without effect (part of an `OutputStorage`)"
    if key in REFUSED:
        return 3, f"refused with `{REFUSED[key]}`"
    if name.removeprefix("MPS").startswith(OPTIONS) and not _is_read(field):
        return 1, "kept"
    return 0, "honoured"


def _is_read(option: str) -> bool:
    return option in BY_THE_CALL or option in _read_by_sub_tasks()  # no union: the second has a million names


@cache
def _read_by_sub_tasks() -> frozenset[str]:
    """The names that the built sub-tasks, and the engines that take their options whole, have as literals; also those
    that an f-string makes of one and an ending, such as `OutlineWidth`.
    """
    folders = [Path(package.__file__).parent for package in (tasks, subtitling, burn)]
    nodes = [
        node
        for folder in folders
        for file in folder.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
    ]
    plain = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    endings = {
        node.values[1].value
        for node in nodes
        if isinstance(node, ast.JoinedStr)
        and len(node.values) == 2
        and isinstance(node.values[0], ast.FormattedValue)
        and isinstance(node.values[1], ast.Constant)
    }
    once = {f"{name}{ending}" for name in plain for ending in endings}
    return frozenset(plain | once | {f"{name}{ending}" for name in once for ending in endings})


def _names(fields: list[str]) -> str:
    return ", ".join(f"`{field}`" for field in fields)
