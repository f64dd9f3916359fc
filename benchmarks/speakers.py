"""How often is speech given to the wrong speaker? Conversations made by seed from clips of one speaker each.

Turns of 2 to 8 s follow each other with 0.05 to 0.6 s between them and never overlap; each is brought to the same level
and then up to 3 dB away from it, and one noise, 30 dB below, lies over all of them. The truth is where the clips' own
sound is, pauses up to 0.3 s included. `--data DIR` takes clips of fourteen speakers: half of them are those on which the
thresholds were chosen, the other half (`held out`) gives the figures. Clips are short, so sentences return, which
makes voices easier to tell apart and single ones easier to split. Without it, the one clip of the model table is
played at several speeds, which are heard as several voices. Real clips (`diarization/*.rttm` in DIR) stand beside,
with their overlaps.

The diarization error is (missed + invented + given to another) / speech, without a collar; with one of 0.25 s beside.
"""

import argparse
import itertools
import json
import tempfile
import time
import wave
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.engines import catalog, speakers, speech
from openvod.media import audio

Samples = NDArray[np.float32]
Row = tuple[float, float, int]
"""Start and end in seconds, speaker from 0."""

TUNED: Mapping[str, Sequence[str]] = {
    "arctic": ["ds_arctic24.wav"],
    "aishell": ["zh_aishell.wav"],
    "cards": ["ps_cards_005.wav"],
    "german": ["leopard_test_de.wav"],
    "kennedy": ["jfk.flac"],
    "sense": ["librivox_sense_0870.wav", "librivox_sense_0890.wav", "librivox_sense_0930.wav"],
    "spanish": ["leopard_test_es.wav"],
}
HELD_OUT: Mapping[str, Sequence[str]] = {
    "cities": ["moon_two_cities.wav"],
    "corpus": ["mfa_acoustic_corpus.wav"],
    "digits": ["vosk_test.wav"],
    "english": ["leopard_test.wav"],
    "french": ["leopard_test_fr.wav"],
    "japanese": ["leopard_test_ja.wav"],
    "portuguese": ["leopard_test_pt.wav"],
}
SPEEDS = (1.0, 0.82, 1.22, 0.68)
COUNTS = (1, 2, 3, 4)
FIRST_SEED = {"tuned": 0, "held out": 1000, "speeds": 2000}
SPEECH, NOISE = 0.05, 0.05 * 10 ** (-30 / 20)
"""Root mean squares of speech and of the noise over it."""
TICK = 0.01
"""Seconds of the grid on which errors are counted."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation whose turns are known."""

    sound: Samples
    rows: list[Row]

    @property
    def seconds(self) -> float:
        return len(self.sound) / audio.RATE


def active(sound: Samples) -> NDArray[np.bool_]:
    """For each sample, whether somebody speaks, by level alone: above 40 % of the way, in dB, from the clip's floor to
    its top, and within 32 dB of the top. Silences up to 0.3 s inside count as speech."""
    frames = len(sound) // 160
    power = np.mean(np.square(sound[: frames * 160]).reshape(frames, 160), axis=1)
    level = 10 * np.log10(power + 1e-12)
    top, floor = np.percentile(level, 95), np.percentile(level, 5)
    loud = np.convolve(level > max(top - 32, floor + 0.4 * (top - floor)), np.ones(5), "same") >= 2
    edges = np.flatnonzero(np.diff(np.concatenate([[1], loud.astype(int), [1]])))
    for begin, stop in zip(edges[::2], edges[1::2], strict=True):
        if stop - begin <= 30 and begin > 0 and stop < frames:
            loud[begin:stop] = True
    return np.pad(np.repeat(loud, 160), (0, len(sound) - frames * 160))


def talk(seed: int, clips: Sequence[Sequence[Samples]], seconds: float = 75.0) -> Talk:
    """A conversation among the speakers of `clips`; nobody has two turns in a row, and all speak early on."""
    chance = np.random.default_rng(seed)
    parts, rows, at = [np.zeros(audio.RATE // 2, np.float32)], list[Row](), audio.RATE // 2
    order: list[int] = [*chance.permutation(len(clips)).tolist()]
    while at < seconds * audio.RATE:
        who = order.pop(0) if order else int(chance.integers(len(clips)))
        if rows and len(clips) > 1 and rows[-1][2] == who:
            continue
        piece, loud = _piece(chance, clips[who][int(chance.integers(len(clips[who])))])
        edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(int), [0]])))
        for begin, stop in zip(edges[::2], edges[1::2], strict=True):
            rows.append(((at + int(begin)) / audio.RATE, (at + int(stop)) / audio.RATE, who))
        gap = int(chance.uniform(0.05, 0.6) * audio.RATE)
        parts += [piece, np.zeros(gap, np.float32)]
        at += len(piece) + gap
    sound = np.concatenate(parts)
    return Talk((sound + chance.normal(0, NOISE, len(sound))).astype(np.float32), rows)


def _piece(chance: np.random.Generator, clip: Samples) -> tuple[Samples, NDArray[np.bool_]]:
    """2 to 8 s of a clip, or all of a shorter one, from its first sound to its last; and where it sounds."""
    loud = active(clip)
    while True:
        length = min(int(chance.uniform(2, 8) * audio.RATE), len(clip))
        begin = int(chance.integers(len(clip) - length + 1))
        own = np.flatnonzero(loud[begin : begin + length])
        if len(own) >= audio.RATE:
            break
    part = slice(begin + int(own[0]), begin + int(own[-1]) + 1)
    sound = clip[part] * np.float32(10 ** (chance.uniform(-3, 3) / 20))
    fade = np.linspace(0, 1, 160, dtype=np.float32)
    sound[:160] *= fade
    sound[-160:] *= fade[::-1]
    return sound, loud[part]


def errors(truth: Sequence[Row], found: Sequence[Row], collar: float = 0.0) -> tuple[float, float, float]:
    """Shares of the speech that were missed, invented, and given to another, with the best naming of speakers."""
    ticks = int(max(end for _, end, _ in [*truth, *found]) / TICK) + 2
    said, heard = _grid(truth, ticks), _grid(found, ticks)
    if collar:
        counted = np.ones(ticks, bool)
        for time_ in (edge for start, end, _ in truth for edge in (start, end)):
            counted[max(0, round((time_ - collar) / TICK)) : round((time_ + collar) / TICK)] = False
        said, heard = said[counted], heard[counted]
    common = said.T.astype(int) @ heard.astype(int)
    if common.shape[0] > common.shape[1]:
        common = common.T
    namings = itertools.permutations(range(common.shape[1]), common.shape[0])
    right = max(sum(int(common[i, j]) for i, j in enumerate(naming)) for naming in namings)
    by_truth, by_us = said.sum(axis=1), heard.sum(axis=1)
    whole = max(int(by_truth.sum()), 1)
    missed, invented = np.maximum(by_truth - by_us, 0).sum(), np.maximum(by_us - by_truth, 0).sum()
    return missed / whole, invented / whole, (np.minimum(by_truth, by_us).sum() - right) / whole


def _grid(rows: Sequence[Row], ticks: int) -> NDArray[np.bool_]:
    grid = np.zeros((ticks, max((who for *_, who in rows), default=0) + 1), bool)
    for start, end, who in rows:
        grid[round(start / TICK) : round(end / TICK), who] = True
    return grid


def measure(clip: Path, rows: Sequence[Row], models: Path, told: int | None = None) -> dict[str, float]:
    """One file: errors, how many speakers were found, and the cost of telling them apart."""
    spans = speech.find_speech(audio.decode(clip), models)
    begin = time.process_time()
    turns = speakers.who_speaks(clip, spans, models, told)
    cost = time.process_time() - begin
    found = [(turn.start, turn.end, turn.speaker - 1) for turn in turns]
    missed, invented, confused = errors(rows, found)
    return {
        "error": missed + invented + confused,
        "missed": missed,
        "invented": invented,
        "confused": confused,
        "error_with_collar": sum(errors(rows, found, 0.25)),
        "found": len({turn.speaker for turn in turns}),
        "cpu_seconds": cost,
    }


def summary(rows: Sequence[Mapping[str, float]], seconds: float, told: int) -> dict[str, Any]:
    mean = {key: float(np.mean([row[key] for row in rows])) for key in rows[0] if key != "cpu_seconds"}
    right = sum(row["found"] == told for row in rows)
    cost = sum(row["cpu_seconds"] for row in rows) / seconds
    worst = max(row["error"] for row in rows)
    return mean | {"worst": worst, "right_number": right, "files": len(rows), "cpu_per_second": cost}


def voices(data: Path | None, models: Path) -> dict[str, list[list[Samples]]]:
    """Clips by speaker, in the groups whose figures are told apart."""
    if data is None:
        clip = catalog.file(models, "clips-speech", "two_cities.wav")
        return {"speeds": [[_levelled(clip, speed)] for speed in SPEEDS]}
    folder = data / "speech" if (data / "speech").exists() else data
    return {
        name: [[_levelled(folder / file) for file in files] for files in group.values()]
        for name, group in (("tuned", TUNED), ("held out", HELD_OUT))
    }


def _levelled(clip: Path, speed: float = 1.0) -> Samples:
    sound = np.concatenate([*audio.decode(clip)])
    if speed != 1.0:
        places = np.arange(0, len(sound) - 1, speed)
        sound = np.interp(places, np.arange(len(sound)), sound).astype(np.float32)
    sound -= sound.mean()
    return np.asarray(sound * np.float32(SPEECH / np.sqrt(np.mean(np.square(sound[active(sound)])))))


def real(data: Path) -> Iterator[tuple[Path, list[Row]]]:
    """Clips with turns in an `.rttm` beside them."""
    for file in sorted((data / "diarization").glob("*.rttm")):
        lines = [line.split() for line in file.read_text().splitlines() if line.startswith("SPEAKER")]
        names = sorted({line[7] for line in lines})
        rows = [(float(line[3]), float(line[3]) + float(line[4]), names.index(line[7])) for line in lines]
        yield file.with_suffix(".wav"), rows


def run(data: Path | None, models: Path, seeds: int) -> dict[str, Any]:
    """All conversations: figures by group and number of speakers; real clips one by one."""
    result: dict[str, Any] = {"made": {}, "real": {}}
    with tempfile.TemporaryDirectory() as folder:
        for name, group in voices(data, models).items():
            for count in COUNTS:
                rows, seconds = [], 0.0
                for seed in range(FIRST_SEED[name], FIRST_SEED[name] + seeds):
                    chosen = np.random.default_rng([seed, count]).permutation(len(group))[:count]
                    made = talk(seed, [group[i] for i in chosen])
                    file = _written(made.sound, Path(folder) / "talk.wav")
                    rows.append(measure(file, made.rows, models))
                    seconds += made.seconds
                result["made"][f"{name}, {count}"] = summary(rows, seconds, count)
    for clip, truth in real(data) if data else ():
        told = len({who for *_, who in truth})
        result["real"][clip.stem] = measure(clip, truth, models)
        result["real"][f"{clip.stem}, told {told}"] = measure(clip, truth, models, told)
    return result


def _written(sound: Samples, file: Path) -> Path:
    with wave.open(str(file), "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(audio.RATE)
        opened.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return file


def table(result: dict[str, Any]) -> None:
    print(
        f"{'speakers':34} {'DER':>6} {'missed':>7} {'invent':>7} {'confus':>7} {'collar':>7} {'worst':>6} number"
    )
    for name, row in result["made"].items():
        parts = " ".join(
            f"{row[key]:7.1%}" for key in ("missed", "invented", "confused", "error_with_collar")
        )
        number = f"{row['right_number']}/{row['files']} right"
        cost = f"{row['cpu_per_second']:.4f} CPU-s per s"
        print(f"{name:34} {row['error']:6.1%} {parts} {row['worst']:6.1%} {number}  {cost}")
    for name, row in result["real"].items():
        parts = " ".join(
            f"{row[key]:7.1%}" for key in ("missed", "invented", "confused", "error_with_collar")
        )
        print(f"{name:34} {row['error']:6.1%} {parts} {'':6} {row['found']} found")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.speakers", description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--seeds", type=int, default=10, help="conversations per number of speakers")
    given = parser.parse_args()
    from openvod.core.settings import Settings  # noqa: PLC0415

    result = run(given.data, given.models or Settings.read().model_folder(), given.seeds)
    table(result)
    if given.json:
        given.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
