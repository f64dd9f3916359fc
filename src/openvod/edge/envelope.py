"""How is an answer put into words? As compact JSON in UTF-8."""

from msgspec.json import Encoder

from openvod.core.models import Json

_encode = Encoder().encode


def envelope(fields: Json, request_id: str) -> bytes:
    """An answer's fields as a client gets them."""
    return _encode({"Response": {**fields, "RequestId": request_id}})
