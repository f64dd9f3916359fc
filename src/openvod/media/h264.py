"""What do the headers of an H.264 stream say? Only what is needed to put two streams together.

Numbers are those of ITU-T H.264 (7.3.1, 7.3.2, 7.3.3) and ISO/IEC 14496-15 (5.3.3, the `avcC` record).
"""

import re
from collections.abc import Iterator, Sequence

SLICE, IDR, SPS, PPS = 1, 5, 7, 8
MOST_IDS = 32
"""Sequence parameter sets are numbered 0 to 31."""
RIGHT_444 = 151
"""First build of x264 with correct CABAC contexts in 4:4:4; libav decodes older ones' as they are meant."""

_START = b"\x00\x00\x01"
_INTRA = (2, 4, 7, 9)
"""Slice types I and SI, and the same for "all slices of the picture"."""


def length_size(extradata: bytes) -> int:
    """Bytes of the length before each unit of a packet; 0 when units are told apart by start codes."""
    return (extradata[4] & 3) + 1 if extradata[:1] == b"\x01" and len(extradata) >= 7 else 0


def units(packet: bytes, size: int) -> Iterator[bytes]:
    """The units of a packet without their prefix; `size` as from `length_size`. A broken tail is left out."""
    if size == 0:
        yield from _after_start_codes(packet)
        return
    place = 0
    while place + size < len(packet):
        length = int.from_bytes(packet[place : place + size], "big")
        unit = packet[place + size : place + size + length]
        if unit:
            yield unit
        place += size + length


def kind(unit: bytes) -> int:
    """`nal_unit_type`."""
    return unit[0] & 31


def parameter_sets(extradata: bytes) -> list[bytes]:
    """The sequence and picture parameter sets of a stream's global header."""
    if length_size(extradata) == 0:
        return [unit for unit in units(extradata, 0) if kind(unit) in (SPS, PPS)]
    found = []
    place = 5
    for mask in (31, 255):
        count = extradata[place] & mask if place < len(extradata) else 0
        place += 1
        for _ in range(count):
            length = int.from_bytes(extradata[place : place + 2], "big")
            found.append(extradata[place + 2 : place + 2 + length])
            place += 2 + length
    return [unit for unit in found if unit]


def set_id(unit: bytes) -> int:
    """The number that a sequence or picture parameter set has. Raises ValueError when it is cut off."""
    # A sequence parameter set has profile, constraints and level first.
    return _Bits(unit[4:] if kind(unit) == SPS else unit[1:]).number()


def starts_at(packet: bytes, size: int) -> int:
    """`IDR` for a packet that forgets all before it, `SLICE` for another one of intra slices, else 0."""
    for unit in units(packet, size):
        if kind(unit) == IDR:
            return IDR
        if kind(unit) == SLICE:
            bits = _Bits(unit[1:])
            try:
                bits.number()  # first_mb_in_slice
                return SLICE if bits.number() in _INTRA else 0
            except ValueError:
                return 0
    return 0


def x264_build(packet: bytes) -> int:
    """The version of x264 that wrote this (first) packet, 0 for another encoder."""
    found = re.search(rb"x264 - core (\d+)", packet)
    return int(found[1]) if found else 0


def with_sets(extradata: bytes, more: Sequence[bytes]) -> bytes:
    """A global header that knows further parameter sets. The rest of it stays as it is."""
    own = parameter_sets(extradata)
    if length_size(extradata) == 0:
        return extradata + b"".join(b"\x00" + _START + unit for unit in more if unit not in own)
    place = 5
    for _ in range(2):
        count = extradata[place] & (31 if place == 5 else 255)
        place += 1
        for _ in range(count):
            place += 2 + int.from_bytes(extradata[place : place + 2], "big")
    every = own + [unit for unit in more if unit not in own]
    sequence = [unit for unit in every if kind(unit) == SPS]
    picture = [unit for unit in every if kind(unit) == PPS]
    head = extradata[:5] + bytes([0xE0 | len(sequence)])
    return head + _listed(sequence) + bytes([len(picture)]) + _listed(picture) + extradata[place:]


def prefixed(packet: bytes) -> bytes:
    """A packet with start codes as one with lengths of 4 bytes."""
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units(packet, 0))


def _listed(sets: Sequence[bytes]) -> bytes:
    return b"".join(len(unit).to_bytes(2, "big") + unit for unit in sets)


def _after_start_codes(stream: bytes) -> Iterator[bytes]:
    place = stream.find(_START)
    while place >= 0:
        following = stream.find(_START, place + 3)
        unit = stream[place + 3 : following if following >= 0 else len(stream)]
        unit = unit.rstrip(b"\x00") if following >= 0 else unit
        if unit:
            yield unit
        place = following


class _Bits:
    """Reads Exp-Golomb numbers from the first bytes of a unit."""

    def __init__(self, payload: bytes) -> None:
        plain = payload[:64].replace(b"\x00\x00\x03", b"\x00\x00")  # emulation prevention, 7.4.1
        self._bits = "".join(f"{byte:08b}" for byte in plain)
        self._place = 0

    def number(self) -> int:
        """One `ue(v)`."""
        one = self._bits.find("1", self._place)
        end = 2 * one - self._place + 1
        if one < 0 or end > len(self._bits):
            raise ValueError("the unit is cut off")
        value = int(self._bits[one:end], 2) - 1
        self._place = end
        return value
