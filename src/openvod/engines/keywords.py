"""Which words and phrases say what English speech is about? TextRank over content words, without a model."""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from openvod.core.models import Utterance

WINDOW = 3
"""Words so close to each other lend each other weight."""
LONGEST = 3
"""Words in a phrase."""
DAMPING, ROUNDS = 0.85, 30
FEWEST = 12
"""Content words that must have been spoken before any of them can be called key."""
NO_NOUN = ("ed", "ing", "ly", "est", "ous", "ful", "able", "ible", "ive")
"""Endings of words that must be said more than once."""
ADVERB = "ally"
"""What ends so says how, not what: `originally`. (`-ly` alone would take `family` and `Italy` too.)"""
TIMES_KEPT = 10
SENTENCE_ENDS = frozenset({".", "!", "?", "…"})

_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d[\d.,]*|[^\s\w]+")
_BREAK = re.compile(r"^[^\w]")


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word or phrase that stands for what is said."""

    phrase: str
    """As it was first recognised; lower case unless it is a name."""
    score: float
    """0 to 1; the first of a text has 1."""
    times: tuple[float, ...]
    """Seconds at which it is said, the first ten."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    stem: str
    time: float
    named: bool
    """Whether it has a capital that does not come from beginning a sentence."""


def keywords(utterances: Sequence[Utterance], count: int = 10) -> list[Keyword]:
    """The `count` best keywords of English utterances, best first; none when too little is said.

    A time is exact when the utterance has words with times, and else shared out by the length of the text.
    """
    runs = [run for utterance in utterances for run in _runs(utterance)]
    if sum(map(len, runs)) < FEWEST:
        return []
    rank = _rank(runs)
    said: dict[tuple[str, ...], list[list[_Token]]] = defaultdict(list)
    for run in runs:
        for phrase in _phrases(run):
            said[tuple(token.stem for token in phrase)].append(phrase)
    scores = {
        stems: _score(stems, len(spoken), rank) for stems, spoken in said.items() if _counts(stems, spoken)
    }
    best = sorted(scores, key=lambda stems: (-scores[stems], said[stems][0][0].time))
    chosen = _distinct(best)[:count]
    return [_keyword(said[stems], scores[stems] / scores[chosen[0]]) for stems in chosen]


@cache
def stop_words() -> frozenset[str]:
    """Words that carry no subject: function words, fillers, numbers, the commonest verbs and nouns of
    talk."""
    return frozenset((resources.files(__package__) / "stop_words_en.txt").read_text("utf-8").split())


def _runs(utterance: Utterance) -> Iterator[list[_Token]]:
    """Stretches of content words, between stop words and punctuation."""
    stop = stop_words()
    run: list[_Token] = []
    begins = True
    for text, time in _tokens(utterance):
        bare = text.lower().replace("’", "'").removesuffix("'s")
        if _BREAK.match(text) or text[0].isdigit() or len(bare) < 3 or bare in stop or text.lower() in stop:
            if run:
                yield run
            run = []
        else:
            named = text[0].isupper() and not begins
            run.append(_Token(text.removesuffix("'s").removesuffix("’s"), _stem(bare), time, named))
        begins = text in SENTENCE_ENDS
    if run:
        yield run


def _tokens(utterance: Utterance) -> Iterator[tuple[str, float]]:
    if utterance.words:
        for word in utterance.words:
            yield from ((text, word.start) for text in _TOKEN.findall(word.text))
        return
    pace = (utterance.end - utterance.start) / max(len(utterance.text), 1)
    for match in _TOKEN.finditer(utterance.text):
        yield match.group(), utterance.start + match.start() * pace


def _stem(word: str) -> str:
    """Singular of the regular plurals, so that `model` and `models` are one."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _rank(runs: Sequence[Sequence[_Token]]) -> dict[str, float]:
    """TextRank (Mihalcea and Tarau, 2004): a word matters that stands beside words that matter."""
    near: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    stems = [token.stem for run in runs for token in run]
    for i, one in enumerate(stems):
        for other in stems[i + 1 : i + WINDOW]:
            if one != other:
                near[one][other] += 1
                near[other][one] += 1
    weight = {stem: sum(near[stem].values()) for stem in set(stems)}
    rank = dict.fromkeys(sorted(weight), 1.0)
    for _ in range(ROUNDS):
        rank = {
            stem: 1 - DAMPING + DAMPING * sum(rank[o] * w / weight[o] for o, w in near[stem].items())
            for stem in rank
        }
    return rank


def _phrases(run: Sequence[_Token]) -> Iterator[list[_Token]]:
    for length in range(1, LONGEST + 1):
        for first in range(len(run) - length + 1):
            phrase = list(run[first : first + length])
            if len({token.stem for token in phrase}) == length:
                yield phrase


def _counts(stems: tuple[str, ...], spoken: Sequence[Sequence[_Token]]) -> bool:
    """A phrase must be said twice; a single word too, unless it looks like a long noun. Adverbs never count."""
    if len(stems) == 1 and stems[0].endswith(ADVERB):
        return False
    once = len(stems) == 1 and len(stems[0]) >= 6 and not stems[0].endswith(NO_NOUN)
    return len(spoken) > 1 or once


def _score(stems: tuple[str, ...], times_said: int, rank: dict[str, float]) -> float:
    mean = sum(rank[stem] for stem in stems) / len(stems)
    return mean * math.sqrt(times_said) * (1 + 0.4 * (len(stems) - 1))


def _distinct(ranked: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Without phrases that share a word with a better one: `ocean current` stands for `ocean`."""
    chosen: list[tuple[str, ...]] = []
    taken: set[str] = set()
    for stems in ranked:
        if not taken & set(stems):
            chosen.append(stems)
            taken |= set(stems)
    return chosen


def _keyword(spoken: Sequence[Sequence[_Token]], score: float) -> Keyword:
    phrase = " ".join(_spelling(tokens) for tokens in zip(*spoken, strict=True))
    return Keyword(phrase, round(score, 4), tuple(round(each[0].time, 3) for each in spoken[:TIMES_KEPT]))


def _spelling(seen: Sequence[_Token]) -> str:
    """Lower case, unless it is a name: then with the capital it has also inside sentences."""
    first = seen[0].text
    name = any(token.named for token in seen) and all(token.text[0].isupper() for token in seen)
    return first if name else first.lower()
