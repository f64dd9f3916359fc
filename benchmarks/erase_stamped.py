"""Are watermarks gone that jump, stay for a while, come and go, or have no letters? Table.

    python -m benchmarks.erase_stamped OUT [--stamps disc-60-jump2,...] [--seconds N] [--seed N]

Over pans across still pictures (`erase_pans`) and the public clips; delogo is told the true boxes and times.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks import erase_pans, erase_whole
from benchmarks.erase_stamps import Stamp, laid, named
from benchmarks.erase_truth import PEERS, Case, Picture, altered, ffmpeg, load, pictures, sources
from openvod.core.settings import Settings

STAMPS = "name-60-jump2,disc-60-jump2,duo-100-jump4,disc-100-stay5,duo-60-stay5,name-30-jump4,disc-30-static,duo-60-blink"
SEED = 41
FILES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("clean.mkv", "ffv1", {}),
    ("burned.mkv", "ffv1", {}),
    ("upload.mp4", "libx264", {"crf": "20", "preset": "veryfast"}),
)


def case(source: Path, stamp: Stamp, folder: Path) -> Case:
    """A clip with a stamp on it; kept when it is there already."""
    target = folder / f"{source.stem}-{stamp.name}"
    if (target / "truth.json").exists():
        return load(target)
    target.mkdir(parents=True, exist_ok=True)
    with av.open(str(source)) as film:
        rate = Fraction(film.streams.video[0].average_rate or 25)
    boxes: list[list[int] | None] = []
    outs = [av.open(str(target / name), "w") for name, _, _ in FILES]
    streams: list[av.VideoStream] = []
    size = (0, 0)
    for number, clean in enumerate(pictures(source)):
        y, u, v = laid(stamp, [clean.y, clean.u, clean.v], number / float(rate))
        burned = Picture(y, u, v)
        if not streams:
            size = clean.y.shape[::-1]
            for out, (_, codec, options) in zip(outs, FILES, strict=True):
                streams.append(_stream(out, codec, options, rate, size))
        for out, stream, picture in zip(outs, streams, (clean, burned, burned), strict=True):
            for packet in stream.encode(_frame(picture)):
                out.mux(packet)
        boxes.append(_box(altered(clean.y, burned.y)))
    for out, stream in zip(outs, streams, strict=True):
        for packet in stream.encode(None):
            out.mux(packet)
        out.close()
    truth = {
        "name": target.name,
        "kind": "watermark",
        "rate": float(rate),
        "size": size,
        "frames": len(boxes),
    }
    (target / "truth.json").write_text(
        json.dumps({**truth, "cues": _cues(boxes, stamp.name), "boxes": boxes})
    )
    return load(target)


def _stream(
    out: av.container.OutputContainer,
    codec: str,
    options: dict[str, str],
    rate: Fraction,
    size: tuple[int, int],
) -> av.VideoStream:
    stream = out.add_stream(codec, rate, options=options)
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
    return stream


def _frame(picture: Picture) -> av.VideoFrame:
    planes = np.concatenate([plane.ravel() for plane in (picture.y, picture.u, picture.v)])
    return av.VideoFrame.from_ndarray(planes.reshape(-1, picture.y.shape[1]), format="yuv420p")


def _box(where: NDArray[np.bool_]) -> list[int] | None:
    rows, columns = np.flatnonzero(where.any(1)), np.flatnonzero(where.any(0))
    if not len(rows):
        return None
    return [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]


def _cues(boxes: Sequence[list[int] | None], text: str) -> list[dict[str, Any]]:
    """The stretches in which it stays in about one place."""
    cues: list[dict[str, Any]] = []
    before: list[int] | None = None
    for number, box in enumerate(boxes):
        if box is not None:
            near = before is not None and max(abs(box[0] - before[0]), abs(box[1] - before[1])) < min(
                box[2] - box[0], box[3] - box[1]
            )
            if near:
                cues[-1]["last"] = number
            else:
                cues.append({"first": number, "last": number, "text": text})
        before = box
    return cues


def rows(
    clips: Sequence[Path], stamps: Sequence[Stamp], folder: Path, program: str
) -> Iterator[dict[str, Any]]:
    """Of every stamp on every clip what `erase_whole.watermark` measures."""
    for clip in clips:
        for stamp in stamps:
            own = case(clip, stamp, folder)
            yield erase_whole.watermark(own, folder / "runs", program) | {"name": own.name}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.erase_stamped", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--stamps", default=STAMPS)
    parser.add_argument("--clips", default="", help="parts of the clips' names, all when left out")
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--peer-python", type=Path, default=PEERS)
    given = parser.parse_args()
    clips = erase_pans.make(given.out / "pans", given.seconds, given.seed, given.peer_python)
    clips += sources(None, Settings.read().model_folder())
    wanted = given.clips.split(",")
    chosen = [clip for clip in clips if any(part in clip.stem for part in wanted)]
    stamps = [named(name) for name in given.stamps.split(",")]
    for row in rows(chosen, stamps, given.out, ffmpeg(given.peer_python)):
        print(
            f"{row['name']:36} {row['openvod']['psnr']:5.2f} dB, delogo {row['delogo']['psnr']:5.2f} "
            f"({row['gain']:+5.2f}), flicker {row['calm']:4.2f} x, plain {row['plain']['psnr']:5.2f}, "
            f"covered {100 * row['covered']:3.0f} %, found {row['found']}, {row['cpu_ms']:4.0f} ms a frame",
            flush=True,
        )


if __name__ == "__main__":
    main()
