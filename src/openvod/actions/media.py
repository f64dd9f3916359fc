"""The library's files: DescribeMediaInfos and DeleteMedia."""

from collections.abc import Mapping

from openvod.actions import Call, action
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.render.media import media_infos
from openvod.store.products import Chosen

PRODUCTS: Mapping[str, tuple[str, ...]] = {
    "MpsAiMediaAiAnalysisFiles": ("AiAnalysis.",),
    "MpsAiMediaSmartEraseFiles": ("SmartErase",),
    "MpsAiMediaSmartSubtitleFiles": ("SmartSubtitle.",),
}
"""MediaDeleteItem.Type that means what tasks have made, and how the types of such sub-tasks begin. Of the other
types all but OriginalFiles are made by processing that this server does not offer: there is nothing to delete.
"""


@action("DescribeMediaInfos", pace="quick")
def describe_media_infos(call: Call) -> Json:
    """What is known of up to 20 files; unknown ones are listed, not an error."""
    file_ids = call.params["FileIds"]
    found = call.store.library.get_many(file_ids, call.sub_app().id)
    rows = [found[file_id] for file_id in file_ids if file_id in found]
    return {
        "MediaInfoSet": media_infos(call.renderer(), rows, call.params.get("Filters", ())),
        "NotExistFileIdSet": [file_id for file_id in file_ids if file_id not in found],
    }


@action("DeleteMedia")
def delete_media(call: Call) -> Json:
    """Delete a file, or parts of what belongs to it. Without parts it is hidden at once; a task that has already
    accepted it still reads it, and its bytes go when the last one ends.

    Files that tasks made of it have FileIds of their own: they go when they are named, or as a part.
    """
    library, file_id, sub_app_id = call.store.library, call.params["FileId"], call.sub_app().id
    parts = call.params.get("DeleteParts")
    if not parts:
        if not library.delete(file_id, sub_app_id):
            raise ApiError("InvalidParameterValue.FileId", file_id=file_id)
        return {}
    if library.get(file_id, sub_app_id) is None:
        raise ApiError("InvalidParameterValue.FileId", file_id=file_id)
    chosen = [
        Chosen(PRODUCTS[part["Type"]], part.get("Definition", 0))
        for part in parts
        if part["Type"] in PRODUCTS
    ]
    if chosen:
        call.store.products.discard(file_id, sub_app_id, chosen)
    if any(part["Type"] == "OriginalFiles" for part in parts):
        library.strip(file_id, sub_app_id)
    return {}
