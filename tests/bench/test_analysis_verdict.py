"""What the rows of the analysis bench are called."""

import pytest
from benchmarks.analysis_verdict import shots


@pytest.mark.parametrize("peer, good", [(83.4, True), (98.6, False)])
def test_shots_are_held_against_other_programs_not_against_our_own_second_look(
    peer: float, good: bool
) -> None:
    ours = {"f1": 98.6, "dissolve": "51/53"}
    detectors = {
        "openvod": ours,
        "openvod precise": ours,
        "ContentDetector": {"f1": peer, "dissolve": "26/53"},
    }
    row, _ = shots({"held out": {"detectors": detectors}})
    assert row.passed == good
    assert "ContentDetector" in row.figure
