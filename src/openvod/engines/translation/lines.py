"""What is translated, and what came of it? The nouns of translation, and when two texts are the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from openvod.engines.translation.languages import UNSPACED, base
from openvod.media.cue_profiles import units

LONGEST = 2000
"""Characters of a line; a longer one is no subtitle, and is kept as it is."""


@dataclass(frozen=True, slots=True)
class Line:
    """One text that gets one translation: a cue, or one speaker's part of it. Plain text, without line breaks."""

    id: int
    """The caller's own; ids of one call differ."""
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line as an engine sees it: to be translated, or there to be understood."""

    id: int | None
    """None: context, not to be translated."""
    text: str
    known: str = ""
    """Of context: its translation, if there is one already."""


@dataclass(frozen=True, slots=True)
class Errand:
    """From which language into which, and with which words. Language codes are the API's; `source` may be `auto`."""

    source: str
    target: str
    glossary: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Engine:
    """Something that translates."""

    name: str
    """Engine, model and version: stands in results, and in the keys of what is remembered."""
    translate: Callable[[Sequence[Row]], Mapping[int, str]]
    """The translations of rows with an id, by id. One that it has no translation for is missing; it never gives one to
    another row, nor an empty one. Raises TaskFault when it cannot go on at all."""
    batch: int
    """Rows that it is best asked for together."""


@dataclass(frozen=True, slots=True)
class Translated:
    """The outcome: exactly one text for every line."""

    texts: dict[int, str]
    """By the lines' ids, in the lines' order."""
    kept: tuple[int, ...]
    """Ids of lines whose text is still the source's: nobody could translate them, or they are names."""
    engine: str
    """`Engine.name`; empty when there was nothing to translate."""
    asked: int
    """Lines that an engine was asked for; the others were remembered, or hold no words."""
    source: str = ""
    """The source language: as given, or what `auto` found (`auto` itself where it could not tell)."""


def has_words(text: str) -> bool:
    """Whether there is anything to translate: `♪`, `…` and `42` stay as they are."""
    return any(character.isalpha() for character in text)


def folded(text: str) -> str:
    """A text's letters and digits, to compare what was copied more or less exactly."""
    return "".join(character for character in text.casefold() if character.isalnum())


def is_echo(source: str, text: str) -> bool:
    """Whether a translation only repeats its source, as that of a name may, and hardly any other."""
    return folded(source) == folded(text)


def is_credible(source: str, text: str) -> bool:
    """Whether a text can be the translation of a line: not nothing, no chatter about it, no rubbish."""
    if not text or not (has_words(text) or any(character.isdigit() for character in text)):
        return False
    return units(text) <= 80 + 6 * units(source)


def one_line(text: str, target: str) -> str:
    """A text without line breaks, control characters and double spaces."""
    words = "".join(character if character.isprintable() else " " for character in text).split()
    if base(target) not in UNSPACED:
        return " ".join(words)
    joined = ""
    for word in words:
        joined += " " * bool(joined and joined[-1].isascii() and word[0].isascii()) + word
    return joined
