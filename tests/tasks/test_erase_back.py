"""Subtitles are erased, and come back in another language where and as big as they were, in one pass."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openvod.core.errors import TaskFault
from openvod.core.settings import Settings
from openvod.engines.burn.style import Length, Style
from openvod.engines.erase import work
from openvod.engines.erase.back import Back, Drawn
from openvod.engines.erase.wanted import Wanted
from openvod.engines.erase.work import erase
from openvod.engines.ocr import Ocr, fit
from openvod.engines.translation import Translated
from openvod.engines.video import Media
from openvod.media import captions, inner_process
from openvod.media.glance import Glances
from openvod.media.probe import probe
from openvod.tasks import Job, Outcome, kind_of
from openvod.tasks.delogo import _asked
from tests import helpers_here
from tests.subtitled import Burned, film

SMALL = (320, 180)
HIGH = 60
"""Baseline of the subtitle: not where a style would put it."""


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Helpers are called in this process: starting processes takes long."""
    monkeypatch.setattr(inner_process, "call", helpers_here.call)
    monkeypatch.setattr(work, "PROCESSES", 1)


@pytest.fixture(scope="module")
def models() -> Path:
    return Settings.read().model_folder()


@pytest.fixture(scope="module")
def burned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(
        tmp_path_factory.mktemp("film") / "a.mp4", [Burned("The river was wide", 12, 36, y=HIGH)], 48, SMALL
    )


def swapped(texts: Sequence[str]) -> Sequence[str]:
    assert [text.replace(" ", "") for text in texts] == ["Theriverwaswide"]
    return ["Le fleuve est large"]


def silent(texts: Sequence[str]) -> Sequence[str]:
    raise TaskFault("InvalidInput.ConfigurationUnsupported/not-built", what="translation")


def outcome_of(job: Job, kind: str) -> Outcome:
    made = kind_of(kind)
    assert made is not None
    segments = json.loads(json.dumps(made.plan(job)))
    return made.join(job, [json.loads(json.dumps(made.run(job, segment))) for segment in segments])


def lines_at(path: Path, seconds: float, models: Path) -> list[tuple[float, float, str]]:
    """Middle, height and text of what can be read."""
    with Glances(path) as video:
        picture = video.at(seconds)
    assert picture is not None
    picture = np.ascontiguousarray(picture[..., ::-1])
    ocr, found = Ocr(models), []
    for box, _ in ocr.detect(picture, fit(SMALL, 320)):
        own = box.grown(4, SMALL)
        read = ocr.read(np.ascontiguousarray(picture[own.y0 : own.y1, own.x0 : own.x1]))
        if read.text and read.confidence > 0.5:
            found.append(((box.y0 + box.y1) / 2, float(box.height), read.text.replace(" ", "")))
    return found


@pytest.mark.needs("models")
@pytest.mark.parametrize("original", [True, False])
def test_a_translation_takes_the_place_of_what_was_erased(
    original: bool, burned: Path, models: Path, tmp_path: Path
) -> None:
    media = Media(
        burned, probe({"source": str(burned)}, lambda done: None), models, tmp_path, lambda done: None
    )
    style = Style(size=Length(0.12), y=Length(0.05))
    back = Back(swapped, drawn=Drawn(style, original_place=original, original_size=original))
    done = erase(media, Wanted(texts=True), back)
    assert done.left_out == ()
    assert [line[2] for line in done.translated] == ["Le fleuve est large"]
    (before,) = lines_at(burned, 1.0, models)
    (after,) = lines_at(tmp_path / "erased.mp4", 1.0, models)
    assert after[2] == "Lefleuveestlarge"
    if original:
        assert abs(after[0] - before[0]) < 6
        assert 0.7 < after[1] / before[1] < 1.4
    else:
        assert after[0] > 150
        assert after[1] > 1.2 * before[1]
    assert lines_at(tmp_path / "erased.mp4", 1.8, models) == []


@pytest.mark.needs("models")
def test_without_translation_the_erasure_stands_and_says_so(
    burned: Path, models: Path, tmp_path: Path
) -> None:
    media = Media(
        burned, probe({"source": str(burned)}, lambda done: None), models, tmp_path, lambda done: None
    )
    done = erase(media, Wanted(texts=True), Back(silent, drawn=Drawn(Style())))
    assert done.translated == ()
    assert done.erased == 1
    assert "translation" in done.left_out[0].en
    assert lines_at(tmp_path / "erased.mp4", 1.0, models) == []


@pytest.mark.needs("models")
def test_letters_without_a_font_leave_the_erasure_standing(
    burned: Path, models: Path, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "pp-ocr-v6-small").symlink_to(models / "pp-ocr-v6-small")
    facts = probe({"source": str(burned)}, lambda done: None)
    media = Media(burned, facts, tmp_path / "models", tmp_path, lambda done: None)
    done = erase(media, Wanted(texts=True), Back(lambda texts: ["河很宽"] * len(texts), drawn=Drawn(Style())))
    assert "noto-sans-cjk" in done.left_out[0].en
    assert lines_at(tmp_path / "erased.mp4", 1.0, models) == []


def job_of(source: Path, folder: Path, options: dict[str, Any], models: Path) -> Job:
    facts = probe({"source": str(source)}, lambda done: None)
    return Job(source, facts, options, folder, models, {}, lambda done: None)


OPTIONS = {
    "EraseType": "subtitle",
    "EraseSubtitleConfig": {
        "SubtitleEraseMethod": "auto",
        "SubtitleModel": "standard",
        "OcrSwitch": "ON",
        "TransSwitch": "ON",
        "TransDstLang": "fr",
        "SubtitleFormat": "srt",
        "SubtitleEmbedId": 4,
    },
    "SubtitleEmbedConfig": {
        "FontColor": "0xFFFFFF",
        "SubtitleOutlineConfig": {"SubtitleOutlineConfigSwitch": 1},
    },
}


@pytest.mark.needs("models")
def test_the_door_gives_the_video_and_both_subtitles(
    burned: Path, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openvod.engines.erase.back.translation.translate", _by_hand)
    made = outcome_of(job_of(burned, tmp_path, OPTIONS, models), "SmartErase")
    assert made.notice is None
    kinds = {each.file_type.rpartition(".")[2]: each.name for each in made.files}
    assert {"Video", "OriginSubtitle", "TranslateSubtitle"} <= set(kinds)
    cues = captions.parse((tmp_path / kinds["TranslateSubtitle"]).read_bytes()).cues
    assert [cue.lines for cue in cues] == [("Le fleuve est large",)]
    assert made.output["TranslateSubtitlePath"]
    assert [line[2] for line in lines_at(tmp_path / "erased.mp4", 1.0, models)] == ["Lefleuveestlarge"]


def _by_hand(lines: Any, errand: Any, ask: Any, models: Any) -> Any:
    assert errand.target == "fr"
    return Translated({line.id: "Le fleuve est large" for line in lines}, (), "hand", len(lines))


@pytest.mark.needs("models")
def test_without_an_engine_the_door_says_what_to_install(burned: Path, models: Path, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "pp-ocr-v6-small").symlink_to(models / "pp-ocr-v6-small")
    job = job_of(burned, tmp_path, OPTIONS, tmp_path / "models")
    made = outcome_of(job, "SmartErase")
    assert made.notice is not None
    assert "OPENVOD_CHAT_URL" in made.notice.en
    assert "TranslateSubtitle" not in {each.file_type.rpartition(".")[2] for each in made.files}
    assert made.output["Path"]


@pytest.mark.parametrize(
    ("subtitle", "target", "drawn"),
    [
        ({}, "en", Drawn(Style())),
        ({"use_draw": False, "translate_dst_language": "fr"}, "fr", None),
        (
            {"font_type": "simkai", "font_size": 0.06, "margin_bottom": 40},
            "en",
            Drawn(
                Style(font="simkai", size=Length(0.06), upright_size=False, y=Length(40, "pixel")),
                False,
                False,
            ),
        ),
    ],
)
def test_the_older_door_says_how_to_draw(subtitle: Any, target: str, drawn: Drawn | None) -> None:
    given = {"delogo": {"CustomerAppId": "subtitle_erase_and_translate", "subtitle_param": subtitle}}
    asked = _asked({"ExtendedParameter": json.dumps(given)})
    assert (asked.target, asked.drawn) == (target, drawn)


def test_the_older_door_translates_only_where_it_reads() -> None:
    given = {"CustomerAppId": "subtitle_erase_fast", "subtitle_param": {"translate_dst_language": "en"}}
    assert _asked({"ExtendedParameter": json.dumps({"delogo": given})}).target == ""
