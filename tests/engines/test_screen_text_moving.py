"""A text that moves shows what it covers by standing out of a picture that has blurred behind it."""

import cv2
import numpy as np
import pytest

from openvod.engines.ocr import Box
from openvod.engines.screen_text.cues import cues
from openvod.engines.screen_text.ends import End
from openvod.engines.screen_text.found import Flags, Floats, Mask, TextLine
from openvod.engines.screen_text.judge import Judged
from openvod.engines.screen_text.masks import Strokes, strokes

LINE = Box(30, 18, 250, 52)


def mean_of(outline: int, opacity: float, slope: float) -> tuple[Floats, Flags]:
    """How a text looks over all frames, and what it altered; the picture behind grows brighter downwards."""
    behind = np.float32(70) + np.float32(slope) * np.mgrid[0:80, 0:300][0].astype(np.float32)
    cover, colour = (np.zeros((80, 300), np.float32) for _ in range(2))
    for level, width in ((16.0, 3 + 2 * outline), (235.0, 3)):
        own = np.zeros((80, 300), np.uint8)
        cv2.putText(own, "OVER THE SEA", (34, 46), cv2.FONT_HERSHEY_SIMPLEX, 0.95, 255, width, cv2.LINE_AA)
        share = own.astype(np.float32) / 255
        cover, colour = np.maximum(cover, share), colour * (1 - share) + level * share
    shown = behind + opacity * cover * (colour - behind)
    return shown, np.abs(shown - behind) > 4


@pytest.mark.parametrize("slope", [0.0, 1.0])
@pytest.mark.parametrize("outline", [0, 2, 4])
@pytest.mark.parametrize("opacity", [0.5, 1.0])
def test_its_strokes_and_outline_are_covered_and_not_the_gaps(
    outline: int, opacity: float, slope: float
) -> None:
    shown, altered = mean_of(outline, opacity, slope)
    found = strokes(shown, LINE, [], blurred=True)
    assert (found.covered & altered).sum() >= 0.99 * altered.sum()
    assert found.covered.sum() <= 2.1 * altered.sum()


def line(first: int, last: int, left: int, box: Box, speed: int) -> Judged:
    """A text whose mask is 3 pixels from the edges of its box, at `left` in its first frame."""
    covered = np.zeros((20, 100), bool)
    covered[3:-3, 3:-3:4] = True
    path = tuple((speed * step, 0) for step in range(last - first + 1))
    return Judged(
        TextLine("across", 0.9, box),
        End(first, first / 25),
        End(last, last / 25),
        Mask.of(Box(left, 30, left + 100, 50), covered),
        Strokes(np.zeros((0, 0), bool), 0, False, None, None),
        None,
        laid_on=True,
        corner=False,
        at_start=first == 0,
        path=path,
    )


def test_after_it_was_lost_for_a_moment_it_lies_where_its_letters_do() -> None:
    """The detector's box is some pixels off the second time; the letters tell."""
    there = line(0, 39, 40, Box(40, 30, 140, 50), speed=5)
    back = line(40, 79, 235, Box(238, 28, 340, 50), speed=-5)
    (found,) = cues([there, back], 3.2)
    assert (found.first, found.last) == (0, 79)
    assert found.path[39:43] == ((195, 0), (195, 0), (190, 0), (185, 0))
    assert found.path[79] == (0, 0)
