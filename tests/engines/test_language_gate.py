"""Which stretches are taken for another language: (score, words) per utterance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.engines.language_gate import own


@pytest.mark.parametrize(
    "heard, expected",
    [
        ([], ""),
        ([(-0.1, 10)], "y"),
        ([(-1.0, 13)], "n"),
        ([(-0.04, 17), (-1.02, 13)], "yn"),
        ([(-1.05, 13), (-0.04, 17)], "ny"),
        ([(-1.27, 17), (-0.04, 17), (-0.67, 11), (-0.04, 17)], "nyny"),
        ([(-0.04, 17), (-1.0, 6), (-0.45, 2), (-0.9, 9), (-0.04, 17)], "ynnny"),  # a name known in both
        ([(-0.14, 5), (-0.73, 5), (-0.31, 4)], "yyy"),  # mumbled, not foreign
        ([(-0.1, 10), (-0.64, 1), (-0.3, 1), (-0.64, 9)], "yyyy"),
    ],
)
def test_a_stretch_is_foreign_when_enough_speaks_for_it(
    heard: list[tuple[float, int]], expected: str
) -> None:
    assert own([score for score, _ in heard], [words for _, words in heard]) == [
        each == "y" for each in expected
    ]


@given(st.lists(st.tuples(st.floats(-5, 0), st.integers(1, 60)), max_size=30))
def test_it_answers_for_every_utterance_and_leaves_what_is_of_a_piece_whole(
    heard: list[tuple[float, int]],
) -> None:
    scores, words = [score for score, _ in heard], [count for _, count in heard]
    assert len(own(scores, words)) == len(heard)
    assert own([-0.4] * len(heard), words) == [True] * len(heard)
    assert own([-2.5] * len(heard), words) == [False] * len(heard)
