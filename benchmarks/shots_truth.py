"""Which films have known shots? Real clips and stills, put together by seed with cuts, dissolves, fades and flashes.

A take is a clip, or a span of one, without a cut in it: `name.mp4`, or `name.mp4:30-75` for frames 30 to 74; a still is
looked at by a moving camera. Takes get their own crop, mirror, light and hand's shaking by chance, so that a few clips
make many places. Every shot is of another clip than the one before. Truth is exact, since the film is made here.

`python -m benchmarks.shots_truth film.mp4 --seed 5 --clips DIR` writes a film, and `film.mp4.json` with its truth.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
Kind = Literal["cut", "dissolve", "fade"]

FPS = 25
STILLS = {".jpg", ".jpeg", ".png"}
SHARES: dict[Kind, float] = {"cut": 0.62, "dissolve": 0.24, "fade": 0.14}
DISSOLVES = (8, 12, 18, 25, 35)
"""Frames in which both pictures are seen."""
FADES = (6, 10, 14, 20)
"""Frames down, and as many up."""
FLASHES = 0.2
"""Share of the shots with one or two flashes."""


@dataclass(frozen=True, slots=True)
class Take:
    """A run of frames of one file without a cut."""

    path: str
    first: int = 0
    end: int | None = None


@dataclass(slots=True)
class Truth:
    """What is in a film that was made here; frame numbers from 0."""

    frames: int = 0
    changes: list[tuple[Kind, int, int]] = field(default_factory=list)
    """Kind, last frame that is wholly the old shot, first that is wholly the new one."""
    flashes: list[int] = field(default_factory=list)


TUNED = (
    "bigbuckbunny.mp4:2-128",
    "bikes.mp4:33-72",
    "bikes.mp4:80-132",
    "bikes.mp4:141-182",
    "bikes.mp4:191-238",
)
"""Those on which the detector's thresholds were chosen; stills whose names begin with a to m as well."""
HELD_OUT = (
    "carphone_pristine.mp4",
    "cockatoo.mp4:2-270",
    "hamilton.mp4:24-80",
    "hamilton.mp4:84-209",
    "hamilton.mp4:213-270",
)
"""Never tuned on; stills from n on as well."""


def takes(folders: Sequence[Path], names: Sequence[str], letters: tuple[str, str]) -> list[Take]:
    """The takes of `names` that are in `folders`, and stills whose names begin within `letters`."""
    found = []
    for name in names:
        file, _, span = name.partition(":")
        path = next((folder / file for folder in folders if (folder / file).exists()), None)
        if path is not None:
            first, _, end = span.partition("-")
            found.append(Take(str(path), int(first or 0), int(end) if end else None))
    stills = (path for folder in folders for path in sorted(folder.iterdir()) if path.suffix in STILLS)
    return [*found, *(Take(str(path)) for path in stills if letters[0] <= path.name[0].lower() <= letters[1])]


def shot(take: Take, frames: int, size: tuple[int, int], chance: np.random.Generator) -> Iterator[Rgb]:
    """`frames` frames of `[h, w, 3]` RGB, fewer when the take is shorter."""
    view, light = _Camera(chance, Path(take.path).suffix in STILLS), _Light(chance)
    for number, picture in enumerate(islice(_pictures(take, frames, chance), frames)):
        yield light.on(view.on(picture, number / FPS, size))


def _pictures(take: Take, frames: int, chance: np.random.Generator) -> Iterator[Rgb]:
    if Path(take.path).suffix in STILLS:
        read = cv2.imread(take.path)
        assert read is not None
        still = np.ascontiguousarray(read[..., ::-1])
        for _ in range(frames):
            yield still.astype(np.uint8, copy=False)
        return
    with av.open(take.path) as container:
        total = take.end or container.streams.video[0].frames
        first = int(chance.integers(take.first, max(take.first, total - frames) + 1))
        for number, frame in enumerate(container.decode(video=0)):
            if number >= total:
                return
            if number >= first:
                yield frame.to_ndarray(format="rgb24")


class _Camera:
    """What part of the picture is seen: a crop that rests, pans, zooms, or shakes in a hand."""

    def __init__(self, chance: np.random.Generator, still: bool) -> None:
        self._zoom = chance.uniform(1.25, 2.2) if still else chance.choice([1.0, 1.0, 1.3, 1.7])
        self._at = chance.uniform(0, 1, 2)
        moves = still or chance.random() < 0.35
        self._speed = chance.uniform(-0.25, 0.25, 2) if moves else np.zeros(2)
        self._zooming = chance.uniform(-0.12, 0.12) if moves else 0.0
        self._shake = chance.uniform(0.0, 0.012) if chance.random() < 0.4 else 0.0
        self._phases = chance.uniform(0, 6.28, 4)
        self._mirror = chance.random() < 0.5

    def on(self, picture: Rgb, seconds: float, size: tuple[int, int]) -> Rgb:
        height, width = picture.shape[:2]
        scale = min(width / size[0], height / size[1]) / max(1.0, self._zoom * (1 + self._zooming * seconds))
        part = np.array([size[0] * scale, size[1] * scale])
        hand = np.sin(np.array([7.1, 9.3, 13.7, 11.9]) * seconds + self._phases)
        at = np.clip(self._at + self._speed * seconds, 0, 1) + self._shake * (hand[:2] + hand[2:])
        x, y = np.clip(at, 0, 1) * (np.array([width, height]) - part)
        affine = np.array([[scale, 0, x], [0, scale, y]])
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        small: NDArray[Any] = picture
        if scale > 1.6:  # far smaller: average first, so that nothing glitters
            small = cv2.resize(picture, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA)
            affine = np.array([[1, 0, x / scale], [0, 1, y / scale]])
        seen = cv2.warpAffine(small, affine, size, flags=how, borderMode=cv2.BORDER_REFLECT)
        return np.ascontiguousarray(seen[:, ::-1] if self._mirror else seen).astype(np.uint8, copy=False)


class _Light:
    """A grading that stays for a shot: gain, gamma, warmth."""

    def __init__(self, chance: np.random.Generator) -> None:
        levels = np.linspace(0, 1, 256)
        gamma, gain, warm = chance.uniform(0.75, 1.35), chance.uniform(0.75, 1.15), chance.uniform(-0.1, 0.1)
        table = [255 * gain * (1 + warm * side) * levels**gamma for side in (1, 0, -1)]
        self._table = np.clip(np.stack(table, 1), 0, 255).astype(np.uint8)[None]

    def on(self, picture: Rgb) -> Rgb:
        return cv2.LUT(picture, self._table).astype(np.uint8, copy=False)


def film(choice: Sequence[Take], seed: int, shots: int, size: tuple[int, int], truth: Truth) -> Iterator[Rgb]:
    """The frames of a film of so many shots; `truth` is filled on the way. Three shots' frames are held at most."""
    chance = np.random.default_rng(seed)
    used: str | None = None
    held: list[Rgb] = []
    for _ in range(shots):
        take = choice[int(chance.choice([i for i, each in enumerate(choice) if each.path != used]))]
        used = take.path
        coming = [*shot(take, int(chance.integers(25, 90)), size, chance)]
        if len(coming) < 25:
            continue
        flashed = _flash(coming, chance)
        if held:
            before, coming, change = _joined(held, coming, chance)
            yield from before
            truth.frames += len(before)
            truth.changes.append((change[0], truth.frames + change[1], truth.frames + change[2]))
            flashed = [at for at in flashed if at >= change[3]]
            truth.flashes += [truth.frames + at - change[3] + change[2] for at in flashed]
            yield from (shown := coming[: change[2]])
            truth.frames += len(shown)
            held = coming[change[2] :]
        else:
            truth.flashes += flashed
            held = coming
    yield from held
    truth.frames += len(held)


def _joined(
    one: list[Rgb], other: list[Rgb], chance: np.random.Generator
) -> tuple[list[Rgb], list[Rgb], tuple[Kind, int, int, int]]:
    """What is left of the old shot, the change and the new shot in one; and the change's kind, its last and first frame
    counted from there, and how many frames of the new shot went into it."""
    kind: Kind = chance.choice(list(SHARES), p=list(SHARES.values()))
    most = min(len(one), len(other)) // 2
    if kind == "cut":
        return one, other, ("cut", -1, 0, 0)
    if kind == "dissolve":
        length = min(int(chance.choice(DISSOLVES)), most)
        mixed = [
            cv2.addWeighted(a, 1 - share, b, share, 0).astype(np.uint8, copy=False)
            for a, b, share in zip(one[-length:], other, _ramp(length), strict=False)
        ]
        return one[:-length], [*mixed, *other[length:]], ("dissolve", -1, length, length)
    length, ground = min(int(chance.choice(FADES)), most), int(chance.choice([0, 0, 0, 255]))
    down = [
        _faded(picture, 1 - share, ground)
        for picture, share in zip(one[-length:], _ramp(length), strict=True)
    ]
    hold = [np.full_like(one[0], ground)] * int(chance.integers(0, 8))
    up = [_faded(picture, share, ground) for picture, share in zip(other, _ramp(length), strict=False)]
    made = [*down, *hold, *up]
    return one[:-length], [*made, *other[length:]], ("fade", -1, len(made), length)


def _ramp(length: int) -> list[float]:
    return [(number + 1) / (length + 1) for number in range(length)]


def _faded(picture: Rgb, share: float, ground: int) -> Rgb:
    return cv2.addWeighted(picture, share, picture, 0, ground * (1 - share)).astype(np.uint8, copy=False)


def _flash(pictures: list[Rgb], chance: np.random.Generator) -> list[int]:
    """Overexpose a frame or a few, somewhere inside; where."""
    if chance.random() >= FLASHES or len(pictures) < 30:
        return []
    at = int(chance.integers(10, len(pictures) - 12))
    strength = chance.uniform(70, 200)
    for number in range(int(chance.choice([1, 1, 2, 3]))):
        lit = pictures[at + number].astype(np.int16) + int(strength * 0.7**number)
        pictures[at + number] = np.clip(lit, 0, 255).astype(np.uint8)
    return [at]


def write(
    path: Path,
    choice: Sequence[Take],
    seed: int,
    shots: int,
    size: tuple[int, int] = (1280, 720),
    sound: NDArray[np.float32] | None = None,
) -> Truth:
    """Write a film as H.264 (with `sound`, 16 kHz mono, again and again, as AAC); its truth."""
    truth = Truth()
    with av.open(str(path), "w", format="mp4") as container:
        video = container.add_stream("libx264", FPS, options={"preset": "veryfast", "crf": "23"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.codec_context.thread_count = 1
        heard = None if sound is None else _Sound(container, sound)
        for number, picture in enumerate(film(choice, seed, shots, size, truth)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(frame))
            if heard is not None:
                heard.until((number + 1) / FPS)
        container.mux(video.encode())
        if heard is not None:
            heard.end()
    return truth


class _Sound:
    """A sound track that is written while the picture is."""

    def __init__(self, container: Any, sound: NDArray[np.float32]) -> None:
        self._container, self._sound, self._at = container, sound, 0
        self._stream = container.add_stream("aac", 16000, layout="mono")

    def until(self, seconds: float) -> None:
        while self._at + 1024 <= seconds * 16000:
            places = np.arange(self._at, self._at + 1024) % len(self._sound)
            frame = av.AudioFrame.from_ndarray(self._sound[places][None], format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 16000, self._at, Fraction(1, 16000)
            self._container.mux(self._stream.encode(frame))
            self._at += 1024

    def end(self) -> None:
        self._container.mux(self._stream.encode())


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.shots_truth", description=__doc__)
    parser.add_argument("film", type=Path)
    parser.add_argument("--clips", type=Path, action="append", required=True)
    parser.add_argument("--names", nargs="*", help="takes, see above; those of the held-out set without")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shots", type=int, default=60)
    given = parser.parse_args()
    choice = takes(given.clips, given.names or HELD_OUT, ("n", "z"))
    truth = write(given.film, choice, given.seed, given.shots)
    given.film.with_name(given.film.name + ".json").write_text(json.dumps(asdict(truth)))


if __name__ == "__main__":
    main()
