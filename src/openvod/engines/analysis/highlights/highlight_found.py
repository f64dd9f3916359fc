"""What are a film's highlights called, and what made them? Words, where there are any, and measures, with their figures."""

from collections.abc import Sequence
from dataclasses import dataclass

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines import providers
from openvod.engines.analysis.descriptions.described import Asker
from openvod.engines.analysis.descriptions.description import shortened
from openvod.engines.analysis.highlights import highlight, highlight_edges, highlight_signals, highlight_told
from openvod.engines.analysis.highlights.hht_options import Wish
from openvod.engines.analysis.highlights.highlight import Highlight
from openvod.engines.analysis.highlights.highlight_clips import Clip
from openvod.engines.analysis.highlights.highlight_edges import Span
from openvod.engines.analysis.highlights.highlight_told import Told
from openvod.engines.analysis.text import sentences
from openvod.engines.analysis.text.passages import Passage, joined
from openvod.engines.analysis.text.said import Said
from openvod.engines.features import Features

TIMES_NAMED = 10
SUMMED_UP = 2
"""Sentences that stand for what is said in a highlight."""
NEEDS_MODEL = Text(
    "`scenario` and `prompts` need a chat endpoint (`OPENVOD_CHAT_URL`) and words; the highlights are by picture, sound and "
    "faces",
    "`scenario` 和 `prompts` 需要对话接口(`OPENVOD_CHAT_URL`)以及文字内容;本次高光仅依据画面、声音和人脸",
)
DULL = Text("nothing in it stands out enough for a highlight", "没有足够突出的片段,未生成高光")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found."""

    highlights: list[Highlight]
    """In order of time."""
    told: list[Told]
    engine: str = ""
    """Of the model, where one was asked."""
    missing: tuple[Text, ...] = ()
    warnings: tuple[str, ...] = ()


def find(asker: Asker, measured: Features, words: Said, wish: Wish) -> Found:
    """The highlights of a film with at least one look; the model's choice counts where an endpoint is set."""
    passages = words.passages if wish.hears_speech else ()
    told, engine, missing, warnings = _asked(asker, measured, passages, wish)
    stresses = [each.stress for each in told]
    course = highlight_signals.course(measured, wish.genre, hears_speech=wish.hears_speech, stresses=stresses)
    edges = (
        highlight_edges.edges_of(measured, passages, _word_times(words))
        if wish.hears_speech
        else highlight_edges.Edges(
            measured.begin, measured.end, tuple(shot.start for shot in measured.shots[1:])
        )
    )
    found, left = highlight.highlights(course, edges, wish)
    if left:
        times = ", ".join(f"{time:.1f}" for time in left[:TIMES_NAMED])
        warnings = (*warnings, f"no highlight at {times} s: each edge within the limits would cut a word")
    return Found(found, told, engine, missing, warnings)


def _asked(
    asker: Asker, measured: Features, passages: Sequence[Passage], wish: Wish
) -> tuple[list[Told], str, tuple[Text, ...], tuple[str, ...]]:
    engine = providers.name(asker.ask)
    if not engine or not passages:
        return [], "", (NEEDS_MODEL,) if wish.words else (), ()
    wanted = highlight_told.Wanted(wish.words, wish.bounds(measured.seconds)[1])
    try:
        told, left = highlight_told.told(asker, passages, wanted)
    except TaskFault as fault:
        missing = Text(f"not by a model: {fault.en}", f"未使用大模型:{fault.zh}")
        return [], "", (missing,), ()
    note = (f"{left} highlights of the model were left out: it could not quote them",) if left else ()
    return told, engine, (), note


def _word_times(words: Said) -> list[Span]:
    return [(word.start, word.end) for each in words.utterances for word in each.words]


def item(part: Highlight, span: Span, found: Found, words: Said) -> Json:
    """A HighlightSegmentItem, times in seconds. `BeginTime` and `EndTime` are for what was live, and stay empty."""
    title, summary = _named(part, found, words)
    tags = [each.tag for each in part.reasons]
    tags += [f'said: "{each.quote}" ({each.stress.score:.0%})' for each in _of_model(part, found)]
    if part.cuts_sentence:
        tags.append("a sentence is cut between two words: it is longer than the limits allow")
    return {
        "Confidence": part.confidence,
        "StartTimeOffset": span[0],
        "EndTimeOffset": span[1],
        "SegmentTags": tags,
        "BeginTime": "",
        "EndTime": "",
        "Title": title,
        "Summary": summary,
    }


def _of_model(part: Highlight, found: Found) -> list[Told]:
    """The model's choices that lie in it for the greater part, best first."""
    inside = []
    for each in found.told:
        common = min(part.end, each.stress.end) - max(part.start, each.stress.start)
        if common > 0.5 * (each.stress.end - each.stress.start):
            inside.append(each)
    return sorted(inside, key=lambda each: -each.stress.score)


def _named(part: Highlight, found: Found, words: Said) -> tuple[str, str]:
    """Title and summary: the model's, else sentences that are said in it; empty where nothing is."""
    if chosen := _of_model(part, found):
        return chosen[0].title, chosen[0].reason
    said = [each for each in words.passages if part.start - 0.2 <= each.start and each.end <= part.end + 0.2]
    if not said:
        return "", ""
    best = [said[number] for number in sentences.chosen(said, SUMMED_UP)] or said[:1]
    return shortened(best[0].text, words.language), joined((each.text for each in best), words.language)


def evidence(clips: Sequence[Clip], found: Found, measured: Features) -> Json:
    """What each highlight rests on."""
    return {
        "seconds": round(measured.seconds, 3),
        "without_models": list(measured.missing),
        "clips": [
            {
                "file": clip.file,
                "cover": clip.cover,
                "cover_frame": clip.shown.frame if clip.shown else None,
                "seconds": clip.seconds,
                "parts": [
                    {
                        "start": span[0],
                        "end": span[1],
                        "confidence": part.confidence,
                        "peak": round(part.peak, 3),
                        "reasons": [each.row() for each in part.reasons],
                    }
                    for part, span in zip(clip.parts, clip.spans, strict=True)
                ],
            }
            for clip in clips
        ],
        "by_model": [
            {
                "start": each.stress.start,
                "end": each.stress.end,
                "score": each.stress.score,
                "title": each.title,
                "reason": each.reason,
                "quote": each.quote,
            }
            for each in found.told
        ],
    }
