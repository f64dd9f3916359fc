"""What does English speech to text cost, and how good is it? OpenVOD and two peers on the same sound.

Each engine runs in a process of its own over all clips. Its cost is that process's whole CPU time, children and start
included, per second of sound. `--data DIR` takes `transcripts.json` (a list of `file`, `lang`, `transcript`) and its
clips; without it, the one clip of the model table is used.
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ENGINES = ("openvod", "openvod with word times", "moonshine_voice", "pocketsphinx")
TWO_CITIES = """It was the best of times it was the worst of times it was the age of wisdom it was the age of
foolishness it was the epoch of belief it was the epoch of incredulity it was the season of light it was the season of
darkness it was the spring of hope it was the winter of despair we had everything before us we had nothing before us we
were all going direct to heaven we were all going direct the other way in short the period was so far like the present
period that some of its noisiest authorities insisted on its being received for good or for evil in the superlative
degree of comparison only"""
SAME = {"mr": "mister", "mrs": "missus", "gonna": "going to", "alright": "all right", "okay": "ok"}
DIGITS = dict(enumerate("zero one two three four five six seven eight nine".split()))  # noqa: SIM905


def normal(text: str) -> list[str]:
    """Words as they count: lower case, no punctuation, digits spelled, no hesitations."""
    text = re.sub(
        r"\d", lambda digit: f" {DIGITS[int(digit[0])]} ", text.lower().replace("’", "'").replace("-", " ")
    )
    words = [word.strip("'") for word in re.sub(r"[^a-z' ]", " ", text).split()]
    return " ".join(SAME.get(word, word) for word in words if word not in {"", "uh", "um", "hmm"}).split()


def errors(said: list[str], heard: list[str]) -> int:
    """Substitutions, insertions and deletions."""
    row = list(range(len(heard) + 1))
    for i, a in enumerate(said, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(heard, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


# What runs in the engines' processes: a function from a 16 kHz mono wav file to text.


def openvod(models: Path, word_times: bool) -> Callable[[Path], str]:
    from openvod.engines import speech  # noqa: PLC0415
    from openvod.media import audio  # noqa: PLC0415

    listener = speech.Listener.load(models, word_times=word_times)

    def hear(clip: Path) -> str:
        spans = speech.find_speech(audio.decode(clip), models)
        heard = speech.recognise(clip, spans, listener)
        found = speech.conclude(heard, spans, word_times=word_times).utterances
        return " ".join(utterance.text for utterance in found)

    return hear


def pocketsphinx() -> Callable[[Path], str]:
    from pocketsphinx import Decoder  # noqa: PLC0415

    decoder = Decoder(loglevel="FATAL")

    def hear(clip: Path) -> str:
        decoder.start_utt()
        decoder.process_raw(samples(clip).tobytes(), full_utt=True)
        decoder.end_utt()
        return decoder.hyp().hypstr if decoder.hyp() else ""

    return hear


def moonshine_voice() -> Callable[[Path], str]:
    from moonshine_voice.transcriber import ModelArch, Transcriber  # noqa: PLC0415
    from moonshine_voice.utils import get_assets_path  # noqa: PLC0415

    transcriber = Transcriber(f"{get_assets_path()}/tiny-en", ModelArch.TINY)

    def hear(clip: Path) -> str:
        sound = samples(clip).astype(np.float32) / 32768
        return " ".join(
            line.text for line in transcriber.transcribe_without_streaming(sound.tolist(), 16000).lines
        )

    return hear


def samples(clip: Path) -> Any:
    with wave.open(str(clip)) as opened:
        return np.frombuffer(opened.readframes(opened.getnframes()), "<i2")


def work(engine: str, models: Path, clips: list[Path]) -> None:
    """The engine's process: texts as JSON, and its cost up to here."""
    starts: dict[str, Callable[[], Callable[[Path], str]]] = {
        "openvod": lambda: openvod(models, word_times=False),
        "openvod with word times": lambda: openvod(models, word_times=True),
        "pocketsphinx": pocketsphinx,
        "moonshine_voice": moonshine_voice,
    }
    hear = starts[engine]()
    texts = [hear(clip) for clip in clips]
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cost = {
        "cpu_seconds": sum(each.ru_utime + each.ru_stime for each in used),
        "peak_mb": max(each.ru_maxrss for each in used) / 1024,
    }
    print(json.dumps({"texts": texts, **cost}))


# What runs in the bench's own process.


def truth(data: Path | None, models: Path) -> Iterator[tuple[Path, str]]:
    """English clips and what is said in them."""
    if data is None:
        from openvod.engines import catalog  # noqa: PLC0415

        yield catalog.file(models, "clips-speech", "two_cities.wav", "the speech benchmark"), TWO_CITIES
        return
    folder = data if (data / "transcripts.json").exists() else data / "speech"
    for row in json.loads((folder / "transcripts.json").read_text()):
        if row["lang"] == "en":
            yield folder / row["file"], row["transcript"]


def as_wav(source: Path, target: Path) -> Path:
    """The same input for all: 16 kHz mono, 16 bits."""
    from openvod.media import audio  # noqa: PLC0415

    with wave.open(str(target), "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(audio.RATE)
        for block in audio.decode(source):
            opened.writeframes((np.clip(block, -1, 1) * 32767).astype("<i2").tobytes())
    return target


def measure(engine: str, python: str, models: Path, clips: list[Path], texts: list[str]) -> dict[str, Any]:
    command = [python, __file__, "--work", engine, "--models", str(models), *map(str, clips)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"absent": done.stderr.strip().splitlines()[-1] if done.stderr else f"exit {done.returncode}"}
    answer = json.loads(done.stdout.splitlines()[-1])
    seconds = sum(len(samples(clip)) for clip in clips) / 16000
    said = [normal(text) for text in texts]
    wrong = sum(errors(a, normal(b)) for a, b in zip(said, answer["texts"], strict=True))
    return {
        "wer": wrong / sum(map(len, said)),
        "cpu_per_second": answer["cpu_seconds"] / seconds,
        "peak_mb": answer["peak_mb"],
        "texts": answer["texts"],
    }


def run(data: Path | None, models: Path, peer_python: str) -> dict[str, Any]:
    """All engines one after the other: figures by engine, and the peers' cost and errors relative to OpenVOD's."""
    with tempfile.TemporaryDirectory() as folder:
        pairs = list(truth(data, models))
        clips = [as_wav(source, Path(folder) / f"{i}.wav") for i, (source, _) in enumerate(pairs)]
        seconds = sum(len(samples(clip)) for clip in clips) / 16000
        texts = [text for _, text in pairs]
        pythons = {"moonshine_voice": peer_python}
        engines = {
            engine: measure(engine, pythons.get(engine, sys.executable), models, clips, texts)
            for engine in ENGINES
        }
    ours = engines["openvod"]
    ratios = {
        name: {
            figure: row[figure] / ours[figure]
            for figure in ("wer", "cpu_per_second", "peak_mb")
            if ours[figure]
        }
        for name, row in engines.items()
        if name != "openvod" and "wer" in row and "wer" in ours
    }
    return {"clips": len(clips), "seconds": seconds, "engines": engines, "ratios_to_openvod": ratios}


def table(result: dict[str, Any]) -> None:
    print(f"{result['clips']} clips, {result['seconds']:.0f} s of English speech; start and loading included")
    print(f"{'engine':26} {'WER':>7} {'CPU s / s':>10} {'peak MB':>8}")
    for name, row in result["engines"].items():
        if "absent" in row:
            print(f"{name:26} absent: {row['absent']}")
        else:
            print(f"{name:26} {row['wer']:7.1%} {row['cpu_per_second']:10.4f} {row['peak_mb']:8.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.speech", description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--models", type=Path)
    parser.add_argument(
        "--peer-python", default=sys.executable, help="an interpreter that has moonshine-voice"
    )
    parser.add_argument("--work", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("clips", nargs="*", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work(given.work, given.models, given.clips)
        return
    from openvod.core.settings import Settings  # noqa: PLC0415

    result = run(given.data, given.models or Settings.read().model_folder(), given.peer_python)
    table(result)
    if given.json:
        given.json.write_text(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
