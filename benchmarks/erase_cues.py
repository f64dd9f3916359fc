"""When does a subtitle come and go, as the finder says and in truth? In frames."""

from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[int, int]
"""First and last frame."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far the found boundaries are from the true ones, over some cues."""

    errors: tuple[int | None, ...]
    """Frames, two for each true cue: how much too late (below 0: too early) it begins and ends; None: not found."""
    extra: int
    """Found ones that belong to no true cue."""

    @property
    def within_one(self) -> float:
        """Share of the boundaries."""
        return _share(sum(error is not None and abs(error) <= 1 for error in self.errors), self.errors)

    @property
    def exact(self) -> float:
        """Share of the boundaries."""
        return _share(sum(error == 0 for error in self.errors), self.errors)


def compare(true: Sequence[Span], found: Sequence[Span]) -> Bounds:
    """Each true cue with the found one that shares most frames with it; a found one counts for one cue only."""
    shared = sorted(
        ((_common(one, other), t, f) for t, one in enumerate(true) for f, other in enumerate(found)),
        key=lambda each: -each[0],
    )
    pairs: dict[int, int] = {}
    for common, t, f in shared:
        if common > 0 and t not in pairs and f not in pairs.values():
            pairs[t] = f
    errors: list[int | None] = []
    for t, (first, last) in enumerate(true):
        if t in pairs:
            begin, end = found[pairs[t]]
            errors += [begin - first, end - last]
        else:
            errors += [None, None]
    return Bounds(tuple(errors), len(found) - len(pairs))


def _common(one: Span, other: Span) -> int:
    return min(one[1], other[1]) - max(one[0], other[0]) + 1


def _share(good: int, errors: Sequence[int | None]) -> float:
    return good / len(errors) if errors else 1.0
