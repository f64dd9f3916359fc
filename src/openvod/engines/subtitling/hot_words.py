"""Which hot words does a subtitle request bring along? Its own, and those of a library that it names.

A library is a file of the operator's, `hot-words/<LibraryId>.txt` in the model folder: a word a line, `word|weight` as the
vendor writes it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openvod.core.extended_parameter import parsed
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines.recognisers import prompts

KEY = "adapt_words"
"""In ExtInfo."""
LIBRARIES = "hot-words"
LARGEST = 64 << 10
"""Bytes of a library."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NOT_TAKEN = Text("the hot words, which this recogniser does not take", "热词(当前识别引擎不支持)")


@dataclass(frozen=True, slots=True)
class HotWords:
    """What was found."""

    words: tuple[str, ...] = ()
    """Each once, the request's own first."""
    missing: tuple[Text, ...] = ()
    """What was asked for and is not there."""


def asked(options: Json, models: Path) -> HotWords:
    """The hot words of an MPSRawSmartSubtitleParameter. Raises TaskFault for words that are none, or too many."""
    given = [*_own(options)]
    configured = options.get("AsrHotWordsConfigure") or {}
    missing: tuple[Text, ...] = ()
    if configured.get("Switch") == "ON" and (library := configured.get("LibraryId")):
        text = _library(models, library)
        given += [text] if text is not None else []
        missing = () if text is not None else (_unknown(library),)
    words = dict.fromkeys(word for each in given for word in prompts.hot_words(each))
    return HotWords(prompts.hot_words([*words]), missing)


def _own(options: Json) -> Iterator[object]:
    own = parsed(options.get("ExtInfo", ""), "ExtInfo").get(KEY)
    if own is not None:
        yield own


def _library(models: Path, library: str) -> str | None:
    if not _ID.fullmatch(library):
        return None
    path = models / LIBRARIES / f"{library}.txt"
    if not path.is_file():
        return None
    with path.open("rb") as opened:
        return opened.read(LARGEST).decode("utf-8-sig", "replace")


def _unknown(library: str) -> Text:
    shown = library[:64] if library.isprintable() else "?"
    return Text(
        f"the hot-word library {shown}, which is not in the folder {LIBRARIES} of the model folder",
        f"热词库 {shown}(模型目录的 {LIBRARIES} 文件夹中没有该库)",
    )
