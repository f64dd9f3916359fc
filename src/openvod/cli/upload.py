"""`openvod upload`: put a file into the media library without going through the API."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from openvod.cli import options
from openvod.core.errors import ApiError
from openvod.core.models import new_file_id
from openvod.store import Store
from openvod.store.intake import take_in
from openvod.store.library import FileIdTaken

BLOCK = 2**20


@click.command
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--file-id", help="FileId to give the file: up to 19 digits, not taken yet.")
@click.option(
    "--sub-app", type=int, help="SubAppId; made if it does not exist. Default: the first application."
)
@options.data_option
def command(
    file: Path, file_id: str | None, sub_app: int | None, data: Path | None, config: Path | None
) -> None:
    """Put a file into the media library and print its FileId."""
    if file_id is not None and not (file_id.isascii() and file_id.isdigit() and len(file_id) <= 19):
        raise click.BadParameter("a FileId is up to 19 digits", param_hint="--file-id")
    if not file.is_file():  # a pipe or a device may never end
        raise click.BadParameter("only a regular file can be uploaded", param_hint="FILE")
    settings = options.settings(config, data=data)
    with options.refusals(), Store.open(settings) as store:
        first = store.accounts.ensure_first(settings.secret_id, settings.secret_key, settings.sub_app_id)
        if sub_app is not None and store.accounts.sub_app(sub_app) is None:
            store.accounts.create_sub_app(first.account_id, f"app {sub_app}", number=sub_app)
            click.echo(f"made application {sub_app}", err=True)
        target = sub_app or first.sub_app_id
        try:
            if file_id is not None and store.library.taken(file_id):
                raise FileIdTaken(file_id)
            click.echo(_take_in(store, file, file_id or new_file_id(), target, settings.data))
        except FileIdTaken as error:
            raise click.ClickException(f"the FileId {file_id} is taken") from error
        except ApiError as error:
            raise click.ClickException(f"{file}: {error.en}") from error


def _take_in(store: Store, file: Path, file_id: str, sub_app: int, data: Path) -> str:
    about = {"file_id": file_id, "sub_app_id": sub_app, "name": file.name, "source_type": "Upload"}
    return take_in(store.library, store.blobs, _blocks(file), data, **about).file_id


def _blocks(file: Path) -> Iterator[bytes]:
    size = file.stat().st_size
    with file.open("rb") as source, click.progressbar(length=size, label=file.name, file=sys.stderr) as bar:
        while block := source.read(BLOCK):
            yield block
            bar.update(len(block))
