"""Which words are to be translated in one way only? The glossary of a request.

It stands in the ExtInfo of the subtitle parameters, a JSON object: `{"glossary": {"cue": "字幕条"}}`, or with a
language for each translation, `{"glossary": {"cue": {"zh": "字幕条", "de": "Untertitel"}}}`.
"""

from collections.abc import Mapping
from typing import Any

from openvod.core.errors import TaskFault
from openvod.core.extended_parameter import parsed
from openvod.engines.translation.languages import base

MOST_TERMS, LONGEST_TERM = 500, 100

Glossary = Mapping[str, str]
"""Translations by their terms."""


def of(ext_info: str, target: str) -> dict[str, str]:
    """The terms for a target language; blank text has none. Raises TaskFault `InvalidInput` for a malformed one."""
    given = parsed(ext_info, "ExtInfo").get("glossary", {})
    if not isinstance(given, dict):
        raise TaskFault("InvalidInput/object", field="ExtInfo.glossary")
    terms = {term: _translation(value, target) for term, value in given.items() if term.strip()}
    if len(terms) > MOST_TERMS or any(len(text) > LONGEST_TERM for pair in terms.items() for text in pair):
        raise TaskFault("InvalidInput/glossary", terms=MOST_TERMS, length=LONGEST_TERM)
    return {term: text for term, text in terms.items() if text}


def _translation(value: Any, target: str) -> str:
    """Empty when there is none for this target."""
    if isinstance(value, dict):
        value = value.get(target, value.get(base(target), ""))
    if not isinstance(value, str):
        raise TaskFault("InvalidInput/object", field="ExtInfo.glossary")
    return value.strip()


def relevant(glossary: Glossary, text: str) -> dict[str, str]:
    """The terms that a text holds, whatever their case."""
    folded = text.casefold()
    return {term: meaning for term, meaning in glossary.items() if term.casefold() in folded}
