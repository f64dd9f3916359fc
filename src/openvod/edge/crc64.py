"""What is the CRC-64 of a body, as COS answers it in `x-cos-hash-crc64ecma`? The COS SDK for Go refuses every upload
whose answer lacks it (its `doAPI`, since 0.7.33 at the latest).

The polynomial is that of ECMA-182, reflected, inverted before and after: the very one of the xz format, so Python's
own lzma module has brought a fast one along. Where it is built without that symbol, there is no CRC.
"""

import ctypes
from collections.abc import Callable, Iterable
from functools import cache, lru_cache

POLYNOMIAL = 0xC96C5795D7870F42
"""ECMA-182, lowest power in the highest bit."""

Update = Callable[[bytes, int], int]
"""The CRC of all bytes up to the end of a block, given the block and that of the bytes before (0 for none)."""


def find() -> Update | None:
    """The function, or None where Python has none. It lets other threads run."""
    try:
        import _lzma  # noqa: PLC0415 - Python can be built without

        function = ctypes.CDLL(_lzma.__file__).lzma_crc64
    except (ImportError, AttributeError, OSError):
        return None
    function.restype = ctypes.c_uint64
    function.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64)

    def update(block: bytes, before: int) -> int:
        return int(function(block, len(block), before))

    return update


def joined(pieces: Iterable[tuple[int, int]]) -> int:
    """The CRC of pieces that follow each other, from the CRC and the size in bytes of each."""
    whole = 0
    for crc, size in pieces:
        whole = _product(_power(8 * size), whole) ^ crc
    return whole


def _product(one: int, other: int) -> int:
    """Of two polynomials modulo POLYNOMIAL; coefficients as in POLYNOMIAL."""
    result = 0
    for place in range(63, -1, -1):
        if one >> place & 1:
            result ^= other
        other = other >> 1 ^ (POLYNOMIAL if other & 1 else 0)
    return result


@lru_cache(maxsize=64)  # all parts of an upload but the last have one size
def _power(exponent: int) -> int:
    """x to the power of `exponent`, modulo POLYNOMIAL."""
    result = 1 << 63
    for place, square in enumerate(_squares()):
        if exponent >> place & 1:
            result = _product(result, square)
    return result


@cache
def _squares() -> list[int]:
    """x to the powers 1, 2, 4, 8 … 2 to the 63rd."""
    squares = [1 << 62]
    while len(squares) < 64:
        squares.append(_product(squares[-1], squares[-1]))
    return squares
