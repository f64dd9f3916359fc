"""Which stretches of a film are its highlights? Peaks of what stands out, grown as far as they reach, with clean edges.

Scores come from `highlight_signals`, edges from `highlight_edges`. Nothing is found in a film in which nothing stands out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from openvod.core.models import Json
from openvod.engines.analysis.highlights import highlight_edges
from openvod.engines.analysis.highlights.hht_options import Wish
from openvod.engines.analysis.highlights.highlight_edges import Edges
from openvod.engines.analysis.highlights.highlight_signals import STEP, Course, Signal

FALLS = 0.8
"""Share of its peak to which the score falls where a highlight ends; not below the threshold's share of the same size."""
TOLD = 0.2
"""Share from which on a measure is named as a reason."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A measure that made a stretch stand out."""

    name: str
    share: float
    """0 to 1: how far beyond the usual."""
    at: float
    """Seconds: when it was strongest."""
    value: float
    usual: float

    @property
    def tag(self) -> str:
        """With its figures, in words."""
        return _TAGS[self.name].format(value=self.value, usual=self.usual, at=self.at)

    def row(self) -> Json:
        """As JSON."""
        return {
            "measure": self.name,
            "share": round(self.share, 3),
            "at": round(self.at, 2),
            "value": round(self.value, 3),
            "usual": round(self.usual, 3),
        }


_TAGS = {
    "motion": "motion: {value:.0f} levels/s at {at:.1f} s (usual {usual:.0f})",
    "loud": "loud: {value:.1f} dB at {at:.1f} s (usual {usual:.1f} dB)",
    "voice": "raised voice: {value:+.1f} dB at {at:.1f} s",
    "face": "face close-up: {value:.0%} of the height at {at:.1f} s",
    "cuts": "fast cuts: {value:.0f} per minute at {at:.1f} s (usual {usual:.0f})",
    "new": "new picture: {value:.0f} of 64 bits at {at:.1f} s",
    "words": "words: {value:.2f} by the model at {at:.1f} s",
}


@dataclass(frozen=True, slots=True)
class Highlight:
    """A stretch that stands out."""

    start: float
    end: float
    score: float
    """0 to 1: half its peak, half its mean."""
    peak: float
    """Seconds."""
    reasons: tuple[Reason, ...]
    """Strongest first."""
    cuts_sentence: bool = False
    """Whether an edge lies between two words of a sentence: the limits leave no other."""

    @property
    def confidence(self) -> float:
        """0 to 100."""
        return round(100 * self.score, 2)


def highlights(course: Course, edges: Edges, wish: Wish) -> tuple[list[Highlight], list[float]]:
    """The best ones in order of time, apart from each other; and the peaks (seconds) that were left out because every edge
    within the limits would cut into what is said."""
    left: list[float] = []
    bounds = wish.bounds(edges.last - edges.first)
    taken: list[Highlight] = []
    for peak in _peaks(course, wish.threshold):
        if len(taken) >= wish.most:
            break
        time = float(course.times[peak])
        if any(each.start <= time <= each.end for each in taken):
            continue
        free = _free(time, taken, edges)
        if free[1] - free[0] < bounds[0]:
            continue
        wanted = _grown(course, peak, wish.threshold, bounds)
        span = highlight_edges.snapped(edges, wanted, time, bounds=bounds, free=free)
        if span is None:
            left.append(time)
            continue
        made = _made(course, span.start, span.end, cuts_sentence=span.cuts_sentence)
        if made.score >= wish.threshold:
            taken.append(made)
    found = _merged(course, sorted(taken, key=lambda each: each.start), wish.merge_gap)
    return found, [time for time in left if not any(each.start <= time <= each.end for each in found)]


def _peaks(course: Course, threshold: float) -> list[int]:
    """Numbers of the grid's points that stand out most, first the best: each higher than its neighbours."""
    score = np.concatenate([[-1.0], course.score, [-1.0]])
    tops = np.flatnonzero(
        (score[1:-1] >= score[:-2]) & (score[1:-1] > score[2:]) & (course.score >= threshold)
    )
    return sorted(tops.tolist(), key=lambda place: (-course.score[place], place))


def _free(time: float, taken: Sequence[Highlight], edges: Edges) -> tuple[float, float]:
    """Between which times nothing was taken around a moment."""
    before = [each.end for each in taken if each.end <= time]
    after = [each.start for each in taken if each.start >= time]
    return max(before, default=edges.first), min(after, default=edges.last)


def _grown(course: Course, peak: int, threshold: float, bounds: tuple[float, float]) -> tuple[float, float]:
    """From a peak to both sides, first where the score is higher, as far as it does not fall too low or too long."""
    score = course.score
    least = max(FALLS * float(score[peak]), FALLS * threshold)
    first = last = peak
    while (last - first + 1) * STEP < bounds[1]:
        before = float(score[first - 1]) if first else -1.0
        after = float(score[last + 1]) if last + 1 < len(score) else -1.0
        if max(before, after) < (least if (last - first + 1) * STEP >= bounds[0] else 0.0):
            break
        if before >= after:
            first -= 1
        else:
            last += 1
    half = STEP / 2
    return float(course.times[first]) - half, float(course.times[last]) + half


def _made(course: Course, start: float, end: float, *, cuts_sentence: bool) -> Highlight:
    inside = np.flatnonzero((course.times >= start) & (course.times < end))
    if not len(inside):
        inside = np.array([int(np.argmin(np.abs(course.times - (start + end) / 2)))])
    scores = course.score[inside]
    return Highlight(
        start,
        end,
        float(0.5 * scores.max() + 0.5 * scores.mean()),
        float(course.times[inside[int(np.argmax(scores))]]),
        tuple(sorted(_reasons(course.signals, course, inside.tolist()), key=lambda each: -each.share)),
        cuts_sentence,
    )


def _reasons(signals: Sequence[Signal], course: Course, inside: list[int]) -> Iterator[Reason]:
    for signal in signals:
        best = max(inside, key=lambda place: (float(signal.share[place]), float(signal.value[place])))
        if signal.share[best] >= TOLD:
            yield Reason(
                signal.name,
                float(signal.share[best]),
                float(course.times[best]),
                float(signal.value[best]),
                signal.usual,
            )


def _merged(course: Course, parts: Sequence[Highlight], gap: float) -> list[Highlight]:
    """Those less than `gap` seconds apart as one."""
    if not parts or gap <= 0:
        return [*parts]
    groups = [[parts[0]]]
    for one, other in pairwise(parts):
        if other.start - one.end < gap:
            groups[-1].append(other)
        else:
            groups.append([other])
    return [
        group[0]
        if len(group) == 1
        else _made(
            course, group[0].start, group[-1].end, cuts_sentence=any(each.cuts_sentence for each in group)
        )
        for group in groups
    ]
