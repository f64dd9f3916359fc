"""How is an endpoint called that the operator has set? With credentials, at any address, and without following it elsewhere."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from openvod.outbound.address import OPERATOR
from openvod.outbound.client import BLOCK, NETWORK, failures, request_bytes, response_of
from openvod.outbound.connection import Limits, Network, connect
from openvod.outbound.faults import Failed
from openvod.outbound.target import parse


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answered, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


def call(
    url: str, body: bytes, *, headers: Mapping[str, str], limits: Limits, network: Network = NETWORK
) -> Answer:
    """POST a body and read the whole answer. A redirect is an answer like any other: credentials go nowhere else.

    Raises Refused for a URL that is none, Failed when no whole answer comes, Unwanted.
    """
    target, deadline = parse(url), time.monotonic() + limits.total_seconds
    connection = connect(target, OPERATOR, limits, deadline, network)
    try:
        with failures():
            connection.sendall(request_bytes("POST", target, headers, body))
            response = response_of(connection, "POST")
            with response:
                read = bytearray()
                while block := response.read(BLOCK):
                    read += block
                    if len(read) > limits.bytes:
                        raise Failed("size", limit=limits.bytes)
        if response.length:
            raise Failed("ended")
        return Answer(
            response.status, {name.lower(): value for name, value in response.headers.items()}, bytes(read)
        )
    finally:
        connection.close()
