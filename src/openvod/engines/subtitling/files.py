"""Which files come of subtitles? The subtitle itself, its conformance report, the video with them in its picture."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from openvod.core.errors import TaskFault
from openvod.core.models import Json, file_id_of, path_of
from openvod.core.texts import Text
from openvod.engines.burn import style
from openvod.engines.burn.work import burn
from openvod.engines.video import Media, need_picture
from openvod.media import captions
from openvod.media.captions import Cue
from openvod.media.cue_report import Report


@dataclass(frozen=True, slots=True)
class Made:
    """A file in the job's folder."""

    name: str
    """There, and in the library."""
    kind: str
    """The last part of its FileType: `Subtitle`, `Report`, `Video` or `Still`."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which files are wanted."""

    form: str = ""
    """`vtt`, `srt`, or empty: no subtitle file."""
    labelled: bool = False
    """Whether the file says who speaks."""
    template: Json | None = None
    """An MPSSubtitleEmbedConfig: a video with the subtitles in its picture, too."""
    font: str = ""
    """Name of a font in the job's folder that comes before all others."""


@dataclass(frozen=True, slots=True)
class Version:
    """The subtitles in one language, or two."""

    subtitle: Made | None = None
    video: Made | None = None
    others: tuple[Made, ...] = ()
    """The report, the still."""
    left_out: tuple[Text, ...] = ()
    """What was asked for and could not be done."""
    notes: tuple[str, ...] = ()
    """For the operator's eyes."""

    @property
    def files(self) -> tuple[Made, ...]:
        """All of them, what was asked for first."""
        return (*(each for each in (self.subtitle, self.video) if each), *self.others)

    @property
    def told(self) -> Json:
        """What a SubtitleResult and a SubtitleTransResultItem say of the files."""
        return {
            "Path": path_of(self.subtitle.name) if self.subtitle else "",
            "SubtitleEmbedPath": path_of(self.video.name) if self.video else "",
            "SubtitleFileId": file_id_of(self.subtitle.name) if self.subtitle else "",
        }


def write(media: Media, cues: Sequence[Cue], report: Report | None, stem: str, wish: Wish) -> Version:
    """Write what is wanted of the cues into the job's folder. `stem` begins the files' names, e.g. `subtitle-en-zh`.

    A video that cannot be made is left out where there is a subtitle file; alone, its TaskFault is raised.
    """
    made = Version()
    if wish.form:
        shown = cues if wish.labelled else [replace(cue, speaker=None) for cue in cues]
        made = replace(made, subtitle=Made(f"{stem}.{wish.form}", "Subtitle"))
        _write(media.folder / f"{stem}.{wish.form}", captions.WRITERS[wish.form](shown))
    if wish.form and report is not None:
        made = replace(made, others=(Made(f"{stem}-report.json", "Report"),))
        _write(media.folder / f"{stem}-report.json", json.dumps(report.to_json(), ensure_ascii=False))
    if wish.template is None:
        return made
    try:
        return _burnt(media, cues, wish, stem, made)
    except TaskFault as fault:
        if made.subtitle is None:
            raise
        return replace(made, left_out=(fault.text,))


def _burnt(media: Media, cues: Sequence[Cue], wish: Wish, stem: str, made: Version) -> Version:
    need_picture(media.facts)
    look, not_honoured = style.of_template(wish.template or {}, wish.font)
    video = Made(f"{stem}.mp4", "Video")
    done = burn(media, cues, look, video.name)
    stills = (Made(done.preview_still, "Still"),) if done.preview_still else ()
    return replace(
        made,
        video=video,
        others=(*made.others, *stills),
        left_out=(*not_honoured, *done.warnings),
        notes=done.notes,
    )


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="")


def notice(left_out: Sequence[Text]) -> Text | None:
    """What a successful sub-task's Message says of the parts that could not be done; None when there are none."""
    if not left_out:
        return None
    return Text(
        "the subtitles are done; left out: " + "; ".join(each.en for each in left_out),
        "字幕已完成;未执行的部分:" + ";".join(each.zh for each in left_out),
    )
