"""How unlike are two films to a machine? By the hashes of their pictures and the fingerprints of their sound."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.models import Json
from openvod.engines.features import Features
from openvod.engines.features.looks import phash
from openvod.engines.features.prints import Printer
from openvod.media import audio, frames

LOOKS = 1.0
"""Pictures compared per second."""
ALIKE = 8
"""Bits of 64 below which two pictures look alike to a machine."""
PRINTS = 16
"""Fingerprints per second."""
NEAR = 2
"""Fingerprints that the two may be shifted by: the most alike place counts."""


def measure(
    features: Features, made: Path, new_time: Callable[[float], float | None], *, sound: bool
) -> Json:
    """Of the source's features and the film made of it; `new_time` tells when a moment of the source is seen in it."""
    told: Json = {"picture": _pictures(features, made, new_time), "sound": None}
    if sound and len(features.prints):
        told["sound"] = _sounds(features, made, new_time)
    return told


def _pictures(features: Features, made: Path, new_time: Callable[[float], float | None]) -> Json:
    import cv2  # noqa: PLC0415

    pairs = [
        (new, at)
        for at, time in enumerate(features.looks.times)
        if (new := new_time(float(time))) is not None
    ]
    if not pairs:
        return {"compared": 0}
    places = np.array([new for new, _ in pairs])
    apart = []
    for frame in frames.stream(made, LOOKS):
        if frame.sample is None:
            continue
        near = int(np.abs(places - frame.time).argmin())
        if abs(places[near] - frame.time) > 0.5:
            continue
        grey = cv2.cvtColor(frame.sample, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
        apart.append((phash(grey) ^ int(features.looks.phash[pairs[near][1]])).bit_count())
    if not apart:
        return {"compared": 0}
    return {
        "compared": len(apart),
        "mean_bits_of_64": round(float(np.mean(apart)), 2),
        "least_bits": min(apart),
        "share_unlike": round(float(np.mean([bits >= ALIKE for bits in apart])), 3),
    }


def _sounds(features: Features, made: Path, new_time: Callable[[float], float | None]) -> Json:
    printer = Printer()
    for block in audio.decode(made):
        printer.add(block)
    new = printer.finish()
    rows = []
    for at, bits in enumerate(features.prints):
        time = new_time(at / PRINTS)
        if time is not None and bits:
            rows.append((int(bits), time * PRINTS))
    shares = [_unlike(rows, new, shift) for shift in range(-NEAR, NEAR + 1)]
    return {
        "compared": len(rows),
        "share_of_bits_unlike": round(min(shares, default=math.nan), 3) if rows else None,
    }


def _unlike(rows: list[tuple[int, float]], new: NDArray[Any], shift: int) -> float:
    """Share of bits that differ; half of them do between sounds that have nothing to do with each other."""
    apart = []
    for bits, place in rows:
        at = round(place) + shift
        if 0 <= at < len(new) and new[at]:
            apart.append((bits ^ int(new[at])).bit_count())
    return float(np.mean(apart)) / 32 if apart else 1.0
