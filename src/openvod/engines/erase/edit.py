"""How are marks taken out of the pictures while a video is rewritten? Only hidden samples are written to."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.engines.erase import marks as marks_file
from openvod.engines.erase import painter, veils
from openvod.engines.erase.ahead import Ahead, Film, Patch, parts, patch
from openvod.engines.erase.regions import Region
from openvod.engines.fill import Form
from openvod.engines.fill.spatial import membrane
from openvod.media.rewrite.windows import Picture, Window


def edit(window: Window) -> None:
    """A `media.rewrite.windows.Editor`.

    Its argument: `{"marks", "veils", "painter", "source", "index", "times"}`: paths of what `marks.save` and `veils.look`
    wrote, of a painter's model (these two may be empty), of the video and of its frames' times, and `VideoIndex.dump()`;
    and `burn`, when subtitles are burnt in where others were (see `burn.compositor.edit`). It needs no context: it reads
    ahead by itself.
    """
    import cv2  # noqa: PLC0415

    if "eraser" not in window.memory:
        cv2.setNumThreads(1)
        window.memory["eraser"] = _Eraser(window)
    eraser: _Eraser = window.memory["eraser"]
    for picture in window.inner:
        eraser.erase(picture)
    if window.argument.get("burn"):
        from openvod.engines.burn import compositor  # noqa: PLC0415 - fonts and Pillow, when they are needed

        compositor.edit(window)


class _Eraser:
    """Everything that is erased from one segment on."""

    def __init__(self, window: Window) -> None:
        first, argument = window.inner[0], window.argument
        found = veils.of_picture(marks_file.read(Path(argument["marks"])), first.planes)
        if argument["veils"]:
            veils.give(Path(argument["veils"]), found)
        self._quick = [region for region in found if region.quick and region.last >= first.number]
        slow = [region for region in found if not region.quick]
        film = Film.load(argument)
        self._depth = film.depth
        self._ahead = Ahead(film, slow, painter.load(argument["painter"]), first.number)

    def erase(self, picture: Picture) -> None:
        """Erase it all from one picture, in place."""
        for region, ready in self._ahead.at(picture.number):
            _put(picture.planes, region, ready)
        for region in self._quick:
            if region.first <= picture.number <= region.last:
                quick = _quickly(picture.planes, region, picture.number, self._depth)
                if quick is not None:
                    _put(picture.planes, region, quick)


def _put(planes: Sequence[NDArray[Any]], region: Region, ready: Patch) -> None:
    for plane, part, hidden, values in zip(
        planes, parts(region, planes), ready.hidden, ready.values, strict=True
    ):
        plane[part][hidden] = values


def _quickly(planes: Sequence[NDArray[Any]], region: Region, number: int, depth: int) -> Patch | None:
    hidden = region.hidden(number)
    if not hidden.any():
        return None
    own = [plane[part] for plane, part in zip(planes, parts(region, planes), strict=True)]
    luma, chroma = own[0].shape, own[-1].shape
    form = Form((luma[0], luma[1]), (chroma[0], chroma[1]), depth)
    top = (1 << depth) - 1
    filled = []
    for place, plane in enumerate(own):
        filled.append(smoothly(plane, form.coarse(hidden) if place else hidden, top))
    return patch(filled, hidden, form)


def smoothly(plane: NDArray[Any], hidden: NDArray[np.bool_], top: int) -> NDArray[Any]:
    """A copy of a plane with what is hidden filled from around in it; `top` is its highest value."""
    smooth = membrane(plane.astype(np.float32), hidden)
    filled: NDArray[Any] = np.clip(np.rint(smooth), 0, top).astype(plane.dtype)
    return filled
