"""What a model makes of the words: its choice counts, if it can quote it."""

import json
from typing import Any

from openvod.engines.analysis.descriptions.described import Asker
from openvod.engines.analysis.highlights import highlight_found
from openvod.engines.analysis.highlights.hht_options import Wish
from openvod.engines.analysis.text.passages import Passage
from openvod.engines.analysis.text.said import Said
from tests.engines.analysis.highlights.test_highlight import dull
from tests.stand_in import Answer, Call, Caller, says, standing_in

LINES = ("Good evening to all of you.", "And the winner of this year is Anna!", "Let us go on.")
WORDS = Said(tuple(Passage(20.0 * n + 10, 20.0 * n + 16, text) for n, text in enumerate(LINES)), "en", "")
ROW = {
    "first": 1, "last": 1, "line": 1, "score": 90, "title": "Anna wins", "reason": "The winner is named.",
    "quote": "the winner of this year",
}  # fmt: skip


def find(answer: Any, said: Said = WORDS, **wish: Any) -> tuple[highlight_found.Found, list[Call]]:
    script = answer if callable(answer) else lambda call: says(json.dumps({"highlights": answer}))
    with standing_in(script) as endpoint:
        asker = Asker(Caller(endpoint.url), lambda seconds: None)
        return highlight_found.find(asker, dull(), said, Wish(**wish)), endpoint.calls


def test_the_models_choice_is_a_highlight() -> None:
    found, calls = find([ROW], words="who wins")
    (one,) = found.highlights
    assert one.start <= 30 < 36 <= one.end
    told = highlight_found.item(one, (one.start, one.end), found, WORDS)
    assert (told["Title"], told["Summary"]) == ("Anna wins", "The winner is named.")
    assert any("the winner of this year" in tag for tag in told["SegmentTags"])
    assert "who wins" in calls[0].json["messages"][0]["content"]
    assert found.engine == "chat stand-in"


def test_what_it_cannot_quote_is_sent_back_and_left_out() -> None:
    rows = [{**ROW, "quote": "the loser of this year"}, {**ROW, "last": 9}, {**ROW, "first": 2, "last": 2}]
    found, calls = find(rows)
    assert len(calls) == 2
    assert "does not hold the words" in calls[1].json["messages"][-1]["content"]
    assert not found.highlights
    assert "3 highlights of the model were left out" in found.warnings[0]


def test_a_model_that_fails_leaves_the_measures() -> None:
    found, _ = find(lambda call: Answer(b"no", 403))
    assert not found.highlights
    assert "HTTP 403" in found.missing[0].en


def test_without_words_nothing_is_asked() -> None:
    found, calls = find([ROW], Said((), "und", ""), words="goals")
    assert not calls
    assert "`scenario`" in found.missing[0].en


def test_without_a_model_sentences_name_it() -> None:
    found = highlight_found.Found([], [])
    (one,) = find([ROW])[0].highlights
    told = highlight_found.item(one, (one.start, one.end), found, WORDS)
    assert told["Title"] == "And the winner of this year is Anna!"
    assert told["Summary"] == "And the winner of this year is Anna!"
