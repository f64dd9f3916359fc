"""Which classes are there, and which words speak for each? The table `classes.txt`, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from openvod.engines.analysis.text.terms import bare

TALK, SONG, SHORT = "Talk", "Music", "Short video"
"""Classes that signals tell."""


@dataclass(frozen=True, slots=True)
class Class:
    """A class of files."""

    name: str
    chinese: str
    words: Mapping[str, str]
    """English words by their stems; several words are joined by a space."""
    signs: tuple[str, ...]
    """Chinese words, longer ones first."""


@cache
def table() -> tuple[Class, ...]:
    """All classes that words tell."""
    text = (resources.files(__package__) / "classes.txt").read_text("utf-8")
    return tuple(_class(line) for line in text.splitlines() if line and not line.startswith("#"))


def _class(line: str) -> Class:
    name, chinese, words, signs = (part.strip() for part in line.split("|"))
    plain = [word.replace("-", " ") for word in words.split()]
    return Class(
        name,
        chinese,
        {" ".join(map(bare, word.split())): word for word in plain},
        tuple(sorted(signs.split(), key=len, reverse=True)),
    )


def names() -> tuple[str, ...]:
    """All there are, in the table's order."""
    return tuple(dict.fromkeys((*(each.name for each in table()), TALK, SONG, SHORT)))
