"""What is measured in a file, whoever asks? The shots, a look at the picture twice a second, the sound ten times a second.

Everything is on the clock that players show: seconds from the start of the file. It can be kept as JSON (`packed`).
"""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from openvod.core.models import Json
from openvod.engines.silero import Span
from openvod.engines.sound import Sound as SoundFigures

Entry = Literal["start", "cut", "dissolve", "fade"]
Floats = NDArray[np.float32]

LOOKS_PER_SECOND = 2.0
LEVELS_PER_SECOND = 10
PRINTS_PER_SECOND = 16
Face = tuple[float, float, float, float, float]
"""Left, top, right, bottom in shares of the picture's width and height (may stick out of it), and the score, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A run of frames from one camera; where two are mixed, the frames are halved between them."""

    first: int
    last: int
    """Frame numbers, from 0."""
    start: float
    end: float
    """Seconds: when its first frame is shown, and when its last one no longer is."""
    entry: Entry
    """How it begins."""
    settled: tuple[float, float] = (0.0, 0.0)
    """Seconds between which it is shown alone: after the change that leads in, up to the last frame before the one that
    leads out."""
    score: float = 1.0
    """How clear the change is that leads in, 0 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """The first frame of each half second, `n` of them. Black bars are no part of the picture that is measured."""

    times: NDArray[np.float64]
    """Seconds, `[n]`; a half second in which no new frame is shown has none."""
    sharpness: Floats
    """Variance of the Laplacian of the brightness with the picture's longer side at 320: below 50 or so is blurred."""
    brightness: Floats
    """Mean, 0 to 255."""
    contrast: Floats
    """Standard deviation of the brightness."""
    colour: Floats
    """Hasler and Suesstrunk's M3: about 15 slightly, 33 moderately, 59 highly colourful, 109 extremely."""
    saturation: Floats
    """Mean of (highest - lowest) / highest of red, green and blue, 0 to 1."""
    motion: Floats
    """Brightness levels (of 255) that a point of the thumbnail changes until the next look, per second; cuts and flashes
    hardly count."""
    changes: Floats
    """`[n, 2]`: seconds of the first and last frame since this look, with itself, that is unlike the picture that was held
    until then; nan where the picture stays. See `stills`."""
    phash: NDArray[np.uint64]
    """Perceptual hash: the signs of 64 low frequencies. Pictures that differ in less than 8 or so bits look alike."""
    saliency: Floats
    """`[n, 3]`: the middle of what stands out, x and y in shares, and how far it is spread (standard deviation, shares)."""
    bars: Floats
    """`[n, 4]`: black bars at the top, bottom, left and right, in shares."""
    lit: NDArray[np.bool_]
    """Whether it is bright enough to see bars and colour."""
    grey: NDArray[np.bool_]
    """Whether it has no colour."""
    faces: tuple[tuple[Face, ...], ...]
    """Of each look, best first; looked for once a second and after cuts, and kept in between."""

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """A stretch in which somebody speaks."""

    span: Span
    certain: bool
    """Whether it is speech beyond doubt: a quarter of it at least at 0.9. Birdsong is not."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """The sound, ten times a second, `n` values; empty for a file without sound."""

    level: Floats
    """Root mean square in dB of full scale, -100 at least."""
    speech: Floats
    """How likely somebody speaks, 0 to 1; empty when the model is not installed."""
    stretches: tuple[Speech, ...]
    figures: SoundFigures | None
    """Silences, loudness and music of the whole track."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """All that is measured in one file."""

    seconds: float
    """Until the last frame is no longer shown and the last sound is over."""
    frames: int
    rate: float
    """Mean frames per second; 0 for a single frame or none."""
    size: tuple[int, int]
    """Width and height of the upright picture in square pixels; (0, 0) without one."""
    rotation: int
    """As in the file's facts; it is applied to everything in here."""
    begin: float
    """When the first frame is shown."""
    end: float
    """When the last frame is no longer shown."""
    ends_apart: float
    """How unlike the first and the last frame are, see `engines.shots.distances`."""
    shots: tuple[Shot, ...]
    looks: Looks
    sound: Heard
    prints: NDArray[np.uint32]
    """Fingerprints of the sound at 16 Hz, see `prints`; 0 for silence."""
    missing: tuple[str, ...] = ()
    """Models that are not installed, so that their part is empty: `silero-vad`, `centerface`."""
    faults: tuple[Mapping[str, str], ...] = ()
    """Tracks that could not be read: `key`, `en`, `zh`."""

    def packed(self) -> Json:
        """As JSON; `unpacked` reads it."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return {
            **plain,
            "shots": [asdict(shot) for shot in self.shots],
            "looks": pack_looks(self.looks),
            "sound": pack_heard(self.sound),
            "prints": packed(self.prints),
            "faults": [dict(fault) for fault in self.faults],
        }


_PLAIN = ("seconds", "frames", "rate", "size", "rotation", "begin", "end", "ends_apart", "missing")


def unpacked(row: Json) -> Features:
    """What `Features.packed` made."""
    plain = {name: row[name] for name in _PLAIN}
    shots = (Shot(**{**each, "settled": tuple(each["settled"])}) for each in row["shots"])
    return Features(
        **{**plain, "size": tuple(row["size"]), "missing": tuple(row["missing"])},
        shots=tuple(shots),
        looks=unpack_looks([row["looks"]]),
        sound=unpack_heard(row["sound"]),
        prints=unpack(row["prints"]),
        faults=tuple(row["faults"]),
    )


def packed(array: NDArray[Any]) -> Json:
    """An array as JSON: type, shape, and its bytes in base64."""
    plain = np.ascontiguousarray(array)
    little = plain.astype(plain.dtype.newbyteorder("<"), copy=False)
    text = base64.b64encode(little.tobytes()).decode()
    return {"type": little.dtype.str, "shape": list(little.shape), "bytes": text}


def unpack(row: Json) -> NDArray[Any]:
    """What `packed` made."""
    flat: NDArray[Any] = np.frombuffer(base64.b64decode(row["bytes"]), np.dtype(row["type"]))
    return flat.reshape(row["shape"])


_LOOK_ARRAYS = tuple(each.name for each in fields(Looks) if each.name != "faces")


def pack_looks(looks: Looks) -> Json:
    """As JSON; faces as one array, with the number of each look's."""
    faces = np.array([face for each in looks.faces for face in each], np.float32).reshape(-1, 5)
    counts = np.array([len(each) for each in looks.faces], np.uint16)
    arrays = {name: packed(getattr(looks, name)) for name in _LOOK_ARRAYS}
    return {**arrays, "faces": packed(faces), "face_counts": packed(counts)}


def unpack_looks(rows: list[Json]) -> Looks:
    """What `pack_looks` made of consecutive parts, at least one, as one."""
    arrays = {name: np.concatenate([unpack(row[name]) for row in rows]) for name in _LOOK_ARRAYS}
    faces: list[tuple[Face, ...]] = []
    for row in rows:
        boxes, at = unpack(row["faces"]).tolist(), 0
        for count in unpack(row["face_counts"]).tolist():
            faces.append(tuple((a, b, c, d, score) for a, b, c, d, score in boxes[at : at + count]))
            at += count
    return Looks(**arrays, faces=tuple(faces))


def pack_heard(heard: Heard) -> Json:
    """As JSON."""
    return {
        "level": packed(heard.level),
        "speech": packed(heard.speech),
        "stretches": [
            [each.span.start, each.span.end, [list(pause) for pause in each.span.pauses], each.certain]
            for each in heard.stretches
        ],
        "figures": asdict(heard.figures) if heard.figures else None,
    }


def unpack_heard(row: Json) -> Heard:
    """What `pack_heard` made."""
    stretches = (
        Speech(Span(start, end, tuple((a, b) for a, b in pauses)), certain)
        for start, end, pauses, certain in row["stretches"]
    )
    figures = row["figures"]
    if figures is not None:
        silences = tuple((start, end) for start, end in figures["silences"])
        figures = SoundFigures(**{**figures, "silences": silences})
    return Heard(unpack(row["level"]), unpack(row["speech"]), tuple(stretches), figures)


def no_sound() -> Heard:
    """Of a file without sound."""
    nothing = np.zeros(0, np.float32)
    return Heard(nothing, nothing, (), None)
