"""Translation where it runs in earnest: in a media process without network, whose questions the worker answers."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from openvod.core.asking import Ask, nobody
from openvod.core.models import Json
from openvod.media import sandbox
from tests.engines.translation import tiny_models
from tests.stand_in import Caller, standing_in, translated, translator

LIMITS = sandbox.Limits(wall_seconds=60, cpu_seconds=30)


def run(folder: Path, text: str, ask: Ask, options: Json) -> tuple[Json, str]:
    """The outcome, and the text of the file it made."""
    source, models, job = folder / "source", folder / "models", folder / "job"
    source.write_text(text, encoding="utf-8")
    models.mkdir(exist_ok=True)
    argument: Json = {
        "type": "SmartSubtitle.PureSubtitleTransTask",
        "stage": "plan",
        "source": str(source),
        "facts": {"kind": "subtitle"},
        "options": {"SubtitleType": 1, "SubtitleFormat": "original", **options},
        "models": str(models),
        "settings": {"cue_profile": "netflix"},
    }
    target = "openvod.tasks:run_stage"
    answer = sandbox.call(target, argument, job, LIMITS, readable=[source, models, *_libraries()], ask=ask)
    outcome: Json = answer["outcome"]
    return outcome, (job / outcome["files"][0]["name"]).read_text(encoding="utf-8")


def _libraries() -> list[Path]:
    """Where the optional libraries are, should that be another place than everything else."""
    found = find_spec("ctranslate2")
    return [Path(found.origin).parents[1]] if found and found.origin else []


def test_an_endpoint_is_asked_through_the_worker(tmp_path: Path) -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<i>Hello there.</i>\n"
    with standing_in(translator(0, [])) as endpoint:
        ask = Caller(endpoint.url)
        options = {"VideoSrcLanguage": "en", "TranslateDstLanguage": "zh"}
        outcome, written = run(tmp_path, text, ask, options)
        assert len(endpoint.calls) == 1
        assert run(tmp_path, text, ask, options) == (outcome, written)
        assert len(endpoint.calls) == 1
    assert written == text.replace("Hello there.", translated("Hello there."))
    assert outcome["output"]["SubtitleResults"][0]["Status"] == "Success"


@pytest.mark.needs("ctranslate2")
def test_a_model_is_run_without_any_rights(tmp_path: Path) -> None:
    tiny_models.argos(tmp_path / "models" / "de_en", {"eins": "one", "zwei": "two"}, ("de", "en"))
    text = "1\n00:00:01,000 --> 00:00:02,000\nzwei\n"
    options = {"VideoSrcLanguage": "de", "TranslateDstLanguage": "en"}
    outcome, written = run(tmp_path, text, nobody, options)
    assert written == text.replace("zwei", "two")
    assert outcome["engine"].startswith("de_en 1.9 (")
