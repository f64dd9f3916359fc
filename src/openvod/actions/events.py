"""Hearing of what happened: PullEvents, ConfirmEvents, and how an application is told."""

import re

from openvod.actions import Call, Later, action
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.render.events import Untold, event_content
from openvod.store.events import HandleExpired

POLL_SECONDS = 5.0
"""How long PullEvents waits for a first event; the vendor documents it, and clients allow for 10 seconds."""
_HANDLE = re.compile(r"([0-9]{1,18})\.([0-9a-f]{32})", re.ASCII)
CONFIG_FIELDS = {
    "Mode": "mode",
    "NotificationUrl": "url",
    "UploadMediaCompleteEventSwitch": "upload_switch",
    "DeleteMediaCompleteEventSwitch": "delete_switch",
    "PersistenceCompleteEventSwitch": "persistence_switch",
    "SignKey": "sign_key",
}


@action("PullEvents")
def pull_events(call: Call) -> Json | Later:
    """Up to 16 events that nobody has confirmed, oldest first; if there are none, the first that come in five seconds."""
    sub_app = call.sub_app().id
    if call.store.events.config(sub_app).mode != "PULL":
        raise ApiError("FailedOperation/event-mode")
    return _pulled(call, sub_app) or Later(
        sub_app, POLL_SECONDS, lambda last: _pulled(call, sub_app) or ({"EventSet": []} if last else None)
    )


def _pulled(call: Call, sub_app: int) -> Json | None:
    told = []
    for event in call.store.events.pull(sub_app):
        try:
            told.append(event_content(call.renderer(), event, f"{event.id}.{event.handle}"))
        except Untold as gone:  # one that cannot be told must not keep the others back
            call.store.events.give_up(event, f"there is nothing to tell of {gone}")
    return {"EventSet": told} if told else None


@action("ConfirmEvents")
def confirm_events(call: Call) -> Json:
    """Note that events have been dealt with: all that are named, or none if one handle's 30 seconds are over."""
    given = [_HANDLE.fullmatch(text) for text in call.params["EventHandles"]]
    sub_app = call.sub_app().id
    try:
        if None in given:
            raise HandleExpired
        call.store.events.confirm(sub_app, {(int(one[1]), one[2]) for one in given if one is not None})
    except HandleExpired as error:
        raise ApiError("InvalidParameterValue/event-handle") from error
    return {}


@action("DescribeEventConfig", pace="quick")
def describe_event_config(call: Call) -> Json:
    """How the application is told of events; the SignKey is never shown."""
    config = call.store.events.config(call.sub_app().id)
    return {field: getattr(config, name) for field, name in CONFIG_FIELDS.items() if field != "SignKey"}


@action("ModifyEventConfig")
def modify_event_config(call: Call) -> Json:
    """Change what is given, keep the rest. Events that still wait go the new way."""
    sub_app = call.sub_app().id
    url = call.params.get("NotificationUrl")
    if url:
        call.check_url(url, "NotificationUrl")
    changes = {CONFIG_FIELDS[field]: value for field, value in call.params.items() if field in CONFIG_FIELDS}
    call.store.events.configure(sub_app, **changes)
    return {}


@action("DescribeEventsState", pace="quick")
def describe_events_state(call: Call) -> Json:
    """How many events a pull would find now; those that were pulled and may yet be confirmed do not count."""
    return {"CountOfEventsToPull": call.store.events.to_pull(call.sub_app().id)}
