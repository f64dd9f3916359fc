"""How is the web application offered? By one web server on a plain listener and, where asked for, a TLS one beside it."""

import asyncio
import resource
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import uvicorn
from starlette.types import ASGIApp

from openvod.core.settings import SettingError, Settings

if TYPE_CHECKING:
    from openvod.edge.at_once import Questions

KEEP_ALIVE_SECONDS = 75
"""How long a connection may idle between requests: longer than clients pause between two looks at a task, so that
none sends its next request just when the connection is closed.
"""
MOST_HEAD_SECONDS = 3600
MOST_CONNECTIONS = 10_000


@dataclass(frozen=True, slots=True)
class Tls:
    """A second listener."""

    listener: socket.socket
    context: ssl.SSLContext


class WebServer(uvicorn.Server):
    """uvicorn on one or two listeners that share its loop, connections and end. Leaves signals to its owner."""

    def __init__(
        self, app: ASGIApp, settings: Settings, tls: Tls | None = None, questions: "Questions | None" = None
    ) -> None:
        """`questions` answers what it can before `app` is asked."""
        super().__init__(_config(app, settings, questions))
        self._tls = tls
        self._head_seconds = settings.head_seconds

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None: what uvicorn catches it raises again at its end, which would be the end of this process."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, which is ready for one kind of listener only."""
        await super().startup(sockets)
        if self._tls is not None and not self.should_exit:
            tls_server = await asyncio.get_running_loop().create_server(
                self._protocol,
                sock=self._tls.listener,
                ssl=self._tls.context,
                backlog=self.config.backlog,
                ssl_handshake_timeout=self._head_seconds,
                ssl_shutdown_timeout=5,
            )
            self.servers.append(tls_server)

    def _protocol(self) -> asyncio.Protocol:
        """What uvicorn makes of a new connection."""
        kind = cast(Any, self.config.http_protocol_class)
        made = kind(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
        return cast(asyncio.Protocol, made)


def check(settings: Settings) -> None:
    """Raises SettingError for limits that would let nobody in, or everybody."""
    if not 0 < settings.head_seconds <= MOST_HEAD_SECONDS:
        raise SettingError(f"head_seconds must be more than 0 and at most {MOST_HEAD_SECONDS}")


def tls_context(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """TLS with a certificate (PEM, with its chain) and its key, or None if neither is given. Raises SettingError."""
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        raise SettingError("tls_cert and tls_key belong together: one of them is missing")
    for name, file in (("tls_cert", cert), ("tls_key", key)):
        try:
            file.read_bytes()
        except OSError as error:
            raise SettingError(f"{name}: {file}: {error.strerror}") from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(cert, key, password="")  # never ask at the terminal
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or "not PEM"
        raise SettingError(f"tls_cert {cert} and tls_key {key} cannot be used: {reason}") from error
    return context


def _config(app: ASGIApp, settings: Settings, questions: "Questions | None") -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_protocol(settings, questions),
        ws="none",
        proxy_headers=False,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=5,
    )


def _protocol(settings: Settings, questions: "Questions | None") -> type[asyncio.Protocol] | Literal["h11"]:
    """The fast parser where it is installed; the other one limits the length of heads by itself."""
    try:
        from openvod.edge.at_once import AnswersAtOnce  # noqa: PLC0415
        from openvod.edge.heads import LimitedHeads, Limits  # noqa: PLC0415
    except ImportError:
        return "h11"
    limits = Limits(settings.head_seconds, _connections())
    if questions is not None:
        return cast(type[asyncio.Protocol], partial(AnswersAtOnce, limits=limits, questions=questions))
    return cast(type[asyncio.Protocol], partial(LimitedHeads, limits=limits))


def _connections() -> int:
    """Half of the files that this process may open: uploads, links and the database need some, too."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(MOST_CONNECTIONS, max(1, limit // 2) if limit > 0 else MOST_CONNECTIONS)
