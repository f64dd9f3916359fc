"""Answers of models: what is believed, and what is not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.core import facts
from openvod.engines.translation import Errand, languages, prompt
from openvod.engines.translation.detect import language_of
from openvod.engines.translation.lines import Row, one_line

ROWS = [Row(None, "I see."), Row(1, "I go now."), Row(2, "I go home."), Row(3, "Yes."), Row(4, "Yes.")]


def line(number: object, text: str, of: str | None = None) -> str:
    said = {"id": number, "text": text} | ({} if of is None else {"of": of})
    return json.dumps(said, ensure_ascii=False)


WHOLE = [line(1, "一"), line(2, "二"), line(3, "三"), line(4, "四")]


@pytest.mark.parametrize(
    ("answer", "believed"),
    [
        ("\n".join(WHOLE), {1: "一", 2: "二", 3: "三", 4: "四"}),
        ("\n".join(WHOLE[:3]), {}),  # without proof, and not whole
        ("\n".join([*WHOLE, line(5, "五")]), {}),
        ("\n".join([*WHOLE, WHOLE[0]]), {1: "一", 2: "二", 3: "三", 4: "四"}),
        (line(1, "一", "I go now."), {1: "一"}),
        (line(1, "一", "i GO now"), {1: "一"}),
        (line("1", "一", "I go now."), {1: "一"}),
        (line(1, "一", "I go"), {}),  # so begins line 2, too
        (line(1, "一", "I go home."), {}),
        (line(3, "是", "Yes."), {3: "是"}),  # line 4 is the same text, so nothing can be mixed up
        (line(1, "一", "I go now.") + line(1, "二", "I go now."), {}),
        (line(1, "", "I go now."), {}),
        (line(1, "?!", "I go now."), {}),
        (line(1, "说" * 500, "I go now."), {}),
        (line(True, "一", "I go now."), {}),
        ('{"id": 1, "of": "I go now.", "text": ["一"]}', {}),
        ('{"id": 1, "of": 7, "text": "一"}', {}),
        ("[[[[" + line(1, "一", "I go now."), {1: "一"}),
        ('{"a": {"b": [' + line(1, "一", "I go now.") + "]}}", {1: "一"}),
        (line(1, "一\n二\u2028三", "I go now."), {1: "一二三"}),
        (line(99, "I see."), {}),
        ('{"id": ' * 5000, {}),
        ("", {}),
    ],
)
def test_only_what_is_surely_of_a_line_is_believed(answer: str, believed: dict[int, str]) -> None:
    assert prompt.understood(answer, ROWS, "zh") == believed


@given(st.text(alphabet='{}[]":,idtexof1234\\n \n`一', max_size=300))
def test_rubbish_is_no_answer_and_no_failure(answer: str) -> None:
    found = prompt.understood(answer, ROWS, "zh")
    assert set(found) <= {1, 2, 3, 4}
    assert all(found.values())
    text = prompt.understood_one(answer, ROWS[1], "zh")
    assert text is None or (text and "\n" not in text)


@pytest.mark.parametrize("answer", ['"text": "一', "{", "", "one\ntwo", "```\n```", "…", "说" * 500, '[1, "'])
def test_plain_answers_that_are_none(answer: str) -> None:
    assert prompt.understood_one(answer, Row(1, "I go now."), "zh") is None


@pytest.mark.parametrize(
    "answer", ["我走了。", " 我走了。\n", "```\n我走了。\n```", "```text\n我走了。\n```"]
)
def test_plain_answers(answer: str) -> None:
    assert prompt.understood_one(answer, Row(1, "I go now."), "zh") == "我走了。"


def test_the_request_names_languages_terms_and_context() -> None:
    system, user = prompt.of_rows(
        [ROWS[0], Row(None, "Well,", "好,"), ROWS[1]], Errand("auto", "zh-TW", {}), {"a": "b"}
    )
    assert "into Chinese (traditional characters, as in Taiwan)" in system["content"]
    assert "from the language they are in" in system["content"]
    assert '{"a": "b"}' in system["content"]
    assert user["content"].splitlines() == [
        '{"context": "I see."}',
        '{"context": "Well,", "translation": "好,"}',
        '{"id": 1, "text": "I go now."}',
    ]


def test_every_language_of_the_api_has_a_name() -> None:
    enums = facts.read("enums")
    codes = {*enums["TranslateDstLanguage"], *enums["VideoSrcLanguage.asr"], *enums["VideoSrcLanguage.ocr"]}
    codes |= set(enums["EraseSubtitle.TransDstLang"])
    assert [code for code in codes - languages.UNTOLD if languages.base(code) not in languages.NAMES] == []
    assert languages.name("es-MX") == "Spanish (MX)"
    assert languages.name("pt-BR") == "Brazilian Portuguese"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("zh", "zh", True),
        ("zh_dialect", "zh", True),
        ("zh", "zh-TW", False),
        ("zh_en", "zh", False),
        ("en-US", "en", True),
        ("pt-BR", "pt-PT", False),
        ("iw", "he", True),
        ("yue", "zh", False),
        ("en", "de", False),
    ],
)
def test_when_there_is_nothing_to_translate(one: str, other: str, same: bool) -> None:
    assert languages.same(one, other) is same


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("今日はいい天気ですね", "ja"),
        ("今天天气很好", "zh"),
        ("오늘 날씨가 좋다 OK", "ko"),
        ("Καλημέρα", "el"),
        ("42 …", None),
    ],
)
def test_a_script_tells_its_language(text: str, code: str | None) -> None:
    assert language_of([text]) == code


@pytest.mark.parametrize(
    ("text", "target", "line"),
    [
        ("a\n  b\u2028c\x07d", "de", "a b c d"),
        ("你好,\n世界", "zh", "你好,世界"),
        ("用 Word 写", "zh", "用Word写"),
        ("A\nB", "ja", "A B"),
    ],
)
def test_a_translation_is_one_line(text: str, target: str, line: str) -> None:
    assert one_line(text, target) == line
