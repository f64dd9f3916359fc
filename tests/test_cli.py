"""What the command line says when the operator can put something right: one line, never a traceback."""

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from openvod.cli import demo, main
from openvod.cli.serve import _greet
from openvod.core.settings import Settings


def run(*words: str | Path, **env: str) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], env=env)


def refused(result: Result) -> str:
    """The one line of a refusal."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in {1, 2}
    return result.output.splitlines()[-1]


@pytest.mark.parametrize("words", [("accounts", "list"), ("keys", "list"), ("serve", "--port", "0")])
def test_a_data_folder_that_is_a_file(tmp_path: Path, words: tuple[str, ...]) -> None:
    taken = tmp_path / "file"
    taken.touch()
    assert refused(run(*words, "--data", taken)) == f"Error: {taken}: File exists"


def test_doctor_goes_on_after_a_data_folder_it_cannot_use(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.touch()
    result = run("doctor", "--data", taken)
    assert f"MISSING  data folder {taken}: {taken}: File exists" in result.output
    assert "media processes" in result.output
    assert result.exit_code == 1


def test_settings_that_cannot_be_read(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text('port = "x')
    data = ("--data", tmp_path / "data")
    assert "Unterminated string" in refused(run("accounts", "list", *data, "--config", broken))
    assert "No such file" in refused(
        run("accounts", "list", *data, OPENVOD_CONFIG=str(tmp_path / "none.toml"))
    )
    assert "Is a directory" in refused(run("accounts", "list", *data, "--config", tmp_path))


def test_a_database_that_cannot_be_used(tmp_path: Path) -> None:
    answer = run("accounts", "list", "--data", tmp_path / "data", OPENVOD_DATABASE_URL="nonsense")
    assert refused(answer).startswith("Error: the database cannot be used: ")
    assert "nonsense" not in answer.output  # a URL may hold a password


def test_numbers_out_of_range(tmp_path: Path) -> None:
    data = ("--data", tmp_path / "data")
    assert "a SubAppId is 1 to" in refused(run("accounts", "create", "x", "--sub-app", "-1", *data))
    assert "a SubAppId is 1 to" in refused(run("upload", __file__, "--sub-app", "0", *data))
    assert "99999" in refused(run("serve", "--port", "99999", *data))
    assert "a port is 0 to 65535" in refused(run("serve", *data, OPENVOD_PORT="99999"))
    assert not (tmp_path / "data" / "workflows.db").exists()


@pytest.mark.needs("openssl")
def test_certificates_that_cannot_be_used(tmp_path: Path) -> None:
    data = ("--data", tmp_path / "data")
    cert, key, other, locked = (tmp_path / name for name in ("cert", "key", "other", "locked"))
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 2 -subj /CN=x"
    for made, more in ((locked, ["-passout", "pass:secret"]), (other, ["-nodes"]), (key, ["-nodes"])):
        command = [*make.split(), "-out", cert, "-keyout", made, *more]
        subprocess.run(command, check=True, capture_output=True)
    for words, told in (
        (("--tls-cert", cert), "one of them is missing"),
        (("--tls-key", key), "one of them is missing"),
        (("--tls-cert", tmp_path / "none", "--tls-key", key), "tls_cert: "),
        (("--tls-cert", cert, "--tls-key", tmp_path), "tls_key: "),
        (("--tls-cert", cert, "--tls-key", other), "KEY_VALUES_MISMATCH"),
        (("--tls-cert", cert, "--tls-key", locked), "cannot be used"),
        (("--tls-cert", __file__, "--tls-key", key), "cannot be used"),
    ):
        line = refused(run("serve", "--port", "0", *words, *data))
        assert line.startswith("Error: ")
        assert told in line
    assert "a port is 0 to 65535" in refused(
        run("serve", "--port", "0", "--tls-cert", cert, "--tls-key", key, *data, OPENVOD_TLS_PORT="99999")
    )
    assert not (tmp_path / "data").exists()


def test_a_head_s_time_that_makes_no_sense(tmp_path: Path) -> None:
    answer = run("serve", "--port", "0", "--data", tmp_path / "data", OPENVOD_HEAD_SECONDS="0")
    assert refused(answer) == "Error: head_seconds must be more than 0 and at most 3600"


@pytest.mark.parametrize("given,told", [("", True), ("of my own", False)])
def test_a_later_start_says_where_the_key_is(
    tmp_path: Path, given: str, told: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    first = SimpleNamespace(secret_id="AKID", secret_key="secret", sub_app_id=1, made=False)
    settings = Settings(data=tmp_path, public_url="http://127.0.0.1:9", secret_key=given)
    _greet(settings, SimpleNamespace(first=first))  # type: ignore[arg-type]
    said = capsys.readouterr().out
    assert (f"SecretKey in {tmp_path / 'credentials.toml'}" in said) == told
    assert "secret " not in said


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_the_demo_reaches_its_server_past_a_proxy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://proxy.example:3128")
    demo._reach_directly()
    assert name not in os.environ
