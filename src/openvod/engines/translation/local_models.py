"""Which translation models lie in the model folder, and between which languages do they translate?

They are known by their files: an Argos package by its `metadata.json`, a converted OPUS-MT (Marian) model by
`source.spm` and `target.spm`, NLLB and M2M-100 by the language names in their vocabulary. All are CTranslate2's
`model.bin` inside.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from openvod.engines.translation.languages import base
from openvod.engines.translation.model_codes import FLORES, ISO_3

_DEEPEST = 3
"""Folders below the model folder that are looked into."""
_PAIR = re.compile(r"(?<![a-z])([a-z]{2,3})[-_](?:to[-_])?([a-z]{2,3})(?![a-z])")
_VOCABULARIES = ("shared_vocabulary", "source_vocabulary")


@dataclass(frozen=True, slots=True)
class Model:
    """A model between some languages."""

    kind: Literal["argos", "opus", "nllb", "m2m"]
    name: str
    """Name of its folder and version, as results show it."""
    weights: Path
    """The folder of `model.bin`."""
    source_pieces: Path
    """The sentencepiece model that parts the source's words."""
    target_pieces: Path
    pair: tuple[str, str] | None
    """Codes of the one source and the one target language; None for a model of many."""
    tags: frozenset[str]
    """Language names in its vocabulary, e.g. `zho_Hans`, `__zh__`, `>>cmn_Hans<<`."""

    def digest(self) -> str:
        """Tells it from another model of the same name: from its size and the ends of its weights."""
        path = self.weights / "model.bin"
        size = path.stat().st_size
        with path.open("rb") as opened:
            head = opened.read(1 << 16)
            opened.seek(max(0, size - (1 << 16)))
            return hashlib.sha256(b"%d" % size + head + opened.read()).hexdigest()[:8]

    def tags_of(self, source: str, target: str) -> tuple[str, str] | None:
        """What tells it the languages, at the source's and at the target's head; None if it cannot do these two.

        Empty where it needs none.
        """
        if self.kind == "nllb":
            read = [FLORES.get(code, "") for code in (source, base(source))]
            return self._both(next((tag for tag in read if tag in self.tags), ""), _flores(target))
        if self.kind == "m2m":
            return self._both(f"__{base(source)}__", f"__{base(target)}__" if target != "zh-TW" else "")
        if self.pair is None or _plain(self.pair[0]) not in (*accepted(source), *accepted(base(source))):
            return None
        if not self.tags:
            return ("", "") if _plain(self.pair[1]) in accepted(target) else None
        tag = next((tag for tag in _opus_tags(target) if tag in self.tags), None)
        return (tag, "") if tag else None

    def _both(self, source: str, target: str) -> tuple[str, str] | None:
        return (source, target) if source in self.tags and target in self.tags else None


def accepted(code: str) -> tuple[str, ...]:
    """What models call a language. Simplified characters do not pass for traditional ones."""
    if code == "zh-TW":
        return ("zt", "zh-tw", "zh-hant")
    if code == "pt-BR":
        return ("pb", "pt-br", "pt")
    return tuple(dict.fromkeys((code.lower(), base(code), ISO_3.get(base(code), base(code)))))


def find(folder: Path) -> list[Model]:
    """All models below the folder, in order of their names."""
    return [model for place in _places(folder, _DEEPEST) if (model := _read(place))]


def _places(folder: Path, depth: int) -> Iterator[Path]:
    yield folder
    if depth and folder.is_dir():
        for inner in sorted(folder.iterdir()):
            if inner.is_dir() and not (folder / "metadata.json").is_file():
                yield from _places(inner, depth - 1)


def _read(place: Path) -> Model | None:
    if (place / "metadata.json").is_file() and (place / "model" / "model.bin").is_file():
        return _argos(place)
    if not (place / "model.bin").is_file():
        return None
    if (place / "source.spm").is_file() and (place / "target.spm").is_file():
        pair = _pair_in(place.name)
        tags = frozenset(token for token in _vocabulary(place) if re.fullmatch(r">>\w+<<", token))
        return Model("opus", place.name, place, place / "source.spm", place / "target.spm", pair, tags)
    pieces = next(iter(sorted([*place.glob("sentencepiece*.model"), *place.glob("spm*.model")])), None)
    if pieces is None:
        return None
    words = _vocabulary(place)
    for kind, form in (("nllb", r"[a-z]{3}_[A-Z][a-z]{3}"), ("m2m", r"__[a-z]{2,3}__")):
        if tags := frozenset(word for word in words if re.fullmatch(form, word)):
            return Model(kind, place.name, place, pieces, pieces, None, tags)  # type: ignore[arg-type]
    return None


def _argos(place: Path) -> Model | None:
    """An unpacked `.argosmodel`: https://github.com/argosopentech/argos-translate."""
    pieces = place / "sentencepiece.model"
    try:
        told = json.loads((place / "metadata.json").read_text(encoding="utf-8"))
        pair = (str(told["from_code"]), str(told["to_code"]))
    except (ValueError, KeyError, TypeError):
        return None
    if not pieces.is_file():
        return None
    name = f"{place.name} {told.get('package_version', '')}".strip()
    return Model("argos", name, place / "model", pieces, pieces, pair, frozenset())


def _vocabulary(place: Path) -> Sequence[str]:
    for name in _VOCABULARIES:
        if (path := place / f"{name}.json").is_file():
            words = json.loads(path.read_text(encoding="utf-8"))
            return words if isinstance(words, list) else ()
        if (path := place / f"{name}.txt").is_file():
            return path.read_text(encoding="utf-8").split("\n")
    return ()


def _pair_in(name: str) -> tuple[str, str] | None:
    """The languages in a folder's name: `opus-mt-zh-en`, `zh_en`."""
    pairs = _PAIR.findall(name.lower().removeprefix("opus-mt").removeprefix("opus"))
    return pairs[-1] if pairs else None


def _plain(code: str) -> str:
    return code.lower().replace("_", "-")


def _flores(target: str) -> str:
    return FLORES.get(target) or ("" if target == "zh-TW" else FLORES.get(base(target), ""))


def _opus_tags(target: str) -> Iterator[str]:
    special = {"zh": ("cmn_Hans", "zho_Hans", "zho"), "zh-TW": ("cmn_Hant", "zho_Hant"), "yue": ("yue_Hant",)}
    for tag in special.get(target, (ISO_3.get(base(target), ""), base(target))):
        yield f">>{tag}<<"
