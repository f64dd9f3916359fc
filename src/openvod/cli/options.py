"""Options that several commands share, and how they become Settings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from openvod.core.settings import SettingError, Settings

Function = TypeVar("Function", bound=Callable[..., Any])


def data_option(function: Function) -> Function:
    """`--data DIR` and `--config FILE`."""
    function = click.option("--data", type=click.Path(path_type=Path), help="Folder of database and media.")(
        function
    )
    return click.option(
        "--config", type=click.Path(path_type=Path, exists=True), help="TOML file of settings."
    )(function)


def settings(config: Path | None = None, **given: Any) -> Settings:
    """The settings, or a clear end of the command."""
    try:
        return Settings.read(config, **given)
    except SettingError as error:
        raise click.ClickException(str(error)) from error
