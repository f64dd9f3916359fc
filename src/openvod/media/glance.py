"""What does a video show at given moments? Pictures in colour, upright, with as little decoded on the way as can be."""

from collections.abc import Iterator
from itertools import chain, dropwhile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from openvod.media.probe import open_media
from openvod.media.rewrite.demux import tolerant_packets, video_track
from openvod.media.rewrite.first_packet import introduce

Rgb = NDArray[np.uint8]

FURTHER_BACK = (0, 2, 10, 30)
"""Seconds before the wanted moment to begin at: containers without an index lead to pictures that need earlier ones."""


class Glances:
    """A video to be looked at here and there; moments that ascend are the cheapest. A context manager."""

    def __init__(self, path: Path) -> None:
        """Raises TaskFault when it cannot be opened."""
        self._container = open_media(path)
        self._track: Any = video_track(self._container)
        introduce(self._container, self._track)
        self._start = (self._container.start_time or 0) / 1_000_000
        self._half = 0.5 / float(self._track.average_rate or 25)
        self._wanted = 0.0
        self._read: int | None = None
        """When the last packet that was read is decoded, in ticks."""
        self._shown: Any = None
        """The last picture that came out."""
        self._pictures: Iterator[Any] = iter(())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

    def at(self, seconds: float) -> Rgb | None:
        """The picture `[h, w, 3]` RGB that is shown `seconds` after the start; None after the end, and where the file cannot
        be decoded."""
        self._wanted = seconds + self._start
        if self._is_on_the_way():
            if self._at(self._shown) < self._wanted - self._half:
                self._forward()
            return self._upright()
        for back in FURTHER_BACK:
            self._pictures = self._from(self._wanted - back)
            self._shown = next(self._pictures, None)
            if self._shown is not None and self._at(self._shown) <= self._wanted + self._half:
                self._forward()
                return self._upright()
        return None

    def _forward(self) -> None:
        """To the wanted picture."""
        while self._shown is not None and self._at(self._shown) < self._wanted - self._half:
            self._shown = next(self._pictures, None)

    def _is_on_the_way(self) -> bool:
        """Whether reading on is no longer a way than beginning anew at a key picture."""
        if self._shown is None or self._read is None or self._at(self._shown) > self._wanted + self._half:
            return False
        entries = self._track.index_entries
        place = entries.search_timestamp(round(self._wanted / self._track.time_base), backward=True)
        return place >= 0 and bool(entries[place].timestamp <= self._read)

    def _from(self, seconds: float) -> Iterator[Any]:
        """The pictures from the last key picture before a time on, or from the next one where the container cannot tell."""
        from av.error import FFmpegError  # noqa: PLC0415 - only in media processes

        try:
            self._container.seek(
                max(0, round(seconds / self._track.time_base)), stream=self._track, backward=True
            )
        except FFmpegError:
            return
        decoder = self._track.codec_context
        packets = tolerant_packets(self._container, self._track)
        for packet in chain(dropwhile(lambda packet: not packet.is_keyframe, packets), [None]):
            if packet is not None:
                self._read = packet.dts
                decoder.skip_frame = "NONREF" if self._is_passed(packet.pts) else "DEFAULT"
            try:
                yield from (each for each in decoder.decode(packet) if each.pts is not None)
            except FFmpegError:
                continue  # a damaged packet, as players pass over it

    def _is_passed(self, pts: int | None) -> bool:
        """Whether a packet's picture is only on the way: it is left out if no other one needs it."""
        return pts is not None and pts * self._track.time_base < self._wanted - self._half

    def _at(self, picture: Any) -> float:
        return float(picture.pts * self._track.time_base)

    def _upright(self) -> Rgb | None:
        if self._shown is None:
            return None
        pixels: Rgb = self._shown.to_ndarray(format="rgb24")
        return np.ascontiguousarray(np.rot90(pixels, round(self._shown.rotation / 90) % 4))
