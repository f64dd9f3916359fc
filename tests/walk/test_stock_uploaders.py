"""The stock upload SDKs, whose addresses nobody can set: by their own names, over TLS, redirected outside of them.

The scripts in tests/clients are what a user would write; what stands in for DNS is loaded into their processes.
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import clips
from tests.clients.redirection import Redirected, by_node, by_python, came, start_redirected
from tests.conftest import stop_server

pytestmark = pytest.mark.needs("openssl")


@pytest.fixture(scope="module")
def redirected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redirected]:
    running = start_redirected(tmp_path_factory.mktemp("tls"), "--workers", "0")
    yield running
    assert stop_server(running.server) == 0


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More than 1 MiB: the SDKs send it in parts."""
    return clips.audio(tmp_path_factory.mktemp("sound") / "sound.wav", clips.sine(20))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.video(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=1)


@pytest.fixture(scope="module")
def cover(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.picture(tmp_path_factory.mktemp("cover") / "cover.png", codec="png")


def test_the_python_sdk_uploads_a_small_file_with_a_cover(
    redirected: Redirected, clip: Path, cover: Path
) -> None:
    basic = came(redirected, by_python(redirected, clip, cover), clip)
    assert httpx.get(basic["CoverUrl"]).content == cover.read_bytes()


def test_the_python_sdk_uploads_a_file_in_parts(redirected: Redirected, sound: Path) -> None:
    assert came(redirected, by_python(redirected, sound), sound)["Name"] == "sound"


@pytest.mark.needs("node")
@pytest.mark.needs("vod-node-sdk")
def test_the_node_sdk_uploads_a_file_in_parts_with_a_cover(
    redirected: Redirected, sound: Path, cover: Path
) -> None:
    basic = came(redirected, by_node(redirected, sound, cover), sound)
    assert httpx.get(basic["CoverUrl"]).content == cover.read_bytes()


@pytest.mark.needs("node")
@pytest.mark.needs("vod-node-sdk")
def test_the_node_sdk_uploads_a_small_file(redirected: Redirected, clip: Path) -> None:
    came(redirected, by_node(redirected, clip), clip)


def test_both_listeners_are_one_server(redirected: Redirected) -> None:
    with httpx.Client(verify=False) as http:
        secure = http.get(f"https://{redirected.tls}/healthz")
        assert secure.json() == http.get(f"{redirected.server.url}/healthz").json()
        assert http.get(f"https://{redirected.tls}/").headers["location"] == "/console"
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://{redirected.tls}/healthz")
