"""Requests as the official Python SDK puts them on the wire: the SDK's own code, up to the socket."""

from typing import Any

import requests
from requests.adapters import BaseAdapter
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.vod.v20180717.vod_client import VodClient

from openvod.edge.signature import RawRequest

SECRET_ID = "AKIDEXAMPLE"
SECRET_KEY = "example-secret-key"


class Wire(BaseAdapter):
    """The far side of the network: keeps the last request."""

    def __init__(self) -> None:
        super().__init__()
        self.last: requests.PreparedRequest

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        self.last = request
        response = requests.Response()
        response.status_code = 200
        response.headers["Content-Type"] = "application/json"
        response._content = b'{"Response": {"RequestId": "0"}}'
        return response

    def close(self) -> None:
        pass


def sent(
    action: str,
    params: dict[str, Any],
    *,
    scheme: str = "TC3-HMAC-SHA256",
    method: str = "POST",
    endpoint: str = "127.0.0.1:9000",
    multipart: bool = False,
    unsigned_payload: bool = False,
) -> RawRequest:
    """What the SDK sends for a call."""
    profile = ClientProfile(scheme, HttpProfile(protocol="http", endpoint=endpoint, reqMethod=method))
    profile.unsignedPayload = unsigned_payload
    client = VodClient(Credential(SECRET_ID, SECRET_KEY), "", profile)
    wire = Wire()
    client.request.conn._session.mount("http://", wire)
    client.call(action, params, {"IsMultipart": True} if multipart else None)
    request = wire.last
    body = request.body or b""
    headers = tuple(
        (name, value if isinstance(value, str) else value.decode()) for name, value in request.headers.items()
    )
    return RawRequest(
        request.method, request.path_url, headers, body.encode() if isinstance(body, str) else bytes(body)
    )
