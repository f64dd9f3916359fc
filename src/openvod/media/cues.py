"""How does speech become subtitles that a professional would sign?

Three decisions, taken one after the other: which words share a cue, and a line (`cue_breaks`); when each cue comes and
goes (`cue_times`); and whether it is moved onto a shot change (`cue_snap`).
"""

from collections.abc import Sequence

from openvod.core.models import Utterance
from openvod.media.captions import Cue
from openvod.media.cue_breaks import Block, Words, cheapest, columns, lines
from openvod.media.cue_profiles import DEFAULT, PROFILES, Profile, chosen
from openvod.media.cue_report import Report, Share, conformance
from openvod.media.cue_retext import bilingual, relaid
from openvod.media.cue_snap import Shown, snap
from openvod.media.cue_times import Span, times
from openvod.media.spoken import paced, pieces

__all__ = [
    "PROFILES",
    "Profile",
    "Report",
    "Share",
    "bilingual",
    "chosen",
    "conformance",
    "lay_out",
    "relaid",
]


def lay_out(
    utterances: Sequence[Utterance], profile: Profile = PROFILES[DEFAULT], cuts: Sequence[float] = ()
) -> list[Cue]:
    """Turn speech into cues that keep a profile's hard rules, and its soft rules where the voice allows.

    Any input will do: times may be missing, wrong or overlapping. The cues' text, whitespace aside, is that
    of the utterances in order of their starts; a cue has one speaker. Times are whole milliseconds, in seconds.
    `cuts` are the times of shot changes (the first frame of each shot) in seconds, ascending.
    """
    spoken = paced(pieces(utterances, profile.fits))
    if not spoken:
        return []
    words = columns(spoken, profile)
    blocks = cheapest(words, profile)
    spans = times(blocks, words, profile)
    if cuts:
        spans = snap(_shown(blocks, spans, words), cuts, profile)
    return [
        Cue(span.start / 1000, span.end / 1000, lines(spoken, block), spoken[block.first].speaker)
        for block, span in zip(blocks, spans, strict=True)
    ]


def _shown(blocks: Sequence[Block], spans: Sequence[Span], words: Words) -> list[Shown]:
    return [
        Shown(
            span.start,
            span.end,
            Span(words.start[block.first], words.end[block.after - 1]),
            words.reading[block.after] - words.reading[block.first],
        )
        for block, span in zip(blocks, spans, strict=True)
    ]
