"""In which language is a text? Its script tells, where a script has one language; otherwise py3langid, if it is there."""

import re
from collections.abc import Iterable
from importlib.util import find_spec

_SCRIPTS = {
    "ja": r"[\u3041-\u30ff]",
    "ko": r"[\u1100-\u11ff\uac00-\ud7af]",
    "zh": r"[\u3400-\u4dbf\u4e00-\u9fff]",
    "th": r"[\u0e01-\u0e5b]",
    "lo": r"[\u0e81-\u0edf]",
    "km": r"[\u1780-\u17ff]",
    "my": r"[\u1000-\u109f]",
    "ka": r"[\u10a0-\u10ff]",
    "hy": r"[\u0531-\u058f]",
    "he": r"[\u05d0-\u05ea]",
    "el": r"[\u0370-\u03ff]",
    "ta": r"[\u0b80-\u0bff]",
    "te": r"[\u0c00-\u0c7f]",
    "kn": r"[\u0c80-\u0cff]",
    "ml": r"[\u0d00-\u0d7f]",
    "si": r"[\u0d80-\u0dff]",
    "gu": r"[\u0a80-\u0aff]",
    "pa": r"[\u0a00-\u0a7f]",
}
_LETTERS = re.compile(r"[^\W\d_]")
_TELLING = 0.3
"""Share of a text's letters that must be of a script: names and loan words of other scripts are usual."""
_KANA = 0.05
"""Japanese is written with Han characters, too, but never without kana."""
_ENOUGH = 40
"""Letters of which statistics can be made."""
_SAMPLE = 20_000


def language_of(lines: Iterable[str]) -> str | None:
    """The language's base code (`zh`, `ja`, `en`), or None where it cannot be told."""
    text = "\n".join(lines)[:_SAMPLE]
    letters = len(_LETTERS.findall(text))
    if not letters:
        return None
    shares = {code: len(re.findall(script, text)) / letters for code, script in _SCRIPTS.items()}
    if shares["ja"] > _KANA and shares["ja"] + shares["zh"] > _TELLING:
        return "ja"
    code, share = max(shares.items(), key=lambda item: item[1])
    if share > _TELLING:
        return code
    return _by_statistics(text) if letters >= _ENOUGH else None


def _by_statistics(text: str) -> str | None:
    if find_spec("py3langid") is None:
        return None
    import py3langid  # noqa: PLC0415 - its model takes a second to load

    code: str = py3langid.classify(text)[0]
    return code
