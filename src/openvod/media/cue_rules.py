"""Which rules must subtitles keep, and does a list of cues keep them?

Hard rules hold for every cue without exception. Soft rules hold where the voice allows: nobody can read a
line in time whose speaker is too fast, so for these the share of cues that keep them is told.
"""

import math
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

from openvod.core.models import Utterance
from openvod.media.captions import Cue
from openvod.media.spoken import Piece, pieces

_HAIR = 0.0015
"""Seconds by which a time may be off after rounding to milliseconds."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A house style. Times in seconds."""

    name: str
    max_lines: int = 2
    """1 or 2."""
    max_chars: int = 42
    """Of a line without full-width characters."""
    max_chars_cjk: int = 16
    """Full-width characters of a line; a half-width one beside them counts as half of one."""
    max_seconds: float = 7.0
    max_pause_seconds: float = 1.0
    """A cue never runs across a longer silence."""
    min_seconds: float = 0.8
    max_cps: float = 20.0
    """Reading speed in characters per second, spaces included; a full-width character counts as two."""
    linger_seconds: float = 0.5
    """How long a cue may stay after its last word."""
    lead_seconds: float = 0.1
    """How long a cue may come before its first word."""
    min_gap_seconds: float = 2 / 24
    """Between two cues that are not joined: two frames of film, which the eye needs to see the change."""
    chain_seconds: float = 0.5
    """A shorter gap would flicker: it is closed to none, or to `min_gap_seconds`."""

    def __post_init__(self) -> None:
        if self.max_lines not in (1, 2) or self.max_chars < 1 or self.max_chars_cjk < 1:
            raise ValueError("a profile has one or two lines of at least one character")
        if self.min_seconds <= 0 or self.max_seconds < max(1.0, self.min_seconds) or self.max_cps <= 0:
            raise ValueError("a profile's cues may last at least a second, and can be read at some speed")

    def fits(self, line: str) -> bool:
        """Whether the text may stand on one line."""
        wide = units(line) - len(line)
        return len(line) <= self.max_chars and (not wide or len(line) + wide <= 2 * self.max_chars_cjk)


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("netflix"),
        Profile("bbc", max_chars=37, max_cps=17.0, min_seconds=1.0),
        Profile(
            "short-video", max_lines=1, max_chars=24, max_chars_cjk=12, max_seconds=4.0, linger_seconds=0.3
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the cues keep a soft rule."""

    kept: int
    of: int

    @property
    def percent(self) -> float:
        """0 to 100; of no cues, all keep it."""
        return 100.0 * self.kept / self.of if self.of else 100.0


@dataclass(frozen=True, slots=True)
class Report:
    """How a list of cues keeps a profile's rules."""

    cues: int
    hard_violations: tuple[str, ...]
    """One sentence each."""
    cps_ok: Share
    min_seconds_ok: Share
    linger_ok: Share
    """Cues that end within `linger_seconds` after their last word."""
    sync_ok: Share
    """Cues that start with their first word: at most `lead_seconds` before and 0.1 s after it."""
    gap_ok: Share
    """Gaps between neighbours that do not flicker."""


def units(text: str) -> int:
    """Width in half-width columns: a full-width character takes two."""
    if text.isascii():
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(character) in "WF" for character in text)


def conformance(cues: Sequence[Cue], utterances: Sequence[Utterance], profile: Profile) -> Report:
    """Check cues against a profile and against the speech that they are to show."""
    spoken = pieces(utterances, profile.fits)
    hard = [*_broken_in_one(cues, profile), *_broken_between(cues)]
    voices: list[_Voice] = []
    if _letters(line for cue in cues for line in cue.lines) == "".join(piece.text for piece in spoken):
        voices = _voices(cues, spoken)
    else:
        hard.append("the words of the cues are not the words spoken")
    timed = list(zip(cues, voices, strict=False))
    lengths = [cue.end - cue.start for cue in cues]
    gaps = [after.start - before.end for before, after in pairwise(cues)]
    return Report(
        cues=len(cues),
        hard_violations=tuple(hard),
        cps_ok=_share(
            sum(map(units, cue.lines)) <= profile.max_cps * length + _HAIR
            for cue, length in zip(cues, lengths, strict=True)
        ),
        min_seconds_ok=_share(length >= profile.min_seconds - _HAIR for length in lengths),
        linger_ok=_share(cue.end - voice.end <= profile.linger_seconds + _HAIR for cue, voice in timed),
        sync_ok=_share(
            -profile.lead_seconds - _HAIR <= cue.start - voice.start <= 0.1 for cue, voice in timed
        ),
        gap_ok=_share(
            gap <= profile.min_gap_seconds + _HAIR or gap >= profile.chain_seconds - _HAIR for gap in gaps
        ),
    )


class _Voice(NamedTuple):
    """When the words of a cue are spoken, in seconds."""

    start: float
    end: float


def _voices(cues: Sequence[Cue], spoken: Sequence[Piece]) -> list[_Voice]:
    """Cues and pieces hold the same letters, so counting them tells which pieces a cue shows."""
    offsets = [0, *accumulate(len(piece.text) for piece in spoken)]
    voices = []
    letter = 0
    for cue in cues:
        first = bisect_right(offsets, letter) - 1
        letter += len(_letters(cue.lines))
        last = bisect_left(offsets, letter)
        shown = spoken[first:last]
        if shown:
            voices.append(_Voice(shown[0].start / 1000, max(piece.end for piece in shown) / 1000))
        else:
            voices.append(_Voice(cue.start, cue.end))
    return voices


def _broken_in_one(cues: Sequence[Cue], profile: Profile) -> Iterator[str]:
    for number, cue in enumerate(cues, 1):
        if not 0 <= cue.start < cue.end < math.inf or round(cue.start * 1000) >= round(cue.end * 1000):
            yield f"cue {number} runs from {cue.start} to {cue.end}"
        if cue.end - cue.start > profile.max_seconds + _HAIR:
            yield f"cue {number} lasts {cue.end - cue.start:.3f} s"
        if not 1 <= len(cue.lines) <= profile.max_lines:
            yield f"cue {number} has {len(cue.lines)} lines"
        for line in cue.lines:
            if not line or line != line.strip() or len(line.splitlines()) != 1:
                yield f"cue {number} has an empty, padded or broken line: {line!r}"
            if not profile.fits(line):
                yield f"cue {number} has a line of {units(line)} columns"


def _broken_between(cues: Sequence[Cue]) -> Iterator[str]:
    for number, (before, after) in enumerate(pairwise(cues), 1):
        if not before.end <= after.start:
            yield f"cue {number} ends at {before.end}, after the next one starts at {after.start}"


def _letters(texts: Iterable[str]) -> str:
    return "".join("".join(text.split()) for text in texts)


def _share(kept: Iterable[bool]) -> Share:
    answers = list(kept)
    return Share(sum(answers), len(answers))
