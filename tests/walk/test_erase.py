"""Erasure through the official SDK: a new file without the text, its sound as it was, and how it is told."""

import hashlib
import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.core import spec
from openvod.core.settings import Settings
from openvod.engines.faces import FaceFinder
from openvod.engines.ocr import Ocr
from openvod.engines.screen_text import find
from openvod.media.frames import planes
from tests import clips
from tests.conftest import SUB_APP, Server
from tests.subtitled import Burned, altered, draw, ground
from tests.walk.conftest import Sdk
from tests.walk.test_sdk_walk import fetch, sub_task

pytestmark = pytest.mark.needs("models")

SIZE = (320, 180)
FRAMES, FPS = 44, 10
LINE = Burned("Nobody knew", 10, 30, y=166)
LOGO = np.s_[10:34, 270:306]


def scene(index: int) -> NDArray[np.uint8]:
    """A fast pan with a watermark and a subtitle."""
    picture = ground(index, SIZE, speed=23)
    picture[LOGO] = (240, 240, 240)
    picture[16:28, 276:300] = (20, 20, 20)
    return draw(picture, LINE, index)


@pytest.fixture(scope="module")
def burned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "burned.mp4"
    times = [index / FPS for index in range(FRAMES)]
    return clips.video(
        path,
        pictures=[scene(index) for index in range(FRAMES)],
        times=times,
        sound=[clips.sine(FRAMES / FPS)],
        crf="16",
        fps=FPS,
    )


@pytest.fixture(scope="module")
def file_id(server: Server, burned: Path) -> str:
    return server.upload(burned)


def done(sdk: Sdk, **params: Any) -> dict[str, Any]:
    task = sdk.call("ProcessMediaByMPS", SubAppId=SUB_APP, **params)["TaskId"]
    detail = sdk.wait(task)
    spec.load().check_response("DescribeTaskDetail", detail)
    return detail


def packets(path: Path, kind: str) -> tuple[int, str]:
    """How many there are, and a hash over all of them."""
    digest, count = hashlib.sha256(), 0
    with av.open(str(path)) as container:
        for packet in container.demux(getattr(container.streams, kind)[0]):
            if packet.size:
                digest.update(bytes(packet))
                count += 1
    return count, digest.hexdigest()


def video_file(row: dict[str, Any]) -> dict[str, Any]:
    (found,) = [file for file in row["Output"]["OutputFiles"] if file["FileType"].endswith(".Video")]
    return dict(found)


def picture(path: Path, number: int) -> NDArray[np.int16]:
    with av.open(str(path)) as container:
        found = next(frame for n, frame in enumerate(container.decode(video=0)) if n == number)
    return np.asarray(found.to_ndarray(format="rgb24"), np.int16)


def fetched(row: dict[str, Any], target: Path) -> Path:
    assert row["Status"] == "SUCCESS", row
    target.write_bytes(fetch(video_file(row)["Url"]))
    return target


def test_subtitles_are_erased_into_a_new_file(
    server: Server, sdk: Sdk, burned: Path, file_id: str, tmp_path: Path
) -> None:
    row = sub_task(done(sdk, FileId=file_id, SmartEraseTask={"Definition": 101}), "SmartErase")
    target = fetched(row, tmp_path / "erased.mp4")
    made = video_file(row)
    assert (made["FileType"], row["Message"]) == ("SmartErase.Video", "SUCCESS")
    output = json.loads(row["Output"]["OutputText"])
    spec.load().check_output("AiAnalysisTaskDelLogoOutput", output)
    assert output["FileId"] == made["FileId"] != file_id
    assert packets(target, "audio") == packets(burned, "audio")
    assert packets(target, "video")[0] == FRAMES
    found = find(planes(target), Ocr(Settings.read().model_folder()))
    assert [text for text in found if text.kind == "caption"] == []
    (media,) = sdk.call("DescribeMediaInfos", FileIds=[made["FileId"]], SubAppId=SUB_APP)["MediaInfoSet"]
    assert media["MetaData"]["Duration"] == pytest.approx(FRAMES / FPS, abs=0.1)
    assert media["MetaData"]["VideoStreamSet"][0]["Codec"] == "h264"
    assert media["BasicInfo"]["SourceInfo"]["SourceType"] == "VideoProcessing"


def test_what_was_erased_is_told_as_json(sdk: Sdk, file_id: str) -> None:
    """Behind a signed link; what could not be done is said in the Message, and the rest stands."""
    raw = {
        "EraseType": "subtitle",
        "EraseSubtitleConfig": {
            "SubtitleEraseMethod": "auto",
            "SubtitleModel": "standard",
            "OcrSwitch": "ON",
            "TransSwitch": "ON",
            "TransDstLang": "ja",
            "AutoAreas": [{"LeftTopX": 0, "LeftTopY": 0.5, "RightBottomX": 1, "RightBottomY": 1, "Unit": 1}],
        },
    }
    row = sub_task(done(sdk, FileId=file_id, SmartEraseTask={"RawParameter": raw}), "SmartErase")
    assert (row["Status"], row["ErrCode"]) == ("SUCCESS", "0")
    assert "OPENVOD_CHAT_URL" in row["Message"]
    files = {file["FileType"]: file for file in row["Output"]["OutputFiles"]}
    assert set(files) == {f"SmartErase.{each}" for each in ("Video", "OriginSubtitle", "Still", "Account")}
    account = json.loads(fetch(files["SmartErase.Account"]["Url"]))
    assert [each["Text"] for each in account["Erased"]] == [LINE.text]
    assert (account["Width"], account["Height"]) == SIZE
    assert LINE.text.encode() in fetch(files["SmartErase.OriginSubtitle"]["Url"])
    ids = [files["SmartErase.Account"]["FileId"]]
    (media,) = sdk.call("DescribeMediaInfos", FileIds=ids, SubAppId=SUB_APP)["MediaInfoSet"]
    assert media["BasicInfo"]["Category"] == "Document"


def test_a_watermark_goes_and_the_subtitle_stays(sdk: Sdk, file_id: str, tmp_path: Path) -> None:
    row = sub_task(done(sdk, FileId=file_id, SmartEraseTask={"Definition": 201}), "SmartErase")
    after, clean = picture(fetched(row, tmp_path / "erased.mp4"), 20), ground(20, SIZE, speed=23)
    before = scene(20).astype(np.int16)
    assert np.abs(after - clean)[LOGO].mean() < 0.4 * np.abs(before - clean)[LOGO].mean()
    assert np.abs(after - before)[altered(LINE, 20, SIZE)].mean() < 10


def test_faces_are_blurred(server: Server, sdk: Sdk, tmp_path: Path) -> None:
    models = Settings.read().model_folder()
    portrait = models / "pictures-scikit-image" / "astronaut.png"
    if not portrait.is_file():
        pytest.skip("pictures-scikit-image is not installed; run `openvod models pull --clips`")
    with av.open(str(portrait)) as container:
        person = next(container.decode(video=0)).to_ndarray(format="rgb24")[:288:2, 80:400:2]
    pictures = []
    for index in range(10):
        whole = ground(index, (480, 270))
        whole[40:184, 20 + 4 * index : 180 + 4 * index] = person
        pictures.append(whole)
    times = [index / FPS for index in range(10)]
    clip = clips.video(tmp_path / "face.mp4", pictures=pictures, times=times, sound=[], crf="14", fps=FPS)
    asked = {"FileId": server.upload(clip), "SmartEraseTask": {"Definition": 301}}
    target = fetched(sub_task(done(sdk, **asked), "SmartErase"), tmp_path / "erased.mp4")
    finder = FaceFinder(models)
    for index in range(10):
        before, after = (
            np.ascontiguousarray(picture(path, index)[..., ::-1], np.uint8) for path in (clip, target)
        )
        assert finder.find(before, (480, 288), 0.5)
        assert finder.find(after, (480, 288), 0.3) == []


def test_the_older_door_erases_too(sdk: Sdk, file_id: str, tmp_path: Path) -> None:
    given = {"delogo": {"CustomerAppId": "subtitle_erase_fast", "cluster_id": "gpu_zhiyan"}}
    asked = {"Definition": 25, "ExtendedParameter": json.dumps(given)}
    row = sub_task(done(sdk, FileId=file_id, AiAnalysisTask=asked), "AiAnalysis.DeLogo")
    after = picture(fetched(row, tmp_path / "erased.mp4"), 20)
    assert video_file(row)["FileType"] == "AiAnalysis.DeLogo.Video"
    clean, hidden = ground(20, SIZE, speed=23), altered(LINE, 20, SIZE)
    wrong = np.abs(after - clean)[hidden].mean()
    assert wrong < np.abs(scene(20).astype(np.int16) - clean)[hidden].mean() / 2
