"""PullUpload: take a file into the library from where it lies on the network."""

import re
from urllib.parse import unquote, urlsplit

from openvod.actions import Call, action
from openvod.core.errors import ApiError
from openvod.core.models import Json, new_task_id
from openvod.core.pulls import pull_of
from openvod.core.times import milliseconds
from openvod.core.walker import shown
from openvod.store.tasks import NewTask

KIND = "PullUpload"
NAME_LENGTH = 64
"""Characters of a name that the URL gives, as many as a name may be changed to."""
PLAYLISTS = ("m3u8", "mpd")
"""Types of files that only lead to others. The vendor pulls the first; here it would become no file."""


@action(KIND)
def pull_upload(call: Call) -> Json:
    """A task that fetches the media, and the cover if there is to be one; what can be known at once is refused at once."""
    sub_app = call.active_sub_app()
    params = call.params
    expires = _check(call)
    task = NewTask(
        id=new_task_id(sub_app.id, "pull"),
        sub_app_id=sub_app.id,
        kind=KIND,
        file_id="",
        sub_tasks=(
            pull_of(
                params["MediaUrl"],
                loopback=call.policy().loopback_allowed,
                name=params.get("MediaName") or _name_of(params["MediaUrl"]),
                cover_url=params.get("CoverUrl", ""),
                class_id=params.get("ClassId", 0),
                expires=expires,
                source_context=params.get("SourceContext", ""),
            ),
        ),
        request=params,
        priority=params.get("TasksPriority", 0),
        session_id=params.get("SessionId", ""),
        session_context=params.get("SessionContext", ""),
        ext_info=params.get("ExtInfo", ""),
        warnings=call.warnings,
    )
    call.accept(task)
    return {"TaskId": task.id}


def _check(call: Call) -> int | None:
    """Refuse what cannot be done; when the file expires, in milliseconds since 1970."""
    params = call.params
    call.check_url(params["MediaUrl"], "MediaUrl", "InvalidParameterValue.MediaUrl")
    if params.get("CoverUrl"):
        call.check_url(params["CoverUrl"], "CoverUrl", "InvalidParameterValue.CoverUrl")
    given = params.get("MediaType", "").lower()
    media_type = given or urlsplit(params["MediaUrl"]).path.rpartition(".")[2].lower()
    if media_type in PLAYLISTS or (given and not re.fullmatch(r"[a-z0-9]{1,10}", given)):
        raise ApiError("InvalidParameterValue.MediaType", media_type=shown(media_type))
    if params.get("Procedure"):  # none can be made here, and to forget what was asked for would be worse
        raise ApiError("InvalidParameterValue.Procedure", procedure=shown(params["Procedure"]))
    expires = milliseconds(params["ExpireTime"]) if params.get("ExpireTime") else None
    if expires is not None and expires <= call.now * 1000:
        raise ApiError("InvalidParameterValue.ExpireTime")
    call.check_room()
    return expires


def _name_of(url: str) -> str:
    """The last part of the URL's path; of a path without one, the host."""
    parts = urlsplit(url)
    name = unquote(parts.path.rstrip("/").rpartition("/")[2], errors="replace")
    return (name or parts.hostname or "")[:NAME_LENGTH]
