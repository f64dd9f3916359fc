"""Options that several commands share, and how they become Settings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy.exc import ArgumentError, OperationalError

from openvod.core.settings import SettingError, Settings
from openvod.store.schema import SchemaUnknown

Function = TypeVar("Function", bound=Callable[..., Any])


def data_option(function: Function) -> Function:
    """`--data DIR` and `--config FILE`."""
    function = click.option(
        "--data", type=click.Path(path_type=Path), help="Folder of database and media (./data)."
    )(function)
    return click.option(
        "--config", type=click.Path(path_type=Path, exists=True), help="TOML file of settings."
    )(function)


def settings(config: Path | None = None, **given: Any) -> Settings:
    """The settings, or a clear end of the command."""
    try:
        return Settings.read(config, **given)
    except SettingError as error:
        raise click.ClickException(str(error)) from error
    except (OSError, ValueError) as error:  # not there, not readable, not TOML
        raise click.ClickException(f"the file of settings cannot be used: {error}") from error


@contextmanager
def refusals() -> Iterator[None]:
    """What the operator can put right is said in one line; anything else keeps its traceback."""
    try:
        yield
    except (SettingError, SchemaUnknown) as error:
        raise click.ClickException(str(error)) from error
    except (ArgumentError, OperationalError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise click.ClickException(f"the database cannot be used: {reason}") from error
    except OSError as error:
        if error.filename is None:
            raise
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error
