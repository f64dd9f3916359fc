"""`AiAnalysis.TagTask` (Definition 21): what kind of picture, sound and speech is it?

Tags name what can be measured: format, light, colour, pace, motion, silence, music, speech and its
keywords. Objects, places and people are not named, for nothing here could know them. `SpecialInfo` holds
each tag's evidence as JSON text.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from openvod.core import extended_parameter
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines import cue_tags, keywords, shots, silero, speech
from openvod.engines.cue_tags import Tag
from openvod.engines.picture import PictureMeter
from openvod.engines.shots import ShotFinder, Transition
from openvod.engines.silero import Span
from openvod.engines.sound import Samples, SoundMeter
from openvod.media import audio, frames
from openvod.tasks import Job, Kind, Outcome

ENGINE = "openvod cues 1"
SAMPLE_RATE = 2.0
"""Samples per second for colour and bars."""
SHORT = 120.0
"""Seconds; a shorter file is one step, a longer one has its picture and its sound worked on side by side."""
MUSIC_RECOGNITION = "1102"
NOT_INSTALLED = "InvalidInput.ConfigurationUnsupported/model"
MOST_TAGS = 50
CERTAIN = 0.9
"""Probability of speech in at least a quarter of a stretch: a quarter of birdsong was at 0.79, of speech at
1.0."""


@dataclass(slots=True)
class _Findings:
    """What one or more passes came to; travels between steps as JSON."""

    tags: list[Tag] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    engines: list[str] = field(default_factory=list)


def plan(job: Job) -> list[Json]:
    """The picture and the sound: one segment when short, else one each."""
    _read_options(job.options)
    if job.facts["kind"] == "subtitle":
        raise TaskFault(
            "SourceFileError.ContentUnsupported",
            reason=Text("a subtitle file has no picture or sound to tag", "字幕文件没有可打标签的画面或声音"),
        )
    passes = []
    if job.facts.get("video") or job.facts["kind"] == "image":
        passes.append("picture")
    if job.facts.get("audio"):
        passes.append("sound")
    if (job.facts.get("duration") or 0) <= SHORT:
        return [{"passes": passes}]
    return [{"passes": [each]} for each in passes]


def run(job: Job, segment: Json) -> Json:
    """Measure one or both; a damaged track leaves the other one's tags and a warning."""
    findings, faults = _Findings(), []
    for name in segment["passes"]:
        try:
            (_picture if name == "picture" else _sound)(job, findings)
        except TaskFault as fault:
            if fault.code.partition(".")[0] != "SourceFileError":
                raise
            faults.append({"key": fault.key, "en": fault.en, "zh": fault.zh})
    return {
        "tags": [[tag.name, tag.confidence, tag.evidence] for tag in findings.tags],
        "warnings": findings.warnings,
        "engines": findings.engines,
        "faults": faults,
        "passes": len(segment["passes"]),
    }


def join(job: Job, results: list[Json]) -> Outcome:
    """All tags: what is seen, what is heard, what is said. Raises a fault when no track could be read."""
    faults = [fault for result in results for fault in result["faults"]]
    if faults and len(faults) == sum(result["passes"] for result in results):
        reason = Text(faults[0]["en"], faults[0]["zh"])
        raise TaskFault("SourceFileError.ContentMalformed", reason=reason)
    tags = [Tag(*each) for result in results for each in result["tags"]][:MOST_TAGS]
    warnings = chain(_read_options(job.options), *(result["warnings"] for result in results))
    engines = dict.fromkeys([ENGINE, *chain(*(result["engines"] for result in results))])
    return Outcome(
        output={"TagSet": [_item(tag) for tag in tags]},
        engine=" / ".join(engines),
        warnings=(*warnings, *(f"left out: {fault['en']}" for fault in faults)),
    )


def _item(tag: Tag) -> Json:
    info = json.dumps(tag.evidence, ensure_ascii=False, separators=(",", ":"))
    return {"Tag": tag.name, "Confidence": tag.confidence, "SpecialInfo": info}


def _read_options(options: Json) -> list[str]:
    """Check `ExtendedParameter`, and say what of it means nothing here.

    `tag.process_type` 1102 asks for the recognition of songs, the only value that is known.
    """
    given = extended_parameter.parsed(options.get("ExtendedParameter") or "")
    tag = given.get("tag", {})
    if not isinstance(tag, dict):
        raise TaskFault("InvalidInput/object", field="`tag` in ExtendedParameter")
    kind = str(tag.get("process_type", ""))
    if kind == MUSIC_RECOGNITION:
        raise TaskFault("InvalidInput.ConfigurationUnsupported/music-recognition")
    if kind:
        raise TaskFault("InvalidInput.ConfigurationUnsupported/not-built", what=f"tag.process_type `{kind}`")
    unknown = [
        *(key for key in given if key != "tag"),
        *(f"tag.{key}" for key in tag if key != "process_type"),
    ]
    return [f"ExtendedParameter: `{key}` means nothing to tags and was left out" for key in unknown]


def _picture(job: Job, findings: _Findings) -> None:
    meter, finder = PictureMeter(), ShotFinder()
    changes: list[Transition] = []
    duration = job.facts.get("duration") or 0.0
    first = last = None
    for frame in frames.stream(job.source, SAMPLE_RATE):
        first, last = frame.tiny if first is None else first, frame.tiny
        meter.add(frame.time, frame.tiny, frame.sample, frame.display)
        changes += finder.push(frame.tiny, frame.time)
        if duration and frame.index % 250 == 0:
            job.progress(min(1.0, frame.time / duration))
    changes += finder.finish()
    picture = meter.measure()
    image = job.facts["kind"] == "image"
    findings.tags += cue_tags.look_tags(picture, image=image)
    if not image and first is not None and last is not None:
        ends = shots.describe(np.stack([first, last]), np.zeros(2))
        findings.tags += cue_tags.course_tags(picture, changes, float(shots.distances(ends, 1)[0]))


def _sound(job: Job, findings: _Findings) -> None:
    """Signals first; what needs a model comes after, or a warning that it is not installed."""
    meter = SoundMeter()
    blocks = _metered(job, meter)
    said: list[Tag] = []
    try:
        spans = _spoken(blocks, job.models)
        said += cue_tags.speech_tags(
            [(span.start, span.end) for span in spans], job.facts.get("duration") or 0.0
        )
        findings.engines.append(speech.ENGINE)
        said += _words(job, spans)
    except TaskFault as fault:
        if fault.key != NOT_INSTALLED:
            raise
        findings.warnings.append(f"no tags from speech: {fault.en}")
    for _ in blocks:
        pass  # the meter has not heard the rest yet when the model is not there
    findings.tags += [*cue_tags.sound_tags(meter.measure()), *said]


def _spoken(blocks: Iterable[Samples], models: Path) -> list[Span]:
    """Stretches of speech beyond doubt. What only resembles speech stays well below certainty most of the
    time."""
    parts = [*silero.probabilities(blocks, models)]
    if not parts:
        return []
    speech = np.concatenate(parts)
    found = silero.chunks(speech, silero.Rules())
    return [span for span in found if np.percentile(speech[_frames_of(span)], 75) >= CERTAIN]


def _frames_of(span: Span) -> slice:
    first = int(span.start / silero.SECONDS)
    return slice(first, max(first + 1, int(span.end / silero.SECONDS)))


def _metered(job: Job, meter: SoundMeter) -> Iterator[Samples]:
    duration, heard = job.facts.get("duration") or 0.0, 0
    for block in audio.decode(job.source):
        meter.add(block)
        heard += len(block)
        if duration:
            job.progress(min(1.0, heard / audio.RATE / duration))
        yield block


def _words(job: Job, spans: list[Span]) -> list[Tag]:
    listener = speech.Listener.load(job.models, word_times=False)
    utterances = speech.recognise(job.source, spans, listener, job.progress)
    heard = speech.conclude(utterances, spans, word_times=False)
    if heard.language != "en":
        return []
    words = sum(len(utterance.text.split()) for utterance in heard.utterances)
    return [*cue_tags.english_tags(words, heard.log_probability, keywords.keywords(heard.utterances))]


KIND = Kind("AiAnalysis.TagTask", "AiAnalysisTaskTagOutput", plan, run, join)
