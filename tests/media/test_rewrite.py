"""A box is inverted in a few frames; everything else must come out as it went in, in every form of video."""

import os
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from openvod.core.errors import TaskFault
from openvod.media import rewrite, sandbox
from openvod.media.rewrite import Editor, FrameRange, Work, decoding
from openvod.media.rewrite.index import Times
from openvod.media.rewrite.windows import planes_of
from openvod.media.sandbox import Cancelled, Crashed, Limits
from tests import clips, helpers_here

BOX = [8, 8, 32, 24]
EDITORS = "tests.media.rewrite_editors"
TESTS = Path(__file__).parents[1]
LIMITS = Limits(wall_seconds=120, cpu_seconds=120)


def older(path, codec, **options):
    """30 frames by an encoder whose clock must be the frame rate."""
    with av.open(str(path), "w") as container:
        track = container.add_stream(codec, rate=25, options={"g": "10", "bf": "2", "b": "2M", **options})
        track.width, track.height, track.pix_fmt = 160, 120, "yuv420p"
        for index in range(30):
            container.mux(track.encode(av.VideoFrame.from_ndarray(clips.pattern(index), format="rgb24")))
        container.mux(track.encode(None))
    return path


def rewritten(
    source, tmp_path, ranges, *, editor="invert_box", argument=None, context=3, call=helpers_here.call, **plan
):
    work = Work(tmp_path / "work", LIMITS, call=call)
    index = rewrite.examine(source, work)
    made = rewrite.plan(index, [FrameRange(*part) for part in ranges], context, **plan)
    target = tmp_path / "target.mp4"
    chosen = Editor(f"{EDITORS}:{editor}", argument or {"box": BOX}, (TESTS,))
    return made, rewrite.rewrite(source, target, made, chosen, work), target


def decoded(path):
    """Times in seconds, and planes as arrays."""
    with av.open(str(path)) as container:
        track = next(
            one for one in container.streams.video if not one.disposition & av.stream.Disposition.attached_pic
        )
        frames = list(container.decode(track))
        times = [frame.pts * frame.time_base if frame.pts is not None else None for frame in frames]
        return times, [[plane.copy() for plane in planes_of(frame)] for frame in frames], frames[0]


def sounds(path):
    """Bytes and times of the packets of each audio track."""
    with av.open(str(path)) as container:
        tracks = {track.index: [] for track in container.streams.audio}
        for packet in container.demux():
            if packet.size and packet.stream_index in tracks:
                tracks[packet.stream_index].append((float(packet.pts * packet.time_base), bytes(packet)))
        return list(tracks.values())


def psnr(one, other, peak):
    error = np.square(one.astype(float) - other.astype(float)).mean()
    return 10 * np.log10(peak**2 / max(error, 1e-9))


def check_pictures(source, target, ranges, made, report, origin=Fraction(0)):
    times, pictures, first = decoded(source)
    new_times, new_pictures, new_first = decoded(target)
    assert len(new_pictures) == len(pictures) == report.frames
    assert all(
        abs(new - (old - origin)) < Fraction(1, 5000) for old, new in zip(times, new_times, strict=True)
    )
    edited = {frame for part in ranges for frame in range(*part)}
    encoded = {n for part in made.segments for n in range(part.first, part.first + part.frames)}
    if report.way != "copy":
        encoded = set(range(len(pictures)))
    peak = (1 << first.format.components[0].bits) - 1
    x, y, width, height = BOX
    for number, (old, new) in enumerate(zip(pictures, new_pictures, strict=True)):
        if number not in encoded:
            assert all(map(np.array_equal, old, new)), f"frame {number} was not copied"
            continue
        if number in edited:
            old[0][y : y + height, x : x + width] = peak - old[0][y : y + height, x : x + width]
        for before, after in zip(old, new, strict=True):
            assert psnr(before, after, peak) > 33, f"frame {number}"
    return first, new_first


def check_sound(source, target, origin=Fraction(0)):
    head = 7 if source.suffix == ".ts" else 0  # ADTS headers, which only streams without an index need
    for old, new in zip(sounds(source), sounds(target), strict=True):
        assert [data[head:] for _, data in old] == [data for _, data in new]
        assert np.allclose([time - float(origin) for time, _ in old], [time for time, _ in new], atol=0.0015)


GOPS = {"g": "10", "bf": "2", "sc_threshold": "0"}
FORMS = {
    # name: (file name, way, options of clips.video)
    "mp4": ("a.mp4", "copy", {**GOPS}),
    "no B-frames": ("a.mp4", "copy", {"g": "10", "bf": "0"}),
    "B-pyramid": ("a.mp4", "copy", {"g": "10", "bf": "4", "x264-params": "b-pyramid=normal:b-adapt=0:ref=4"}),
    "baseline": ("a.mp4", "copy", {"g": "10", "profile": "baseline"}),
    "open groups": ("a.mp4", "whole", {**GOPS, "x264-params": "open-gop=1:b-adapt=0", "seconds": 2.0}),
    "matroska": ("a.mkv", "copy", {**GOPS}),
    "transport stream": ("a.ts", "copy", {**GOPS}),
    "quicktime": ("a.mov", "copy", {**GOPS}),
    "flash": ("a.flv", "copy", {"g": "10", "bf": "0"}),
    "10 bit": ("a.mp4", "copy", {**GOPS, "pixels": "yuv420p10le"}),
    "4:2:2": ("a.mp4", "copy", {**GOPS, "pixels": "yuv422p"}),
    "4:4:4": ("a.mp4", "copy", {**GOPS, "pixels": "yuv444p"}),
    "4:4:4, odd": ("a.mp4", "copy", {**GOPS, "pixels": "yuv444p", "size": (161, 121)}),
    "full range": ("a.mp4", "copy", {**GOPS, "pixels": "yuvj420p"}),
    "interlaced": ("a.mp4", "copy", {**GOPS, "x264-params": "tff=1"}),
    "rotated": ("a.mp4", "copy", {**GOPS, "rotation": 90}),
    "rotated, whole": ("a.mp4", "whole", {"g": "100", "rotation": 270}),
    "wide pixels": ("a.mp4", "copy", {**GOPS, "sample_aspect": Fraction(16, 11)}),
    "wide pixels, whole": ("a.mp4", "whole", {"g": "100", "sample_aspect": Fraction(16, 11)}),
    "uneven times": ("a.mp4", "copy", {**GOPS, "times": [n / 25 + n % 3 / 100 + n // 7 for n in range(30)]}),
    "no sound": ("a.mp4", "copy", {**GOPS, "sound": []}),
    "several sounds": ("a.mp4", "copy", {**GOPS, "sound": [clips.sine(1.2), clips.sine(1.2, 300, channels=2)]}),
    "late sound": ("a.mp4", "copy", {**GOPS, "sound_start": 0.5}),
    "one frame": ("a.mp4", "whole", {"seconds": 0.04, "sound": []}),
    "hevc": ("a.mp4", "whole", {"codec": "libx265", "x265-params": "log-level=none:keyint=10", "pixels": "yuv420p10le"}),
    "vp9": ("a.webm", "whole", {"codec": "libvpx-vp9", "g": "10", "deadline": "realtime"}),
    "vp9, odd": ("a.webm", "whole", {"codec": "libvpx-vp9", "g": "10", "size": (161, 121), "deadline": "realtime"}),
    "vp8": ("a.webm", "whole", {"codec": "libvpx", "g": "10", "deadline": "realtime", "b": "2M"}),
    "av1": ("a.mkv", "whole", {"codec": "libsvtav1", "preset": "12", "g": "10", "svtav1-params": "lp=1"}),
    "12 bit": ("a.mkv", "whole", {"codec": "libx265", "pixels": "yuv420p12le", "x265-params": "log-level=none"}),
    "mpeg-2": ("a.ts", "whole", {"older": "mpeg2video"}),
    "mpeg-2, interlaced": ("a.ts", "whole", {"older": "mpeg2video", "flags": "+ildct+ilme"}),
    "mpeg-4 in avi": ("a.avi", "whole", {"older": "mpeg4"}),
    "motion jpeg": ("a.avi", "whole", {"codec": "mjpeg", "pixels": "yuvj422p", "sound": [], "q:v": "2"}),
    "lossless rgb": ("a.mkv", "whole", {"codec": "ffv1", "pixels": "yuv420p"}),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_only_the_box_changes(form, tmp_path):
    name, way, options = FORMS[form]
    options = dict(options)
    if "older" in options:
        source = older(tmp_path / name, options.pop("older"), **options)
    else:
        source = clips.video(tmp_path / name, **{"seconds": 1.2, **options})
    ranges = [(0, 1)] if form == "one frame" else [(13, 16)]
    made, report, target = rewritten(source, tmp_path, ranges)
    assert way in (report.way, None), report
    with av.open(str(source)) as container:
        origin = (
            Fraction(container.start_time or 0, 1_000_000)
            if name.endswith((".ts", ".mkv", ".webm"))
            else Fraction(0)
        )
    first, new = check_pictures(source, target, ranges, made, report, origin)
    if way == "copy":
        assert 0 < report.encoded < report.frames
    if name.endswith((".mp4", ".mov", ".mkv", ".ts", ".flv")):
        check_sound(source, target, origin)
    assert new.rotation == first.rotation
    assert new.format.name == first.format.name
    assert new.interlaced_frame == first.interlaced_frame
    with av.open(str(source)) as old, av.open(str(target)) as changed:
        before, after = old.streams.video[0], changed.streams.video[0]
        assert (before.sample_aspect_ratio or 1) == (after.sample_aspect_ratio or 1)
        if name.endswith(".mp4") and form != "uneven times":  # libav itself writes too short a duration there
            assert abs(after.duration * after.time_base - before.duration * before.time_base) < Fraction(
                1, 500
            )
    data = target.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # plays while it loads


def packets(path):
    """Bytes and display times of the video packets."""
    with av.open(str(path)) as container:
        track = container.streams.video[0]
        return [
            (packet.pts * packet.time_base, bytes(packet)) for packet in container.demux(track) if packet.size
        ]


def test_copied_groups_are_the_same_bytes(tmp_path):
    source = clips.video(tmp_path / "a.mp4", seconds=2.0, **GOPS)
    made, _, target = rewritten(source, tmp_path, [(22, 24)])
    old, new = dict(packets(source)), dict(packets(target))
    assert old.keys() == new.keys()
    changed = [time for time in old if old[time] != new[time]]
    assert made.encoded == len(changed) == 10
    assert min(changed) == Fraction(20, 25)


def test_a_long_group_is_whole(tmp_path):
    source = clips.video(tmp_path / "a.mp4", seconds=5.0, g="250", bf="3")
    made, report, target = rewritten(source, tmp_path, [(0, 125)])
    check_pictures(source, target, [(0, 125)], made, report)
    assert report.encoded == 125
    assert 36 < report.psnr < 100


def test_pictures_that_an_edit_list_hides_stay_hidden(tmp_path):
    source = clips.video(tmp_path / "a.mp4", times=[(n - 4) / 25 for n in range(36)], sound=[], **GOPS)
    assert len(decoded(source)[1]) == 32
    made, report, target = rewritten(source, tmp_path, [(20, 22)])
    assert (report.way, report.encoded, report.notes) == (
        "copy",
        16,
        (),
    )  # the first group too, without the hidden
    check_pictures(source, target, [(20, 22)], made, report)
    assert len(packets(target)) == 32


def with_extras(path):
    """A Matroska file with a text track, chapters, tags, Vorbis and a language."""
    plain = clips.video(path.with_name("plain.mkv"), seconds=1.2, sound=[], languages=[], **GOPS)
    with av.open(str(plain)) as source, av.open(str(path), "w") as output:
        picture = output.add_stream_from_template(source.streams.video[0])
        text = output.add_stream("subrip")
        text.codec_context.subtitle_header = b""
        text.time_base = Fraction(1, 1000)
        text.metadata["language"] = "chi"
        output.metadata["title"] = "A title"
        output.set_chapters(
            [{"id": 1, "start": 0, "end": 600, "time_base": Fraction(1, 1000), "metadata": {"title": "one"}}]
        )
        for packet in source.demux():
            if packet.size:
                packet.stream = picture
                output.mux(packet)
        line = av.Packet("字幕".encode())
        line.pts = line.dts = 200
        line.duration, line.time_base, line.stream = 500, Fraction(1, 1000), text
        output.mux(line)
    return path


def test_text_tracks_chapters_and_tags_are_kept(tmp_path):
    source = with_extras(tmp_path / "a.mkv")
    _, report, target = rewritten(source, tmp_path, [(13, 14)])
    assert report.notes == ("track 1: subrip subtitles are kept as MP4's own kind",)
    with av.open(str(target)) as container:
        text = container.streams.subtitles[0]
        assert (text.codec_context.name, text.metadata["language"]) == ("mov_text", "chi")
        lines = [bytes(packet) for packet in container.demux(text) if packet.size > 2]
        assert lines == [len("字幕".encode()).to_bytes(2, "big") + "字幕".encode()]
        assert container.metadata["title"] == "A title"
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["one"]


def test_sound_that_mp4_cannot_hold_becomes_aac(tmp_path):
    source = clips.video(tmp_path / "a.mkv", seconds=1.2, sound=[], **GOPS)
    mixed = tmp_path / "b.mkv"
    with av.open(str(source)) as old, av.open(str(mixed), "w") as output:
        picture = output.add_stream_from_template(old.streams.video[0])
        sound = output.add_stream("pcm_s16le", rate=44100)
        sound.layout = "mono"
        samples = (clips.sine(1.2) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = 44100, 0
        for packet in old.demux():
            if packet.size:
                packet.stream = picture
                output.mux(packet)
        output.mux(sound.encode(frame))
        output.mux(sound.encode(None))
    _, report, target = rewritten(mixed, tmp_path, [(13, 14)])
    assert report.notes == ("track 1: pcm_s16le sound is encoded anew as AAC",)
    with av.open(str(target)) as container:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
        assert container.streams.audio[0].codec_context.name == "aac"
    spectrum = np.abs(np.fft.rfft(heard[4410 : 4410 + 44100]))
    assert abs(int(spectrum.argmax()) - 440) <= 1


def test_high_dynamic_range_is_told_again(tmp_path):
    tags = {
        "color_primaries": "bt2020",
        "color_trc": "smpte2084",
        "colorspace": "bt2020nc",
        "color_range": "tv",
    }
    light = (
        "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"
    )
    source = clips.video(
        tmp_path / "a.mp4", codec="libx265", pixels="yuv420p10le", sound=[], **tags,
        **{"x265-params": f"log-level=none:keyint=10:{light}"},
    )  # fmt: skip
    rewritten(source, tmp_path, [(13, 14)])
    seen = []
    for path in (source, tmp_path / "target.mp4"):
        frame = decoded(path)[2]
        data = {item.type.name: bytes(item) for item in frame.side_data}
        kept = {name: data[name] for name in ("MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL")}
        seen.append((frame.color_trc, frame.color_primaries, frame.colorspace, frame.color_range, kept))
    assert seen[0] == seen[1]
    assert seen[0][0] == 16


def test_damaged_pictures_are_passed_over(tmp_path):
    whole = clips.video(tmp_path / "whole.mp4", seconds=2.0, size=(320, 240), **GOPS)
    whole = remuxed_with_index_first(tmp_path / "first.mp4", whole)
    source = clips.damaged(tmp_path / "a.mp4", whole, bytes_changed=200, spare=8192)
    _, report, target = rewritten(source, tmp_path, [(13, 16)])
    assert report.way == "serial"
    assert len(decoded(target)[1]) == report.frames >= 20


def test_a_recording_that_begins_in_the_middle(tmp_path):
    whole = clips.video(tmp_path / "whole.ts", seconds=2.0, size=(320, 240), sound=[], **GOPS)
    data = whole.read_bytes()
    source = tmp_path / "a.ts"
    source.write_bytes(data[: 188 * 3] + data[188 * 12 :])  # the tables, and then from somewhere on
    made, report, target = rewritten(source, tmp_path, [(13, 16)])
    assert (report.way, made.index.reason) == ("serial", "the file does not begin with a key picture")
    origin = decoded(source)[0][0] - decoded(target)[0][0]
    check_pictures(source, target, [(13, 16)], made, report, origin)


def test_a_file_that_breaks_off_keeps_what_there_is(tmp_path):
    whole = clips.video(tmp_path / "whole.mp4", seconds=2.0, **GOPS)
    whole = remuxed_with_index_first(tmp_path / "first.mp4", whole)
    source = clips.truncated(tmp_path / "a.mp4", whole, 0.5)
    _, report, target = rewritten(source, tmp_path, [(3, 5)])
    assert 10 < report.frames < 50
    assert len(decoded(target)[1]) == report.frames


def remuxed_with_index_first(path, source):
    with (
        av.open(str(source)) as old,
        av.open(str(path), "w", container_options={"movflags": "+faststart"}) as new,
    ):
        tracks = [new.add_stream_from_template(track, opaque=True) for track in old.streams]
        for packet in old.demux():
            if packet.size:
                packet.stream = tracks[packet.stream_index]
                new.mux(packet)
    return path


@pytest.mark.parametrize("form", ["sound", "image", "text"])
def test_what_is_no_video_is_refused(form, tmp_path):
    path = tmp_path / "a"
    made = {
        "sound": lambda: clips.audio(tmp_path / "a.mp3"),
        "image": lambda: clips.picture(path),
        "text": lambda: clips.subtitles(path),
    }[form]()
    with pytest.raises(TaskFault) as caught:
        rewrite.examine(made, Work(tmp_path / "work", LIMITS, call=helpers_here.call))
    assert caught.value.code.startswith("SourceFileError.")


def test_a_new_size_in_the_middle_is_a_clear_fault(tmp_path):
    source = tmp_path / "a.ts"
    for size in ((160, 120), (320, 240)):
        part = clips.video(tmp_path / "part.ts", seconds=1.2, size=size, sound=[], **GOPS)
        with source.open("ab") as file:
            file.write(part.read_bytes())
    with pytest.raises(TaskFault) as caught:
        rewritten(source, tmp_path, [(3, 5)])
    assert caught.value.code == "SourceFileError.ContentMalformed"
    assert "size" in caught.value.en


def test_editors_see_originals_around_their_frames(tmp_path):
    source = clips.video(tmp_path / "a.mp4", seconds=2.0, sound=[], **GOPS)
    sums = [int(planes[0].sum()) for planes in decoded(source)[1]]
    log = tmp_path / "log"
    rewritten(
        source, tmp_path, [(8, 14), (16, 18)], editor="write_down", argument={"log": str(log)}, context=4
    )
    rows = [tuple(map(eval, line.split("\t"))) for line in log.read_text().splitlines()]
    assert [row[0] for row in rows] == [
        [[4, 5, 6, 7], [8, 9, 10, 11, 12, 13], [14, 15, 16, 17]],
        [[12, 13, 14, 15], [16, 17], [18, 19, 20, 21]],
    ]
    for _, seen in rows:
        assert all(sums[number] == total for number, total in seen.items())


def test_context_cannot_be_written_to(tmp_path):
    source = clips.video(tmp_path / "a.mp4", seconds=1.2, sound=[], **GOPS)
    with pytest.raises(ValueError, match="read-only"):
        rewritten(source, tmp_path, [(13, 16)], editor="touch_context")


def test_nothing_to_change_copies_everything(tmp_path):
    source = clips.video(tmp_path / "a.mp4", seconds=1.2, **GOPS)
    _, report, target = rewritten(source, tmp_path, [])
    assert (report.way, report.encoded, report.psnr) == ("copy", 0, 100.0)
    assert packets(source) == packets(target)


@pytest.mark.parametrize(
    "codec", [{"codec": "libx264", "bf": "2", "x264-params": "open-gop=1:b-adapt=0"}, {"codec": "libx265"}]
)
def test_open_groups_are_decoded_from_nearby(codec, tmp_path):
    source = clips.video(
        tmp_path / "a.mp4",
        **LONG | codec,
        **{"x265-params": "log-level=none:keyint=50:min-keyint=50:open-gop=1:bframes=2"},
    )
    made, report, target = rewritten(source, tmp_path, [(245, 255)], context=4)
    assert len(made.segments) == 2
    assert any(group.leading for group in made.index.groups)
    times = Times.read(tmp_path / "work" / "index" / "times")
    assert decoding._entry_time(made.index, times, 250) >= times[180]
    check_pictures(source, target, [(245, 255)], made, report)
    assert report.notes == ()


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_a_black_opening_does_not_set_the_quality(codec, tmp_path):
    dice = np.random.default_rng(1)
    rough = [dice.integers(0, 255, (120, 160, 3), np.uint8) for _ in range(110)]
    black = [np.zeros((120, 160, 3), np.uint8)] * 30
    factors = []
    for pictures in (rough, black + rough[30:]):
        options = {"crf": "34", "g": "20", "x265-params": "log-level=none"}
        if codec == "libx264":
            del options["x265-params"]
        times = [number / 25 for number in range(len(pictures))]
        source = clips.video(
            tmp_path / "a.mp4", codec=codec, pictures=pictures, times=times, sound=[], **options
        )
        work = Work(tmp_path / "work", LIMITS, call=helpers_here.call)
        factors.append(rewrite.examine(source, work).recipe["factor"])
    assert abs(factors[0] - factors[1]) < 2.5, factors


LONG = {"seconds": 12.0, "sound": [], "g": "50", "bf": "0"}


def test_a_crash_costs_only_the_segment_it_hits(tmp_path):
    source = clips.video(tmp_path / "a.mp4", **LONG)
    told = []
    work = Work(tmp_path / "work", LIMITS, processes=2, progress=told.append)
    made = rewrite.plan(rewrite.examine(source, work), [FrameRange(0, 300)], context=2)
    assert len(made.segments) == 2
    note = tmp_path / "note"
    editor = Editor(f"{EDITORS}:die_late", {"box": BOX, "at": 150, "note": str(note)}, (TESTS, note))
    target = tmp_path / "target.mp4"
    with pytest.raises(Crashed):
        rewrite.rewrite(source, target, made, editor, Work(work.folder, LIMITS, processes=1))
    assert not target.exists()
    note.touch()
    report = rewrite.rewrite(source, target, made, editor, work)
    assert (report.reused, report.way) == (1, "whole")
    check_pictures(source, target, [(0, 300)], made, report)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_cancelling_is_quick_and_leaves_no_target(tmp_path):
    source = clips.video(tmp_path / "a.mp4", **LONG)
    work = Work(tmp_path / "work", LIMITS)
    made = rewrite.plan(rewrite.examine(source, work), [FrameRange(0, 300)], context=2)
    asked = []

    def cancelled():
        asked.append(time.monotonic())
        return (work.folder / "segments").exists() and len(asked) > 20

    work = Work(work.folder, LIMITS, processes=2, cancelled=cancelled)
    editor = Editor(f"{EDITORS}:never_end", {}, (TESTS,))
    with pytest.raises(Cancelled):
        rewrite.rewrite(source, tmp_path / "target.mp4", made, editor, work)
    first = next(moment for number, moment in enumerate(asked) if number >= 20)
    assert time.monotonic() - first < 2
    assert not (tmp_path / "target.mp4").exists()


def inside(tmp_path, editor, argument, **more):
    source = clips.video(tmp_path / "a.mp4", **LONG)
    question = {"source": str(source), "editor": editor, "argument": argument}
    target = f"{EDITORS}:rewrite_inside"
    return source, sandbox.call(
        target, question, tmp_path / "job", LIMITS, readable=[source, TESTS.parent], **more
    )


def test_a_media_process_can_share_the_work_with_others_of_its_own(tmp_path):
    told = []
    _, answer = inside(tmp_path, "invert_box", {"box": BOX}, progress=told.append)
    assert answer == {"way": "whole", "encoded": 300}
    assert told[-1] == 1.0
    assert len(decoded(tmp_path / "job" / "target.mp4")[1]) == 300


def test_a_crash_of_an_inner_process_is_told(tmp_path):
    with pytest.raises(Crashed) as caught:  # as the kernel does when the memory is gone
        inside(tmp_path, "die_late", {"box": BOX, "at": 0, "note": str(tmp_path / "job" / "none")})
    assert caught.value.kind == "memory"


def test_the_operator_reads_why_an_inner_process_failed(tmp_path):
    with pytest.raises(Crashed, match=r"(Value|Index)Error: ") as caught:
        inside(tmp_path, "touch_context", {})
    assert caught.value.kind == "exit"


def test_inner_processes_die_with_the_outer_one(tmp_path):
    marks = tmp_path / "job" / "work" / "segments"
    with pytest.raises(Cancelled):
        inside(tmp_path, "never_end", {"marker": str(tmp_path)}, cancelled=marks.exists)
    deadline = time.monotonic() + 5  # they are killed already; the kernel takes a moment to clear them away
    while running_in(tmp_path) and time.monotonic() < deadline:
        pass
    assert not running_in(tmp_path)


def running_in(folder):
    return [one for one in Path("/proc").glob("[0-9]*/cwd") if str(folder) in resolved(one)]


def resolved(link):
    try:
        return os.readlink(link)
    except OSError:
        return ""
