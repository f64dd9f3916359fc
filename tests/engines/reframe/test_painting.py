"""Frames as they are painted: copied, moved by fractions of a pixel, made smaller, mirrored, on their ground."""

import numpy as np
import pytest

from openvod.engines.reframe.painting import Planes, paint
from openvod.engines.reframe.scenes import Scene, Scenes, Tile, still

WIDTH, HEIGHT = 160, 90


def ramp() -> Planes:
    """Brightness rises to the right, one level a pixel; colours rise downwards."""
    luma = np.tile(np.arange(WIDTH, dtype=np.uint8) + 20, (HEIGHT, 1))
    chroma = np.tile(np.arange(HEIGHT // 2, dtype=np.uint8)[:, None] + 100, (1, WIDTH // 2))
    return luma, chroma, chroma + 20


def test_a_window_at_rest_is_a_copy() -> None:
    source = ramp()
    made = paint(source, Scene(0, (still((40, 0, 50, 90), (0, 0, 50, 90)),)), 0, (50, 90))
    assert np.array_equal(made[0], source[0][:, 40:90])
    assert np.array_equal(made[1], source[1][:, 20:45])


def test_a_window_moves_by_fractions() -> None:
    tile = Tile(
        np.array([0.0, 10.0]),
        np.array([[40, 0, 50, 90], [50, 0, 50, 90]], float),
        np.array([[0, 0, 50, 90]] * 2, float),
    )
    _, cb, cr = ramp()
    steep = np.tile(np.clip(np.arange(WIDTH) * 3 - 90, 0, 255).astype(np.uint8), (HEIGHT, 1))
    made = [paint((steep, cb, cr), Scene(0, (tile,)), t, (50, 90))[0] for t in (0, 2.5, 5, 20)]
    middles = [float(luma[45, 10:30].mean()) for luma in made]
    assert np.diff(middles) == pytest.approx([7.5, 7.5, 15], abs=0.6)


def test_mirrored_and_smaller() -> None:
    source = ramp()
    made = paint(source, Scene(0, (still((0, 0, 160, 90), (0, 0, 160, 90), mirrored=True),)), 0, (160, 90))
    assert np.array_equal(made[0], source[0][:, ::-1])
    small = paint(source, Scene(0, (still((0, 0, 160, 90), (20, 10, 80, 44)),), "black"), 0, (120, 64))
    assert small[0][0, 0] == 16
    assert small[1][0, 0] == 128
    assert small[0][30, 60] == pytest.approx(source[0][0, 80], abs=2)


def test_a_blurred_ground_is_the_picture_and_dimmer() -> None:
    noise = np.random.default_rng(1).integers(120, 240, (HEIGHT, WIDTH), np.uint8)
    flat = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    made = paint((noise, flat, flat), Scene(0, (), "blurred", blur=1.0), 0, (50, 90))
    assert made[0].std() < noise.std() / 4
    assert 16 < made[0].mean() < noise.mean()
    assert (made[1] == 128).all()


def test_scenes_change_at_their_frame() -> None:
    scenes = Scenes([Scene(0.0, ()), Scene(1.0, (), "black"), Scene(2.0, (), "blurred")])
    assert [scenes.at(t).ground for t in (-1, 0.96, 1.0, 1.96, 2.0, 9)] == [
        "none",
        "none",
        "black",
        "black",
        "blurred",
        "blurred",
    ]
