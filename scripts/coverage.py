"""docs/COVERAGE.md: what the API has, and what this server does of it, from the facts and the code."""

from openvod import actions, tasks
from openvod.core import facts, spec, templates
from openvod.core.models import Json
from openvod.core.sub_tasks import Templates, asked_for

HEAD = """# What is covered

Generated from the API's facts and the code by `python -m scripts.docs`; do not edit.
An action that is known but not offered answers `UnsupportedOperation`; a sub-task that is not built is accepted and
ends as `FAIL` with `InvalidInput.ConfigurationUnsupported`, so that nothing is ever invented.

"""


def page() -> str:
    """The whole document."""
    return HEAD + "\n".join([*_actions(), "", *_sub_tasks(), "", *_presets()]) + "\n"


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


def _sub_tasks() -> list[str]:
    built = tasks.load_all()
    kinds = sorted({*facts.read("enums")["MPSSubTaskResult.TaskType"], *built})
    rows = [f"| {kind} | {'yes' if kind in built else 'not yet'} |" for kind in kinds]
    return ["## Sub-tasks of ProcessMediaByMPS", "", "| TaskType | built |", "|---|---|", *rows]


def _presets() -> list[str]:
    built = tasks.load_all()
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
