"""Settings: what wins over what, and which mistakes are told."""

from pathlib import Path

import pytest

from openvod.core.settings import SettingError, Settings, without_secrets


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    file = tmp_path / "openvod.toml"
    file.write_text('host = "a"\nport = 1\nword_times = false\n')
    env = {"OPENVOD_CONFIG": str(file), "OPENVOD_PORT": "2", "OPENVOD_DATA": "/d"}
    settings = Settings.read(env=env, host="c", data=None)
    assert (settings.host, settings.port, settings.word_times, settings.data) == ("c", 2, False, Path("/d"))
    assert Settings.read(env={}).port == 9000


@pytest.mark.parametrize(
    "env",
    [
        {"OPENVOD_PORT": "x"},
        {"OPENVOD_WORKERS": "-1"},
        {"OPENVOD_NO_AUTH": "perhaps"},
        {"OPENVOD_LINK_SECONDS": "-5"},
    ],
)
def test_a_wrong_value_is_told_by_name(env: dict[str, str]) -> None:
    (name,) = env
    with pytest.raises(SettingError, match=name.removeprefix("OPENVOD_").lower()):
        Settings.read(env=env)


@pytest.mark.parametrize("text", ["port = true", "nonsense = 1"])
def test_a_wrong_file_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(SettingError):
        Settings.read(tmp_path / "x.toml", env={})


def test_children_see_no_secrets() -> None:
    env = {"OPENVOD_SECRET_ID": "a", "OPENVOD_SECRET_KEY": "b", "OPENVOD_DATA": "d", "PATH": "p"}
    assert without_secrets(env) == {"OPENVOD_DATA": "d", "PATH": "p"}
