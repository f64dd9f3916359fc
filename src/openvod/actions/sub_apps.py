"""Applications: DescribeSubAppIds."""

from openvod.actions import Call, action
from openvod.core.models import STORAGE_REGION, Json
from openvod.core.times import iso
from openvod.store.accounts import SubApp

DEFAULT_LIMIT = 200


@action("DescribeSubAppIds")
def describe_sub_app_ids(call: Call) -> Json:
    """The account's applications, oldest first."""
    name = call.params.get("Name")
    found = [
        app for app in call.store.accounts.list_sub_apps(call.account_id) if name in (None, "", app.name)
    ]
    offset = call.params.get("Offset", 0)
    page = found[offset : offset + call.params.get("Limit", DEFAULT_LIMIT)]
    return {"TotalCount": len(found), "SubAppIdInfoSet": [_row(app) for app in page]}


def _row(app: SubApp) -> Json:
    return {
        "SubAppId": app.id,
        "SubAppIdName": app.name,
        "Name": app.name,
        "Description": app.description,
        "CreateTime": iso(app.created),
        "Status": app.status,
        "Mode": "fileid",
        "StorageRegions": [STORAGE_REGION],
        "Tags": [],
    }
