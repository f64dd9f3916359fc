"""Tests of telling which pixels of a wide mask show the picture after all."""

import cv2
import numpy as np
import pytest

from openvod.engines.fill import FillStream, Form, Frame
from openvod.engines.fill.trim import LEAST, SMEARED, trimmed
from tests.engines.moving_pictures import letters, psnr

FRAMES, SIZE = 30, (96, 160)
ONE = np.float32(1)


def soft_world(speed: int, frames: int = FRAMES) -> np.ndarray:
    """Something out of focus that passes by, `[frames, h, w]`, 0 to 255."""
    noise = np.random.default_rng(3).standard_normal((SIZE[0], SIZE[1] + speed * frames))
    world = cv2.GaussianBlur(noise, (0, 0), 9)
    world = 30 + 195 * (world - world.min()) / np.ptp(world)
    return np.stack([world[:, speed * t : speed * t + SIZE[1]] for t in range(frames)]).astype(np.float32)


def covered() -> np.ndarray:
    mask: np.ndarray = letters(range(1), 1)[0]
    return mask


def grown(mask: np.ndarray, by: int) -> np.ndarray:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1,) * 2)
    return cv2.dilate(mask.astype(np.uint8), kernel) > 0


def burned(pictures: np.ndarray, level: float = 235, opacity: float = 1.0) -> np.ndarray:
    mask = covered()
    over = pictures.copy()
    over[:, mask] += opacity * (level - over[:, mask])
    return np.rint(over).astype(np.uint8)


def test_what_shows_the_picture_is_let_go_and_nothing_else():
    wide = grown(covered(), 6)
    left = trimmed(wide, list(burned(soft_world(12))), ONE)
    safe = grown(covered(), SMEARED) & wide
    assert left[safe].all()
    assert (left & ~safe).sum() < 0.4 * (wide & ~safe).sum()
    assert not (left & ~wide).any()


def test_ten_bits_are_told_from_like_eight():
    wide, pictures = grown(covered(), 6), burned(soft_world(12))
    deep = [picture.astype(np.uint16) * 4 for picture in pictures]
    assert np.array_equal(trimmed(wide, deep, np.float32(4)), trimmed(wide, list(pictures), ONE))


@pytest.mark.parametrize(("speed", "frames"), [(0, FRAMES), (12, LEAST - 1)])
def test_where_nothing_can_be_told_the_mask_stays(speed, frames):
    """Nothing moves, or too little was seen."""
    wide = grown(covered(), 6)
    assert np.array_equal(trimmed(wide, list(burned(soft_world(speed, frames))), ONE), wide)


@pytest.mark.parametrize(
    ("level", "opacity"),
    [(128, 1.0), (0, 0.15), (255, 0.3)],
    ids=["as-bright-as-the-picture", "a-faint-shadow", "glass"],
)
def test_what_is_hardly_seen_stays_hidden(level, opacity):
    mask = covered()
    left = trimmed(grown(mask, 3), list(burned(soft_world(12), level, opacity)), ONE)
    assert left[mask].mean() > 0.97


def test_a_mask_of_nothing_at_all_stays():
    wide = covered()  # strokes 6 pixels wide: all of them would be peeled off
    assert np.array_equal(trimmed(wide, list(np.rint(soft_world(12)).astype(np.uint8)), ONE), wide)


def filled(pictures: np.ndarray, given: np.ndarray, hidden: np.ndarray, *, wide: bool) -> np.ndarray:
    stream = FillStream(Form(SIZE, (SIZE[0] // 2, SIZE[1] // 2), 8), wide=wide)
    grey, nothing = np.full((SIZE[0] // 2, SIZE[1] // 2), 128, np.uint8), np.zeros(SIZE, bool)
    made = []
    for number, picture in enumerate(given):
        made += stream.push(Frame(picture, grey, grey, hidden if 1 < number < FRAMES - 1 else nothing))
    made += stream.finish()
    assert len(made) == len(pictures)
    return np.stack([y for y, _, _ in made])


def test_a_fill_of_a_wide_mask_gives_back_what_was_visible():
    pictures, hidden = soft_world(37), grown(covered(), 6)
    given = np.rint(pictures).astype(np.uint8)
    given[2:-1] = burned(pictures)[2:-1]
    around = np.broadcast_to(hidden & ~grown(covered(), SMEARED), given[2:-1].shape)
    cautious, kept = (filled(pictures, given, hidden, wide=wide) for wide in (False, True))
    assert np.array_equal(kept[:, ~hidden], given[:, ~hidden])
    assert psnr(pictures[2:-1], kept[2:-1], around) > psnr(pictures[2:-1], cautious[2:-1], around) + 2
    inside = np.broadcast_to(covered(), given[2:-1].shape)
    assert psnr(pictures[2:-1], kept[2:-1], inside) > psnr(pictures[2:-1], cautious[2:-1], inside)
