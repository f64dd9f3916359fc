"""Highlights of made-up films: what stands out is found, with clean edges and its reasons; a dull film has none."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openvod.core.asking import nobody
from openvod.engines.analysis.descriptions.described import Asker
from openvod.engines.analysis.highlights import highlight_edges, highlight_found, highlight_signals
from openvod.engines.analysis.highlights.hht_options import Wish
from openvod.engines.analysis.highlights.highlight import Highlight
from openvod.engines.analysis.highlights.highlight_edges import Edges
from openvod.engines.analysis.text.passages import Passage
from openvod.engines.analysis.text.said import Said
from openvod.engines.features import Features
from tests.engines.analysis.films import film

FACE = (0.3, 0.2, 0.6, 0.8, 0.9)
SAME = np.full(240, 77, np.uint64)
QUIET = [-45.0] * 1200
SILENT = Said((), "und", "")


def found(of: Features, words: Said = SILENT, **wish: Any) -> list[Highlight]:
    return highlight_found.find(Asker(nobody), of, words, Wish(**wish)).highlights


def louder(begin: float, end: float, by: float = 25.0) -> list[float]:
    return [level + by * (begin <= number / 10 < end) for number, level in enumerate(QUIET)]


def dull(**changes: Any) -> Features:
    return film(120, **{"levels": QUIET, "phash": SAME, "motion": np.full(240, 2, np.float32), **changes})


def moving(begin: float, end: float) -> Any:
    return np.array([180 if begin <= number / 2 < end else 2 for number in range(240)], np.float32)


def test_a_dull_film_has_none() -> None:
    assert not found(dull())
    assert not found(dull(levels=()))
    hiss = np.random.default_rng(3).normal(-70, 1, 1200)
    grain = np.random.default_rng(4).uniform(0, 3, 240).astype(np.float32)
    assert not found(dull(levels=hiss.tolist(), motion=grain))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"levels": louder(60, 70)}, "loud"),
        ({"motion": moving(60, 70)}, "motion"),
        ({"faces": [(FACE,) if 60 <= number / 2 < 70 else () for number in range(240)]}, "face"),
        ({"speech": [(20.0, 58.0), (59.0, 71.0), (72.0, 80.0)], "levels": louder(60, 70, 12)}, "voice"),
    ],
)
def test_what_stands_out_is_found_and_says_why(changes: dict[str, Any], reason: str) -> None:
    (one,) = found(dull(**changes), threshold=0.25)
    assert one.start < 66 < one.end
    assert one.end - one.start <= 30
    assert reason in {each.name for each in one.reasons}
    told = next(each for each in one.reasons if each.name == reason)
    assert 59.5 <= told.at <= 70.5
    assert f"{told.at:.1f} s" in told.tag


def test_several_reasons_are_worth_more_than_one() -> None:
    (loud,) = found(dull(levels=louder(60, 70)))
    (both,) = found(dull(levels=louder(60, 70), motion=moving(60, 70)))
    assert both.confidence > loud.confidence + 10
    assert both.confidence <= 100


def test_the_threshold_and_the_number() -> None:
    levels = [max(a, b) for a, b in zip(louder(20, 26), louder(80, 86, 14), strict=True)]
    both = found(dull(levels=levels))
    assert [round(each.start / 10) for each in both] == [2, 8]
    (best,) = found(dull(levels=levels), most=1)
    assert best.start < 23 < best.end
    assert not found(dull(levels=levels), threshold=0.95)
    assert all(each.score >= 0.4 for each in found(dull(levels=levels), threshold=0.4))


def test_limits_and_merging() -> None:
    levels = [max(a, b) for a, b in zip(louder(40, 46), louder(54, 60), strict=True)]
    apart = found(dull(levels=levels), limits=(3.0, 6.0))
    assert len(apart) == 2
    assert all(3 <= each.end - each.start <= 6.001 for each in apart)
    (one,) = found(dull(levels=levels), limits=(3.0, 6.0), merge_gap=12.0)
    assert (one.start, one.end) == (apart[0].start, apart[1].end)


def test_edges_are_changes_of_shots() -> None:
    (one,) = found(dull(levels=louder(60, 70), cuts=[58.5, 71.5]))
    assert (one.start, one.end) == (58.5, 71.5)


def test_no_sliver_of_another_shot() -> None:
    edges = Edges(0, 120, (60.0,))
    span = highlight_edges.snapped(edges, (59.6, 70), 65, bounds=(4, 30), free=(0, 120))
    assert span is not None
    assert span.start == 60.0


def test_no_sentence_is_cut_unless_it_must_be() -> None:
    spoken = [Passage(57.0, 62.0, "One two three."), Passage(63.0, 72.0, "Four five six.")]
    of = dull(levels=louder(60, 70), speech=[(57.0, 62.0), (63.0, 72.0)])
    (one,) = found(of, Said(tuple(spoken), "en", ""))
    for passage in spoken:
        assert not passage.start < one.start < passage.end
        assert not passage.start < one.end < passage.end
    assert not one.cuts_sentence


def test_where_speech_has_no_pause_there_is_no_highlight() -> None:
    of = dull(levels=louder(60, 70), speech=[(20.0, 100.0)])
    none = highlight_found.find(Asker(nobody), of, SILENT, Wish(limits=(3, 6)))
    assert not none.highlights
    assert "would cut a word" in none.warnings[0]
    assert found(of, limits=(3, 6), hears_speech=False)


_SPANS = st.lists(
    st.tuples(st.floats(0, 118), st.floats(0.1, 6)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    max_size=40,
)


@settings(deadline=None, max_examples=60)
@given(_SPANS, st.lists(st.floats(1, 119), max_size=20), st.floats(5, 115))
def test_an_edge_never_lies_within_a_word(spans: Any, shots: list[float], peak: float) -> None:
    words = tuple(highlight_edges.merged(spans))
    edges = Edges(0, 120, tuple(sorted(set(shots))), words)
    span = highlight_edges.snapped(edges, (peak - 4, peak + 4), peak, bounds=(3, 20), free=(0, 120))
    if span is None:
        return
    assert 0 <= span.start <= peak <= span.end <= 120
    assert 3 - 1e-3 <= span.end - span.start <= 20 + 1e-3
    for start, end in words:
        assert not start + 1e-3 < span.start < end - 1e-3
        assert not start + 1e-3 < span.end < end - 1e-3


def test_the_genre_weighs() -> None:
    crowd = dull(levels=louder(60, 70))
    (sport,), (drama,) = found(crowd, genre="sport"), found(crowd, genre="drama")
    assert sport.confidence > drama.confidence


def test_two_hours_are_weighed_in_seconds() -> None:
    dice = np.random.default_rng(5)
    of = film(7200, cuts=[float(n) for n in range(7, 7200, 7)], levels=dice.normal(-30, 6, 72000).tolist())
    course = highlight_signals.course(of, "general")
    assert len(course.score) == 14400
    assert ((course.score >= 0) & (course.score <= 1)).all()
    assert len(found(of, threshold=0.1, most=20)) == 20
