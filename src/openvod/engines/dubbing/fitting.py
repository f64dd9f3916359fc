"""How does a spoken text get as long as there is time for? Spoken faster where it must be, and a bit later than its cue."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from openvod.engines.dubbing.voices import Samples, Spoken

FASTEST = 1.6
"""How many times faster a voice is made: beyond, nobody follows."""
GAP = 0.08
"""Seconds between two voices."""
LINGER = 1.0
"""Seconds that a voice may go on after its cue, where nobody else speaks."""
EASY = 1.15
"""How much faster it is made rather than going on after its cue."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The time of a cue, in seconds."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Fit:
    """When a voice is heard, and how much faster than it was spoken."""

    start: float
    """Seconds."""
    tempo: float
    late: float = 0.0
    """Seconds that it begins after its cue, as the one before was not done."""


def fits(slots: Sequence[Slot], lengths: Sequence[float], end: float) -> list[Fit]:
    """For each cue, in order of time, and how many seconds its voice takes; `end` is that of the film.

    A voice that is too long first goes on until the next one begins (LINGER at most), then is made faster, and at FASTEST
    pushes the next one back. One that ends early is left as it is.
    """
    found: list[Fit] = []
    free = 0.0
    for place, (slot, length) in enumerate(zip(slots, lengths, strict=True)):
        start = max(slot.start, free)
        following = slots[place + 1].start - GAP if place + 1 < len(slots) else end
        own = max(0.2, slot.end - start)
        room = max(own, min(following, slot.end + LINGER) - start)
        tempo = 1.0
        if length > own:
            tempo = min(EASY, length / own)
            if length / tempo > room:
                tempo = min(FASTEST, length / room)
        found.append(Fit(start, round(tempo, 4), round(max(0.0, start - slot.start), 3)))
        free = start + length / tempo + GAP
    return found


def faster(spoken: Spoken, tempo: float, rate: int) -> Samples:
    """The sound at that tempo with its pitch kept, at `rate` samples per second."""
    import av.filter  # noqa: PLC0415 - only in media processes
    from av.audio.frame import AudioFrame  # noqa: PLC0415

    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=spoken.rate, format="flt", layout="mono", time_base=Fraction(1, spoken.rate)
    )
    chain = [source]
    if tempo != 1.0:
        chain.append(graph.add("atempo", str(tempo)))
    chain += [graph.add("aresample", str(rate)), graph.add("aformat", "sample_fmts=flt:channel_layouts=mono")]
    graph.link_nodes(*chain, graph.add("abuffersink")).configure()
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(spoken.samples[None]), format="flt", layout="mono")
    frame.sample_rate, frame.pts = spoken.rate, 0
    graph.push(frame)
    graph.push(None)
    blocks: list[Samples] = []
    while True:
        try:
            blocks.append(graph.pull().to_ndarray()[0].astype(np.float32, copy=False))
        except (av.error.BlockingIOError, av.error.EOFError):
            break
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
