"""Which stretches of a file are in the recogniser's language?

A recogniser of English writes English words whatever is spoken; it only is less sure of them. One utterance is often
too short to judge by, and a whole file may hold two languages. So the file is cut into stretches where that pays.
"""

from collections.abc import Sequence

FOREIGN = -0.5
"""Mean log-probability of a token under which speech is not in the recogniser's language. On 18 development
clips, 11 English ones were above -0.43 and 7 in six other languages below -0.88."""
STRETCH = 1.5
"""What must speak for it, in words times log-probability beyond that, before a stretch is taken out of a file. So a
lone sentence that was understood badly stays where a sentence in another language goes."""


def own(scores: Sequence[float], words: Sequence[int]) -> list[bool]:
    """For each utterance, in order, whether it is in a stretch of the recogniser's own language.

    The likeliest path through two states, by each utterance's mean log-probability and number of words.
    """
    change = STRETCH / 2
    costs, ways = (0.0, change), []
    for score, count in zip(scores, words, strict=True):
        gain = (score - FOREIGN) * count
        stay = (costs[0] <= costs[1] + change, costs[1] <= costs[0] + change)
        ways.append(stay)
        costs = ((costs[0] if stay[0] else costs[1] + change) - gain, min(costs[1], costs[0] + change))
    state = 0 if costs[0] <= costs[1] + change else 1
    path: list[bool] = []
    for stay in reversed(ways):
        path.append(state == 0)
        state = state if stay[state] else 1 - state
    return path[::-1]
