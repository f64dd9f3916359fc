"""What `openvod models pull` unpacks is a model that hears."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from openvod.cli import model_recipes
from openvod.cli.model_recipes import Source
from openvod.core.asking import nobody
from openvod.engines import recipes
from openvod.engines.recipes import Download, Sum
from openvod.engines.recognisers import Wanted, choosing, codes, finding
from openvod.outbound import Policy
from tests.engines.recognisers import tiny_vosk
from tests.engines.recognisers.conftest import noise
from tests.worker.origin import origin as served


@pytest.mark.library("vosk")
def test_a_fetched_archive_is_a_model_that_hears(tmp_path: Path) -> None:
    tiny_vosk.vosk(tmp_path / "made" / "vosk-model-small-cn-0.22", ["你好"])
    archive = Path(shutil.make_archive(str(tmp_path / "vosk"), "zip", tmp_path / "made")).read_bytes()
    models = tmp_path / "models"
    with served(archive) as origin:
        download = Download(
            origin.url("/model.zip"), len(archive), hashlib.sha256(archive).hexdigest(), Sum.OTHERS
        )
        recipe = replace(recipes.find("vosk-zh"), downloads=(download,))
        source = Source(policy=Policy(loopback_allowed=True))
        model_recipes.fetch(recipe, models, source, print)
    (found,) = finding.find(models)
    engine = choosing.load(found, nobody, tmp_path)
    assert [each.text for each in engine.hear(noise(1), Wanted(codes.language("zh")))] == ["你好"]
