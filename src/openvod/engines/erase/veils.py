"""Which marks let the picture shine through, and how much? Looked for once, before the video is rewritten.

A mark that moves, or jumps from place to place, is looked at where it is, in all its places together: no mark is seen before
more different pictures.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from openvod.core.models import Json
from openvod.engines.erase import marks as marks_file
from openvod.engines.erase import places
from openvod.engines.erase.ahead import Film, Plane, parts
from openvod.engines.erase.regions import Region, regions
from openvod.engines.fill import Form
from openvod.engines.unblend import Veil, estimate

VEILS = "veils.npz"
SAMPLES = 40
"""Frames that a mark is estimated from."""


def look(argument: Json, progress: Callable[[float], None]) -> Json:
    """A sandbox target: writes `VEILS` into its folder. Takes what `edit.edit` does. Answers `{"veils"}`: how many marks of
    one half-transparent colour there are."""
    import cv2  # noqa: PLC0415

    cv2.setNumThreads(1)
    film = Film.load(argument)
    marks = marks_file.read(Path(argument["marks"]))
    _, planes = next(film.stretch(0, 1))
    found: dict[str, Any] = {}
    all_ = of_picture(marks, planes)
    for place, region in enumerate(all_):
        if region.standing and region.marks[0].what != "area":
            found |= _saved(place, _veil(film, region))
        progress((place + 1) / len(all_) / 2)
    for group in places.groups(region for place, region in enumerate(all_) if f"told{place}" not in found):
        height, width = planes[0].shape
        veil, corners = places.veil(film, group, (width, height))
        for region, corner in zip(group, corners, strict=False):  # no corners without a veil
            found |= _saved(all_.index(region), veil, corner)
    with Path(VEILS).open("wb") as file:
        np.savez(file, **found)
    return {"veils": sum(name.startswith("told") for name in found)}


def _saved(place: int, veil: Veil | None, corner: tuple[int, int] | None = None) -> dict[str, Any]:
    """For `give`; `corner` of one that is carried by its mark."""
    if veil is None:
        return {}
    return {
        f"opacity{place}": veil.opacity,
        f"error{place}": veil.error,
        f"told{place}": np.array([*veil.colour, veil.left]),
        **({} if corner is None else {f"corner{place}": np.array(corner)}),
    }


def of_picture(marks: Sequence[marks_file.Mark], planes: Sequence[Plane]) -> list[Region]:
    """The marks' regions in pictures like this one."""
    height, width = planes[0].shape
    own = planes[-1].shape
    return regions(marks, (width, height), (-(-width // own[1]), -(-height // own[0])))


def give(path: Path, to: Sequence[Region]) -> None:
    """Let the regions know what `look` wrote of them."""
    with np.load(path, allow_pickle=False) as found:
        for place, region in enumerate(to):
            if f"told{place}" in found:
                y, u, v, left = (float(value) for value in found[f"told{place}"])
                region.veil = Veil(found[f"opacity{place}"], (y, u, v), found[f"error{place}"], left)
            if f"corner{place}" in found:
                right, down = (int(value) for value in found[f"corner{place}"])
                region.carried = right, down


def _veil(film: Film, region: Region) -> Veil | None:
    seen: list[tuple[Plane, Plane, Plane]] = []
    everything = region.hidden(max(mark.first for mark in region.marks))
    for number, planes in film.spread(region.first, region.last, SAMPLES):
        if len(planes) == 3 and np.array_equal(region.hidden(number), everything):
            own = [plane[part].copy() for plane, part in zip(planes, parts(region, planes), strict=True)]
            seen.append((own[0], own[1], own[2]))
    if not seen:
        return None
    luma, chroma = seen[0][0].shape, seen[0][1].shape
    form = Form((luma[0], luma[1]), (chroma[0], chroma[1]), film.depth)
    return estimate(seen, everything, form)
