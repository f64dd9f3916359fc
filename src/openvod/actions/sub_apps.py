"""Applications: CreateSubAppId, DescribeSubAppIds, ModifySubAppIdInfo and ModifySubAppIdStatus."""

from openvod.actions import Call, action
from openvod.core.errors import ApiError, aborted
from openvod.core.models import STORAGE_REGION, Json
from openvod.core.times import iso
from openvod.store.accounts import SubApp

DEFAULT_LIMIT = 200


@action("CreateSubAppId")
def create_sub_app_id(call: Call) -> Json:
    """A further application of the account, at once ready for use.

    Mode and StorageRegion are kept and shown; every file here has a FileId, and they all lie in one place. Type is
    checked and means nothing: there is one edition.
    """
    params = call.params
    mode = params.get("Mode", "fileid")
    if mode == "fileid+path" and not params.get("StorageRegion"):
        raise ApiError("MissingParameter/needed", field="StorageRegion", because=f"Mode {mode}")
    app = call.store.accounts.create_sub_app(
        call.account_id,
        _name(call),
        params.get("Description", ""),
        mode=mode,
        storage_region=params.get("StorageRegion", ""),
        tags=params.get("Tags", []),
    )
    return {"SubAppId": app.id}


@action("DescribeSubAppIds")
def describe_sub_app_ids(call: Call) -> Json:
    """The account's applications, oldest first: of that name, and with all of those tags. Destroyed ones are shown."""
    name, tags = call.params.get("Name"), call.params.get("Tags", [])
    found = [
        app
        for app in call.store.accounts.list_sub_apps(call.account_id)
        if name in (None, "", app.name) and all(tag in app.tags for tag in tags)
    ]
    offset = call.params.get("Offset", 0)
    page = found[offset : offset + call.params.get("Limit", DEFAULT_LIMIT)]
    return {"TotalCount": len(found), "SubAppIdInfoSet": [_row(app) for app in page]}


@action("ModifySubAppIdInfo")
def modify_sub_app_id_info(call: Call) -> Json:
    """Change what is given of name and description."""
    changes = {}
    if "Name" in call.params:
        changes["name"] = _name(call)
    if "Description" in call.params:
        changes["description"] = call.params["Description"]
    call.store.sub_apps.describe(call.sub_app().id, **changes)
    return {}


@action("ModifySubAppIdStatus")
def modify_sub_app_id_status(call: Call) -> Json:
    """Switch an application on or off, or destroy it with all it holds.

    One that is off can be read, takes no new work, and ends what it has accepted. A destroyed one is empty: it can be
    switched on again, and begins anew. There is no Destroying to wait for. The account's default application, which
    calls without a SubAppId go to, cannot be destroyed.
    """
    sub_app, status = call.sub_app(), call.params["Status"]
    if status != "Destroyed":
        call.store.sub_apps.switch(sub_app.id, status)
    elif sub_app.id == call.store.accounts.default_sub_app(call.account_id).id:
        raise ApiError("FailedOperation/default-sub-app")
    else:
        call.store.sub_apps.destroy(sub_app.id, aborted())
    return {}


def _name(call: Call) -> str:
    name: str = call.params["Name"]
    if not name:
        raise ApiError("InvalidParameterValue/range", field="Name", expected="1 - 40")
    return name


def _row(app: SubApp) -> Json:
    return {
        "SubAppId": app.id,
        "SubAppIdName": app.name,
        "Name": app.name,
        "Description": app.description,
        "CreateTime": iso(app.created),
        "Status": app.status,
        "Mode": app.mode,
        "StorageRegions": [app.storage_region or STORAGE_REGION],
        "Tags": app.tags,
    }
