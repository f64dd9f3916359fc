"""Subtitles from speech: when words begin, how cues keep their house's rules, and what is heard where nobody speaks.

`--data DIR` takes `transcripts.json` as `benchmarks.speech` does; rows with `words` ([word, start, end]) are the truth
for word starts. Without it the rules are judged on the clip of the model table, and word starts on nothing.
"""

import argparse
import json
import statistics
import wave
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.speech import normal, truth
from openvod.core.models import Utterance, Word
from openvod.engines import speech
from openvod.media import audio, cues

MINUTES = 10
"""Of noise, music and silence."""
Samples = NDArray[np.float32]


def heard(clip: Path, models: Path, listener: speech.Listener) -> tuple[Utterance, ...]:
    """What the bundled engine recognises, as a sub-task would."""
    spans = speech.find_speech(audio.decode(clip), models)
    found = speech.recognise(clip, spans, listener)
    return speech.conclude(found, spans, word_times=True).utterances


def starts(said: Sequence[Sequence[Any]], found: Sequence[Word]) -> Iterator[float]:
    """How far each word that was heard rightly begins from where it does, in seconds."""
    ours = ["".join(normal(word.text)) for word in found]
    theirs = ["".join(normal(row[0])) for row in said]
    for match in SequenceMatcher(None, theirs, ours, autojunk=False).get_matching_blocks():
        for at in range(match.size):
            yield abs(found[match.b + at].start - float(said[match.a + at][1]))


def word_starts(data: Path | None, models: Path, listener: speech.Listener) -> dict[str, Any]:
    """Median and worst, over the words of all clips with known times."""
    if data is None:
        return {"words": 0}
    folder = data if (data / "transcripts.json").exists() else data / "speech"
    rows = json.loads((folder / "transcripts.json").read_text())
    errors = [
        error
        for row in rows
        if row["lang"] == "en" and row.get("words")
        for error in starts(
            row["words"],
            [word for each in heard(folder / row["file"], models, listener) for word in each.words],
        )
    ]
    return {"words": len(errors), "median_s": statistics.median(errors) if errors else None}


def rules(data: Path | None, models: Path, listener: speech.Listener) -> dict[str, Any]:
    """Shares of the cues that keep each rule of each profile, over all English clips."""
    said = [heard(clip, models, listener) for clip, _ in truth(data, models)]
    result: dict[str, Any] = {}
    for name, profile in cues.PROFILES.items():
        reports = [cues.conformance(cues.lay_out(each, profile), each, profile) for each in said]
        shares: dict[str, list[int]] = {}
        for report in reports:
            for rule, share in report.shares.items():
                total = shares.setdefault(rule, [0, 0, 0])
                total[0] += share.kept
                total[1] += share.of
                total[2] += share.forced
        result[name] = {
            "cues": sum(len(report.cues) for report in reports),
            "hard_violations": sum(len(report.hard_violations) for report in reports),
            "rules": {
                rule: {"kept": kept, "of": of, "forced": forced}
                for rule, (kept, of, forced) in shares.items()
            },
        }
    return result


def wordless(kind: str, seconds: int, seed: int) -> Samples:
    """Sound without a word: made up, so that anybody can make the same."""
    chance = np.random.default_rng(seed)
    count = seconds * audio.RATE
    time = np.arange(count) / audio.RATE
    if kind == "silence":
        return np.zeros(count, np.float32)
    if kind == "hum":
        sound = sum(np.sin(2 * np.pi * 50 * n * time) / n for n in (1, 2, 3, 5))
    elif kind == "music":
        sound = _melody(chance, count)
    elif kind == "drums":
        sound = _beats(chance, count)
    else:
        spectrum = np.fft.rfft(chance.standard_normal(count))
        slope = {"white noise": 0.0, "pink noise": 0.5, "wind": 1.0}[kind]
        sound = np.fft.irfft(spectrum / np.maximum(np.arange(len(spectrum)), 1) ** slope, count)
        if kind == "wind":
            sound = sound * (1.1 + np.sin(2 * np.pi * 0.13 * time))
    return (0.3 * np.asarray(sound) / np.max(np.abs(sound))).astype(np.float32)


def _melody(chance: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Chords and a voice-like lead with vibrato, a note every third of a second."""
    sound = np.zeros(count)
    step = audio.RATE // 3
    time = np.arange(step) / audio.RATE
    fade = np.minimum(1, np.minimum(time, time[::-1]) * 40)
    for at in range(0, count - step, step):
        root = 110 * 2 ** (chance.choice([0, 2, 4, 5, 7, 9, 11]) / 12)
        lead = 2 * root * (1 + 0.01 * np.sin(2 * np.pi * 6 * time))
        tones = [root, 1.26 * root, 1.5 * root]
        chord = sum(np.sin(2 * np.pi * tone * time) for tone in tones)
        voice = sum(np.sin(2 * np.pi * n * np.cumsum(lead) / audio.RATE) / n for n in range(1, 6))
        sound[at : at + step] += fade * (chord + voice)
    return sound


def _beats(chance: np.random.Generator, count: int) -> NDArray[np.float64]:
    sound = np.zeros(count)
    length = audio.RATE // 5
    decay = np.exp(-np.arange(length) / (0.03 * audio.RATE))
    for at in range(0, count - length, audio.RATE // 4):
        sound[at : at + length] += decay * chance.standard_normal(length) * chance.choice([0.3, 1.0])
    return sound


def invented(models: Path, listener: speech.Listener) -> dict[str, Any]:
    """Words that are heard in ten minutes without any, by kind of sound."""
    kinds = ("silence", "hum", "white noise", "pink noise", "wind", "drums", "music")
    seconds = MINUTES * 60 // len(kinds)
    found: dict[str, Any] = {}
    with TemporaryDirectory() as folder:
        for seed, kind in enumerate(kinds):
            clip = Path(folder) / "clip.wav"
            with wave.open(str(clip), "wb") as opened:
                opened.setparams((1, 2, audio.RATE, 0, "NONE", ""))
                opened.writeframes((wordless(kind, seconds, seed) * 32767).astype("<i2").tobytes())
            found[kind] = " ".join(each.text for each in heard(clip, models, listener))
    return {
        "seconds": seconds * len(kinds),
        "words": sum(len(text.split()) for text in found.values()),
        "heard": {kind: text for kind, text in found.items() if text},
    }


def run(data: Path | None, models: Path) -> dict[str, Any]:
    """All three, by one listener."""
    listener = speech.Listener.load(models, word_times=True)
    return {
        "word_starts": word_starts(data, models, listener),
        "rules": rules(data, models, listener),
        "invented": invented(models, listener),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.subtitle_rules", description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    from openvod.core.settings import Settings  # noqa: PLC0415

    result = run(given.data, Settings.read().model_folder())
    print(json.dumps(result, indent=2, ensure_ascii=False))
    if given.json:
        given.json.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
