"""What is said when, by whom, and what is to be said instead? From a speaker file, from subtitles, or from what is heard."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openvod.core import dubbing_files, jsontext
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines.dubbing.voices import Gender, Speaker
from openvod.media import captions, dialogue
from openvod.media.captions import Cue, stamp

SHORTEST = 0.15
"""Seconds of a line, as the API asks."""
MOST = 5000
"""Lines of a film."""
_CLOCK = re.compile(r"(\d{1,3}):(\d{2}):(\d{2}(?:\.\d{1,3})?)")


NOBODY = Speaker()


@dataclass(frozen=True, slots=True)
class Line:
    """A text in its time."""

    start: float
    end: float
    """Seconds."""
    said: str
    """In the film's language; empty where that is not known."""
    instead: str = ""
    """In the language wanted; empty until it is translated."""
    speaker: Speaker = NOBODY


@dataclass(frozen=True, slots=True)
class Script:
    """All lines of a film, in order of time."""

    lines: tuple[Line, ...]
    source: str
    """ISO 639 code; empty where it is not known."""
    target: str
    engine: str = ""

    def document(self) -> Json:
        """The speaker file, as the API has it."""
        speakers = list(dict.fromkeys(line.speaker for line in self.lines))
        return {
            "SrcLang": self.source,
            "DstLangs": [self.target],
            "Speakers": [{"Id": each.id or "1", "Gender": each.gender} for each in speakers],
            "Clips": [
                {
                    "TextStartTime": stamp(round(1000 * line.start), "."),
                    "TextEndTime": stamp(round(1000 * line.end), "."),
                    "SpeakerId": line.speaker.id or "1",
                    "SrcText": line.said,
                    "DstTexts": {self.target: line.instead},
                }
                for line in self.lines
            ],
        }


def speakers_of(names: Sequence[str], genders: dict[str, Gender]) -> dict[str, Speaker]:
    """A voice for each name, in order of appearance; those of one gender take turns."""
    turns: dict[Gender, int] = {"female": 0, "male": 0}
    found: dict[str, Speaker] = {}
    for name in names:
        if name not in found:
            gender = genders.get(name, "female")
            found[name] = Speaker(name, gender, turns[gender])
            turns[gender] += 1
    return found


def of_cues(cues: Sequence[Cue]) -> tuple[Line, ...]:
    """What subtitles say."""
    voices = speakers_of([cue.speaker or "" for cue in cues], {})
    return tuple(
        Line(cue.start, cue.end, dialogue.joined(cue.lines), speaker=voices[cue.speaker or ""])
        for cue in sorted(cues, key=lambda cue: (cue.start, cue.end))[:MOST]
        if cue.lines and cue.end - cue.start >= SHORTEST
    )


def read_subtitle(file: Path, name: str) -> tuple[Cue, ...]:
    """The cues of a file that the request named. Raises TaskFault."""
    try:
        return tuple(captions.parse(file.read_bytes()).cues)
    except (OSError, ValueError) as error:
        raise TaskFault(
            "InvalidInput/given-file", field=dubbing_files.FIELDS[name], reason=str(error)[:120]
        ) from error


def read_speakers(file: Path, target: str) -> Script:
    """What a speaker file says. Raises TaskFault for one that is none."""
    field = dubbing_files.FIELDS[dubbing_files.SPEAKERS]
    try:
        found = jsontext.parse_object(file.read_text("utf-8"))
        wanted = target or str(found["DstLangs"][0])
        genders: dict[str, Gender] = {
            str(each["Id"]): "male" if each.get("Gender") == "male" else "female"
            for each in found["Speakers"]
        }
        clips = found["Clips"][:MOST]
        voices = speakers_of([str(clip["SpeakerId"]) for clip in clips], genders)
        lines = [_line(clip, wanted, voices) for clip in clips]
    except (OSError, UnicodeDecodeError) as error:
        raise TaskFault("InvalidInput/given-file", field=field, reason=type(error).__name__) from error
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise TaskFault("InvalidInput/given-file", field=field, reason=f"{error}"[:120]) from error
    kept = sorted((line for line in lines if line.end - line.start >= SHORTEST), key=lambda line: line.start)
    return Script(tuple(kept), str(found.get("SrcLang") or ""), wanted, "speaker file")


def _line(clip: Any, target: str, voices: dict[str, Speaker]) -> Line:
    instead = clip.get("DstTexts", {}).get(target) or ""
    return Line(
        _seconds(str(clip["TextStartTime"])),
        _seconds(str(clip["TextEndTime"])),
        str(clip.get("SrcText") or "").strip(),
        str(instead).strip(),
        voices[str(clip["SpeakerId"])],
    )


def _seconds(text: str) -> float:
    """Of `hh:mm:ss.mmm`. Raises ValueError."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:40]!r} is no time")
    hours, minutes, seconds = found.groups()
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def write_document(script: Script, file: Path) -> None:
    """The speaker file, corrected by what was made."""
    file.write_text(json.dumps(script.document(), ensure_ascii=False, indent=1), encoding="utf-8")
