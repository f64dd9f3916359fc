"""How is a film dubbed? Each line is translated where it is not yet, spoken, fitted to its time, and laid over the sound."""

import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from openvod.core.asking import Ask
from openvod.core.errors import TaskFault
from openvod.core.models import Json, Utterance, Word
from openvod.core.texts import Text
from openvod.engines.burn import style
from openvod.engines.burn.work import burn
from openvod.engines.dubbing import fitting, mixing, voices
from openvod.engines.dubbing.fitting import Slot
from openvod.engines.dubbing.lines import Line, Script
from openvod.engines.dubbing.mixing import Film
from openvod.engines.dubbing.voices import Spoken
from openvod.engines.translation import Errand, languages, translate
from openvod.engines.translation import Line as Sentence
from openvod.engines.video import Media
from openvod.media import inner_process, rewrite
from openvod.media.captions import Cue
from openvod.media.cue_profiles import Profile
from openvod.media.cues import lay_out
from openvod.media.excerpt.original import UNCHANGED
from openvod.media.rewrite import Work
from openvod.media.sandbox import Limits

NO_LIMITS = Limits(math.inf, 0)
"""Helpers inherit those of the process that starts them."""
SPOKEN, PICTURED = 0.5, 0.8
"""Shares of the work when all is spoken, and when the picture is done."""
LATE = 0.3
"""Seconds after its cue from which a voice is told to be late."""


@dataclass(frozen=True, slots=True)
class Dubbed:
    """What came of it."""

    file: str
    """The film, an MP4 in the job's folder."""
    cues: tuple[Cue, ...]
    """The subtitles in the language wanted, in the time of the voices."""
    engine: str
    left_out: tuple[Text, ...] = ()
    """What was asked for and could not be done."""
    notes: tuple[str, ...] = ()
    """For the operator's eyes."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What is worked with."""

    ask: Ask
    models: Path
    profile: Profile


def translated(script: Script, tools: Tools) -> Script:
    """With a text in the language wanted for every line. Raises TaskFault where nothing translates."""
    missing = [place for place, line in enumerate(script.lines) if line.said and not line.instead]
    if not missing:
        return script
    if languages.same(script.source, script.target):
        return replace(
            script, lines=tuple(replace(line, instead=line.instead or line.said) for line in script.lines)
        )
    errand = Errand(script.source or "auto", script.target, {})
    done = translate(
        [Sentence(place, script.lines[place].said) for place in missing], errand, tools.ask, tools.models
    )
    lines = [
        replace(line, instead=line.instead or done.texts.get(place, ""))
        for place, line in enumerate(script.lines)
    ]
    engine = " / ".join(filter(None, (script.engine, done.engine)))
    return replace(script, lines=tuple(lines), source=done.source or script.source, engine=engine)


def dub(media: Media, script: Script, stem: str, template: Json | None, tools: Tools) -> Dubbed:
    """Write the film into the folder as `stem`.mp4; with a `template` its subtitles are in the picture, too.

    Raises TaskFault, e.g. when nothing speaks the language; subtitles that cannot be drawn are left out.
    """
    seconds = float(media.facts.get("duration") or 0.0)
    lines = [line for line in script.lines if line.instead and line.start < seconds]
    voice = voices.choose(script.target, tools.ask) if lines else None
    work = media.folder / "voices"
    work.mkdir()
    laid, notes = _laid(replace(media, folder=work), lines, voice, tools) if voice else ([], [])
    cues = [cue for line, heard in zip(lines, laid, strict=True) for cue in _cues(line, heard, tools.profile)]
    picture, left_out, told = _picture(media, cues, template)
    film, name = Film(media.source, picture, seconds), f"{stem}.mp4"
    mixing.write(film, laid, media.folder / name, _part(media.progress, PICTURED, 1.0))
    shutil.rmtree(work)
    if picture is not None:
        picture.unlink()
    engine = " / ".join(filter(None, (script.engine, voice.name if voice else "")))
    return Dubbed(name, tuple(cues), engine, tuple(left_out), (*notes, *told))


def _laid(
    media: Media, lines: Sequence[Line], voice: voices.Voice, tools: Tools
) -> tuple[list[mixing.Voice], list[str]]:
    """The voices of all lines in their places, as files in the folder, and notes on those that did not fit well."""
    files = [media.folder / f"{number}.npy" for number in range(len(lines))]
    spoken: list[tuple[int, float]] = []  # rate and seconds; the sound itself waits in its file
    for line, file in zip(lines, files, strict=True):
        sound = voices.speak(voice, line.instead, line.speaker, media.folder, tools.ask)
        np.save(file, sound.samples)
        spoken.append((sound.rate, len(sound.samples) / sound.rate))
        media.progress(SPOKEN * len(spoken) / len(lines))
    end = float(media.facts.get("duration") or 0.0)
    slots = [Slot(line.start, line.end) for line in lines]
    placed = fitting.fits(slots, [seconds for _, seconds in spoken], end)
    laid = []
    for file, (rate, _), fit in zip(files, spoken, placed, strict=True):
        sound = Spoken(np.load(file), rate)
        samples = mixing.levelled(fitting.faster(sound, fit.tempo, mixing.RATE))
        np.save(file, samples)
        laid.append(mixing.Voice(fit.start, file, len(samples) / mixing.RATE))
    return laid, list(_shortfalls(placed))


def _shortfalls(placed: Sequence[fitting.Fit]) -> Iterator[str]:
    if hurried := sum(fit.tempo > fitting.EASY for fit in placed):
        yield f"{hurried} of {len(placed)} lines had to be spoken faster"
    if late := [fit.late for fit in placed if fit.late > LATE]:
        yield f"{len(late)} lines begin late, {max(late):.1f} s at most"


def _picture(
    media: Media, cues: Sequence[Cue], template: Json | None
) -> tuple[Path | None, list[Text], list[str]]:
    """An MP4 with the picture, what could not be drawn into it, and notes; None for sound alone."""
    if media.facts["kind"] != "video" or not media.facts.get("video"):
        return None, [], []
    progress = _part(media.progress, SPOKEN, PICTURED)
    left_out: list[Text] = []
    if template is not None and cues:
        look, warnings = style.of_template(template)
        try:
            done = burn(replace(media, progress=progress), cues, look, "picture.mp4")
        except TaskFault as fault:
            left_out.append(Text(f"subtitles in the picture: {fault.en}", f"压制字幕:{fault.zh}"))
        else:
            if done.preview_still:
                (media.folder / done.preview_still).unlink()
            return media.folder / "picture.mp4", [*warnings, *done.warnings], list(done.notes)
    work = Work(media.folder / "picture", NO_LIMITS, progress=progress, call=inner_process.call)
    index = rewrite.examine(media.source, work)
    report = rewrite.rewrite(
        media.source, media.folder / "picture.mp4", rewrite.plan(index, [], 0), UNCHANGED, work
    )
    shutil.rmtree(work.folder, ignore_errors=True)
    return media.folder / "picture.mp4", left_out, list(report.notes)


def _cues(line: Line, heard: mixing.Voice, profile: Profile) -> list[Cue]:
    """The text of a line as subtitles, as long as it is heard."""
    end = heard.start + max(heard.seconds, 0.2)
    said = Utterance(heard.start, end, line.instead, 100.0, (Word(line.instead, heard.start, end),))
    return lay_out([said], profile)


def _part(progress: Callable[[float], None], low: float, high: float) -> Callable[[float], None]:
    return lambda value: progress(low + (high - low) * value)
