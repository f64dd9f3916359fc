"""Sound on the clock that players show: late starts, holes, downmix, seeking, damage."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.media.audio import RATE, decode
from openvod.media.downmix import mixable
from tests import clips


def listen(path: Path, start: float = 0.0, end: float | None = None) -> NDArray[np.float32]:
    return np.concatenate([np.zeros(0, np.float32), *decode(path, start, end)])


def click_track(seconds: float, at: float, rate: int = clips.RATE) -> NDArray[np.float32]:
    """Silence, and from `at` on a tone."""
    return np.where(np.arange(round(seconds * rate)) >= at * rate, clips.sine(seconds, 1000.0), 0).astype(
        np.float32
    )


def onset(sound: NDArray[np.float32]) -> float:
    """Seconds until the first loud sample."""
    return float(np.argmax(np.abs(sound) > 0.1)) / RATE


def frequency(sound: NDArray[np.float32]) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum)) * RATE / len(sound)


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "m4a", "ogg"])
def test_any_format_becomes_16_khz_mono_of_the_same_length_and_pitch(tmp_path: Path, suffix: str) -> None:
    sound = listen(clips.audio(tmp_path / f"clip.{suffix}", clips.sine(2.0, 440.0)))
    assert sound.dtype == np.float32
    assert len(sound) / RATE == pytest.approx(2.0, abs=0.06)
    assert frequency(sound[RATE // 2 : 3 * RATE // 2]) == pytest.approx(440, abs=1.5)
    assert np.abs(sound[RATE // 2 : RATE]).max() == pytest.approx(0.5, abs=0.03)


def test_sound_that_begins_late_is_led_in_by_silence(tmp_path: Path) -> None:
    sound = listen(clips.video(tmp_path / "late.mp4", seconds=2.0, sound_start=1.5))
    assert onset(sound) == pytest.approx(1.5, abs=0.03)
    assert np.abs(sound[: RATE // 2]).max() < 1e-3


def test_a_hole_in_the_time_stamps_is_filled_and_an_overlap_is_trimmed(tmp_path: Path) -> None:
    path = tmp_path / "hole.mkv"
    tone = (clips.sine(0.1, 500.0) * 32767).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=clips.RATE, layout="mono")
        # Pieces of 0.1 s: one second without a gap, then a hole, then ten that overlap by half of their length.
        for start in [*np.arange(0, 1, 0.1), *np.arange(3, 3.5, 0.05)]:
            frame = av.AudioFrame.from_ndarray(tone, "s16", "mono")
            frame.sample_rate, frame.time_base = clips.RATE, Fraction(1, clips.RATE)
            frame.pts = round(start * clips.RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    sound = listen(path)
    loud = np.abs(sound[: 35 * RATE // 10]).reshape(35, -1).max(axis=1) > 0.1
    assert loud[:10].all()
    assert not loud[11:29].any()
    assert loud[31:].all()
    assert len(sound) / RATE == pytest.approx(3.55, abs=0.02)


@pytest.mark.parametrize("channels", [2, 6])
def test_a_full_scale_mix_does_not_clip(tmp_path: Path, channels: int) -> None:
    sound = listen(clips.audio(tmp_path / "loud.wav", np.repeat(clips.sine(1.0) * 1.98, channels, axis=0)))
    peak = np.abs(sound[RATE // 10 : -RATE // 10]).max()
    assert 0.9 < peak <= 1.0, "equal channels at full scale stay at full scale"


@pytest.mark.parametrize("layout, channels", [("stereo", 2), ("mono", 1)])
@pytest.mark.parametrize("kind", ["s16", "s16p", "flt", "fltp", "s32", "u8", "u8p", "dbl"])
def test_channels_that_cancel_out_are_not_mixed(kind: str, layout: str, channels: int) -> None:
    dtype = {"s16": np.int16, "s32": np.int32, "u8": np.uint8, "flt": np.float32, "dbl": np.float64}[
        kind.strip("p")
    ]
    tone = clips.sine(0.1)[0] * (1.0 if kind[0] in "fd" else 100 if kind[0] == "u" else 20000)
    planes = (np.stack([0.9 * tone, -tone])[:channels] + 128 * (kind[0] == "u")).astype(dtype)
    packed = planes if kind.endswith("p") else np.ascontiguousarray(planes.T).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(packed, kind, layout)
    frame.sample_rate = clips.RATE
    heard = mixable(frame)
    assert (heard.format.name, heard.layout.name, heard.sample_rate) == (kind, layout, clips.RATE)
    assert (heard is frame) == (channels == 1)
    samples = heard.to_ndarray()
    each = samples if kind.endswith("p") else samples.reshape(-1, channels).T
    assert (each == planes[-1]).all(), "the louder channel stands for both"


def test_speech_in_one_channel_or_in_unlike_channels_is_mixed(tmp_path: Path) -> None:
    tone, other = clips.sine(1.0, 440.0)[0], clips.sine(1.0, 1000.0)[0]
    for name, pair, loud in (
        ("one", (tone, tone * 0), 0.25),
        ("two", (tone, other), 0.5),
        ("against", (tone, -tone), 0.5),
    ):
        sound = listen(clips.audio(tmp_path / f"{name}.wav", np.stack(pair)))
        assert np.abs(sound[RATE // 10 : -RATE // 10]).max() == pytest.approx(loud, abs=0.03), name


@pytest.mark.parametrize("suffix", ["wav", "mp4", "mp3"])
def test_a_stretch_out_of_the_middle_is_where_the_whole_file_has_it(tmp_path: Path, suffix: str) -> None:
    samples = click_track(8.0, 5.0)
    path = tmp_path / f"clip.{suffix}"
    if suffix == "mp4":
        clips.video(path, seconds=8.0, sound=[samples], size=(64, 48))
    else:
        clips.audio(path, samples)
    whole, part = listen(path), listen(path, 4.0, 6.0)
    assert len(part) == 2 * RATE
    assert 4.0 + onset(part) == pytest.approx(onset(whole), abs=2 / RATE)


def test_blocks_are_about_a_second_long(tmp_path: Path) -> None:
    blocks = list(decode(clips.audio(tmp_path / "clip.wav", clips.sine(5.0))))
    assert len(blocks) in (5, 6)
    assert max(len(block) for block in blocks) < 1.2 * RATE


def test_the_default_track_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("pcm_s16le", rate=RATE, layout="mono") for _ in range(2)]
        streams[0].disposition = av.stream.Disposition(0)
        streams[1].disposition = av.stream.Disposition.default
        for stream, hertz in zip(streams, (300.0, 900.0), strict=True):
            tone = (clips.sine(1.0, hertz, RATE) * 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(tone, "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    assert frequency(listen(path)) == pytest.approx(900, abs=2)


def test_damage_is_skipped_and_a_broken_off_file_gives_what_it_has(tmp_path: Path) -> None:
    whole = clips.audio(tmp_path / "whole.mp3", clips.sine(4.0))
    assert len(listen(clips.damaged(tmp_path / "damaged.mp3", whole))) > 3 * RATE
    assert 1.5 * RATE < len(listen(clips.truncated(tmp_path / "cut.mp3", whole, 0.5))) < 2.5 * RATE


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskFault) as refusal:
        listen(clips.video(tmp_path / "silent.mp4", sound=[]))
    assert refusal.value.key == "SourceFileError.ContentUnsupported/no-audio"


def test_a_track_in_which_nothing_decodes_is_malformed(tmp_path: Path) -> None:
    path = clips.audio(tmp_path / "clip.flac", clips.sine(1.0))
    data = bytearray(path.read_bytes())
    data[200:] = bytes(len(data) - 200)  # the header stays, the frames are wiped
    path.write_bytes(data)
    with pytest.raises(TaskFault) as refusal:
        listen(path)
    assert refusal.value.code == "SourceFileError.ContentMalformed"
