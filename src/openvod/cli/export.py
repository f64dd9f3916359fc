"""`openvod export`: what a finished task has found in a video, as a file for an editor or a player."""

from pathlib import Path

import click

from openvod.cli import options
from openvod.media.timelines import Timeline
from openvod.render.timelines import FORMATS, timelines_of
from openvod.store import Store


@click.command
@click.argument("task_id")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="edl",
    show_default=True,
    help="Of the file.",
)
@click.option(
    "--part", help="Which one, where the task has found several things: Segment, Highlight 2, Shots, ..."
)
@click.option(
    "--drop/--no-drop",
    "drops",
    default=None,
    help="Timecode of 29.97 and 59.94 frames: drop frame by default.",
)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write; else it is printed."
)
@options.data_option
def command(
    task_id: str,
    *,
    form: str,
    part: str | None,
    drops: bool | None,
    output: Path | None,
    data: Path | None,
    config: Path | None,
) -> None:
    """Write chapters, highlights, tagged stretches or shots of a task as EDL, OpenTimelineIO, WebVTT or FFmpeg's chapters."""
    with options.refusals(), Store.open(options.settings(config, data=data)) as store:
        task = store.tasks.get(task_id)
        if task is None:
            raise click.ClickException(f"there is no task {task_id}")
        if task.status != "FINISH":
            raise click.ClickException(f"the task is not finished: {task.status}")
        try:
            found = timelines_of(store, task, drops=drops)
            text = FORMATS[form].write(_chosen(found, part))
        except KeyError as error:
            raise click.ClickException("the task has no file in the library") from error
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_bytes(text.encode())


def _chosen(found: list[Timeline], part: str | None) -> Timeline:
    names = ", ".join(each.name for each in found)
    if not found:
        raise ValueError("the task has found no stretches of its video")
    if part is None and len(found) > 1:
        raise ValueError(f"the task has found several things; choose one with --part: {names}")
    for each in found:
        if part is None or each.name.casefold() == part.casefold():
            return each
    raise ValueError(f"the task has no part {part}, but: {names}")
