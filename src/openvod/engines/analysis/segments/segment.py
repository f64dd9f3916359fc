"""Which segments does a file have, and what is told of each? By its words where it has any, else by how it looks and sounds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from openvod.core.texts import Text
from openvod.engines.analysis.descriptions import describing
from openvod.engines.analysis.descriptions.des_options import Wish
from openvod.engines.analysis.descriptions.description import Description, Part
from openvod.engines.analysis.segments import segment_scenes
from openvod.engines.analysis.text import chapters
from openvod.engines.analysis.text.chapters import Chapter
from openvod.engines.analysis.text.said import Said
from openvod.engines.features import Features
from openvod.engines.subtitling.request import Job
from openvod.engines.translation.languages import base
from openvod.media.file_chapters import Mark

ENGINE = "openvod segments 1"
MOST = 100
"""Segments of a file: a table of chapters may claim more."""
OF_A_MODEL = 80.0
"""Confidence of a boundary that a model has put where nothing else speaks for one."""
NO_WORDS = Text(
    "there are no words in the file: its segments are told by shots, silence and look, and have no names",
    "文件中没有语音或文字:片段按镜头、静音和画面划分,没有标题",
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a file; times in seconds."""

    part: Part
    confidence: float
    """0 to 100: how clear its beginning is."""


@dataclass(frozen=True, slots=True)
class Segmented:
    """What came of it."""

    segments: tuple[Segment, ...]
    description: Description | None
    """None where there are no words."""
    engine: str
    missing: tuple[Text, ...] = ()
    """What of the wish could not be done."""
    warnings: tuple[str, ...] = ()


def segmented(job: Job, words: Said, found: Features | None, own: Sequence[Mark], wish: Wish) -> Segmented:
    """The segments, in order, without gaps. `found` is None where nothing could be measured, `own` what the file's own table
    of chapters says.
    """
    seconds = max(
        [float(job.facts.get("duration") or 0.0), *(each.end for each in words.passages)],
    )
    told = chapters.chapters(
        words.passages,
        found.seconds if found and not words.passages else seconds,
        silences=segment_scenes.silences(found) if found and not words.passages else (),
        shots=[shot.start for shot in found.shots[1:]] if found else (),
        own=own,
        scenes=segment_scenes.scenes(found) if found and not words.passages else (),
        limits=chapters.Limits(longest=wish.longest),
    )
    warnings = [f"of {len(told)} chapters of the file's own the short ones were joined"] * (len(told) > MOST)
    told = _joined(told)
    if not words.passages:
        parts = [Part(each.start, each.end, each.title, (), (), each.because) for each in told]
        named = _named(parts, words.language)
        return Segmented(_with_confidence(named, told), None, ENGINE, (NO_WORDS,), tuple(warnings))
    made = describing.describe(job, words, told, wish)
    named = _named(made.description.parts, made.description.language)
    return Segmented(
        _with_confidence(named, told),
        replace(made.description, parts=tuple(named)),
        f"{ENGINE} / {made.description.engine}",
        made.missing,
        (*warnings, *made.warnings),
    )


def _joined(told: Sequence[Chapter]) -> tuple[Chapter, ...]:
    """At most `MOST`: chapters shorter than that share go to the one before."""
    if len(told) <= MOST:
        return tuple(told)
    least = (told[-1].end - told[0].start) / MOST
    kept = [told[0]]
    for each in told[1:]:
        if kept[-1].end - kept[-1].start < least:
            kept[-1] = replace(kept[-1], end=each.end)
        else:
            kept.append(each)
    return tuple(kept)


def _named(parts: Sequence[Part], language: str) -> list[Part]:
    """Those that nothing names are counted."""
    word = "片段" if base(language) in {"zh", "yue"} else "Segment"
    return [
        part if part.title else replace(part, title=f"{word} {number}")
        for number, part in enumerate(parts, 1)
    ]


def _with_confidence(parts: Sequence[Part], told: Sequence[Chapter]) -> tuple[Segment, ...]:
    scores = {round(each.start, 2): 100 * each.score for each in told}
    return tuple(Segment(part, round(scores.get(round(part.start, 2), OF_A_MODEL), 2)) for part in parts)


def cover(found: Features, begin: float, end: float) -> float:
    """The moment of a stretch, in seconds, whose picture stands for it: sharp, lit, colourful, with a face if there is one,
    and not within a change of shots.
    """
    looks = found.looks
    inside = (looks.times >= begin) & (looks.times < end)
    settled = np.zeros(len(looks), bool)
    for shot in found.shots:
        settled |= (looks.times >= shot.settled[0]) & (looks.times <= shot.settled[1])
    usable = inside & settled if (inside & settled).any() else inside
    if not usable.any():
        return (begin + end) / 2
    faces = np.array([bool(each) for each in looks.faces])
    worth = (
        np.log1p(looks.sharpness)
        + looks.contrast / 20
        + looks.colour / 40
        + 1.0 * faces
        - looks.motion / 40
        - 5.0 * ((looks.brightness < 25) | (looks.brightness > 235))
    )
    return float(looks.times[np.argmax(np.where(usable, worth, -np.inf))])
