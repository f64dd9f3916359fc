"""How many different voices are among many prints, and what does each sound like?

Prints are merged from the bottom up. Within some minutes of speech, by the mean likeness of their prints; then the
voices of all these parts, by the likeness of their means, which is far clearer because a print's own noise is averaged
out. The parts keep work and memory linear in the length of the file.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rules:
    """When two voices are one. Likenesses are cosines, 0 to 1; chosen on conversations of seven speakers.

    Prints of one voice were alike by 0.74 in the mean and those of two by 0.45. Halves of one speaker's speech were
    alike by 0.82 to 0.96, two of fourteen speakers by 0.74 at most, and two on one telephone line by 0.80: such
    are taken for one, unless it is known that there are two. Thresholds that part them split lively readers."""

    near: float = 0.64
    """Mean likeness of the prints of two groups from which they are one voice."""
    near_of_known: float = 0.72
    """The same when it is known how many speakers there are, so that none is lost before they are counted."""
    same: float = 0.77
    """Likeness of the means of two voices from which they are one."""
    same_of_known: float = 0.9
    little: float = 2.5
    """Seconds of speech; who says less all through the file is counted to the voice that is most like theirs."""
    block: int = 500
    """Prints that are compared each with each."""


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """What is known of one voice."""

    total: Floats
    """`[256]`: the sum of its prints, weighted by their seconds."""
    seconds: float
    """Of speech."""

    @property
    def direction(self) -> Floats:
        """`[256]`, of length 1."""
        return np.asarray(self.total / max(float(np.linalg.norm(self.total)), 1e-6))

    def __add__(self, other: "Voice") -> "Voice":
        return Voice(self.total + other.total, self.seconds + other.seconds)


def voices(
    prints: Floats, seconds: NDArray[np.float64], rules: Rules, speakers: int | None = None
) -> list[Voice]:
    """The voices among `[n, 256]` prints, which stand for so many `seconds` of speech each; who speaks most comes first.

    With `speakers`, that many if as many are heard. At least one when there is a print at all.
    """
    near = rules.near if speakers is None else rules.near_of_known
    found: list[Voice] = []
    for at in range(0, len(prints), rules.block):
        own, weights = prints[at : at + rules.block], seconds[at : at + rules.block]
        for group in groups(own, near):
            total = (own[group] * weights[group, None]).sum(axis=0).astype(np.float32)
            found.append(Voice(total, float(weights[group].sum())))
    found = united(found, rules.same if speakers is None else rules.same_of_known)
    longest = sorted(found, key=lambda each: -each.seconds)
    heard = [each for each in longest if each.seconds >= rules.little] or longest[:1]
    return heard if speakers is None else united(heard, -1.0, speakers)


def groups(prints: Floats, near: float) -> list[list[int]]:
    """Which prints belong together: the most alike groups are merged while their mean likeness is at least `near`."""
    members = [[i] for i in range(len(prints))]
    total = prints @ prints.T
    np.fill_diagonal(total, -np.inf)
    mean, sizes = total.copy(), np.ones(len(prints))
    while len(prints) > 1:
        kept, gone = divmod(int(np.argmax(mean)), len(prints))
        if mean[kept, gone] < near:
            break
        members[kept] += members[gone]
        members[gone] = []
        sizes[kept] += sizes[gone]
        total[kept] += total[gone]
        total[kept, kept] = total[gone] = -np.inf
        total[:, kept], total[:, gone] = total[kept], -np.inf
        mean[kept] = total[kept] / (sizes[kept] * sizes)
        mean[:, kept] = mean[kept]
        mean[gone] = mean[:, gone] = -np.inf
    return [group for group in members if group]


def united(found: list[Voice], same: float, fewest: int = 1) -> list[Voice]:
    """The most alike voices put together until none are the same any more, or only the `fewest` are left."""
    if len(found) < 2:
        return found
    left: dict[int, Voice] = dict(enumerate(found))
    means = np.stack([each.direction for each in found])
    alike = means @ means.T
    np.fill_diagonal(alike, -np.inf)
    while len(left) > max(fewest, 1):
        kept, gone = sorted(divmod(int(np.argmax(alike)), len(found)))
        if alike[kept, gone] < same:
            break
        left[kept] = left[kept] + left.pop(gone)
        means[kept], means[gone] = left[kept].direction, 0.0
        alike[kept] = means @ means[kept]
        alike[kept, [i for i in range(len(found)) if i not in left or i == kept]] = -np.inf
        alike[:, kept] = alike[kept]
        alike[gone] = alike[:, gone] = -np.inf
    return [*left.values()]
