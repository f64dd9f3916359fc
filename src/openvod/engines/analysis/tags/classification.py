"""What kind of file is it? By the words that are said and written, and by signals; no class without its evidence.

Words: a class is named when enough different words of its list are said, and clearly more than of any other. Signals: talk,
music, a short upright video. They say nothing of what a film shows; that takes a model.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp, log

from openvod.core.models import Json
from openvod.engines.analysis.tags import classes
from openvod.engines.analysis.tags.classes import Class
from openvod.engines.analysis.text.passages import Passage
from openvod.engines.analysis.text.terms import bare

ENGINE = "openvod classes 1"
FEWEST = 3
"""Different words of a class that must be said."""
CLEARLY = 1.4
"""How many times the evidence of the next class that of the first must be."""
ALSO = 0.6
"""Share of the first one's evidence from which further classes are named."""
HALF_SURE = 4.0
"""Different words that take away half of the doubt."""
TIMES_KEPT = 10
TALKING, TALK_SECONDS = 0.5, 30.0
"""Share of the time that is speech, and the least of it, for talk."""
NO_TALK = 0.15
SHORT_SECONDS = 90.0

_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")


@dataclass(frozen=True, slots=True)
class Found:
    """A class with what bears it out."""

    name: str
    confidence: float
    """0 to 100."""
    evidence: Json = field(default_factory=dict)
    """Words with the times in seconds at which they are said, or measured figures."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What was measured."""

    seconds: float = 0.0
    """Of the file."""
    speech: tuple[tuple[float, float], ...] = ()
    """Start and end in seconds of each stretch of speech."""
    music: float = 0.0
    """How sure it is that there is music, 0 to 100 (`cue_tags.sound_tags`)."""
    portrait: bool = False
    """Whether the picture is higher than wide."""


def classify(passages: Sequence[Passage], signals: Signals) -> list[Found]:
    """The classes of a file, the surest first; none where nothing tells."""
    found: dict[str, Found] = {}
    for each in (*by_words(passages), *by_signals(signals)):
        known = found.get(each.name)
        if known is None or known.confidence < each.confidence:
            found[each.name] = each
    return sorted(found.values(), key=lambda each: -each.confidence)


def by_words(passages: Sequence[Passage]) -> list[Found]:
    """Of one subject or two; none of a mixture, or where too little is said."""
    said = {each.name: _said(each, passages) for each in classes.table()}
    weights = {name: sum(1 + log(len(times)) for times in words.values()) for name, words in said.items()}
    ranked = sorted(weights, key=lambda name: -weights[name])
    best = ranked[0]
    rest = [name for name in ranked if weights[name] < ALSO * weights[best]]
    named = [name for name in ranked if weights[name] >= ALSO * weights[best]]
    next_best = max((weights[name] for name in rest), default=0.0)
    if len(said[best]) < FEWEST or len(named) > 2 or weights[named[-1]] < CLEARLY * next_best:
        return []
    total = sum(weights[name] for name in ranked)
    return [
        Found(name, _sure(len(said[name]), weights[name] / total), {"words": said[name]})
        for name in named
        if len(said[name]) >= FEWEST
    ]


def by_signals(signals: Signals) -> list[Found]:
    """What the sound and the shape of the picture tell."""
    spoken = sum(end - start for start, end in signals.speech)
    share = spoken / signals.seconds if signals.seconds else 0.0
    figures = {"speech_seconds": round(spoken, 3), "speech_share": round(share, 3)}
    found = []
    if share >= TALKING and spoken >= TALK_SECONDS:
        spans = [list(span) for span in signals.speech[:TIMES_KEPT]]
        found.append(
            Found(
                classes.TALK,
                round(50 + 45 * min(1.0, (share - TALKING) / 0.4), 2),
                {**figures, "spans": spans},
            )
        )
    if signals.music and share <= NO_TALK:
        found.append(Found(classes.SONG, signals.music, {**figures, "music": signals.music}))
    if signals.portrait and 0 < signals.seconds <= SHORT_SECONDS:
        found.append(Found(classes.SHORT, 90.0, {"seconds": signals.seconds, "portrait": True}))
    return found


def _sure(words: int, share: float) -> float:
    """From 50: how many different words, and how few of other classes."""
    return round(50 + 45 * (1 - exp(-words * log(2) / HALF_SURE)) * share, 2)


def _said(one: Class, passages: Sequence[Passage]) -> dict[str, list[float]]:
    """The words of a class that are said, with their times."""
    found: dict[str, list[float]] = defaultdict(list)
    for each in passages:
        stems = [bare(word.lower()) for word in _WORD.findall(each.text)]
        pairs = [f"{a} {b}" for a, b in pairwise(stems)]
        for stem in (*stems, *pairs):
            if stem in one.words:
                found[one.words[stem]].append(round(each.start, 3))
        rest = each.text
        for sign in one.signs:  # longer ones first: what holds another is not counted twice
            if count := rest.count(sign):
                found[sign] += [round(each.start, 3)] * count
                rest = rest.replace(sign, "\n")
    return {word: times[:TIMES_KEPT] for word, times in found.items()}
