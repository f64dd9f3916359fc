"""What are the parts of a multipart/form-data body? A small parser over bytes (RFC 7578, as SDKs write)."""

import re

from openvod.core.texts import Text

MAX_PARTS = 1000
"""More than any action has fields; a body of delimiters alone must not become a million objects."""

_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s"]*)\s*')
_BOUNDARY = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,68}[\x21-\x7e])?")


class Malformed(ValueError):
    """Why a body is no multipart form, fit for a client."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.text = Text(en, zh)


def parse(content_type: str, body: bytes) -> dict[str, str | bytes]:
    """The parts by name: text where it is UTF-8, else bytes. An empty body has no parts.

    Raises Malformed.
    """
    boundary = _parameters(content_type).get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise Malformed("the content type has no usable boundary", "内容类型中没有可用的分隔符")
    if not body:
        return {}
    delimiter = b"\r\n--" + boundary.encode()
    preamble, *pieces = (b"\r\n" + body).split(delimiter, MAX_PARTS + 1)
    if preamble or not pieces or pieces[-1].strip() != b"--":
        raise Malformed(
            f"the parts are not enclosed in the boundary, or are more than {MAX_PARTS}",
            f"各部分未由分隔符包围,或超过 {MAX_PARTS} 个",
        )
    parts: dict[str, str | bytes] = {}
    for piece in pieces[:-1]:
        name, value = _part(piece)
        if name in parts:
            raise Malformed("two parts have the same name", "两个部分的名称相同")
        parts[name] = value
    return parts


def _part(piece: bytes) -> tuple[str, str | bytes]:
    head, blank, value = piece.partition(b"\r\n\r\n")
    if not blank or not head.startswith(b"\r\n"):
        raise Malformed("a part has no headers", "有部分缺少头部")
    for line in head[2:].split(b"\r\n"):
        name, _, about = line.partition(b":")
        if name.strip().lower() == b"content-disposition":
            disposition = about.decode("utf-8", "surrogateescape").strip()
            break
    else:
        raise Malformed("a part has no `Content-Disposition`", "有部分缺少 `Content-Disposition`")
    kind = disposition.partition(";")[0].strip().lower()
    field = _parameters(disposition).get("name")
    if kind != "form-data" or not field or not field.isprintable():
        raise Malformed("a part has no usable name", "有部分缺少可用的名称")
    try:
        return field, value.decode()
    except UnicodeDecodeError:
        return field, value


def _parameters(header: str) -> dict[str, str]:
    """The `; name=value` parameters of a header, names in lower case; the first of equal names counts."""
    found: dict[str, str] = {}
    at = header.find(";")
    while at >= 0 and (match := _PARAMETER.match(header, at)):
        value = match[2]
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        found.setdefault(match[1].lower(), value)
        at = match.end()
    return found
