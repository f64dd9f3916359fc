"""What does an erasure's result look like on the wire? The `AiAnalysisTaskDelLogoOutput` and its files."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from openvod.core.models import Json, file_id_of, library_storage, path_of
from openvod.core.texts import Text
from openvod.engines import ocr
from openvod.engines.erase.back import Line
from openvod.engines.erase.evidence import ACCOUNT, STILL
from openvod.engines.erase.wanted import Wanted
from openvod.engines.erase.work import TARGET
from openvod.engines.screen_text.scripts import in_chinese
from openvod.engines.video import Media
from openvod.media import captions
from openvod.media.captions import Cue

ENGINE = "openvod erase 1"


class File(NamedTuple):
    """A file of the result, as `tasks.OutputFile` has it."""

    name: str
    title: str
    kind: str
    """Last part of its FileType."""


class Made(NamedTuple):
    """What both doors answer."""

    output: Json
    files: list[File]


def of(done: Json, media: Media, wanted: "Subtitles", stem: str) -> Made:
    """The answer to `work.erase`'s `Done`, as JSON; writes the file of subtitles that is wanted. `stem`: see `files`."""
    lines: list[Line] = [(start, end, text, middle) for start, end, text, middle in done["lines"]]
    subtitles = subtitle_file(media.folder, lines, wanted)
    other = ""
    if done["translated"]:
        said: list[Line] = [(start, end, text, middle) for start, end, text, middle in done["translated"]]
        other = subtitle_file(media.folder, said, replace(wanted, chinese_or_english=False), "translated")
    kept = "" if done["erased"] else str(media.facts["extension"])
    made = files(done["files"], subtitles, stem, kept)
    if other:
        made.append(File(other, f"{stem}-translated{Path(other).suffix}", "TranslateSubtitle"))
    shown = output(done["files"], subtitles, lines if subtitles else [], media.size[1])
    if other:
        shown |= {"TranslateSubtitlePath": path_of(other), "TranslateSubtitleFileId": file_id_of(other)}
    return Made(shown, made)


def files(made: Sequence[str], subtitles: str, stem: str, kept: str = "") -> list[File]:
    """`made` are names in the job's folder, `subtitles` another one or empty; `stem` is the video's title without suffix,
    `kept` the suffix of a source that came out as it was."""
    suffix = Path(subtitles).suffix
    known = {
        TARGET: File(TARGET, f"{stem}.{kept or 'mp4'}", "Video"),
        subtitles: File(subtitles, f"{stem}{suffix}", "OriginSubtitle"),
        STILL: File(STILL, f"{stem}.jpg", "Still"),
        ACCOUNT: File(ACCOUNT, f"{stem}-account.json", "Account"),
    }
    return [
        known[name] for name in (TARGET, subtitles, STILL, ACCOUNT) if name and name in (*made, subtitles)
    ]


def stem(*shaped_by: object) -> str:
    """A name as the API's own files have, `delogo-<hash>`, made from all that shapes the result."""
    return f"delogo-{hashlib.sha256(repr(shaped_by).encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class Subtitles:
    """What a file of the subtitles that were read is to be like."""

    form: str
    """`vtt`, `srt`, or empty when there is to be none."""
    chinese_or_english: bool = True
    """Signs of other writings that look like Chinese ones are taken for these."""
    shortest: float = 0.0
    """Seconds; what was seen for less is left out."""


def subtitle_file(folder: Path, lines: Sequence[Line], wanted: Subtitles, name: str = "origin") -> str:
    """Write the subtitles that were read; answers the file's name, empty when there is to be none."""
    if not wanted.form:
        return ""
    cues = []
    for start, end, text, _ in lines:
        said = in_chinese(text) if wanted.chinese_or_english else text
        if end - start >= wanted.shortest:
            cues.append(Cue(start, end, tuple(said.split("\n"))))
    file = f"{name}.{wanted.form}"
    (folder / file).write_text(captions.WRITERS[wanted.form](cues), encoding="utf-8", newline="")
    return file


def notice(left_out: Sequence[Text]) -> Text | None:
    """What a successful sub-task's Message says of the parts that could not be done; None when there are none."""
    if not left_out:
        return None
    return Text(
        "the erasure is done; left out: " + "; ".join(each.en for each in left_out),
        "擦除已完成;未执行的部分:" + ";".join(each.zh for each in left_out),
    )


def output(made: Sequence[str], subtitles: str, lines: Sequence[Line], height: int) -> Json:
    """The wire's structure; `height` is that of the picture as it is shown, in pixels."""
    video = TARGET in made
    found: Json = {
        "Path": path_of(TARGET) if video else "",
        "OutputStorage": library_storage(),
        "OriginSubtitlePath": path_of(subtitles) if subtitles else "",
        "TranslateSubtitlePath": "",
        "SubtitlePos": None,
        "VoiceClonedVideo": "",
        "VoiceClonedMarkFile": "",
        "ErasedVideoPath": path_of(TARGET) if video else "",
        "DubbingEditInfoUrl": "",
        "FileId": file_id_of(TARGET) if video else "",
        "OriginSubtitleFileId": file_id_of(subtitles) if subtitles else "",
        "TranslateSubtitleFileId": "",
    }
    if lines:
        middles = sorted(line[3] for line in lines)
        found["SubtitlePos"] = {"CenterY": round(middles[len(middles) // 2] * height)}
    return found


def engines(wanted: Wanted) -> str:
    """What made it."""
    return f"{ENGINE} / {ocr.ENGINE}" if wanted.reads else ENGINE
