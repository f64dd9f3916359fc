"""Do chains end where something visible is?"""

import numpy as np
import pytest

from openvod.engines.fill.chains import LOST, Chain, spots
from openvod.engines.fill.motion import Motion

SHAPE = (64, 48)
FRAMES = 60


def panning(across: float, down: float) -> Motion:
    """The same motion, in pixels a frame, everywhere."""
    return Motion(None, np.array([[0, 0, across], [0, 0, down]], np.float64))


@pytest.mark.parametrize("speed", [0.3, 0.5, 0.55, 0.6, 0.75, 1.4, 1.6, 2.0])
@pytest.mark.parametrize("sign", [-1, 1])
def test_no_chain_of_a_slow_pan_ends_in_the_letters(speed: float, sign: int) -> None:
    hidden = np.zeros(SHAPE, bool)
    hidden[16:48, 4:44] = True
    here, chain = spots(hidden), Chain(SHAPE, affine=True)
    way = panning(0.0, sign * speed), panning(0.0, -sign * speed)
    chain.advance(here, None, FRAMES, None)
    ends = np.empty((0, 4), np.float32)
    for frame in range(FRAMES, 0, -1):
        ends = chain.advance(here, here, frame, way)
    met = (ends[:, 2] != LOST) & here.hole
    assert met.sum() > here.hole.sum() / 3
    row, column = np.rint(ends[met, 1]).astype(int), np.rint(ends[met, 0]).astype(int)
    inside = (row >= 0) & (row < SHAPE[0])
    assert not hidden[row[inside], column[inside]].any()
