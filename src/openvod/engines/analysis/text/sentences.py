"""Which few sentences stand for a text? Those nearest to the middle of all it says, and not near to each other.

Centroid summaries (Radev et al., 2004) with maximal marginal relevance (Carbonell and Goldstein, 1998): linear in the
length of the text. What is chosen is what was said, word by word.
"""

from collections.abc import Sequence
from math import exp

from openvod.engines.analysis.text.passages import Passage
from openvod.engines.analysis.text.terms import alike, summed, terms, vectors

CANDIDATES = 60
"""Sentences that are weighed against each other."""
SAMENESS = 0.6
"""How much being like one that was chosen counts against being central."""
OPENING = 0.12
"""What the first sentence is worth more for its place: talks say at the beginning what they are about."""
FEWEST_TERMS = 2
GOOD_TERMS = 8
"""Terms of a sentence that is long enough to be understood alone."""


def chosen(passages: Sequence[Passage], count: int) -> list[int]:
    """Numbers of the `count` best sentences, in order of time; fewer when there are no more that say anything."""
    bags = [terms(each.text) for each in passages]
    weights = vectors(bags)
    middle = summed(weights)
    fewest = min(FEWEST_TERMS, max((len(set(bag)) for bag in bags), default=0))
    scores: dict[int, float] = {}
    for number, bag in enumerate(bags):
        size = len(set(bag))
        if size and size >= fewest:
            place = OPENING * exp(-4.0 * number / max(1, len(bags)))
            scores[number] = (alike(weights[number], middle) + place) * min(1.0, size / GOOD_TERMS) ** 0.5
    ranked = sorted(scores, key=lambda number: (-scores[number], number))[:CANDIDATES]
    taken: list[int] = []
    while ranked and len(taken) < count:
        best = max(
            ranked,
            key=lambda number: (
                scores[number]
                - SAMENESS * max((alike(weights[number], weights[other]) for other in taken), default=0.0),
                -number,
            ),
        )
        ranked.remove(best)
        taken.append(best)
    return sorted(taken)
