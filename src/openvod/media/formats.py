"""Which files are accepted, and what are they called? libav's demuxers, extensions and content types.

A format is accepted by being in a table here; everything else that libav can read is refused before its
demuxer sees a byte. Formats that name other files or addresses (playlists, concat scripts, image sequences,
session descriptions) must never be added.
"""

from typing import NamedTuple


class Name(NamedTuple):
    """What a file of some format is called."""

    extension: str
    content_type: str


MOV = "mov,mp4,m4a,3gp,3g2,mj2"
MATROSKA = "matroska,webm"

_CONTAINERS: dict[str, tuple[Name, Name]] = {
    # with a picture, and with sound only
    MOV: (Name("mp4", "video/mp4"), Name("m4a", "audio/mp4")),
    MATROSKA: (Name("mkv", "video/x-matroska"), Name("mka", "audio/x-matroska")),
    "mpegts": (Name("ts", "video/mp2t"), Name("ts", "video/mp2t")),
    "mpeg": (Name("mpg", "video/mpeg"), Name("mpg", "video/mpeg")),
    "avi": (Name("avi", "video/x-msvideo"), Name("avi", "video/x-msvideo")),
    "flv": (Name("flv", "video/x-flv"), Name("flv", "video/x-flv")),
    "asf": (Name("wmv", "video/x-ms-wmv"), Name("wma", "audio/x-ms-wma")),
    "rm": (Name("rm", "application/vnd.rn-realmedia"), Name("ra", "audio/x-pn-realaudio")),
    "mxf": (Name("mxf", "application/mxf"), Name("mxf", "application/mxf")),
    "ogg": (Name("ogv", "video/ogg"), Name("ogg", "audio/ogg")),
}
_SOUNDS: dict[str, Name] = {
    "mp3": Name("mp3", "audio/mpeg"),
    "aac": Name("aac", "audio/aac"),
    "flac": Name("flac", "audio/flac"),
    "wav": Name("wav", "audio/wav"),
    "w64": Name("w64", "audio/x-w64"),
    "aiff": Name("aiff", "audio/aiff"),
    "caf": Name("caf", "audio/x-caf"),
    "amr": Name("amr", "audio/amr"),
    "ac3": Name("ac3", "audio/ac3"),
    "eac3": Name("eac3", "audio/eac3"),
}
_IMAGES: dict[str, Name] = {
    "jpeg_pipe": Name("jpg", "image/jpeg"),
    "png_pipe": Name("png", "image/png"),
    "apng": Name("png", "image/apng"),
    "webp_pipe": Name("webp", "image/webp"),
    "gif": Name("gif", "image/gif"),
    "bmp_pipe": Name("bmp", "image/bmp"),
    "tiff_pipe": Name("tiff", "image/tiff"),
}
SUBTITLES: dict[str, Name] = {
    "srt": Name("srt", "application/x-subrip"),
    "vtt": Name("vtt", "text/vtt"),
    "ass": Name("ass", "text/x-ssa"),
}
"""Read by `media.captions`, not by libav."""
DOCUMENT = Name("json", "application/json")
"""Only written by our own tasks, never taken from a stranger."""

_BRANDS: tuple[tuple[str, Name], ...] = (
    ("qt", Name("mov", "video/quicktime")),
    ("3gp", Name("3gp", "video/3gpp")),
    ("3g2", Name("3g2", "video/3gpp2")),
)
_IMAGE_BRANDS: dict[str, Name] = {
    "avif": Name("avif", "image/avif"),
    "avis": Name("avif", "image/avif"),
    "heic": Name("heic", "image/heic"),
    "heix": Name("heic", "image/heic"),
    "mif1": Name("heif", "image/heif"),
}

DEMUXERS = ",".join([*_CONTAINERS, *_SOUNDS, *_IMAGES])
"""libav's `format_whitelist`."""


def image(format_name: str, brand: str) -> Name | None:
    """The name of a still or animated picture, else None. `brand` is the mp4 family's major brand."""
    if format_name == MOV:
        return _IMAGE_BRANDS.get(brand.strip())
    return _IMAGES.get(format_name)


def name_of(format_name: str, brand: str, has_video: bool, is_webm: bool) -> Name:
    """The name of an audio or video file in an accepted format."""
    if format_name in _SOUNDS:
        return _SOUNDS[format_name]
    if format_name == MATROSKA and is_webm:
        return Name("webm", "video/webm" if has_video else "audio/webm")
    if format_name == MOV and has_video:
        for prefix, name in _BRANDS:
            if brand.startswith(prefix):
                return name
    return _CONTAINERS[format_name][0 if has_video else 1]
