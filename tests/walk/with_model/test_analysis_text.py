"""What is said in a film, described and classified through the running server by the official SDK."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from openvod.core.settings import Settings
from openvod.engines import catalog
from openvod.media import audio
from tests import clips
from tests.conftest import SUB_APP, Server
from tests.engines.analysis.made_up import HOLES, PORK, sentences
from tests.engines.analysis.models import classifier, describer
from tests.stand_in import Answer, Call, Script, StandIn
from tests.walk.analysed import analysed
from tests.walk.conftest import Sdk

pytestmark = pytest.mark.needs("models")
DESCRIPTION = 22
EXTRACTED = {"split": {"method": "nlp"}}


@pytest.fixture(scope="module")
def script() -> Script:
    def answer(call: Call) -> Answer:
        of = "You classify" in call.json["messages"][0]["content"]
        return (classifier("Education") if of else describer())(call)

    return answer


@pytest.fixture(scope="module")
def film(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """All of the demo's speech under a small picture: what is told of it comes from its words."""
    speech = catalog.file(Settings.read().model_folder(), "clips-speech", "two_cities.wav")
    sound = np.concatenate([*audio.decode(speech, rate=clips.RATE)])[None]
    folder = tmp_path_factory.mktemp("film")
    seconds = sound.shape[1] / clips.RATE
    return server.upload(clips.video(folder / "film.mp4", seconds=seconds, fps=5, sound=[sound]))


def document(row: dict[str, Any], kind: str) -> requests.Response:
    (url,) = [each["Url"] for each in row["Output"]["OutputFiles"] if each["FileType"].endswith(f".{kind}")]
    answer = requests.get(url, timeout=20)
    assert answer.status_code == 200
    return answer


def test_a_film_is_described_in_its_own_sentences(sdk: Sdk, film: str, endpoint: StandIn) -> None:
    asked = len(endpoint.calls)
    row = analysed(sdk, film, DESCRIPTION, EXTRACTED)
    assert (row["TaskType"], row["Message"]) == ("AiAnalysis.DescriptionTask", "SUCCESS")
    (found,) = row["Read"]["DescriptionSet"]
    evidence = document(row, "Evidence").json()
    said = [each["text"] for each in evidence["sentences"]]
    assert all(each["text"] in said for each in evidence["summary"])
    assert found["Title"]
    assert found["Keywords"]
    assert found["Paragraphs"][-1]["EndTimeOffset"] == pytest.approx(44, abs=2)
    assert requests.get(found["MindMapUrl"], timeout=20).content.startswith(b"\x89PNG")
    assert found["SubtitlePath"].startswith("/")
    assert document(row, "Subtitle").text.startswith("WEBVTT")
    assert len(endpoint.calls) == asked


def test_an_endpoint_describes_it_in_other_words(sdk: Sdk, film: str, endpoint: StandIn) -> None:
    row = analysed(sdk, film, DESCRIPTION)
    (found,) = row["Read"]["DescriptionSet"]
    assert found["Description"].startswith("It is told: ")
    quotes = [each["quote"] for each in document(row, "Evidence").json()["summary"]]
    assert all(quotes)
    asked = len(endpoint.calls)
    assert analysed(sdk, film, DESCRIPTION)["Read"]["DescriptionSet"][0]["Title"] == found["Title"]
    assert len(endpoint.calls) == asked  # remembered


def test_a_film_with_chinese_subtitles_is_described_in_chinese(
    sdk: Sdk, server: Server, tmp_path: Path
) -> None:
    film = server.upload(clips.video(tmp_path / "v.mp4", seconds=2, sound=[]))
    cues = [
        f"00:{4 * n // 60:02}:{4 * n % 60:02}.000 --> 00:{4 * n // 60:02}:{4 * n % 60 + 3:02}.000\n{text}\n"
        for n, text in enumerate(sentences(HOLES + PORK))
    ]
    content = base64.b64encode(("WEBVTT\n\n" + "\n".join(cues)).encode()).decode()
    given = {"Name": "mine", "Language": "zh", "Format": "vtt", "Content": content}
    sdk.call("ModifyMediaInfo", FileId=film, SubAppId=SUB_APP, AddSubtitles=[given])
    (found,) = analysed(sdk, film, DESCRIPTION, EXTRACTED)["Read"]["DescriptionSet"]
    assert {"黑洞", "红烧肉"} <= set(found["Keywords"])
    assert [each["Title"][:2] for each in found["Paragraphs"]] == ["黑洞", "红烧"]


def test_a_template_of_ones_own_classifies(sdk: Sdk, film: str) -> None:
    template = {"Name": "kinds", "Comment": "", "ClassificationConfigure": {"Switch": "ON"}}
    made = sdk.call(
        "CreateMPSTemplate", SubAppId=SUB_APP, TemplateType="AIAnalysis", AIAnalysisTemplate=template
    )
    row = analysed(sdk, film, int(made["Definition"]))
    assert row["TaskType"] == "AiAnalysis.ClassificationTask"
    names = [each["Classification"] for each in row["Read"]["ClassificationSet"]]
    assert names[0] == "Education"
    assert "Talk" in names  # measured
    assert document(row, "Evidence").json()["classes"][0]["evidence"]["quote"]


def test_without_words_the_message_says_so(sdk: Sdk, server: Server, tmp_path: Path) -> None:
    tone = server.upload(clips.audio(tmp_path / "tone.m4a"))
    row = analysed(sdk, tone, DESCRIPTION)
    assert row["Read"] == {"DescriptionSet": []}
    assert "no words" in row["Message"]
