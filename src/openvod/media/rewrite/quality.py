"""How good are the stored pictures? Some of them are decoded, for the recipe by which new ones are encoded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median_low
from typing import Any

import numpy as np

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.media.facts import codec
from openvod.media.probe import open_media
from openvod.media.rewrite import encoding
from openvod.media.rewrite.demux import tolerant_packets, video_track

_SAMPLE_FRAMES = 24
_PLACES = (0.3, 0.55, 0.8)
"""Where else than at the beginning to look, as shares of the packets."""
_TRIAL_FACTOR = 20.0


@dataclass(frozen=True, slots=True)
class Look:
    """What some decoded pictures tell."""

    recipe: Json
    stored_pixels: str
    clean: bool
    """They all have one size and format, and none was damaged."""


def look(source: Path, times: Sequence[int], rate: tuple[int, int], stored: float, parameter_id: int) -> Look:
    """Decode some pictures of `source`.

    `times` are its packets' times in the order of decoding, empty when they cannot be trusted; `stored` is how many bytes a
    frame takes on average. Raises TaskFault `SourceFileError.ContentMalformed` when no picture can be decoded.
    """
    with open_media(source) as container:
        track = video_track(container)
        decoder = track.codec_context
        decoder.options = {**decoder.options, "export_side_data": "venc_params"}
        start, clean = _pictures(container, track, _SAMPLE_FRAMES)
        if len(start) < _SAMPLE_FRAMES:
            start += _held_back(decoder)
        if not start:
            raise TaskFault(
                "SourceFileError.ContentMalformed",
                reason=Text("none of its first pictures can be decoded", "开头的画面均无法解码"),
            )
        samples = [start, *_later_pictures(container, track, times)]
    first = start[0]
    clean = clean and len({(one.width, one.height, one.format.name) for one in start}) == 1
    recipe = encoding.recipe(track, first, _TRIAL_FACTOR, parameter_id)
    recipe["factor"] = _rate_factor(recipe, samples, rate, stored, codec(track))
    return Look(recipe, first.format.name, clean)


def _pictures(container: Any, track: Any, most: int) -> tuple[list[Any], bool]:
    """The next pictures, and whether all packets on the way could be decoded."""
    from av.error import FFmpegError  # noqa: PLC0415

    found: list[Any] = []
    clean = True
    for packet in islice(tolerant_packets(container, track), 40 * _SAMPLE_FRAMES):
        try:
            found += packet.decode()
        except FFmpegError:
            clean = False
        if len(found) >= most:
            break
    return found, clean


def _later_pictures(container: Any, track: Any, times: Sequence[int]) -> Iterator[list[Any]]:
    """Some from further on: an opening in black says nothing of the rest."""
    from av.error import FFmpegError  # noqa: PLC0415

    if len(times) < 4 * _SAMPLE_FRAMES:
        return
    for share in _PLACES:
        try:
            container.seek(times[int(share * len(times))], stream=track, backward=False)
        except FFmpegError:
            continue
        if found := _pictures(container, track, _SAMPLE_FRAMES // 2)[0]:
            yield found


def _held_back(decoder: Any) -> list[Any]:
    from av.error import FFmpegError  # noqa: PLC0415

    try:
        return list(decoder.decode(None))
    except FFmpegError:
        return []


def _rate_factor(
    recipe: Json, samples: list[list[Any]], rate: tuple[int, int], stored: float, name: str
) -> float:
    """As the stored pictures' quantiser tells at the place in the middle; without that, by how much they take."""
    if name == "h264" and (
        means := [mean for pictures in samples if (mean := _quantiser(pictures)) is not None]
    ):
        return encoding.rate_factor_of_quantiser(median_low(means))
    trial = max(_trial(pictures, recipe, rate) for pictures in samples)
    return encoding.rate_factor_of_size(name, stored, trial, recipe["factor"])


def _quantiser(pictures: list[Any]) -> float | None:
    """As in 8 bits: the quantisers of deeper pictures begin 6 lower for each bit (H.264, 7.4.2.1.1), libav's at 0."""
    found = [picture.side_data.get("VIDEO_ENC_PARAMS") for picture in pictures]
    means = [_mean(data) for data in found if data is not None and data.nb_blocks]
    if not means:
        return None
    deeper = pictures[0].format.components[0].bits - 8
    return sum(means) / len(means) - 6.0 * int(deeper)


def _mean(data: Any) -> float:
    """Over libav's `AVVideoEncParams`. Their own map of it is refused for interlaced pictures, which have more rows of
    blocks; a block is four numbers for its place and size, and by how much its quantiser differs."""
    shape, strides = (data.nb_blocks,), (data.block_size,)
    differences: Any = np.ndarray(shape, np.int32, bytes(data), data.blocks_offset + 16, strides)
    return float(data.qp + differences.mean())


def _trial(pictures: list[Any], recipe: Json, rate: tuple[int, int]) -> float:
    """Bytes a frame when the sample is encoded by the recipe."""
    encoder = encoding.encoder(recipe, rate)
    total = 0.0
    for number, picture in enumerate(pictures):
        if (picture.width, picture.height) == (recipe["width"], recipe["height"]):
            frame = picture.reformat(format=recipe["pixels"])
            frame.pts, frame.time_base, frame.pict_type = number, encoder.time_base, 0
            total += sum(packet.size for packet in encoder.encode(frame))
    total += sum(packet.size for packet in encoder.encode(None))
    return float(total / len(pictures))
