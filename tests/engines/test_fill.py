"""Is what was hidden found again, in the past, in the future or around it, and is nothing else touched?"""

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

from openvod.engines.fill import (
    FillStream,
    Form,
    Frame,
    ModelError,
    Painter,
    Window,
    fill_window,
    motion,
    stream,
)
from openvod.engines.fill.spatial import stretched
from openvod.engines.onnx_graph import Graph
from tests.engines.moving_pictures import Scene, letters, pan, psnr, unchanged


def spatial_only(window: Window) -> np.ndarray:
    return np.stack(
        [stretched(y.astype(np.float32), h) for y, h in zip(window.y, window.hidden, strict=True)]
    )


def test_a_passing_texture_comes_back_almost_exactly():
    scene = pan(16)
    window = scene.burned(letters(range(2, 14), 16))
    filled = fill_window(window)
    made = psnr(scene.y, filled[0], window.hidden)
    assert made > 38
    assert made > psnr(scene.y, spatial_only(window), window.hidden) + 9
    assert psnr(scene.u, filled[1], window.hidden[:, ::2, ::2]) > 34
    assert unchanged(window, filled)


def test_what_stands_still_comes_from_before_or_after():
    scene = pan(12, speed=(0, 0))
    window = scene.burned(letters(range(3, 12), 12))
    filled = fill_window(window)
    assert psnr(scene.y, filled[0], window.hidden) > 45


def test_what_is_never_seen_comes_from_around():
    scene = pan(5, speed=(0, 0))
    window = scene.burned(letters(range(5), 5))
    filled = fill_window(window)
    around = spatial_only(window)
    assert np.abs(filled[0].astype(float) - around)[window.hidden].max() <= 1.5
    assert unchanged(window, filled)


def test_one_frame_is_filled_from_around():
    scene = pan(1)
    window = scene.burned(letters(range(1), 1))
    filled = fill_window(window)
    assert psnr(scene.y, filled[0], window.hidden) > psnr(scene.y, window.y, window.hidden) + 8


def test_nothing_is_taken_from_across_a_cut():
    """Before the cut all is dark, after it all is bright: a chain across would show."""
    before, after = pan(6, speed=(0, 0)), pan(6, speed=(0, 0), seed=9)
    y = np.concatenate([before.y // 4, after.y // 4 + 180])
    scene = Scene(y, np.concatenate([before.u, after.u]), np.concatenate([before.v, after.v]))
    window = scene.burned(letters(range(2, 10), 12), frozenset({6}))
    filled = fill_window(window)
    assert psnr(scene.y, filled[0], window.hidden) > 40
    blind = fill_window(scene.burned(letters(range(6, 10), 12)))  # the only way back leads over the cut
    assert unchanged(scene.burned(letters(range(6, 10), 12)), blind)
    only_cut = scene.burned(letters(range(6, 12), 12), frozenset({6}))
    made = fill_window(only_cut)[0]
    assert np.abs(made.astype(float) - spatial_only(only_cut))[only_cut.hidden].max() <= 1.5


def test_ten_bits_are_used():
    scene = pan(12, depth=10)
    window = scene.burned(letters(range(2, 10), 12))
    filled = fill_window(window)
    assert filled[0].dtype == np.uint16
    assert psnr(scene.y, filled[0], window.hidden, depth=10) > 38
    assert len(np.unique(filled[0][window.hidden] % 4)) == 4
    assert unchanged(window, filled)


@pytest.mark.parametrize(
    ("size", "step"),
    [((97, 161), (2, 2)), ((96, 160), (1, 2)), ((96, 160), (1, 1)), ((31, 43), (2, 2)), ((13, 15), (2, 2))],
)
def test_sizes_and_chroma_forms(size, step):
    scene = pan(6, size, (0, 1), step=step)
    window = scene.burned(letters(range(1, 5), 6, size))
    filled = fill_window(window)
    assert [plane.shape for plane in filled] == [window.y.shape, window.u.shape, window.v.shape]
    assert unchanged(window, filled)
    assert psnr(scene.y, filled[0], window.hidden) > psnr(scene.y, window.y, window.hidden) + 6


def test_a_frame_hidden_altogether_is_filled_from_its_neighbours():
    scene = pan(5, speed=(0, 0))
    hidden = np.zeros(scene.y.shape, bool)
    hidden[2] = True
    filled = fill_window(scene.burned(hidden))
    assert psnr(scene.y, filled[0], hidden) > 40


def test_the_fill_is_as_calm_as_the_picture():
    """Noise that changes from frame to frame must not make a still place restless."""
    scene = pan(20, speed=(0, 0))
    rng = np.random.default_rng(1)
    noisy = np.clip(scene.y + rng.normal(0, 3, scene.y.shape), 0, 255).astype(np.uint8)
    scene = Scene(noisy, scene.u, scene.v)
    window = scene.burned(letters(range(4, 16), 20))
    filled = fill_window(window)[0].astype(float)
    inside = np.abs(np.diff(filled[4:16], axis=0))[window.hidden[5:16]].mean()
    beside = np.abs(np.diff(noisy[4:16].astype(float), axis=0)).mean()
    assert inside < 0.6 * beside


def still_steps(pictures: list[np.ndarray]) -> int:
    """How many steps from picture to picture count as a standstill."""
    finder = motion.MotionFinder(pictures[0].shape)
    visible = np.zeros(pictures[0].shape, bool)
    ready = [finder.prepare(0, pictures[0], visible, 8)]
    found = 0
    for number, picture in enumerate(pictures[1:], 1):
        ready.append(finder.prepare(number, picture, visible, 8))
        found += finder.both(ready[-2], ready[-1]) == (motion.STANDSTILL, motion.STANDSTILL)
    return found


def test_a_standstill_is_told_from_a_slow_pan():
    whole = pan(1, (120, 240)).y[0]
    rng = np.random.default_rng(2)

    def moved(number: int, speed: float) -> np.ndarray:
        away = np.array([[1, 0, -speed * number], [0, 1, 0]], np.float32)
        picture = cv2.warpAffine(whole, away, whole.shape[::-1], flags=cv2.INTER_CUBIC)[:, 20:200]
        return np.clip(picture + rng.normal(0, 0.5, picture.shape), 0, 255).astype(np.uint8)

    count = motion.LONG + 10
    assert still_steps([moved(number, 0) for number in range(count)]) == 11
    assert still_steps([moved(number, 0.2) for number in range(count)]) == 0
    passing = [moved(number, 0) for number in range(count)]
    for number, picture in enumerate(passing):
        picture[50:66, 3 * number : 3 * number + 16] = 220
    assert still_steps(passing) == 0


def stream_of(window: Window, sizes: list[int] | None = None) -> list[np.ndarray]:
    filling = FillStream(Form(window.y.shape[1:], window.u.shape[1:], window.depth))
    made = []
    for t, planes in enumerate(zip(window.y, window.u, window.v, window.hidden, strict=True)):
        done = filling.push(Frame(*planes, cut=t in window.cuts))
        made += done
        if sizes is not None:
            sizes.append(t + 1 - len(made))
    made += filling.finish()
    return [y for y, _, _ in made]


def test_frames_come_out_in_order_and_as_soon_as_they_can():
    scene = pan(30)
    window = scene.burned(letters(range(5, 15), 30))
    waiting: list[int] = []
    made = stream_of(window, waiting)
    assert len(made) == 30
    assert waiting[4] == 0
    assert waiting[14] == 10
    assert waiting[15] == 0  # the first clear frame frees the cue


def test_an_endless_cue_is_filled_in_bounded_memory(monkeypatch):
    monkeypatch.setattr(stream, "AHEAD", 12)
    monkeypatch.setattr(stream, "BLOCK", 8)
    monkeypatch.setattr(stream, "PAST", 10)
    frames, size = 60, (40, 64)
    scene = pan(frames, size, (0, 1))
    window = scene.burned(letters(range(1, frames), frames, size))
    waiting: list[int] = []
    made = stream_of(window, waiting)
    assert len(made) == frames
    assert max(waiting) == 8 + 12 - 1
    assert psnr(scene.y[10:-10], np.stack(made)[10:-10], window.hidden[10:-10]) > 29


def painter_model(folder: Path, level: float, *, channels: int = 3, whole: float = 1.0) -> Path:
    """A graph that paints every masked pixel in one grey: picture x (1 - mask) + level x mask, times `whole`."""
    graph = Graph()
    picture = graph.input("image", "float32", [1, channels, "h", "w"])
    mask = graph.input("mask", "float32", [1, 1, "h", "w"])
    one, grey, scale = (graph.constant(np.array([n], np.float32)) for n in (1, level, whole))
    (keep,) = graph.node("Sub", [one, mask])
    (kept,) = graph.node("Mul", [picture, keep])
    (new,) = graph.node("Mul", [mask, grey])
    (both,) = graph.node("Add", [kept, new])
    graph.node("Mul", [both, scale], ["painted"])
    graph.output("painted", "float32", [1, channels, "h", "w"])
    path = folder / "painter.onnx"
    path.write_bytes(graph.model())
    return path


@pytest.mark.parametrize("whole", [1.0, 255.0])
def test_a_model_of_ones_own_paints_what_nothing_else_shows(tmp_path, whole):
    scene = pan(3, speed=(0, 0))
    window = scene.burned(letters(range(3), 3))
    filled = fill_window(window, Painter(painter_model(tmp_path, 0.4, whole=whole)))
    assert np.abs(filled[0][window.hidden].astype(int) - 102).max() <= 2
    assert np.abs(filled[1][:, ::1, ::1][window.hidden[:, ::2, ::2]].astype(int) - 128).max() <= 2
    assert unchanged(window, filled)


def test_a_model_is_not_asked_for_what_the_past_shows(tmp_path):
    scene = pan(8, speed=(0, 0))
    window = scene.burned(letters(range(2, 6), 8))
    filled = fill_window(window, Painter(painter_model(tmp_path, 0.0)))
    assert psnr(scene.y, filled[0], window.hidden) > 40


def test_a_file_that_is_no_such_model_is_refused(tmp_path):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    with pytest.raises(ModelError, match=r"broken\.onnx cannot be loaded"):
        Painter(broken)
    with pytest.raises(ModelError, match="3 channels"):
        Painter(painter_model(tmp_path, 0.5, channels=4))


def test_the_same_frames_give_the_same_fill_however_they_are_cut_up():
    scene = pan(20)
    window = scene.burned(letters(range(5, 15), 20))
    made = np.stack(stream_of(window))
    assert np.array_equal(made, fill_window(window)[0])
    assert all(np.array_equal(a, b) for a, b in itertools.islice(zip(made, window.y, strict=True), 5))
