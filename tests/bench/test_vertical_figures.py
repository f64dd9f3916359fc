"""Which faces of a real clip the figures for upright video count."""

from benchmarks.vertical import Box, matter


def face(height: float) -> Box:
    return 0.0, 0.0, height * 0.75, height


def test_small_faces_count_only_in_shots_without_a_large_one() -> None:
    audience, front = face(60), face(200)
    found = [[front, audience], [audience], [], [audience, face(20)], [audience]]
    assert matter(found, [0, 3]) == [[front], [], [], [audience], [audience]]
