"""What is written down about a media file? The facts, and how the API's `MediaMetaData` shows them."""

import math
from typing import Any, Literal, TypedDict

from openvod.core.models import Json
from openvod.media.formats import DOCUMENT, Name

_HDR: dict[int, Literal["hdr10", "hlg"]] = {16: "hdr10", 18: "hlg"}
"""Transfer functions of ITU-T H.273: SMPTE ST 2084 and ARIB STD-B67."""


class VideoFacts(TypedDict):
    """The video track (or the picture of an image)."""

    codec: str
    """libav's name, e.g. `h264`."""
    codec_tag: str
    """Four characters of the container, e.g. `avc1`; empty when it has none."""
    codecs: str
    """RFC 6381, e.g. `avc1.64001f`; empty for codecs other than H.264."""
    width: int
    """Pixels as stored, before rotation; so is `height`."""
    height: int
    pix_fmt: str
    bit_depth: int
    hdr: Literal["", "hdr10", "hlg"]
    sample_aspect: list[int]
    """Width to height of one pixel, e.g. `[16, 11]`; `[1, 1]` when not told."""
    fps: float
    """Mean frames per second; 0 when unknown."""
    variable_rate: bool
    """Whether mean and nominal frame rate differ by more than 1 %. False does not prove a constant rate."""
    time_base: list[int]
    duration: float
    bit_rate: int
    """Bits per second; 0 when unknown."""


class AudioFacts(TypedDict):
    """One audio track."""

    codec: str
    sample_rate: int
    channels: int
    language: str
    """As the file says, ISO 639-2 as a rule; `und` when not told."""
    duration: float
    bit_rate: int


class MediaFacts(TypedDict):
    """What `probe` finds. Durations are seconds."""

    kind: Literal["video", "audio", "image", "subtitle", "document"]
    format: str
    """ffprobe's `format_name`, or `srt`, `vtt`, `ass`."""
    content_type: str
    extension: str
    duration: float
    """From the earliest start to the latest end of its tracks; the last cue's end; 0 for images."""
    start: float
    """Time stamp at which the file begins; not 0 in recordings of broadcasts."""
    rotation: int
    """Clockwise turn that a player must make: 0, 90, 180 or 270."""
    video: VideoFacts | None
    audio: list[AudioFacts]
    metadata: Json
    """The API's `MediaMetaData`, without `Size` and `Md5`."""


def of_text(kind: Literal["subtitle", "document"], form: str, name: Name, seconds: float = 0.0) -> MediaFacts:
    """Facts of a file without picture or sound; `form` is its `MediaFacts.format`."""
    facts = MediaFacts(
        kind=kind,
        format=form,
        content_type=name.content_type,
        extension=name.extension,
        duration=seconds,
        start=0.0,
        rotation=0,
        video=None,
        audio=[],
        metadata={},
    )
    facts["metadata"] = metadata(facts, 0)
    return facts


def document() -> MediaFacts:
    """Facts of a JSON document, which only our own tasks write."""
    return of_text("document", "json", DOCUMENT)


def describe_video(track: Any, frame: Any, file_seconds: float) -> VideoFacts:
    """Facts of a libav video stream (PyAV's `VideoStream`) and the first frame that was decoded from it."""
    mean, nominal = float(track.average_rate or 0), float(track.base_rate or 0)
    aspect = track.sample_aspect_ratio
    return VideoFacts(
        codec=codec(track),
        codec_tag=_tag(track),
        codecs=_rfc6381(track),
        width=frame.width,
        height=frame.height,
        pix_fmt=frame.format.name,
        bit_depth=max(component.bits for component in frame.format.components),
        hdr=_HDR.get(int(frame.color_trc), ""),
        sample_aspect=[aspect.numerator, aspect.denominator] if aspect else [1, 1],
        fps=round(mean or nominal, 3),
        variable_rate=mean > 0 and nominal > 0 and not math.isclose(mean, nominal, rel_tol=0.01),
        time_base=[track.time_base.numerator, track.time_base.denominator],
        duration=_seconds(track, file_seconds),
        bit_rate=track.codec_context.bit_rate or 0,
    )


def describe_audio(track: Any, file_seconds: float) -> AudioFacts:
    """Facts of a libav audio stream (PyAV's `AudioStream`)."""
    return AudioFacts(
        codec=codec(track),
        sample_rate=track.rate,
        channels=track.channels,
        language=track.language or "und",
        duration=_seconds(track, file_seconds),
        bit_rate=track.codec_context.bit_rate or 0,
    )


def codec(track: Any) -> str:
    """ffprobe's `codec_name` of a libav stream; empty when there is no decoder for it."""
    return "" if track.codec_context is None else str(track.codec_context.codec.canonical_name)


def metadata(facts: MediaFacts, bit_rate: int) -> Json:
    """The API's `MediaMetaData` in wire spelling, without `Size` and `Md5`; `bit_rate` is the file's."""
    video, audio = facts["video"], facts["audio"]
    return {
        "Container": facts["format"],
        "Bitrate": bit_rate,
        "Height": video["height"] if video else 0,
        "Width": video["width"] if video else 0,
        "Duration": facts["duration"],
        "Rotate": facts["rotation"],
        "VideoStreamSet": [_video_item(video, bit_rate, audio)] if video else [],
        "AudioStreamSet": [
            {"Bitrate": track["bit_rate"], "SamplingRate": track["sample_rate"], "Codec": track["codec"]}
            for track in audio
        ],
        "VideoDuration": video["duration"] if video else 0.0,
        "AudioDuration": max((track["duration"] for track in audio), default=0.0),
    }


def _video_item(video: VideoFacts, file_bit_rate: int, audio: list[AudioFacts]) -> Json:
    rest = max(0, file_bit_rate - sum(track["bit_rate"] for track in audio))
    return {
        "Bitrate": video["bit_rate"] or rest,
        "Height": video["height"],
        "Width": video["width"],
        "Codec": video["codec"],
        "Fps": round(video["fps"]),
        "CodecTag": video["codec_tag"],
        "DynamicRangeInfo": {"Type": "HDR" if video["hdr"] else "SDR", "HDRType": video["hdr"]},
    }


def _seconds(track: Any, file_seconds: float) -> float:
    return round(float(track.duration * track.time_base), 6) if track.duration else file_seconds


def _tag(track: Any) -> str:
    """The container's four characters, unless they are a number (as in transport streams)."""
    try:
        tag = str(track.codec_context.codec_tag)
    except UnicodeDecodeError:
        return ""
    return tag if len(tag) == 4 and tag.isprintable() else ""


def _rfc6381(track: Any) -> str:
    """Profile, constraints and level as in the `avcC` record (ISO/IEC 14496-15)."""
    record = track.codec_context.extradata or b""
    if codec(track) != "h264" or record[:1] != b"\x01" or len(record) < 4:
        return ""
    return f"avc1.{record[1:4].hex()}"
