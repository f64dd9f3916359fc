"""What are the parts of a multipart/form-data body? A small parser over bytes (RFC 7578, as SDKs write)."""

import re

MAX_PARTS = 1000
"""More than any action has fields; a body of delimiters alone must not become a million objects."""

_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s"]*)\s*')
_BOUNDARY = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,68}[\x21-\x7e])?")


def parse(content_type: str, body: bytes) -> dict[str, str | bytes]:
    """The parts by name: text where it is UTF-8, else bytes. An empty body has no parts.

    Raises ValueError, whose text is fit for a client.
    """
    boundary = _parameters(content_type).get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise ValueError("the content type has no usable boundary")
    if not body:
        return {}
    delimiter = b"\r\n--" + boundary.encode()
    preamble, *pieces = (b"\r\n" + body).split(delimiter, MAX_PARTS + 1)
    if preamble or not pieces or pieces[-1].strip() != b"--":
        raise ValueError(f"the parts are not enclosed in the boundary, or are more than {MAX_PARTS}")
    parts: dict[str, str | bytes] = {}
    for piece in pieces[:-1]:
        name, value = _part(piece)
        if name in parts:
            raise ValueError("two parts have the same name")
        parts[name] = value
    return parts


def _part(piece: bytes) -> tuple[str, str | bytes]:
    head, blank, value = piece.partition(b"\r\n\r\n")
    if not blank or not head.startswith(b"\r\n"):
        raise ValueError("a part has no headers")
    for line in head[2:].split(b"\r\n"):
        name, _, about = line.partition(b":")
        if name.strip().lower() == b"content-disposition":
            disposition = about.decode("utf-8").strip()
            break
    else:
        raise ValueError("a part has no Content-Disposition")
    kind = disposition.partition(";")[0].strip().lower()
    field = _parameters(disposition).get("name")
    if kind != "form-data" or not field:
        raise ValueError("a part has no name")
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
