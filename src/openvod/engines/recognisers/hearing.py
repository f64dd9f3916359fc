"""What does a recogniser hear in chunks of speech? Any engine's answer as utterances on the file's clock, guarded.

It holds no more than one sound of the engine's longest at a time, so the chunks may come from hours of sound.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from openvod.core.models import Utterance, Word
from openvod.engines.recognisers import Chunk, Heard, Recogniser, Segment, Wanted, guards, timing
from openvod.engines.recognisers.packing import Packed, packed

UNSTATED = 80.0
"""Confidence, 0 to 100, where an engine does not say how sure it is."""


def hear(recogniser: Recogniser, chunks: Iterable[Chunk], wanted: Wanted) -> Heard:
    """The utterances of consecutive chunks. To tell progress, count the chunks as they are drawn.

    Raises TaskFault when the engine fails.
    """
    utterances: list[Utterance] = []
    left_out: list[tuple[float, float, str]] = []
    aligned = True
    for sound in packed(chunks, recogniser.longest):
        for segment in recogniser.hear(sound.samples, wanted):
            heard, exact, objection = _judged(segment, sound, recogniser.invents)
            utterances += heard
            aligned = aligned and (exact or not heard)
            if objection:
                left_out.append((*_bounds(segment, sound), objection))
    return Heard(tuple(sorted(utterances, key=lambda each: each.start)), aligned, tuple(left_out))


def _judged(segment: Segment, sound: Packed, invents: bool) -> tuple[list[Utterance], bool, str]:
    """The segment's utterances, whether their times are the engine's, and what speaks against the segment."""
    if not (text := " ".join(segment.text.split())):
        return [], True, ""
    start, end = _inside(segment, sound.length)
    span = sound.voiced(start, end)
    words = timing.fitted(text, segment.words, sound.length)
    if words is not None:
        span = sound.voiced(words[0].start, max(word.end for word in words))
    voiced = sum(stop - begin for begin, stop in span.voiced)
    if objection := guards.objection(replace(segment, text=text), voiced, invents):
        return [], True, objection
    exact = words is not None
    words = words if words is not None else timing.shared(text, span)
    kept = guards.unlooped(words) if invents else len(words)
    heard = [_utterance(group, segment) for group in _by_chunk(words[:kept], sound)]
    return heard, exact, "goes round and round" if kept < len(words) else ""


def _inside(segment: Segment, length: float) -> tuple[float, float]:
    """The segment's time in its sound; all of it where the engine's times make no sense."""
    known = math.isfinite(segment.start) and math.isfinite(segment.end)
    if (
        known
        and -timing.SLACK <= segment.start < segment.end <= length + timing.SLACK
        and segment.start < length
    ):
        return max(segment.start, 0.0), min(segment.end, length)
    return 0.0, length


def _bounds(segment: Segment, sound: Packed) -> tuple[float, float]:
    start, end = _inside(segment, sound.length)
    return round(sound.of(start).there(start), 3), round(sound.of(end).there(end), 3)


def _by_chunk(words: Iterable[Word], sound: Packed) -> Iterator[list[Word]]:
    """The words on the file's clock, apart by the chunk that they are in."""
    placed = ((word, sound.of((word.start + word.end) / 2)) for word in words)
    for piece, group in groupby(placed, key=lambda pair: pair[1]):
        yield [
            replace(word, start=round(piece.there(word.start), 3), end=round(piece.there(word.end), 3))
            for word, _ in group
        ]


def _utterance(words: list[Word], segment: Segment) -> Utterance:
    text = "".join(word.text for word in words).strip()
    sure = segment.log_probability
    confidence = UNSTATED if sure is None else round(100 * math.exp(min(sure, 0.0)), 2)
    plain = tuple(replace(word, text=word.text.strip()) for word in words)
    return Utterance(plain[0].start, max(word.end for word in plain), text, confidence, plain)
