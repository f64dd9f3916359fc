"""Which track is rewritten, and what are its packets? Read as players do: up to where a file is damaged."""

from collections.abc import Iterator
from typing import Any

from openvod.core.errors import TaskFault
from openvod.media.packets import packets
from openvod.media.probe import video_tracks


def video_track(container: Any) -> Any:
    """The track that is rewritten, with a decoder that uses one thread. Raises `SourceFileError.NoVideoMedia`."""
    tracks = video_tracks(container)
    if not tracks:
        raise TaskFault("SourceFileError.NoVideoMedia")
    tracks[0].codec_context.thread_count = 1
    return tracks[0]


def tolerant_packets(container: Any, *tracks: Any) -> Iterator[Any]:
    """The packets of `tracks` (of all, when none is named) up to where the file is damaged, as players read it."""
    from av.error import FFmpegError  # noqa: PLC0415

    reading = packets(container, *tracks)
    while True:
        try:
            packet = next(reading, None)
        except MemoryError:
            raise
        except FFmpegError:
            return
        if packet is None:
            return
        if packet.size:  # the last ones are empty: they ask the decoders for what they hold back
            yield packet
