"""What does a signed link open? A library file, its cover, a subtitle of it, or the output of a task on it."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from openvod.core.answers import json_text, spelled_out
from openvod.render import OUTPUT, Renderer
from openvod.store.library import MediaRow
from openvod.store.links import Target, place_of


@dataclass(frozen=True, slots=True)
class Opened:
    """Bytes that may be sent, and what is said of them."""

    content_type: str
    etag: str
    """Without quotes."""
    size: int
    blocks: Callable[[int, int], Iterator[bytes]]
    """The bytes from the first number up to, not including, the second."""


def opened(renderer: Renderer, target: Target) -> Opened | None:
    """What a link opens now; None if it is gone."""
    media = renderer.store.library.find(target.file_id)
    if media is None:
        return None
    if target.place == place_of(media.object_key):
        if media.stripped is not None:
            return None
        return _stored(renderer, media.object_key, media.content_type, media.md5, media.size)
    if target.place.startswith(f"{OUTPUT}-"):
        return _output(renderer, media, target.place)
    belongings = renderer.store.library.belongings([media.file_id])[media.file_id]
    for each in (belongings.cover, *belongings.subtitles):
        if each is not None and target.place == place_of(each.object_key):
            return _stored(renderer, each.object_key, each.content_type, each.md5, each.size)
    return None


def _stored(renderer: Renderer, key: str, content_type: str, md5: str, size: int) -> Opened:
    return Opened(content_type, md5, size, partial(renderer.store.blobs.read, key))


def _output(renderer: Renderer, media: MediaRow, place: str) -> Opened | None:
    """A product's output as a JSON file, written now: the links in it live from now on."""
    _, position, task_id = place.split("-", 2)
    output = renderer.store.products.output(media.file_id, task_id, int(position))
    if output is None:
        return None

    def link(file_id: str) -> str:
        return renderer.link(renderer.store.library.get(file_id, media.sub_app_id))

    text = json_text(spelled_out(output, link, media.sub_app_id)).encode("utf-8", "backslashreplace")
    etag = hashlib.md5(text, usedforsecurity=False).hexdigest()
    return Opened("application/json", etag, len(text), lambda start, end: iter([text[start:end]]))
