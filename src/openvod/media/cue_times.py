"""When does each cue come and go? With the voice, longer where reading needs it, never flickering."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from openvod.media.cue_breaks import NEVER, Block, Words
from openvod.media.cue_profiles import Profile

_COMFORT = 0.75  # of the highest reading speed: what a cue is extended for when there is silence
_TAIL = 200  # milliseconds a cue stays after its last word, given silence: aligners end words early


class Span(NamedTuple):
    """From when to when, in milliseconds."""

    start: int
    end: int


def times(blocks: Sequence[Block], words: Words, profile: Profile) -> list[Span]:
    """Start and end of each cue."""
    starts = _starts(blocks, words, profile)
    following = [*starts[1:], NEVER]
    return [
        Span(start, _end(words.end[block.after - 1], start, after, _reading(words, block), profile))
        for block, start, after in zip(blocks, starts, following, strict=True)
    ]


def needed(reading: float, profile: Profile, share: float = 1.0) -> int:
    """Milliseconds a cue needs at a share of the highest reading speed; at least the shortest cue's."""
    return max(round(1000 * profile.min_seconds), math.ceil(reading / share))


def _starts(blocks: Sequence[Block], words: Words, profile: Profile) -> list[int]:
    """A cue starts with its voice; one that will be too short starts a little before, in silence."""
    starts = []
    silent_from = 0
    for block in blocks:
        start, voice_end = words.start[block.first], words.end[block.after - 1]
        linger, gap = round(1000 * profile.linger_seconds), round(1000 * profile.min_gap_seconds)
        latest = min(voice_end + linger, words.start[block.after] - gap)
        lacking = needed(_reading(words, block), profile) - (latest - start)
        starts.append(start - max(0, min(lacking, round(1000 * profile.lead_seconds), start - silent_from)))
        silent_from = voice_end
    return starts


def _end(voice_end: int, start: int, following: int, reading: float, profile: Profile) -> int:
    """When a cue goes: after the voice and the reading, joined to the next one when that is near."""
    enough = start + needed(reading, profile)
    latest = voice_end + round(1000 * profile.linger_seconds)
    gap = round(1000 * profile.min_gap_seconds)
    chain = round(1000 * profile.chain_seconds)
    if following - gap <= latest:
        end = following if enough > following - gap and following <= latest else following - gap
    else:
        end = min(latest, max(voice_end + _TAIL, start + needed(reading, profile, _COMFORT)))
        if following - end < chain:
            end = max(voice_end, min(end, enough), following - chain)
    return min(end, following, start + round(1000 * profile.max_seconds))


def _reading(words: Words, block: Block) -> float:
    return words.reading[block.after] - words.reading[block.first]
