"""`openvod events`: what waits to be heard, dead letters, and trying them again."""

from pathlib import Path

import click

from openvod.cli import options
from openvod.core.times import iso
from openvod.store import Store
from openvod.store.events import Event


@click.group
def command() -> None:
    """See events that could not be pushed, and push them again."""


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also events that wait or were delivered.")
@click.option("--sub-app", type=int, help="Only of this SubAppId.")
@options.data_option
def list_events(everything: bool, sub_app: int | None, data: Path | None, config: Path | None) -> None:
    """List dead letters, oldest first."""
    with Store.open(options.settings(config, data=data)) as store:
        for event in store.events.letters(dead=not everything, sub_app_id=sub_app):
            click.echo(_line(event))


@command.command
@click.argument("ids", nargs=-1, type=int)
@click.option("--all", "everything", is_flag=True, help="All dead letters.")
@click.option("--sub-app", type=int, help="Only of this SubAppId.")
@options.data_option
def replay(
    ids: tuple[int, ...], everything: bool, sub_app: int | None, data: Path | None, config: Path | None
) -> None:
    """Let dead letters wait again, as if they were new."""
    if bool(ids) == everything:
        raise click.UsageError("name the events, or give --all")
    with Store.open(options.settings(config, data=data)) as store:
        again = store.events.replay(None if everything else ids, sub_app)
    if missing := sorted(set(ids) - set(again)):
        raise click.ClickException(f"no dead letters: {', '.join(map(str, missing))}")
    click.echo(f"{len(again)} event{'' if len(again) == 1 else 's'} will be tried again")


def _line(event: Event) -> str:
    state = "dead" if event.dead is not None else "delivered" if event.delivered is not None else "waiting"
    subject = event.task_id or event.file_id or ""
    told = f"{event.id:8}  {iso(event.created)}  {event.sub_app_id}  {event.type}  {subject}"
    return f"{told}  {state} after {event.attempts}" + (f": {event.failure}" if event.failure else "")
