"""What does a Whisper model in whisper.cpp's format hear? By the program `whisper-cli` on PATH, one run for each sound."""

import json
import math
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from openvod.core.errors import TaskFault
from openvod.core.models import Word
from openvod.core.texts import Text
from openvod.engines.recognisers import Found, Samples, Segment, Wanted, codes, prompts, sound_file
from openvod.engines.recognisers.finding import WHISPER_CPP

MILLISECONDS = 1000
_DETECTED = re.compile(r"auto-detected language: ([a-z]{2,3}) \(p = ([0-9.]+)\)")
_MARK = re.compile(r"\[_[A-Z_]+[0-9]*_?\]|<\|[^|]*\|>")
"""What the program writes for tokens that are no text."""


class WhisperProgram:
    """A model and the program that runs it. The model is loaded anew in each run, hence the long sounds."""

    longest = 300.0
    invents = True
    hot_words = True

    def __init__(self, found: Found) -> None:
        self._found = found
        self.name = f"{found.id} / {WHISPER_CPP}"

    def hear(self, sound: Samples, wanted: Wanted) -> list[Segment]:
        """See `Recogniser`."""
        options = [
            "--language",
            codes.whisper(wanted.language.code),
            "--output-json-full",
            "--max-context",
            "0",
        ]
        if prompt := prompts.whole(wanted):
            options += ["--prompt", prompt]
        answer, _ = self._run(sound, options)
        rows = answer.get("transcription")
        return [_segment(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def detect(self, sound: Samples) -> dict[str, float]:
        """See `Recogniser`."""
        if not self._found.multilingual:
            return {}
        _, said = self._run(sound, ["--language", "auto", "--detect-language"])
        told = _DETECTED.search(said)
        return {codes.canonical(told[1]): float(told[2])} if told else {}

    def _run(self, sound: Samples, options: list[str]) -> tuple[dict[str, Any], str]:
        """What it wrote as JSON, and what it said. The media process's limits hold for the program, too."""
        program = shutil.which(WHISPER_CPP)
        with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="whisper-") as folder:
            place = Path(folder)
            sound_file.write(place / "sound.wav", sound)
            command = [program or WHISPER_CPP, "--model", str(self._found.path), "--file", "sound.wav"]
            command += ["--threads", "1", "--no-prints", "--output-file", "heard", *options]
            if "--detect-language" in options:
                command.remove("--no-prints")
            try:
                done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
            except OSError as error:
                raise self._fault(str(error)) from error
            if done.returncode:
                raise self._fault((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1][:200])
            written = place / "heard.json"
            text = written.read_text("utf-8", "replace") if written.is_file() else "{}"
        try:
            answer = json.loads(text)
        except ValueError as error:
            raise self._fault(str(error)) from error
        return (answer if isinstance(answer, dict) else {}), done.stderr

    def _fault(self, reason: str) -> TaskFault:
        return TaskFault("InternalError", reason=Text(f"{WHISPER_CPP}: {reason}", f"{WHISPER_CPP}:{reason}"))


def _segment(row: dict[str, Any]) -> Segment:
    tokens = [token for token in row.get("tokens", []) if not _MARK.fullmatch(token["text"].strip())]
    words = [Word(token["text"], *_times(token)) for token in tokens if token["text"]]
    chances = [max(float(token["p"]), 1e-6) for token in tokens]
    sure = sum(map(math.log, chances)) / len(chances) if chances else None
    # A character in pieces is not text, so the words will not fit and times are shared out.
    return Segment(row["text"], *_times(row), tuple(words), sure)


def _times(row: dict[str, Any]) -> tuple[float, float]:
    return row["offsets"]["from"] / MILLISECONDS, row["offsets"]["to"] / MILLISECONDS
