"""How is one segment encoded anew? Decode, edit, encode, and decode again to see that it is right."""

import math
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.media import h264
from openvod.media.rewrite import decoding, encoding, new_packets
from openvod.media.rewrite.decoding import Mismatch
from openvod.media.rewrite.index import Times, VideoIndex
from openvod.media.rewrite.new_packets import NewPacket
from openvod.media.rewrite.planning import Segment
from openvod.media.rewrite.windows import (
    Editor,
    Picture,
    Window,
    cut,
    edited,
    picture_of,
    planes_of,
    window_frames,
)

FLOOR_DB = 36.0
"""Least mean luma PSNR of the encoded against the edited pictures; below it a segment is encoded once more, finer."""

NEW_SIZE = Text("the picture changes its size in the middle", "画面尺寸中途改变")

_MEASURE_EVERY = 8


def rewrite(argument: Json, progress: Callable[[float], None]) -> Json:
    """A sandbox target: writes the files of `new_packets` into the folder.

    Takes `{"source", "index", "times", "segment", "way", "context", "editor", "argument"}`: paths, `VideoIndex.dump()`,
    `Segment.dump()`, the `Way`, and the editor with its argument. Answers `{"frames", "bytes", "reorder", "sets",
    "psnr", "factor"}` (parameter sets in hexadecimal, decibels), or `{"mismatch": text}` when the packets promise
    other frames than the decoder gives: then the file must be done in the `serial` way. Raises TaskFault
    `SourceFileError.ContentMalformed` where the picture's size changes.
    """
    work = _Work(argument)
    try:
        answer = work.run(work.index.recipe["factor"], progress)
        if answer["psnr"] < FLOOR_DB and answer["factor"] > encoding.BEST:
            answer = work.run(max(encoding.BEST, answer["factor"] - encoding.AGAIN_STEP), progress)
    except Mismatch as mismatch:
        return {"mismatch": str(mismatch)}
    return answer


class _Work:
    """One segment and how to do it."""

    def __init__(self, argument: Json) -> None:
        self.source = Path(argument["source"])
        self.index = VideoIndex.load(argument["index"])
        self.segment = Segment.load(argument["segment"])
        self.context: int = argument["context"]
        self.argument: Json = argument["argument"]
        self.serial = argument["way"] == "serial"
        self.copies = argument["way"] == "copy"
        self.times = Times.read(Path(argument["times"]))
        module, _, name = argument["editor"].partition(":")
        self.editor: Editor = getattr(import_module(module), name)

    def run(self, factor: float, progress: Callable[[float], None]) -> Json:
        """Write the files, and say what became of it. Raises Mismatch."""
        segment = self.segment
        recipe = {**self.index.recipe, "factor": factor}
        encoder = _Encoder(recipe, self.index.rate, self.index.reorder if self.copies else 2)
        times = array("q")
        with new_packets.Writer(Path()) as writer:
            for picture in self._edited():
                progress(len(times) / max(1, segment.frames))
                times.append(_later(picture.pts, times, self.index.step))
                for packet in encoder.encode(picture.frame):
                    writer.write(packet)
            for packet in encoder.end():
                writer.write(packet)
        Times(times).save(Path(new_packets.TIMES))
        if not (
            writer.count == encoder.check.count == len(times)
            and (self.serial or len(times) == segment.frames)
        ):
            raise Mismatch(
                f"{len(times)} frames became {writer.count} packets, of which {encoder.check.count} decode"
            )
        return {
            "frames": len(times),
            "bytes": writer.bytes,
            "reorder": writer.reorder,
            "sets": encoder.sets,
            "psnr": encoder.check.psnr,
            "factor": factor,
        }

    def _edited(self) -> Iterator[Picture]:
        """The segment's own pictures, edited."""
        segment, context = self.segment, self.context
        longest = window_frames(self.index.frame_bytes, context)
        windows = cut(segment.edited, longest)
        memory: Json = {}

        def call(before: Any, inner: Any, after: Any) -> None:
            self.editor(self._window(before, inner, after, memory))

        pictures = map(self._picture, self._decoded())
        for picture in edited(pictures, windows, context, call):
            if self.serial or segment.first <= picture.number < segment.first + segment.frames:
                yield picture

    def _decoded(self) -> Iterator[tuple[int, Any]]:
        if self.serial:
            return decoding.everything(self.source)
        first, end = self.segment.first, self.segment.first + self.segment.frames
        for part in self.segment.edited:
            first = min(first, part.first - self.context)
            end = max(end, part.end + self.context)
        first, end = max(0, first), min(end, self.index.frames)
        return decoding.stretch(self.source, self.index, self.times, first, end)

    def _picture(self, decoded: tuple[int, Any]) -> Picture:
        number, frame = decoded
        index = self.index
        if (frame.width, frame.height) != (index.width, index.height):
            raise TaskFault("SourceFileError.ContentMalformed", reason=NEW_SIZE)
        if frame.format.name != index.recipe["pixels"]:
            frame = frame.reformat(format=index.recipe["pixels"])
        return picture_of(number, frame.pts, frame)

    def _window(self, before: Any, inner: Any, after: Any, memory: Json) -> Window:
        index = self.index
        return Window(
            before=before,
            inner=inner,
            after=after,
            argument=self.argument,
            rate=index.rate[0] / index.rate[1],
            seconds_per_tick=index.time_base[0] / index.time_base[1],
            depth=inner[0].frame.format.components[0].bits,
            full_range=index.recipe["range"] == 2,
            matrix=index.recipe["matrix"],
            memory=memory,
        )


def _later(pts: int | None, times: "array[int]", step: int) -> int:
    """A missing time follows the last one; a picture that comes too late hurries by, so that those after it do not."""
    if pts is not None and (not times or pts > times[-1]):
        return pts
    return times[-1] + (step if pts is None else 1) if times else 0


class _Encoder:
    """Encodes pictures one by one; what comes out is decoded again by `check`."""

    def __init__(self, recipe: Json, rate: tuple[int, int], reorder: int) -> None:
        self._context = encoding.encoder(recipe, rate, reorder)
        self._is_h264 = recipe["codec"] == "libx264"
        self._count = 0
        self.check = _Check(self._context)
        self.sets: list[str] = []

    def encode(self, frame: Any) -> Iterator[NewPacket]:
        """Hand in the next picture; packets come out later."""
        frame.pts, frame.time_base, frame.pict_type = self._count, self._context.time_base, 0
        self._count += 1
        self.check.note(frame)
        return self._out(self._context.encode(frame))

    def end(self) -> Iterator[NewPacket]:
        """The packets that were held back."""
        yield from self._out(self._context.encode(None))
        self.check.take(None)

    def _out(self, packets: list[Any]) -> Iterator[NewPacket]:
        for packet in packets:
            data = bytes(packet)
            if self._is_h264 and not self.sets:
                units = h264.units(data, 0)
                self.sets = [unit.hex() for unit in units if h264.kind(unit) in (h264.SPS, h264.PPS)]
            self.check.take(data)
            yield NewPacket(data, packet.pts, packet.is_keyframe)


class _Check:
    """Decodes what was encoded, counts it, and compares every eighth picture's luma with what it should be."""

    def __init__(self, encoder: Any) -> None:
        import av  # noqa: PLC0415

        self._decoder = av.CodecContext.create(encoder.codec.canonical_name, "r")
        self._decoder.thread_count = 1
        self._expected: deque[tuple[int, NDArray[Any]]] = deque()
        self._peak = float((1 << encoder.format.components[0].bits) - 1)
        self._errors: list[float] = []
        self._noted = self.count = 0

    @property
    def psnr(self) -> float:
        """Decibels over all compared pictures, at most 100."""
        mean = sum(self._errors) / len(self._errors) if self._errors else 0.0
        return round(10 * math.log10(self._peak**2 / mean), 2) if mean > self._peak**2 * 1e-10 else 100.0

    def note(self, frame: Any) -> None:
        """Remember what the next picture looks like."""
        if self._noted % _MEASURE_EVERY == 0:
            self._expected.append((self._noted, planes_of(frame)[0].copy()))
        self._noted += 1

    def take(self, data: bytes | None) -> None:
        """Decode one packet, or at the end what is left."""
        import av  # noqa: PLC0415

        packet = None if data is None else av.Packet(data)
        for frame in self._decoder.decode(packet):
            if self._expected and self._expected[0][0] == self.count:
                picture = self._expected.popleft()[1]
                difference = planes_of(frame)[0].astype(np.int32) - picture
                self._errors.append(float(np.square(difference).mean()))
            self.count += 1
