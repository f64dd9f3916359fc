"""`openvod serve`: the API, the console and the workers in one command."""

import asyncio
import os
import signal
import socket
from dataclasses import replace
from pathlib import Path
from typing import Literal

import click
import uvicorn

from openvod import app
from openvod.cli import options
from openvod.core.settings import SECRETS, Settings
from openvod.worker.supervisor import Supervisor

ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - only compared, to print a usable address

CREDENTIALS = "credentials.toml"


@click.command
@click.option("--host", help="Address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (9000); 0 takes a free one.")
@click.option("--workers", type=click.IntRange(0), help="Worker processes (1); 0 serves the API only.")
@click.option("--no-auth", is_flag=True, default=None, help="Accept unsigned requests; loopback only.")
@click.option(
    "--vendor-limits", is_flag=True, default=None, help="Limit rates and history as the vendor does."
)
@options.data_option
def command(
    host: str | None,
    port: int | None,
    workers: int | None,
    no_auth: bool | None,
    vendor_limits: bool | None,
    data: Path | None,
    config: Path | None,
) -> None:
    """Start the API, the console and the workers."""
    settings = options.settings(
        config,
        host=host,
        port=port,
        workers=workers,
        no_auth=no_auth,
        vendor_limits=vendor_limits,
        data=data,
    )
    for name in SECRETS:  # no child, and no crash report of one, shall find them
        os.environ.pop(f"OPENVOD_{name.upper()}", None)
    with _bind(settings) as listener:
        settings = replace(settings, port=listener.getsockname()[1])
        settings = replace(settings, public_url=settings.public_url.rstrip("/") or _address(settings))
        _serve(settings, listener)


def _serve(settings: Settings, listener: socket.socket) -> None:
    try:
        with options.refusals():
            server = app.server(settings)
    except app.RefusedSetting as error:
        raise click.ClickException(str(error)) from error
    web = uvicorn.Server(_config(server))
    _stop_on_signals(web)
    supervisor = Supervisor(settings, settings.workers)
    supervisor.start()
    server.deliverer.start()
    try:
        _greet(settings, server)
        web.run(sockets=[listener])
    finally:
        server.deliverer.stop()
        supervisor.stop()
        server.store.close()


def _stop_on_signals(web: uvicorn.Server) -> None:
    """Also before the web server listens to signals itself, and after: it raises again what it got, which would end
    this process with another status than 0.
    """

    def stop(*_: object) -> None:
        web.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _bind(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except (OSError, OverflowError) as error:  # OverflowError: a port beyond 65535, from environment or file
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "a port is 0 to 65535"
        raise click.ClickException(f"cannot listen on {settings.host}:{settings.port}: {reason}") from error
    return listener


def _address(settings: Settings) -> str:
    host = ANY_ADDRESS.get(settings.host) or (f"[{settings.host}]" if ":" in settings.host else settings.host)
    return f"http://{host}:{settings.port}"


def _config(server: app.Server) -> uvicorn.Config:
    return uvicorn.Config(
        server.web,
        http=_protocol(),
        proxy_headers=False,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def _protocol() -> type[asyncio.Protocol] | Literal["h11"]:
    """The fast parser where it is installed; the other one limits heads by itself."""
    try:
        from openvod.edge.heads import LimitedHeads  # noqa: PLC0415
    except ImportError:
        return "h11"
    return LimitedHeads


def _greet(settings: Settings, server: app.Server) -> None:
    first = server.first
    click.echo(f"OpenVOD listens on {settings.public_url}  (console: {settings.public_url}/console)")
    click.echo(f"  SecretId {first.secret_id}   SubAppId {first.sub_app_id}")
    if first.made:
        click.echo(f"  SecretKey {first.secret_key}")
        click.echo(f"  kept in {settings.data / CREDENTIALS}; they are shown only this once")
    elif not settings.secret_key:
        click.echo(f"  SecretKey in {settings.data / CREDENTIALS}")
    click.echo(
        f"  tccli vod DescribeTasks --endpoint {settings.public_url} --region ap-guangzhou"
        f" --secretId {first.secret_id} --secretKey …"
    )
