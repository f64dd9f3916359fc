"""What is this file, really? The project's only way to open media, and the facts found in a file.

Runs in media processes only (`media.sandbox`). A stranger's file is opened through a descriptor of ours:
libav sees neither its name (names can be patterns or addresses) nor any other file or address, and only
demuxers of `media.formats` may look at its bytes.
"""

import errno
import math
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.media import formats
from openvod.media.facts import MediaFacts, codec, describe_audio, describe_video, metadata, of_text
from openvod.media.packets import packets

if TYPE_CHECKING:
    from av.container import InputContainer

MAX_PIXELS = 100_000_000
"""Largest frame that is decoded, in pixels; 8K video has 33 million."""

LONGEST_SECONDS = 7 * 86400
"""A file that claims more is refused: limits of time are reckoned from its duration."""

_PACKETS_TO_TRY = 2000
_PICTURE_CODECS = {"mjpeg", "png", "bmp", "gif", "webp", "tiff"}
_SIGNATURES = ((4, b"ftyp"), (4, b"moov"), (0, b"\x1a\x45\xdf\xa3"), (0, b"RIFF"), (0, b"OggS"), (0, b"FLV"))
_ESTIMATED = {"aac"}
"""Formats without any index, whose duration libav guesses from the first packets' bit rate."""


def open_media(path: Path) -> "InputContainer":
    """Open a media file by its content alone, as a context manager. Decoders refuse frames over `MAX_PIXELS`.

    Raises TaskFault `SourceFileError.ContentUnsupported` for what is not in an accepted format, and
    `SourceFileError.ContentMalformed` for what is broken.
    """
    import av  # noqa: PLC0415 - GPL codecs: loaded in media processes only

    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise TaskFault(
                "SourceFileError.ContentUnsupported", reason=Text("it is not a regular file", "不是普通文件")
            )
        options = {"fd": str(handle), "protocol_whitelist": "fd", "format_whitelist": formats.DEMUXERS}
        container: InputContainer = av.open(
            "fd:", options=_decoder_options(), container_options=options, metadata_errors="replace"
        )
    except av.FFmpegError as error:
        raise _refusal(handle, error.errno) from error
    finally:
        os.close(handle)  # libav has a duplicate of its own
    for stream in container.streams.video:
        if stream.codec_context is not None:
            stream.codec_context.options = _decoder_options()
    return container


def video_tracks(container: "InputContainer") -> list[Any]:
    """The tracks that are moving pictures (or the picture of an image file): no covers, no thumbnails."""
    from av.stream import Disposition  # noqa: PLC0415

    extra = Disposition.attached_pic | Disposition.timed_thumbnails
    tracks = [track for track in container.streams.video if not track.disposition & extra]
    if container.streams.audio or len(tracks) > 1:
        tracks = [track for track in tracks if not (track.frames == 1 and codec(track) in _PICTURE_CODECS)]
    return tracks


def versions(argument: Json, progress: Callable[[float], None]) -> Json:  # noqa: ARG001
    """A sandbox target: versions of the libraries that open files, by name."""
    import av  # noqa: PLC0415

    return {"PyAV": av.__version__, "FFmpeg": av.ffmpeg_version_info}


def probe(argument: Json, progress: Callable[[float], None]) -> Json:  # noqa: ARG001
    """A sandbox target: `{"source": path}` -> `MediaFacts`. At least one frame of the file has been decoded.

    Raises TaskFault `SourceFileError.ContentUnsupported` or `SourceFileError.ContentMalformed` for anything
    else than usable audio, video, image or subtitles.
    """
    source = Path(argument["source"])
    try:
        with open_media(source) as container:
            return dict(_examine(source, container))
    except TaskFault as fault:
        if fault.code == "SourceFileError.ContentUnsupported" and (facts := _subtitles(source)):
            return dict(facts)
        raise


def _decoder_options() -> dict[str, str]:
    return {"max_pixels": str(MAX_PIXELS)}


def _refusal(handle: int, number: int) -> TaskFault:
    head = os.pread(handle, 16, 0)
    if not head:
        return TaskFault("SourceFileError.ContentMalformed", reason=Text("it is empty", "文件为空"))
    if any(head.startswith(signature, offset) for offset, signature in _SIGNATURES):
        reason = Text("its structure is broken, or its end is missing", "文件结构损坏或末尾缺失")
        return TaskFault("SourceFileError.ContentMalformed", reason=reason)
    reason = Text(
        "no audio, video, image or subtitle format was recognised in the file",
        "未能识别出音频、视频、图片或字幕格式",
    )
    if number == errno.EINVAL:
        reason = Text("files of this format are not accepted", "不接受该格式的文件")
    return TaskFault("SourceFileError.ContentUnsupported", reason=reason)


def _examine(source: Path, container: "InputContainer") -> MediaFacts:
    brand = container.metadata.get("major_brand", "")
    name, picture = formats.image(container.format.name, brand), None
    tracks = video_tracks(container)
    sounds = [track for track in container.streams.audio if codec(track) and track.rate and track.channels]
    if tracks:
        picture = _first_frame(container, tracks[0])
    elif sounds:
        _first_frame(container, sounds[0])
    else:
        raise TaskFault(
            "SourceFileError.ContentUnsupported",
            reason=Text("it has no track that can be decoded", "没有可解码的轨道"),
        )
    duration = 0.0 if name else _duration(source, container)
    video = describe_video(tracks[0], picture, duration) if tracks else None
    if video and container.format.name.endswith("_pipe"):
        video["fps"] = 0.0  # libav's default for a single picture
    audio = [describe_audio(track, duration) for track in sounds]
    kind: Literal["video", "audio", "image"] = "image" if name else "video" if video else "audio"
    name = name or formats.name_of(container.format.name, brand, bool(video), _is_webm(source))
    rotation = round(-picture.rotation / 90) * 90 % 360 if picture else 0
    facts = MediaFacts(
        kind=kind,
        format=container.format.name,
        content_type=name.content_type,
        extension=name.extension,
        duration=duration,
        start=(container.start_time or 0) / 1_000_000,
        rotation=rotation,
        video=video,
        audio=audio,
        metadata={},
    )
    facts["metadata"] = metadata(facts, _bit_rate(source, container, duration))
    return facts


def _first_frame(container: "InputContainer", track: Any) -> Any:
    """The first frame that decodes. Raises TaskFault `SourceFileError.ContentMalformed` when none does."""
    import av  # noqa: PLC0415

    try:
        for packet in islice(packets(container, track), _PACKETS_TO_TRY):
            for frame in _decoded(packet):
                return frame
    except av.FFmpegError as error:  # also "out of memory": broken sizes ask for gigabytes
        raise TaskFault(
            "SourceFileError.ContentMalformed", reason=Text("its packets cannot be read", "无法读取数据包")
        ) from error
    raise TaskFault(
        "SourceFileError.ContentMalformed",
        reason=Text("none of its first frames can be decoded", "开头的帧均无法解码"),
    )


def _decoded(packet: Any) -> Iterable[Any]:
    """The frames of one packet; none when the packet is damaged, as the next one can be whole."""
    import av  # noqa: PLC0415

    try:
        frames: Iterable[Any] = packet.decode()
    except av.FFmpegError:
        return ()
    return frames


def _duration(source: Path, container: "InputContainer") -> float:
    """Seconds, as the container tells; measured when it does not, or when libav could only guess."""
    seconds = (container.duration or 0) / 1_000_000
    if seconds <= 0 or container.format.name in _ESTIMATED:
        seconds = _measured_duration(source)
    if seconds > LONGEST_SECONDS:
        days = LONGEST_SECONDS // 86400
        reason = Text(f"it is longer than {days} days", f"时长超过 {days} 天")
        raise TaskFault("SourceFileError.ContentUnsupported", reason=reason)
    return seconds


def _measured_duration(source: Path) -> float:
    """Seconds from the first packet's time to the last one's end, reading the whole file without decoding it."""
    import av  # noqa: PLC0415

    first, last = math.inf, -math.inf
    with open_media(source) as container, suppress(av.FFmpegError):  # a damaged end is an end
        for packet in packets(container):
            if packet.pts is not None and packet.time_base is not None:
                time = float(packet.pts * packet.time_base)
                first = min(first, time)
                last = max(last, time + float((packet.duration or 0) * packet.time_base))
    return round(max(0.0, last - first), 6)


def _bit_rate(source: Path, container: "InputContainer", duration: float) -> int:
    """Bits per second of the whole file; 0 for images."""
    if not duration:
        return 0
    return int(container.bit_rate or source.stat().st_size * 8 / duration)


def _is_webm(source: Path) -> bool:
    """Whether a Matroska file's head declares the document type `webm`."""
    with source.open("rb") as file:
        return b"webm" in file.read(64)


def _subtitles(source: Path) -> MediaFacts | None:
    from openvod.media import captions  # noqa: PLC0415 - most files are none

    status = source.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > captions.MAX_BYTES:
        return None
    try:
        parsed = captions.parse(source.read_bytes())
    except ValueError:
        return None
    seconds = max((cue.end for cue in parsed.cues), default=0.0)
    return of_text("subtitle", parsed.format, formats.SUBTITLES[parsed.format], seconds)
