"""The MediaInfo structure: what answers and events show of a library file.

Kinds of information that this server never has (transcodings, snapshots, reviews …) are null, or left out where
the API has no null.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openvod.core.answers import json_text, spelled_out
from openvod.core.models import STORAGE_REGION, Json
from openvod.core.times import NEVER, iso
from openvod.render import Renderer
from openvod.store.belongings import Attachment, Belongings
from openvod.store.library import MediaRow
from openvod.store.products import Product

CATEGORIES = {
    "video": "Video",
    "audio": "Audio",
    "image": "Image",
    "subtitle": "Subtitle",
    "document": "Document",
}
"""MediaBasicInfo.Category. The vendor lists the first three; other files in the library needed a word."""
FILE_TYPES = {"video": "Video", "audio": "Audio", "image": "Cover"}
"""MPSOutputFileInfo.FileType of a product; subtitle files are in SubtitleInfo instead."""
NOT_LISTED = ("AiAnalysis.DeLogo", "SmartErase", "MediaProcess.Transcode")
"""Sub-tasks that MPSAiMediaInfo has no TaskType for: what they make is a file of its own."""


def media_infos(renderer: Renderer, rows: Sequence[MediaRow], filters: Collection[str] = ()) -> list[Json]:
    """A MediaInfo for each of the files, with what the filters name; without any, all there is."""
    told = _Told.gather(renderer, rows, filters)
    return [_media_info(told, media, filters) for media in rows]


@dataclass(frozen=True, slots=True)
class _Told:
    """What several files' MediaInfo is made from, read all at once."""

    renderer: Renderer
    belongings: Mapping[str, Belongings]
    products: Mapping[str, list[Product]]
    made: Mapping[str, MediaRow]
    """The library files that are products, by FileId; without those that were deleted."""

    @classmethod
    def gather(cls, renderer: Renderer, rows: Sequence[MediaRow], filters: Collection[str]) -> "_Told":
        """Reads no more than the filters need; all files are of one application."""
        file_ids = [media.file_id for media in rows]
        products: Mapping[str, list[Product]] = {}
        if not filters or {"mpsAiMediaInfo", "subtitleInfo"} & {*filters}:
            products = renderer.store.products.of(file_ids)
        made = [file["FileId"] for some in products.values() for product in some for file in product.files]
        return cls(
            renderer,
            renderer.store.library.belongings(file_ids),
            products,
            renderer.store.library.get_many(made, rows[0].sub_app_id) if made else {},
        )


def _media_info(told: _Told, media: MediaRow, filters: Collection[str]) -> Json:
    belongings = told.belongings[media.file_id]
    products = told.products.get(media.file_id, [])
    kinds: Mapping[str, tuple[str, Any]] = {
        "basicInfo": ("BasicInfo", lambda: basic_info(told.renderer, media, belongings)),
        "metaData": ("MetaData", lambda: metadata(media)),
        "keyFrameDescInfo": ("KeyFrameDescInfo", lambda: _key_frames(belongings)),
        "subtitleInfo": ("SubtitleInfo", lambda: _subtitles(told, media, belongings, products)),
        "mpsAiMediaInfo": ("MPSAiMediaInfo", lambda: {"AiMediaList": _ai_media(told, media, products)}),
        "knowledgeBasesInfo": ("KnowledgeBasesInfo", lambda: {"Bases": []}),
    }
    shown = {field: show() for kind, (field, show) in kinds.items() if not filters or kind in filters}
    return {"FileId": media.file_id, **shown}


def basic_info(renderer: Renderer, media: MediaRow, belongings: Belongings | None = None) -> Json:
    """The MediaBasicInfo structure. What goes with the file is looked up when it is not given."""
    if belongings is None:
        belongings = renderer.store.library.belongings([media.file_id])[media.file_id]
    return {
        "Name": media.name,
        "Description": media.description,
        "CreateTime": iso(media.created),
        "UpdateTime": iso(media.updated),
        "ExpireTime": iso(media.expires) or NEVER,
        "ClassId": media.class_id,
        "ClassName": "",
        "ClassPath": "",
        "CoverUrl": renderer.attachment_link(media, belongings.cover),
        "Type": media.extension,
        "MediaUrl": renderer.link(media),
        "SourceInfo": {"SourceType": media.source_type, "SourceContext": media.source_context},
        "StorageRegion": STORAGE_REGION,
        "StoragePath": f"/{media.object_key}",
        "TagSet": list(belongings.tags),
        "Vid": "",
        "Category": CATEGORIES[media.kind],
        "Status": "Normal",
        "StorageClass": "STANDARD",
    }


def metadata(media: MediaRow) -> Json:
    """The MediaMetaData structure."""
    return {**media.facts["metadata"], "Size": media.size, "Md5": media.md5}


def uploaded_subtitle(renderer: Renderer, media: MediaRow, subtitle: Attachment) -> Json:
    """The MediaSubtitleItem of a subtitle that the file's owner has uploaded."""
    return {
        "Id": subtitle.id,
        "Name": subtitle.name,
        "Language": subtitle.language,
        "Format": subtitle.extension,
        "Url": renderer.attachment_link(media, subtitle),
        "Source": "UserUploaded",
    }


def subtitles_made(products: Sequence[Product]) -> Iterator[tuple[str, str]]:
    """The subtitle files that tasks have made: FileId and language."""
    for product in products:
        if product.type.startswith("SmartSubtitle."):
            yield from _subtitle_files(product.output)


def _subtitle_files(value: Any) -> Iterator[tuple[str, str]]:
    """Every structure of an output that names a subtitle file also names its language."""
    match value:
        case {"SubtitleFileId": str() as file_id} if file_id:
            yield file_id, value.get("TransDst") or value.get("Language") or ""
        case dict():
            for inner in value.values():
                yield from _subtitle_files(inner)
        case list():
            for inner in value:
                yield from _subtitle_files(inner)


def _key_frames(belongings: Belongings) -> Json | None:
    frames = [{"TimeOffset": each.seconds, "Content": each.content} for each in belongings.key_frames]
    return {"KeyFrameDescSet": frames} if frames else None


def _subtitles(
    told: _Told, media: MediaRow, belongings: Belongings, products: Sequence[Product]
) -> Json | None:
    """Uploaded ones, then those of the tasks whose files are still there; the Id of such a one is its FileId."""
    rows = [uploaded_subtitle(told.renderer, media, each) for each in belongings.subtitles]
    for file_id, language in subtitles_made(products):
        if made := told.made.get(file_id):
            rows.append(
                {
                    "Id": file_id,
                    "Name": made.name,
                    "Language": language,
                    "Format": made.extension,
                    "Url": told.renderer.link(made),
                    "Source": "AIRecognition",
                }
            )
    return {"SubtitleSet": rows} if rows else None


def _ai_media(told: _Told, media: MediaRow, products: Sequence[Product]) -> list[Json]:
    """A MPSAiMediaItem for every kind of product, the newest first in each."""
    by_type: dict[str, list[Json]] = {}
    for product in products:
        if product.type not in NOT_LISTED:
            by_type.setdefault(product.type, []).append(_ai_media_task(told, media, product))
    return [{"TaskType": type_, "AiMediaTasks": tasks} for type_, tasks in by_type.items()]


def _ai_media_task(told: _Told, media: MediaRow, product: Product) -> Json:
    made = [told.made[file["FileId"]] for file in product.files if file["FileId"] in told.made]
    files = [
        {"FileType": FILE_TYPES[each.kind], "Url": told.renderer.link(each)}
        for each in made
        if each.kind in FILE_TYPES
    ]
    output_url = told.renderer.output_link(media, product.task_id, product.position)
    return {
        "Definition": product.definition,
        "OutputFile": [*files, {"FileType": "Output", "Url": output_url}],
        "OutputText": json_text(
            spelled_out(
                product.output, lambda file_id: told.renderer.link(told.made.get(file_id)), media.sub_app_id
            )
        ),
    }
