"""How are the guesses for one frame's hidden pixels put together, in luma and chroma?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from openvod.engines.fill.blend import Guess, Judge, mix
from openvod.engines.fill.chains import Spots
from openvod.engines.fill.motion import Floats, Mask, Motion
from openvod.engines.fill.samples import Roll
from openvod.engines.fill.spatial import depths, membrane, stretched
from openvod.engines.fill.steady import Steady

NEAR = np.float32(0.4)
"""Error of the spatial guess at the rim, as a part of its error on the ring."""
DEEP = np.float32(1 / 12)
"""How much of that comes on top with every pixel further from the rim."""
DOUBT = np.float32(2)
"""Squared error to expect on top where motion there and motion back disagree, for each unit of what that has cost a chain: the
ring may be right by chance where all around is of one colour."""
WORTH = 0.3
"""Share of the spatial guess below which it is not made."""

Planes = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Form:
    """How a region's planes are laid out."""

    shape: tuple[int, int]
    """Rows and columns of luma."""
    chroma: tuple[int, int]
    """Rows and columns of each chroma plane."""
    depth: int
    """Bits per sample."""

    @property
    def level(self) -> np.float32:
        """One level of 8 bits in samples."""
        return np.float32(1 << (self.depth - 8))

    @property
    def step(self) -> tuple[int, int]:
        """Luma rows and columns of one chroma sample."""
        return round(self.shape[0] / self.chroma[0]), round(self.shape[1] / self.chroma[1])

    def coarse(self, hidden: Mask) -> Mask:
        """Chroma samples that any hidden pixel has a part in."""
        (down, across), (height, width) = self.step, self.chroma
        padded = np.zeros((height * down, width * across), bool)
        padded[: self.shape[0], : self.shape[1]] = hidden
        any_of = np.zeros(self.chroma, bool)
        for row, column in product(range(down), range(across)):
            any_of |= padded[row::down, column::across]
        return any_of


class Paint(Protocol):
    """Fills pictures from around what is hidden, one frame by itself."""

    def __call__(self, pictures: Sequence[Floats], hidden: Sequence[Mask]) -> Sequence[Floats]:
        """Y, U and V in levels of 0 to 255 and what is hidden in each; answer them filled."""


def from_around(pictures: Sequence[Floats], hidden: Sequence[Mask]) -> list[Floats]:
    """Luma by the dearer fill, which continues edges; chroma, where edges are soft, by a membrane."""
    luma = stretched(pictures[0], hidden[0])
    return [
        luma,
        *(membrane(picture, where) for picture, where in zip(pictures[1:], hidden[1:], strict=True)),
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """What is to be put into one plane."""

    index: NDArray[Any]
    """`[n]`: row times width plus column."""
    values: Floats
    share: Floats
    """`[n]`, 0 to 1: how much the spatial guess counts; 0 says that the pixel is visible."""

    def mixed(self, painted: Floats) -> Floats:
        around = painted.reshape(-1).take(self.index)
        values: Floats = np.where(
            self.share > WORTH, self.values + self.share * (around - self.values), self.values
        )
        return values


@dataclass(frozen=True, slots=True, eq=False)
class Lifted:
    """What shows through a half-transparent mark, as one more guess."""

    planes: Planes
    """The frame's region with the mark turned round."""
    error: Floats
    """`[h, w]`: squared error to expect, levels of 0 to 255."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What is known of a frame beside itself."""

    ends: list[Floats]
    """Where each kind of chain has ended, per spot."""
    rolls: tuple[Roll, Roll]
    """Luma, and both planes of chroma, of the frames that chains lead into."""
    back: Motion | None
    """To the frame before."""
    lifted: Lifted | None
    number: int
    """Of the frame."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """What follows from the spots alone: they are the same for most frames of a cue."""

    at: Spots
    depth: Floats
    """`[n]`: pixels to the nearest visible one."""
    pick: NDArray[Any]
    """Which spots chroma follows: those of its first luma pixel, which is hidden or on the ring."""
    index: NDArray[Any]
    """Of the chroma samples: row times width plus column."""

    @staticmethod
    def of(at: Spots, form: Form) -> "_Ground":
        """For pictures of a form."""
        down, across = form.step
        place = np.zeros(form.shape, np.int32)
        place.reshape(-1)[at.index] = np.arange(len(at))
        index = np.flatnonzero(form.coarse(at.hidden))
        row, column = np.divmod(index, form.chroma[1])
        depth = depths(at.hidden).reshape(-1).take(at.index)
        return _Ground(at, depth, place[row * down, column * across], index)


class FrameFiller:
    """Fills frames in order of time; remembers how good each kind of guess has been."""

    def __init__(self, form: Form, chains: int, paint: Paint = from_around, caution: float = 0.0) -> None:
        self._form = form
        self._caution = np.float32(caution)
        self._paint = paint
        self._judges = [Judge() for _ in range(chains)]
        self._spatial = Judge()
        self._steady = Steady(form.shape)
        self._ground: _Ground | None = None

    def forget(self) -> None:
        """The next frame has nothing to do with the one before, or nothing was hidden in it."""
        for judge in (*self._judges, self._spatial):
            judge.forget()
        self._steady.forget()

    def fill(self, planes: Planes, at: Spots, evidence: Evidence) -> Planes:
        """Copies of a frame's planes with the hidden pixels filled."""
        pictures = [self._levels(plane) for plane in planes]
        actual = pictures[0].reshape(-1).take(at.index)
        if self._ground is None or self._ground.at is not at:
            self._ground = _Ground.of(at, self._form)
        ground, pick, index = self._ground, self._ground.pick, self._ground.index
        error, value, shares = mix(self._guesses(ground, evidence, actual))
        alone = self._alone(pictures[0], ground, actual)
        spatial = 1 / (1 + (alone / error) ** 2)  # 1 where no chain has met anything: that error is infinite
        luma = _Layer(at.index, value, np.where(at.hole, spatial, 0))
        share = np.maximum(spatial[pick], 1e-6)
        u, v = (
            _Layer(index, np.einsum("gn,gn->n", shares[:, pick], values), share)
            for values in self._chroma_values(evidence, pick, index)
        )
        values = self._spread(pictures, [luma, u, v])
        together = (
            np.where(spatial < 1, (1 - spatial) * np.minimum(error, alone / WORTH), 0) + spatial * alone
        )
        carried = self._steady.carry(at, evidence.back, actual, together)
        if carried is not None:
            values = self._steady.onto(values, carried, pick, self._form.step)
        values[0] = values[0][at.hole]
        places = (at.index[at.hole], index, index)
        filled = tuple(self._put(*each) for each in zip(planes, places, values, strict=True))
        self._steady.keep((filled[0], filled[1], filled[2]), self._form.level)
        return filled[0], filled[1], filled[2]

    def _guesses(self, ground: _Ground, evidence: Evidence, actual: Floats) -> list[Guess]:
        at, roll, guesses = ground.at, evidence.rolls[0], []
        deeper = 1 + self._caution * ground.depth
        for ends, judge in zip(evidence.ends, self._judges, strict=True):
            known = ends[:, 2] >= roll.first
            guess = judge.judge(self._sample(roll, ends), known, ends[:, 3], actual, at)
            doubt = ends[:, 3] - np.abs(ends[:, 2] - np.float32(evidence.number))  # a sure step costs 1
            guesses.append(Guess(guess.values, (guess.error + DOUBT * np.maximum(doubt, 0)) * deeper))
        if evidence.lifted is not None:
            values = self._levels(evidence.lifted.planes[0]).reshape(-1).take(at.index)
            guesses.append(Guess(values, evidence.lifted.error.reshape(-1).take(at.index)))
        return guesses

    def _chroma_values(self, evidence: Evidence, pick: NDArray[Any], index: NDArray[Any]) -> Iterator[Floats]:
        """Of each chroma plane: what every guess says at its hidden samples, `[guesses, n]`."""
        parts = [ends[pick] for ends in evidence.ends]
        both = [self._sample(evidence.rolls[1], part, *self._form.step) for part in parts]
        for number in (0, 1):
            values = [each[:, number] for each in both]
            if evidence.lifted is not None:
                values.append(self._levels(evidence.lifted.planes[1 + number]).reshape(-1).take(index))
            yield np.stack(values)

    def _levels(self, plane: NDArray[Any]) -> Floats:
        levels: Floats = plane.astype(np.float32) / self._form.level
        return levels

    def _sample(self, roll: Roll, ends: Floats, down: int = 1, across: int = 1) -> Floats:
        values: Floats = roll.at(ends[:, 2], ends[:, 0] / across, ends[:, 1] / down) / self._form.level
        return values

    def _alone(self, picture: Floats, ground: _Ground, actual: Floats) -> Floats:
        """Squared error to expect of the spatial guess: the ring is guessed too, from outside of it. In every second frame
        only, it was 0.2 dB worse where things move."""
        at = ground.at
        guess = membrane(picture, at.wide).reshape(-1).take(at.index)
        everywhere = np.ones(len(at), bool)
        error = self._spatial.judge(guess, everywhere, np.zeros(len(at), np.float32), actual, at).error
        expected: Floats = error * (NEAR + DEEP * ground.depth)
        return expected

    def _spread(self, pictures: list[Floats], layers: list[_Layer]) -> list[Floats]:
        """The layers' values, mixed with what is around where the share of that is worth it.

        Where it is not, the value itself counts as seen, so that what is known in the middle of something hidden helps its
        neighbours.
        """
        whole, hidden = [], []
        for picture, layer in zip(pictures, layers, strict=True):
            known = layer.share > 0
            filled, hard = picture.copy(), np.zeros(picture.shape, bool)
            filled.reshape(-1)[layer.index[known]] = layer.values[known]
            hard.reshape(-1)[layer.index[layer.share > WORTH]] = True
            whole.append(filled)
            hidden.append(hard)
        if not any(hard.any() for hard in hidden):
            return [layer.values for layer in layers]
        painted = self._paint(whole, hidden)
        return [layer.mixed(picture) for layer, picture in zip(layers, painted, strict=True)]

    def _put(self, plane: NDArray[Any], index: NDArray[Any], values: Floats) -> NDArray[Any]:
        whole = plane.copy()
        top = (1 << self._form.depth) - 1
        whole.reshape(-1)[index] = np.clip(np.rint(values * self._form.level), 0, top)
        return whole
