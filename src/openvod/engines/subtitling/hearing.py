"""What is said in a file? Recognised in segments, each a durable step, and remembered by content for the next task."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path

from openvod.core import asking
from openvod.core.asking import Ask
from openvod.core.errors import TaskFault
from openvod.core.models import Json, Utterance, Word
from openvod.core.texts import Text
from openvod.engines import recognisers, speakers, speech
from openvod.engines.recognisers import choosing, codes, detecting, finding
from openvod.engines.recognisers.codes import Language
from openvod.engines.recognisers.hearing import hear as hear_chunks
from openvod.engines.silero import Span
from openvod.engines.subtitling import hot_words, request
from openvod.engines.subtitling.request import Job
from openvod.media import audio

STEP = "heard/2"
"""Goes up with every change of what recognition comes to."""
SEGMENT_SECONDS = 300.0
"""Speech that one media process recognises: small enough to share a film out, large enough that starting is cheap."""
MOST_SPEAKERS = 20
REMEMBERED: Json = {"remembered": True}


@dataclass(frozen=True)
class Sound:
    """The sound of one file, and what is needed to recognise it."""

    source: Path
    facts: Json
    """See `media.facts`."""
    content: str
    """A hash of the file's bytes."""
    models: Path
    folder: Path
    """The job's, for what an endpoint is sent."""
    language: Language
    word_times: bool
    """Whether words are looked up in the sound, where the engine doesn't tell their times itself."""
    hot_words: tuple[str, ...] = ()
    """Names and terms that are likely to be said."""
    missing: tuple[Text, ...] = ()
    """What was asked for and is not there; told with the result."""
    speakers: bool = False
    """Whether speakers are told apart."""
    speaker_count: int | None = None
    """How many there are, where the client knows."""
    ask: Ask = asking.nobody
    progress: Callable[[float], None] = field(default=lambda _: None)

    @cached_property
    def engine(self) -> recognisers.Found:
        """The recogniser. Raises TaskFault that says what to install when none knows the language."""
        endpoint = asking.services(self.ask).get("transcribe", "")
        return choosing.choose(self.language, finding.find(self.models), endpoint)

    @property
    def is_bundled(self) -> bool:
        """Whether it is the English engine that is always there, with a gate for other languages of its own."""
        return self.engine is choosing.BUNDLED

    @property
    def about(self) -> Json:
        """Everything that shapes the recognition, as the memory's key."""
        return {
            "content": self.content,
            "language": asdict(self.language),
            "word_times": self.word_times,
            "hot_words": self.hot_words,
            "speakers": speakers.NAME if self.speakers else "",
            "engine": speech.ENGINE if self.is_bundled else [self.engine.id, self.engine.version],
        }


@dataclass(frozen=True, slots=True)
class Heard:
    """What is said in a file."""

    utterances: tuple[Utterance, ...]
    language: str
    """ISO 639 code."""
    aligned: bool
    """Whether the words' times were found in the sound; otherwise they were shared out by length."""
    engine: str
    left_out: tuple[str, ...] = ()
    """What was not believed, or is in another language: a line each, for the operator's eyes."""
    ignored: tuple[Text, ...] = ()
    """What was asked for and could not be heeded: for the client's eyes."""


def sound_of(job: Job) -> Sound:
    """What a subtitle sub-task listens to. Raises TaskFault for hot words that are none."""
    more = request.ext_info(job.options)
    count, hot = more.get("speakers"), hot_words.asked(job.options, job.models)
    return Sound(
        source=job.source,
        facts=job.facts,
        content=job.content,
        models=job.models,
        folder=job.folder,
        language=codes.language(job.options["VideoSrcLanguage"]),
        word_times=job.settings["word_times"],
        hot_words=hot.words,
        missing=hot.missing,
        speakers=job.options.get("SpeakerMode") == 1,
        speaker_count=count if isinstance(count, int) and 1 <= count <= MOST_SPEAKERS else None,
        ask=job.ask,
        progress=job.progress,
    )


def plan(sound: Sound) -> list[Json]:
    """Find where somebody speaks, and share it out in segments of some minutes of speech. What is remembered is one
    segment. Raises TaskFault for a language that no engine knows, and for a file without sound.
    """
    if not sound.facts.get("audio"):
        raise TaskFault("SourceFileError.ContentUnsupported/no-audio")
    if asking.recall(sound.ask, STEP, sound.about) is not None:
        return [REMEMBERED]
    return _segments(sound)


def hear(sound: Sound, segment: Json) -> Json:
    """Recognise one segment of the plan."""
    if segment != REMEMBERED:
        return _recognised(sound, segment)
    known = asking.recall(sound.ask, STEP, sound.about)
    if known is None:  # forgotten meanwhile
        return _together([_recognised(sound, each) for each in _segments(sound)])
    return known | REMEMBERED


def heard(sound: Sound, results: Sequence[Json]) -> Heard:
    """Believe it or refuse it: raises TaskFault when it is in a language that was not recognised. `results` are those of
    the plan's segments, in order.
    """
    found = _together(results)
    if not found.pop("remembered", False):
        asking.keep(sound.ask, STEP, sound.about, found)
    utterances = tuple(_unpacked(row) for row in found["utterances"])
    if sound.is_bundled:
        return _told_apart(sound, found, _believed(sound, utterances, _spans(found)))
    unheeded = bool(sound.hot_words and found["engine"]) and not found["hot_words"]
    ignored = (*sound.missing, *((hot_words.NOT_TAKEN,) if unheeded else ()))
    told = found["language"], found["aligned"], found["engine"]
    believed = Heard(utterances, *told, tuple(found["left_out"]), ignored)
    return _told_apart(sound, found, believed)


def _told_apart(sound: Sound, found: Json, believed: Heard) -> Heard:
    """The same with names for who speaks, where that was asked for."""
    if not sound.speakers or not believed.utterances:
        return believed
    spoken = speakers.turns(speakers.unpacked(found["prints"]), _spans(found), sound.speaker_count)
    named = speakers.assign(believed.utterances, spoken)
    return replace(believed, utterances=tuple(named), engine=f"{believed.engine} / {speakers.NAME}")


def _believed(sound: Sound, utterances: Sequence[Utterance], spans: Sequence[Span]) -> Heard:
    known = speech.conclude(utterances, spans, word_times=sound.word_times)
    if known.language is None:
        raise TaskFault("SourceFileError.ContentUnsupported/language")
    left_out = [f"{start:.1f} to {end:.1f} s: no English, left out" for start, end in known.left_out]
    aligned = known.word_times == "aligned"
    return Heard(known.utterances, known.language, aligned, speech.ENGINE, tuple(left_out), sound.missing)


def _together(results: Sequence[Json]) -> Json:
    """One result of many: lists one after the other, and what holds for the file from those that heard something."""
    lists = {
        name: [row for result in results for row in result[name]]
        for name in ("spans", "utterances", "left_out", "prints")
    }
    told = next((result for result in results if result["engine"]), results[0])
    aligned = all(result["aligned"] for result in results)
    return {**told, **lists, "aligned": aligned}


def _segments(sound: Sound) -> list[Json]:
    spans = speech.find_speech(_listened(sound), sound.models)
    code = _spoken(sound, spans)
    return [{"language": code, "spans": [asdict(span) for span in group]} for group in _shared_out(spans)]


def _spoken(sound: Sound, spans: Sequence[Span]) -> str:
    """The language, found out where it is not given or where the engine can tell that it is another one."""
    votes = sound.language.code == "auto" or (sound.engine.multilingual and sound.engine.kind != "endpoint")
    if sound.is_bundled or not spans or not votes:
        return sound.language.asked
    engine = choosing.load(sound.engine, sound.ask, sound.folder)
    chosen = detecting.samples(spans)
    found = detecting.votes(engine, speech.sounds(sound.source, chosen))
    spoken = detecting.settled(sound.language, found, sound.engine.languages)
    return spoken.asked or spoken.code


def _listened(sound: Sound) -> Iterator[audio.Samples]:
    """The sound, while telling how far it is: listening is a tenth of the work, recognising the rest."""
    seconds = float(sound.facts.get("duration") or 0.0)
    samples = 0
    for block in audio.decode(sound.source):
        samples += len(block)
        if seconds:
            sound.progress(min(1.0, samples / audio.RATE / seconds) / 10)
        yield block


def _shared_out(spans: Sequence[Span]) -> list[list[Span]]:
    """Consecutive spans, in groups that hold about SEGMENT_SECONDS of speech; one empty group without any."""
    groups: list[list[Span]] = [[]]
    held = 0.0
    for span in spans:
        if held >= SEGMENT_SECONDS:
            groups.append([])
            held = 0.0
        groups[-1].append(span)
        held += span.end - span.start
    return groups


def _recognised(sound: Sound, segment: Json) -> Json:
    spans, language = _spans(segment), codes.language(segment["language"])
    result: Json = {
        "language": language.code,
        "spans": segment["spans"],
        "utterances": [],
        "left_out": [],
        "prints": [],
        "aligned": True,
        "engine": "",
        "hot_words": False,
    }
    if not spans:  # nobody speaks: no model is needed to say so
        return result
    if sound.speakers:
        result["prints"] = [speakers.listen(sound.source, spans, sound.models).packed()]
    if sound.is_bundled:
        listener = speech.Listener.load(sound.models, word_times=sound.word_times, hot_words=sound.hot_words)
        found = speech.recognise(sound.source, spans, listener, sound.progress)
        return {**result, "engine": speech.ENGINE, "utterances": [_packed(each) for each in found]}
    engine = choosing.load(sound.engine, sound.ask, sound.folder)
    told = hear_chunks(engine, _counted(sound, spans), recognisers.Wanted(language, sound.hot_words))
    return {
        **result,
        "utterances": [_packed(each) for each in told.utterances],
        "left_out": [f"{start:.1f} to {end:.1f} s left out: {why}" for start, end, why in told.left_out],
        "aligned": told.aligned,
        "engine": engine.name,
        "hot_words": engine.hot_words,
    }


def _counted(sound: Sound, spans: Sequence[Span]) -> Iterator[recognisers.Chunk]:
    for number, chunk in enumerate(speech.sounds(sound.source, spans)):
        sound.progress(number / len(spans))
        yield chunk


def _spans(holder: Json) -> list[Span]:
    return [
        Span(row["start"], row["end"], tuple((begin, end) for begin, end in row["pauses"]))
        for row in holder["spans"]
    ]


def _packed(utterance: Utterance) -> Json:
    words = [[word.text, round(word.start, 3), round(word.end, 3)] for word in utterance.words]
    return {**asdict(replace(utterance, words=())), "words": words}


def _unpacked(row: Json) -> Utterance:
    words = tuple(Word(text, start, end) for text, start, end in row["words"])
    return Utterance(**{**row, "words": words})
