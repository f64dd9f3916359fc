"""Models of the model folder: found by their files, loaded, led through English, and refused where they do not fit."""

from pathlib import Path

import pytest

from openvod.core import asking
from openvod.core.errors import TaskFault
from openvod.engines.translation import Errand, Line, Translated, local, local_models, translate
from openvod.engines.translation.local_models import Model
from tests.engines.translation import tiny_models
from tests.stand_in import Caller, standing_in, translator

NUMBERS = {"eins": "one", "zwei": "two", "drei": "three"}
LINES = [Line(5, "zwei"), Line(2, "eins"), Line(9, "drei"), Line(7, "eins")]


def run(models: Path, source: str = "de", target: str = "en") -> Translated:
    return translate(LINES, Errand(source, target, {}), asking.nobody, models)


@pytest.mark.needs("ctranslate2")
def test_an_argos_package_translates_each_line(tmp_path: Path) -> None:
    tiny_models.argos(tmp_path / "translate-de_en", NUMBERS, ("de", "en"))
    done = run(tmp_path)
    assert done.texts == {5: "two", 2: "one", 9: "three", 7: "one"}
    assert done.kept == ()
    assert done.engine.startswith("translate-de_en 1.9 (")
    assert run(tmp_path, "de-DE").texts == done.texts


@pytest.mark.needs("ctranslate2")
def test_a_marian_model_is_known_by_its_folder_and_told_where_lines_end(tmp_path: Path) -> None:
    tiny_models.opus(tmp_path / "mine" / "opus-mt-de-en", NUMBERS)
    assert run(tmp_path).texts == {5: "two", 2: "one", 9: "three", 7: "one"}
    with pytest.raises(TaskFault, match="English into German"):
        run(tmp_path, "en", "de")


@pytest.mark.needs("ctranslate2")
def test_a_marian_model_of_several_languages_is_told_which_one(tmp_path: Path) -> None:
    words = {"one": "一", "two": "二", "three": "三"}
    place = tiny_models.opus(tmp_path / "opus-mt-en-zh", words, [">>cmn_Hans<<"])
    lines = [Line(1, "two"), Line(2, "three")]
    assert translate(lines, Errand("en", "zh", {}), asking.nobody, tmp_path).texts == {1: "二", 2: "三"}
    model = local_models.find(tmp_path)[0]
    assert model.weights == place
    assert model.tags_of("en", "zh-TW") is None  # simplified characters do not pass for traditional ones


@pytest.mark.needs("ctranslate2")
def test_a_model_of_many_languages_is_told_both(tmp_path: Path) -> None:
    tiny_models.nllb(tmp_path / "nllb-600m", NUMBERS, ["deu_Latn", "eng_Latn", "zho_Hans"])
    assert run(tmp_path).texts == {5: "two", 2: "one", 9: "three", 7: "one"}
    model = local_models.find(tmp_path)[0]
    assert model.tags_of("zh", "de") == ("zho_Hans", "deu_Latn")
    assert model.tags_of("zh-TW", "de") == ("zho_Hans", "deu_Latn")  # better read than not at all
    assert model.tags_of("zh", "zh-TW") is None
    assert model.tags_of("fr", "en") is None


@pytest.mark.needs("ctranslate2")
def test_two_models_meet_in_english(tmp_path: Path) -> None:
    tiny_models.argos(tmp_path / "a", NUMBERS, ("de", "en"))
    tiny_models.argos(tmp_path / "b", {"one": "un", "two": "deux", "three": "trois"}, ("en", "fr"))
    done = run(tmp_path, "de", "fr-CA")
    assert list(done.texts.values()) == ["deux", "un", "trois", "un"]
    assert " + " in done.engine
    with pytest.raises(TaskFault):
        run(tmp_path, "fr", "de")


@pytest.mark.needs("ctranslate2")
def test_another_model_in_the_same_folder_is_another_engine(tmp_path: Path) -> None:
    tiny_models.argos(tmp_path / "a", NUMBERS, ("de", "en"))
    before = run(tmp_path).engine
    tiny_models.argos(tmp_path / "a", NUMBERS | {"eins": "two"}, ("de", "en"))
    assert run(tmp_path).engine != before


@pytest.mark.needs("ctranslate2")
def test_broken_weights_are_told(tmp_path: Path) -> None:
    tiny_models.argos(tmp_path / "a", NUMBERS, ("de", "en"))
    (tmp_path / "a" / "model" / "model.bin").write_bytes(b"rubbish")
    with pytest.raises(TaskFault, match=r"translation model a 1\.9 cannot be loaded"):
        run(tmp_path)


@pytest.mark.needs("ctranslate2")
def test_an_endpoint_that_is_set_comes_first(tmp_path: Path) -> None:
    tiny_models.argos(tmp_path / "a", NUMBERS, ("de", "en"))
    with standing_in(translator(0, [])) as endpoint:
        done = translate(LINES, Errand("de", "en", {}), Caller(endpoint.url), tmp_path)
    assert done.engine.startswith("chat stand-in")


def laid(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"{}")
    return folder


def test_without_the_libraries_the_fault_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid(tmp_path, "opus-mt-de-en/model.bin", "opus-mt-de-en/source.spm", "opus-mt-de-en/target.spm")
    monkeypatch.setattr(local, "_LIBRARIES", ("no_such_library",))
    with pytest.raises(TaskFault, match=r"pip install openvod\[translation\]"):
        run(tmp_path)


def test_what_is_no_translation_model_is_none(tmp_path: Path) -> None:
    laid(
        tmp_path,
        "whisper/model.bin",
        "whisper/vocabulary.json",
        "argos/metadata.json",
        "argos/model/model.bin",
    )
    laid(tmp_path, "argos/sentencepiece.model", "half/source.spm", "half/model.bin")
    assert local_models.find(tmp_path) == []
    assert local_models.find(tmp_path / "nowhere") == []


def test_a_local_model_must_know_the_language(tmp_path: Path) -> None:
    with pytest.raises(TaskFault, match="VideoSrcLanguage"):
        translate([Line(1, "¿k?")], Errand("auto", "en", {}), asking.nobody, tmp_path)


def test_a_model_of_the_pair_comes_before_one_of_many(tmp_path: Path) -> None:
    def model(name: str, pair: tuple[str, str] | None, *tags: str) -> Model:
        return Model("opus" if pair else "nllb", name, tmp_path, tmp_path, tmp_path, pair, frozenset(tags))

    many = model("many", None, "deu_Latn", "eng_Latn", "fra_Latn")
    pair = model("pair", ("de", "en"))
    assert [step.model.name for step in local.find_way([many, pair], "de", "en")] == ["pair"]
    assert [step.model.name for step in local.find_way([many, pair], "de", "fr")] == ["many"]
    assert local.find_way([pair], "de", "fr") == ()
