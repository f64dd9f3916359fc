"""Putting media into the library: ApplyUpload and CommitUpload. The bytes themselves pass through the COS door."""

import re

from openvod.actions import Call, action
from openvod.core.errors import ApiError
from openvod.core.models import STORAGE_BUCKET, STORAGE_REGION, Json, new_file_id
from openvod.core.times import milliseconds
from openvod.core.walker import shown
from openvod.store.belongings import Attachment
from openvod.store.intake import examine, examine_cover
from openvod.store.library import MediaRow, NewMedia
from openvod.store.uploads import Upload, UploadChanged, UploadClosed


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
    if params.get("Procedure"):  # none can be made here, and to forget what was asked for would be worse
        raise ApiError("InvalidParameterValue.Procedure", procedure=shown(params["Procedure"]))
    expires = _expiry_of(params)
    if expires is not None and expires <= call.now * 1000:
        raise ApiError("InvalidParameterValue.ExpireTime")
    call.check_room()
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


@action("CommitUpload", pace="slow")
def commit_upload(call: Call) -> Json:
    """Close an upload: look at what arrived, in a limited process, and take it into the library or refuse it.

    Committing twice answers the same FileId.
    """
    sub_app = call.active_sub_app()
    upload = call.store.uploads.by_session_key(call.params["VodSessionKey"])
    if upload is None or upload.sub_app_id != sub_app.id:
        raise ApiError("InvalidParameterValue.VodSessionKey")
    if upload.file_id is not None:
        return _committed(call, upload.file_id, call.store.library.get(upload.file_id, sub_app.id))
    try:
        new, cover = _examined(call, upload), _cover(call, upload)
        media = call.store.uploads.commit(upload.session_key, new, cover)
    except (UploadChanged, UploadClosed) as error:
        raise ApiError("FailedOperation.UploadCosFail", path=upload.storage_path) from error
    return _committed(call, media.file_id, media)


def _committed(call: Call, file_id: str, media: MediaRow | None) -> Json:
    """The answer, also for a file that was deleted since."""
    cover = call.store.library.belongings([file_id])[file_id].cover
    cover_url = call.renderer().attachment_link(media, cover) if media else ""
    return {"FileId": file_id, "MediaUrl": call.link(media), "CoverUrl": cover_url}


def _cover(call: Call, upload: Upload) -> Attachment | None:
    """The cover that came beside the media; one that was announced and did not come is none."""
    stored = call.store.uploads.object(upload.cover_path) if upload.cover_path else None
    if stored is None:
        return None
    cover = examine_cover(call.store.blobs, stored, call.settings.data)
    if cover is None:
        raise ApiError("FailedOperation.CoverType")
    return cover


def _examined(call: Call, upload: Upload) -> NewMedia:
    stored = call.store.uploads.object(upload.storage_path)
    if stored is None:
        raise ApiError("FailedOperation.UploadCosFail", path=upload.storage_path)
    facts = examine(call.store.blobs, stored.key, call.settings.data)
    params = upload.params
    return NewMedia.examined(
        stored,
        facts,
        file_id=new_file_id(),
        sub_app_id=upload.sub_app_id,
        name=upload.media_name or upload.storage_path.rpartition("/")[2],
        source_type="Upload",
        source_context=params.get("SourceContext", ""),
        class_id=params.get("ClassId", 0),
        expires=_expiry_of(params),
    )


def _expiry_of(params: Json) -> int | None:
    """Milliseconds since 1970; the spec has checked that it is a time."""
    text = params.get("ExpireTime")
    return milliseconds(text) if text else None
