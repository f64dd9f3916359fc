"""Where do new packets wait until the file is put together? In two plain files per segment, read front to back."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

DATA, LIST, TIMES = "packets", "list", "times"
"""Names of a segment's files: the packets one after another, a record for each, and its frames' times."""

_RECORD = struct.Struct("<IIB")


@dataclass(frozen=True, slots=True)
class NewPacket:
    """One encoded picture."""

    data: bytes
    place: int
    """Its number in order of display among the segment's frames, from 0."""
    key: bool


class Writer:
    """Writes a segment's packets into `folder`, as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._data: BinaryIO = (folder / DATA).open("wb")
        self._list: BinaryIO = (folder / LIST).open("wb")
        self.count = 0
        self.bytes = 0
        self.reorder = 0
        """By how many places a packet comes before its frame's turn, at most."""

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._data.close()
        self._list.close()

    def write(self, packet: NewPacket) -> None:
        """Add one packet, in the order of decoding."""
        self._data.write(packet.data)
        self._list.write(_RECORD.pack(len(packet.data), packet.place, packet.key))
        self.reorder = max(self.reorder, self.count - packet.place)
        self.count += 1
        self.bytes += len(packet.data)


def read(folder: Path) -> Iterator[NewPacket]:
    """The packets of a segment, in the order of decoding, one at a time."""
    with (folder / DATA).open("rb") as data, (folder / LIST).open("rb") as records:
        while record := records.read(_RECORD.size):
            size, place, key = _RECORD.unpack(record)
            yield NewPacket(data.read(size), place, bool(key))
