"""Which page of the multipart uploads, or of an upload's parts, did a client ask for? As COS documents both listings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openvod.edge.cos_signature import CosError
from openvod.store.uploads import Multipart, Part

MOST = 1000
"""Entries of a page, if the client does not ask for less."""


@dataclass(frozen=True, slots=True)
class UploadsAsked:
    """The parameters of List Multipart Uploads."""

    prefix: str
    delimiter: str
    """Keys that go on alike up to it, after the prefix, are one entry."""
    key_marker: str
    """Only what comes after it."""
    upload_id_marker: str
    """With `key_marker`: also later uploads to that very key."""
    most: int
    encoding: str
    """`url` or empty: how keys are written."""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "UploadsAsked":
        """Raises CosError InvalidArgument."""
        marker = query.get("key-marker", "")
        return cls(
            query.get("prefix", ""),
            query.get("delimiter", ""),
            marker,
            query.get("upload-id-marker", "") if marker else "",
            _number(query, "max-uploads", 1, MOST),
            _encoding(query),
        )


@dataclass(frozen=True, slots=True)
class UploadsPage:
    """One answer of List Multipart Uploads."""

    asked: UploadsAsked
    rows: Sequence[Multipart]
    prefixes: Sequence[str]
    is_truncated: bool
    next_key: str
    """The last entry: what to ask for next as `key_marker`, and `next_upload_id` as `upload_id_marker`."""
    next_upload_id: str


@dataclass(frozen=True, slots=True)
class PartsAsked:
    """The parameters of List Parts."""

    marker: int
    """Only parts with a higher number."""
    most: int
    encoding: str
    """As of UploadsAsked."""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "PartsAsked":
        """Raises CosError InvalidArgument."""
        marker = _number(query, "part-number-marker", 0, 10_000, 0)
        return cls(marker, _number(query, "max-parts", 1, MOST), _encoding(query))


@dataclass(frozen=True, slots=True)
class PartsPage:
    """One answer of List Parts."""

    asked: PartsAsked
    rows: Sequence[Part]
    is_truncated: bool


def page_of_uploads(under_way: Sequence[Multipart], asked: UploadsAsked) -> UploadsPage:
    """The page of what is under way (by path, then by id) that was asked for."""
    rows: list[Multipart] = []
    prefixes: list[str] = []
    last = ("", "")
    for row in under_way:
        key = row.storage_path[1:]
        folder = _folder(key, asked)
        if not key.startswith(asked.prefix) or _is_before(key, row.upload_id, folder, asked):
            continue
        if folder and folder in prefixes:
            continue
        if len(rows) + len(prefixes) == asked.most:
            return UploadsPage(asked, rows, prefixes, True, *last)
        if folder:
            prefixes.append(folder)
        else:
            rows.append(row)
        last = (folder, "") if folder else (key, row.upload_id)
    return UploadsPage(asked, rows, prefixes, False, *last)


def page_of_parts(came: Sequence[Part], asked: PartsAsked) -> PartsPage:
    """The page of the parts that came (by number) that was asked for."""
    rest = [part for part in came if part.number > asked.marker]
    return PartsPage(asked, rest[: asked.most], len(rest) > asked.most)


def _folder(key: str, asked: UploadsAsked) -> str:
    """The common prefix that stands for a key, or empty."""
    rest = key.removeprefix(asked.prefix)
    if not asked.delimiter or asked.delimiter not in rest:
        return ""
    return asked.prefix + rest.partition(asked.delimiter)[0] + asked.delimiter


def _is_before(key: str, upload_id: str, folder: str, asked: UploadsAsked) -> bool:
    """Whether an entry was on an earlier page."""
    if not asked.key_marker:
        return False
    if asked.upload_id_marker:
        return (key, upload_id) <= (asked.key_marker, asked.upload_id_marker)
    return (folder or key) <= asked.key_marker


def _number(query: Mapping[str, str], name: str, least: int, most: int, default: int = MOST) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text)):
        raise CosError("InvalidArgument", f"{name} must be {least} to {most}.", 400)
    return min(int(text), most)


def _encoding(query: Mapping[str, str]) -> str:
    encoding = query.get("encoding-type", "")
    if encoding not in {"", "url"}:
        raise CosError("InvalidArgument", "encoding-type must be url.", 400)
    return encoding
