"""Which opening and ending does a file share with others of the library? They are asked for one by one, until it is clear."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from openvod.core import asking
from openvod.core.errors import TaskFault
from openvod.engines import features
from openvod.engines.analysis import measured
from openvod.engines.analysis.episodes import head_tail, head_tail_picture, head_tail_sound
from openvod.engines.analysis.episodes.head_tail import End, Match, Other, Part, Pictures
from openvod.engines.analysis.episodes.head_tail_sound import Prints, Stretch
from openvod.engines.features import Features, Film
from openvod.engines.features.record import packed, unpack
from openvod.engines.subtitling.request import Job

STEP = "prints/1"
"""Fingerprints alone: small, and there for files that were never measured as a whole."""
LOOKS_STEP = "looks-at/1"
ENOUGH = 3
"""Files that agree on both, after which no other one is compared."""
MOST_SILENT = 4
"""Files that are compared by their pictures: these must be decoded."""
SHOWN = 3
"""Files of which the pictures are looked at to confirm what was heard."""
NEAR = 0.3
"""Share of a silent film at each end that is looked at."""
_SOUNDING = 0.1
"""Share of a film's fingerprints that are no silence, to be told by its sound."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of it."""

    head: Part | None
    tail: Part | None
    compared: tuple[Other, ...]
    notes: tuple[str, ...] = ()
    """Files that were passed over, for the operator's eyes."""


def search(job: Job, own: Features) -> Found:
    """Compare a file with its neighbours. Raises TaskFault only where asking does."""
    others = [Other(row["content"], row["name"], row["seconds"]) for row in asking.neighbours(job.ask)]
    by_sound = len(own.prints) > 0 and bool((own.prints > 0).mean() >= _SOUNDING)
    if by_sound:
        asking.keep(job.ask, STEP, {"content": job.content}, packed(own.prints))
    else:
        others = others[:MOST_SILENT]
    compared: list[Other] = []
    notes: list[str] = []
    matches: dict[End, list[Match]] = {"head": [], "tail": []}
    for number, other in enumerate(others):
        job.progress(number / len(others))
        try:
            found = _heard(job, own, other) if by_sound else _seen(job, own, other)
        except TaskFault as fault:
            notes.append(f"`{other.name}` was not compared: {fault.en}")
            continue
        if head_tail.same_film(own.seconds, other, found):
            notes.append(f"`{other.name}` is the same film")
            continue
        compared.append(other)
        for end in matches:
            matches[end] += head_tail.places(end, own.seconds, other, found)
        if all(_is_clear(end, known) for end, known in matches.items()):
            break
    head, tail = (_confirmed(job, own, end, matches[end], by_sound=by_sound) for end in ("head", "tail"))
    return Found(head, tail, tuple(compared), tuple(notes))


def _is_clear(end: End, matches: Sequence[Match]) -> bool:
    return any(len(part.matches) >= ENOUGH for part in head_tail.candidates(end, matches)[:1])


def _heard(job: Job, own: Features, other: Other) -> tuple[Stretch, ...]:
    return head_tail_sound.common(own.prints, _prints(job, other))


def _prints(job: Job, other: Other) -> Prints:
    """A neighbour's fingerprints: remembered, of its features, or measured now."""
    about = {"content": other.content}
    row = asking.recall(job.ask, STEP, about)
    if row is None:
        known = features.known(_film(job, other.content))
        row = packed(known.prints) if known else asking.neighbour(job.ask, other.content)["prints"]
        asking.keep(job.ask, STEP, about, row)
    prints: Prints = unpack(row)
    return prints


def _film(job: Job, content: str) -> Film:
    return replace(measured.film(job), content=content, progress=lambda _: None)


def _seen(job: Job, own: Features, other: Other) -> tuple[Stretch, ...]:
    length = other.seconds
    theirs = _looks(job, other, [(0.0, NEAR * length), ((1 - NEAR) * length, length)])
    found = head_tail_picture.common(Pictures.of(own.looks), theirs)
    return tuple(_to_shots(each, own) for each in found)


def _to_shots(stretch: Stretch, own: Features) -> Stretch:
    """Half a second is too rough: an edge is where a shot begins or ends, when one does so near."""
    edges = [own.begin, *(shot.end for shot in own.shots)]
    begin, end = (min(edges, key=lambda edge: abs(edge - time)) for time in (stretch.begin, stretch.end))
    return replace(
        stretch,
        begin=begin if abs(begin - stretch.begin) <= 0.6 else stretch.begin,
        end=end if abs(end - stretch.end) <= 0.6 else stretch.end,
    )


def _looks(job: Job, other: Other, spans: Sequence[tuple[float, float]]) -> Pictures:
    """A neighbour's pictures in some stretches: of its features, or looked at now."""
    about: dict[str, Any] = {"content": other.content, "spans": [list(span) for span in spans]}
    row = asking.recall(job.ask, LOOKS_STEP, about)
    if row is None:
        known = features.known(_film(job, other.content))
        if known is not None:
            return Pictures.of(known.looks)
        row = asking.neighbour(job.ask, other.content, spans)
        asking.keep(job.ask, LOOKS_STEP, about, row)
    return Pictures.unpacked(row)


def _confirmed(job: Job, own: Features, end: End, matches: Sequence[Match], *, by_sound: bool) -> Part | None:
    """The best candidate that the pictures do not speak against, at edges to the frame where a shot or silence has one."""
    for part in head_tail.candidates(end, matches):
        looked = part
        if by_sound and len(own.looks):
            looked = replace(part, matches=tuple(_with_pictures(job, own, part.matches)))
        judged = head_tail.judged(looked)
        if judged is not None:
            shots = [own.begin, *(shot.end for shot in own.shots)]
            begin, until = (
                head_tail.snapped(time, shots, own.sound.level) for time in (part.begin, part.end)
            )
            return replace(judged, begin=max(0.0, begin), end=min(until, round(own.seconds, 3)))
    return None


def _with_pictures(job: Job, own: Features, matches: Sequence[Match]) -> Iterator[Match]:
    """The clearest matches, with how alike the pictures are; those not looked at are left out."""
    mine = Pictures.of(own.looks)
    for match in sorted(matches, key=lambda each: each.stretch.errors)[:SHOWN]:
        begin, end = (time + match.stretch.shift for time in (match.stretch.begin, match.stretch.end))
        spans = [(float(max(0, int(begin) - 1)), float(int(end) + 2))]
        try:
            theirs = _looks(job, match.other, spans)
        except TaskFault:  # its pictures are damaged: its sound was not
            yield match
            continue
        yield replace(match, pictures=head_tail.alike(mine, theirs, match.stretch))
