"""What does erasing cost, and is what nobody changed still what it was? Long clips at 1280 by 720, put together by copying.

A ten-second clip with subtitles throughout, five minutes of the same, an hour with text in two parts of a hundred, and a
clip with subtitles in its middle whose packets are compared, one by one, with those of the result.
"""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from benchmarks import erase_run
from benchmarks.erase_run import SUBTITLES
from benchmarks.erase_styles import LOOKS, Stage, subtitles
from benchmarks.erase_truth import quoted

WIDTH, HEIGHT, RATE = 1280, 720, 25
PIECE = 10
"""Seconds of what is repeated."""
KEYS = 50
"""Frames from one key picture to the next."""
LOOK, SEED = "white-en", 11


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the clips."""

    program: str
    """ffmpeg."""
    font: Path
    source: Path
    """A clean clip; shown again and again."""
    folder: Path

    def film(self, name: str, pieces: Sequence[bool]) -> Path:
        """Pieces of ten seconds, with (true) and without subtitles, one after the other, with sound."""
        target = self.folder / f"{name}.mp4"
        if not target.exists():
            listed = self.folder / f"{name}.txt"
            listed.write_text("".join(f"file '{self._piece(text).resolve()}'\n" for text in pieces))
            tune = ("-f", "lavfi", "-i", f"sine=330:d={len(pieces) * PIECE}")
            coders = ("-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", "-shortest")
            self._run("-f", "concat", "-safe", "0", "-i", listed, *tune, *coders, target)
        return target

    def _piece(self, text: bool) -> Path:
        target = self.folder / f"piece-{text:d}.mp4"
        if target.exists():
            return target
        script = self.folder / "piece.ass"
        script.write_text(subtitles(LOOKS[LOOK], Stage(WIDTH, HEIGHT, RATE, PIECE * RATE), SEED)[0])
        drawing = f",ass={quoted(script)}:fontsdir={quoted(self.font)}" if text else ""
        size = f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=increase,crop={WIDTH}:{HEIGHT},setsar=1,fps={RATE}"
        coder = (
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-crf",
            "20",
            "-g",
            str(KEYS),
            "-pix_fmt",
            "yuv420p",
        )
        given = ("-stream_loop", "-1", "-i", self.source, "-t", str(PIECE), "-an")
        self._run(*given, "-vf", size + drawing, *coder, target)
        return target

    def _run(self, *arguments: str | Path) -> None:
        command = [self.program, "-v", "error", "-nostdin", "-y", *map(str, arguments)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def measure(maker: Maker, name: str, pieces: Sequence[bool], *, compare: bool = False) -> dict[str, Any]:
    """CPU and memory of erasing a film's subtitles; with `compare` also how its packets came through."""
    film = maker.film(name, pieces)
    done = erase_run.run(film, SUBTITLES, maker.folder / f"run-{name}", look=True)
    spans = [(mark.first, mark.last) for mark in done.found()]
    shown = sum(_lengths(spans))
    frames = len(pieces) * PIECE * RATE
    row: dict[str, Any] = {
        "seconds": len(pieces) * PIECE,
        "peak_mb": done.peak_mb,
        "cpu_s": done.cpu_s,
        "frames": frames,
        "frames_with_text": shown,
        "cpu_ms_per_frame": 1000 * done.cpu_s / frames,
        "cpu_ms_per_frame_with_text": 1000 * done.cpu_s / max(1, shown),
        "stages": done.stages,
        "notes": done.notes,
    }
    if compare:
        row["copied"] = copied(film, done.target, spans)
    done.forget()
    return row


def _lengths(spans: Sequence[tuple[int, int]]) -> Iterator[int]:
    """Of the spans, each frame counted once."""
    after = 0
    for first, last in sorted(spans):
        yield max(0, last + 1 - max(first, after))
        after = max(after, last + 1)


def copied(source: Path, target: Path, changed: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Are the packets of all groups of pictures without a changed frame the same bytes at the same times, and all of the
    sound? `changed` are first and last frames."""
    before, after = _packets(source), _packets(target)
    groups = untouched([key for _, key, _ in before["video"]], changed)
    alike = sum(
        before["video"][number][2] == after["video"][number][2]
        for number in groups
        if number < len(after["video"])
    )
    return {
        "frames": len(before["video"]),
        "frames_after": len(after["video"]),
        "untouched": len(groups),
        "identical": alike,
        "times": _times(before["video"]) == _times(after["video"]),
        "sound": [each[2] for each in before["audio"]] == [each[2] for each in after["audio"]],
    }


def untouched(keys: Sequence[bool], changed: Sequence[tuple[int, int]]) -> list[int]:
    """Frames, in order of display, of closed groups in which none is changed; `keys` tells which are key pictures."""
    starts = [number for number, key in enumerate(keys) if key]
    found: list[int] = []
    for start, end in zip(starts, [*starts[1:], len(keys)], strict=True):
        if not any(first < end and last >= start for first, last in changed):
            found += range(start, end)
    return found


def _packets(path: Path) -> dict[str, list[tuple[float, bool, bytes]]]:
    """Time in seconds from the first, key picture or not, and bytes of every packet, in order of display."""
    found: dict[str, list[tuple[float, bool, bytes]]] = {"video": [], "audio": []}
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.size and packet.pts is not None and packet.stream.type in found:
                moment = float(packet.pts * packet.time_base)
                found[packet.stream.type].append((moment, packet.is_keyframe, bytes(packet)))
    for every in found.values():
        every.sort(key=lambda each: each[0])
    return found


def _times(packets: Sequence[tuple[float, bool, bytes]]) -> list[int]:
    return [round(1000 * (moment - packets[0][0])) for moment, _, _ in packets]
