"""What is asked for, beside what was reached: the floor, and the aim. One line of a bench's last table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the table."""

    work: str
    figure: str
    floor: str
    passed: bool
    aim: str
    reached: bool

    def line(self) -> str:
        word = "AIM " if self.passed and self.reached else "PASS" if self.passed else "FAIL"
        return f"{word}  {self.work:38} {self.figure:58} floor {self.floor:38} aim {self.aim}"
