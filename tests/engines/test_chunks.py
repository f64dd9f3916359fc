"""How probabilities of speech become chunks."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from openvod.engines.silero import SECONDS, Rules, Span, chunks

RULES = Rules()


def speech(*stretches: tuple[float, float]) -> np.ndarray:
    """Alternating (probability, seconds)."""
    return np.concatenate([np.full(round(s / SECONDS), p, np.float32) for p, s in stretches])


def test_silence_has_no_chunks() -> None:
    assert chunks(np.zeros(0, np.float32), RULES) == []
    assert chunks(speech((0.1, 60.0)), RULES) == []


def test_short_silences_stay_inside_as_pauses_and_long_ones_part_chunks() -> None:
    found = chunks(speech((0, 1), (0.9, 2), (0, 0.4), (0.9, 2), (0, 2), (0.9, 1), (0, 1)), RULES)
    assert len(found) == 2
    assert len(found[0].pauses) == 1
    first, last = found[0].pauses[0]
    assert abs(first - 3.0) < 0.05
    assert abs(last - 3.4) < 0.05


def test_what_never_gets_sure_is_no_speech() -> None:
    assert chunks(speech((0, 1), (0.5, 5), (0, 1)), RULES) == []


def test_a_long_stretch_is_cut_where_speech_is_least_likely() -> None:
    found = chunks(speech((0.95, 13), (0.6, 0.2), (0.95, 13)), RULES)
    assert len(found) == 2
    assert abs(found[0].end - 13.1) < 0.15


def test_halves_meet_in_the_longest_pause() -> None:
    span = Span(0.0, 10.0, ((2.0, 2.2), (6.0, 7.0), (8.0, 8.1)))
    halves = span.halves()
    assert halves == (Span(0.0, 6.5, ((2.0, 2.2),)), Span(6.5, 10.0, ((8.0, 8.1),)))
    assert Span(0.0, 1.0).halves() is None


@given(arrays(np.float32, st.integers(0, 3000), elements=st.floats(0, 1, width=32)))
def test_chunks_are_in_order_apart_inside_the_file_and_not_too_long(probabilities: np.ndarray) -> None:
    end = 0.0
    for span in chunks(probabilities, RULES):
        assert end - 1e-3 <= span.start < span.end <= len(probabilities) * SECONDS + 1e-3
        assert span.end - span.start <= RULES.longest + 2 * RULES.margin + 1e-3
        assert all(span.start <= a < b <= span.end for a, b in span.pauses)
        end = span.end
