"""`AiAnalysis.TagTask` (Definition 21): what kind of picture, sound and speech is it?

Tags name what can be measured: format, light, colour, pace, motion, faces, text, silence, music, speech and its
keywords. Objects and places are named by a CLIP where the operator has installed one: nothing else here could know
them. `SpecialInfo` holds each tag's evidence as JSON text.
"""

import json
from collections.abc import Iterator
from itertools import chain

from openvod.core import asking, extended_parameter
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines import catalog, cue_tags, features, keywords, picture_course, silero, speech
from openvod.engines.analysis import measured
from openvod.engines.analysis.frames import labelled, seen_text, views
from openvod.engines.analysis.frames.seen_text import Film as Frames
from openvod.engines.analysis.tags.face_tags import face_tags
from openvod.engines.analysis.tags.frame_tags import text_tags
from openvod.engines.cue_tags import Tag
from openvod.engines.features import Features, Heard
from openvod.engines.keywords import Keyword
from openvod.engines.silero import Span
from openvod.tasks import Job, Kind, Outcome

ENGINE = "openvod cues 3"
STEP = "tag-words/1"
"""Goes up with every change of what is made of the words."""
MUSIC_RECOGNITION = "1102"
NOT_INSTALLED = "InvalidInput.ConfigurationUnsupported/model"
MOST_TAGS = 50
MOST_FRAMES = 8
"""That text is read in, and a CLIP looks at where one is installed."""


def plan(job: Job) -> list[Json]:
    """The parts of measuring the file."""
    _read_options(job.options)
    if job.facts["kind"] == "subtitle":
        raise TaskFault(
            "SourceFileError.ContentUnsupported",
            reason=Text("a subtitle file has no picture or sound to tag", "字幕文件没有可打标签的画面或声音"),
        )
    return features.plan(measured.film(job))


def run(job: Job, segment: Json) -> Json:
    """Measure a part; where the sound is in it, also what is said."""
    film = measured.film(job)
    made = features.measure(film, segment)
    sound = features.sound_of(made)
    if sound is None or silero.MODEL in sound.missing:
        return {"measured": made, "words": None, "warnings": []}
    spans = _certain(sound.heard)
    about = {**film.about, "engine": speech.ENGINE}
    try:
        words = asking.once(job.ask, STEP, about, lambda: _words(job, spans))
    except TaskFault as fault:
        if fault.key != NOT_INSTALLED:
            raise
        return {"measured": made, "words": None, "warnings": [f"no tags from speech: {fault.en}"]}
    return {"measured": made, "words": words, "warnings": []}


def join(job: Job, results: list[Json]) -> Outcome:
    """All tags: what is seen, what is heard, what is said. Raises a fault when no track could be read."""
    found = features.joined(measured.film(job), [result["measured"] for result in results])
    warnings = [*_read_options(job.options), *chain(*(result["warnings"] for result in results))]
    tags = [*_seen(job, found), *_looked_at(job, found, warnings), *_heard(found)]
    engines = [ENGINE]
    if silero.MODEL in found.missing:
        warnings.append(f"no tags from speech: {_not_installed(job)}")
    elif found.sound.figures:
        engines.append(speech.ENGINE)
    for words in (result["words"] for result in results):
        if words:
            keys = [Keyword(phrase, score, tuple(times)) for phrase, score, times in words["keywords"]]
            tags += cue_tags.english_tags(words["count"], words["log_probability"], keys)
    return Outcome(
        output={"TagSet": [_item(tag) for tag in tags[:MOST_TAGS]]},
        engine=" / ".join(engines),
        warnings=(*warnings, *(f"left out: {fault['en']}" for fault in found.faults)),
    )


def _not_installed(job: Job) -> str:
    """What to install, as the catalog words it."""
    try:
        catalog.file(job.models, silero.MODEL, "silero_vad_16k_sequence.onnx", catalog.SPEECH_RECOGNITION)
    except TaskFault as fault:
        return fault.en
    return f"{silero.MODEL} was not installed when the file was measured"


def _item(tag: Tag) -> Json:
    info = json.dumps(tag.evidence, ensure_ascii=False, separators=(",", ":"))
    return {"Tag": tag.name, "Confidence": tag.confidence, "SpecialInfo": info}


def _read_options(options: Json) -> list[str]:
    """Check `ExtendedParameter`, and say what of it means nothing here.

    `tag.process_type` 1102 asks for the recognition of songs, the only value that is known.
    """
    given = extended_parameter.parsed(options.get("ExtendedParameter") or "")
    tag = extended_parameter.section(given, "tag")
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


def _seen(job: Job, found: Features) -> Iterator[Tag]:
    if not found.frames:
        return
    picture = picture_course.picture(found)
    image = job.facts["kind"] == "image"
    yield from cue_tags.look_tags(picture, image=image)
    if not image:
        changes = [shot.start for shot in found.shots[1:]]
        yield from cue_tags.course_tags(picture, changes, found.ends_apart)
    yield from face_tags(found.looks)


def _looked_at(job: Job, found: Features, warnings: list[str]) -> Iterator[Tag]:
    """What a few frames show to those who can read or name it; who cannot leaves a warning."""
    moments = views.times(found, MOST_FRAMES) if found.frames else []
    if not moments:
        return
    frames = Frames(job.source, job.content, job.models, job.ask)
    try:
        yield from text_tags(seen_text.look(frames, moments))
    except TaskFault as fault:
        if fault.code != "InvalidInput.ConfigurationUnsupported":
            raise
        warnings.append(f"no tags from text: {fault.en}")
    for named, times in labelled.over(labelled.look(frames, moments)):
        evidence = {
            "model": labelled.engine(frames),
            "categories": list(named.label.categories),
            "times": times,
        }
        yield Tag(named.label.name, named.confidence, evidence)


def _heard(found: Features) -> Iterator[Tag]:
    if found.sound.figures:
        yield from cue_tags.sound_tags(found.sound.figures)
    spans = [(span.start, span.end) for span in _certain(found.sound)]
    yield from cue_tags.speech_tags(spans, found.seconds)


def _certain(heard: Heard) -> list[Span]:
    """What only resembles speech stays well below certainty most of the time."""
    return [each.span for each in heard.stretches if each.certain]


def _words(job: Job, spans: list[Span]) -> Json:
    """What is said in English, as words counted and keywords; nothing in other languages."""
    listener = speech.Listener.load(job.models, word_times=False)
    utterances = speech.recognise(job.source, spans, listener, job.progress)
    heard = speech.conclude(utterances, spans, word_times=False)
    if heard.language != "en":
        return {"count": 0, "log_probability": 0.0, "keywords": []}
    found = keywords.keywords(heard.utterances)
    return {
        "count": sum(len(utterance.text.split()) for utterance in heard.utterances),
        "log_probability": heard.log_probability,
        "keywords": [[each.phrase, each.score, list(each.times)] for each in found],
    }


KIND = Kind("AiAnalysis.TagTask", "AiAnalysisTaskTagOutput", plan, run, join)
