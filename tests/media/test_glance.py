"""Pictures at given moments are those that a player shows, whichever way they are come by."""

import av
import numpy as np
import pytest

from openvod.media.glance import Glances
from tests import clips

ASKED = (0.0, 0.4, 0.4, 1.2, 1.6, 0.2, 2.8, 3.0)
"""Seconds: the first, the same twice, some within a group, over a group's end, and back."""


@pytest.mark.parametrize("options", [{"g": "250", "bf": "3"}, {"g": "25", "bf": "3"}, {"g": "1"}])
def test_each_moment_shows_its_own_picture(options, tmp_path):
    source = clips.video(tmp_path / "a.mp4", seconds=4.0, **options)
    with av.open(str(source)) as container:
        every = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    with Glances(source) as glances:
        for seconds in ASKED:
            shown = glances.at(seconds)
            assert shown is not None
            assert np.array_equal(shown, every[round(seconds * 25)])


def test_after_the_end_there_is_nothing(tmp_path):
    source = clips.video(tmp_path / "a.mp4", seconds=1.0)
    with Glances(source) as glances:
        assert glances.at(9.0) is None
        assert glances.at(0.4) is not None
