"""How a stored output becomes an answer: what stands for a library file, or for the library, is spelled out now."""

import json
from collections.abc import Callable
from typing import Any

from openvod.core.models import STORAGE_BUCKET, STORAGE_REGION, Json


def spelled_out(value: Any, link: Callable[[str], str], sub_app_id: int) -> Any:
    """`value` with every `{"$url": FileId}` replaced by `link(FileId)`, a link that lives now, and every
    `core.models.library_storage` by the library of the application.
    """
    match value:
        case {"$url": str() as file_id, **rest} if not rest:
            return link(file_id)
        case {"$storage": "library", **rest} if not rest:
            return library_of(sub_app_id)
        case dict():
            return {name: spelled_out(inner, link, sub_app_id) for name, inner in value.items()}
        case list():
            return [spelled_out(inner, link, sub_app_id) for inner in value]
    return value


def library_of(sub_app_id: int) -> Json:
    """A `TaskOutputStorage`: the media library of an application."""
    library = {"Bucket": STORAGE_BUCKET, "Region": STORAGE_REGION, "SubAppId": sub_app_id, "VodBasic": 1}
    return {"Type": "VOD", "CosOutputStorage": None, "S3OutputStorage": None, "VODOutputStorage": library}


json_text: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""JSON as the API writes it, also inside `Input` and `OutputText`: compact, Unicode as it is."""
