"""`openvod subtitles`: what subtitles a file has, and corrected ones put back so that later tasks work from them."""

import secrets
from dataclasses import dataclass
from pathlib import Path

import click

from openvod.cli import options
from openvod.media import captions, formats
from openvod.render.media import subtitles_made
from openvod.store import Store
from openvod.store.belongings import Attachment
from openvod.store.library import MediaRow
from openvod.store.media_edits import Changes, Edit, TooMany


@dataclass(frozen=True, slots=True)
class Subtitle:
    """A subtitle of a file: put in by somebody, or made by a task."""

    id: str
    """Of an uploaded one its id, of a made one its FileId."""
    language: str
    name: str
    object_key: str
    uploaded: bool


@click.group
def command() -> None:
    """See a file's subtitles and correct them; what was translated or recognised before is not done again."""


@command.command("list")
@click.argument("file_id")
@options.data_option
def list_subtitles(file_id: str, data: Path | None, config: Path | None) -> None:
    """List the subtitles of a file: id, language, where it comes from, name."""
    with options.refusals(), Store.open(options.settings(config, data=data)) as store:
        for each in _subtitles(store, _media(store, file_id)):
            origin = "put in" if each.uploaded else "made"
            click.echo(f"{each.id:20}  {each.language:8}  {origin:7}  {each.name}")


@command.command
@click.argument("file_id")
@click.argument("subtitle_id")
@options.data_option
def show(file_id: str, subtitle_id: str, data: Path | None, config: Path | None) -> None:
    """Print a subtitle, to correct it in any editor and `put` it back."""
    with options.refusals(), Store.open(options.settings(config, data=data)) as store:
        subtitle = _named(store, _media(store, file_id), subtitle_id)
        click.echo(_read(store, subtitle).decode("utf-8", errors="replace"), nl=False)


@command.command
@click.argument("file_id")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--language", default="en", show_default=True, help="In which language it is.")
@click.option("--id", "subtitle_id", help="Take the place of the one with this id.")
@click.option("--name", help="What it is called; by default the file's name.")
@options.data_option
def put(
    file_id: str,
    file: Path,
    *,
    language: str,
    subtitle_id: str | None,
    name: str | None,
    data: Path | None,
    config: Path | None,
) -> None:
    """Give a file a subtitle (SRT, WebVTT or ASS) and print its id. ProcessType 1 translates the newest one."""
    with options.refusals(), Store.open(options.settings(config, data=data)) as store:
        media = _media(store, file_id)
        text = _as_vtt(file.read_bytes(), str(file))
        click.echo(
            _put(store, media, text, (subtitle_id or secrets.token_hex(8), name or file.name, language))
        )


@command.command
@click.argument("file_id")
@click.argument("subtitle_id")
@options.data_option
def edit(file_id: str, subtitle_id: str, data: Path | None, config: Path | None) -> None:
    """Open a subtitle in $EDITOR and keep what was corrected. One that a task made stays as it is beside it."""
    with options.refusals(), Store.open(options.settings(config, data=data)) as store:
        media = _media(store, file_id)
        subtitle = _named(store, media, subtitle_id)
        before = captions.write_vtt(captions.parse(_read(store, subtitle)).cues)
        after = click.edit(before, extension=".vtt")
        if after is None or after == before:
            click.echo("nothing was changed", err=True)
            return
        place = subtitle.id if subtitle.uploaded else secrets.token_hex(8)
        text = _as_vtt(after.encode(), "what was edited")
        click.echo(_put(store, media, text, (place, subtitle.name, subtitle.language)))


def _media(store: Store, file_id: str) -> MediaRow:
    media = store.library.find(file_id)
    if media is None:
        raise click.ClickException(f"there is no file {file_id}")
    return media


def _subtitles(store: Store, media: MediaRow) -> list[Subtitle]:
    """The uploaded ones, then those that tasks made and that are still there."""
    uploaded = store.library.belongings([media.file_id])[media.file_id].subtitles
    made = dict(subtitles_made(store.products.of([media.file_id]).get(media.file_id, [])))
    files = store.library.get_many(made, media.sub_app_id) if made else {}
    return [Subtitle(each.id, each.language, each.name, each.object_key, True) for each in uploaded] + [
        Subtitle(key, made[key], files[key].name, files[key].object_key, False)
        for key in made
        if key in files
    ]


def _named(store: Store, media: MediaRow, subtitle_id: str) -> Subtitle:
    for each in _subtitles(store, media):
        if each.id == subtitle_id:
            return each
    raise click.ClickException(f"the file {media.file_id} has no subtitle {subtitle_id}")


def _read(store: Store, subtitle: Subtitle) -> bytes:
    return b"".join(store.blobs.read(subtitle.object_key))


def _as_vtt(text: bytes, source: str) -> bytes:
    try:
        return captions.write_vtt(captions.parse(text).cues).encode()
    except ValueError as error:
        raise click.ClickException(f"{source} is no subtitle: {error}") from error


def _put(store: Store, media: MediaRow, text: bytes, about: tuple[str, str, str]) -> str:
    """Attach a subtitle in the place of the one with its id, if there is one. Returns the id."""
    subtitle_id, name, language = about
    stored = store.blobs.put(store.blobs.new_key(), [text])
    extension, content_type = formats.SUBTITLES["vtt"]
    new = Attachment(
        kind="subtitle",
        id=subtitle_id,
        name=name,
        language=language,
        object_key=stored.key,
        extension=extension,
        content_type=content_type,
        size=stored.size,
        md5=stored.md5,
    )
    try:
        kept = store.library.edit(
            media.file_id, media.sub_app_id, Edit(subtitles=Changes(add=[new], delete={subtitle_id}))
        )
    except TooMany as error:
        raise click.ClickException("the file has as many subtitles as it may have") from error
    if kept is None:
        raise click.ClickException(f"there is no file {media.file_id}")
    return subtitle_id
