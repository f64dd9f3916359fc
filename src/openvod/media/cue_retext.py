"""How is another text, such as a translation, set in the time of a cue?"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from openvod.core.models import Utterance
from openvod.media.captions import Cue
from openvod.media.cue_breaks import cheapest, columns, lines, whole
from openvod.media.cue_profiles import DEFAULT, PROFILES, Profile
from openvod.media.spoken import paced, pieces

Text = tuple[str, ...]
"""The lines of a cue."""


def relaid(cue: Cue, text: str, profile: Profile = PROFILES[DEFAULT]) -> list[Cue]:
    """The cue with another text, set in lines; its time and speaker stay.

    One cue, whatever its reading speed, unless the lines cannot hold the text: then several that share its time by
    their lengths, without gaps. None for a text without words. A cue with fewer milliseconds than it would have parts
    stays one, with more lines than the profile allows (which `conformance` tells).
    """
    return bilingual(cue, (text,), profile)


def bilingual(cue: Cue, texts: Sequence[str], profile: Profile = PROFILES[DEFAULT]) -> list[Cue]:
    """The cue with its text in several languages, one below the other, each on a line of its own.

    Where one of them is too long for a line, each language takes as many lines as the profile has. Where that does not
    do either, the cue is parted as `relaid` does, and a language with fewer parts than another shows them for longer.
    Languages without text are left out.
    """
    said = [" ".join(text.split()) for text in texts if text.strip()]
    if len(said) > 1 and all(map(profile.fits, said)):
        return [replace(cue, lines=tuple(said))]
    parted = [_parts(text, profile) for text in said]
    count = max(map(len, parted), default=0)
    rows = [[parts[at * len(parts) // count] for parts in parted] for at in range(count)]
    return _sharing(cue, [sum(row, ()) for row in rows], profile)


def _parts(text: str, profile: Profile) -> list[Text]:
    """The text as one cue's lines if they can hold it, else as those of several cues."""
    spoken = paced(pieces([Utterance(0.0, 0.06 * len(text), text, 0.0)], profile.fits))
    words = columns(spoken, profile)
    one = whole(words, profile)
    return [lines(spoken, block) for block in ([one] if one else cheapest(words, profile))]


def _sharing(cue: Cue, parts: Sequence[Text], profile: Profile) -> list[Cue]:
    """A cue for each part; together they last as long as the cue did."""
    start, end = round(1000 * cue.start), round(1000 * cue.end)
    if not parts:
        return []
    if len(parts) == 1 or end - start < len(parts):
        return [replace(cue, lines=sum(parts, ()))]
    times = list(accumulate(max(1.0, profile.reading_ms(" ".join(lines))) for lines in parts))
    spare = end - start - len(parts)  # a millisecond is everybody's
    later = [start + number + int(spare * time / times[-1]) for number, time in enumerate(times[:-1], 1)]
    return [
        replace(cue, start=begin / 1000, end=until / 1000, lines=lines)
        for begin, until, lines in zip([start, *later], [*later, end], parts, strict=True)
    ]
