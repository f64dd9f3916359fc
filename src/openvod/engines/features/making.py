"""How are a file's features made? In parts that can run apart from each other, each a durable step, and remembered."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from openvod.core import asking, remembered
from openvod.core.asking import Ask
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines import catalog, faces, silero
from openvod.engines.features import joining
from openvod.engines.features.hearing import hear
from openvod.engines.features.record import (
    Features,
    Heard,
    Looks,
    no_sound,
    pack_heard,
    packed,
    unpack,
    unpack_heard,
    unpacked,
)
from openvod.engines.features.watching import GRID, LookMaker, Part, watch

STEP = "features/2"
"""Goes up with every change of what measuring comes to."""
SHORT = 120.0
"""Seconds; a shorter file is one part."""
PART_SECONDS = 30 * GRID
"""Picture that one media process measures: small enough to share a film out, large enough that starting is cheap."""
SEEKABLE = {"mov", "mp4", "matroska", "webm"}
"""Formats with an index: others are watched from the start to the end by one process."""
REMEMBERED: Json = {"remembered": True}


@dataclass(frozen=True, slots=True)
class Film:
    """A file, and what is needed to measure it."""

    source: Path
    facts: Json
    """See `media.facts`."""
    content: str
    """A hash of the file's bytes."""
    models: Path
    ask: Ask = asking.nobody
    precise: bool = False
    """Whether doubtful changes of shots are looked at again (`engines.precise`)."""
    progress: Callable[[float], None] = field(default=lambda _: None)

    @property
    def about(self) -> Json:
        """Everything that shapes the features, as the memory's key."""
        installed = [
            name
            for name in (silero.MODEL, faces.MODEL)
            if catalog.state(catalog.find(name), self.models) == "ready"
        ]
        return {"content": self.content, "models": installed, **({"precise": True} if self.precise else {})}

    @property
    def seconds(self) -> float:
        """As the file says; 0 when it does not."""
        return float(self.facts.get("duration") or 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Sounding:
    """The sound of a file, before the rest is known."""

    heard: Heard
    missing: tuple[str, ...]


def known(film: Film) -> Features | None:
    """The features, if they were made before."""
    row = asking.recall(film.ask, STEP, film.about)
    return None if row is None else unpacked(row)


def plan(film: Film) -> list[Json]:
    """The parts of the work; one for a short file, and for what is remembered."""
    if asking.recall(film.ask, STEP, film.about) is not None:
        return [REMEMBERED]
    return _parts(film)


def measure(film: Film, part: Json) -> Json:
    """Do one part. A damaged track leaves the other one and a fault in the result."""
    if part != REMEMBERED:
        return _measured(film, part)
    row = asking.recall(film.ask, STEP, film.about)
    if row is None:  # forgotten meanwhile
        row = joined(film, [_measured(film, each) for each in _parts(film)]).packed()
    return {"features": row}


def joined(film: Film, results: Sequence[Json]) -> Features:
    """The features, of the results of all parts, in order. Raises TaskFault when nothing in the file could be read."""
    if "features" in results[0]:
        return unpacked(results[0]["features"])
    found = _together(film, results)
    asking.keep(film.ask, STEP, film.about, found.packed())
    shots = [[shot.start, shot.end, shot.entry] for shot in found.shots]
    asking.keep(film.ask, remembered.SHOTS, remembered.about_shots(film.content), {"shots": shots})
    return found


def sound_of(result: Json) -> Sounding | None:
    """The sound in the result of one part, when it was measured there."""
    if "features" in result:
        found = unpacked(result["features"])
        return Sounding(found.sound, found.missing) if found.sound.figures else None
    sound = result["sound"]
    return Sounding(unpack_heard(sound["heard"]), tuple(sound["missing"])) if sound else None


def features(film: Film) -> Features:
    """All of it at once, from the memory where it is there."""
    return joined(film, [measure(film, part) for part in plan(film)])


def _parts(film: Film) -> list[Json]:
    picture = bool(film.facts.get("video")) or film.facts["kind"] == "image"
    sound = bool(film.facts.get("audio"))
    if film.seconds <= SHORT:
        return [{"picture": [0.0, None] if picture else None, "sound": sound}]
    parts: list[Json] = []
    if picture:
        seekable = SEEKABLE & set(str(film.facts.get("format", "")).split(","))
        count = max(1, math.ceil(film.seconds / PART_SECONDS - 0.1)) if seekable else 1
        edges = [number * PART_SECONDS for number in range(count)]
        ends = [*edges[1:], None]
        parts += [{"picture": [*edge], "sound": False} for edge in zip(edges, ends, strict=True)]
    if sound:
        parts.append({"picture": None, "sound": True})
    return parts or [{"picture": None, "sound": False}]


def _measured(film: Film, part: Json) -> Json:
    result: Json = {"picture": None, "sound": None, "faults": [], "tracks": 0}
    for track, do in (("picture", _picture), ("sound", _sound)):
        if not part[track]:
            continue
        result["tracks"] += 1
        try:
            result[track] = do(film, part)
        except TaskFault as fault:
            if fault.code.partition(".")[0] != "SourceFileError":
                raise
            result["faults"].append({"key": fault.key, "en": fault.en, "zh": fault.zh})
    return result


def _picture(film: Film, part: Json) -> Json:
    begin, end = part["picture"]
    rate = float((film.facts.get("video") or {}).get("fps") or 25.0)
    bounds = Part(begin, math.inf if end is None else end)
    return watch(film.source, film.models, bounds, rate, film.progress, precise=film.precise)


def _sound(film: Film, part: Json) -> Json:  # noqa: ARG001 - the sound is one part always
    track = hear(film.source, film.models, film.seconds, film.progress)
    return {
        "heard": pack_heard(track.heard),
        "prints": packed(track.prints),
        "missing": list(track.missing),
        "seconds": track.seconds,
    }


def _together(film: Film, results: Sequence[Json]) -> Features:
    faults = [fault for result in results for fault in result["faults"]]
    if faults and len(faults) == sum(result["tracks"] for result in results):
        reason = Text(faults[0]["en"], faults[0]["zh"])
        raise TaskFault("SourceFileError.ContentMalformed", reason=reason)
    seen = joining.watched([result["picture"] for result in results if result["picture"]])
    sound = next((result["sound"] for result in results if result["sound"]), None)
    heard: Heard = unpack_heard(sound["heard"]) if sound else no_sound()
    looks: Looks = seen.looks if seen else LookMaker(None).looks()
    return Features(
        seconds=max(seen.end if seen else 0.0, sound["seconds"] if sound else 0.0),
        frames=seen.frames if seen else 0,
        rate=seen.rate if seen else 0.0,
        size=seen.size if seen else (0, 0),
        rotation=int(film.facts.get("rotation") or 0),
        begin=seen.begin if seen else 0.0,
        end=seen.end if seen else 0.0,
        ends_apart=seen.ends_apart if seen else 0.0,
        shots=seen.shots if seen else (),
        looks=looks,
        sound=heard,
        prints=unpack(sound["prints"] if sound else packed(np.zeros(0, np.uint32))),
        missing=tuple(dict.fromkeys([*(seen.missing if seen else ()), *(sound["missing"] if sound else ())])),
        faults=tuple(faults),
    )
