"""What do the parts of a file come to? Frame numbers run through, shots stand from change to change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from openvod.core.models import Json
from openvod.engines.features.record import Entry, Looks, Shot, unpack, unpack_looks
from openvod.engines.shots import describe, distances

ONE_FRAME = 0.04
"""Seconds that the only frame of a file is taken to be shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """The whole picture track."""

    frames: int
    rate: float
    size: tuple[int, int]
    begin: float
    end: float
    ends_apart: float
    shots: tuple[Shot, ...]
    looks: Looks
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    """A change of shots, with frame numbers of the whole file (see `watching.watch` for their meaning)."""

    kind: Entry
    border: int
    last_shown: float
    first_shown: float
    border_shown: float
    score: float


def watched(parts: Sequence[Json]) -> Watched | None:
    """Of the results of `watching.watch`, in order; None when there is no picture at all."""
    seen = [part for part in parts if part["frames"]]
    if not seen:
        return None
    count = sum(part["frames"] for part in seen)
    begin, last = seen[0]["times"][0], seen[-1]["times"][1]
    gap = (last - begin) / (count - 1) if count > 1 and last > begin else ONE_FRAME
    end = last + gap
    looks = unpack_looks([part["looks"] for part in seen])
    moved = np.concatenate([unpack(part["moved"]) for part in seen])
    shown = np.maximum(np.diff(looks.times, append=end), 1e-3)
    ends = np.stack([unpack(seen[0]["tiny"][0]), unpack(seen[-1]["tiny"][1])])
    return Watched(
        frames=count,
        rate=1 / gap if count > 1 else 0.0,
        size=(seen[0]["size"][0], seen[0]["size"][1]),
        begin=begin,
        end=end,
        ends_apart=float(distances(describe(ends, np.zeros(2)), 1)[0]),
        shots=_shots(_changes(seen), count, (begin, end)),
        looks=replace(looks, motion=(moved / shown).astype(np.float32)),
        missing=tuple(dict.fromkeys(name for part in seen for name in part["missing"])),
    )


def _changes(parts: Sequence[Json]) -> list[_Change]:
    found, base = [], 0
    for part in parts:
        for row in part["changes"]:
            last, first, border = row["shown"]
            found.append(_Change(row["kind"], base + row["border"], last, first, border, row["score"]))
        base += part["frames"]
    return found


def _shots(changes: Sequence[_Change], count: int, span: tuple[float, float]) -> tuple[Shot, ...]:
    """From change to change. Of two that divide at the same frame the first counts."""
    first = _Change("start", 0, span[0], span[0], span[0], 1.0)
    borders = [first]
    for each in changes:
        if borders[-1].border < each.border < count:
            borders.append(each)
    final = _Change("start", count, span[1], span[1], span[1], 1.0)
    return tuple(
        Shot(
            first=one.border,
            last=other.border - 1,
            start=one.border_shown,
            end=other.border_shown,
            entry=one.kind,
            settled=(one.first_shown, max(one.first_shown, other.last_shown)),
            score=one.score,
        )
        for one, other in pairwise([*borders, final])
    )
