"""What is in a file, packet by packet?"""

from collections.abc import Iterator
from typing import Any


def packets(container: Any, *tracks: Any) -> Iterator[Any]:
    """The packets of `tracks` (of all, when none is named), and an empty one for each at the end, which asks its decoder for
    what it holds back. Raises av.FFmpegError where the file is damaged.

    Tracks may come up under way: in transport streams that were put together, or by damage. They are not read, and PyAV,
    which would end each track, stumbles over the first of them after those that it knew.
    """
    reading = container.demux(*tracks)
    while True:
        try:
            packet = next(reading, None)
        except IndexError:
            return
        if packet is None:
            return
        yield packet
