"""What is a sentence about, as a bag of terms? English words without endings, pairs of Chinese signs, others' words.

Pairs of signs do for Chinese what words do elsewhere when texts are compared, and need no dictionary (Nie and Ren, 1999).
"""

import re
from collections import Counter
from collections.abc import Sequence
from math import log, sqrt

from openvod.engines.keywords import stop_words

HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
IDLE = frozenset(
    "的了是在我你他她它们这那有和就也不都一个吗呢吧啊着过得地与或及而但为以于被把给让对从到会能要说去来很"
)
"""Chinese signs that carry no subject."""
ENDINGS = ("ingly", "edly", "ings", "ing", "ies", "ed", "es", "ly", "s")

_WORD = re.compile(rf"[{HAN}]+|[^\W\d_{HAN}]+(?:['’-][^\W\d_{HAN}]+)*|\d[\d.,:]*\d|\d")
_HAN = re.compile(rf"[{HAN}]")

Vector = dict[str, float]


def terms(text: str) -> list[str]:
    """The terms of a text, in order."""
    found: list[str] = []
    for word in _WORD.findall(text):
        if _HAN.match(word):
            pairs = [word[at : at + 2] for at in range(len(word) - 1)]
            found += [pair for pair in pairs if not IDLE & set(pair)]
        else:
            plain = word.casefold().replace("’", "'").removesuffix("'s")
            if plain not in stop_words() and (len(plain) > 2 or word.isupper()):
                found.append(bare(plain))
    return found


def bare(word: str) -> str:
    """An English word without its ending, so that `rains`, `rained` and `raining` are one."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word[: -len(ending)]
            stem = stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "ls" else stem
            return stem.removesuffix("e").removesuffix("y")
    return word.removesuffix("e").removesuffix("y") if len(word) > 3 else word


def vectors(bags: Sequence[Sequence[str]]) -> list[Vector]:
    """Each bag as a unit vector: how often a term is in it, and in how few others."""
    spread = Counter(term for bag in bags for term in set(bag))
    rare = {term: log(1 + len(bags) / count) for term, count in spread.items()}
    return [
        unit({term: (1 + log(count)) * rare[term] for term, count in Counter(bag).items()}) for bag in bags
    ]


def unit(vector: Vector) -> Vector:
    """The vector with the length 1; an empty one stays empty."""
    length = sqrt(sum(value * value for value in vector.values()))
    return {term: value / length for term, value in vector.items()} if length else {}


def alike(one: Vector, other: Vector) -> float:
    """Cosine of two unit vectors, 0 to 1."""
    if len(other) < len(one):
        one, other = other, one
    return sum(value * other.get(term, 0.0) for term, value in one.items())


def summed(parts: Sequence[Vector]) -> Vector:
    """Their sum, as a unit vector."""
    total: Vector = {}
    for part in parts:
        for term, value in part.items():
            total[term] = total.get(term, 0.0) + value
    return unit(total)
