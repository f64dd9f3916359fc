"""`openvod serve`: the API, the console and the workers in one command."""

import os
import signal
import socket
from dataclasses import replace
from pathlib import Path

import click
import uvicorn

from openvod import app
from openvod.cli import options
from openvod.core.settings import SECRETS, Settings
from openvod.worker.supervisor import Supervisor

ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - only compared, to print a usable address


@click.command
@click.option("--host", help="Address to listen on (127.0.0.1).")
@click.option("--port", type=int, help="Port to listen on (9000); 0 takes a free one.")
@click.option("--workers", type=int, help="Worker processes (1).")
@click.option("--no-auth", is_flag=True, default=None, help="Accept unsigned requests; loopback only.")
@options.data_option
def command(
    host: str | None,
    port: int | None,
    workers: int | None,
    no_auth: bool | None,
    data: Path | None,
    config: Path | None,
) -> None:
    """Start the API, the console and the workers."""
    settings = options.settings(config, host=host, port=port, workers=workers, no_auth=no_auth, data=data)
    for name in SECRETS:  # no child, and no crash report of one, shall find them
        os.environ.pop(f"OPENVOD_{name.upper()}", None)
    listener = _bind(settings)
    settings = replace(settings, port=listener.getsockname()[1])
    settings = replace(settings, public_url=settings.public_url.rstrip("/") or _address(settings))
    try:
        server = app.server(settings)
    except app.RefusedSetting as error:
        raise click.ClickException(str(error)) from error
    web = uvicorn.Server(_config(server))
    _stop_on_signals(web)
    supervisor = Supervisor(settings, settings.workers)
    supervisor.start()
    try:
        _greet(settings, server)
        web.run(sockets=[listener])
    finally:
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
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}"
        ) from error
    return listener


def _address(settings: Settings) -> str:
    host = ANY_ADDRESS.get(settings.host) or (f"[{settings.host}]" if ":" in settings.host else settings.host)
    return f"http://{host}:{settings.port}"


def _config(server: app.Server) -> uvicorn.Config:
    return uvicorn.Config(
        server.web,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def _greet(settings: Settings, server: app.Server) -> None:
    first = server.first
    click.echo(f"OpenVOD listens on {settings.public_url}  (console: {settings.public_url}/console)")
    click.echo(f"  SecretId {first.secret_id}   SubAppId {first.sub_app_id}")
    if first.made:
        click.echo(f"  SecretKey {first.secret_key}")
        click.echo(f"  kept in {settings.data / 'credentials.toml'}; they are shown only this once")
    click.echo(
        f"  tccli vod DescribeTasks --endpoint {settings.public_url} --region ap-guangzhou"
        f" --secretId {first.secret_id} --secretKey …"
    )
