"""Small real media files, made on the spot: each function writes one file and returns its path.

The picture of `video` is a bright square that moves over a shaded ground, so motion, cuts and rotation can be
told; its sound is a tone. Sizes are in pixels, times in seconds.
"""

import random
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE = 44100


def pattern(index: int, size: tuple[int, int] = (160, 120)) -> NDArray[np.uint8]:
    """Frame `index` as `[height, width, 3]` RGB: a bright square moves right and down on a shaded ground."""
    width, height = size
    picture = np.empty((height, width, 3), np.uint8)
    picture[..., 0] = np.linspace(16, 120, width, dtype=np.uint8)
    picture[..., 1] = np.linspace(16, 120, height, dtype=np.uint8)[:, None]
    picture[..., 2] = 64
    side = max(2, min(size) // 4)
    x, y = 3 * index % max(1, width - side), 2 * index % max(1, height - side)
    picture[y : y + side, x : x + side] = 235
    return picture


def sine(
    seconds: float, frequency: float = 440.0, rate: int = RATE, channels: int = 1
) -> NDArray[np.float32]:
    """A tone at half volume as `[channels, samples]`; channel n sounds n octaves higher."""
    time = np.arange(round(seconds * rate)) / rate
    waves = [0.5 * np.sin(2 * np.pi * frequency * 2**channel * time) for channel in range(channels)]
    return np.array(waves, np.float32)


def video(
    path: Path,
    *,
    seconds: float = 1.0,
    fps: int = 25,
    size: tuple[int, int] = (160, 120),
    codec: str = "libx264",
    pixels: str = "yuv420p",
    rotation: int = 0,
    sample_aspect: Fraction = Fraction(1),
    times: Sequence[float] | None = None,
    sound: Sequence[NDArray[np.float32]] | None = None,
    languages: Sequence[str] = (),
    sound_start: float = 0.0,
    pictures: Sequence[NDArray[np.uint8]] | None = None,
    format: str | None = None,
    ticks: int = 90000,
    **options: str,
) -> Path:
    """A video; by default with one tone as its sound.

    `rotation` is clockwise, as a player turns the picture. `times` are frame times for a variable rate.
    `sound` has one array per audio track (`[]` for a silent file), in `languages`. `pictures` replace the
    pattern. `ticks` per second are what times are counted in. `options` go to the video encoder, e.g. `color_trc="smpte2084"`.
    """
    times = [index / fps for index in range(round(seconds * fps))] if times is None else times
    pictures = [pattern(index, size) for index in range(len(times))] if pictures is None else pictures
    sound = [sine(seconds)] if sound is None else sound
    with av.open(str(path), "w", format=format) as container:
        track = container.add_stream(codec, rate=fps, options={"preset": "ultrafast", **options})
        track.height, track.width = pictures[0].shape[:2]
        track.pix_fmt = pixels
        track.codec_context.time_base = track.time_base = Fraction(1, ticks)
        if sample_aspect != 1:
            track.codec_context.sample_aspect_ratio = sample_aspect
        if rotation:
            track.set_display_rotation(-rotation)
        tracks = [_add_sound(container, samples) for samples in sound]
        for stream, language in zip(tracks, languages, strict=False):
            stream.metadata["language"] = language
        for time, picture in zip(times, pictures, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels)
            frame.pts, frame.time_base = round(time * ticks), Fraction(1, ticks)
            container.mux(track.encode(frame))
        container.mux(track.encode(None))
        for stream, samples in zip(tracks, sound, strict=True):
            _write_sound(container, stream, samples, sound_start)
    return path


def audio(path: Path, samples: NDArray[np.float32] | None = None, cover: bool = False) -> Path:
    """A sound file in the format of its suffix; two seconds of a tone by default. `cover`: mp3 and mp4 only."""
    samples = sine(2.0) if samples is None else samples
    with av.open(str(path), "w") as container:
        stream = _add_sound(container, samples)
        if cover:
            art = container.add_stream("mjpeg", rate=1)
            art.width, art.height, art.pix_fmt = 64, 64, "yuvj420p"
            art.disposition = av.stream.Disposition.attached_pic
            container.start_encoding()
            container.mux(art.encode(av.VideoFrame.from_ndarray(pattern(0, (64, 64)), format="rgb24")))
            container.mux(art.encode(None))
        _write_sound(container, stream, samples, 0.0)
    return path


def picture(path: Path, pixels: NDArray[np.uint8] | None = None, codec: str = "mjpeg") -> Path:
    """A still picture (`mjpeg`, `png`, `bmp`, `tiff`, `gif`), whatever the name says."""
    pixels = pattern(0) if pixels is None else pixels
    encoder = av.CodecContext.create(codec, "w")
    encoder.height, encoder.width = pixels.shape[:2]
    encoder.pix_fmt = {"mjpeg": "yuvj420p", "gif": "rgb8", "bmp": "bgr24"}.get(codec, "rgb24")
    encoder.time_base = Fraction(1, 25)
    if codec == "gif":
        with av.open(str(path), "w", format="gif") as container:
            track = container.add_stream("gif", rate=10)
            track.height, track.width = pixels.shape[:2]
            track.pix_fmt = encoder.pix_fmt
            container.mux(track.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(track.encode(None))
        return path
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=encoder.pix_fmt)
    path.write_bytes(b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)]))
    return path


def truncated(path: Path, source: Path, part: float = 0.6) -> Path:
    """The first `part` (0 to 1) of `source`: an upload that broke off."""
    data = source.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    return path


def damaged(path: Path, source: Path, bytes_changed: int = 50, spare: int = 4096) -> Path:
    """`source` with random bytes changed after the first `spare`; the same ones every time."""
    data = bytearray(source.read_bytes())
    dice = random.Random(len(data))
    for _ in range(bytes_changed):
        data[dice.randrange(min(spare, len(data) // 2), len(data))] = dice.randrange(256)
    path.write_bytes(data)
    return path


SUBTITLES = {
    "srt": "1\n00:00:00,500 --> 00:00:01,500\nHello\n\n2\n00:00:02,000 --> 00:00:03,000\nWorld\n",
    "vtt": "WEBVTT\n\n00:00.500 --> 00:01.500\nHello\n\n00:02.000 --> 00:03.000\nWorld\n",
    "ass": (
        "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:00.50,0:00:01.50,Default,,0,0,0,,Hello\n"
        "Dialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,World\n"
    ),
}


def subtitles(path: Path, kind: str = "srt") -> Path:
    """Two cues, 0.5-1.5 s "Hello" and 2-3 s "World", as `srt`, `vtt` or `ass`."""
    path.write_text(SUBTITLES[kind], encoding="utf-8")
    return path


def _add_sound(container: av.container.OutputContainer, samples: NDArray[np.float32]) -> av.AudioStream:
    names = {"wav": "pcm_s16le", "webm": "libopus", "ogg": "libopus", "mp3": "libmp3lame", "flac": "flac"}
    codec = names.get(container.format.name, "aac")
    stream = container.add_stream(codec, rate=48000 if codec == "libopus" else RATE)
    stream.layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(samples)]
    return stream


def _write_sound(
    container: av.container.OutputContainer,
    stream: av.AudioStream,
    samples: NDArray[np.float32],
    start: float,
) -> None:
    resampler = av.AudioResampler(
        stream.format, stream.layout, stream.rate, stream.codec_context.frame_size or None
    )
    block = 1024
    for first in range(0, samples.shape[1], block):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples[:, first : first + block]), format="fltp", layout=stream.layout.name
        )
        frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
        frame.pts = round(start * RATE) + first
        for piece in resampler.resample(frame):
            container.mux(stream.encode(piece))
    for piece in resampler.resample(None):
        container.mux(stream.encode(piece))
    container.mux(stream.encode(None))
