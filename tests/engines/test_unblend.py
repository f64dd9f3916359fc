"""Does what was under a half-transparent mark come back, and is the rest left to the fill?"""

import numpy as np
import pytest

from openvod.engines.fill import FillStream, Form, Frame, Window
from openvod.engines.unblend import Veil, estimate, lift
from tests.engines.moving_pictures import letters, pan, psnr, unchanged

SIZE = (96, 160)
FORM = Form(SIZE, (48, 80), 8)


def marked(opacity: float, colour=(220, 90, 180), frames: int = 40, seed: int = 0):
    """A pan with soft letters laid over; clean planes, marked planes and the mask."""
    scene = pan(frames, SIZE, (1, 3), seed=seed)
    rng = np.random.default_rng(seed)
    light = rng.uniform(0.4, 1.0, frames)[
        :, None, None
    ]  # the brightness behind the mark changes with the scenes
    y = (scene.y * light).astype(np.uint8)
    hidden = letters(range(1), 1)[0]
    cover = opacity * hidden.astype(np.float64)
    thin = cover.reshape(48, 2, 80, 2).mean((1, 3))
    clean = (y, scene.u, scene.v)
    planes = [
        np.rint(plane * (1 - part) + part * level).astype(np.uint8)
        for plane, part, level in zip(clean, (cover, thin, thin), colour, strict=True)
    ]
    return clean, planes, hidden


def frames_of(planes):
    return list(zip(*planes, strict=True))


@pytest.mark.parametrize("opacity", [0.25, 0.5, 0.75])
def test_a_mark_of_one_colour_is_found_and_lifted(opacity):
    clean, planes, hidden = marked(opacity)
    veil = estimate(frames_of(planes)[::2], hidden, FORM)
    assert veil is not None
    assert np.median(veil.opacity[hidden]) == pytest.approx(opacity, abs=0.06)
    assert veil.colour == pytest.approx((220, 90, 180), abs=25)
    lifted = [lift(each, hidden, veil, FORM).planes for each in frames_of(planes)]
    where = np.broadcast_to(hidden, clean[0].shape)
    made = np.stack([y for y, _, _ in lifted])
    assert psnr(clean[0], made, where) > psnr(clean[0], planes[0], where) + 8
    assert psnr(clean[0], made, where) > 30


def test_only_the_mark_is_touched():
    _, planes, hidden = marked(0.5, frames=16)
    veil = estimate(frames_of(planes), hidden, FORM)
    assert veil is not None
    for number, frame in enumerate(frames_of(planes)):
        window = Window(*(plane[number : number + 1] for plane in planes), hidden[None])
        lifted = lift(frame, hidden, veil, FORM)
        assert unchanged(window, tuple(plane[None] for plane in lifted.planes))


def test_an_opaque_mark_has_nothing_to_lift():
    _, planes, hidden = marked(1.0)
    assert estimate(frames_of(planes), hidden, FORM) is None


def test_an_opaque_mark_is_told_from_a_glass_one_by_what_does_not_change_behind_it():
    """Where the brightness behind it hardly changes, its own does not tell: the line through both is as good as any."""
    rng = np.random.default_rng(3)
    scene = pan(40, SIZE, (1, 3))
    y = (150 + (scene.y.astype(np.float64) - scene.y.mean()) * 0.3 + rng.normal(0, 1, scene.y.shape)).astype(
        np.uint8
    )
    hidden = letters(range(1), 1)[0]
    flat = np.full(scene.u.shape, 128, np.uint8)

    def found(opacity: float) -> Veil | None:
        luma = np.rint(y + opacity * hidden * (200.0 - y)).astype(np.uint8)
        return estimate(frames_of((luma, flat, flat)), hidden, FORM)

    assert found(1.0) is None
    assert found(0.4) is not None


def test_a_mark_at_the_very_edge_of_the_picture_is_lifted():
    """There may be nothing beside it to compare it with."""
    clean, planes, hidden = marked(0.5)
    rows, columns = slice(46, 76), slice(38, None)
    cut = [plane[:, 46:76, 38:] if plane.shape[1] == SIZE[0] else plane[:, 23:38, 19:] for plane in planes]
    own = hidden[rows, columns]
    form = Form(own.shape, cut[1].shape[1:], 8)
    veil = estimate(frames_of(cut)[::2], own, form)
    assert veil is not None
    made = np.stack([lift(each, own, veil, form).planes[0] for each in frames_of(cut)])
    where = np.broadcast_to(own, made.shape)
    assert psnr(clean[0][:, rows, columns], made, where) > psnr(clean[0][:, rows, columns], cut[0], where) + 8


def test_no_mark_gives_none():
    _, planes, hidden = marked(0.0)
    assert estimate(frames_of(planes), hidden, FORM) is None


def test_a_few_frames_do_not_tell():
    _, planes, hidden = marked(0.5, frames=7)
    assert estimate(frames_of(planes), hidden, FORM) is None


def test_colours_brought_back_stay_near_those_around():
    """A wrong colour of the mark must not paint the picture."""
    clean, planes, hidden = marked(0.6, frames=8)
    veil = Veil((0.6 * hidden).astype(np.float32), (220.0, 255.0, 0.0), np.ones(SIZE, np.float32), 0.0)
    _, u, _ = lift(frames_of(planes)[0], hidden, veil, FORM).planes
    assert np.abs(u.astype(int) - clean[1][0])[hidden[::2, ::2]].max() < 120


@pytest.mark.parametrize("opacity", [0.3, 0.6])
def test_lifted_and_filled_together_are_better_than_filled(opacity):
    clean, planes, hidden = marked(opacity)
    veil = estimate(frames_of(planes), hidden, FORM)
    assert veil is not None

    def made(with_lift: bool) -> np.ndarray:
        filling = FillStream(FORM)
        out = []
        for each in frames_of(planes):
            out += filling.push(Frame(*each, hidden, lift(each, hidden, veil, FORM) if with_lift else None))
        return np.stack([y for y, _, _ in [*out, *filling.finish()]])

    where = np.broadcast_to(hidden, clean[0].shape)
    assert psnr(clean[0], made(True), where) > psnr(clean[0], made(False), where) + 1
