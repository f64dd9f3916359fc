"""The checksum of COS, and that of pieces put together."""

from hypothesis import given
from hypothesis import strategies as st

from openvod.edge import crc64

update = crc64.find()


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_the_checksum_of_pieces_is_that_of_the_whole(pieces: list[bytes]) -> None:
    assert update is not None
    whole = 0
    for piece in pieces:
        whole = update(piece, whole)
    assert whole == update(b"".join(pieces), 0) == crc64.joined((update(p, 0), len(p)) for p in pieces)


def test_the_published_check_value() -> None:
    assert update is not None
    assert update(b"123456789", 0) == 0x995DC9BBDF1939FA
    assert crc64.joined([]) == 0
