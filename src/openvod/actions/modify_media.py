"""ModifyMediaInfo: change what is known of a file, its cover and its subtitles."""

import base64
import binascii
import secrets
from collections.abc import Iterator
from typing import Any

from openvod.actions import Call, action
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.core.times import NEVER, milliseconds
from openvod.media import captions, formats
from openvod.render.media import subtitles_made, uploaded_subtitle
from openvod.store.belongings import Attachment, KeyFrame
from openvod.store.intake import examine_cover
from openvod.store.library import MediaRow
from openvod.store.media_edits import LIMITS, Changes, Edit, SubtitleIdTaken, TooMany

COVER_EXTENSIONS = ("jpg", "png", "gif")
SUBTITLE_BYTES = 2**20
"""Ten times what a feature film's subtitles take."""
TOO_MANY = {
    "tags": "LimitExceeded.TagCountReachMax",
    "key_frames": "LimitExceeded.KeyFrameDescCountReachMax",
    "subtitles": "LimitExceeded/subtitles",
}
TEXTS = {"Name": "name", "Description": "description", "ClassId": "class_id"}


@action("ModifyMediaInfo", pace="slow")
def modify_media_info(call: Call) -> Json:
    """All changes are made, or none. A collection is first emptied or thinned out, then it grows."""
    sub_app = call.active_sub_app()
    params, file_id = call.params, call.params["FileId"]
    _check_conflicts(params)
    texts = [_subtitle_text(given, f"AddSubtitles.{n}") for n, given in enumerate(_list(params, "Subtitles"))]
    image = _decoded(params["CoverData"], "CoverData") if params.get("CoverData") else None
    values = _values(call)
    media = call.store.library.get(file_id, sub_app.id)
    if media is None:
        raise ApiError("ResourceNotFound.FileNotExist", file_id=file_id)
    edit = Edit(
        values=values,
        tags=_changes(params, "Tags", params.get("AddTags", ())),
        key_frames=_changes(params, "KeyFrameDescs", _key_frames(params)),
        cover=None if image is None else _stored_cover(call, image),
        subtitles=_changes(params, "Subtitles", _stored_subtitles(call, texts), "DeleteSubtitleIds"),
    )
    try:
        now = call.store.library.edit(file_id, sub_app.id, edit)
    except TooMany as error:
        raise ApiError(TOO_MANY[error.what], limit=LIMITS[error.what]) from error
    except SubtitleIdTaken as error:
        raise ApiError("InvalidParameterValue/subtitle-id") from error
    if now is None:  # deleted since it was looked up
        raise ApiError("ResourceNotFound.FileNotExist", file_id=file_id)
    _delete_made(call, media)
    new = {each.id for each in edit.subtitles.add}
    added = [uploaded_subtitle(call.renderer(), media, each) for each in now.subtitles if each.id in new]
    return {"CoverUrl": call.renderer().attachment_link(media, now.cover), "AddedSubtitleSet": added}


def _list(params: Json, what: str) -> list[Json]:
    given: list[Json] = params.get(f"Add{what}", [])
    return given


def _check_conflicts(params: Json) -> None:
    """What is added may not be deleted by the same request."""
    frames = {given["TimeOffset"] for given in _list(params, "KeyFrameDescs")}
    ids = [given["Id"] for given in _list(params, "Subtitles") if given.get("Id")]
    if len(ids) != len({*ids}):
        raise ApiError("InvalidParameterValue/subtitle-id")
    for what, added, deleted in (
        ("Tags", {*params.get("AddTags", ())}, "DeleteTags"),
        ("KeyFrameDescs", frames, "DeleteKeyFrameDescs"),
        ("Subtitles", {*ids}, "DeleteSubtitleIds"),
    ):
        if params.get(f"Add{what}") and params.get(f"Clear{what}") == 1:
            raise _conflict(f"Add{what}", f"Clear{what}")
        if added & {*params.get(deleted, ())}:
            raise _conflict(f"Add{what}", deleted)


def _conflict(field: str, other: str) -> ApiError:
    """The API has a code for each pair, but none for subtitles."""
    pair = "/conflict" if field == "AddSubtitles" else f".{field}And{other}Conflict"
    return ApiError(f"InvalidParameterValue{pair}", field=field, other=other)


def _changes(params: Json, what: str, add: Any, delete: str = "") -> Changes[Any]:
    deleted = frozenset(params.get(delete or f"Delete{what}", ()))
    return Changes(add=add, delete=deleted, clear=params.get(f"Clear{what}") == 1)


def _values(call: Call) -> Json:
    """Columns that change; an empty name would leave the file without one, so it is no change."""
    values = {column: call.params[field] for field, column in TEXTS.items() if field in call.params}
    if not values.get("name", "x"):
        del values["name"]
    if expires := call.params.get("ExpireTime"):
        values["expires"] = None if milliseconds(expires) >= milliseconds(NEVER) else milliseconds(expires)
        if milliseconds(expires) <= call.now * 1000:
            raise ApiError("InvalidParameterValue.ExpireTime")
    return values


def _key_frames(params: Json) -> list[KeyFrame]:
    return [
        KeyFrame(float(given["TimeOffset"]), given["Content"]) for given in _list(params, "KeyFrameDescs")
    ]


def _decoded(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError("InvalidParameterValue/base64", field=field) from error


def _subtitle_text(given: Json, at: str) -> tuple[Json, bytes]:
    """A subtitle and its bytes, which must be what WebVTT is: UTF-8 that our reader understands."""
    data = _decoded(given["Content"], f"{at}.Content")
    if len(data) > SUBTITLE_BYTES:
        raise ApiError("InvalidParameterValue/subtitle-size", field=f"{at}.Content", limit=SUBTITLE_BYTES)
    try:
        parsed = captions.parse(data)
    except ValueError as error:
        raise ApiError("InvalidParameterValue/subtitle", field=f"{at}.Content") from error
    if (parsed.format, parsed.encoding) != ("vtt", "utf-8"):
        raise ApiError("InvalidParameterValue/subtitle", field=f"{at}.Content")
    return given, data


def _stored_subtitles(call: Call, texts: list[tuple[Json, bytes]]) -> list[Attachment]:
    extension, content_type = formats.SUBTITLES["vtt"]
    return [
        Attachment(
            kind="subtitle",
            id=given.get("Id") or secrets.token_hex(8),
            name=given["Name"],
            language=given["Language"],
            object_key=stored.key,
            extension=extension,
            content_type=content_type,
            size=stored.size,
            md5=stored.md5,
        )
        for given, data in texts
        for stored in [call.store.blobs.put(call.store.blobs.new_key(), [data])]
    ]


def _stored_cover(call: Call, image: bytes) -> Attachment:
    blobs = call.store.blobs
    stored = blobs.put(blobs.new_key(), [image])
    cover = examine_cover(blobs, stored, call.settings.data)
    if cover is None or cover.extension not in COVER_EXTENSIONS:
        blobs.delete(stored.key)
        raise ApiError("InvalidParameterValue.ImageDecodeError", field="CoverData")
    return cover


def _delete_made(call: Call, media: MediaRow) -> None:
    """Subtitles that tasks made are files of the library: they are deleted as such."""
    for file_id in _made_and_named(call, media):
        call.store.library.delete(file_id, media.sub_app_id)


def _made_and_named(call: Call, media: MediaRow) -> Iterator[str]:
    named, all_ = call.params.get("DeleteSubtitleIds", ()), call.params.get("ClearSubtitles") == 1
    if named or all_:
        products = call.store.products.of([media.file_id]).get(media.file_id, [])
        yield from (file_id for file_id, _ in subtitles_made(products) if all_ or file_id in named)
