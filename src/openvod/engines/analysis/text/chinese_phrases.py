"""Which phrases say what a Chinese text is about? Those that are said again, hold together, and stand in many places.

Words are found in the text itself, without a dictionary: a run of signs is one when it comes again, when its signs go
together more than by chance, and when what stands beside it varies (branching entropy: Jin and Tanaka-Ishii, 2006).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import log

from openvod.engines.analysis.text.passages import Passage
from openvod.engines.analysis.text.terms import HAN, IDLE
from openvod.engines.keywords import Keyword

LONGEST = 6
"""Signs of a phrase."""
TOGETHER = 1.5
"""Least logarithm of how much more often the two halves of a phrase stand together than by chance."""
VARIED = 0.45
"""Least entropy of what stands on either side."""
FEWEST = 2
"""Times that a phrase must be said."""
MOSTLY = 0.75
"""Share of its times from which a phrase is a part of the longer one that it is said in."""
TIMES_KEPT = 10
MOST_SIGNS = 60_000

_RUN = re.compile(rf"[{HAN}]+")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9+.#-]+")
_EMPTY = frozenset(
    "我们 你们 他们 她们 它们 咱们 大家 自己 这个 那个 这些 那些 这样 那样 这里 那里 这种 那种 什么 怎么 怎样 如何 哪里 哪个"  # noqa: SIM905
    " 因为 所以 但是 可是 不过 然后 如果 虽然 而且 或者 还是 就是 也是 不是 只是 已经 可以 可能 应该 需要 没有 非常 比较 一个"
    " 一些 一下 一样 一起 一种 时候 现在 今天 明天 昨天 觉得 知道 认为 看到 开始 其实 真的 特别 东西 事情 问题 时间 地方 之后"
    " 以后 之前 以前 第一 第二 第三 非常 很多 多少 一点 有点 起来 出来 下来 进行 通过 以及 还有 另外 同时 之间 对于 关于 最后"
    " 首先 其次 必须 那么 这么 几个 每个 各种 有些 有人 看看 加入 继续 成为 作为 由于 其中 来说 来讲 的话 越来越".split()
)


def phrases(passages: Sequence[Passage], count: int = 10) -> list[Keyword]:
    """The `count` best phrases, best first, with the times of the sentences that they are said in."""
    runs = [(run, each.start) for each in passages for run in _RUN.findall(each.text)]
    counts = _counts([run for run, _ in runs])
    total = sum(counted for gram, counted in counts.items() if len(gram) == 1)
    beside = _beside([run for run, _ in runs], counts)
    good = {
        gram: counted
        for gram, counted in counts.items()
        if len(gram) > 1 and _is_phrase(gram, counts, total) and min(map(_entropy, beside[gram])) >= VARIED
    }
    whole = {gram: counted for gram, counted in good.items() if not _is_part(gram, counted, good)}
    said = {gram: _when(gram, runs) for gram in whole} | _latin(passages)
    scores = {gram: len(times) * log(1 + min(len(gram), LONGEST)) for gram, times in said.items()}
    best = _distinct(sorted(scores, key=lambda gram: (-scores[gram], said[gram][0])))[:count]
    return [
        Keyword(gram, round(scores[gram] / scores[best[0]], 4), tuple(said[gram][:TIMES_KEPT]))
        for gram in best
    ]


def _distinct(ranked: Sequence[str]) -> list[str]:
    """Without phrases that hold a better one, or are held by one."""
    chosen: list[str] = []
    for gram in ranked:
        if not any(gram in other or other in gram for other in chosen):
            chosen.append(gram)
    return chosen


def _counts(runs: Sequence[str]) -> Counter[str]:
    """How often each run of up to LONGEST signs comes."""
    counts: Counter[str] = Counter()
    left = MOST_SIGNS
    for run in runs:
        counts.update(_grams(run[:left]))
        left -= len(run)
        if left <= 0:
            break
    return counts


def _grams(run: str) -> Iterator[str]:
    for size in range(1, LONGEST + 1):
        for at in range(len(run) - size + 1):
            yield run[at : at + size]


def _beside(runs: Sequence[str], counts: Mapping[str, int]) -> dict[str, tuple[Counter[str], Counter[str]]]:
    """What stands before and after each phrase that comes again; the end of a run is each time another sign."""
    found: dict[str, tuple[Counter[str], Counter[str]]] = defaultdict(lambda: (Counter(), Counter()))
    for number, run in enumerate(runs):
        for size in range(2, LONGEST + 1):
            for at in range(len(run) - size + 1):
                gram = run[at : at + size]
                if counts[gram] >= FEWEST:
                    before, after = found[gram]
                    before[run[at - 1] if at else f"^{number}"] += 1
                    after[run[at + size] if at + size < len(run) else f"${number}"] += 1
    return found


def _is_phrase(gram: str, counts: Mapping[str, int], total: int) -> bool:
    if counts[gram] < FEWEST or gram in _EMPTY or gram[0] in IDLE or gram[-1] in IDLE:
        return False
    if any(sign in "的了吗呢吧啊" for sign in gram) or any(empty in gram for empty in _EMPTY):
        return False
    chance = min(
        log(counts[gram] * total / (counts[gram[:at]] * counts[gram[at:]])) for at in range(1, len(gram))
    )
    return chance >= TOGETHER


def _entropy(signs: Counter[str]) -> float:
    total = sum(signs.values())
    return -sum(count / total * log(count / total) for count in signs.values())


def _is_part(gram: str, counted: int, good: Mapping[str, int]) -> bool:
    """Whether it is mostly said as a part of a longer phrase."""
    return any(
        len(other) > len(gram) and gram in other and often >= MOSTLY * counted
        for other, often in good.items()
    )


def _when(gram: str, runs: Sequence[tuple[str, float]]) -> list[float]:
    return [round(start, 3) for run, start in runs for _ in range(run.count(gram))]


def _latin(passages: Sequence[Passage]) -> dict[str, list[float]]:
    """Names in Latin letters that a Chinese text says again."""
    said: dict[str, list[float]] = defaultdict(list)
    for each in passages:
        for word in _LATIN.findall(each.text):
            said[word].append(round(each.start, 3))
    return {word: times for word, times in said.items() if len(times) >= FEWEST}
