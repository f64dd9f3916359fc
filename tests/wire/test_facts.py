"""The shipped facts hold together."""

from string import Formatter

import pytest

from openvod.core import facts, spec, templates
from openvod.core.errors import ApiError
from openvod.core.limits import row_of, values_of
from openvod.core.walker import SPANS

SPEC, MPS = spec.load(), spec.load("mps")
SHARED = facts.read("mps_outputs")["types"]
OF_SERVICE = {service: facts.read(service)["types"] for service in ("vod", "mps")}
TYPES = OF_SERVICE["vod"] | OF_SERVICE["mps"] | SHARED
COMMON = {"key", "fact", "default", "enum"}
TEXT = COMMON | {"length", "split", "pattern", "means", "time"}
NUMBER = COMMON | {"min", "max"}
LIMITS_FOR = {
    "string": TEXT,
    "datetime_iso": TEXT,
    "int64": NUMBER,
    "uint64": NUMBER,
    "float": NUMBER,
    "bool": set(),
    "list": {"items", "few", "many", "each"},
}
for nested in TYPES:
    LIMITS_FOR[nested] = set()
SCALARS = {"string", "datetime_iso", "bool", "null", *SPANS}


@pytest.mark.parametrize("service", ["vod", "mps"])
def test_every_type_is_known_and_no_name_means_two_things(service: str) -> None:
    assert not OF_SERVICE[service].keys() & SHARED.keys()
    types = OF_SERVICE[service] | SHARED
    named = types if service == "vod" else OF_SERVICE["mps"]  # some of what is shared refers to VOD's types
    for name, fields in named.items():
        for field, (kind, *flags) in fields.items():
            assert kind.removesuffix("[]") in SCALARS | types.keys(), (name, field)
            assert set("".join(flags)) <= {"r", "n"}


@pytest.mark.parametrize("api, count", [(SPEC, 25), (MPS, 4)])
def test_offered_actions_have_both_sides(api: spec.Spec, count: int) -> None:
    assert len(api.offered) == count
    assert api.offered < api.known_actions
    for action in api.offered:
        assert api.fields(f"{action}Response")["RequestId"].type == "string"
        api.fields(f"{action}Request")


def requested_of(api: spec.Spec) -> set[str]:
    """The structures of an API's requests."""
    requested = {f"{action}Request" for action in api.offered}
    if api is SPEC:
        requested |= {"MPSProcessMediaParams", "MPSDescribeTemplateParams"}
    todo = list(requested)
    while todo:
        inner = {field.type for field in api.fields(todo.pop()).values() if field.nested} - requested
        requested |= inner
        todo += inner
    return requested


def test_every_limit_belongs_to_a_field_of_a_request_and_is_complete() -> None:
    found = set()
    for name, fields in [(name, api.fields(name)) for api in (SPEC, MPS) for name in requested_of(api)]:
        for field, about in fields.items():
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
