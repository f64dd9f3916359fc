"""What is said in a media file, when, and is it English at all?

`find_speech` looks where speech is and cuts it into chunks; `recognise` does any run of these chunks, in any process;
`conclude` looks at all utterances together. Doing the chunks in several runs gives what one run gives, as far as the
decoder gives the same sound after a jump: AAC's differed by a thousandth here and there, which changed a word.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from openvod.core.models import Utterance, Word
from openvod.engines import language_gate, silero
from openvod.engines.alignment import Aligner, spread
from openvod.engines.language_gate import FOREIGN
from openvod.engines.moonshine import Moonshine, Transcript
from openvod.engines.silero import Span
from openvod.media import audio

ENGINE = f"{Moonshine.name} / silero-vad 6.2.3"
FOREIGN_SECONDS, FOREIGN_WORDS = 1.5, 3
"""Less speech than this says nothing about the language: what is understood badly then was a noise."""
NOISE = -1.0
"""The same for one utterance: what is understood so badly was no speech."""
MUTTER_WORDS, MUTTER = 2, -0.55
"""And for an utterance of a word or two, which has no context to be sure of. Of 99 single words cut out of sentences
and heard alone, 81 were above this, 51 of them right; of the other 18, 4. A breath was heard as "You" with -0.64."""
HUMS, HUM = frozenset("uh um uhuh uhhuh mm mmm mmhmm mhm hm hmm huh ah aah".split()), -0.2  # noqa: SIM905
"""And for nothing but hesitation. Sung vowels were heard as "Uh, uh, uh." with -0.41, barking as "Mm-hmm" with -0.29."""
CLEAR = -0.3
"""From here on, half of a chunk that is badly understood as a whole is taken for a stretch of its own."""
SPARSE, SPARSE_SECONDS = 1.3, 4.0
"""Words per voiced second, and seconds: in a longer chunk with fewer words, the recogniser stopped before its end."""


class Recogniser(Protocol):
    """What turns a chunk of sound into text."""

    @property
    def name(self) -> str:
        """Engine, model and version."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes."""
        ...

    def transcribe(self, sound: NDArray[np.float32]) -> Transcript:
        """The text of up to 24 seconds of 16 kHz mono sound."""
        ...


@dataclass(frozen=True, slots=True)
class Listener:
    """The loaded engines: loading costs as much as ten seconds of speech, so it is done once for many chunks."""

    recogniser: Recogniser
    aligner: Aligner | None
    """Looks up words' times in the sound; without it they are estimated."""

    @classmethod
    def load(cls, models: Path, *, word_times: bool, hot_words: Sequence[str] = ()) -> "Listener":
        """`hot_words` are names and terms that are likely to be said. Raises TaskFault when a model is not installed."""
        return cls(Moonshine(models, hot_words), Aligner() if word_times else None)


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a whole file came to."""

    utterances: tuple[Utterance, ...]
    """In order of time; empty when there was no speech, or none in the language."""
    language: str | None
    """ISO 639-1 code; None when speech was heard and it is in no language of the recogniser."""
    log_probability: float
    """Mean over what is in the language (over everything if nothing is), weighted by words; 0 is certain."""
    speech_seconds: float
    word_times: Literal["aligned", "estimated"]
    """Whether the words' times were found in the sound, or shared out by length."""
    left_out: tuple[tuple[float, float], ...] = ()
    """Start and end of what is in another language, in a file that mostly is in the recogniser's."""


def find_speech(
    blocks: Iterable[NDArray[np.float32]], models: Path, rules: silero.Rules | None = None
) -> list[Span]:
    """The chunks of speech in 16 kHz mono sound (`media.audio.decode`), in order.

    Raises TaskFault when the voice activity model is not installed.
    """
    speech = [*silero.probabilities(blocks, models)]
    return silero.chunks(np.concatenate(speech), rules or silero.Rules()) if speech else []


def recognise(
    source: Path,
    spans: Sequence[Span],
    listener: Listener,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Utterance]:
    """The utterances of consecutive chunks, in order; chunks without words are left out.

    Every utterance carries its words, with times. Raises TaskFault when the sound cannot be decoded.
    """
    if not spans:
        return []
    utterances: list[Utterance] = []
    for index, chunk in enumerate(sounds(source, spans)):
        for part, sound, transcript in _transcribe(listener.recogniser, *chunk):
            if words := transcript.text.split():
                utterances.append(
                    _utterance(transcript, part, _place(listener.aligner, transcript, words, (part, sound)))
                )
        progress((index + 1) / len(spans))
    return utterances


def conclude(utterances: Sequence[Utterance], spans: Sequence[Span], *, word_times: bool) -> Recognition:
    """The file's recognition from those of its chunks: is it English, and which utterances are to be believed?

    Stretches in another language are left out; a file that mostly is in another language has no utterances at all.
    """
    words = [len(utterance.words) for utterance in utterances]
    scores = [math.log(max(utterance.confidence, 1e-3) / 100) for utterance in utterances]
    heard = sum(span.end - span.start for span in spans)
    enough = heard >= FOREIGN_SECONDS and sum(words) >= FOREIGN_WORDS
    own = language_gate.own(scores, words) if enough else [True] * len(words)
    others = [u for u, mine in zip(utterances, own, strict=True) if not mine]
    kept = [
        u for u, score, mine in zip(utterances, scores, own, strict=True) if mine and _is_speech(u, score)
    ]
    mean = _mean(scores, [count * mine for count, mine in zip(words, own, strict=True)])
    foreign = enough and (_seconds(others) > _seconds(utterances) / 2 or mean < FOREIGN)
    return Recognition(
        utterances=() if foreign else tuple(kept),
        language=None if foreign else "en",
        log_probability=_mean(scores, words) if foreign else mean,
        speech_seconds=heard,
        word_times="aligned" if word_times else "estimated",
        left_out=() if foreign else tuple((u.start, u.end) for u in others),
    )


def _mean(scores: Sequence[float], weights: Sequence[int]) -> float:
    return sum(w * s for w, s in zip(weights, scores, strict=True)) / max(sum(weights), 1)


def _seconds(utterances: Iterable[Utterance]) -> float:
    return sum(utterance.end - utterance.start for utterance in utterances)


def _transcribe(
    recogniser: Recogniser, span: Span, sound: NDArray[np.float32]
) -> list[tuple[Span, NDArray[np.float32], Transcript]]:
    """The chunk's text; in two halves where the whole gave suspiciously little, or is badly understood, and the
    halves do better: they may be in two languages."""
    whole = recogniser.transcribe(sound)
    words, voiced = len(whole.text.split()), sum(end - start for start, end in span.voiced)
    sparse = voiced >= SPARSE_SECONDS and words < SPARSE * voiced
    bad = whole.log_probability < FOREIGN and voiced >= SPARSE_SECONDS
    halves = span.halves()
    if halves is None or not (sparse or bad):
        return [(span, sound, whole)]
    middle = round((halves[0].end - span.start) * audio.RATE)
    sounds = (sound[:middle], sound[middle:])
    parts = [(half, part, recogniser.transcribe(part)) for half, part in zip(halves, sounds, strict=True)]
    texts = [(len(part[2].text.split()), part[2].log_probability) for part in parts]
    better = (
        sparse and sum(count for count, _ in texts) > words and min(score for _, score in texts) >= FOREIGN
    )
    mixed = bad and any(count >= FOREIGN_WORDS and score >= CLEAR for count, score in texts)
    return parts if better or mixed else [(span, sound, whole)]


def _is_speech(utterance: Utterance, score: float) -> bool:
    if all(re.sub("[^a-z]", "", word.text.lower()) in HUMS for word in utterance.words):
        return score >= HUM
    return score >= (MUTTER if len(utterance.words) <= MUTTER_WORDS else NOISE)


def _place(
    aligner: Aligner | None, transcript: Transcript, words: list[str], chunk: tuple[Span, NDArray[np.float32]]
) -> list[Word]:
    """Words with times; aligning what is likely no English would be wasted."""
    span, sound = chunk
    if aligner is not None and transcript.log_probability >= FOREIGN and not transcript.looped:
        placed = aligner.place(sound, words, span.start)
        if placed is not None:
            return placed
    return spread(words, span)


def _utterance(transcript: Transcript, span: Span, words: list[Word]) -> Utterance:
    confidence = round(100 * math.exp(transcript.log_probability), 2)
    inside = tuple(replace(w, start=min(w.start, span.end), end=min(w.end, span.end)) for w in words)
    return Utterance(inside[0].start, inside[-1].end, transcript.text, confidence, inside)


def sounds(source: Path, spans: Sequence[Span]) -> Iterator[tuple[Span, NDArray[np.float32]]]:
    """Each chunk with its sound, in one pass over the stretch of the file that holds them; not empty."""
    return zip(spans, audio.stretches(source, [(span.start, span.end) for span in spans]), strict=True)
