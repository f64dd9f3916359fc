"""Which tags do the measurements bear out, and how sure is that? No tag names what was not measured.

Each rule has a figure, where it begins to hold and where it is beyond doubt; confidence runs from 50 to 95
between them, and only a fact of the format (the shape of the picture) reaches 100.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openvod.engines.keywords import Keyword
from openvod.engines.picture_course import Picture
from openvod.engines.shots import GRADUAL
from openvod.engines.sound import Sound

SHORTEST = 2.0
"""Seconds of picture before anything is said about its course."""
TIMES_KEPT = 50


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag with what bears it out."""

    name: str
    confidence: float
    """0 to 100."""
    evidence: dict[str, Any]
    """Figures (units in the names) and times in seconds; JSON."""


def sure(figure: float, begins: float, certain: float) -> float:
    """Confidence: 0 before `begins` (no tag), 95 from `certain` on; `certain` may be the lower one."""
    share = (figure - begins) / (certain - begins)
    return round(50 + 45 * min(share, 1.0), 2) if share >= 0 else 0.0


def look_tags(picture: Picture, *, image: bool) -> Iterator[Tag]:
    """Shape, light, colour and bars: what one frame can show."""
    yield from _shape(picture, "picture" if image else "video")
    light = {"mean_brightness": round(picture.brightness, 1), "scale": 255}
    yield from _tag("dark", sure(picture.dark, 0.6, 1.0), light | {"share": round(picture.dark, 3)})
    yield from _tag("bright", sure(picture.bright, 0.6, 1.0), light | {"share": round(picture.bright, 3)})
    if not picture.lit:
        return
    colour = {"colourfulness": round(picture.colourfulness, 1), "samples": picture.lit}
    yield from _tag("colourful", sure(picture.colourfulness, 50, 85), colour)
    yield from _tag("black and white", sure(picture.grey, 0.96, 1.0), {"samples": picture.lit})
    bars = picture.bars
    for name, one, other in (("letterboxed", bars.top, bars.bottom), ("pillarboxed", bars.left, bars.right)):
        if abs(one - other) <= 0.03:
            evidence = {"bars": [one, other], "unit": "share of the side", "samples": picture.lit}
            yield from _tag(name, sure(min(one, other), 0.03, 0.08), evidence)


def _shape(picture: Picture, what: str) -> Iterator[Tag]:
    ratio = picture.width / picture.height
    evidence = {"width": picture.width, "height": picture.height}
    if ratio < 0.9:
        yield Tag(f"vertical {what}", 100.0, evidence)
    elif ratio <= 1.1:
        yield Tag(f"square {what}", 100.0, evidence)


def course_tags(picture: Picture, changes: Sequence[float], apart: float = 0.0) -> Iterator[Tag]:
    """Cuts, motion and stillness: what only time can show. Nothing for less than two seconds.

    `changes` are when shots change, in seconds. `apart` is how unlike the first and the last frame are (`shots.distances`).
    """
    if picture.seconds < SHORTEST:
        return
    held = {"still_share": round(picture.still, 3), "held_pictures": picture.holds}
    if picture.holds >= 3:
        yield from _tag("slideshow", sure(picture.still, 0.75, 0.95), held)
    if picture.holds == 1 and picture.still >= 0.95:
        yield Tag("still picture", sure(picture.still, 0.95, 1.0), held)
        return
    yield from _pace(picture, changes, apart)
    motion = {"levels_per_second": round(picture.motion, 1)}
    yield from _tag("high motion", sure(picture.motion, 110, 200), motion)
    yield from _tag("low motion", sure(picture.motion, 14, 4), motion)


def _pace(picture: Picture, changes: Sequence[float], apart: float) -> Iterator[Tag]:
    per_minute = 60 * len(changes) / picture.seconds
    if len(changes) >= 4:
        times = [round(change, 3) for change in changes[:TIMES_KEPT]]
        evidence = {"transitions": len(changes), "per_minute": round(per_minute, 1), "times": times}
        yield from _tag("fast cuts", sure(per_minute, 18, 40), evidence)
    # A slow dissolve over moving pictures may go unseen; then the film does not end where it began.
    if not changes and picture.seconds >= 5 and apart < GRADUAL:
        evidence = {"transitions": 0, "seconds": round(picture.seconds, 3), "ends_apart": round(apart, 3)}
        yield Tag("single shot", 70.0, evidence)


def sound_tags(sound: Sound) -> Iterator[Tag]:
    """Silence and music."""
    if sound.seconds <= 0:
        return
    silence = {"share": round(sound.silent, 3), "spans": [list(span) for span in sound.silences]}
    yield from _tag("silence", sure(sound.silent, 0.9, 1.0), silence)
    if sound.musical_seconds >= 8 and sound.stationary < 0.92:
        evidence = {"share": round(sound.musical, 3), "sameness": round(sound.stationary, 3)}
        found = min(80.0, sure(sound.musical, 0.5, 0.9))  # heard by its tones only
        yield from _tag("music", found, evidence | {"loudness_lufs": sound.loudness})


def speech_tags(spans: Sequence[tuple[float, float]], seconds: float) -> Iterator[Tag]:
    """Whether anybody speaks, from the start and end of every stretch of speech."""
    spoken = sum(end - start for start, end in spans)
    if spoken >= 1 and (spoken >= 10 or spoken >= 0.1 * seconds):
        times = [[start, end] for start, end in spans[:TIMES_KEPT]]
        evidence = {
            "seconds": round(spoken, 3),
            "share": round(spoken / max(seconds, spoken), 3),
            "spans": times,
        }
        yield Tag("speech", sure(min(spoken, 10), -8, 10), evidence)


def english_tags(words: int, log_probability: float, found: Sequence[Keyword]) -> Iterator[Tag]:
    """English and its keywords, for speech that the recogniser's language gate let through."""
    if words < 5:
        return
    heard = 100 * math.exp(min(0.0, log_probability))
    evidence = {"words": words, "mean_log_probability": round(log_probability, 3)}
    yield Tag("English speech", round(min(95.0, heard + 10), 2), evidence)
    for keyword in found:
        score = {"keyword": True, "score": keyword.score, "times": list(keyword.times)}
        yield from _tag(keyword.phrase, round(heard * (0.45 + 0.45 * keyword.score), 2), score)


def _tag(name: str, confidence: float, evidence: dict[str, Any]) -> Iterator[Tag]:
    if confidence >= 50:
        yield Tag(name, confidence, evidence)
