"""The library's files: DescribeMediaInfos and DeleteMedia."""

from openvod.actions import Call, action
from openvod.core.errors import ApiError
from openvod.core.models import STORAGE_REGION, Json
from openvod.core.times import NEVER, iso
from openvod.store.library import MediaRow

MAX_FILE_IDS = 20
CATEGORIES = {"video": "Video", "audio": "Audio", "image": "Image", "subtitle": "Subtitle"}
"""MediaBasicInfo.Category. The vendor lists the first three; a subtitle file in the library needed a word."""


@action("DescribeMediaInfos")
def describe_media_infos(call: Call) -> Json:
    """What is known of up to 20 files; unknown ones are listed, not an error."""
    file_ids = call.params["FileIds"]
    if not file_ids:
        raise ApiError("InvalidParameterValue.FileIds")
    if len(file_ids) > MAX_FILE_IDS:
        raise ApiError("InvalidParameterValue.FileIdsTooMany", limit=MAX_FILE_IDS)
    found = call.store.library.get_many(file_ids, call.sub_app().id)
    return {
        "MediaInfoSet": [_media_info(call, found[file_id]) for file_id in file_ids if file_id in found],
        "NotExistFileIdSet": [file_id for file_id in file_ids if file_id not in found],
    }


def _media_info(call: Call, media: MediaRow) -> Json:
    wanted = call.params.get("Filters") or ["basicInfo", "metaData"]
    info: Json = {"FileId": media.file_id}
    if "basicInfo" in wanted:
        info["BasicInfo"] = _basic_info(call, media)
    if "metaData" in wanted:
        info["MetaData"] = {**media.facts["metadata"], "Size": media.size, "Md5": media.md5}
    return info


def _basic_info(call: Call, media: MediaRow) -> Json:
    return {
        "Name": media.name,
        "Description": media.description,
        "CreateTime": iso(media.created),
        "UpdateTime": iso(media.updated),
        "ExpireTime": iso(media.expires) or NEVER,
        "ClassId": media.class_id,
        "ClassName": "",
        "ClassPath": "",
        "CoverUrl": "",
        "Type": media.extension,
        "MediaUrl": call.link(media),
        "SourceInfo": {"SourceType": media.source_type, "SourceContext": media.source_context},
        "StorageRegion": STORAGE_REGION,
        "StoragePath": f"/{media.object_key}",
        "TagSet": [],
        "Vid": "",
        "Category": CATEGORIES[media.kind],
        "Status": "Normal",
        "StorageClass": "STANDARD",
    }


@action("DeleteMedia")
def delete_media(call: Call) -> Json:
    """Hide a file at once. A task that has already accepted it still reads it; its bytes go when the last one ends."""
    if call.params.get("DeleteParts"):
        raise ApiError("UnsupportedOperation/field", field="DeleteParts")
    if not call.store.library.delete(call.params["FileId"], call.sub_app().id):
        raise ApiError("InvalidParameterValue.FileId", file_id=call.params["FileId"])
    return {}
