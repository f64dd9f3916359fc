"""The shipped facts hold together, and agree with the API description inside the installed official client."""

import json
from pathlib import Path
from string import Formatter

import pytest
import tccli

from openvod.core import facts, spec, templates
from openvod.core.errors import ApiError
from openvod.core.limits import row_of, values_of
from openvod.core.walker import SPANS

SPEC = spec.load()
VOD, MPS = facts.read("vod"), facts.read("mps_outputs")
TYPES = VOD["types"] | MPS["types"]
COMMON = {"key", "fact", "default", "enum"}
TEXT = COMMON | {"length", "split", "pattern", "means", "time"}
NUMBER = COMMON | {"min", "max"}
LIMITS_FOR = {
    "string": TEXT,
    "datetime_iso": TEXT,
    "int64": NUMBER,
    "uint64": NUMBER,
    "float": NUMBER,
    "list": {"items", "few", "many", "each"},
}
for nested in TYPES:
    LIMITS_FOR[nested] = set()
SCALARS = {"string", "datetime_iso", "bool", "null", *SPANS}


def test_every_type_is_known_and_no_name_means_two_things() -> None:
    assert not VOD["types"].keys() & MPS["types"].keys()
    for name, fields in TYPES.items():
        for field, (kind, *flags) in fields.items():
            assert kind.removesuffix("[]") in SCALARS | TYPES.keys(), (name, field)
            assert set("".join(flags)) <= {"r", "n"}


def test_offered_actions_have_both_sides() -> None:
    assert len(SPEC.offered) == 25
    assert SPEC.offered < SPEC.known_actions
    for action in SPEC.offered:
        assert SPEC.fields(f"{action}Response")["RequestId"].type == "string"
        SPEC.fields(f"{action}Request")


def test_every_limit_belongs_to_a_field_of_a_request_and_is_complete() -> None:
    requested = {f"{action}Request" for action in SPEC.offered}
    requested |= {"MPSProcessMediaParams", "MPSDescribeTemplateParams"}
    todo = list(requested)
    while todo:
        inner = {field.type for field in SPEC.fields(todo.pop()).values() if field.nested} - requested
        requested |= inner
        todo += inner
    found = set()
    for name in requested:
        for field, about in SPEC.fields(name).items():
            row = row_of(name, field)
            found |= {key for key in facts.read("limits") if facts.read("limits")[key] is row}
            assert row.keys() <= LIMITS_FOR[about.type if not about.many else "list"], (name, field)
            for part in (row, row.get("each", {})):
                assert "enum" not in part or len(values_of(part)) > 1 or part["enum"] in (["Abort"], ["vtt"])
                for key in ("key", "few", "many"):
                    text = ApiError.table[part.get(key, "InternalError")]
                    shown = {name for _, name, _, _ in Formatter().parse(text.en + text.zh) if name}
                    assert shown <= {"field", "expected", "limit", part.get("fact")}
    assert found == facts.read("limits").keys()


@pytest.mark.parametrize("service", ["vod", "mps"])
def test_names_types_and_required_flags_agree_with_the_official_client(service: str) -> None:
    """Only where both know a thing: the API grows, and an installed client may be older or newer than the facts."""
    version = {"vod": "v20180717", "mps": "v20190612"}[service]
    path = Path(tccli.__file__).parent / "services" / service / version / "api.json"
    objects = json.loads(path.read_text("utf-8"))["objects"]
    compared = 0
    for name, fields in facts.read({"vod": "vod", "mps": "mps_outputs"}[service])["types"].items():
        theirs = {member["name"]: member for member in objects.get(name, {}).get("members", [])}
        for field, (kind, *flags) in fields.items():
            if field not in theirs or kind == "null":
                continue
            member = theirs[field]
            scalar = {"int64": "int", "uint64": "int", "string": "string", "float": "float"}
            many = kind.endswith("[]")
            plain = kind.removesuffix("[]")
            assert (member["type"] == "list") is many, (name, field)
            official = member["member"] if many or member["type"] == "object" else member["type"]
            assert official in {plain, scalar.get(plain), "string" if plain == "datetime_iso" else plain}, (
                name,
                field,
            )
            if name.endswith("Request"):
                assert member.get("required", False) is ("r" in "".join(flags)), (name, field)
            compared += 1
    assert compared > {"vod": 650, "mps": 200}[service]


def test_presets_are_valid_parameters() -> None:
    for row in templates.presets("SmartSubtitle"):
        SPEC.check_struct("MPSRawSmartSubtitleParameter", templates.subtitle(row["Definition"]))
    for row in templates.presets("SmartErase"):
        SPEC.check_struct("MPSRawSmartEraseParameter", templates.erase(row["Definition"]))
    for row in templates.presets("EmbedSubtitle"):
        SPEC.check_struct("MPSEmbedSubtitleTemplate", templates.embed(row["Definition"]))


def test_presets_are_below_custom_ids_and_unique() -> None:
    for template_type in templates.TEMPLATE_TYPES:
        ids = [row["Definition"] for row in templates.presets(template_type)]
        assert ids == sorted(set(ids))
        assert all(definition < templates.FIRST_CUSTOM for definition in ids)
        assert all(isinstance(row["vendor"], bool) for row in templates.presets(template_type))


@pytest.mark.parametrize(
    ("definition", "task"),
    [
        (21, "AiAnalysis.TagTask"),
        (22, "AiAnalysis.DescriptionTask"),
        (24, "AiAnalysis.DeLogo"),
        (25, "AiAnalysis.DeLogo"),
        (26, "AiAnalysis.HighlightTask"),
        (27, "AiAnalysis.SegmentTask"),
        (28, "AiAnalysis.HorizontalToVerticalTask"),
        (29, "AiAnalysis.VideoRemakeTask"),
        (32, "AiAnalysis.DubbingTask"),
        (33, "AiAnalysis.VideoComprehensionTask"),
        (35, "AiAnalysis.ReelTask"),
    ],
)
def test_what_an_analysis_preset_fans_out_to(definition: int, task: str) -> None:
    preset = templates.analysis(definition)
    assert preset is not None
    assert preset["TaskTypes"] == [task]
    assert task in templates.tasks_of_key(preset["ExtendedKey"])


def test_presets_without_a_source_do_not_exist() -> None:
    assert [templates.analysis(definition) for definition in (0, 20, 23, 30, 31, 34, 30001)] == [None] * 7
    assert templates.subtitle(10) is None
    assert templates.erase(104) is None
    assert templates.embed(1) is None
    assert templates.tasks_of_key("cla") == []


def test_task_types_are_the_api_s() -> None:
    known = set(facts.read("enums")["MPSSubTaskResult.TaskType"])
    fanned = {task for row in templates.presets("AIAnalysis") for task in row["TaskTypes"]}
    assert fanned - known == {"AiAnalysis.ReelTask"}  # MPS only
    assert set(templates.SWITCHES.values()) < known
    assert templates.SWITCHES.keys() == {
        field for field in SPEC.fields("MPSAIAnalysisTemplate") if field.endswith("Configure")
    }


def test_switches_of_a_custom_template() -> None:
    template = {"TagConfigure": {"Switch": "ON"}, "CoverConfigure": {"Switch": "OFF"}, "Name": "x"}
    assert templates.switched_on(template) == ["AiAnalysis.TagTask"]
    assert templates.switched_on({"Name": "x", "OpeningAndEndingConfigure": {"Switch": "ON"}}) == [
        "AiAnalysis.HeadTailTask"
    ]


def test_a_preset_is_a_copy() -> None:
    first = templates.erase(301)
    assert first is not None
    first["ErasePrivacyConfig"]["PrivacyTargets"].append("x")
    assert templates.erase(301) != first
