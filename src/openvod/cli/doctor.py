"""`openvod doctor`: what works here, what is missing and how to get it."""

import os
import platform
import tempfile
from pathlib import Path

import click

from openvod import __version__
from openvod.cli import options
from openvod.core.settings import Settings
from openvod.engines import catalog
from openvod.media import sandbox
from openvod.store import Store


@click.command
@options.data_option
def command(data: Path | None, config: Path | None) -> None:
    """Say what works here, what is missing and how to get it. Ends with status 1 when something default is missing."""
    settings = options.settings(config, data=data)
    click.echo(
        f"OpenVOD {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    )
    missing = sum((_data(settings), _media_processes(), _models(settings)))
    raise SystemExit(1 if missing else 0)


def _say(good: bool, what: str, advice: str = "") -> int:
    """One line; 1 when it is a shortcoming."""
    click.echo(
        f"  {'ok     ' if good else 'MISSING'}  {what}"
        + (f"\n           {advice}" if advice and not good else "")
    )
    return int(not good)


def _data(settings: Settings) -> int:
    where = settings.data.resolve()
    if not where.exists():
        parent = next(folder for folder in where.parents if folder.exists())
        return _say(
            os.access(parent, os.W_OK), f"data folder {where} can be made", "choose another: --data DIR"
        )
    try:
        with options.refusals(), Store.open(settings) as store:
            live = len(store.executors.live())
            return _say(
                store.db.answers(), f"database in {where}, {live} live worker{'' if live == 1 else 's'}"
            )
    except click.ClickException as error:
        return _say(False, f"data folder {where}: {error.message}", "choose another: --data DIR")


def _media_processes() -> int:
    in_force = sandbox.confinement()
    with tempfile.TemporaryDirectory() as folder:
        limits = sandbox.Limits(wall_seconds=60, cpu_seconds=30)
        found = sandbox.call("openvod.media.probe:versions", {}, Path(folder), limits)
    missing = _say(
        True, f"media processes with {', '.join(f'{name} {version}' for name, version in found.items())}"
    )
    return missing + _say(
        bool(in_force), f"media processes are held back by: {', '.join(in_force) or 'nothing'}"
    )


def _models(settings: Settings) -> int:
    folder = settings.model_folder()
    missing = 0
    for model in catalog.MODELS:
        state = catalog.state(model, folder)
        if model.default:
            missing += _say(
                state == "ready", f"model {model.id} ({state})", f"openvod models pull {model.id}"
            )
    return missing
