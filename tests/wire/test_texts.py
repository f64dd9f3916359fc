"""A client that asks for Chinese reads Chinese, one that asks for English reads English: in the tables and in what fills them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import openvod
from openvod.core import facts, jsontext, spec
from openvod.core.errors import ApiError, Fault, TaskFault
from openvod.core.texts import Text
from openvod.edge import multipart
from openvod.outbound.faults import Failed, Refused

SPEC = spec.load()
SOURCE = Path(openvod.__file__).parent
TABLES: list[type[Fault]] = [ApiError, TaskFault, Refused, Failed]
CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
QUOTED = re.compile(r"`[^`]*`|\{\w+\}")
WORD = re.compile(r"[A-Za-z][A-Za-z-]*")
CAMEL = re.compile(r"[a-z][A-Z]")
PROSE = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b")
FIELDS = {name for type_name in facts.read("vod")["types"] for name in SPEC.fields(type_name)}
NAMES = {
    *FIELDS,
    *(
        "Authorization",
        "Credential",
        "GET",
        "GIF",
        "HMAC-SHA",
        "HTTP",
        "Host",
        "ISO",
        "JPEG",
        "JSON",
        "MB",
        "NUL",
    ),
    *(
        "ModifyEventConfig",
        "PNG",
        "POST",
        "RFC",
        "SignedHeaders",
        "TLS",
        "URL",
        "UTF",
        "Unicode",
        "Unix",
        "WebVTT",
    ),
    *(
        "Base",
        "PULL",
        "PUSH",
        "RequestId",
        "T",
        "Z",
        "content-type",
        "en",
        "en-US",
        "host",
        "http",
        "https",
        "xFFFFFF",
        "zh",
    ),
}
"""What is called the same in both languages."""


def foreign(chinese: str) -> list[str]:
    """English words in a Chinese text, other than names."""
    words = (word.strip("-") for word in WORD.findall(QUOTED.sub("", chinese)))
    return [word for word in words if word not in NAMES and not CAMEL.search(word)]


@pytest.mark.parametrize("table", TABLES, ids=lambda kind: kind.__name__)
def test_every_text_is_wholly_in_its_language(table: type[Fault]) -> None:
    for key, text in table.table.items():
        assert not CJK.search(text.en), key
        assert not foreign(text.zh), (key, foreign(text.zh))
        assert text.zh == "{reason}" or CJK.search(text.zh), key
        assert sorted(re.findall(r"\{\w+\}", text.en)) == sorted(re.findall(r"\{\w+\}", text.zh)), key


def _prose(node: ast.expr) -> bool:
    parts = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
    return any(isinstance(part, str) and PROSE.search(part) for part in parts)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text"


def test_no_error_is_given_words_of_one_language() -> None:
    """Words go into an error as a Text, which has both; everything else is a name, a number or the client's own value."""
    calls = 0
    for file in SOURCE.rglob("*.py"):
        for call in _calls(file, {"ApiError", "TaskFault", "add", "file", "_only_with", "_missing"}):
            calls += 1
            for given in [*call.args[1:], *(keyword.value for keyword in call.keywords)]:
                assert _is_text(given) or not _prose(given), (file.name, call.lineno, ast.unparse(given))
    assert calls > 100


def test_texts_of_the_source_are_in_their_languages() -> None:
    """Those that are written out where they are needed; what they fill in is no words."""
    found = 0
    for file in SOURCE.rglob("*.py"):
        for call in _calls(file, {"Text", "NotJson", "Malformed"}):
            if len(call.args) == 2 and (zh := _spelled(call.args[1])):
                assert not CJK.search(_spelled(call.args[0])), (file.name, call.lineno)
                assert not foreign(zh), (file.name, call.lineno, foreign(zh))
                found += 1
    assert found > 150


def _calls(file: Path, names: set[str]) -> Iterator[ast.Call]:
    """The calls of functions of these names, in modules that know of texts or errors."""
    source = file.read_text()
    if "openvod.core.texts" in source or "openvod.core.errors" in source:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in names:
                yield node


def _spelled(node: ast.expr) -> str:
    """A literal's text, with what is filled in left out."""
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "`…`"
        for part in (node.values if isinstance(node, ast.JoinedStr) else [node])
    )


WRONG: list[Any] = [
    0,
    -1,
    10**30,
    1.5,
    float("nan"),
    "",
    "\0",
    "\ud800",
    "啊" * 5000,
    True,
    [],
    ["x"] * 200,
    {},
    {"x": 1},
]


def _refusals(action: str) -> Iterator[ApiError]:
    for field in SPEC.fields(f"{action}Request"):
        for value in WRONG:
            try:
                SPEC.check_request(action, {field: value})
            except ApiError as error:
                yield error


@pytest.mark.parametrize("action", sorted(SPEC.offered))
def test_every_refusal_of_a_value_reads_in_both_languages(action: str) -> None:
    refusals = list(_refusals(action))
    assert refusals
    for error in refusals:
        assert not CJK.search(error.en.replace("啊", "")), error.en
        assert not foreign(error.zh), error.zh


@pytest.mark.parametrize(
    "text", ["{", "NaN", "[" * 100_000, "9" * 5000, "[]", '{"a" 1}', ""], ids=lambda text: text[:8] or "empty"
)
def test_why_a_text_is_no_json_reads_in_both_languages(text: str) -> None:
    with pytest.raises(jsontext.NotJson) as caught:
        jsontext.parse_object(text)
    assert not CJK.search(caught.value.text.en)
    assert not foreign(caught.value.text.zh)


def test_a_text_inside_a_text_is_said_in_the_language_of_the_whole() -> None:
    error = ApiError("InvalidRequest", reason=Text("broken {it}", "坏了 {it}"))
    assert (error.message("en-US"), error.message("zh-CN")) == (
        "The request body is malformed: broken {it}.",
        "请求体格式不正确:坏了 {it}。",
    )


def test_why_a_form_is_malformed_reads_in_both_languages() -> None:
    with pytest.raises(multipart.Malformed) as caught:
        multipart.parse("multipart/form-data; boundary=b", b"x")
    assert (caught.value.text.en[:9], foreign(caught.value.text.zh)) == ("the parts", [])
