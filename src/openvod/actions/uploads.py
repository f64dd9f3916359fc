"""Putting media into the library: ApplyUpload and CommitUpload. The bytes themselves pass through the COS door."""

import re

from openvod.actions import Call, action
from openvod.core.errors import ApiError
from openvod.core.models import STORAGE_BUCKET, STORAGE_REGION, Json, new_file_id
from openvod.core.times import milliseconds
from openvod.store.intake import examine
from openvod.store.library import NewMedia
from openvod.store.uploads import Upload, UploadChanged, UploadClosed

SOURCE_CONTEXT_LIMIT = 250
SESSION_CONTEXT_LIMIT = 1000


@action("ApplyUpload")
def apply_upload(call: Call) -> Json:
    """Open an upload: storage paths that exist once, and a temporary credential that is bound to them."""
    sub_app = call.active_sub_app()
    params = call.params
    media_type = params["MediaType"].lower()
    if not re.fullmatch(r"[a-z0-9]{1,10}", media_type):
        raise ApiError("InvalidParameterValue.MediaType", media_type=params["MediaType"])
    cover_type = params.get("CoverType", "").lower()
    if cover_type and not re.fullmatch(r"[a-z0-9]{1,10}", cover_type):
        raise ApiError("InvalidParameterValue.CoverType", cover_type=params["CoverType"])
    for field, limit in (("SourceContext", SOURCE_CONTEXT_LIMIT), ("SessionContext", SESSION_CONTEXT_LIMIT)):
        if len(params.get(field, "")) > limit:
            raise ApiError("InvalidParameterValue/range", field=field, expected=f"at most {limit} characters")
    _expiry(call)
    upload = call.store.uploads.create(
        sub_app.id, media_type, cover_type=cover_type, media_name=params.get("MediaName", ""), params=params
    )
    return {
        "StorageBucket": STORAGE_BUCKET,
        "StorageRegion": STORAGE_REGION,
        "VodSessionKey": upload.session_key,
        "MediaStoragePath": upload.storage_path,
        "CoverStoragePath": upload.cover_path or "",
        "TempCertificate": {
            "SecretId": upload.temp_secret_id,
            "SecretKey": upload.temp_secret_key,
            "Token": upload.token,
            "ExpiredTime": upload.expires // 1000,
        },
    }


@action("CommitUpload")
def commit_upload(call: Call) -> Json:
    """Close an upload: look at what arrived, in a limited process, and take it into the library or refuse it.

    Committing twice answers the same FileId.
    """
    sub_app = call.active_sub_app()
    upload = call.store.uploads.by_session_key(call.params["VodSessionKey"])
    if upload is None or upload.sub_app_id != sub_app.id:
        raise ApiError("InvalidParameterValue.VodSessionKey")
    if upload.file_id is not None:
        committed = call.store.library.get(upload.file_id, sub_app.id)
        return {"FileId": upload.file_id, "MediaUrl": call.link(committed), "CoverUrl": ""}
    try:
        media = call.store.uploads.commit(upload.session_key, _examined(call, upload))
    except (UploadChanged, UploadClosed) as error:
        raise ApiError("FailedOperation.UploadCosFail", path=upload.storage_path) from error
    return {"FileId": media.file_id, "MediaUrl": call.link(media), "CoverUrl": ""}


def _examined(call: Call, upload: Upload) -> NewMedia:
    stored = call.store.uploads.object(upload.storage_path)
    if stored is None:
        raise ApiError("FailedOperation.UploadCosFail", path=upload.storage_path)
    facts = examine(call.store.blobs, stored.key, call.settings.data)
    params = upload.params
    return NewMedia(
        file_id=new_file_id(),
        sub_app_id=upload.sub_app_id,
        name=upload.media_name or upload.storage_path.rpartition("/")[2],
        kind=facts["kind"],
        extension=facts["extension"],
        content_type=facts["content_type"],
        object_key=stored.key,
        size=stored.size,
        md5=stored.md5,
        facts=facts,
        source_type="Upload",
        source_context=params.get("SourceContext", ""),
        class_id=params.get("ClassId", 0),
        expires=_expiry_of(params),
    )


def _expiry(call: Call) -> None:
    """ExpireTime must lie ahead; the spec has already checked that it is a time."""
    expires = _expiry_of(call.params)
    if expires is not None and expires <= call.now * 1000:
        raise ApiError("InvalidParameterValue.ExpireTime")


def _expiry_of(params: Json) -> int | None:
    text = params.get("ExpireTime")
    if not text:
        return None
    try:
        return milliseconds(text)
    except ValueError as error:
        raise ApiError("InvalidParameterValue.ExpireTime") from error
