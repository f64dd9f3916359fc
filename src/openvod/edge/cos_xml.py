"""How do COS's documents look? Its answers and errors as XML, and the one document that clients send.

Element names and their order as in the documented examples, oddities of spelling included.
"""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import cast
from urllib.parse import quote
from xml.sax.saxutils import escape

from starlette.responses import Response

from openvod.core.models import STORAGE_BUCKET
from openvod.edge.cos_listing import PartsPage, UploadsPage
from openvod.edge.cos_signature import CosError
from openvod.store.uploads import Multipart, Part

_APP_ID = STORAGE_BUCKET.rpartition("-")[2]


def element(name: str, *elements: str) -> str:
    """An element around others."""
    return f"<{name}>{''.join(elements)}</{name}>"


def text(name: str, value: object) -> str:
    """An element that holds a text, whatever is in it."""
    return f"<{name}>{escape(str(value))}</{name}>"


def document(name: str, *elements: str) -> Response:
    """An answer whose root holds these elements."""
    body = '<?xml version="1.0" encoding="UTF-8"?>' + element(name, *elements)
    return Response(body, media_type="application/xml")


def error(refusal: CosError, path: str, request_id: str) -> Response:
    """A refusal."""
    response = document(
        "Error",
        text("Code", refusal.code),
        text("Message", refusal.message),
        text("Resource", path),
        text("RequestId", request_id),
    )
    response.status_code = refusal.status
    return response


def named(path: str) -> str:
    """The object that an answer is about."""
    return text("Bucket", STORAGE_BUCKET) + text("Key", path[1:])


def uploads(page: UploadsPage) -> Response:
    """ListMultipartUploadsResult."""
    asked = page.asked
    shown = partial(_encoded, encoding=asked.encoding)
    following = (
        [text("NextKeyMarker", shown(page.next_key)), text("NextUploadIdMarker", page.next_upload_id)]
        if page.is_truncated
        else []
    )
    return document(
        "ListMultipartUploadsResult",
        text("Bucket", STORAGE_BUCKET),
        text("Encoding-Type", asked.encoding),
        text("KeyMarker", shown(asked.key_marker)),
        text("UploadIdMarker", asked.upload_id_marker),
        *following,
        text("MaxUploads", asked.most),
        text("IsTruncated", str(page.is_truncated).lower()),
        text("Prefix", shown(asked.prefix)),
        text("Delimiter", shown(asked.delimiter)),
        *[_upload(row, shown(row.storage_path[1:])) for row in page.rows],
        *[element("CommonPrefixes", text("Prefix", shown(prefix))) for prefix in page.prefixes],
    )


def parts(page: PartsPage, path: str, upload_id: str) -> Response:
    """ListPartsResult."""
    asked = page.asked
    last = page.rows[-1].number if page.rows else asked.marker
    return document(
        "ListPartsResult",
        text("Bucket", STORAGE_BUCKET),
        text("Encoding-type", asked.encoding),
        text("Key", _encoded(path[1:], asked.encoding)),
        text("UploadId", upload_id),
        _person("Initiator"),
        _person("Owner"),
        text("PartNumberMarker", asked.marker),
        *[_part(row) for row in page.rows],
        *([text("NextPartNumberMarker", last)] if page.is_truncated else []),
        text("StorageClass", "STANDARD"),
        text("MaxParts", asked.most),
        text("IsTruncated", str(page.is_truncated).lower()),
    )


def manifest(body: bytes) -> list[tuple[int, str]]:
    """Part numbers and ETags (md5, unquoted) of a CompleteMultipartUpload body, in its order. Raises CosError.

    A document type is refused before parsing: it is the only way an XML body could grow. Parsed is the very text
    that was searched for one, so that no other encoding hides it.
    """
    try:
        sent = body.decode()
        if "<!" in sent:
            raise CosError("MalformedXML", "A document type is not allowed.", 400)
        root = ET.fromstring(sent)  # noqa: S314 - see above
        wanted = [
            (int(cast(str, part.findtext("{*}PartNumber"))), (part.findtext("{*}ETag") or "").strip('"'))
            for part in root.iterfind("{*}Part")
        ]
    except (ET.ParseError, TypeError, ValueError) as error:
        raise CosError("MalformedXML", "The manifest cannot be read.", 400) from error
    if not wanted or _numbers(wanted) != sorted({*_numbers(wanted)}):
        raise CosError("InvalidPartOrder", "Parts must be listed once each, in ascending order.", 400)
    return wanted


def _encoded(key: str, encoding: str) -> str:
    return quote(key) if encoding else key


def _numbers(wanted: Sequence[tuple[int, str]]) -> list[int]:
    return [number for number, _ in wanted]


def _upload(row: Multipart, key: str) -> str:
    return element(
        "Upload",
        text("Key", key),
        text("UploadId", row.upload_id),
        text("StorageClass", "STANDARD"),
        _person("Initiator"),
        _person("Owner"),
        text("Initiated", _moment(row.created)),
    )


def _part(row: Part) -> str:
    return element(
        "Part",
        text("PartNumber", row.number),
        text("LastModified", _moment(row.created)),
        text("ETag", f'"{row.md5}"'),
        text("Size", row.size),
    )


def _person(name: str) -> str:
    return element(name, text("ID", f"qcs::cam::uin/{_APP_ID}:uin/{_APP_ID}"), text("DisplayName", _APP_ID))


def _moment(milliseconds: int) -> str:
    """`2026-05-12T09:56:58.123Z`."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
