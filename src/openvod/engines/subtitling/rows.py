"""How are cues told on the wire? The rows of a SegmentSet."""

from collections.abc import Iterator, Sequence

from openvod.core.models import Json, Utterance, Word
from openvod.media import dialogue
from openvod.media.captions import Cue


def segments(
    cues: Sequence[Cue],
    utterances: Sequence[Utterance],
    *,
    with_words: bool,
    translations: Sequence[str] | None = None,
) -> list[Json]:
    """One row for each cue. Its confidence is that of the utterances its words come from, the least one.

    `cues` are those that the utterances were set as, so that their texts differ in spaces only. `translations`, one for
    each cue, make them rows of a translation.
    """
    said = iter([(word, utterance) for utterance in utterances for word in utterance.words])
    rows = []
    for at, cue in enumerate(cues):
        own = _words_of(cue, said)
        row = {
            "Confidence": round(min((utterance.confidence for _, utterance in own), default=0.0), 2),
            "StartTimeOffset": round(cue.start, 3),
            "EndTimeOffset": round(cue.end, 3),
            "Text": dialogue.joined(cue.lines),
        }
        if translations is not None:
            row["Trans"] = translations[at]
        words = [_word(word) for word, _ in own] if with_words else []
        rows.append({**row, "Wordlist": words, "SpeakerId": cue.speaker or ""})
    return rows


def _words_of(cue: Cue, said: Iterator[tuple[Word, Utterance]]) -> list[tuple[Word, Utterance]]:
    """The next words, as many as make up the cue's text: cues change nothing but the spaces."""
    left = len("".join("".join(cue.lines).split()))
    own = []
    while left > 0 and (following := next(said, None)) is not None:
        own.append(following)
        left -= len("".join(following[0].text.split()))
    return own


def _word(word: Word) -> Json:
    return {"Word": word.text, "Start": round(word.start, 3), "End": round(word.end, 3), "Trans": ""}
