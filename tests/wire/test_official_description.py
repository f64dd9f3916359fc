"""Do our facts say what the description inside the official command line says? Read where it is installed, never shipped."""

import importlib.util
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from openvod.core import facts

pytestmark = pytest.mark.needs("tccli")

FILES = {"vod": "vod", "mps_outputs": "mps", "mps": "mps"}
"""Our files of types, and the service that each is about."""
VERSIONS = {"vod": "v20180717", "mps": "v20190612"}
KNOWN_ACTIONS = {"vod": "actions", "mps": "mps_actions"}
INTERNATIONAL = {
    f"{verb}CDNDomain{what}"
    for verb, what in (
        ("Clone", ""),
        ("Create", ""),
        ("Delete", ""),
        ("Describe", "s"),
        ("Modify", "Config"),
        ("Start", ""),
    )
}
"""Actions that only the international description lists, of which tccli is not."""
TEXTS = {
    "AIAnalysisTemplate",
    "AIAnalysisTemplateForUpdate",
    "EmbedSubtitleTemplate",
    "EmbedSubtitleTemplateForUpdate",
    "EmbedSubtitleTemplateItem",
    "MPSDescribeTemplateParams",
    "MPSProcessMediaParams",
    "SmartEraseTemplate",
    "SmartEraseTemplateForUpdate",
    "SmartSubtitleTemplate",
    "SmartSubtitleTemplateForUpdate",
}
"""Structures that travel as JSON text in a string, which the description does not describe."""
MORE = {
    "AIAnalysisTemplateItem": {"HighlightConfigure", "OpeningAndEndingConfigure", "SplitConfigure"},
    "SmartEraseTemplateItem": {"SampleHeight", "SampleWidth"},
}
"""Fields of a listing's row that the media-processing API does not have, and without which a VOD template would not be
shown whole; a row is JSON text, so no client's types break on them.
"""
SHOWN_AS_NULL = {
    ("DescribeTaskDetailResponse", "ProcessMediaByMPSTask"),
    ("EventContent", "ProcessMediaByMPSCompleteEvent"),
}
"""Nulls that are not described; real answers show the field of every kind of task that is not meant as null."""
OF_ANSWERS_ONLY = {
    (f"{name}ConfigureInfo", "Switch") for name in ("Classification", "Cover", "FrameTag", "Tag")
}
"""Described as required in a request, and here only part of answers, where that means nothing."""


@cache
def described(service: str) -> dict[str, Any]:
    """The description that tccli has of a service."""
    found = importlib.util.find_spec("tccli")
    assert found is not None
    assert found.origin is not None
    path = Path(found.origin).parent / "services" / service / VERSIONS[service] / "api.json"
    description: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return description


def types_of(file: str) -> dict[str, Any]:
    types: dict[str, Any] = facts.read(file)["types"]
    return types


def members(file: str) -> Iterator[tuple[str, str, list[str], dict[str, Any]]]:
    """Structure, field, what we say of it, and what they say, for all that both know."""
    objects = described(FILES[file])["objects"]
    for name, fields in types_of(file).items():
        theirs = {member["name"]: member for member in objects.get(name, {}).get("members", [])}
        yield from ((name, field, row, theirs[field]) for field, row in fields.items() if field in theirs)


@pytest.mark.parametrize("service", KNOWN_ACTIONS)
def test_the_actions_are_the_same(service: str) -> None:
    ours = set(facts.read(KNOWN_ACTIONS[service])["actions"])
    theirs = set(described(service)["actions"])
    assert ours - theirs == (INTERNATIONAL if service == "vod" else set())
    assert theirs - ours == set()


@pytest.mark.parametrize("file", [file for file in FILES if file != "mps_outputs"])
def test_every_offered_action_is_online_and_has_the_structures_of_its_name(file: str) -> None:
    actions = described(FILES[file])["actions"]
    for action in facts.read(file)["actions"]:
        about = actions[action]
        assert (about["input"], about["output"]) == (f"{action}Request", f"{action}Response")
        assert about["status"] == "online"


@pytest.mark.parametrize("file", FILES)
def test_every_structure_has_the_same_members(file: str) -> None:
    objects = described(FILES[file])["objects"]
    for name, fields in types_of(file).items():
        if name in TEXTS:
            assert name not in objects, f"{name} is described by now: compare it"
            continue
        theirs = {member["name"] for member in objects[name]["members"] if not member.get("disabled")}
        assert fields.keys() - theirs == MORE.get(name, set()), name
        assert theirs - fields.keys() == set(), name


@pytest.mark.parametrize("file", FILES)
def test_every_member_has_the_same_type(file: str) -> None:
    """`null` is our word for what another product fills: only that it is a structure is compared."""
    compared = 0
    for name, field, (kind, *_), theirs in members(file):
        their_kind = theirs["member"] + ("[]" if theirs["type"] == "list" else "")
        nested = theirs["member"] in described(FILES[file])["objects"]
        assert nested if kind.removesuffix("[]") == "null" else their_kind == kind, (name, field, their_kind)
        compared += 1
    assert compared > {"vod": 650, "mps_outputs": 200, "mps": 20}[file]


@pytest.mark.parametrize("file", FILES)
def test_the_same_members_are_required(file: str) -> None:
    differ = {
        (name, field)
        for name, field, (_, *flags), theirs in members(file)
        if ("r" in "".join(flags)) != theirs.get("required", False)
    }
    assert differ == (OF_ANSWERS_ONLY if file == "mps_outputs" else set())


@pytest.mark.parametrize("file", FILES)
def test_the_same_members_may_be_null(file: str) -> None:
    differ = {
        (name, field)
        for name, field, (kind, *flags), theirs in members(file)
        if kind.removesuffix("[]") != "null"
        and ("n" in "".join(flags)) != theirs.get("value_allowed_null", False)
    }
    assert differ == (SHOWN_AS_NULL if file == "vod" else set())


def test_every_structure_that_is_named_is_there() -> None:
    """Nested ones too: a field whose structure we do not have would be no structure at all."""
    ours = types_of("vod").keys() | types_of("mps_outputs").keys() | types_of("mps").keys()
    for file in FILES:
        for name, field, (kind, *_), theirs in members(file):
            if kind.removesuffix("[]") != "null" and theirs["member"] in described(FILES[file])["objects"]:
                assert kind.removesuffix("[]") in ours, (name, field)
