"""Whose stream is it? What a decoder must see of a video's beginning before it may begin elsewhere."""

from typing import Any

from openvod.media import h264
from openvod.media.rewrite.demux import tolerant_packets


def introduce(container: Any, track: Any) -> None:
    """Show the decoder of `track` the first packet where it matters; the container is read on from there afterwards.

    Old versions of x264 wrote 4:4:4 pictures in a way of their own, and only their first packet says so. Call it before
    seeking: seeking to a place drops the picture, but not what is known of the encoder.
    """
    from av.error import FFmpegError  # noqa: PLC0415 - only in media processes

    first = next(tolerant_packets(container, track), None)
    if first is None or not 0 < h264.x264_build(bytes(first)) < h264.RIGHT_444:
        return
    try:
        track.codec_context.decode(first)
    except MemoryError:
        raise
    except FFmpegError:
        pass  # a damaged packet, as players pass over it
