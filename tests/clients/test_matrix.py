"""The matrix itself: that it can fail, at every place where a client could."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from openvod.core.errors import ApiError
from tests.clients import matrix, roster, steps
from tests.clients.asking import Call, Refusal, spoken_to
from tests.clients.matrix import Cell, Row, passed
from tests.clients.steps import PROBES, Walk

OK, BAD = Cell("ok"), Cell("failed", "why")


def walk(ask: Any, sends_anything: bool = True) -> Walk:
    """A client that asks nobody."""
    server: Any = type("Absent", (), {"secret_id": "id", "secret_key": "key"})
    return Walk(server, Path(), ask, "Error", sends_anything)


def refusing(call: Call) -> dict[str, Any]:
    """As the documentation says."""
    for probe in PROBES:
        if steps.probe_call(probe, {"secret_id": "id", "secret_key": "key"}) == call:
            raise Refusal("Error", probe["code"], "text", "id")
    raise AssertionError(call)


def test_one_failed_step_fails_the_matrix() -> None:
    assert passed([Row("a", {"x": OK}), Row("b", {"x": OK})], require_all=True)
    assert not passed([Row("a", {"x": OK}), Row("b", {"x": BAD, "y": OK})], require_all=False)


def test_what_is_not_installed_fails_it_only_when_all_is_required() -> None:
    rows = [Row("a", {"x": OK}), Row("b", {}, "install node")]
    assert passed(rows, require_all=False)
    assert not passed(rows, require_all=True)
    assert not passed(rows[1:], require_all=False), "a matrix in which nothing ran shows nothing"


def test_what_is_shown() -> None:
    how = Cell("ok", "how")
    text = list(
        matrix.shown([Row("a", {"x": how, "y": BAD}), Row("b", {}, "install node"), Row("c", {"x": how})])
    )
    assert [line.split() for line in text] == [
        ["x", "y"],
        ["a", "ok", "failed"],
        ["b", "not", "run:", "install", "node"],
        ["c", "ok", "-"],
        ["a,", "y:", "why"],
        ["x:", "how", "(2", "of", "2", "clients)"],
    ]


def test_a_step_that_raises_says_why() -> None:
    def broken() -> None:
        assert 1 == 2

    cell = matrix.tried(broken)
    assert (cell.state, cell.remark) == ("failed", "AssertionError: assert 1 == 2")
    assert matrix.tried(lambda: "remark").remark == "remark"


def test_a_client_that_dies_fails_its_steps_and_not_the_matrix() -> None:
    call = steps.probe_call(PROBES[0], {"secret_id": "id", "secret_key": "key"})
    with spoken_to(sys.executable, "-c", "raise SystemExit('no such SDK')")("") as ask:
        for _ in range(2):
            with pytest.raises(Refusal, match=r"it ended.*no such SDK"):
                ask(call)


def test_what_to_install_is_named(tmp_path: Path) -> None:
    assert roster.missing(("sh", tmp_path)) == ""
    assert roster.missing(("no-such-program", tmp_path / "x")) == "install no-such-program"
    assert roster.missing((tmp_path / "x",)) == f"{tmp_path / 'x'} is absent; run `make test-clients`"


def test_there_are_twenty_probes_that_every_client_can_send() -> None:
    typed = [probe for probe in PROBES if probe.get("typed", True)]
    assert len(typed) >= 20
    assert len({probe["name"] for probe in PROBES}) == len(PROBES)
    codes = {key.partition("/")[0] for key in ApiError.table}
    assert {probe["code"] for probe in PROBES} <= codes


@pytest.mark.parametrize("anything, count", [(True, len(PROBES)), (False, len(PROBES) - 2)])
def test_probes_that_are_refused_as_documented(anything: bool, count: int) -> None:
    assert steps.errors(walk(refusing, anything)) == f"{count} of {count}"


@pytest.mark.parametrize(
    "refusal, said",
    [
        (Refusal("Error", "InternalError", "text", "id"), "Error InternalError instead of Error "),
        (Refusal("Other", PROBES[0]["code"], "text", "id"), f"Other {PROBES[0]['code']} instead of Error "),
        (Refusal("Error", PROBES[0]["code"], "text", ""), "without a RequestId"),
        (None, "no error instead of Error "),
    ],
)
def test_one_probe_that_comes_otherwise_fails_the_step(refusal: Refusal | None, said: str) -> None:
    first = steps.probe_call(PROBES[0], {"secret_id": "id", "secret_key": "key"})

    def ask(call: Call) -> dict[str, Any]:
        if call != first:
            return refusing(call)
        if refusal is not None:
            raise refusal
        return {}

    with pytest.raises(AssertionError, match=PROBES[0]["name"]) as failed:
        steps.errors(walk(ask))
    assert said in str(failed.value)
    assert str(failed.value).count("instead of") == 1


def row(**changes: Any) -> dict[str, Any]:
    message = "InvalidInput.ConfigurationUnsupported: this server does not offer it yet"
    return {"Status": "FAIL", "ErrCode": "40000", "Message": message, "Output": {}, **changes}


def test_an_erasure_may_fail_for_a_documented_reason() -> None:
    assert steps.check_erased(row()) == "FAIL InvalidInput.ConfigurationUnsupported"


def test_an_erasure_may_succeed(tmp_path: Path) -> None:
    video = tmp_path / "erased.mp4"
    video.write_bytes(b"\0\0\0\x20ftypisom")
    files = [{"FileType": "SmartErase.Video", "Url": video.as_uri()}]
    done = row(Status="SUCCESS", ErrCode="0", Message="SUCCESS", Output={"OutputFiles": files})
    assert steps.check_erased(done) == "SUCCESS"
    video.write_bytes(b"<html></html>")
    with pytest.raises(AssertionError, match="no MP4"):
        steps.check_erased(done)


@pytest.mark.parametrize(
    "changes",
    [
        {"ErrCode": "70000"},
        {"ErrCode": "0"},
        {"Message": ""},
        {"Message": "InvalidInput.ConfigurationUnsupported: "},
        {"Message": "SomethingElse: it did not work"},
        {"Status": "PROCESSING"},
    ],
)
def test_an_erasure_may_not_fail_otherwise(changes: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        steps.check_erased(row(**changes))


def test_the_node_lock_names_no_place() -> None:
    lock = json.loads((Path(__file__).parent / "node" / "package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert all("resolved" not in package and package["integrity"] for package in packages)
