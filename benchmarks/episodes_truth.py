"""Which episodes have known openings and endings? Series put together by seed: a cold open, the opening, a body, the ending.

The opening and the ending of a series are the same pictures and sound in each of its episodes, but every episode is
levelled, noised and coded in its own way, and a card of its own may stand on the opening. Bodies have their own shots and
voices, some over music of the same style, key and speed as the opening's. Truth is exact, since the episodes are made here.

`python -m benchmarks.episodes_truth DIR --seed 5 --clips DIR --voices DIR` writes a series, and its truth.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks import shots_truth
from benchmarks.shots_truth import HELD_OUT, TUNED, Take
from openvod.media import audio

Rgb = NDArray[np.uint8]
Samples = NDArray[np.float32]

FPS = 25
RATE = 22050
SIZE = (320, 180)


@dataclass(frozen=True, slots=True)
class Material:
    """Real clips and voices; synthetic ones stand in where there are none."""

    takes: tuple[Take, ...] = ()
    voices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Episode:
    """A file, and where its opening and ending lie, in seconds."""

    path: str
    seconds: float
    head: tuple[float, float]
    tail: tuple[float, float]


def material(clips: Path | None, voices: Path | None, *, held_out: bool) -> Material:
    """What lies in two folders; of the known clips those that thresholds were chosen on, or the others."""
    letters = ("n", "z") if held_out else ("a", "m")
    takes = shots_truth.takes([clips], HELD_OUT if held_out else TUNED, letters) if clips else []
    found = sorted(voices.glob("*.wav")) if voices else []
    return Material(tuple(takes), tuple(str(path) for path in found[held_out::2]))


def series(folder: Path, seed: int, count: int, given: Material, *, pictures: bool = True) -> list[Episode]:
    """Write `count` episodes of the series `seed` into a folder."""
    chance = np.random.default_rng([seed, 0])
    style = _Style.drawn(chance)
    head, tail = float(chance.integers(250, 800)) / FPS, float(chance.integers(260, 600)) / FPS
    shared = [(music(style, head, [seed, 1]), [seed, 3]), (music(style, tail, [seed, 2]), [seed, 4])]
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(count):
        own = np.random.default_rng([seed, 10 + number])
        cold = 0.0 if own.random() < 0.25 else float(own.integers(100, 700)) / FPS
        body = max(2.2 * (cold + head + tail), 60.0) + float(own.integers(0, 500)) / FPS
        last = 0.0 if own.random() < 0.5 else float(own.integers(25, 150)) / FPS
        parts = [
            _Part(cold, _body(style, cold, [seed, 20 + number], given), (seed, 40 + number)),
            _Part(head, shared[0][0], tuple(shared[0][1]), card=own.random() < 0.4),
            _Part(body, _body(style, body, [seed, 60 + number], given), (seed, 80 + number)),
            _Part(tail, shared[1][0], tuple(shared[1][1])),
            _Part(last, _body(style, last, [seed, 100 + number], given), (seed, 120 + number)),
        ]
        path = folder / f"Series {seed} E{number + 1:02}.{'mp4' if pictures else 'm4a'}"
        _write(path, parts, given, own, pictures=pictures)
        outro = cold + head + body
        end = outro + tail
        made.append(Episode(str(path), end + last, (cold, cold + head), (outro, end)))
    return made


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of an episode; `look` is the seed of its pictures."""

    seconds: float
    sound: Samples
    look: tuple[int, ...]
    card: bool = False


@dataclass(frozen=True, slots=True)
class _Style:
    """What makes music sound like other music: notes apart."""

    beat: float
    root: float
    scale: tuple[int, ...]
    timbre: tuple[float, ...]

    @staticmethod
    def drawn(chance: np.random.Generator) -> "_Style":
        scales = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9))
        return _Style(
            60 / float(chance.uniform(80, 150)),
            110 * 2 ** float(chance.uniform(0, 1)),
            scales[int(chance.integers(3))],
            tuple(float(each) for each in chance.uniform(0.1, 1.0, 6) / np.arange(1, 7)),
        )


def music(style: _Style, seconds: float, seed: Sequence[int]) -> Samples:
    """Chords, a melody and a drum, `[samples]`; other notes with each seed."""
    chance = np.random.default_rng(list(seed))
    total = np.zeros(round(seconds * RATE), np.float32)
    at, beat = 0.0, 0
    while at < seconds:
        degree = int(chance.integers(len(style.scale)))
        if beat % 4 == 0:
            for third in (0, 2, 4):
                _note(total, style, at, 4 * style.beat, degree + third, 0.10)
        for half in range(2):
            _note(total, style, at + half * style.beat / 2, style.beat / 2, int(chance.integers(14)) + 7, 0.2)
        first = round(at * RATE)
        length = min(len(total) - first, RATE // 8)
        if length > 0:
            fall = np.exp(-np.arange(length) / (RATE / 40)).astype(np.float32)
            total[first : first + length] += 0.15 * fall * chance.standard_normal(length).astype(np.float32)
        at, beat = at + style.beat, beat + 1
    return total


def _note(total: Samples, style: _Style, at: float, seconds: float, degree: int, level: float) -> None:
    octave, step = divmod(degree, len(style.scale))
    pitch = style.root * 2 ** (octave + style.scale[step] / 12)
    first = round(at * RATE)
    length = min(len(total) - first, round(seconds * RATE))
    if length <= 0:
        return
    time = np.arange(length, dtype=np.float32) / RATE
    envelope = np.minimum(1, time / 0.01) * np.exp(-2.5 * time / seconds)
    wave = sum(
        loud * np.sin(2 * np.pi * pitch * number * time) for number, loud in enumerate(style.timbre, 1)
    )
    total[first : first + length] += (level * envelope * wave).astype(np.float32)


def _body(style: _Style, seconds: float, seed: Sequence[int], given: Material) -> Samples:
    """Talk over a room's noise, half of the time over music of the style."""
    chance = np.random.default_rng(list(seed))
    count = round(seconds * RATE)
    sound = 0.003 * chance.standard_normal(count).astype(np.float32) + _talk(count, chance, given)
    if chance.random() < 0.5:
        sound += np.float32(chance.uniform(0.3, 1.0)) * music(style, seconds, [*seed, 9])[:count]
    return sound


def _talk(count: int, chance: np.random.Generator, given: Material) -> Samples:
    total = np.zeros(count, np.float32)
    at = int(chance.integers(RATE))
    while at < count:
        length = int(chance.uniform(1.5, 6.0) * RATE)
        if given.voices:
            voice = _voice(given.voices[int(chance.integers(len(given.voices)))])
            first = int(chance.integers(max(1, len(voice) - length)))
            piece = voice[first : first + length]
        else:
            piece = _babble(length, chance)
        piece = piece[: count - at]
        total[at : at + len(piece)] += piece
        at += length + int(chance.uniform(0.2, 1.5) * RATE)
    return total


_VOICES: dict[str, Samples] = {}


def _voice(path: str) -> Samples:
    if path not in _VOICES:
        _VOICES[path] = np.concatenate([*audio.decode(Path(path), rate=RATE)])
    return _VOICES[path]


def _babble(length: int, chance: np.random.Generator) -> Samples:
    """Something with syllables and a pitch, where there is no voice."""
    time = np.arange(length, dtype=np.float32) / np.float32(RATE)
    pitch = chance.uniform(90, 220) * (1 + 0.15 * np.sin(2 * np.pi * chance.uniform(0.3, 1.0) * time))
    phase = (2 * np.pi * np.cumsum(pitch) / RATE).astype(np.float32)
    loud = chance.uniform(0.1, 1.0, 10)
    syllables = np.abs(np.sin(np.pi * chance.uniform(2.5, 4.5) * time)) ** 1.5
    wave = np.sum([level * np.sin(number * phase) for number, level in enumerate(loud, 1)], axis=0)
    babble: Samples = (0.05 * syllables * wave).astype(np.float32)
    return babble


def _write(
    path: Path, parts: Sequence[_Part], given: Material, chance: np.random.Generator, *, pictures: bool
) -> None:
    """One episode, in a level, noise and coding of its own."""
    sound = np.concatenate([part.sound for part in parts])
    sound = sound * np.float32(10 ** (chance.uniform(-9, 3) / 20))
    noise = float(np.sqrt((sound**2).mean())) * 10 ** (-chance.uniform(18, 35) / 20)
    sound = np.clip(sound + noise * chance.standard_normal(len(sound)).astype(np.float32), -1, 1)
    with av.open(str(path), "w") as container:
        track = None
        if pictures:
            crf = str(int(chance.integers(20, 33)))
            gop = str(int(chance.choice([12, 50, 250])))
            track = container.add_stream(
                "libx264", FPS, options={"preset": "ultrafast", "crf": crf, "g": gop}
            )
            track.width, track.height = SIZE
            track.pix_fmt = "yuv420p"
        audio_track: Any = container.add_stream("aac", RATE)
        audio_track.layout = "mono"
        audio_track.bit_rate = int(chance.choice([48, 64, 96, 160])) * 1000
        if track is not None:
            for number, picture in enumerate(_frames(parts, given)):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
                frame.pts, frame.time_base = number, Fraction(1, FPS)
                container.mux(track.encode(frame))
            container.mux(track.encode(None))
        for first in range(0, len(sound), 1024):
            block = av.AudioFrame.from_ndarray(
                sound[None, first : first + 1024], format="fltp", layout="mono"
            )
            block.sample_rate, block.pts, block.time_base = RATE, first, Fraction(1, RATE)
            container.mux(audio_track.encode(block))
        container.mux(audio_track.encode(None))


def _frames(parts: Sequence[_Part], given: Material) -> Iterator[Rgb]:
    for part in parts:
        for number, picture in enumerate(_looks(part, given)):
            if part.card and number > FPS:
                picture[150:170, 20:200] = 230
            yield picture


def _looks(part: _Part, given: Material) -> Iterator[Rgb]:
    """The pictures of a part: shots of one to five seconds."""
    chance = np.random.default_rng(list(part.look))
    left = round(part.seconds * FPS)
    while left > 0:
        wanted = min(left, int(chance.integers(25, 125)))
        seed = int(chance.integers(2**31))
        for picture in _shot(wanted, seed, given):
            yield picture
            left -= 1


def _shot(wanted: int, seed: int, given: Material) -> Iterator[Rgb]:
    chance = np.random.default_rng(seed)
    if given.takes:
        take = given.takes[int(chance.integers(len(given.takes)))]
        for picture in shots_truth.shot(take, wanted, SIZE, chance):
            yield picture.copy()
        return
    ground = chance.integers(0, 255, (6, 8, 3), np.uint8).repeat(30, 0).repeat(40, 1)
    for number in range(wanted):
        yield np.roll(ground, number // 2, 1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.episodes_truth")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=2)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--voices", type=Path)
    given = parser.parse_args()
    found = material(given.clips, given.voices, held_out=False)
    made = series(given.folder, given.seed, given.count, found)
    (given.folder / "truth.json").write_text(json.dumps([asdict(each) for each in made], indent=2) + "\n")


if __name__ == "__main__":
    main()
