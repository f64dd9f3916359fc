"""SmartSubtitle.AsrFullTextTask: what is said, as subtitles in the language it is said in."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from openvod.core.errors import TaskFault
from openvod.core.models import (
    Json,
    Utterance,
    Word,
    file_id_of,
    library_storage,
    path_of,
    url_of,
)
from openvod.engines import speech
from openvod.engines.silero import Span
from openvod.media import audio, captions, cues
from openvod.media.captions import Cue
from openvod.tasks import Job, Kind, Outcome, OutputFile

SEGMENT_SECONDS = 300.0
"""Speech that one media process recognises: small enough to share a film out, large enough that starting is cheap."""
LANGUAGES = ("en", "auto")
WRITERS = {"vtt": captions.write_vtt, "srt": captions.write_srt}


def plan(job: Job) -> list[Json]:
    """Find where somebody speaks, and share it out in segments of some minutes of speech."""
    language = job.options["VideoSrcLanguage"]
    if language.partition("-")[0] not in LANGUAGES:
        raise TaskFault("InvalidInput.ConfigurationUnsupported/language", language=language, installed="en")
    if job.options.get("SubtitleEmbedId"):
        raise TaskFault("InvalidInput.ConfigurationUnsupported/not-built", what="SubtitleEmbedId")
    if not job.facts.get("audio"):
        raise TaskFault("SourceFileError.ContentUnsupported/no-audio")
    spans = speech.find_speech(_listened(job), job.models)
    return [{"spans": [asdict(span) for span in group]} for group in _shared_out(spans)]


def _listened(job: Job) -> Iterator[audio.Samples]:
    """The sound, while telling how far it is: listening is a tenth of the work, recognising the rest."""
    seconds = float(job.facts.get("duration") or 0.0)
    heard = 0
    for block in audio.decode(job.source):
        heard += len(block)
        if seconds:
            job.progress(min(1.0, heard / audio.RATE / seconds) / 10)
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


def run(job: Job, segment: Json) -> Json:
    """Recognise one segment."""
    spans = _spans(segment)
    if not spans:  # nobody speaks: no model is needed to say so
        return {"spans": [], "utterances": []}
    listener = speech.Listener.load(job.models, word_times=job.settings["word_times"])
    found = speech.recognise(job.source, spans, listener, job.progress)
    return {"spans": segment["spans"], "utterances": [_packed(utterance) for utterance in found]}


def join(job: Job, results: list[Json]) -> Outcome:
    """Believe it or refuse it, set it as cues, and write the file that was asked for."""
    utterances = [_unpacked(row) for result in results for row in result["utterances"]]
    spans = [span for result in results for span in _spans(result)]
    heard = speech.conclude(utterances, spans, word_times=job.settings["word_times"])
    if heard.language is None:
        raise TaskFault("SourceFileError.ContentUnsupported/language")
    profile = cues.PROFILES["netflix"]
    laid_out = cues.lay_out(heard.utterances, profile)
    output: Json = {
        "SegmentSet": _segments(laid_out, heard.utterances, with_words=heard.word_times == "aligned"),
        "Path": "",
        "SubtitlePath": "",
        "OutputStorage": library_storage(),
    }
    files: tuple[OutputFile, ...] = ()
    if subtitle_format := job.options.get("SubtitleFormat"):
        name = f"subtitle.{subtitle_format}"
        (job.folder / name).write_text(WRITERS[subtitle_format](laid_out), encoding="utf-8", newline="")
        files = (
            OutputFile(name, f"subtitle-en.{subtitle_format}", "SmartSubtitle.AsrFullTextTask.Subtitle"),
        )
        output |= {"Path": path_of(name), "SubtitlePath": url_of(name), "SubtitleInfo": _subtitle_info(name)}
    report = cues.conformance(laid_out, heard.utterances, profile)
    return Outcome(output, files, speech.ENGINE, (*_foreign(heard.left_out), *_shortfalls(report)))


def _subtitle_info(name: str) -> Json:
    return {"Language": "en", "Status": "Success", "Path": path_of(name), "SubtitleFileId": file_id_of(name)}


def _foreign(stretches: Sequence[tuple[float, float]]) -> Iterator[str]:
    yield from (f"{start:.1f} to {end:.1f} s: no English, left out" for start, end in stretches)


def _shortfalls(report: cues.Report) -> Iterator[str]:
    """What the subtitles could not keep of the house style, for the operator's eyes."""
    yield from (f"hard rule broken: {violation}" for violation in report.hard_violations)


def _segments(laid_out: Sequence[Cue], utterances: Sequence[Utterance], *, with_words: bool) -> list[Json]:
    """The cues in the wire's shape. A cue's confidence is that of the utterance its words come from, the least one."""
    said = iter([(word, utterance.confidence) for utterance in utterances for word in utterance.words])
    rows = []
    for cue in laid_out:
        own = _words_of(cue, said)
        rows.append(
            {
                "Confidence": round(min((confidence for _, confidence in own), default=0.0), 2),
                "StartTimeOffset": round(cue.start, 3),
                "EndTimeOffset": round(cue.end, 3),
                "Text": " ".join(cue.lines),
                "Wordlist": [_word(word) for word, _ in own] if with_words else [],
                "SpeakerId": "",
            }
        )
    return rows


def _words_of(cue: Cue, said: Iterator[tuple[Word, float]]) -> list[tuple[Word, float]]:
    """The next words, as many as make up the cue's text: cues change nothing but the spaces."""
    left = len("".join("".join(cue.lines).split()))
    own = []
    while left > 0 and (following := next(said, None)) is not None:
        own.append(following)
        left -= len("".join(following[0].text.split()))
    return own


def _word(word: Word) -> Json:
    return {"Word": word.text, "Start": round(word.start, 3), "End": round(word.end, 3), "Trans": ""}


def _spans(holder: Json) -> list[Span]:
    return [
        Span(row["start"], row["end"], tuple((begin, end) for begin, end in row["pauses"]))
        for row in holder["spans"]
    ]


def _packed(utterance: Utterance) -> Json:
    words = [[word.text, round(word.start, 3), round(word.end, 3)] for word in utterance.words]
    return {
        "start": utterance.start,
        "end": utterance.end,
        "text": utterance.text,
        "confidence": utterance.confidence,
        "words": words,
    }


def _unpacked(row: Json) -> Utterance:
    words = tuple(Word(text, start, end) for text, start, end in row["words"])
    return Utterance(row["start"], row["end"], row["text"], row["confidence"], words)


KIND = Kind("SmartSubtitle.AsrFullTextTask", "SmartSubtitleTaskAsrFullTextResultOutput", plan, run, join)
