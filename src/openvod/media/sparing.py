"""Which frames of a film need not be decoded to know what it looks like? Those that no other frame is made from.

Encoders mark them, a third to two thirds of a film, and decoders leave them out when asked to. The frames that are decoded
are then the same to the last bit, and of those left out it is known when they are shown.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

CODECS = {"h264", "hevc", "mpeg2video", "mpeg4"}
"""Their decoders can be asked before each packet; others take no notice, or only at the start."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A frame that was not decoded; named as in a decoded picture."""

    pts: int
    time_base: Fraction


class Sparing:
    """Goes along with the decoding of one track, from its start or a place that was entered to the end."""

    def __init__(self, track: Any, is_needed: Callable[[int], bool]) -> None:
        """`is_needed`: whether the frame that is shown then (in the track's ticks) is to be decoded in any case."""
        self._decoder = track.codec_context
        self._unit: Fraction = track.time_base
        self._is_needed = is_needed
        self._is_on = self._decoder.name in CODECS
        self._is_leaving = False
        self._begun = False
        self._offered: list[int] = []
        """When the frames are shown that may be left out and have not come out yet: a heap."""

    def offer(self, packet: Any) -> None:
        """To be called before a packet is decoded."""
        may = (
            self._is_on
            and packet.pts is not None
            and not packet.is_discard
            and not self._is_needed(packet.pts)
        )
        if may:
            heapq.heappush(self._offered, packet.pts)
        if may != self._is_leaving:
            self._decoder.skip_frame = "NONREF" if may else "DEFAULT"
            self._is_leaving = may

    def before(self, picture: Any) -> Iterator[LeftOut]:
        """The frames between the last picture that was decoded and this one."""
        if picture.interlaced_frame:
            self._is_on = False  # two packets may be one frame there
        while picture.pts is not None and self._offered and self._offered[0] <= picture.pts:
            pts = heapq.heappop(self._offered)
            if pts != picture.pts and self._begun:  # before the first: needs what is not there
                yield LeftOut(pts, self._unit)
        self._begun = True

    def rest(self) -> Iterator[LeftOut]:
        """Those after the last picture."""
        while self._offered and self._begun:
            yield LeftOut(heapq.heappop(self._offered), self._unit)
