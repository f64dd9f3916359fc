"""Erasure over every form of video: what is not erased comes out as it went in, whatever holds it and however it is stored.

An area is erased for a few frames in the middle, so that no model is needed; the rest is compared to a bit.
"""

import json
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from openvod.core.errors import TaskFault
from openvod.engines.erase import work
from openvod.media import inner_process, rewrite, sandbox
from openvod.media.probe import probe
from openvod.media.rewrite import Work
from openvod.media.rewrite.windows import planes_of
from openvod.media.sandbox import Cancelled, Limits
from openvod.tasks import Job, Outcome
from openvod.tasks.smart_erase import KIND
from tests import clips, helpers_here

SECONDS, ERASED = 2.0, (20, 25)
"""Length of the clips, and the frames in which something is erased, of 50 in groups of 10."""
GROUPS = {"g": "10", "bf": "2", "crf": "18", "sc_threshold": "0"}
LIMITS = Limits(wall_seconds=120, cpu_seconds=120)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Helpers are called in this process: many forms are tried, and starting processes takes long."""
    monkeypatch.setattr(inner_process, "call", helpers_here.call)
    monkeypatch.setattr(work, "PROCESSES", 1)


def options(begin: float = ERASED[0] / 25, end: float = ERASED[1] / 25) -> dict[str, Any]:
    area = {"LeftTopX": 0.25, "LeftTopY": 0.25, "RightBottomX": 0.75, "RightBottomY": 0.75, "Unit": 1}
    span = {"BeginMs": round(begin * 1000), "EndMs": round(end * 1000), "Areas": [area]}
    config = {"WatermarkEraseMethod": "custom", "WatermarkModel": "basic", "CustomAreas": [span]}
    return {"EraseType": "watermark", "EraseWatermarkConfig": config}


def erased(source: Path, asked: Any = None, told: Any = None) -> tuple[Path, Outcome]:
    folder = source.parent / "job"
    folder.mkdir()
    facts = probe({"source": str(source)}, lambda done: None)
    job = Job(
        source,
        facts,
        asked or options(),
        folder,
        folder / "none",
        {},
        told.append if told is not None else id,
    )
    outcome = KIND.join(job, [json.loads(json.dumps(KIND.run(job, part))) for part in KIND.plan(job)])
    return folder / "erased.mp4", outcome


def clip(name: str, **more: Any) -> Any:
    return lambda folder: clips.video(folder / name, **{"seconds": SECONDS, **GROUPS, **more})


def interlaced(folder: Path) -> Path:
    """Pictures of two fields each, which only the encoder's own flag tells it to make."""
    with av.open(str(folder / "a.mp4"), "w") as container:
        track = container.add_stream("libx264", rate=25, options={**GROUPS, "x264-params": "tff=1"})
        track.width, track.height, track.pix_fmt = 160, 120, "yuv420p"
        for index in range(50):
            frame = av.VideoFrame.from_ndarray(clips.pattern(index), format="rgb24").reformat(
                format="yuv420p"
            )
            frame.pts = index
            container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return folder / "a.mp4"


def an_hour_late(folder: Path) -> Path:
    """As a part of a broadcast."""
    times = [3600 + index / 25 for index in range(50)]
    return clips.video(
        folder / "a.ts", times=times, sound=[clips.sine(SECONDS)], sound_start=3600.0, **GROUPS
    )


def subtitled(folder: Path) -> Path:
    """With cues in a track of their own, styled."""
    plain, path = clip("plain.mp4")(folder), folder / "a.mkv"
    with av.open(str(plain)) as old, av.open(str(path), "w") as new:
        tracks = [new.add_stream_from_template(track, opaque=True) for track in old.streams]
        text = new.add_stream("ass")
        text.time_base = Fraction(1, 1000)
        text.codec_context.subtitle_header = clips.SUBTITLES["ass"].partition("Dialogue")[0].encode()
        new.start_encoding()
        for packet in old.demux():
            if packet.size:
                packet.stream = tracks[packet.stream_index]
                new.mux(packet)
        cue = av.Packet(rb"0,0,Default,,0,0,0,,{\i1}Hello{\i0} you,\Nthere")
        cue.pts = cue.dts = 500
        cue.duration, cue.time_base, cue.stream = 1000, Fraction(1, 1000), text
        new.mux(cue)
    return path


PQ = {"color_trc": "smpte2084", "color_primaries": "bt2020", "colorspace": "bt2020nc", "color_range": "tv"}
UNEVEN = [index / 25 + (index % 3) / 90 for index in range(50)]
COPIED = {
    "plain": clip("a.mp4"),
    "uneven times": clip("a.mp4", times=UNEVEN),
    "odd size": clip("a.mp4", size=(161, 121), pixels="yuv444p"),
    "two fields": interlaced,
    "4:2:2": clip("a.mp4", pixels="yuv422p"),
    "10 bits 4:2:2": clip("a.mp4", pixels="yuv422p10le"),
    "10 bits PQ": clip("a.mp4", pixels="yuv420p10le", **PQ),
    "turned": clip("a.mov", rotation=90),
    "wide pixels": clip("a.mp4", sample_aspect=Fraction(16, 11)),
    "no sound": clip("a.mp4", sound=[]),
    "two languages": clip(
        "a.mkv", sound=[clips.sine(2), clips.sine(2, channels=2)], languages=["eng", "zho"]
    ),
    "5.1": clip("a.mp4", sound=[clips.sine(2, channels=6)]),
    "late sound": clip("a.mp4", sound_start=0.7),
    "silent": clip("a.mp4", sound=[0 * clips.sine(2)]),
    "tiny": clip("a.mp4", size=(16, 16)),
    "flash": clip("a.flv"),
    "an hour late": an_hour_late,
    "subtitles": subtitled,
}
ENCODED = {
    "one frame": clip("a.mp4", times=[ERASED[0] / 25]),
    "webm, odd size": clip(
        "a.webm", codec="libvpx-vp9", size=(161, 121), format="webm", deadline="realtime", b="1M"
    ),
    "HEVC PQ": clip(
        "a.mp4", codec="libx265", pixels="yuv420p10le", **{"x265-params": "log-level=error"}, **PQ
    ),
}


def pictures(path: Path) -> list[Any]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def sounds(path: Path) -> list[list[tuple[Fraction, bytes]]]:
    """Times and packets of each audio track; those of MPEG-TS have a header of 7 bytes each, of which MP4 knows nothing."""
    with av.open(str(path)) as container:
        head = 7 if container.format.name == "mpegts" else 0
        found: dict[int, list[tuple[Fraction, bytes]]] = {
            track.index: [] for track in container.streams.audio
        }
        for packet in container.demux(audio=tuple(range(len(found)))) if found else ():
            if packet.size:
                found[packet.stream_index].append((packet.pts * packet.time_base, bytes(packet)[head:]))
        return list(found.values())


def tags(path: Path, frame: Any) -> dict[str, Any]:
    with av.open(str(path)) as container:
        track = container.streams.video[0]
        return {
            "size": (frame.width, frame.height),
            "pixels": frame.format.name,
            "aspect": track.sample_aspect_ratio or Fraction(1),
            "rotation": frame.rotation,
            "colours": (frame.color_primaries, frame.color_trc, frame.colorspace),
            "fields": frame.interlaced_frame,
            "languages": [track.metadata.get("language", "und") for track in container.streams.audio],
        }


def same(one: Any, other: Any) -> bool:
    return all(map(np.array_equal, planes_of(one), planes_of(other)))


def check(source: Path, target: Path) -> tuple[list[Any], list[Any]]:
    """All that must be kept whether or not pictures were encoded anew; gives the pictures before and after."""
    before, after = pictures(source), pictures(target)
    assert len(before) == len(after)
    assert tags(source, before[0]) == tags(target, after[0])
    for old, new in zip(before, after, strict=True):
        assert new.time - after[0].time == pytest.approx(old.time - before[0].time, abs=0.0006)
    heard, kept = sounds(source), sounds(target)
    assert [[data for _, data in track] for track in kept] == [[data for _, data in track] for track in heard]
    for old, new in zip(heard, kept, strict=True):
        moved = float(old[0][0]) - before[0].time, float(new[0][0]) - after[0].time
        assert moved[0] == pytest.approx(moved[1], abs=0.0006)
    return before, after


@pytest.mark.parametrize("form", COPIED)
def test_other_groups_stay_to_a_bit(form: str, tmp_path: Path, here: None) -> None:
    source = COPIED[form](tmp_path)
    target, outcome = erased(source)
    before, after = check(source, target)
    assert [same(*pair) for pair in zip(before[:20], after[:20], strict=True)] == [True] * 20
    assert [same(*pair) for pair in zip(before[30:], after[30:], strict=True)] == [True] * 20
    assert not any(same(*pair) for pair in zip(before[20:25], after[20:25], strict=True))
    assert outcome.warnings[0].startswith("10 of 50 frames encoded anew (copy)")


@pytest.mark.parametrize("form", ENCODED)
def test_what_must_be_encoded_anew_keeps_its_form(form: str, tmp_path: Path, here: None) -> None:
    source = ENCODED[form](tmp_path)
    target, _ = erased(source)
    before, after = check(source, target)
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        error = planes_of(old)[0].astype(float) - planes_of(new)[0]
        peak = (1 << old.format.components[0].bits) - 1
        if not ERASED[0] <= number < ERASED[1] and len(before) > 1:
            assert 10 * np.log10(peak**2 / max(1e-9, np.square(error).mean())) > 40


def test_deep_pictures_are_encoded_as_finely_as_plain_ones(tmp_path: Path, here: None) -> None:
    factors = []
    for pixels in ("yuv420p", "yuv420p10le"):
        source = clip(f"{pixels}.mp4", pixels=pixels, sound=[])(tmp_path)
        index = rewrite.examine(source, Work(tmp_path / pixels, LIMITS, call=inner_process.call))
        factors.append(index.recipe["factor"])
    assert factors[0] == pytest.approx(factors[1], abs=3)


def test_the_words_of_subtitles_are_kept(tmp_path: Path, here: None) -> None:
    target, outcome = erased(subtitled(tmp_path))
    with av.open(str(target)) as container:
        cues = [packet for packet in container.demux(subtitles=0) if packet.size > 2]
        assert [bytes(cue)[2:].decode() for cue in cues] == ["Hello you,\nthere"]
        shown = cues[0].pts * cues[0].time_base
    with av.open(str(tmp_path / "a.mkv")) as container:
        assert [packet.pts * packet.time_base for packet in container.demux(subtitles=0) if packet.size] == [
            shown
        ]
    assert any("ass subtitles are kept as MP4's own kind" in text for text in outcome.warnings)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.flv", "a.webm"])
def test_with_nothing_to_erase_all_stays_and_plays(name: str, tmp_path: Path, here: None) -> None:
    webm = {"codec": "libvpx-vp9", "format": "webm", "deadline": "realtime"} if name == "a.webm" else {}
    source = clip(name, **webm)(tmp_path)
    target, outcome = erased(source, options(50.0, 60.0))
    before, after = check(source, target)
    assert all(map(same, before, after))
    assert outcome.warnings[0].startswith("nothing to erase was found")
    assert [file.file_type for file in outcome.files] == ["SmartErase.Video"]
    if name == "a.mp4":
        assert target.read_bytes() == source.read_bytes()
    with av.open(str(target)) as container:
        assert "mp4" in container.format.name


@pytest.mark.parametrize("form", ["truncated", "damaged", "new size"])
def test_a_damaged_file_gives_what_there_is_or_a_clear_fault(form: str, tmp_path: Path, here: None) -> None:
    whole = clip("whole.ts", sound=[])(tmp_path)
    source = tmp_path / "a.ts"
    if form == "new size":
        other = clip("other.ts", sound=[], size=(320, 240))(tmp_path)
        source.write_bytes(whole.read_bytes() + other.read_bytes())
        with pytest.raises(TaskFault) as fault:
            erased(source, options(0.0, 0.0))
        assert fault.value.code == "SourceFileError.ContentMalformed"
        assert fault.value.en.isascii()
        assert not fault.value.zh.isascii()
        return
    clips.truncated(source, whole) if form == "truncated" else clips.damaged(source, whole, 4)
    target, _ = erased(source, options(0.2, 0.4))
    with av.open(str(source)) as container:
        promised = sum(packet.size > 0 for packet in container.demux(video=0))
    assert promised - 20 <= len(pictures(target)) <= promised


def test_progress_moves_through_all_phases(tmp_path: Path, here: None) -> None:
    told: list[float] = []
    erased(clip("a.mp4")(tmp_path), told=told)
    assert told == sorted(told)
    for low, high in ((0.4, 0.89), (0.89, 0.95), (0.95, 1.0)):
        assert [value for value in told if low < value < high], (low, high)


@pytest.mark.parametrize("moment", ["found", "work/segments", "work/joined", "evidence"])
def test_cancelling_ends_all_processes_at_once(moment: str, tmp_path: Path) -> None:
    source = clip("a.mp4", seconds=1)(tmp_path)
    job, asked = tmp_path / "job", []

    def cancelled() -> bool:
        if (job / moment).exists():
            asked.append(time.monotonic())
        return bool(asked)

    argument = {
        "type": "SmartErase",
        "stage": "plan",
        "source": str(source),
        "facts": probe({"source": str(source)}, lambda done: None),
        "options": options(0.0, 0.0),
        "models": str(tmp_path / "none"),
        "settings": {},
    }
    with pytest.raises(Cancelled):
        sandbox.call("openvod.tasks:run_stage", argument, job, LIMITS, readable=[source], cancelled=cancelled)
    while any(running_in(job)) and time.monotonic() < asked[0] + 5:
        pass  # they are killed already; the kernel takes a moment to clear them away
    assert time.monotonic() - asked[0] < 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "job"]


def running_in(folder: Path) -> Iterator[Path]:
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if str(link.readlink()).startswith(str(folder)):
                yield link
        except OSError:
            continue
