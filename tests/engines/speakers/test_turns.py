"""When each speaks: turns from made-up prints lie where they were put, in order, without overlaps."""

from itertools import pairwise

import numpy as np
import pytest

from openvod.engines.silero import Span
from openvod.engines.speakers import turns, unpacked
from openvod.engines.speakers.prints import voiced
from tests.engines.speakers.voices import chunk, directions, said

TALK = [(1.0, 5.0, 1), (5.3, 9.0, 0), (9.2, 15.0, 1), (15.5, 18.0, 0), (18.4, 24.0, 1)]


def test_turns_are_where_they_were_put_and_the_first_to_speak_is_the_first() -> None:
    found = turns(said(directions(2), TALK), [chunk(TALK)])
    assert [turn.speaker for turn in found] == [1, 2, 1, 2, 1]
    for turn, (start, end, _) in zip(found, TALK, strict=True):
        assert turn.start == pytest.approx(start, abs=0.01)
        assert turn.end == pytest.approx(end, abs=0.01)
        assert 0.5 < turn.confidence <= 1


def test_a_change_without_a_pause_is_found_to_a_third_of_a_second() -> None:
    known = directions(2)
    apart = said(known, [(0.0, 6.0, 0), (6.0, 12.0, 1)])
    (found, other) = turns(apart, [Span(0.0, 12.0)])
    assert found.end == other.start == pytest.approx(6.0, abs=0.3)


def test_one_voice_is_one_speaker_however_long() -> None:
    talk = [(at, at + 9.5, 0) for at in np.arange(0.0, 300.0, 10.0).tolist()]
    found = turns(said(directions(1), talk), [chunk(talk)])
    assert {turn.speaker for turn in found} == {1}
    assert {turn.confidence for turn in found} == {1.0}


def test_a_short_word_without_a_print_is_still_somebodys() -> None:
    found = turns(said(directions(2), TALK), [chunk(TALK), Span(30.0, 30.4)])
    assert found[-1].start == pytest.approx(30.12)
    assert {turn.speaker for turn in found} == {1, 2}


def test_turns_never_overlap_and_stay_in_the_speech() -> None:
    talk = [(float(at), at + 2.7, at // 3 % 3) for at in range(0, 90, 3)]
    spans = [chunk(talk[:13]), chunk(talk[13:])]
    found = turns(said(directions(3), talk), spans)
    assert all(a.end <= b.start for a, b in pairwise(found))
    parts = [part for span in spans for part in voiced(span)]
    seconds = sum(turn.end - turn.start for turn in found)
    assert seconds == pytest.approx(sum(end - start for start, end in parts), rel=0.01)
    assert {turn.speaker for turn in found} == {1, 2, 3}


def test_no_speech_has_no_turns_and_speech_without_prints_one_speaker() -> None:
    assert turns(unpacked(()), []) == []
    assert [turn.speaker for turn in turns(unpacked(()), [Span(1.0, 1.3)])] == [1]


def test_prints_survive_being_kept() -> None:
    whole = said(directions(2), TALK)
    again = unpacked([whole.packed(), unpacked(()).packed()])
    np.testing.assert_allclose(again.times, whole.times, atol=0.006)
    assert (again.voices * whole.voices).sum(axis=1).min() > 0.999
    kept = [(turn.start, turn.end, turn.speaker) for turn in turns(again, [chunk(TALK)])]
    assert kept == [(turn.start, turn.end, turn.speaker) for turn in turns(whole, [chunk(TALK)])]
