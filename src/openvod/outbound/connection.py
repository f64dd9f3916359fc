"""How does a connection reach the judged address, and only that, in bounded time?"""

import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import IO

from openvod.outbound.address import Address, Policy
from openvod.outbound.faults import Failed, Refused, Unwanted
from openvod.outbound.target import Target

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host and port, as texts. Raises OSError."""
Dial = Callable[[str, int, float], socket.socket]
"""A TCP connection to an address and port within so many seconds. Raises OSError."""


LOOK_SECONDS = 0.25
"""How long a call goes on at most when nobody wants it any more; but for the making of a connection."""


def _wanted() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one call: all its redirects, its answer and its reading."""

    bytes: int
    """Of the answer's body."""
    total_seconds: float
    connect_seconds: float = 5.0
    """For each address, and for asking where a name leads."""
    idle_seconds: float = 10.0
    """How long the other side may be silent."""
    unwanted: Callable[[], bool] = _wanted
    """Asked a few times a second while an answer comes: whether nobody waits for it any more."""


def addresses_of(host: str, port: int) -> list[str]:
    """What the system's resolver says, in its order. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def dial(address: str, port: int, seconds: float) -> socket.socket:
    """Connect. `address` is numeric, so nothing is looked up. Raises OSError."""
    return socket.create_connection((address, port), seconds)


@dataclass(frozen=True, slots=True)
class Network:
    """The far side of the network, so that tests can stand in for it."""

    resolve: Resolve = addresses_of
    dial: Dial = dial
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context


class Connection:
    """A connection whose every wait ends with the idle time or the call's deadline. What `http.client` needs of a
    socket, and no more.
    """

    def __init__(self, sock: socket.socket, limits: Limits, deadline: float) -> None:
        self._socket = sock
        self._idle = limits.idle_seconds
        self._unwanted = limits.unwanted
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Send all of it. Raises OSError."""
        self._socket.settimeout(left(self._deadline, self._idle))
        self._socket.sendall(data)

    def recv_into(self, buffer: "bytearray | memoryview") -> int:
        """Bytes received; 0 at the end. Raises OSError, Unwanted."""
        until = min(self._deadline, time.monotonic() + self._idle)
        while not self._unwanted():
            self._socket.settimeout(left(until, LOOK_SECONDS))
            with suppress(TimeoutError):  # `left` raises its own, outside, once the time is over
                return self._socket.recv_into(buffer)
        raise Unwanted

    def makefile(self, _mode: str) -> IO[bytes]:
        """For reading."""
        return io.BufferedReader(_Received(self))

    def close(self) -> None:
        """End it."""
        self._socket.close()


class _Received(io.RawIOBase):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the stub has no name for buffers
        return self._connection.recv_into(buffer)


def left(deadline: float, most: float) -> float:
    """Seconds to wait for: `most`, or less when the deadline is near. Raises TimeoutError once it is over."""
    seconds = min(most, deadline - time.monotonic())
    if seconds <= 0:
        raise TimeoutError
    return seconds


def connect(target: Target, policy: Policy, limits: Limits, deadline: float, network: Network) -> Connection:
    """Resolve the host once, judge every address, and connect to the first that answers. Raises Refused, Failed."""
    if not policy.allows_name(target.host):
        raise Refused("host")
    judged = _judged(_resolved(target, limits, deadline, network), policy)
    sock = _first(judged, target.port, limits, deadline, network)
    if target.scheme == "https":
        sock = _wrapped(sock, target.host, left_or_failed(deadline, limits.connect_seconds), network)
    return Connection(sock, limits, deadline)


def left_or_failed(deadline: float, most: float) -> float:
    """`left`, for those who do not expect TimeoutError. Raises Failed."""
    try:
        return left(deadline, most)
    except TimeoutError as error:
        raise Failed("time") from error


def _judged(found: Iterable[str], policy: Policy) -> list[Address]:
    """All or none: a name that also leads to a closed address is a trick."""
    try:
        addresses = [ip_address(text) for text in found]
    except ValueError as error:
        raise Refused("address") from error
    if not addresses:
        raise Failed("resolve")
    if not all(policy.allows(address) for address in addresses):
        raise Refused("address")
    return addresses


def _resolved(target: Target, limits: Limits, deadline: float, network: Network) -> Sequence[str]:
    """In a thread that may be left behind: the system's resolver knows no time limit."""
    outcome: list[Sequence[str] | OSError | UnicodeError] = []

    def ask() -> None:
        try:
            outcome.append(network.resolve(target.host, target.port))
        except (OSError, UnicodeError) as error:
            outcome.append(error)

    asking = threading.Thread(target=ask, name="outbound-resolve", daemon=True)
    asking.start()
    asking.join(left_or_failed(deadline, limits.connect_seconds))
    if not outcome:
        raise Failed("time")
    if isinstance(outcome[0], Exception):
        raise Failed("resolve") from outcome[0]
    return outcome[0]


def _first(
    addresses: list[Address], port: int, limits: Limits, deadline: float, network: Network
) -> socket.socket:
    late = False
    for address in addresses:
        try:
            return network.dial(str(address), port, left_or_failed(deadline, limits.connect_seconds))
        except TimeoutError:
            late = True
        except OSError:
            continue
    raise Failed("time" if late else "connect")


def _wrapped(sock: socket.socket, host: str, seconds: float, network: Network) -> ssl.SSLSocket:
    """TLS for the name in the URL: what the certificate must be made out to."""
    sock.settimeout(seconds)
    try:
        return network.tls().wrap_socket(sock, server_hostname=host.rstrip("."))
    except TimeoutError as error:
        sock.close()
        raise Failed("time") from error
    except (OSError, ValueError) as error:
        sock.close()
        raise Failed("tls") from error
