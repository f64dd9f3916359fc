"""Where does the next page of a list begin? A token that a client gives back: the place, and a hash of the filter.

So a page is stable while rows are added, and a token is refused with another filter.
"""

import base64
import hashlib
import json

from openvod.core import jsontext
from openvod.core.answers import json_text
from openvod.core.errors import ApiError
from openvod.core.models import Json

LATEST = 2**62
"""Milliseconds; later than any time that a token of ours holds, and fit for any database."""


def token(params: Json, value: int | None, task_id: str) -> str:
    """For the page behind the task whose time, in milliseconds, is `value`."""
    place = json_text([value, task_id, _filter_hash(params)])
    return base64.urlsafe_b64encode(place.encode()).decode()


def place(params: Json) -> tuple[int | None, str] | None:
    """What `token` was made of; None for a request of the first page. Raises ApiError for what is not ours."""
    given = params.get("ScrollToken")
    if not given:
        return None
    try:
        value, task_id, made_for = _decoded(given)
    except ValueError as error:
        raise ApiError("InvalidParameterValue/scroll-token") from error
    if made_for != _filter_hash(params):
        raise ApiError("InvalidParameterValue/scroll-filter")
    return value, task_id


def _filter_hash(params: Json) -> str:
    filtered = {name: value for name, value in params.items() if name not in {"ScrollToken", "Limit"}}
    return hashlib.sha256(json.dumps(filtered, sort_keys=True).encode()).hexdigest()[:16]


def _decoded(given: str) -> tuple[int | None, str, str]:
    """A token is not secret, so anything may stand there; raises ValueError."""
    match jsontext.parse(base64.urlsafe_b64decode(given).decode()):
        case [None | int() as value, str() as task_id, str() as made_for] if (
            (value is None or 0 <= value <= LATEST) and task_id.isascii() and task_id.isprintable()
        ):
            return value, task_id, made_for
    raise ValueError("not a scroll token")
