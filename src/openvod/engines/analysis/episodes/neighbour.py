"""What must be known of another file of the library to compare with it? Its sound's fingerprints, or looks at some stretches.

A sandbox target: the worker starts it in a media process of its own, which sees that file and nothing else.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from openvod.core.models import Json
from openvod.engines.features.looks import look
from openvod.engines.features.prints import Printer
from openvod.engines.features.record import LOOKS_PER_SECOND, packed
from openvod.media import audio, frames


def measure(argument: Json, progress: Callable[[float], None]) -> Json:
    """Takes `{"source", "spans"}`: without spans answers `{"prints"}`; of spans, each `[begin, end]` in seconds, in order,
    `{"times", "phash", "contrast"}` of looks. Raises TaskFault for a file without such a track.
    """
    source = Path(argument["source"])
    if not argument["spans"]:
        printer = Printer()
        for block in audio.decode(source):
            printer.add(block)
        return {"prints": packed(printer.finish())}
    looks = []
    for number, (begin, end) in enumerate(argument["spans"]):
        for frame in frames.stream(source, LOOKS_PER_SECOND, float(begin), float(end)):
            if frame.sample is not None and begin <= frame.time < end:
                seen = look(frame.sample)
                looks.append((frame.time, seen.phash, seen.contrast))
        progress((number + 1) / len(argument["spans"]))
    return {
        "times": packed(np.array([each[0] for each in looks], np.float64)),
        "phash": packed(np.array([each[1] for each in looks], np.uint64)),
        "contrast": packed(np.array([each[2] for each in looks], np.float32)),
    }
