"""Stretches are cut out of videos of every form; each frame and each sound is compared with the source's."""

import os
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from openvod.media import excerpt
from openvod.media.excerpt import FrameRange, Work
from openvod.media.rewrite.windows import planes_of
from openvod.media.sandbox import Limits
from tests import clips

LIMITS = Limits(wall_seconds=120, cpu_seconds=120)
GOPS = {"g": "10", "bf": "2", "sc_threshold": "0"}
OPEN = {**GOPS, "x264-params": "open-gop=1:b-adapt=0:keyint=10:min-keyint=10", "seconds": 2.0}
UNEVEN = [n / 25 + n % 3 / 100 + n // 17 for n in range(50)]


def direct(target, argument, folder, limits, *, readable=(), progress=None, cancelled=None):
    """Like `sandbox.call` in this process: the many forms below need no limits, and starting processes takes long."""
    module, _, name = target.partition(":")
    folder.mkdir(parents=True, exist_ok=True)
    before = Path.cwd()
    os.chdir(folder)
    try:
        return getattr(__import__(module, fromlist=[name]), name)(argument, progress or (lambda value: None))
    finally:
        os.chdir(before)


def cut(source, tmp_path, *ranges, decoded=None):
    work = Work(tmp_path / "work", LIMITS, call=direct)
    original = excerpt.examine(source, work, decoded=decoded)
    target = tmp_path / "clip.mp4"
    made = excerpt.cut(original, [FrameRange(*part) for part in ranges], target, work)
    return made, target


def pictures(path):
    """Times in seconds, planes, and the first libav frame."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        times = [frame.pts * frame.time_base for frame in frames]
        return times, [[plane.copy() for plane in planes_of(frame)] for frame in frames], frames[0]


def psnr(one, other, peak):
    error = np.square(one.astype(float) - other.astype(float)).mean()
    return 10 * np.log10(peak**2 / max(error, 1e-9))


def check_pictures(source, target, ranges, least=33):
    """Every frame of the ranges is there, at its time and like no other one. Gives how many are bit for bit the same."""
    times, before, first = pictures(source)
    new_times, after, new_first = pictures(target)
    numbers = [number for part in ranges for number in range(*part)]
    assert len(after) == len(numbers)
    peak = (1 << first.format.components[0].bits) - 1
    same = 0
    for number, planes in zip(numbers, after, strict=True):
        same += all(map(np.array_equal, before[number], planes))
        assert all(psnr(old, new, peak) > least for old, new in zip(before[number], planes, strict=True))
        others = [other for other in (number - 1, number + 1) if 0 <= other < len(before)]
        own = psnr(before[number][0], planes[0], peak)
        assert all(own > psnr(before[other][0], planes[0], peak) for other in others), f"frame {number}"
    place = 0
    for low, high in ranges:
        for number in range(low, high - 1):
            gap = new_times[place + number + 1 - low] - new_times[place + number - low]
            assert abs(gap - (times[number + 1] - times[number])) < Fraction(1, 5000)
        place += high - low
    assert abs(new_times[0]) < Fraction(1, 1000)
    return same, first, new_first


FORMS = {
    # name: (file name, options of clips.video, stretch, way, frames that are copied)
    "edges": ("a.mp4", {**GOPS, "seconds": 2.0}, (7, 43), "copy", 30),
    "at key pictures": ("a.mp4", {**GOPS, "seconds": 2.0}, (10, 40), "copy", 30),
    "the whole": ("a.mp4", {**GOPS}, (0, 25), "copy", 25),
    "to the end": ("a.mp4", {**GOPS, "seconds": 2.0}, (33, 50), "copy", 10),
    "inside a group": ("a.mp4", {**GOPS}, (12, 18), "whole", 0),
    "one frame": ("a.mp4", {**GOPS}, (17, 18), "whole", 0),
    "one key frame": ("a.mp4", {"g": "1", "bf": "0"}, (17, 18), "copy", 1),
    "no B-frames": ("a.mp4", {"g": "10", "bf": "0"}, (3, 22), "copy", 10),
    "B-pyramid": (
        "a.mp4",
        {"g": "10", "bf": "4", "x264-params": "b-pyramid=normal:b-adapt=0:ref=4", "seconds": 2.0},
        (7, 43),
        "copy",
        30,
    ),
    "open groups": ("a.mp4", OPEN, (7, 43), "whole", 0),
    "open groups, from the first": ("a.mp4", OPEN, (0, 43), "copy", 40),
    "10 bit": ("a.mp4", {**GOPS, "pixels": "yuv420p10le", "seconds": 2.0}, (7, 43), "copy", 30),
    "10 bit HEVC": (
        "a.mp4",
        {"codec": "libx265", "x265-params": "log-level=none:keyint=10", "pixels": "yuv420p10le"},
        (3, 17),
        "whole",
        0,
    ),
    "HEVC at key pictures": (
        "a.mp4",
        {"codec": "libx265", "x265-params": "log-level=none:keyint=10:min-keyint=10:open-gop=0", "seconds": 2.0},
        (10, 40),
        "copy",
        30,
    ),
    "VP9": ("a.webm", {"codec": "libvpx-vp9", "g": "10", "deadline": "realtime"}, (3, 17), "whole", 0),
    "uneven times": ("a.mp4", {**GOPS, "times": UNEVEN, "sound": []}, (7, 43), "copy", 30),
    "uneven times, matroska": ("a.mkv", {**GOPS, "times": UNEVEN, "sound": []}, (7, 43), "copy", 30),
    "matroska": ("a.mkv", {**GOPS, "seconds": 2.0}, (7, 43), "copy", 30),
    "transport stream": ("a.ts", {**GOPS, "seconds": 2.0}, (7, 43), "copy", 30),
    "rotated": ("a.mp4", {**GOPS, "seconds": 2.0, "rotation": 90}, (7, 43), "copy", 30),
    "rotated, whole": ("a.mp4", {**GOPS, "rotation": 270}, (12, 18), "whole", 0),
    "colours": (
        "a.mp4",
        {**GOPS, "seconds": 2.0, "color_primaries": "bt2020", "color_trc": "smpte2084", "colorspace": "bt2020nc"},
        (7, 43),
        "copy",
        30,
    ),
    "wide pixels": ("a.mp4", {**GOPS, "seconds": 2.0, "sample_aspect": Fraction(16, 11)}, (7, 43), "copy", 30),
    "interlaced": ("a.mp4", {**GOPS, "seconds": 2.0, "x264-params": "tff=1"}, (7, 43), "copy", 30),
    "no sound": ("a.mp4", {**GOPS, "seconds": 2.0, "sound": []}, (7, 43), "copy", 30),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_frame_is_the_one_that_was_asked_for(tmp_path, form):
    name, options, stretch, way, copied = FORMS[form]
    source = clips.video(tmp_path / name, **options)
    made, target = cut(source, tmp_path, stretch)
    same, first, new_first = check_pictures(source, target, [stretch])
    assert made.report.way == way, made.report.notes
    assert same >= copied
    assert made.report.frames - made.report.encoded == copied
    for about in ("rotation", "color_primaries", "color_trc", "colorspace", "interlaced_frame"):
        assert getattr(new_first, about) == getattr(first, about), about
    assert (new_first.color_range == 2) == (first.color_range == 2)  # to say nothing is to say "limited"
    assert new_first.format.name == first.format.name
    with av.open(str(source)) as before, av.open(str(target)) as after:
        one, other = before.streams.video[0], after.streams.video[0]
        assert (one.sample_aspect_ratio or 1) == (other.sample_aspect_ratio or 1)
        assert len(before.streams.audio) == len(after.streams.audio)
        assert float(after.duration) / 1e6 == pytest.approx(made.seconds, abs=0.03)


def noise(seconds, channels=1, seed=1):
    """Sound of which no moment is like another one."""
    rough = np.random.default_rng(seed).normal(0, 0.2, (channels, round(seconds * clips.RATE)))
    smooth = np.apply_along_axis(lambda line: np.convolve(line, np.ones(8) / 8, "same"), 1, rough)
    return smooth.astype(np.float32)


def heard(path, track=0):
    """The samples of an audio track from time 0 on, and its rate."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=track))
        rate = frames[0].sample_rate
        start = round(frames[0].pts * frames[0].time_base * rate)
        samples = np.concatenate([frame.to_ndarray().astype(np.float32) for frame in frames], axis=1)
    if start < 0:
        return samples[:, -start:], rate
    return np.pad(samples, ((0, 0), (start, 0))), rate


def likeness(one, other):
    """1 for the same, 0 for unlike sounds."""
    length = min(one.shape[1], other.shape[1])
    one, other = one[:, :length].ravel(), other[:, :length].ravel()
    return float(one @ other / np.sqrt((one @ one) * (other @ other) + 1e-12))


def packets(path):
    """The packets of sound."""
    with av.open(str(path)) as container:
        tracks = container.streams.audio
        return {bytes(packet) for packet in container.demux(*tracks) if packet.size}


@pytest.mark.parametrize("name", ["a.mp4", "a.ts", "a.mkv"])
def test_sound_of_one_stretch_is_copied_and_beside_its_picture(tmp_path, name):
    sound = [noise(3), noise(3, channels=2, seed=2)]
    source = clips.video(tmp_path / name, **GOPS, seconds=3.0, sound=sound, languages=("deu", "fra"))
    made, target = cut(source, tmp_path, (32, 57))
    assert made.report.notes == ()
    with av.open(str(target)) as clip:
        assert [track.metadata.get("language") for track in clip.streams.audio] == ["deu", "fra"]
        ends = [float(track.duration * track.time_base) for track in clip.streams.audio]
    assert ends == pytest.approx([1.0, 1.0], abs=0.002)
    begin = pictures(source)[0][32]
    for track in range(2):
        before, rate = heard(source, track)
        after, _ = heard(target, track)
        assert 0 <= after.shape[1] - rate < 1024
        place = round(begin * rate)
        slack = {"a.mp4": 0, "a.ts": 1, "a.mkv": 45}[name]  # Matroska's clock has milliseconds
        lags = range(place - slack, place + slack + 1)
        # The encoder replaces noise by the decoder's own, so no two decodings are alike in every bit.
        assert max(likeness(before[:, lag:], after) for lag in lags) > 0.95
    if name != "a.ts":  # there they begin with ADTS headers
        assert packets(target) < packets(source)


def test_sound_of_several_stretches_is_cut_to_the_sample(tmp_path):
    sound = [noise(4), noise(4, channels=2, seed=2)]
    source = clips.video(tmp_path / "a.mp4", **GOPS, seconds=4.0, sound=sound)
    ranges = [(70, 83), (7, 43), (42, 43), (50, 75)]
    made, target = cut(source, tmp_path, *ranges)
    same, *_ = check_pictures(source, target, ranges)
    assert same >= 10 + 30 + 20
    assert made.report.way == "copy"
    assert made.seconds == pytest.approx(3.0)
    for track in range(2):
        before, rate = heard(source, track)
        after, _ = heard(target, track)
        at = 0
        for first, end in ranges:
            length = (end - first) * rate // 25
            inner = slice(240, length - 240)  # without the ramps
            one = before[:, first * rate // 25 :][:, inner]
            assert likeness(one, after[:, at : at + length][:, inner]) > 0.95, (first, end)
            at += length
        assert abs(after.shape[1] - at) <= 1024


def test_sound_that_begins_late_and_ends_early(tmp_path):
    source = clips.video(tmp_path / "a.mp4", **GOPS, seconds=3.0, sound=[noise(1.5)], sound_start=1.0)
    _, target = cut(source, tmp_path, (20, 60))
    before, rate = heard(source)
    after, _ = heard(target)
    place = 20 * rate // 25
    assert likeness(before[:, place:], after) > 0.97
    _, target = cut(source, tmp_path, (20, 60), (0, 10))
    after, _ = heard(target)
    assert likeness(before[:, place : place + 40 * rate // 25], after) > 0.97
    assert np.abs(after[:, round(1.62 * rate) :]).max() < 0.01
    _, target = cut(source, tmp_path, (0, 10))
    check_pictures(source, target, [(0, 10)])
    with av.open(str(target)) as clip:
        assert not clip.streams.audio


def test_packets_that_lie_about_their_frames(tmp_path):
    """Times that go back make the numbers of frames those of a full decode."""
    source = clips.video(tmp_path / "a.mp4", **GOPS, seconds=2.0)
    broken = clips.damaged(tmp_path / "b.mp4", source, bytes_changed=12, spare=9000)
    with av.open(str(broken)) as container:
        decoded = 0
        for packet in container.demux(video=0):
            try:
                decoded += len(packet.decode())
            except av.FFmpegError:
                continue
    made, target = cut(broken, tmp_path, (5, 15), decoded=decoded)
    assert made.frames == 10
    assert len(pictures(target)[1]) == 10


def test_a_count_that_is_not_the_packets_own_is_believed(tmp_path):
    source = clips.video(tmp_path / "a.mp4", **GOPS, seconds=2.0)
    made, target = cut(source, tmp_path, (7, 43), decoded=49)
    assert made.frames == 36
    assert any("written anew before" in note for note in made.report.notes)
    check_pictures(source, target, [(7, 43)], least=30)


def test_stretches_by_seconds(tmp_path):
    source = clips.video(tmp_path / "a.ts", **GOPS, seconds=2.0)
    original = excerpt.examine(source, Work(tmp_path / "work", LIMITS, call=direct))
    for first, end in ((0, 50), (7, 43), (49, 50), (12, 13)):
        begin, until = original.seconds(FrameRange(first, end))
        assert original.between(begin, until) == FrameRange(first, end)
        assert original.between(round(begin, 3), round(until, 3)) == FrameRange(first, end)
    begin, until = original.seconds(FrameRange(7, 8))
    assert original.between(begin + 0.02, begin + 0.02) == FrameRange(7, 8)
    assert original.between(-5, 0.0) == FrameRange(0, 1)
    assert original.between(90, 100) == FrameRange(49, 50)


def test_in_media_processes_and_again(tmp_path):
    source = clips.video(tmp_path / "a.mp4", **GOPS, seconds=2.0)
    told = []
    work = Work(tmp_path / "work", LIMITS, processes=2, progress=told.append)
    original = excerpt.examine(source, work)
    target = tmp_path / "clip.mp4"
    assert excerpt.cut(original, [FrameRange(7, 43)], target, work).report.reused == 0
    assert told == sorted(told)
    assert told[-1] == 1.0
    check_pictures(source, target, [(7, 43)])
    made = excerpt.cut(original, [FrameRange(7, 43), FrameRange(7, 43)], target, work)
    assert made.report.reused == 2
    assert (made.frames, made.seconds) == (72, pytest.approx(2.88))


def test_nothing_to_cut(tmp_path):
    source = clips.video(tmp_path / "a.mp4", **GOPS)
    with pytest.raises(ValueError, match="without a frame"):
        cut(source, tmp_path, (25, 30))
    made, _ = cut(source, tmp_path, (20, 99))
    assert made.frames == 5


def stills(source, tmp_path, *numbers):
    work = Work(tmp_path / "work", LIMITS, call=direct)
    original = excerpt.examine(source, work)
    names = [f"{number}.jpg" for number in numbers]
    sizes = excerpt.stills(original, dict(zip(numbers, names, strict=True)), tmp_path, work)
    found = [cv2.imread(str(tmp_path / name))[..., ::-1] for name in names]
    assert [(found.shape[1], found.shape[0]) for found in found] == sizes
    return found


@pytest.mark.parametrize(
    "options, turns, size",
    [
        ({}, 0, (160, 120)),
        ({"rotation": 90}, 3, (120, 160)),
        ({"rotation": 180, "pixels": "yuv420p10le"}, 2, (160, 120)),
        ({"sample_aspect": Fraction(4, 3)}, 0, (213, 120)),
        ({"sample_aspect": Fraction(3, 4), "rotation": 270}, 1, (160, 160)),
    ],
)
def test_stills_are_the_very_frames_as_players_show_them(tmp_path, options, turns, size):
    source = clips.video(tmp_path / "a.mp4", **GOPS, qp="4", sound=[], **options)
    for number, found in zip((17, 3), stills(source, tmp_path, 17, 3), strict=True):
        assert found.shape[1::-1] == size
        upright = np.rot90(found, -turns)
        small = cv2.resize(np.ascontiguousarray(upright), (160, 120), interpolation=cv2.INTER_AREA)
        errors = [
            np.abs(clips.pattern(other).astype(int) - small.astype(int)).mean()
            for other in range(number - 2, number + 3)
        ]
        assert errors.index(min(errors)) == 2
        assert min(errors) < 4


@pytest.mark.parametrize(
    "colorspace, size", [("bt709", (160, 120)), ("smpte170m", (160, 120)), ("", (1280, 720))]
)
def test_colours_of_stills(tmp_path, colorspace, size):
    """Which numbers are green is told by the matrix, or guessed by the size."""
    red, blue = (0.299, 0.114) if colorspace == "smpte170m" else (0.2126, 0.0722)
    rgb = np.array([40, 200, 80])
    luma = red * rgb[0] + (1 - red - blue) * rgb[1] + blue * rgb[2]
    cb, cr = (rgb[2] - luma) / (2 - 2 * blue), (rgb[0] - luma) / (2 - 2 * red)
    values = [16 + luma * 219 / 255, 128 + cb * 224 / 255, 128 + cr * 224 / 255]
    source = tmp_path / "a.mp4"
    options = {"qp": "4", **({"colorspace": colorspace} if colorspace else {})}
    with av.open(str(source), "w") as container:
        track = container.add_stream("libx264", rate=25, options=options)
        track.width, track.height, track.pix_fmt = *size, "yuv420p"
        frame = av.VideoFrame(*size, "yuv420p")
        for plane, value in zip(frame.planes, values, strict=True):
            plane.update(bytes([round(value)]) * plane.buffer_size)
        container.mux([*track.encode(frame), *track.encode(None)])
    assert np.abs(stills(source, tmp_path, 0)[0].reshape(-1, 3).mean(0) - rgb).max() < 3


def test_a_still_of_high_dynamic_range_is_as_bright_as_other_pictures(tmp_path):
    grey = [np.full((120, 160, 3), round(255 * 0.58), np.uint8)]
    hdr = {"color_primaries": "bt2020", "color_trc": "smpte2084", "colorspace": "bt2020nc"}
    source = clips.video(
        tmp_path / "a.mp4", pictures=grey, times=[0], sound=[], pixels="yuv420p10le", qp="4", **hdr
    )
    assert stills(source, tmp_path, 0)[0].mean() > 245


def test_no_such_frame(tmp_path):
    source = clips.video(tmp_path / "a.mp4", **GOPS, sound=[])
    with pytest.raises(ValueError, match="frame 25"):
        stills(source, tmp_path, 25)
