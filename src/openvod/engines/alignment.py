"""When is each word said? The words of a known text, placed in its sound.

Two ways. `Aligner` finds them with PocketSphinx's acoustic model (its wheel holds model and dictionary). `spread` only
shares the voiced time out by the words' lengths: for cues that is fair, for karaoke it is not.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.models import Word
from openvod.engines import pronunciation
from openvod.engines.silero import Span
from openvod.media import audio

FRAMES_PER_SECOND = 100
"""PocketSphinx's clock."""
FULL_SCALE = 32767
LENIENCE = 4800
"""Samples of silence."""
PLACED = 0.7
"""Less of the words placed than this is no alignment."""


class Aligner:
    """The loaded acoustic model. About 40 MB of memory."""

    def __init__(self) -> None:
        """Load the model out of the installed pocketsphinx package."""
        import pocketsphinx  # noqa: PLC0415

        # Beams far wider than for recognition: the words are known, the path must not be lost.
        # The mean is taken over each chunk alone, so that a chunk's result does not depend on those before it.
        # Scoring every other frame (ds) costs half and moves a word by 0.01 s in the mean.
        self._decoder: Any = pocketsphinx.Decoder(
            lm=None, loglevel="FATAL", cmn="batch", ds=2, beam=1e-80, wbeam=1e-60, pbeam=1e-80
        )

    def place(
        self, sound: NDArray[np.float32], words: Sequence[str], offset: float = 0.0
    ) -> list[Word] | None:
        """The words with their times in seconds, `offset` added; None when the sound does not fit the words.

        `sound` is 16 kHz mono. A word without sound of its own (a dash) stands at its predecessor's end.
        """
        said = [pronunciation.spoken(word) for word in words]
        flat = [self._known(part) for parts in said for part in parts]
        if not flat:
            return None
        length = len(sound) / audio.RATE
        times = self._run(sound, flat)
        if len(times) < len(flat):
            # A chunk that was cut within its last words can only be placed when these may go on after it.
            times = _completed(self._run(np.pad(sound, (0, LENIENCE)), flat), len(flat), length)
        if not times:
            return None
        placed: list[Word] = []
        at = 0
        for word, parts in zip(words, said, strict=True):
            own = times[at : at + len(parts)]
            at += len(parts)
            last = placed[-1].end if placed else offset + times[0][0]
            start, end = (offset + own[0][0], offset + own[-1][1]) if own else (last, last)
            placed.append(Word(word, round(start, 3), round(end, 3)))
        return placed

    def _known(self, word: str) -> str:
        """The word, taught to the decoder first if its dictionary lacks it."""
        plain = re.sub(r"[()<>\[\]\s]", "", word)
        if self._decoder.lookup_word(plain) is None:
            self._decoder.add_word(plain, pronunciation.sounds(plain), update=False)
        return plain

    def _run(self, sound: NDArray[np.float32], words: Sequence[str]) -> list[tuple[float, float]]:
        """Start and end of the words that could be placed, from the first on; empty when the text does not fit."""
        decoder = self._decoder
        try:
            decoder.set_align_text(" ".join(words))
            decoder.start_utt()
            decoder.process_raw(
                (np.clip(sound, -1, 1) * FULL_SCALE).astype(np.int16).tobytes(), full_utt=True
            )
            decoder.end_utt()
        except RuntimeError:
            return []
        return [
            (segment.start_frame / FRAMES_PER_SECOND, (segment.end_frame + 1) / FRAMES_PER_SECOND)
            for segment in decoder.seg() or ()
            if segment.word[0] not in "<[("
        ]


def _completed(times: list[tuple[float, float]], words: int, length: float) -> list[tuple[float, float]]:
    """The times of the first words, and equal shares of the rest of the sound for the others; empty if too few."""
    if len(times) < words * PLACED:
        return []
    inside = [(min(start, length), min(end, length)) for start, end in times]
    shares = np.linspace(inside[-1][1], length, words - len(inside) + 1).tolist()
    return [*inside, *pairwise(shares)]


def spread(words: Sequence[str], span: Span) -> list[Word]:
    """The words shared out over the voiced parts of the span, each by its length."""
    voiced = span.voiced
    total = sum(end - start for start, end in voiced)
    lengths = [len(word) + 1 for word in words]
    ends = np.cumsum([0, *lengths]) / max(sum(lengths), 1) * total
    placed = []
    for i, word in enumerate(words):
        start, end = _at(voiced, float(ends[i]), later=True), _at(voiced, float(ends[i + 1]), later=False)
        placed.append(Word(word, round(start, 3), round(max(start, end), 3)))
    return placed


def _at(voiced: Sequence[tuple[float, float]], spoken: float, later: bool) -> float:
    """The time at which so many seconds have been voiced; `later` = after a pause that falls there, not before."""
    for start, end in voiced:
        if spoken < end - start - 1e-6 or (not later and spoken <= end - start + 1e-6):
            return start + spoken
        spoken -= end - start
    return voiced[-1][1]
