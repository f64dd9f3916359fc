"""Putting a moving picture and a sound together into one MP4: the demo's clip."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from openvod.core.models import Json
from openvod.media.probe import open_media

AUDIO_RATE = 48_000


def put_together(argument: Json, progress: Callable[[float], None]) -> Json:
    """A sandbox target: writes `output`, picture and speech repeated for `seconds`, by default as long as the speech."""
    import av  # noqa: PLC0415 - only in a media process

    with (
        open_media(Path(argument["speech"])) as speech,
        av.open(argument["output"], "w", format="mp4") as output,
    ):
        seconds = argument.get("seconds") or float(speech.duration or 0) / av.time_base
        with open_media(Path(argument["picture"])) as picture:
            first = picture.streams.video[0]
            rate = Fraction(first.average_rate or 25)
            video = output.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "23"})
            video.width, video.height, video.pix_fmt = first.width, first.height, "yuv420p"
        sound = output.add_stream("aac", rate=AUDIO_RATE)
        frames = int(seconds * rate)
        spoken = _frames(Path(argument["speech"]), "audio")
        heard = 0.0
        for index, frame in enumerate(islice(_frames(Path(argument["picture"]), "video"), frames)):
            while (
                heard <= index / rate
            ):  # a second stream that lags behind would be held in memory by the muxer
                sample = next(spoken)
                heard += sample.samples / sample.sample_rate
                sample.pts = None
                output.mux(sound.encode(sample))
            picture_frame = frame.reformat(format="yuv420p")
            picture_frame.pts, picture_frame.time_base = index, 1 / rate
            output.mux(video.encode(picture_frame))
            progress(index / frames)
        output.mux(video.encode(None))
        output.mux(sound.encode(None))
    return {"seconds": seconds}


def _frames(file: Path, kind: str) -> Iterator[Any]:
    """The decoded frames of a file's first audio or video stream, from the start again without end."""
    while True:
        with open_media(file) as source:
            yield from source.decode(**{kind: 0})
