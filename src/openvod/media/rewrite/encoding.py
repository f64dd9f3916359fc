"""How are new pictures encoded? The recipe: codec, pixel format, quality and tags, made from the source's own.

Speed decides: x264 `superfast` takes about half the time of `veryfast` at 720p. What it loses in compression is
paid with bits, and only in the groups that changed.
"""

import math
import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from openvod.core.models import Json

QUALITY_STEP = 4.0
"""How much finer the new pictures are quantised than the stored ones: encoding again must not show."""
BEST, WORST = 12.0, 34.0
"""Limits of the rate factor."""
AGAIN_STEP = 4.0
"""How much finer a segment is encoded again that came out below the floor."""

_X264 = {
    "yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "gray",
    "yuv420p10le", "yuv422p10le", "yuv444p10le", "gray10le",
}  # fmt: skip
_X265 = {"yuv420p12le", "yuv422p12le", "yuv444p12le", "gray12le"}
_EFFICIENCY = {"hevc": 1.5, "av1": 1.7, "vp9": 1.4}
"""How many bits x264 superfast needs for one bit of these, roughly; 1 for the older ones."""
_PROFILES = {"Constrained Baseline": "baseline", "Baseline": "baseline", "Main": "main"}
_TOP, _BOTTOM = (2, 4), (3, 5)
"""libav's field orders with the top, or the bottom field shown first."""


def pixel_format(stored: str, width: int, height: int) -> tuple[str, str]:
    """The encoder, and the pixel format nearest to `stored` that it takes; the same one whenever possible.

    Odd sizes with halved colour planes cannot be written in H.264; VP9 can, and players know it in MP4.
    """
    if stored in _X265:
        return "libx265", stored
    name = stored if stored in _X264 else _nearest(stored)
    halved = (width % 2 and ("420" in name or "422" in name), height % 2 and "420" in name)
    if not any(halved):
        return "libx264", name
    return ("libx264", "yuv444p10le") if "10" in name else ("libvpx-vp9", name.replace("yuvj", "yuv"))


def _nearest(stored: str) -> str:
    """For what no encoder here takes: colours at least as finely resolved, at least as many bits up to 12."""
    from av.video.format import VideoFormat  # noqa: PLC0415

    format = VideoFormat(stored, 64, 64)
    depth = max(component.bits for component in format.components)
    fine_x = fine_y = True
    if not format.is_rgb and len(format.components) > 2:
        fine_x = format.chroma_width(64) == 64
        fine_y = format.chroma_height(64) == 64
    planes = "444" if fine_x else "422" if fine_y else "420"
    return f"yuv{planes}p" + ("" if depth <= 8 else "10le" if depth <= 10 else "12le")


def rate_factor_of_quantiser(quantiser: float) -> float:
    """x264's rate factor for pictures that were stored with this mean quantiser."""
    return min(WORST, max(BEST, round(quantiser - QUALITY_STEP, 1)))


def rate_factor_of_size(codec: str, stored: float, trial: float, factor: float) -> float:
    """The rate factor at which pictures take as much as they did, when at `factor` they take `trial`.

    `stored` and `trial` are bytes a frame. x264 doubles its bits every six steps.
    """
    wanted = max(1.0, stored) * _EFFICIENCY.get(codec, 1.0) * 1.3
    return min(26.0, max(16.0, round(factor + 6 * math.log2(max(1.0, trial) / wanted), 1)))


def recipe(track: Any, frame: Any, factor: float, parameter_id: int) -> Json:
    """The recipe for pictures like `frame`, the first one decoded of libav's video stream `track`."""
    decoder = track.codec_context
    codec, pixels = pixel_format(frame.format.name, frame.width, frame.height)
    aspect = track.sample_aspect_ratio
    full = frame.format.name.startswith("yuvj") or int(frame.color_range) == 2
    order = int(decoder.field_order)
    field = "tff" if order in _TOP else "bff" if order in _BOTTOM else "tff" if frame.interlaced_frame else ""
    return {
        "codec": codec,
        "pixels": pixels,
        "width": frame.width,
        "height": frame.height,
        "aspect": [aspect.numerator, aspect.denominator] if aspect else [0, 1],
        "range": 2 if full else int(frame.color_range),
        "primaries": int(frame.color_primaries),
        "transfer": int(frame.color_trc),
        "matrix": int(frame.colorspace),
        "profile": _PROFILES.get(str(decoder.profile), "") if track.codec_context.name == "h264" else "",
        "factor": factor,
        "parameter_id": parameter_id,
        "field": field if codec == "libx264" else "",
        "light": _light(frame.side_data),
        "turn": _turn(frame.side_data),
    }


def encoder(recipe: Json, rate: tuple[int, int], reorder: int = 2) -> Any:
    """An open libav encoder. Its frames are numbered from 0 in ticks of one frame.

    `reorder` is how many places a picture may be stored ahead of its turn. H.264 comes with start codes, and
    with its parameter sets before each key picture.
    """
    import av  # noqa: PLC0415 - GPL codecs: loaded in media processes only

    context = av.CodecContext.create(recipe["codec"], "w")
    context.framerate = Fraction(*rate)
    context.time_base = 1 / Fraction(*rate)
    configure(context, recipe, reorder)
    context.open()
    return context


def configure(context: Any, recipe: Json, reorder: int = 2) -> None:
    """Set an encoder's sizes, tags and options."""
    context.width, context.height = recipe["width"], recipe["height"]
    context.pix_fmt = recipe["pixels"]
    context.thread_count = 1
    if recipe["aspect"][0] > 0:
        context.sample_aspect_ratio = Fraction(*recipe["aspect"])
    context.color_range, context.color_primaries = recipe["range"], recipe["primaries"]
    context.color_trc, context.colorspace = recipe["transfer"], recipe["matrix"]
    context.options = _options(recipe, reorder)


def _options(recipe: Json, reorder: int) -> dict[str, str]:
    factor = str(recipe["factor"])
    if recipe["codec"] == "libvpx-vp9":
        level = str(min(50, round(recipe["factor"] * 1.3)))
        return {"crf": level, "b": "0", "deadline": "realtime", "cpu-used": "6", "lag-in-frames": "0"}
    if recipe["codec"] == "libx265":
        quiet = "log-level=error:repeat-headers=1:pools=none:frame-threads=1"
        light = (text.replace("cll=", "max-cll=") for text in recipe["light"])
        return {"preset": "ultrafast", "crf": factor, "x265-params": ":".join([quiet, *light])}
    pictures = 0 if reorder == 0 else 3
    parameters = [
        f"sps-id={recipe['parameter_id']}",
        "repeat-headers=1",
        "stitchable=1",  # headers do not depend on the quality, so that segments fit together
        f"bframes={pictures}",
        f"b-pyramid={'normal' if reorder >= 2 else 'none'}",
        "keyint=250",
        "open-gop=0",
        *([f"{recipe['field']}=1"] if recipe["field"] else []),
        *recipe["light"],
    ]
    plain = recipe["profile"]
    if plain == "baseline":
        parameters += ["bframes=0", "cabac=0", "8x8dct=0", "weightp=0"]
    return {
        "preset": "superfast",
        "crf": factor,
        "x264-params": ":".join(parameters),
        **({"profile": plain} if plain else {}),
    }


def _turn(side_data: Iterable[Any]) -> list[int]:
    """The display matrix, 9 numbers as libav has them; empty when the picture is shown as it is stored."""
    found = next((bytes(data) for data in side_data if data.type.name == "DISPLAYMATRIX"), b"")
    return list(struct.unpack("=9i", found)) if len(found) == 36 else []


def _light(side_data: Iterable[Any]) -> Sequence[str]:
    """How bright the mastering display and the pictures are, as x264 and x265 take it (SMPTE ST 2086)."""
    found: list[str] = []
    for data in side_data:
        if data.type.name == "MASTERING_DISPLAY_METADATA":
            found += _mastering(bytes(data))
        elif data.type.name == "CONTENT_LIGHT_LEVEL":
            levels = struct.unpack_from("=II", bytes(data))
            found.append(f"cll={levels[0]},{levels[1]}")
    return found


def _mastering(data: bytes) -> Sequence[str]:
    """From libav's `AVMasteringDisplayMetadata`: red, green, blue, white, darkest, brightest; two flags."""
    numbers = struct.unpack_from("=22i", data)
    if not (numbers[20] and numbers[21]):
        return []
    values = [Fraction(numbers[place], numbers[place + 1] or 1) for place in range(0, 20, 2)]
    points = [round(value * 50_000) for value in values[:8]]
    low, high = (round(value * 10_000) for value in values[8:])
    red, green, blue, white = (f"({points[place]},{points[place + 1]})" for place in range(0, 8, 2))
    return [f"mastering-display=G{green}B{blue}R{red}WP{white}L({high},{low})"]
