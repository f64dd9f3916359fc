"""What is said, as cues: recognised, or as a subtitle has it that the file's owner put in and the request names.

`ExtInfo` `{"subtitle": ID}` names one of the source's own (AddSubtitles): corrected cues are translated or burnt in as they
are, and nothing is recognised.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from openvod.core.errors import TaskFault
from openvod.core.models import Json, Utterance, Word
from openvod.core.texts import Text
from openvod.engines.subtitling import hearing, request, setting
from openvod.engines.subtitling.request import Attached, Job
from openvod.engines.subtitling.setting import Spoken
from openvod.media import captions, cues, dialogue
from openvod.media.captions import Cue

KEY = "subtitle"
"""In ExtInfo."""
GIVEN: Json = {"given": True}
SURE = 100.0
"""Confidence of what somebody wrote."""


@dataclass(frozen=True, slots=True)
class Said:
    """Cues, and where they come from."""

    spoken: Spoken
    language: str
    aligned: bool
    """Whether the words have times of their own."""
    engine: str
    notes: tuple[str, ...] = ()
    """For the operator's eyes."""
    ignored: tuple[Text, ...] = ()
    """What was asked for and could not be heeded."""


def plan(job: Job) -> list[Json]:
    """The segments to listen to; one that needs nothing where the cues are given. Raises TaskFault for a house style or a
    subtitle that does not exist, and as `hearing.plan`.
    """
    request.profile(job)  # a wrong one fails now, not in an hour
    return [GIVEN] if _given(job) else hearing.plan(hearing.sound_of(job))


def run(job: Job, segment: Json) -> Json:
    """Recognise one segment."""
    return GIVEN if segment == GIVEN else hearing.hear(hearing.sound_of(job), segment)


def said(job: Job, results: Sequence[Json]) -> Said:
    """Everything, from the segments' results in order. Raises TaskFault as `hearing.heard`."""
    if (given := _given(job)) is not None:
        return Said(_as_given(job, given), given.language, False, f"subtitle {given.id}")
    heard = hearing.heard(hearing.sound_of(job), results)
    spoken = setting.as_cues(job, heard)
    notes = (*heard.left_out, *spoken.shortfalls())
    return Said(spoken, heard.language, heard.aligned, heard.engine, notes, heard.ignored)


def _given(job: Job) -> Attached | None:
    """The subtitle that the request names, or None."""
    named = request.ext_info(job.options).get(KEY)
    if named is None:
        return None
    for each in job.subtitles:
        if each.id == named:
            return each
    raise TaskFault("InvalidInput/subtitle", subtitle=str(named)[:80])


def _as_given(job: Job, given: Attached) -> Spoken:
    """Its cues as they are: somebody has set them."""
    try:
        shown = captions.parse(given.path.read_bytes()).cues
    except ValueError as error:
        raise TaskFault("SourceFileError.ContentMalformed", reason=str(error)) from error
    utterances = tuple(_uttered(cue) for cue in shown)
    return Spoken(shown, utterances, cues.conformance(shown, utterances, request.profile(job)))


def _uttered(cue: Cue) -> Utterance:
    text = dialogue.joined(cue.lines)
    return Utterance(cue.start, cue.end, text, SURE, (Word(text, cue.start, cue.end),), cue.speaker)
