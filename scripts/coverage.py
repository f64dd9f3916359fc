"""docs/COVERAGE.md: what the API has, and what this server does of it, from the facts and the code."""

from openvod import actions, tasks
from openvod.actions.mps_process_media import IGNORED, UNBUILT
from openvod.core import facts, spec, templates
from openvod.core.models import Json
from openvod.core.sub_tasks import Templates, asked_for
from scripts import fields

HEAD = """# What is covered

Generated from the API's facts and the code by `python -m scripts.docs`; do not edit.
An action that is known but not offered answers `UnsupportedOperation`; a sub-task that is not built is accepted and
ends as `FAIL` with `InvalidInput.ConfigurationUnsupported`, so that nothing is ever invented.

"""
PARTLY = {
    "InputInfo": "`VOD` by FileId, and `URL`; `COS` and `AWS-S3` are refused",
    "OutputStorage": "`VOD`, the library of the file's application; another one is refused",
    "TaskNotifyConfig": "`URL`, signed with NotifyKey, `Finish` and `Change`; queues are refused",
    "TaskType": "`Offline` is ignored, with a warning",
}
"""Fields of ProcessMedia of which a part is honoured."""


def page() -> str:
    """The whole document."""
    return (
        HEAD
        + "\n".join(
            [*_actions(), "", *fields.section(), "", *_second_door(), "", *_sub_tasks(), "", *_presets()]
        )
        + "\n"
    )


def _actions() -> list[str]:
    api = spec.load()
    offered = actions.load_all()
    rows = [f"| {name} | {'yes' if name in offered else 'not yet'} |" for name in sorted(api.offered)]
    others = len(api.known_actions - api.offered)
    return [
        "## Actions",
        "",
        "| action | offered |",
        "|---|---|",
        *rows,
        "",
        f"{others} more names of the same API are known and answer `UnsupportedOperation`.",
    ]


def _second_door() -> list[str]:
    """The media-processing API on the same port, with what of ProcessMedia is refused or ignored."""
    api = spec.load("mps")
    offered = ", ".join(f"`{name}`" for name in sorted(actions.load_all("mps")))
    asked = api.fields("ProcessMediaRequest")
    rows = []
    for name in asked:
        state = "yes"
        if name in UNBUILT:
            state = "refused with `UnsupportedOperation`"
        elif name in IGNORED:
            state = "ignored, with a warning kept with the task"
        rows.append(f"| {name} | {PARTLY.get(name, state)} |")
    return [
        f"## MPS {api.version}, on the same port",
        "",
        f"Offered: {offered}; the {len(api.known_actions - api.offered)} other names of that API answer "
        "`UnsupportedOperation`.",
        "",
        "| field of ProcessMedia | honoured |",
        "|---|---|",
        *rows,
    ]


def _sub_tasks() -> list[str]:
    built = tasks.MODULES
    kinds = sorted({*facts.read("enums")["MPSSubTaskResult.TaskType"], *built})
    rows = [f"| {kind} | {'yes' if kind in built else 'not yet'} |" for kind in kinds]
    return ["## Sub-tasks of ProcessMediaByMPS", "", "| TaskType | built |", "|---|---|", *rows]


def _presets() -> list[str]:
    built = tasks.MODULES
    rows = []
    for kind in ("AIAnalysis", "SmartSubtitle", "SmartErase"):
        for preset in templates.presets(kind):
            becomes = _becomes(kind, preset)
            language = preset.get("VideoSrcLanguage", "en")
            state = "yes" if set(becomes) <= built.keys() else "not yet"
            if state == "yes" and language not in {"en", "auto"}:
                state = f"fails honestly: no engine for `{language}` yet"
            whose = "the vendor's" if preset["vendor"] else "ours"
            rows.append(f"| {preset['Definition']} | {kind} | {whose} | {', '.join(becomes)} | {state} |")
    return [
        "## Presets",
        "",
        "| Definition | kind | whose | becomes | built |",
        "|---|---|---|---|---|",
        *rows,
    ]


def _becomes(kind: str, preset: Json) -> list[str]:
    """The sub-tasks that a call with this preset alone turns into."""
    field = {
        "AIAnalysis": "AiAnalysisTask",
        "SmartSubtitle": "SmartSubtitlesTask",
        "SmartErase": "SmartEraseTask",
    }[kind]
    look_up = Templates(templates.analysis, templates.subtitle, templates.erase, templates.embed)
    return [row.type for row in asked_for({field: {"Definition": preset["Definition"]}}, look_up)]
