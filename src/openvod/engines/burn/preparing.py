"""Which frames show which text? Cues are set, put to the video's frames, and written down for the editor."""

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines.burn import style as styles
from openvod.engines.burn.colours import Code
from openvod.engines.burn.fonts import choose
from openvod.engines.burn.overlay import Frame
from openvod.engines.burn.setting import Placed, Scene, Setter, Setting
from openvod.engines.burn.style import Style
from openvod.engines.video import Media
from openvod.media.captions import Cue
from openvod.media.rewrite import FrameRange
from openvod.media.rewrite.index import Times, VideoIndex

SETTING = "burn.json"
"""Name of the file that the editor reads."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything is known but the pictures."""

    path: Path
    """What `compositor.edit` takes."""
    setting: Json
    """What is written there."""
    clock: "Clock"
    changed: tuple[FrameRange, ...]
    """The frames that show anything."""
    longest: tuple[float, float] | None
    """Begin and end of the scene that is shown the longest, in seconds from the start; None when there is nothing."""
    warnings: tuple[Text, ...]
    refitted: int
    """See `setting.Setting`."""


@dataclass(frozen=True, slots=True)
class Clock:
    """When the frames of a video are shown."""

    times: Times
    """In ticks; empty where nobody knows before all is decoded."""
    tick: float
    """Seconds."""
    step: float
    """Mean seconds of a frame."""
    start: float
    """Time stamp at which the file begins, in seconds."""

    def span(self, begin: float, end: float) -> tuple[int, int]:
        """The frames from `begin` to `end` seconds, as first and the one after the last: edges go to the nearest frame, and
        at least one frame is shown of what begins within the video."""
        first, after = self._nearest(begin), self._nearest(end)
        if after <= first and begin < self.at(len(self.times)):
            first = max(0, min(first, len(self.times) - 1))
            after = first + 1
        return first, after

    def at(self, frame: int) -> float:
        """Seconds from the start of the file; `frame` may be the one after the last."""
        if frame < len(self.times):
            return self.times[frame] * self.tick - self.start
        return self.times[len(self.times) - 1] * self.tick - self.start + self.step

    def _nearest(self, time: float) -> int:
        place = bisect_left(range(len(self.times)), time, key=self.at)
        if place == 0:
            return 0
        nearer = time - self.at(place - 1) < self.at(place) - time
        return place - 1 if nearer else place


def prepare(
    media: Media, index: VideoIndex, times: Path, cues: Sequence[Placed | Cue], style: Style
) -> Prepared:
    """Set the cues and write `SETTING` into the media's folder. `times` is what `rewrite.examine` wrote.

    Raises TaskFault when a font is missing that the text needs.
    """
    clock = Clock(
        Times.read(times),
        index.time_base[0] / index.time_base[1],
        index.rate[1] / index.rate[0],
        float(media.facts["start"]),
    )
    placed = [cue if isinstance(cue, Placed) else Placed(cue) for cue in cues]
    snapped, changed = _to_frames(placed, clock, index.frames)
    chosen = choose(media.models, media.folder, style, [line for each in snapped for line in each.cue.lines])
    planes = ((index.height, index.width),)
    frame = Frame(planes, media.turns, media.aspect, Code(8, False, 2))
    setting = Setter(style, chosen.fonts, frame.upright).set(snapped)
    path = media.folder / SETTING
    told = {
        "start": clock.start,
        "turns": media.turns,
        "aspect": media.aspect,
        "transfer": index.recipe["transfer"],
        "primaries": index.recipe["primaries"],
    }
    value = {
        "told": told,
        "style": styles.dump(style),
        "faces": [asdict(face) for face in chosen.fonts.faces],
        "blocks": [block.dump() for block in setting.blocks],
        "scenes": [[scene.begin, scene.end, list(scene.blocks)] for scene in setting.scenes],
    }
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    warnings = (*chosen.warnings, *setting.warnings, *_outside(len(placed) - len(snapped)))
    return Prepared(
        path=path.resolve(),
        setting=value,
        clock=clock,
        changed=changed,
        longest=_longest(setting),
        warnings=warnings,
        refitted=setting.refitted,
    )


def _outside(count: int) -> tuple[Text, ...]:
    if not count:
        return ()
    said = f"{count} cues lie beyond the end of the video"
    return (Text(said, f"{count} 条字幕在视频结束之后,未压制"),)


def _to_frames(
    cues: Sequence[Placed], clock: Clock, frames: int
) -> tuple[list[Placed], tuple[FrameRange, ...]]:
    """Cues that begin and end a little before a frame does, without those outside; and their frames."""
    if not len(clock.times):
        moved = [
            _moved(each, each.cue.start - clock.step / 2, each.cue.end - clock.step / 2) for each in cues
        ]
        return moved, (FrameRange(0, frames),) if moved else ()
    early = clock.tick / 2
    found, changed = [], []
    for each in cues:
        first, after = clock.span(each.cue.start, each.cue.end)
        if first < after:
            found.append(_moved(each, clock.at(first) - early, clock.at(after) - early))
            changed.append(FrameRange(first, after))
    return found, tuple(changed)


def _moved(placed: Placed, begin: float, end: float) -> Placed:
    return replace(placed, cue=replace(placed.cue, start=begin, end=end))


def _longest(setting: Setting) -> tuple[float, float] | None:
    best: Scene | None = max(setting.scenes, key=lambda scene: scene.end - scene.begin, default=None)
    return None if best is None else (best.begin, best.end)
