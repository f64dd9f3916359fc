"""Opening strangers' files: what is accepted and found, what is refused, and that no file leads to another one."""

import os
import socket
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openvod.core.errors import TaskFault
from openvod.media import formats, sandbox
from openvod.media import probe as probing
from openvod.media.probe import open_media, video_tracks
from tests import clips


def probe(path):
    return probing.probe({"source": str(path)}, lambda done: None)


def refusal(path):
    with pytest.raises(TaskFault) as caught:
        probe(path)
    assert caught.value.number == "60000"
    return caught.value


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return clips.video(tmp_path_factory.mktemp("clip") / "clip.mp4")


# What is found


def test_an_ordinary_video(clip):
    facts = probe(clip)
    assert facts["kind"] == "video"
    assert (facts["content_type"], facts["extension"]) == ("video/mp4", "mp4")
    assert facts["duration"] == pytest.approx(1.0, abs=0.05)
    assert facts["rotation"] == 0
    video = facts["video"]
    assert (video["codec"], video["codec_tag"], video["width"], video["height"]) == ("h264", "avc1", 160, 120)
    assert video["codecs"].startswith("avc1.")
    assert (video["fps"], video["variable_rate"], video["bit_depth"], video["hdr"]) == (25.0, False, 8, "")
    (audio,) = facts["audio"]
    assert (audio["codec"], audio["sample_rate"], audio["channels"]) == ("aac", clips.RATE, 1)


def test_metadata_is_as_the_api_shows_it(clip):
    shown = probe(clip)["metadata"]
    (video,), (audio,) = shown.pop("VideoStreamSet"), shown.pop("AudioStreamSet")
    assert shown.pop("Bitrate") == pytest.approx(clip.stat().st_size * 8, rel=0.1)
    assert shown.pop("Duration") == pytest.approx(1.0, abs=0.05)
    assert shown.pop("VideoDuration") == shown.pop("AudioDuration") == pytest.approx(1.0, abs=0.05)
    assert shown == {"Container": "mov,mp4,m4a,3gp,3g2,mj2", "Height": 120, "Width": 160, "Rotate": 0}
    assert 0 < video.pop("Bitrate") < clip.stat().st_size * 8
    assert video.pop("DynamicRangeInfo") == {"Type": "SDR", "HDRType": ""}
    assert video == {"Height": 120, "Width": 160, "Codec": "h264", "Fps": 25, "CodecTag": "avc1"}
    assert audio.pop("Bitrate") > 0
    assert audio == {"SamplingRate": clips.RATE, "Codec": "aac"}


def test_a_silent_video_has_an_empty_list_of_audio(tmp_path):
    facts = probe(clips.video(tmp_path / "silent.mp4", sound=[]))
    assert facts["audio"] == facts["metadata"]["AudioStreamSet"] == []
    assert facts["metadata"]["AudioDuration"] == 0.0


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_rotation_is_clockwise(rotation, tmp_path):
    facts = probe(clips.video(tmp_path / "turned.mp4", rotation=rotation))
    assert facts["rotation"] == facts["metadata"]["Rotate"] == rotation
    assert (facts["video"]["width"], facts["video"]["height"]) == (160, 120)


def test_odd_pictures(tmp_path):
    facts = probe(
        clips.video(
            tmp_path / "odd.mp4",
            size=(161, 121),
            pixels="yuv444p10le",
            sample_aspect=Fraction(16, 11),
            color_trc="smpte2084",
        )
    )
    video = facts["video"]
    assert (video["width"], video["height"], video["bit_depth"]) == (161, 121, 10)
    assert (video["sample_aspect"], video["hdr"]) == ([16, 11], "hdr10")
    shown = facts["metadata"]["VideoStreamSet"][0]["DynamicRangeInfo"]
    assert shown == {"Type": "HDR", "HDRType": "hdr10"}


def test_a_variable_frame_rate_shows(tmp_path):
    times = [0, 0.04, 0.08, 0.12, 0.5, 0.54, 0.9]
    assert probe(clips.video(tmp_path / "vfr.mp4", times=times))["video"]["variable_rate"]


def test_every_audio_track_is_listed(tmp_path):
    sound = [clips.sine(1.0, channels=channels) for channels in (1, 6)]
    facts = probe(clips.video(tmp_path / "two.mkv", sound=sound, languages=["eng", "deu"]))
    assert [(track["channels"], track["language"]) for track in facts["audio"]] == [(1, "eng"), (6, "deu")]


@pytest.mark.parametrize(
    "name, extension, content_type",
    [
        ("a.mov", "mov", "video/quicktime"),
        ("a.mkv", "mkv", "video/x-matroska"),
        ("a.ts", "ts", "video/mp2t"),
        ("a.avi", "avi", "video/x-msvideo"),
        ("a.flv", "flv", "video/x-flv"),
    ],
)
def test_containers_are_told_by_their_content(name, extension, content_type, tmp_path):
    path = clips.video(tmp_path / name).rename(tmp_path / "no name")
    facts = probe(path)
    assert (facts["kind"], facts["extension"], facts["content_type"]) == ("video", extension, content_type)
    assert facts["duration"] == pytest.approx(1.0, abs=0.1)


def test_webm_is_not_any_matroska(tmp_path):
    facts = probe(clips.video(tmp_path / "a.webm", codec="libvpx"))
    assert (facts["extension"], facts["content_type"], facts["video"]["codec"]) == (
        "webm",
        "video/webm",
        "vp8",
    )


@pytest.mark.parametrize(
    "name, codec, content_type",
    [
        ("a.mp3", "mp3", "audio/mpeg"),
        ("a.m4a", "aac", "audio/mp4"),
        ("a.wav", "pcm_s16le", "audio/wav"),
        ("a.flac", "flac", "audio/flac"),
        ("a.ogg", "opus", "audio/ogg"),
        ("a.aac", "aac", "audio/aac"),
        ("a.mp4", "aac", "audio/mp4"),
    ],
)
def test_sound_only(name, codec, content_type, tmp_path):
    facts = probe(clips.audio(tmp_path / name))
    assert (facts["kind"], facts["video"], facts["content_type"]) == ("audio", None, content_type)
    assert facts["audio"][0]["codec"] == codec
    assert facts["duration"] == pytest.approx(2.0, abs=0.1)
    assert facts["metadata"]["VideoStreamSet"] == []


@pytest.mark.parametrize("name", ["a.mp3", "a.mp4"])
def test_a_cover_picture_is_no_video(name, tmp_path):
    path = clips.audio(tmp_path / name, cover=True)
    assert (probe(path)["kind"], probe(path)["video"]) == ("audio", None)
    with open_media(path) as container:
        assert len(container.streams.video) == 1
        assert video_tracks(container) == []


@pytest.mark.parametrize(
    "codec, extension, content_type",
    [
        ("mjpeg", "jpg", "image/jpeg"),
        ("png", "png", "image/png"),
        ("bmp", "bmp", "image/bmp"),
        ("tiff", "tiff", "image/tiff"),
        ("gif", "gif", "image/gif"),
    ],
)
def test_images(codec, extension, content_type, tmp_path):
    facts = probe(clips.picture(tmp_path / "still.mp4", codec=codec))
    assert (facts["kind"], facts["extension"], facts["content_type"]) == ("image", extension, content_type)
    assert (facts["metadata"]["Width"], facts["metadata"]["Height"]) == (160, 120)
    assert facts["duration"] == 0.0


@pytest.mark.parametrize(
    "kind, content_type", [("srt", "application/x-subrip"), ("vtt", "text/vtt"), ("ass", "text/x-ssa")]
)
def test_subtitles(kind, content_type, tmp_path):
    facts = probe(clips.subtitles(tmp_path / "text.mp4", kind))
    assert (facts["kind"], facts["format"], facts["extension"]) == ("subtitle", kind, kind)
    assert (facts["content_type"], facts["duration"]) == (content_type, 3.0)
    assert facts["metadata"]["Container"] == kind


def test_a_recording_that_begins_late_keeps_its_start(tmp_path):
    times = [3600 + index / 25 for index in range(25)]
    facts = probe(clips.video(tmp_path / "late.ts", times=times, sound=[]))
    assert facts["start"] == pytest.approx(3600, abs=3)
    assert facts["duration"] == pytest.approx(1.0, abs=0.1)


def test_a_file_without_a_duration_is_measured(tmp_path):
    path = tmp_path / "live.webm"
    with path.open("wb") as file:  # a recorder that cannot go back writes no duration
        clips.video(tmp_path / "a.webm", codec="libvpx", seconds=2.0)
        stream = _Unseekable(file)
        _remux(tmp_path / "a.webm", stream)
    with open_media(path) as container:
        assert container.duration is None
    assert probe(path)["duration"] == pytest.approx(2.0, abs=0.1)


class _Unseekable:
    def __init__(self, file):
        self.write = file.write


def _remux(source, target):
    with av.open(str(source)) as old, av.open(target, "w", format="webm") as new:
        track = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(old.streams.video[0]):
            if packet.dts is not None:
                packet.stream = track
                new.mux(packet)


def test_damage_in_the_middle_is_no_reason_to_refuse(clip, tmp_path):
    assert probe(clips.damaged(tmp_path / "damaged.ts", clips.video(tmp_path / "a.ts")))["kind"] == "video"


# What is refused


def test_an_empty_file(tmp_path):
    path = tmp_path / "empty.mp4"
    path.touch()
    assert "empty" in refusal(path).en


def test_a_file_whose_end_is_missing(clip, tmp_path):
    fault = refusal(clips.truncated(tmp_path / "cut.mp4", clip))
    assert fault.code == "SourceFileError.ContentMalformed"
    assert "end is missing" in fault.en


@pytest.mark.parametrize("data", [b"plain text\n", bytes(5000), b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_media(data, tmp_path):
    path = tmp_path / "file.mp4"
    path.write_bytes(data)
    assert refusal(path).code == "SourceFileError.ContentUnsupported"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=2000))
def test_any_bytes_are_answered_with_a_fault(data, tmp_path):
    path = tmp_path / "any"
    path.write_bytes(data)
    refusal(path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), data=st.binary(min_size=1, max_size=8))
def test_damage_anywhere_is_answered_with_facts_or_a_fault(place, data, clip, tmp_path):
    whole = bytearray(clip.read_bytes())
    start = len(whole) - 1 - place % min(len(whole) // 2, 3000)  # the index is at the end
    whole[start : start + len(data)] = data
    path = tmp_path / "any.mp4"
    path.write_bytes(whole)
    try:
        found = probe(path)["kind"]
    except TaskFault as fault:
        found = fault.number
    assert found in {"video", "audio", "60000"}


def test_only_regular_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        assert "regular" in refusal(path).en


def test_a_missing_file_is_the_callers_mistake(tmp_path):
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "nothing")


def _png(width, height):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + width // 8)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_picture_that_unpacks_to_gigabytes_is_not_decoded(tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(_png(8000, 8000))
    assert probe(path)["kind"] == "image"
    path.write_bytes(_png(16000, 16000))
    assert path.stat().st_size < 50_000
    assert refusal(path).code == "SourceFileError.ContentMalformed"


# No file leads to another one


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server
        with pytest.raises(BlockingIOError):  # nobody came
            server.accept()


SCRIPTS = {
    "concat": "ffconcat version 1.0\nfile 'neighbour.ts'\n",
    "concat http": "ffconcat version 1.0\nfile '{url}'\n",
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nneighbour.ts\n#EXT-X-ENDLIST\n",
    "hls http": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n",
    "hls data": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\ndata:video/mp2t;base64,AAAA\n#EXT-X-ENDLIST\n",
    "hls subfile": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsubfile,,start,0,end,0,,:neighbour.ts\n",
    "m3u": "neighbour.ts\n",
    "dash": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
    "<AdaptationSet><Representation><BaseURL>{url}</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    "ffmetadata": ";FFMETADATA1\ntitle=neighbour\n",
    "edl": "# mpv EDL v0\nneighbour.ts\n",
    "lavfi": "movie=neighbour.ts\n",
    "rtsp redirect": "[Reference]\nRef1={url}\n",
}


@pytest.mark.parametrize("name", ["plain", "x.mp4", "x.m3u8", "x.sdp", "x.ffconcat"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_lead_nowhere(script, name, listener, tmp_path):
    clips.video(tmp_path / "neighbour.ts", seconds=0.2)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/neighbour.ts"
    path = tmp_path / name
    path.write_text(SCRIPTS[script].replace("{url}", url))
    assert refusal(path).code == "SourceFileError.ContentUnsupported"


def test_the_scripts_would_lead_somewhere_without_the_rules(tmp_path):
    """The control of the test above: libav as it comes reads the neighbour."""
    clips.video(tmp_path / "neighbour.ts", seconds=0.2)
    path = tmp_path / "plain"
    path.write_text(SCRIPTS["concat"])
    with av.open(str(path)) as container:
        assert next(container.decode(video=0)).width == 160


@pytest.mark.parametrize("rule", ["format_whitelist", "protocol_whitelist"])
def test_each_rule_stops_a_script_alone(rule, tmp_path):
    clips.video(tmp_path / "neighbour.ts", seconds=0.2)
    path = tmp_path / "plain"
    path.write_text(f"ffconcat version 1.0\nfile 'file:{tmp_path / 'neighbour.ts'}'\n")
    ours = {"format_whitelist": formats.DEMUXERS, "protocol_whitelist": "fd"}
    handle = os.open(path, os.O_RDONLY)
    options = {"fd": str(handle), "safe": "0", "protocol_whitelist": "fd,file"}
    try:
        with av.open("fd:", container_options=options) as container:
            assert container.format.name == "concat"
        os.lseek(handle, 0, os.SEEK_SET)
        with pytest.raises(av.FFmpegError):
            av.open("fd:", container_options={**options, rule: ours[rule]})
    finally:
        os.close(handle)


@pytest.mark.parametrize(
    "name",
    [
        "-dash.mp4",
        "UPPER.MP4",
        "frame%03d.png",
        "http:clip.mp4",
        "concat:a|b.mp4",
        "subfile,,start,0,end,9,,:clip.mp4",
        "data:text",
        "pipe:0",
        "x.m3u8",
        "x.sdp",
        "新 片\n.mp4",
        "%s%n.mp4",
    ],
)
def test_names_mean_nothing(name, clip, tmp_path):
    path = tmp_path / name
    path.write_bytes(clip.read_bytes())
    assert probe(path)["format"] == "mov,mp4,m4a,3gp,3g2,mj2"


def test_an_image_name_is_no_pattern(tmp_path):
    for index in range(3):
        clips.picture(tmp_path / f"frame00{index}.png", codec="png")
    path = tmp_path / "frame%03d.png"
    with av.open(str(path)) as container:
        assert container.format.name == "image2"
    path.write_text("no picture")
    refusal(path)


def test_no_accepted_format_can_name_other_files():
    bad = {
        "concat",
        "hls",
        "dash",
        "image2",
        "image2pipe",
        "sdp",
        "rtsp",
        "rtp",
        "lavfi",
        "ffmetadata",
        "ivr",
        "imf",
    }
    assert not bad & set(formats.DEMUXERS.split(","))
    assert set(formats.DEMUXERS.split(",")) <= {n for name in av.formats_available for n in name.split(",")}


# In its process


def test_probe_runs_confined(clip, tmp_path):
    limits = sandbox.Limits(wall_seconds=60, cpu_seconds=30, memory_mb=2048, file_mb=1)
    argument = {"source": str(clip)}
    answer = sandbox.call("openvod.media.probe:probe", argument, tmp_path, limits, readable=[clip])
    assert answer == probe(clip)
    answer = sandbox.call("openvod.media.probe:versions", {}, tmp_path, limits)
    assert answer["PyAV"] == av.__version__
