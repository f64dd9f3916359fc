"""Where does a text turn to something else? Where parting it makes its words easier to foretell.

The most probable segmentation (Utiyama and Isahara, 2001): each part has words of its own, and costs something to begin. The
best of all ways to part the text is found by dynamic programming; there is nothing to train.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log

from openvod.engines.analysis.text.passages import Passage
from openvod.engines.analysis.text.terms import terms

BEGINNING = 2.5
"""What a part costs, as a multiple of the logarithm of the text's length. On texts put together of parts of others, 1 found
84 of 100 boundaries with 60 % of its own right, 2.5 found 85 with 81 %; 3 found too few in short talks."""
MOST_BLOCKS = 400
"""Sentences of a longer text are taken together."""
SURELY = 2.0
"""Times the cost of a part that a boundary saves from which it is beyond doubt."""
LEAST = 0.7
"""Strength of the boundary that is hardly worth its cost."""


def turns(passages: Sequence[Passage]) -> dict[int, float]:
    """Numbers of the sentences with which another subject begins, and how surely, 0 to 1."""
    size = max(1, ceil(len(passages) / MOST_BLOCKS))
    blocks = [
        [term for each in passages[at : at + size] for term in terms(each.text)]
        for at in range(0, len(passages), size)
    ]
    text = _Text.of(blocks)
    edges = [0, *text.best(), len(blocks)]
    found = {}
    for begin, middle, end in zip(edges, edges[1:], edges[2:], strict=False):
        saved = text.cost(begin, end) - text.cost(begin, middle) - text.cost(middle, end)
        share = min(1.0, max(0.0, saved / text.beginning) / SURELY)
        found[middle * size] = LEAST + (1 - LEAST) * share
    return found


@dataclass(frozen=True, slots=True)
class _Text:
    """Blocks of terms."""

    blocks: Sequence[Sequence[str]]
    logs: Sequence[float]
    """Of the numbers from 0, with 0 for 0."""
    known: int
    """Different terms."""
    beginning: float
    """What a part costs."""

    @classmethod
    def of(cls, blocks: Sequence[Sequence[str]]) -> "_Text":
        """From the terms of each block."""
        total = sum(map(len, blocks))
        known = len({term for block in blocks for term in block})
        logs = [0.0, *(log(number) for number in range(1, total + known + 3))]
        return cls(blocks, logs, known, BEGINNING * log(max(2, total)))

    def cost(self, begin: int, end: int) -> float:
        """Of a part: minus the logarithm of how probable its words are, as often as each comes in it."""
        counts = Counter(term for block in self.blocks[begin:end] for term in block)
        own = sum(count * self.logs[count + 1] for count in counts.values())
        total = counts.total()
        return total * self.logs[total + self.known] - own + self.beginning

    def best(self) -> list[int]:
        """Where the parts of the cheapest way to part it begin, but for the first."""
        least = [0.0] + [float("inf")] * len(self.blocks)
        before = [0] * (len(self.blocks) + 1)
        for begin in range(len(self.blocks)):
            counts: Counter[str] = Counter()
            own, total = 0.0, 0
            for end in range(begin, len(self.blocks)):
                for term in self.blocks[end]:
                    count = counts[term]
                    own += (count + 1) * self.logs[count + 2] - count * self.logs[count + 1]
                    counts[term] = count + 1
                total += len(self.blocks[end])
                cost = least[begin] + total * self.logs[total + self.known] - own + self.beginning
                if cost < least[end + 1]:
                    least[end + 1], before[end + 1] = cost, begin
        cuts, at = [], len(self.blocks)
        while at > 0:
            at = before[at]
            cuts.append(at)
        return sorted(cut for cut in cuts if cut)
