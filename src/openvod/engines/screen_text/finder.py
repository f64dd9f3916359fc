"""Which texts lie on the picture of a film, where, and in which frames exactly? Subtitles, logos, scene text.

One pass over the frames, in constant memory. Where dense sharp edges are new, the detector looks for lines; a new
line's strokes are followed from frame to frame, backwards through the last seconds to the frame in which it came, and
forwards until it is gone; then its mean picture is read. What comes and goes while the picture stays is a caption.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from openvod.engines.ocr import Box, Ocr, fit
from openvod.engines.screen_text.cues import cues
from openvod.engines.screen_text.found import Area, FoundText, inside
from openvod.engines.screen_text.glass import Told, agreed
from openvod.engines.screen_text.judge import Judged, judge, whole_lines
from openvod.engines.screen_text.strips import Ring, overlapping, view
from openvod.engines.screen_text.tracks import Track, open_track
from openvod.engines.screen_text.watch import Watch
from openvod.media.frames import Planes

SURE = 3
"""Captions in a row that make it known."""
MOSTLY = (0.78, 0.98)
"""From the top, as shares of the height: where captions mostly stand, until a film shows where its own do. Small letters before
something as textured as grass are no new edges, and too small in a look at the whole picture."""
IN_VAIN = 0.7
"""Share of a window that was searched a moment ago for it to wait."""
REMEMBER_SECONDS = 2.6
SAME = 0.5
"""Share of the characters from which two readings are of the same text."""
LOOK_PIXELS = 320 * 180
"""The size in which the detector sees the whole picture: larger ones cost more and found no more."""
LEAST_ROWS = 250
"""The picture's shorter side is scaled to so many pixels at least, where something dense is taller than a line."""
ROW_PIXELS = 16
"""The height in which it sees a line at least where `watch` saw one, when that takes no more than LOOK_PIXELS."""
CLEAR = 14
"""The height, in pixels, in which the detector saw a line whose box is good enough to read it."""
WINDOW_PIXELS = 20000
"""The size in which it sees a small window at least."""
SMALLEST, LARGEST = 0.018, 0.16
"""Height of a line as a share of the picture's shorter side."""


@dataclass(frozen=True, slots=True)
class Care:
    """How closely to look; seconds. Frames are exact either way: they are gone back through when a text was seen."""

    look: float = 0.2
    """How often it is seen whether a text may have come (`watch`)."""
    band: float = 0.9
    """How often the detector looks where captions stand, whether or not anything changed."""
    wide: float = 2.4
    """How often it looks at the whole picture; half as often once it is known where the captions stand."""
    again: float = 0.0
    """After how long a place in which nothing was found is looked at again because something changes in it."""
    strokes: bool = True
    """Whether to measure which pixels a text covers; without it masks are boxes, and nothing is known of boards."""


ERASING = Care()
READING = Care(look=0.4, band=0.8, wide=2.4, again=0.8, strokes=False)
"""For who wants to know what is written and when: what is there for less than `look` may be missed."""


@dataclass(slots=True)
class _State:
    """What the pass remembers."""

    ring: Ring
    tracks: list[Track]
    judged: list[Judged]
    ended: list[tuple[Box, int]]
    """Where a text was last, and the first frame without it."""
    due: float = 0.0
    wide_due: float = 0.0
    band_due: float = 0.0
    watch: Watch = field(default_factory=Watch)
    in_vain: list[tuple[Box, float]] = field(default_factory=list)
    """Where nothing was found, and when."""
    reaches: list[int] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    """How far the outlines of captions reached."""


class Finder:
    """Takes the frames of one film in order, and tells the texts when all have been seen."""

    def __init__(self, ocr: Ocr, areas: Sequence[Area] = (), care: Care = ERASING) -> None:
        """`areas` restrict the search; without any it is the whole picture."""
        self._ocr, self._areas, self._care = ocr, areas, care
        self._state = _State(Ring(REMEMBER_SECONDS), [], [], [])
        self._last: Planes | None = None

    def add(self, frame: Planes) -> None:
        """The next frame."""
        state = self._state
        state.ring.add(frame)
        for track in list(state.tracks):
            goes_on = track.follow(frame, state.ring)
            if goes_on and track.doubt:
                goes_on = self._same_text(track, frame)
                track.settle_doubt(frame, state.ring, same=goes_on)
            if not goes_on:
                state.tracks.remove(track)
                self._close(track, frame)
        if frame.time >= state.due:
            self._look(frame)
        self._last = frame

    def follows(self, before: int) -> bool:
        """Whether something is followed that was seen before that frame."""
        return any(track.born < before for track in self._state.tracks)

    def finish(self) -> list[FoundText]:
        """All texts, in order of their first frame."""
        if self._last is None:
            return []
        for track in self._state.tracks:
            track.finish(self._state.ring)
            self._judge(track)
        return cues(self._state.judged, self._last.time)

    def _close(self, track: Track, frame: Planes) -> None:
        self._judge(track)
        if track.stop is not None:
            self._state.ended = [
                *self._state.ended[-20:],
                (track.place(track.stop.index), track.stop.index + 1),
            ]
        place, size = track.place(frame.index), (frame.luma.shape[1], frame.luma.shape[0])
        if track.returned and place == place.grown(0, size):  # what moves may have left the picture meanwhile
            self._state.tracks.append(open_track(frame, place, frame.index))
        self._state.due = min(self._state.due, frame.time)

    def _same_text(self, track: Track, frame: Planes) -> bool:
        """Whether the frame still says what the frames before said."""
        if track.mean is None:
            return True
        mean = track.mean.picture()
        place = track.box.moved(-track.band.x0, -track.band.y0)
        before = self._ocr.read(mean[place.y0 : place.y1, place.x0 : place.x1])
        now = self._ocr.read(view(frame, track.place(frame.index), (place.width, place.height)))
        return SequenceMatcher(None, before.text, now.text).ratio() >= SAME

    def _judge(self, track: Track) -> None:
        usual = next(iter(self._state.reaches[len(self._state.reaches) // 2 :]), None)
        glassy = agreed(self._state.told)
        judged = judge(track, self._ocr, usual, glassy=glassy, measured=self._care.strokes)
        if judged is None:
            return
        self._state.judged.append(judged)
        if judged.seen.measured and judged.laid_on and not judged.corner:
            self._state.reaches = sorted([*self._state.reaches[-8:], judged.seen.reach])
            self._state.told = [*self._state.told[-16:], *judged.told]

    def _look(self, frame: Planes) -> None:
        """Open tracks for lines that are not followed yet."""
        state, size = self._state, (frame.luma.shape[1], frame.luma.shape[0])
        state.due = frame.time + self._care.look
        areas = [area.box(size) for area in self._areas if area.start <= frame.time < area.end]
        if self._areas and not areas:
            return
        followed = [track.place(frame.index) for track in state.tracks]
        windows = [
            (
                box,
                max(
                    ROW_PIXELS / tall,
                    LEAST_ROWS / min(size),
                    (WINDOW_PIXELS / (box.width * box.height)) ** 0.5,
                ),
            )
            for box, tall in state.watch.windows(frame.luma, followed)
            if not areas or any(box.shared(area) for area in areas)
        ]
        state.in_vain = [each for each in state.in_vain if frame.time < each[1] + self._care.again]
        for window, scale in windows:
            if not overlapping(window, [box for box, _ in state.in_vain], IN_VAIN):
                known = len(state.tracks)
                self._search(frame, window, scale, areas)
                if len(state.tracks) == known:
                    state.in_vain.append((window, frame.time))
        for window, scale in self._due(frame, size, areas):
            self._search(frame, window, scale, areas)

    def _search(self, frame: Planes, window: Box, scale: float, areas: Sequence[Box]) -> None:
        fitted = self._fitted(window, scale)
        for box in self._detect(frame, window, fitted):
            self._open(frame, box, areas, clear=box.height * fitted[1] >= CLEAR * window.height)

    def _open(self, frame: Planes, box: Box, areas: Sequence[Box], *, clear: bool) -> None:
        state, size = self._state, (frame.luma.shape[1], frame.luma.shape[0])
        if not SMALLEST < box.height / min(size) < LARGEST or box.width < 0.8 * box.height:
            return
        if areas and not inside(box, areas):
            return
        if not overlapping(box, [track.place(frame.index) for track in state.tracks]):
            free = [after for other, after in state.ended if overlapping(box, [other])]
            track = open_track(frame, box, max(free, default=0))
            track.clear = clear and not self._care.strokes
            state.tracks.append(track)

    def _due(self, frame: Planes, size: tuple[int, int], areas: Sequence[Box]) -> list[tuple[Box, float]]:
        """What is looked at whether or not anything changed, for texts that are not steep enough to be noticed."""
        state, everything = self._state, Box(0, 0, *size)
        usual = (LOOK_PIXELS / (size[0] * size[1])) ** 0.5
        captions = [one.line.box for one in state.judged if one.laid_on][-8:]
        bands = _bands(captions, size)
        if frame.time >= state.wide_due:
            state.wide_due = frame.time + self._care.wide * (2 if len(captions) >= SURE else 1)
            state.band_due = frame.time + self._care.band
            whole = areas[0] if areas else everything
            for area in areas[1:]:
                whole = whole.joined(area)
            return [(whole.grown(16, size), usual)]
        if frame.time < state.band_due or areas:
            return []
        state.band_due = frame.time + self._care.band
        followed = [track.place(frame.index) for track in state.tracks]
        return [
            (band, (LOOK_PIXELS / (band.width * band.height)) ** 0.5)
            for band in bands
            if not any(band.shared(box) for box in followed)
        ]

    @staticmethod
    def _fitted(window: Box, scale: float) -> tuple[int, int]:
        """The size in which the detector is shown a window."""
        scale = min(1.0, scale, (LOOK_PIXELS / (window.width * window.height)) ** 0.5)
        return fit((window.width, window.height), max(32, round(max(window.width, window.height) * scale)))

    def _detect(self, frame: Planes, window: Box, seen: tuple[int, int]) -> list[Box]:
        size = (frame.luma.shape[1], frame.luma.shape[0])
        across, down = window.width / seen[0], window.height / seen[1]
        found = self._ocr.detect(view(frame, window, seen), seen)
        boxes = [
            Box(round(b.x0 * across), round(b.y0 * down), round(b.x1 * across), round(b.y1 * down))
            for b, _ in found
        ]
        return whole_lines([box.moved(window.x0, window.y0).grown(0, size) for box in boxes])


def find(
    frames: Iterable[Planes],
    ocr: Ocr,
    areas: Sequence[Area] = (),
    progress: Callable[[Planes], None] = lambda _: None,
) -> list[FoundText]:
    """The texts of a film (`media.frames.planes`), in order of their first frame."""
    finder = Finder(ocr, areas)
    for frame in frames:
        finder.add(frame)
        progress(frame)
    return finder.finish()


def _bands(lines: Sequence[Box], size: tuple[int, int]) -> list[Box]:
    """The rows in which captions have stood, when there were enough of them, else those in which they mostly do."""
    if len(lines) < SURE:
        top, bottom = (round(share * size[1]) for share in MOSTLY)
        return [Box(0, top, size[0], bottom)]
    bands: list[Box] = []
    for line in lines:
        margin = line.height
        rows = Box(0, max(0, line.y0 - margin), size[0], min(size[1], line.y1 + margin))
        touching = [band for band in bands if band.shared(rows)]
        for band in touching:
            rows = rows.joined(band)
            bands.remove(band)
        bands.append(rows)
    return bands
