"""`openvod serve`: the API, the console and the workers in one command."""

import os
import signal
import socket
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click

from openvod import app
from openvod.cli import options
from openvod.core.settings import SECRETS, Settings
from openvod.edge import listening
from openvod.edge.listening import Tls, WebServer
from openvod.worker.supervisor import Supervisor

ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - only compared, to print a usable address

CREDENTIALS = "credentials.toml"
FILE = click.Path(path_type=Path)


@click.command
@click.option("--host", help="Address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (9000); 0 takes a free one.")
@click.option("--tls-cert", type=FILE, help="Certificate of a second listener that speaks TLS (PEM).")
@click.option("--tls-key", type=FILE, help="Its private key (PEM).")
@click.option("--tls-port", type=click.IntRange(0, 65535), help="Its port (9443); 0 takes a free one.")
@click.option("--workers", type=click.IntRange(0), help="Worker processes (1); 0 serves the API only.")
@click.option("--no-auth", is_flag=True, default=None, help="Accept unsigned requests; loopback only.")
@click.option(
    "--vendor-limits", is_flag=True, default=None, help="Limit rates and history as the vendor does."
)
@options.data_option
def command(
    host: str | None,
    port: int | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    tls_port: int | None,
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
        tls_cert=tls_cert,
        tls_key=tls_key,
        tls_port=tls_port,
        workers=workers,
        no_auth=no_auth,
        vendor_limits=vendor_limits,
        data=data,
    )
    for name in SECRETS:  # no child, and no crash report of one, shall find them
        os.environ.pop(f"OPENVOD_{name.upper()}", None)
    with options.refusals():
        listening.check(settings)
        context = listening.tls_context(settings.tls_cert, settings.tls_key)
    with ExitStack() as listeners:
        listener = listeners.enter_context(_bind(settings.host, settings.port))
        settings = replace(settings, port=listener.getsockname()[1])
        settings = replace(settings, public_url=settings.public_url.rstrip("/") or _address(settings))
        tls = None
        if context is not None:
            tls = Tls(listeners.enter_context(_bind(settings.host, settings.tls_port)), context)
            settings = replace(settings, tls_port=tls.listener.getsockname()[1])
        _serve(settings, listener, tls)


def _serve(settings: Settings, listener: socket.socket, tls: Tls | None) -> None:
    try:
        with options.refusals():
            server = app.server(settings)
    except app.RefusedSetting as error:
        raise click.ClickException(str(error)) from error
    web = WebServer(server.web.pages, settings, tls, server.web.questions)
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


def _stop_on_signals(web: WebServer) -> None:
    """From now on, also before the web server runs and after, so that this process always ends with status 0."""

    def stop(*_: object) -> None:
        web.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:  # OverflowError: a port beyond 65535, from environment or file
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "a port is 0 to 65535"
        raise click.ClickException(f"cannot listen on {host}:{port}: {reason}") from error
    return listener


def _address(settings: Settings, *, tls: bool = False) -> str:
    host = ANY_ADDRESS.get(settings.host) or (f"[{settings.host}]" if ":" in settings.host else settings.host)
    return f"https://{host}:{settings.tls_port}" if tls else f"http://{host}:{settings.port}"


def _greet(settings: Settings, server: app.Server) -> None:
    first = server.first
    click.echo(f"OpenVOD listens on {settings.public_url}  (console: {settings.public_url}/console)")
    if settings.tls_cert is not None:
        click.echo(f"  with TLS on {_address(settings, tls=True)}")
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
