"""Which chapters does a film have? By what is said, where it is silent, and where shots change; or its own.

A pure function: it needs no file. A boundary is put between two sentences, never into one, and where a shot changes
between them exactly there.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from openvod.core.texts import Text
from openvod.engines.analysis.text.passages import Passage
from openvod.engines.analysis.text.topics import turns
from openvod.media.file_chapters import Mark

SHORTEST = 20.0
"""Seconds of a chapter, where a film is long enough for several."""
SHARE = 0.04
"""A chapter is at least this share of the film: two hours are not told in 60 chapters."""
LONG_SILENCE = 3.0
"""Seconds; a longer one tells no more."""
SILENCE_WEIGHT, SHOT_WEIGHT = 0.35, 0.15
CLEAR = 0.35
"""Least score of a boundary. Words alone make it when they change nearly altogether."""
WORTH = 0.75
"""Share of CLEAR that a boundary costs: one clear one is better than two that are hardly."""
BESIDE = 0.6
"""Share of a change of words that the gaps beside it have, too: where exactly it is a silence or a cut knows better."""
SILENT_CUT = 1.0
"""Seconds of silence around a change of shots that make a boundary where nobody speaks."""
NEAR = 0.25
"""Seconds beside a gap in which a change of shots belongs to it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long chapters may be, in seconds."""

    shortest: float = SHORTEST
    longest: float = 3600.0


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a film; times in seconds."""

    start: float
    end: float
    title: str = ""
    """Only where the file names it."""
    score: float = 0.0
    """0 to 1: how clear its beginning is; 1 for the first one and the file's own."""
    because: tuple[Text, ...] = ()
    """What speaks for its beginning."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a film changes its look or sound for long."""

    time: float
    score: float
    """0 to 1; from `CLEAR` on it parts a film in which nobody speaks."""
    because: Text


@dataclass(frozen=True, slots=True)
class _Gap:
    """Where a chapter could begin."""

    time: float
    score: float
    because: tuple[Text, ...]


def chapters(
    passages: Sequence[Passage],
    seconds: float,
    *,
    silences: Sequence[tuple[float, float]] = (),
    shots: Sequence[float] = (),
    own: Sequence[Mark] = (),
    scenes: Sequence["Scene"] = (),
    limits: Limits = Limits(),
) -> tuple[Chapter, ...]:
    """The chapters of a film of so many seconds, in order, without gaps; one when nothing parts it.

    `passages` are in order of time, `silences` (start, end) in which nothing is heard, `shots` the times at which a shot
    begins, `own` what the file's own table says: two or more of these go before all else. `scenes` count where nobody
    speaks only.
    """
    told = tuple(_own(own, seconds))
    if len(told) > 1:
        return told
    gaps = [*_between_sentences(passages, silences, shots)] or [
        *_without_words(silences, shots),
        *(_Gap(scene.time, scene.score, (scene.because,)) for scene in scenes),
    ]
    gaps.sort(key=lambda gap: gap.time)
    least = max(limits.shortest, SHARE * seconds)
    taken = _spaced(
        [gap for gap in gaps if gap.score >= CLEAR], least=min(least, limits.longest / 2), end=seconds
    )
    taken = _not_too_long(taken, gaps, limits.longest, seconds)
    edges = [_Gap(0.0, 1.0, ()), *taken, _Gap(seconds, 0.0, ())]
    return tuple(
        Chapter(round(one.time, 3), round(other.time, 3), "", round(one.score, 3), one.because)
        for one, other in pairwise(edges)
    )


def _own(own: Sequence[Mark], seconds: float) -> Iterator[Chapter]:
    """The file's own, each until the next one begins; what lies outside of the film, or has no length, is left out."""
    marks = sorted((mark for mark in own if 0 <= mark.start < seconds), key=lambda mark: mark.start)
    starts = [0.0, *(mark.start for mark in marks[1:]), seconds]
    because = (Text("the file's own chapter", "文件自带的章节"),)
    for mark, start, end in zip(marks, starts, starts[1:], strict=False):
        if end > start:
            yield Chapter(round(start, 3), round(end, 3), mark.title.strip(), 1.0, because)


def _between_sentences(
    passages: Sequence[Passage], silences: Sequence[tuple[float, float]], shots: Sequence[float]
) -> Iterator[_Gap]:
    topics = turns(passages)
    for number in range(len(passages) - 1):
        beside = max(topics.get(number, 0.0), topics.get(number + 2, 0.0))
        topic = topics.get(number + 1, BESIDE * beside)
        one, other = passages[number], passages[number + 1]
        if other.start < one.end - NEAR:
            continue  # two speak at once, or it stands on the picture
        begin, end = min(one.end, other.start), max(one.end, other.start)
        quiet = _quiet(silences, begin, end) if silences else (begin, end)
        cut = _cut(shots, begin - NEAR, end + NEAR)
        time = cut if cut is not None else sum(quiet) / 2 if quiet else (begin + end) / 2
        yield _Gap(time, *_weighed(topic, quiet, cut))


def _weighed(
    topic: float, quiet: tuple[float, float] | None, cut: float | None
) -> tuple[float, tuple[Text, ...]]:
    """A score from 0 to 1, and its reasons."""
    silent = quiet[1] - quiet[0] if quiet else 0.0
    rest = 1 - SILENCE_WEIGHT - SHOT_WEIGHT
    score = rest * topic + SILENCE_WEIGHT * min(1.0, silent / LONG_SILENCE) + SHOT_WEIGHT * (cut is not None)
    because = []
    if topic:
        because.append(Text(f"the words change ({topic:.2f})", f"用词变化({topic:.2f})"))
    if silent >= 0.5 and quiet:
        because.append(
            Text(f"silence from {quiet[0]:.1f} to {quiet[1]:.1f} s", f"{quiet[0]:.1f}–{quiet[1]:.1f} 秒静默")
        )
    if cut is not None:
        because.append(Text(f"the shot changes at {cut:.2f} s", f"{cut:.2f} 秒处切换镜头"))
    return score, tuple(because)


def _without_words(silences: Sequence[tuple[float, float]], shots: Sequence[float]) -> Iterator[_Gap]:
    """Where nobody speaks: changes of shots within a silence."""
    for begin, end in silences:
        cut = _cut(shots, begin, end)
        if cut is not None and end - begin >= SILENT_CUT:
            quiet = min(1.0, (end - begin) / LONG_SILENCE)
            yield _Gap(cut, CLEAR + (1 - CLEAR) * quiet * 0.5, _weighed(0.0, (begin, end), cut)[1])


def _quiet(silences: Sequence[tuple[float, float]], begin: float, end: float) -> tuple[float, float] | None:
    """The longest part of a gap in which nothing is heard."""
    inside = [(max(begin, one), min(end, other)) for one, other in silences if one < end and other > begin]
    return max(inside, key=lambda span: span[1] - span[0], default=None)


def _cut(shots: Sequence[float], begin: float, end: float) -> float | None:
    """The change of shots nearest to the middle of a stretch; None when there is none in it."""
    inside = shots[bisect_left(shots, begin) : bisect_right(shots, end)]
    return min(inside, key=lambda time: abs(time - (begin + end) / 2), default=None)


def _spaced(gaps: Sequence[_Gap], *, least: float, end: float) -> list[_Gap]:
    """The gaps with the greatest sum of scores that leave each chapter `least` seconds, in order."""
    places = [gap for gap in gaps if least <= gap.time <= end - least]
    times = [gap.time for gap in places]
    best: list[tuple[float, list[int]]] = [(0.0, [])]
    for number, gap in enumerate(places):
        before = bisect_right(times, gap.time - least, 0, number)
        score, chosen = best[before]
        with_it = (score + gap.score - WORTH * CLEAR, [*chosen, number])
        best.append(max(best[-1], with_it, key=lambda pair: pair[0]))
    return [places[number] for number in best[-1][1]]


def _not_too_long(taken: list[_Gap], gaps: Sequence[_Gap], longest: float, end: float) -> list[_Gap]:
    """With further gaps, the clearest there are, where a chapter would be too long; even parts where there are none."""
    done: list[_Gap] = []
    for gap in [*taken, _Gap(end, 0.0, ())]:
        while gap.time - (begin := done[-1].time if done else 0.0) > longest:
            free = [each for each in gaps if begin + longest / 4 <= each.time <= begin + longest]
            fitting = [each for each in free if gap.time - each.time >= longest / 8] or free
            limit = Text(
                f"a chapter has {longest:g} s at the most",
                f"章节最长 {longest:g} 秒",
            )
            most = max(
                fitting,
                key=lambda each: each.score,
                default=_Gap(begin + min(longest, (gap.time - begin) / 2), 0.0, ()),
            )
            done.append(_Gap(most.time, most.score, (*most.because, limit)))
        done.append(gap)
    return done[:-1]
