"""How do subtitles come back in another language, to where the erased ones were?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from openvod.core.asking import Ask
from openvod.core.errors import TaskFault
from openvod.core.texts import Text
from openvod.engines import translation
from openvod.engines.burn.fonts import is_cjk
from openvod.engines.burn.setting import Placed
from openvod.engines.burn.style import Style
from openvod.engines.burn.wrapping import joined
from openvod.engines.erase.marks import Mark
from openvod.engines.screen_text.scripts import in_chinese
from openvod.engines.video import Media
from openvod.media import cue_retext
from openvod.media.captions import Cue

Line = tuple[float, float, str, float]
"""Start and end in seconds, text, and where its middle is, 0 to 1 from the top."""
Translate = Callable[[Sequence[str]], Sequence[str]]
"""One text for each; raises TaskFault where nothing translates."""

ZH_EN = "zh_en"
ADVANCE = 1.3
"""From one line of text to the next, in heights of a line's strokes."""
OF_STROKES = 0.87
"""Size of letters as a share of the height of the strokes of a line, with outline and rim."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """How translated subtitles are burnt in."""

    style: Style
    original_place: bool = True
    """Each one where the erased one was, and not where the style says."""
    original_size: bool = True
    """As big as the erased ones were."""
    warnings: tuple[Text, ...] = ()
    """What of the style cannot be done."""


@dataclass(frozen=True, slots=True)
class Back:
    """What is to become of the subtitles that were read."""

    translate: Translate
    chinese_or_english: bool = True
    """Signs of other writings that look like Chinese ones are taken for these."""
    drawn: Drawn | None = None
    """None: they are not burnt in."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """The subtitles in the other language."""

    lines: tuple[Line, ...]
    """At least one for each line that was read, laid out; empty when there is no translation."""
    left_out: tuple[Text, ...]
    """Why there is none."""


def by_engine(ask: Ask, models: Path, source: str, target: str) -> Translate:
    """Translation by what the operator has: an endpoint, or a model in the model folder.

    `source` is a language of the API, `auto`, or `zh_en`: Chinese or English, as the signs tell.
    """

    def translate(texts: Sequence[str]) -> Sequence[str]:
        lines = [translation.Line(number, text) for number, text in enumerate(texts)]
        errand = translation.Errand(_told("".join(texts)) if source == ZH_EN else source, target, {})
        return list(translation.translate(lines, errand, ask, models).texts.values())

    return translate


def _told(text: str) -> str:
    signs = [sign for sign in text if sign.isalpha()]
    return "zh" if 2 * sum(map(is_cjk, signs)) > len(signs) else "en"


def spoken(lines: Sequence[Line], back: Back) -> Spoken:
    """Translate what was read. What cannot be translated is no fault of the erasure: it is told in `left_out`."""
    read = [
        joined((in_chinese(line[2]) if back.chinese_or_english else line[2]).split("\n")) for line in lines
    ]
    if not read:
        return Spoken((), ())
    try:
        texts = back.translate(read)
    except TaskFault as fault:
        return Spoken((), (fault.text,))
    said = [
        (cue.start, cue.end, "\n".join(cue.lines), middle)
        for (start, end, _, middle), text in zip(lines, texts, strict=True)
        for cue in cue_retext.relaid(Cue(start, end, ()), text)
    ]
    return Spoken(tuple(said), ())


def placed(lines: Sequence[Line], marks: Sequence[Mark], drawn: Drawn, media: Media) -> list[Placed]:
    """Where the texts go. All get the same size, that of most of the erased ones: single ones are measured less well."""
    size = _stroke_height([mark for mark in marks if mark.what == "caption"], media) * OF_STROKES
    return [
        Placed(
            Cue(start, end, tuple(text.split("\n"))),
            middle if drawn.original_place else None,
            size / media.size[1] if drawn.original_size and size else None,
        )
        for start, end, text, middle in lines
    ]


def _stroke_height(captions: Sequence[Mark], media: Media) -> float:
    """Of one line, in pixels; 0 without captions. Of what stands on a board, the board's."""
    heights = []
    for mark in captions:
        rows = np.flatnonzero(np.rot90(mark.mask.array(), media.turns).any(1))
        if len(rows):
            count = mark.text.count("\n") + 1
            heights.append(float(rows[-1] + 1 - rows[0]) / (1 + ADVANCE * (count - 1)))
    return median(heights) if heights else 0.0
