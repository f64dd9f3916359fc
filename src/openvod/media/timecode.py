"""Which frame is shown when, and how do editors write that down? Rates of frames, and timecode by SMPTE ST 12-1."""

import re
from dataclasses import dataclass
from fractions import Fraction

_NTSC = tuple(Fraction(nominal * 1000, 1001) for nominal in (24, 30, 48, 60, 120))
_KNOWN = (*_NTSC, *(Fraction(whole) for whole in (10, 12, 15, 24, 25, 30, 48, 50, 60, 100, 120)))
_NEAR = Fraction(1, 2500)
"""By how much a measured rate may differ from the known one that it means; 24 and 23.976 differ by 1/1000."""
_TEXT = re.compile(r"(\d\d):([0-5]\d):([0-5]\d)([:;])(\d{2,3})")
DAY = 24


@dataclass(frozen=True, slots=True)
class Rate:
    """Frames per second."""

    exact: Fraction
    drops: bool = False
    """Whether timecode leaves out numbers (not frames) so that it keeps up with the clock: 29.97 and 59.94 only."""

    @property
    def nominal(self) -> int:
        """How many numbers a second of timecode has."""
        return max(1, round(self.exact))

    @property
    def dropped(self) -> int:
        """How many numbers each minute leaves out, but every tenth."""
        return self.nominal // 15 if self.drops else 0

    def frame_at(self, seconds: Fraction) -> int:
        """The frame that begins nearest to a time."""
        return round(seconds * self.exact)

    def seconds(self, frame: int) -> Fraction:
        """When a frame begins."""
        return frame / self.exact

    def timecode(self, frame: int) -> str:
        """`HH:MM:SS:FF`, before the frames `;` where numbers are dropped. It begins anew after 24 hours."""
        if frame < 0:
            raise ValueError("a frame before the first one")
        nominal, dropped = self.nominal, self.dropped
        per_minute, per_ten = 60 * nominal - dropped, 600 * nominal - 9 * dropped
        tens, rest = divmod(frame, per_ten)
        passed = max(
            0, (rest - dropped) // per_minute
        )  # minutes that left numbers out; the first of ten does not
        number = frame + 9 * dropped * tens + dropped * passed
        seconds, frames = divmod(number, nominal)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        digits = max(2, len(str(nominal - 1)))
        mark = ";" if dropped else ":"
        return f"{hours % DAY:02}:{minutes:02}:{seconds:02}{mark}{frames:0{digits}}"

    def frame_of(self, text: str) -> int:
        """The frame that a timecode names. Raises ValueError for anything else, and for numbers that are left out."""
        found = _TEXT.fullmatch(text)
        if not found:
            raise ValueError(f"{text!r} is no timecode")
        hours, minutes, seconds, frames = (int(found[place]) for place in (1, 2, 3, 5))
        left_out = self.drops and minutes % 10 and seconds == 0 and frames < self.dropped
        if frames >= self.nominal or hours >= DAY or left_out or (found[4] == ";") != self.drops:
            raise ValueError(f"{text!r} is no timecode at {float(self.exact):g} frames a second")
        total = 60 * hours + minutes
        number = (60 * total + seconds) * self.nominal + frames
        return number - self.dropped * (total - total // 10)


def rate_of(measured: float, *, drops: bool | None = None) -> Rate:
    """The rate that a measured mean of frames per second means: a known one when it is near.

    29.97 and 59.94 drop numbers, as broadcasts do, unless `drops` says otherwise. Raises ValueError for what is no rate, and
    where numbers cannot be dropped.
    """
    if not 0 < measured <= 1000:
        raise ValueError(f"{measured:g} frames a second are no rate")
    value = Fraction(measured).limit_denominator(100_000)
    near = min(_KNOWN, key=lambda known: abs(known - value))
    exact = near if abs(near - value) <= near * _NEAR else value
    can_drop = exact.denominator == 1001 and round(exact) in (30, 60)
    if drops and not can_drop:
        raise ValueError(f"timecode of {measured:g} frames a second drops no numbers")
    return Rate(exact, can_drop if drops is None else drops)
