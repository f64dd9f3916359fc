"""From a file to a file: what has no subtitle is copied, what has one can be read."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.engines.burn import compositor, work
from openvod.engines.burn.setting import Placed
from openvod.engines.burn.style import Style, of_template
from openvod.engines.burn.work import Burned, burn
from openvod.engines.ocr import Ocr, fit
from openvod.engines.video import Media
from openvod.media import inner_process
from openvod.media.captions import Cue
from openvod.media.probe import probe
from openvod.media.rewrite.windows import planes_of
from tests import clips, helpers_here
from tests.subtitled import ground

GROUPS = {"g": "10", "bf": "2", "crf": "14", "sc_threshold": "0"}
SHOWN = (20, 25)
"""Frames with a subtitle, of 50 in groups of 10."""
CUE = Cue(0.8, 1.0, ("Boats",))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Helpers are called in this process: many forms are tried, and starting processes takes long."""
    monkeypatch.setattr(inner_process, "call", helpers_here.call)
    monkeypatch.setattr(work, "PROCESSES", 1)


def run(
    source: Path, tmp_path: Path, *cues: Cue | Placed, style: Style | None = None, models: Path | None = None
) -> Burned:
    folder = tmp_path / "job"
    folder.mkdir()
    told: list[float] = []
    media = Media(
        source, probe({"source": str(source)}, lambda done: None), models or tmp_path, folder, told.append
    )
    done = burn(media, cues, style or Style(), "burned.mp4")
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert {path.name for path in folder.iterdir()} <= {"burned.mp4", "burned.jpg", "burn.json"}
    return done


def pictures(path: Path) -> tuple[list[float], list[list[NDArray[Any]]]]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        start = (container.start_time or 0) / 1e6
        return (
            [float(frame.pts * frame.time_base) - start for frame in frames],
            [[plane.copy() for plane in planes_of(frame)] for frame in frames],
        )


def packets(path: Path, kind: str) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(**{kind: 0}) if packet.size]


UNEVEN = [index / 25 + (index % 3) / 90 for index in range(50)]
FORMS: dict[str, dict[str, Any]] = {
    "plain": {},
    "uneven times": {"times": UNEVEN},
    "10 bits 4:2:2": {"pixels": "yuv422p10le"},
    "4:4:4, odd size": {"pixels": "yuv444p", "size": (161, 121)},
    "turned": {"rotation": 90},
    "upside down": {"rotation": 180},
    "wide pixels": {"sample_aspect": Fraction(16, 11)},
    "grey": {"pixels": "gray"},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.usefixtures("here")
def test_only_the_groups_with_a_subtitle_are_encoded_anew(form: str, tmp_path: Path) -> None:
    source = clips.video(tmp_path / "a.mp4", seconds=2, **{**FORMS[form], **GROUPS})
    done = run(source, tmp_path, CUE)
    assert done.warnings == ()
    assert "10 of 50 frames encoded anew (copy)" in done.notes[0]
    target = tmp_path / "job" / done.file
    times, before = pictures(source)
    new_times, after = pictures(target)
    assert np.abs(np.subtract(times, new_times)).max() < 0.001
    assert packets(source, "audio") == packets(target, "audio")
    shown = [number for number, time in enumerate(times) if 0.78 < time < 0.98]
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        if not 20 <= number < 30:
            assert all(map(np.array_equal, old, new)), number
        depth = 4 if old[0].dtype == np.uint16 else 1
        loud = np.abs(old[0].astype(int) - new[0]) > 40 * depth
        assert (np.count_nonzero(loud) > 30) == (number in shown), number
    turns = FORMS[form].get("rotation", 0)
    loud = np.abs(before[shown[0]][0].astype(int) - after[shown[0]][0]) > 40 * depth
    rows, _ = np.nonzero(np.rot90(loud, -turns // 90))
    height = loud.shape[turns // 90 % 2]
    assert rows.min() > 0.8 * height, "at the viewer's lower edge"
    still = cv2.imread(str(tmp_path / "job" / done.preview_still))
    assert still is not None
    assert still.shape[0] == height


@pytest.mark.usefixtures("here")
def test_a_file_of_another_codec_is_written_anew(tmp_path: Path) -> None:
    source = clips.video(
        tmp_path / "a.webm", seconds=1, codec="libvpx-vp9", format="webm", deadline="realtime", sound=[]
    )
    done = run(source, tmp_path, Cue(0.0, 0.4, ("Boats",)))
    assert "(whole)" in done.notes[0]
    _, before = pictures(source)
    _, after = pictures(tmp_path / "job" / done.file)
    loud = [
        np.count_nonzero(np.abs(a[0].astype(int) - b[0]) > 60) > 30
        for a, b in zip(before, after, strict=True)
    ]
    assert loud == [True] * 10 + [False] * 15


@pytest.mark.usefixtures("here")
def test_a_recording_that_begins_late_has_its_subtitles_in_time(tmp_path: Path) -> None:
    times = [3600 + index / 25 for index in range(50)]
    source = clips.video(tmp_path / "a.ts", times=times, sound=[], **GROUPS)
    done = run(source, tmp_path, CUE)
    _, before = pictures(source)
    _, after = pictures(tmp_path / "job" / done.file)
    loud = [
        np.count_nonzero(np.abs(a[0].astype(int) - b[0]) > 60) > 30
        for a, b in zip(before, after, strict=True)
    ]
    assert [number for number, each in enumerate(loud) if each] == list(range(*SHOWN))


@pytest.mark.usefixtures("here")
def test_without_cues_nothing_is_encoded(tmp_path: Path) -> None:
    source = clips.video(tmp_path / "a.mp4", **GROUPS)
    done = run(source, tmp_path, Cue(9.0, 9.5, ("too late",)))
    assert done.preview_still == ""
    assert packets(source, "video") == packets(tmp_path / "job" / done.file, "video")
    assert "1 cues lie beyond" in done.warnings[0].en


@pytest.mark.usefixtures("here")
def test_a_missing_font_fails_before_anything_is_written(tmp_path: Path) -> None:
    source = clips.video(tmp_path / "a.mp4", **GROUPS)
    with pytest.raises(TaskFault) as caught:
        run(source, tmp_path, Cue(0, 1, ("四十二",)))
    assert "noto-sans-cjk" in caught.value.en
    assert not (tmp_path / "job" / "burned.mp4").exists()


@pytest.mark.usefixtures("here")
def test_each_text_is_painted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    painted = []
    paint = compositor.Painter.block
    monkeypatch.setattr(
        compositor.Painter, "block", lambda self, block: painted.append(1) or paint(self, block)
    )
    source = clips.video(tmp_path / "a.mp4", seconds=2, sound=[], **GROUPS)
    run(source, tmp_path, Cue(0, 2, ("one",)), Cue(0.5, 1, ("two",)), Cue(1.2, 1.4, ("three",)))
    assert len(painted) == 3


@pytest.mark.needs("models")
@pytest.mark.parametrize(
    ("lines", "template"),
    [
        (("We counted 42 boats", "and none was empty"), None),
        (
            ("Naïve Šéf, Straße",),
            {"FontColor": "0xFFE600", "FontSize": 10, "FontSizeUnit": 1, "PosY": 40, "PosYUnit": 1},
        ),
        (("我们数了四十二条船", "没有一条是空的"), None),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_is_burnt_in_can_be_read(
    lines: tuple[str, ...], template: Any, models: Path, tmp_path: Path
) -> None:
    shown = [ground(index) for index in range(20)]
    source = clips.video(
        tmp_path / "a.mp4", pictures=shown, times=[i / 25 for i in range(20)], sound=[], crf="18"
    )
    style = of_template(template)[0] if template else Style()
    done = run(source, tmp_path, Cue(0.2, 0.6, lines), style=style, models=models)
    still = cv2.imread(str(tmp_path / "job" / done.preview_still))
    assert still is not None
    ocr = Ocr(models)
    found = sorted(ocr.detect(still, fit((640, 360), 480)), key=lambda each: each[0].y0)
    assert len(found) == len(lines)
    for (box, _), line in zip(found, lines, strict=True):
        assert abs((box.x0 + box.x1) / 2 - 320) < 12
        cut = box.grown(4, (640, 360))
        read = ocr.read(np.ascontiguousarray(still[cut.y0 : cut.y1, cut.x0 : cut.x1])).text
        assert read.replace(" ", "") == line.replace(" ", "")


@pytest.mark.needs("models")
def test_helpers_find_all_they_need(models: Path, tmp_path: Path) -> None:
    """In processes of their own, as media processes start them."""
    source = clips.video(tmp_path / "a.mp4", seconds=1, **GROUPS)
    done = run(source, tmp_path, Cue(0.0, 0.2, ("Ça va?",)), models=models)
    assert "10 of 25 frames" in done.notes[0]
    assert done.preview_still == "burned.jpg"
