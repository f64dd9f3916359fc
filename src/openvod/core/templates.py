"""What do the preset templates hold? Ids of templates that exist for every account, as data.

Presets are the vendor's where a published id is known, and our own (`vendor` false, 1100 to 1299) for
subtitle work that has none. All are below 10000, the border between presets and custom templates.
"""

from collections.abc import Mapping
from copy import deepcopy

from openvod.core import facts
from openvod.core.models import Json

TEMPLATE_TYPES = ("AIAnalysis", "SmartSubtitle", "SmartErase", "EmbedSubtitle")
FIRST_CUSTOM = 10000
"""Custom templates have this id or a higher one."""
FIRST_OF_OURS = 30001
"""Each application's first custom template has this id, whatever its type; the next ones count up."""

SWITCHES: Mapping[str, str] = {
    "ClassificationConfigure": "AiAnalysis.ClassificationTask",
    "TagConfigure": "AiAnalysis.TagTask",
    "CoverConfigure": "AiAnalysis.CoverTask",
    "FrameTagConfigure": "AiAnalysis.FrameTagTask",
    "SplitConfigure": "AiAnalysis.SegmentTask",
    "HighlightConfigure": "AiAnalysis.HighlightTask",
    "OpeningAndEndingConfigure": "AiAnalysis.HeadTailTask",
}
"""The sub-task that each switch of a custom analysis template turns on."""

ABOUT = ("Definition", "AliasName", "vendor", "aliasOf")
"""Fields of a preset that are no parameters."""


def presets(template_type: str) -> list[Json]:
    """Every preset of a TemplateType by ascending id: `Definition`, `vendor`, `AliasName`, parameters.

    Raises KeyError for another type.
    """
    rows: list[Json] = deepcopy(facts.read("presets")[template_type])
    return rows


def analysis(definition: int) -> Json | None:
    """`TaskTypes` that the preset fans out to, and the `ExtendedKey` of its ExtendedParameter.

    35 is known to MPS only; its task type is spelled as MPS's field for it, for VOD lists none.
    """
    return _parameters("AIAnalysis", definition)


def subtitle(definition: int) -> Json | None:
    """The preset's parameters, in the fields of MPSRawSmartSubtitleParameter."""
    return _parameters("SmartSubtitle", definition)


def erase(definition: int) -> Json | None:
    """The preset's parameters, in the fields of MPSRawSmartEraseParameter."""
    return _parameters("SmartErase", definition)


def embed(definition: int) -> Json | None:
    """How a burnt-in subtitle looks: `SubtitleEmbedConfig`, an MPSSubtitleEmbedConfig."""
    return _parameters("EmbedSubtitle", definition)


def tasks_of_key(key: str) -> list[str]:
    """The sub-tasks that take an ExtendedParameter of this key, the one it is first of all for in front."""
    rows = facts.read("presets")["AIAnalysis"]
    return [task for row in rows if row["ExtendedKey"] == key for task in row["TaskTypes"]]


def switched_on(template: Json) -> list[str]:
    """The sub-tasks that a custom analysis template (an MPSAIAnalysisTemplate) fans out to."""
    return [task for field, task in SWITCHES.items() if template.get(field, {}).get("Switch") == "ON"]


def _parameters(template_type: str, definition: int) -> Json | None:
    for row in facts.read("presets")[template_type]:
        if row["Definition"] == definition:
            return deepcopy({name: value for name, value in row.items() if name not in ABOUT})
    return None
