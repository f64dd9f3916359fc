"""Which language is spoken? A vote over stretches from all of the file, or an honest refusal.

One stretch may be a song, a name or a quotation; so several are asked, spread over the file, the longer ones first.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from openvod.core.errors import TaskFault
from openvod.engines.recognisers import Chunk, Recogniser, codes
from openvod.engines.recognisers.codes import Language
from openvod.engines.silero import Span
from openvod.media import audio

STRETCHES = 5
ENOUGH = 0.6
"""Share of the votes that settles it."""
CONTRADICTED = 0.9
"""Share of the votes with which another language than the stated one is believed."""
CONTRADICTING_SECONDS = 6.0
"""Speech that must have voted before a client's statement is called wrong."""
KIN = (
    frozenset({"zh", "yue"}),
    frozenset({"ms", "id"}),
    frozenset({"no", "da", "sv"}),
    frozenset({"hr", "sr", "bs"}),
)
"""Languages that engines take for one another, so that a vote between them contradicts nobody."""


def samples(spans: Sequence[Span]) -> list[Span]:
    """The chunks to ask about, in order of time: the longest of each part of the file."""
    if len(spans) <= STRETCHES:
        return list(spans)
    edges = [round(i * len(spans) / STRETCHES) for i in range(STRETCHES + 1)]
    parts = [spans[first:last] for first, last in pairwise(edges)]
    return [max(part, key=lambda span: span.end - span.start) for part in parts]


def votes(recogniser: Recogniser, chunks: Iterable[Chunk]) -> dict[str, float]:
    """Seconds of speech that speak for each language; empty when the recogniser cannot tell.

    Raises TaskFault when the engine fails.
    """
    found: dict[str, float] = {}
    for _, sound in chunks:
        for code, share in recogniser.detect(sound).items():
            if code:
                found[code] = found.get(code, 0.0) + share * len(sound) / audio.RATE
    return found


def settled(asked: Language, found: dict[str, float], known: frozenset[str]) -> Language:
    """What to recognise: what was asked for, or for `auto` what the votes say. `known`: the recogniser's languages.

    Raises TaskFault when the votes disagree, or clearly contradict what was asked for: a recogniser that is made to
    hear another language than is spoken invents a text.
    """
    total = sum(found.values())
    if not total:
        if asked.code == "auto":
            raise _unclear(found)
        return asked
    best = max(found, key=lambda code: found[code])
    share = found[best] / total
    if asked.code == "auto":
        if share < ENOUGH or not ("*" in known or best in known):
            raise _unclear(found)
        return codes.language(best)
    expected = {asked.code, *asked.also}
    for family in KIN:
        expected |= family if family & expected else frozenset()
    if best not in expected and share >= CONTRADICTED and total >= CONTRADICTING_SECONDS:
        raise TaskFault(
            "SourceFileError.ContentUnsupported/other-language",
            heard=best,
            language=asked.asked or asked.code,
        )
    return asked


def _unclear(found: dict[str, float]) -> TaskFault:
    total = sum(found.values()) or 1.0
    ranked = sorted(found, key=lambda code: -found[code])[:3]
    heard = ", ".join(f"{code} {found[code] / total:.0%}" for code in ranked)
    return TaskFault("SourceFileError.ContentUnsupported/unclear-language", heard=heard or "-")
