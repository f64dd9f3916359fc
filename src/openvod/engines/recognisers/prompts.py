"""What is a recogniser told beforehand: which words are likely, and which letters to write?"""

import json
import re

from openvod.core.errors import TaskFault
from openvod.engines.recognisers import Wanted
from openvod.engines.recognisers.codes import Language

MOST_WORDS, LONGEST_WORD = 128, 40
MOST_LETTERS = 400
"""Whisper's prompt holds 223 tokens; a Chinese character is up to two."""

_OPENINGS = {"Hans": "以下是普通话的句子。", "Hant": "以下是繁體中文的句子。"}
"""Whisper writes Chinese in whichever letters the text before it is written in."""


def hot_words(given: object) -> tuple[str, ...]:
    """The words of `adapt_words`: a list, or text with commas, semicolons or line ends between; `word|weight` as the
    vendor's libraries have it. Twice is once. Raises TaskFault for anything else, or too much of it."""
    if isinstance(given, str) and given.lstrip().startswith("["):
        try:
            given = json.loads(given)
        except ValueError:
            given = None
    if isinstance(given, str):
        given = re.split(r"[,;\n，；、]", given)
    if not isinstance(given, list) or not all(isinstance(word, str) for word in given):
        raise TaskFault("InvalidInput/hot-words", words=MOST_WORDS, letters=LONGEST_WORD)
    words = [
        " ".join("".join(c for c in word.partition("|")[0] if c.isprintable()).split()) for word in given
    ]
    kept = tuple(dict.fromkeys(word for word in words if word))
    if len(kept) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in kept):
        raise TaskFault("InvalidInput/hot-words", words=MOST_WORDS, letters=LONGEST_WORD)
    return kept


def opening(language: Language) -> str:
    """What Whisper is made to believe was said before; empty for most languages."""
    return _OPENINGS[language.script] if language.code == "zh" and language.script else ""


def listed(wanted: Wanted) -> str:
    """The hot words as Whisper takes them, as many of the first ones as it can hold."""
    text = ""
    for word in wanted.hot_words:
        longer = f"{text}, {word}" if text else word
        if len(longer) > MOST_LETTERS:
            break
        text = longer
    return text


def whole(wanted: Wanted) -> str:
    """Both in one prompt, for engines that take only one."""
    return " ".join(part for part in (opening(wanted.language), listed(wanted)) if part)
