"""How are the cues of a subtitle translated? Each as one text, or as one for each of its speakers; and back again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from openvod.core.asking import Ask
from openvod.engines.translation.conduct import translate
from openvod.engines.translation.lines import Errand, Line
from openvod.media import dialogue


@dataclass(frozen=True, slots=True)
class TranslatedCues:
    """Exactly one entry for every cue, in the cues' order."""

    texts: tuple[tuple[str, ...], ...]
    """The texts of each cue: one, or one for each speaker (`dialogue.parts`); none for a cue without text."""
    kept: tuple[int, ...]
    """Places of the cues (from 0) of which at least one text is still the source's."""
    source: str
    """The source language: as given, or what `auto` found (`auto` itself where it could not tell)."""
    engine: str
    """Engine, model and version; empty when there was nothing to translate."""
    asked: int
    """Texts that an engine was asked for; the others were remembered, or hold no words."""


def translate_cues(
    cues: Sequence[Sequence[str]],
    errand: Errand,
    ask: Ask,
    models: Path,
    *,
    progress: Callable[[float], None] | None = None,
) -> TranslatedCues:
    """Translate cues, given by their lines of plain text. Raises TaskFault as `translate` does."""
    parts = [dialogue.parts(lines) for lines in cues]
    places = [(place, text) for place, texts in enumerate(parts) for text in texts]
    lines = [Line(number, dialogue.undashed(text)[1]) for number, (_, text) in enumerate(places)]
    done = translate(lines, errand, ask, models, progress=progress)
    texts: list[list[str]] = [[] for _ in cues]
    for number, (place, text) in enumerate(places):
        texts[place].append(dialogue.undashed(text)[0] + done.texts[number])
    return TranslatedCues(
        texts=tuple(map(tuple, texts)),
        kept=tuple(dict.fromkeys(places[number][0] for number in done.kept)),
        source=done.source,
        engine=done.engine,
        asked=done.asked,
    )
