"""Where a cue begins or ends beside a shot change, is it moved there?

A change of the text right before or after a change of the picture is read as a flicker. So an edge within
`cut_pull_seconds` of a cut goes onto it (a cue ends two frames before it), one within `cut_clear_seconds` is moved
clear of it. An edge stays where it is when moving it would cost the viewer: words that were in time to read no longer
are, the voice is left without its text for longer than the profile says, a cue comes sooner than its voice by more than
that, or stays after it longer than it may.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from openvod.media.cue_profiles import Profile
from openvod.media.cue_times import Span, needed


@dataclass(frozen=True, slots=True)
class Shown:
    """A cue as far as snapping is concerned; times in milliseconds."""

    start: int
    end: int
    voice: Span
    """From its first to its last word."""
    reading: float
    """What its text takes to read at the highest speed."""


def snap(cues: Sequence[Shown], cuts: Sequence[float], profile: Profile) -> list[Span]:
    """New times of the cues. `cuts` are seconds of each shot's first frame, ascending; the cues do not overlap."""
    moments = [round(1000 * cut) for cut in cuts]
    moved = list(cues)
    for at in range(len(moved)):
        _snap_start(moved, at, moments, profile)
    for at in range(len(moved)):
        _snap_end(moved, at, moments, profile)
    return [Span(cue.start, cue.end) for cue in moved]


def _snap_start(cues: list[Shown], at: int, cuts: Sequence[int], profile: Profile) -> None:
    cue = cues[at]
    start = _beside(cuts, cue.voice.start, profile)
    if start is None or start < 0:
        return
    moved = replace(cue, start=start)
    if _is_worse(cue, moved, profile):
        return
    if at:
        before = _made_room(cues[at - 1], cue, start, profile)
        if before is None:
            return
        cues[at - 1] = before
    cues[at] = moved


def _beside(cuts: Sequence[int], voice: int, profile: Profile) -> int | None:
    """Where a cue whose voice begins near a cut begins: on the cut, or clear of it; None where no cut is near."""
    cut = _nearest(cuts, voice)
    pull, clear = round(1000 * profile.cut_pull_seconds), round(1000 * profile.cut_clear_seconds)
    if cut is None or abs(cut - voice) > max(pull, clear):
        return None
    if abs(cut - voice) <= pull:
        return cut
    start = cut + (clear if cut <= voice else -clear)
    return start if abs(start - voice) <= pull else None


def _made_room(before: Shown, cue: Shown, start: int, profile: Profile) -> Shown | None:
    """The cue before one that is moved to `start`: shorter or longer, as near to it as it was; None if it cannot."""
    gap = round(1000 * profile.min_gap_seconds)
    end = before.end
    if before.end > start - gap:
        end = start - gap
    elif cue.start - before.end <= gap + 1 and start > cue.start:
        latest = before.voice.end + round(1000 * profile.linger_seconds)
        end = max(end, min(start - gap, latest, before.start + round(1000 * profile.max_seconds)))
    changed = replace(before, end=end)
    trim = round(1000 * profile.cut_pull_seconds) + gap
    lost = end < before.end and (before.voice.end - end > trim or _is_worse(before, changed, profile))
    flickers = _is_flicker(start - end, profile) and not _is_flicker(cue.start - before.end, profile)
    return None if lost or flickers or end <= before.start else changed


def _snap_end(cues: list[Shown], at: int, cuts: Sequence[int], profile: Profile) -> None:
    cue = cues[at]
    following = cues[at + 1].start if at + 1 < len(cues) else None
    gap = round(1000 * profile.min_gap_seconds)
    pull, clear = round(1000 * profile.cut_pull_seconds), round(1000 * profile.cut_clear_seconds)
    cut = _nearest(cuts, cue.end)
    if cut is None or abs(cut - cue.end) > max(pull, clear) or following == cut:
        return
    latest = cue.voice.end + round(1000 * profile.linger_seconds)
    for end in (cut - gap, cut + clear if clear and cue.end > cut else None):
        if (
            end is None
            or end <= cue.start
            or end > min(latest, cue.start + round(1000 * profile.max_seconds))
        ):
            continue
        if following is not None and end > following - gap:
            continue
        if following is not None and _is_flicker(following - end, profile) > _is_flicker(
            following - cue.end, profile
        ):
            continue
        shorter_by = cue.voice.end - end
        moved = replace(cue, end=end)
        if shorter_by <= pull + gap and not _is_worse(cue, moved, profile):
            cues[at] = moved
            return


def _is_flicker(gap: int, profile: Profile) -> bool:
    """Whether a gap of so many milliseconds is too short to be seen as one."""
    return 1000 * profile.min_gap_seconds + 1 < gap < 1000 * profile.chain_seconds


def _is_worse(before: Shown, after: Shown, profile: Profile) -> bool:
    """Whether a cue that had the time it needs loses it, or one that had not gets even less; or lasts too long."""
    length = after.end - after.start
    enough = min(before.end - before.start, needed(before.reading, profile))
    return not max(1, enough) <= length <= 1000 * profile.max_seconds


def _nearest(cuts: Sequence[int], moment: int) -> int | None:
    at = bisect_left(cuts, moment)
    return min(cuts[max(0, at - 1) : at + 1], key=lambda cut: abs(cut - moment), default=None)
