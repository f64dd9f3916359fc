"""What is hidden cannot be had back, and nothing else changes."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from openvod.engines import hide
from openvod.engines.tracks import Areas, Track
from openvod.media.rewrite.windows import Picture, Window

BOX = (40.0, 24.0, 88.0, 88.0)


def areas(kind: str = "face", box: tuple[float, ...] = BOX) -> Areas:
    return Areas([Track(kind, ((0, box), (9, box)), 0.9)])


def noisy(shape: tuple[int, int] = (120, 160), dtype: type = np.uint8, chroma: int = 2) -> Picture:
    rng = np.random.default_rng(1)
    most = 255 if dtype == np.uint8 else 1023
    half = -(-shape[0] // chroma), -(-shape[1] // chroma)
    planes = tuple(rng.integers(0, most, size).astype(dtype) for size in (shape, half, half))
    return Picture(4, 0, planes)


@pytest.mark.parametrize("style", ["blur", "mosaic"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("chroma", [1, 2])
def test_all_planes_lose_their_detail_in_the_area_and_nowhere_else(
    style: str, dtype: type, chroma: int
) -> None:
    picture = noisy(dtype=dtype, chroma=chroma)
    before = [plane.copy() for plane in picture.planes]
    hide.hide(picture, areas(), style, 0)
    for plane, was in zip(picture.planes, before, strict=True):
        scale = plane.shape[1] / 160
        inside = np.s_[round(24 * scale) : round(88 * scale), round(40 * scale) : round(88 * scale)]
        assert plane[inside].std() < 0.12 * was[inside].std()
        outside = np.ones(plane.shape, bool)
        outside[int(13 * scale) : int(100 * scale), int(31 * scale) : int(98 * scale)] = False
        assert (plane[outside] == was[outside]).all()
        assert plane.dtype == dtype


def test_other_frames_are_left_alone() -> None:
    picture = noisy()
    picture.number = 10
    before = [plane.copy() for plane in picture.planes]
    hide.hide(picture, areas(), "blur", 0)
    assert all((plane == was).all() for plane, was in zip(picture.planes, before, strict=True))


@pytest.mark.parametrize(
    "box", [(-30.0, -20.0, 20.0, 40.0), (150.0, 100.0, 240.0, 180.0), (300.0, 0.0, 340.0, 40.0)]
)
def test_areas_may_stick_out_of_an_odd_picture(box: tuple[float, ...]) -> None:
    picture = noisy((121, 161))
    hide.hide(picture, areas(box=box), "mosaic", 0)
    patch = hide.patch_of(box, (121, 161), (6, 8))
    assert patch is None or patch.cells < (6, 8)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_areas_of_the_upright_picture_are_hidden_in_the_stored_one(turns: int) -> None:
    stored = noisy()
    for plane in stored.planes:
        plane[:] = 0
    stored.planes[0][10:30, 20:80] = 255
    turned = np.rot90(stored.planes[0], turns)
    rows, columns = np.nonzero(turned)
    box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert hide.stored(box, turns, (160, 120)) == (20, 10, 80, 30)
    hide.hide(stored, areas(box=tuple(float(edge) for edge in box)), "blur", turns)
    assert stored.planes[0][10:30, 20:80].min() < 250


@pytest.mark.parametrize("style", ["blur", "mosaic"])
def test_many_frames_together_give_no_detail_back(style: str) -> None:
    """An attacker who knows where the face is to a hundredth of a pixel, over 300 frames, against fine stripes.

    Tiles of plain means (the counter-check) lose the same attack.
    """
    waves, frames, size = 8, 300, 96

    def recovered(paint) -> float:
        """Amplitude of the stripes that a fit over all frames and pixels finds, of 60."""
        products = energy = 0.0
        for shift in np.random.default_rng(2).uniform(-6, 6, frames):
            x = np.arange(size) - size / 2 - shift
            wave = np.sin(2 * np.pi * waves * x / 48)
            plane = np.tile(np.rint(128 + 60 * wave), (size, 1)).astype(np.uint8)
            seen = paint(plane, (24 + shift, 18.0, 72 + shift, 78.0))[48, 32:64].astype(float)
            products += float((seen - 128) @ wave[32:64])
            energy += float(wave[32:64] @ wave[32:64])
        return abs(products / energy)

    def ours(plane, box):
        hide.paint(plane, hide.patch_of(box, plane.shape, (6, 8)), style)
        return plane

    def means(plane, box):
        """What deface and many others call a mosaic."""
        small = cv2.resize(plane, (size // 8, size // 8), interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (size, size), interpolation=cv2.INTER_NEAREST)

    assert recovered(ours) < 0.5
    assert recovered(means) > 5 * recovered(ours)


def test_the_editor_reads_what_was_found(tmp_path: Path) -> None:
    track = Track("face", ((2, BOX), (6, BOX)), 0.8)
    (tmp_path / "tracks.json").write_text(json.dumps([track.dump()]))
    picture = noisy()
    before = picture.planes[0].copy()
    argument = {"tracks": str(tmp_path / "tracks.json"), "style": "mosaic", "turns": 0}
    window = Window([], [picture], [], argument, 25.0, 0.001, 8, False, 2)
    hide.edit(window)
    assert (picture.planes[0] != before).sum() > 2000
