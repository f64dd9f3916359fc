"""SearchMedia: find files of an application by what is known of them."""

from collections.abc import Callable, Mapping
from typing import Any

from openvod.actions import Call, action
from openvod.core.errors import ApiError
from openvod.core.models import STORAGE_REGION, Json
from openvod.core.texts import Text
from openvod.core.times import milliseconds
from openvod.render.media import media_infos
from openvod.store.media_search import MOST, Found, Query, Span

DEFAULT_LIMIT = 10
DOCUMENTED = ("basicInfo", "metaData", "keyFrameDescInfo")
"""What is shown without Filters: of the kinds of information that this action's page lists, those there are here."""
KINDS = {"Video": "video", "Audio": "audio", "Image": "image"}
SAME_FOR_ALL: Mapping[str, str] = {
    "Status": "Normal",
    "StorageClasses": "STANDARD",
    "StorageRegions": STORAGE_REGION,
    "ReviewResults": "notModerated",
}
"""Criteria that every file of this server meets with this value, and with no other."""
NEVER_MET = (
    "StreamIds",
    "StreamId",
    "StreamDomains",
    "StreamPaths",
    "TrtcSdkAppIds",
    "TrtcRoomIds",
    "KnowledgeBases",
)
"""Criteria about live recordings, conferences and knowledge bases, of which there are none here."""
PASSED: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "FileIds": ("file_ids", list),
    "Names": ("names", list),
    "NamePrefixes": ("name_prefixes", list),
    "Descriptions": ("descriptions", list),
    "Text": ("text", str),
    "ClassIds": ("class_ids", list),
    "Tags": ("tags", list),
    "Categories": ("kinds", lambda names: [KINDS[name] for name in names]),
    "SourceTypes": ("source_types", list),
    "MediaTypes": ("extensions", list),
}


@action("SearchMedia")
def search_media(call: Call) -> Json:
    """A page of the files that meet all criteria, newest first, or best match first when there are phrases."""
    params = call.params
    offset, limit = params.get("Offset", 0), params.get("Limit", DEFAULT_LIMIT)
    if offset + limit > MOST:
        expected = Text(f"at most {MOST} together with Offset", f"与 Offset 之和不超过 {MOST}")
        raise ApiError("InvalidParameterValue.LimitTooLarge", field="Limit", expected=expected)
    if params.get("Sort", {"Field": "CreateTime"})["Field"] != "CreateTime":
        raise ApiError("InvalidParameterValue.Sort", field="Sort.Field", expected="CreateTime")
    sub_app = call.sub_app()
    found = Found(0, [])
    if _possible(params):
        found = call.store.library.search(_query(params, sub_app.id, offset, limit))
    filters = params.get("Filters") or DOCUMENTED
    return {
        "TotalCount": found.total,
        "MediaInfoSet": media_infos(call.renderer(), found.page, filters),
    }


def _possible(params: Json) -> bool:
    """Whether any file of this server can meet the criteria that are the same for all."""
    met = all(value in params[name] for name, value in SAME_FOR_ALL.items() if params.get(name))
    return met and not any(params.get(name) for name in NEVER_MET)


def _query(params: Json, sub_app_id: int, offset: int, limit: int) -> Query:
    criteria = {name: make(params[field]) for field, (name, make) in PASSED.items() if params.get(field)}
    if params.get("SourceType") and "source_types" not in criteria:
        criteria["source_types"] = [params["SourceType"]]
    return Query(
        sub_app_id=sub_app_id,
        created=_created(params),
        expires=_span(params.get("ExpireTime", {})),
        descending=params.get("Sort", {"Order": "Desc"})["Order"] == "Desc",
        offset=offset,
        limit=limit,
        **criteria,
    )


def _created(params: Json) -> Span:
    """CreateTime, and where it is open the older StartTime and EndTime, which is exclusive."""
    since, until = _span(params.get("CreateTime", {}))
    if since is None and params.get("StartTime"):
        since = milliseconds(params["StartTime"])
    if until is None and params.get("EndTime"):
        until = milliseconds(params["EndTime"]) - 1
    return since, until


def _span(given: Json) -> Span:
    """Both ends belong to it: the last is meant with all its second, for answers show no parts of one."""
    since, until = given.get("After"), given.get("Before")
    return since and milliseconds(since), until and milliseconds(until) // 1000 * 1000 + 999
