"""Which rules must subtitles keep, and which of them does a cue break?

Hard rules hold for every cue without exception. Soft rules hold where the voice allows: nobody can read a line in time
whose speaker is too fast. An offence says whether that was the reason.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from openvod.media.captions import Cue
from openvod.media.cue_profiles import Profile, units
from openvod.media.line_breaks import hurt

HAIR = 0.0015
"""Seconds by which a time may be off after rounding to milliseconds."""
_TIED = 1.0
"""Breaks that hurt as much part words that belong together."""

RULES = {
    "lines": "a cue has no more lines than allowed, none of them empty",
    "line-length": "no line is longer than allowed",
    "duration": "a cue has a beginning and an end, and lasts no longer than allowed",
    "overlap": "a cue ends before the next one begins",
    "words": "the words are those that were spoken, in their order",
    "speaker": "a cue holds the words of one speaker",
    "reading-speed": "there is time to read a cue",
    "min-duration": "a cue does not flash by",
    "linger": "a cue goes soon after its last word",
    "sync": "a cue comes with its first word, or with the shot change beside it",
    "gap": "cues are joined, two frames apart, or far enough apart not to flicker",
    "phrase": "no line and no cue ends between words that belong together",
    "shot-change": "a cue that comes or goes within reach of a shot change does so with it",
}
"""What each rule says, by its id."""
HARD = ("lines", "line-length", "duration", "overlap", "words", "speaker")


@dataclass(frozen=True, slots=True)
class Offence:
    """A rule that a cue breaks."""

    rule: str
    cue: int
    """Its number, from 1; 0 for all of them together."""
    reason: str
    """What was found and what is allowed, without the cue's number."""
    forced: bool = False
    """Whether the voice left no other way."""


@dataclass(frozen=True, slots=True)
class Voice:
    """When the words of a cue are spoken, in seconds, and what is around them."""

    start: float
    end: float
    silent_from: float
    """When the words before them end."""
    silent_until: float
    """When the words after them begin."""
    speakers: frozenset[str | None]
    """Whose words they are."""


def by_itself(cue: Cue, number: int, profile: Profile) -> Iterator[Offence]:
    """The hard rules about one cue."""
    length = cue.end - cue.start
    runs = round(1000 * cue.start) < round(1000 * cue.end) if 0 <= cue.start < cue.end < math.inf else False
    if not runs:
        yield Offence("duration", number, f"runs from {cue.start} to {cue.end}")
    if length > profile.max_seconds + HAIR:
        yield Offence("duration", number, f"lasts {length:.3f} s, at most {profile.max_seconds:g} s")
    if not 1 <= len(cue.lines) <= profile.max_lines:
        yield Offence("lines", number, f"has {len(cue.lines)} lines, at most {profile.max_lines}")
    for line in cue.lines:
        if not line or line != line.strip() or len(line.splitlines()) != 1:
            yield Offence("lines", number, f"has an empty, padded or broken line: {line[:80]!r}")
        if not profile.fits(line):
            yield Offence(
                "line-length", number, f"has a line of {units(line)} columns, at most {_room(profile)}"
            )


def _room(profile: Profile) -> str:
    return f"{profile.max_chars}, or {profile.max_chars_cjk} full-width characters"


def overlaps(cues: Sequence[Cue]) -> Iterator[Offence]:
    """The hard rule about two cues."""
    for number, (before, after) in enumerate(pairwise(cues), 1):
        if not before.end <= after.start:
            yield Offence(
                "overlap", number, f"ends at {before.end}, after the next one starts at {after.start}"
            )


def speakers(cue: Cue, number: int, voice: Voice) -> Iterator[Offence]:
    """Whether a cue says whose words it holds, and holds no one else's."""
    if len(voice.speakers) > 1:
        names = ", ".join(sorted(str(name) for name in voice.speakers))
        yield Offence("speaker", number, f"holds the words of several speakers: {names}")
    elif cue.speaker not in voice.speakers:
        yield Offence("speaker", number, f"is given to {cue.speaker}, spoken by {next(iter(voice.speakers))}")


def reading(at: int, cues: Sequence[Cue], voices: Sequence[Voice], profile: Profile) -> Iterator[Offence]:
    """Whether there is time to read the cue at index `at`, and to see it at all. No voices: nobody spoke."""
    cue = cues[at]
    length = cue.end - cue.start
    needed = sum(map(profile.reading_ms, cue.lines)) / 1000
    if needed > length + HAIR:
        reason = f"has {length:.2f} s for text that takes {needed:.2f} s to read"
        yield Offence("reading-speed", at + 1, reason, _is_forced(at, cues, voices, profile))
    if length < profile.min_seconds - HAIR:
        reason = f"lasts {length:.2f} s, at least {profile.min_seconds:.2f} s"
        yield Offence("min-duration", at + 1, reason, _is_forced(at, cues, voices, profile))


def _is_forced(at: int, cues: Sequence[Cue], voices: Sequence[Voice], profile: Profile) -> bool:
    """Whether neither the cue by itself nor together with a neighbour could be shown for long enough."""
    shares = ((first, last) for first, last in ((at, at), (at - 1, at), (at, at + 1)))
    return bool(voices) and not any(
        _could_be_read(cues[first : last + 1], voices[first : last + 1], profile)
        for first, last in shares
        if first >= 0 and last < len(cues)
    )


def _could_be_read(cues: Sequence[Cue], voices: Sequence[Voice], profile: Profile) -> bool:
    """Whether there would be time for the words of these neighbours on one cue, and room: as much as its lines have,
    wherever they would be broken.
    """
    text = " ".join(line for cue in cues for line in cue.lines)
    columns = units(text)
    width = profile.max_chars if columns == len(text) else 2 * profile.max_chars_cjk
    begin, end = voices[0], voices[-1]
    if len(cues) > 1 and (
        begin.speakers != end.speakers
        or columns > profile.max_lines * width
        or end.end - begin.start > profile.max_seconds
        or end.start - begin.end > profile.max_pause_seconds
    ):
        return False
    start = max(begin.silent_from, begin.start - profile.lead_seconds)
    room = min(end.silent_until, end.end + profile.linger_seconds) - start + HAIR
    return max(profile.reading_ms(text) / 1000, profile.min_seconds) <= min(room, profile.max_seconds)


def timing(cue: Cue, number: int, voice: Voice, by_cut: bool, profile: Profile) -> Iterator[Offence]:
    """Whether it comes and goes with its voice. `by_cut`: it begins with a shot change, or clear of it."""
    late = cue.start - voice.start
    slack = profile.cut_pull_seconds if by_cut else 0.0
    if not -max(slack, profile.lead_seconds) - HAIR <= late <= max(slack, profile.late_seconds) + HAIR:
        yield Offence(
            "sync", number, f"comes {abs(late):.2f} s {'after' if late > 0 else 'before'} its voice"
        )
    if cue.end - voice.end > profile.linger_seconds + HAIR:
        reason = f"stays {cue.end - voice.end:.2f} s after its voice, at most {profile.linger_seconds:g} s"
        yield Offence("linger", number, reason)


def gaps(cues: Sequence[Cue], voices: Sequence[Voice], profile: Profile) -> Iterator[Offence]:
    """Gaps that flicker; the number is that of the cue before the gap."""
    for number, (before, after) in enumerate(pairwise(cues), 1):
        gap = after.start - before.end
        if profile.min_gap_seconds + HAIR < gap < profile.chain_seconds - HAIR:
            full = before.end - before.start > profile.max_seconds - profile.min_gap_seconds
            heard = bool(voices) and before.end - voices[number - 1].end > profile.linger_seconds - HAIR
            reason = f"is followed by a gap of {gap:.2f} s, at least {profile.chain_seconds:g} s or none"
            yield Offence("gap", number, reason, forced=full or heard)


def phrases(cue: Cue, number: int, following: Cue | None, pause: float) -> Iterator[Offence]:
    """Breaks between words that belong together. `pause`: seconds of silence before the `following` cue's words."""
    for above, below in pairwise(cue.lines):
        left, right, hold = _edges(above, below)
        if hold >= _TIED:
            yield Offence("phrase", number, f"has a line break between {left[-40:]!r} and {right[:40]!r}")
    if following is not None and cue.lines and following.lines and cue.speaker == following.speaker:
        left, right, hold = _edges(cue.lines[-1], following.lines[0])
        if hold * (1 - 0.6 * min(1.0, pause / 0.6)) >= _TIED:
            yield Offence("phrase", number, f"ends on {left[-40:]!r}, which belongs to {right[:40]!r}")


def _edges(above: str, below: str) -> tuple[str, str, float]:
    """The words on both sides of a break, and how much it hurts."""
    left, right = (above.split() or [""])[-1], (below.split() or [""])[0]
    return left, right, hurt(left, right) if left and right else 0.0


def beside_cuts(
    cue: Cue, number: int, before: float | None, after: float | None, profile: Profile
) -> Iterator[Offence]:
    """Edges near a shot change and not with it. `before`, `after`: the change nearest to its start, to its end."""
    reach = profile.cut_pull_seconds
    if before is not None and HAIR < abs(cue.start - before) < reach - HAIR:
        yield Offence("shot-change", number, f"comes {abs(cue.start - before):.2f} s beside a shot change")
    gap = profile.min_gap_seconds + HAIR
    if after is not None and not 0 - HAIR <= after - cue.end <= gap and abs(after - cue.end) < reach - HAIR:
        yield Offence("shot-change", number, f"goes {abs(cue.end - after):.2f} s beside a shot change")
