"""Where may a stretch begin and end? Where shots change, and never within a word; a sentence is cut only if it must be.

All pairs of edges near the wanted ones are weighed: how far off they are, whether they are changes of shots, and whether
they part a sentence. Within a word, or where somebody speaks without a pause, there is no edge.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from operator import itemgetter

from openvod.engines.analysis.text.passages import Passage
from openvod.engines.features import Features

Span = tuple[float, float]

NEAR = 8.0
"""Seconds from the wanted edge to look for a better one."""
GRID = 0.25
"""Seconds between edges where neither shots nor speech give any."""
NO_SHOT = 2.5
"""How many seconds farther an edge may be for being a change of shots."""
IN_SENTENCE = 12.0
"""The same for not parting a sentence."""
PAUSE = 0.08
"""Seconds of air left before and after what is said, where there are: an edge falls on a frame, not on the instant."""
HEARD_MARGIN = 0.1
"""Seconds that a stretch of speech is wider on both sides than what is said (`silero.Rules.margin`)."""
SLIVER, NO_SLIVER = 0.8, 2.0
"""Seconds of another shot that would flash by at an edge; how many seconds farther an edge may be for not having them."""
NO_AIR = 1.0
"""How many seconds farther an edge may be for having that air."""
SLACK = 1e-6
OVERLAP = 0.05
MOST_EDGES = 160
"""On each side: the nearest are weighed."""


@dataclass(frozen=True, slots=True)
class Edges:
    """What a film has edges by; spans are in order of time and apart from each other."""

    first: float
    last: float
    """When the picture begins and ends."""
    shots: tuple[float, ...] = ()
    """When shots begin, alone or half way through a dissolve, but for the first."""
    voiced: tuple[Span, ...] = ()
    """Within these somebody speaks without a pause: words, where they are known, else stretches between pauses."""
    sentences: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapped:
    """A stretch with its edges."""

    start: float
    end: float
    cuts_sentence: bool = False
    """Whether an edge lies within a sentence, between two words: the bounds leave no other."""


def edges_of(found: Features, passages: Sequence[Passage] = (), words: Iterable[Span] = ()) -> Edges:
    """Of a film. `passages` are its sentences, `words` the times of its words, where they are known."""
    spoken = [(each.start, each.end) for each in passages if each.source != "written"]
    timed = merged(words)
    voiced = [
        (begin + HEARD_MARGIN, end - HEARD_MARGIN)
        for each in found.sound.stretches
        if each.certain
        for begin, end in each.span.voiced
    ]
    # Where words are known, they are truer than what sounds like speech: it is heard with a margin.
    known = merged(spoken) if timed else []
    untimed = [part for part in voiced if not _inside((part[0] + part[1]) / 2, known)]
    return Edges(
        found.begin,
        found.end,
        tuple(shot.start for shot in found.shots[1:]),
        tuple(merged([*timed, *untimed])),
        tuple(merged(spoken)),
    )


def merged(spans: Iterable[Span]) -> list[Span]:
    """In order, those that overlap as one. Neighbours that overlap by less than `OVERLAP` are parted where one begins: the
    times of words are no truer than that."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if found and start < found[-1][1] - OVERLAP:
            found[-1] = (found[-1][0], max(found[-1][1], end))
            continue
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], start)
        found.append((start, end))
    return [span for span in found if span[1] > span[0]]


def snapped(edges: Edges, wanted: Span, peak: float, *, bounds: Span, free: Span) -> Snapped | None:
    """The best stretch around `peak` near the wanted one, within `free` and of `bounds` seconds; None when each would cut into
    a word, or what is said without a pause."""
    starts = _candidates(edges, wanted[0], free, SLIVER)
    ends = _candidates(edges, wanted[1], free, -SLIVER)
    pairs = [
        (cost + other, start, end)
        for (cost, start), (other, end) in product(starts, ends)
        if start <= peak <= end and bounds[0] - SLACK <= end - start <= bounds[1] + SLACK
    ]
    if not pairs:
        return None
    _, start, end = min(pairs)
    return Snapped(start, end, any(_inside(time, edges.sentences) for time in (start, end)))


def _candidates(edges: Edges, wanted: float, free: Span, inward: float) -> list[tuple[float, float]]:
    """Edges with what speaks against each, in seconds. `inward` is how near a change of shots inside is a nuisance."""
    low, high = max(free[0], wanted - NEAR), min(free[1], wanted + NEAR)
    shots = {time for time in (*edges.shots, edges.first, edges.last, *free) if low <= time <= high}
    weighed = [
        (
            abs(time - wanted)
            + _against(edges, time)
            + (0.0 if time in shots else NO_SHOT)
            + (NO_SLIVER if _has_shot(edges, time, time + inward) else 0.0),
            time,
        )
        for time in shots | _by_speech(edges, low, high)
        if low - SLACK <= time <= high + SLACK and not _inside(time, edges.voiced)
    ]
    return sorted(weighed)[:MOST_EDGES]


def _by_speech(edges: Edges, low: float, high: float) -> set[float]:
    """Where what is said begins and ends, with some air, the middles of pauses, and a grid between."""
    voiced = _near(edges.voiced, low, high)
    times = {low + step * GRID for step in range(int(max(0.0, high - low) / GRID) + 1)}
    for start, end in (*voiced, *_near(edges.sentences, low, high)):
        times |= {start, max(low, start - PAUSE), end, min(high, end + PAUSE)}
    return times | {(one[1] + other[0]) / 2 for one, other in pairwise(voiced)}


def _against(edges: Edges, time: float) -> float:
    """What of speech speaks against an edge."""
    cost = IN_SENTENCE if _inside(time, edges.sentences) else 0.0
    beside = (time - PAUSE / 2, time + PAUSE / 2)
    return cost + (NO_AIR if any(_inside(near, edges.voiced) for near in beside) else 0.0)


def _has_shot(edges: Edges, one: float, other: float) -> bool:
    """Whether a shot begins between two times, not at them."""
    low, high = min(one, other) + SLACK, max(one, other) - SLACK
    place = bisect_right(edges.shots, low)
    return place < len(edges.shots) and edges.shots[place] < high


def _near(spans: Sequence[Span], low: float, high: float) -> Sequence[Span]:
    return [span for span in spans if span[1] >= low and span[0] <= high]


def _inside(time: float, spans: Sequence[Span]) -> bool:
    """Within one of the spans, not at its edge."""
    place = bisect_right(spans, time, key=itemgetter(0)) - 1
    return place >= 0 and spans[place][0] + SLACK < time < spans[place][1] - SLACK
