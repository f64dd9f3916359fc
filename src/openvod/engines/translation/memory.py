"""Which lines were translated before? Kept by content, line by line, so that one corrected line costs one question.

A translation depends on more than its own text: the sentence may begin in the line before or end in the one after,
and a short line (`Right.`) means what the line before makes of it. So the key of a line holds the neighbours that its
sentence runs into, and no others: else each correction would also undo what stands beside it.
"""

import re
from collections.abc import Mapping, Sequence

from openvod.core import asking
from openvod.core.asking import Ask
from openvod.core.models import Json
from openvod.engines.translation import glossary
from openvod.engines.translation.lines import Engine, Errand, Line
from openvod.media.cue_profiles import units

STEP = "translated/1"
_SHORT = 16
"""Columns: a line below that needs the one before it to be understood."""
_SENTENCE_END = re.compile(r"[.!?…。！？｡⁇।۔؟][\"'”’»」』)\]]*\s*\Z")
_DIALOGUE_ENDS = re.compile(r"[♪\])）]\s*\Z")


class Memory:
    """What is remembered of one errand with one engine."""

    def __init__(self, ask: Ask, errand: Errand, engine: Engine) -> None:
        self._ask, self._errand, self._engine = ask, errand, engine

    def recall(self, lines: Sequence[Line]) -> dict[int, str]:
        """The translations of lines that were asked for before, by id. `lines` are all lines, in order."""
        values = asking.recall_many(self._ask, STEP, [self._about(lines, at) for at in range(len(lines))])
        return {line.id: value["text"] for line, value in zip(lines, values, strict=True) if value}

    def keep(self, lines: Sequence[Line], found: Mapping[int, str]) -> None:
        """Remember new translations."""
        pairs = [
            (self._about(lines, at), {"text": found[line.id]})
            for at, line in enumerate(lines)
            if line.id in found
        ]
        asking.keep_many(self._ask, STEP, pairs)

    def _about(self, lines: Sequence[Line], at: int) -> Json:
        text = lines[at].text
        before = lines[at - 1].text if at else ""
        after = lines[at + 1].text if at + 1 < len(lines) else ""
        return {
            "text": text,
            "before": before if not _ends(before) or units(text) < _SHORT else "",
            "after": after if not _ends(text) else "",
            "source": self._errand.source,
            "target": self._errand.target,
            "engine": self._engine.name,
            "glossary": glossary.relevant(self._errand.glossary, text),
        }


def _ends(text: str) -> bool:
    """Whether a sentence ends with this line."""
    return bool(_SENTENCE_END.search(text) or _DIALOGUE_ENDS.search(text))
