"""SmartSubtitle.OcrFullTextTask: what is written on the picture, as subtitles with the times at which it is there.

Two languages on one screen, one above the other, become two: each has its file in `RecognizeSubtitleResult`, the first
one's text is `Text` in the segments, and the other's is `Trans` where nothing is translated.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openvod.core.errors import TaskFault
from openvod.core.models import Json, library_storage
from openvod.core.texts import Text
from openvod.engines import ocr
from openvod.engines.erase.wanted import AreaTime, Unit
from openvod.engines.screen_text import readers, reading, scripts
from openvod.engines.screen_text.found import Area
from openvod.engines.screen_text.reading import Film
from openvod.engines.screen_text.scripts import told
from openvod.engines.screen_text.subtitles import Subtitle
from openvod.engines.subtitling import files, request
from openvod.engines.subtitling.files import Version, Wish
from openvod.engines.translation import Errand, Line, glossary, translate
from openvod.engines.translation.detect import language_of
from openvod.engines.video import need_picture
from openvod.media import dialogue
from openvod.media.captions import Cue
from openvod.tasks import Job, Kind, Outcome, OutputFile

PIXELS = 2
"""EraseArea.Unit; 1 is shares."""
LANGUAGES: Mapping[scripts.Writing, str] = {"east": "zh", "west": "en", "": "zh"}
"""Of `zh_en`."""
UNKNOWN = "und"


@dataclass(frozen=True, slots=True)
class _Track:
    """The subtitles in one language."""

    language: str
    lines: tuple[tuple[str, ...], ...]
    """Of each subtitle that was found; empty where it is not in this language."""


@dataclass(frozen=True, slots=True)
class _Translation:
    """A target language, and its text for each subtitle that was found; or why there is none."""

    language: str
    texts: tuple[str, ...] = ()
    engine: str = ""
    fault: TaskFault | None = None


def plan(job: Job) -> list[Json]:
    """Stretches of some minutes. Each is decoded with some seconds of its neighbours, so cues on a seam are whole."""
    need_picture(job.facts)
    return reading.plan(_film(job))


def run(job: Job, segment: Json) -> Json:
    """Read one stretch; what was read of the same file before is remembered."""
    return reading.read(_film(job), segment)


def _film(job: Job) -> Film:
    return Film(
        job.source, job.facts, job.content, job.models, _readers(job), areas(job), job.ask, job.progress
    )


def _readers(job: Job) -> list[Path]:
    """Readers of other writings than the bundled one's: `multi` uses what is installed."""
    return readers.installed(job.models) if job.options["VideoSrcLanguage"] == "multi" else []


def areas(job: Job) -> list[Area]:
    """Where to look, from `SelectingSubtitleAreasConfig`; the whole picture when empty."""
    config = job.options.get("SelectingSubtitleAreasConfig") or {}
    video = job.facts["video"]
    across, down = video["sample_aspect"]
    shown = (round(video["width"] * across / down), video["height"])
    if job.facts.get("rotation", 0) % 180:
        shown = shown[::-1]
    size = (config.get("SampleWidth") or shown[0], config.get("SampleHeight") or shown[1])
    found = []
    for area in config.get("AutoAreas") or ():
        unit: Unit = "pixel" if area["Unit"] == PIXELS else "share"
        edges = (area["LeftTopX"], area["LeftTopY"], area["RightBottomX"], area["RightBottomY"])
        found.append(Area(*AreaTime(*edges, (unit, unit, unit, unit)).shares(size)))
    return found


def join(job: Job, results: list[Json]) -> Outcome:
    """One list out of the stretches, one file per language, and translations when they are asked for."""
    found = reading.joined(results)
    tracks = _tracks(found, job.options["VideoSrcLanguage"])
    targets = request.targets(job.options) if job.options.get("TranslateSwitch") == "ON" else []
    translations = [_translation(job, tracks, target) for target in targets]
    return _Answer(job, found, tracks, translations).outcome()


def _tracks(found: Sequence[Subtitle], asked: str) -> list[_Track]:
    """The film's languages, the first one first; one track without lines for a film without subtitles."""
    parts = scripts.split(found)
    tracks = []
    for kind in (parts.primary, parts.second) if parts.second else (parts.primary,):
        rows = [tuple(line.text for line in scripts.lines_of(one, kind, parts)) for one in found]
        if asked == "zh_en":
            language = LANGUAGES[kind]
            rows = [tuple(scripts.in_chinese(line) for line in row) for row in rows]
        else:
            language = language_of(line for row in rows for line in row) or UNKNOWN
        tracks.append(_Track(language, tuple(rows)))
    return tracks


def _translation(job: Job, tracks: Sequence[_Track], target: str) -> _Translation:
    """What stands on the screen in the target language already is not translated anew."""
    first = tracks[0]
    texts = [told(row) for row in first.lines]
    for other in tracks[1:]:
        if other.language == target and all(
            row or not text for row, text in zip(other.lines, texts, strict=True)
        ):
            return _Translation(target, tuple(told(row) for row in other.lines))
    source = "auto" if first.language == UNKNOWN else first.language
    lines = [Line(number, text) for number, text in enumerate(texts) if text]
    try:
        errand = Errand(source, target, glossary.of(job.options.get("ExtInfo") or "", target))
        done = translate(lines, errand, job.ask, job.models)
    except TaskFault as fault:
        return _Translation(target, fault=fault)
    return _Translation(target, tuple(done.texts.get(n, "") for n in range(len(texts))), done.engine)


@dataclass(frozen=True, slots=True)
class _Answer:
    """All that goes into the outcome."""

    job: Job
    found: Sequence[Subtitle]
    tracks: Sequence[_Track]
    translations: Sequence[_Translation]

    def outcome(self) -> Outcome:
        """Writes the files."""
        recognised = [self._of_track(number) for number in range(len(self.tracks))]
        translated = [self._of_translation(number) for number in range(len(self.translations))]
        versions = [version for _, version in (*recognised, *translated)]
        made_by = (each.engine for each in self.translations if each.engine)
        return Outcome(
            output={
                "SegmentSet": list(self._segments()),
                "RecognizeSubtitleResult": [row for row, _ in recognised],
                "TransSubtitleResult": [row for row, _ in translated],
                "OutputStorage": library_storage(),
            },
            files=tuple(
                OutputFile(each.name, each.name, f"{KIND.type}.{each.kind}")
                for version in versions
                for each in version.files
            ),
            engine=" / ".join(dict.fromkeys((ocr.ENGINE, *readers.names(_readers(self.job)), *made_by))),
            warnings=tuple(note for version in versions for note in version.notes),
            notice=files.notice(
                [*self._untranslated(), *(t for version in versions for t in version.left_out)]
            ),
        )

    def _segments(self) -> Iterator[Json]:
        good = [each.texts for each in self.translations if each.fault is None]
        beside = [tuple(told(row) for row in track.lines) for track in self.tracks[1:]]
        trans = next(iter(good if self.translations else beside), ())
        for number, one in enumerate(self.found):
            text = told(self.tracks[0].lines[number])
            other = trans[number] if trans else ""
            if text or other:
                yield {
                    "Confidence": round(100 * one.confidence, 2),
                    "StartTimeOffset": round(one.start, 3),
                    "EndTimeOffset": round(one.end, 3),
                    "Text": text,
                    "Trans": other,
                    "SpeakerId": "",
                }

    def _of_track(self, number: int) -> tuple[Json, Version]:
        """The text as it stands on the screen; burnt in where there is no translation, the first language."""
        track = self.tracks[number]
        cues = [
            Cue(one.start, one.end, lines)
            for one, lines in zip(self.found, track.lines, strict=True)
            if lines
        ]
        burns = not self.translations and number == 0
        return self._written(track.language, cues, "subtitle", burns=burns)

    def _of_translation(self, number: int) -> tuple[Json, Version]:
        each = self.translations[number]
        if each.fault is not None:
            return _row(each.language, "Error", Version()), Version()
        both = self.job.options["SubtitleType"] == request.BOTH
        above = self.tracks[0].lines if both else [()] * len(self.found)
        profile = request.profile(self.job)
        cues = [
            cue
            for one, lines, text in zip(self.found, above, each.texts, strict=True)
            if text
            for cue in dialogue.reset(Cue(one.start, one.end, ()), (text,), profile, dialogue.parts(lines))
        ]
        return self._written(each.language, cues, "translation", burns=number == 0)

    def _written(self, language: str, cues: Sequence[Cue], what: str, *, burns: bool) -> tuple[Json, Version]:
        template = self.job.options.get("SubtitleEmbedConfig") if burns else None
        wish = Wish(self.job.options.get("SubtitleFormat") or "", template=template, font=self.job.font)
        made = files.write(request.media(self.job), cues, None, f"{what}-{language}", wish)
        return _row(language, "Success", made), made

    def _untranslated(self) -> Iterator[Text]:
        """Why there are no subtitles in some language."""
        for each in self.translations:
            if each.fault is not None:
                yield Text(
                    f"no subtitles in `{each.language}`: {each.fault.en}",
                    f"没有 `{each.language}` 字幕:{each.fault.zh}",
                )


def _row(language: str, status: str, made: Version) -> Json:
    """A SubtitleResult."""
    return {"Language": language, "Status": status, **made.told}


KIND = Kind("SmartSubtitle.OcrFullTextTask", "SmartSubtitleTaskTextResultOutput", plan, run, join)
