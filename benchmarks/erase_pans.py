"""Clips that nobody has tuned for: a camera goes over still pictures of scikit-image, with shake and noise, by seed."""

import math
import subprocess
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.erase_truth import PEERS

WIDTH, HEIGHT, RATE = 640, 360, 25
PICTURES = ("motorcycle_left.png", "coffee.png")
SHAKE = 0.4
"""Pixels by which the camera trembles."""
NOISE = 2.0
"""Levels of the sensor's noise."""


def make(folder: Path, seconds: float, seed: int, python: Path = PEERS) -> list[Path]:
    """A clip of each picture; kept when it is there already."""
    ask = "from importlib.util import find_spec; print(find_spec('skimage').submodule_search_locations[0])"
    said = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True)
    stills = [Path(said.stdout.strip()) / "data" / name for name in PICTURES]
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _clip(still, folder / f"pan-{still.stem.partition('_')[0]}.mp4", seconds, seed + place)
        for place, still in enumerate(stills)
    ]


def _clip(still: Path, target: Path, seconds: float, seed: int) -> Path:
    if target.exists():
        return target
    picture, rng = cv2.imread(str(still)), np.random.default_rng(seed)
    assert picture is not None, still
    high, wide = picture.shape[:2]
    whole = min(wide / WIDTH, high / HEIGHT)
    phase = float(rng.uniform(0, 6.3))
    unfinished = target.with_suffix(".part")
    with av.open(str(unfinished), "w", format="mp4") as out:
        stream = out.add_stream("libx264", RATE, options={"crf": "10", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for frame in range(round(seconds * RATE)):
            t = frame / RATE
            scale = whole * (0.72 + 0.12 * math.sin(0.5 * t + phase))
            room = np.array([wide - WIDTH * scale, high - HEIGHT * scale])
            way = np.array([0.5 + 0.4 * math.sin(0.45 * t + phase), 0.5 + 0.3 * math.cos(0.37 * t)])
            corner = room * way + rng.normal(0, SHAKE, 2)
            matrix = np.array([[scale, 0, corner[0]], [0, scale, corner[1]]])
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            seen = cv2.warpAffine(
                picture, matrix, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_REFLECT
            )
            noisy = np.clip(seen + rng.normal(0, NOISE, (HEIGHT, WIDTH, 1)), 0, 255).astype(np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(noisy, format="bgr24")):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    unfinished.replace(target)
    return target
