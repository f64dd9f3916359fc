"""`openvod models pull zh`: fetched from a real server, checked, resumed, or refused."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from openvod.cli import model_recipes
from openvod.cli.model_recipes import Source
from openvod.cli.models import command
from openvod.engines import recipes
from openvod.engines.catalog import ModelError
from openvod.engines.recipes import Download, Recipe, Sum
from openvod.outbound import Policy
from tests.worker.origin import Ask, Origin, drop
from tests.worker.origin import origin as served

HERE = Source(policy=Policy(loopback_allowed=True))
BODY = bytes(range(256)) * 400
RECIPE = replace(recipes.find("whisper"), id="tiny", folder="tiny-model", module="json")


def of(origin: Origin, body: bytes = BODY, recipe: Recipe = RECIPE) -> Recipe:
    origin.body = body
    download = Download(origin.url("/model.bin"), len(body), hashlib.sha256(body).hexdigest(), Sum.OTHERS)
    return replace(recipe, downloads=(download,))


def gone(ask: Ask) -> None:
    ask.send_error(404)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_model_comes_whole(tmp_path: Path) -> None:
    said: list[str] = []
    with served(BODY) as origin:
        model_recipes.fetch(of(origin), tmp_path, HERE, said.append)
        model_recipes.fetch(of(origin), tmp_path, HERE, said.append)
        assert len(origin.asked) == 1
    assert names(tmp_path) == ["tiny-model/model.bin"]
    assert (tmp_path / "tiny-model" / "model.bin").read_bytes() == BODY
    assert "licence: MIT" in said[0]
    assert "present" in said[-1]


def test_what_came_is_not_fetched_again(tmp_path: Path) -> None:
    with served(BODY) as origin:
        recipe = of(origin)
        origin.breaches = [drop(70_000), gone]
        with pytest.raises(ModelError, match=r"404.*the same command goes on"):
            model_recipes.fetch(recipe, tmp_path, HERE, print)
        assert not (tmp_path / "tiny-model").exists()
        model_recipes.fetch(recipe, tmp_path, HERE, print)
        assert origin.asked[-1]["Range"] == "bytes=70000-"
    assert (tmp_path / "tiny-model" / "model.bin").read_bytes() == BODY


@pytest.mark.parametrize("other", [BODY[:-1], BODY[:-1] + b"!"], ids=["truncated", "another"])
def test_another_file_is_thrown_away(other: bytes, tmp_path: Path) -> None:
    with served(BODY) as origin:
        recipe = of(origin)
        origin.body = other
        with pytest.raises(ModelError, match="not the expected file"):
            model_recipes.fetch(recipe, tmp_path, HERE, print)
        assert names(tmp_path) == []
        origin.body = BODY
        model_recipes.fetch(recipe, tmp_path, HERE, print)
    assert names(tmp_path) == ["tiny-model/model.bin"]


def test_a_larger_file_is_not_fetched_to_its_end(tmp_path: Path) -> None:
    with served(BODY) as origin:
        recipe = of(origin)
        origin.body = BODY * 10
        with pytest.raises(ModelError, match="larger"):
            model_recipes.fetch(recipe, tmp_path, HERE, print)
        assert len(origin.asked) == 1
    assert not (tmp_path / "tiny-model").exists()


def test_an_address_inside_is_not_called(tmp_path: Path) -> None:
    with served(BODY) as origin, pytest.raises(ModelError, match="not public"):
        model_recipes.fetch(of(origin), tmp_path, Source(), print)
    assert origin.asked == []


def test_a_mirror_stands_in_for_the_hub(tmp_path: Path) -> None:
    with served(BODY) as origin:
        (download,) = of(origin).downloads
        hub = replace(RECIPE, downloads=(replace(download, url=f"{recipes.HUB}/a/b/model.bin"),))
        model_recipes.fetch(hub, tmp_path, Source(origin.url("/")), print)
        assert origin.asked[0][":path"] == "/a/b/model.bin"
    assert names(tmp_path) == ["tiny-model/model.bin"]


def test_files_that_were_fetched_otherwise_are_checked_as_well(tmp_path: Path) -> None:
    fetched, models = tmp_path / "fetched", tmp_path / "models"
    fetched.mkdir()
    download = Download("https://host/model.bin", len(BODY), hashlib.sha256(BODY).hexdigest(), Sum.OTHERS)
    recipe, source = replace(RECIPE, downloads=(download,)), Source(folder=fetched)
    with pytest.raises(ModelError, match="fetch it from https://host/"):
        model_recipes.fetch(recipe, models, source, print)
    (fetched / "model.bin").write_bytes(BODY[::-1])
    with pytest.raises(ModelError, match="sha256"):
        model_recipes.fetch(recipe, models, source, print)
    (fetched / "model.bin").write_bytes(BODY)
    model_recipes.fetch(recipe, models, source, print)
    assert names(models) == ["tiny-model/model.bin"]
    assert names(fetched) == ["model.bin"]


class TestCommand:
    def pull(self, *words: str | Path) -> tuple[int, str]:
        result = CliRunner().invoke(command, ["pull", *map(str, words)])
        return result.exit_code, result.output

    def test_a_name_of_a_recipe_is_taken(self, tmp_path: Path) -> None:
        (tmp_path / "model.int8.onnx").write_bytes(b"no model")
        code, said = self.pull("zh", "--from", tmp_path, "--folder", tmp_path / "models")
        assert code == 1
        assert "FunASR Model Open Source License" in said
        assert "8 bytes instead of 239233841" in said

    def test_an_unknown_name_is_not(self, tmp_path: Path) -> None:
        code, said = self.pull("klingon", "--folder", tmp_path)
        assert code == 1
        assert "klingon" in said

    def test_a_mirror_is_an_address(self, tmp_path: Path) -> None:
        code, said = self.pull("zh", "--mirror", "hf-mirror.com", "--folder", tmp_path)
        assert code == 1
        assert "https://hf-mirror.com" in said

    def test_translation_models_are_listed(self, tmp_path: Path) -> None:
        place = tmp_path / "translate-zh_en-1_9"
        (place / "model").mkdir(parents=True)
        (place / "model" / "model.bin").write_bytes(b"")
        (place / "sentencepiece.model").write_bytes(b"")
        (place / "metadata.json").write_text('{"from_code": "zh", "to_code": "en", "package_version": "1.9"}')
        listed = CliRunner().invoke(command, ["list", "--folder", str(tmp_path)])
        assert "translate-zh_en-1_9 1.9: translation, zh to en" in listed.output
