"""`openvod worker`: one more worker on the same data."""

import os
import sys
from pathlib import Path

import click

from openvod.cli import options
from openvod.core.settings import without_secrets
from openvod.worker.supervisor import worker_environment


@click.command
@options.data_option
def command(data: Path | None, config: Path | None) -> None:
    """Start one more worker on the same data."""
    settings = options.settings(config, data=data)
    environment = {**without_secrets(), **worker_environment(settings)}
    os.execve(sys.executable, [sys.executable, "-m", "openvod.worker"], environment)  # noqa: S606
