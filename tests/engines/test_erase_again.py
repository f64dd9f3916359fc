"""Erased again after a crash: what was encoded before it is taken over, and the file is the same as one made at once."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from openvod.engines.erase import work
from openvod.engines.erase.wanted import AreaTime, Wanted
from openvod.engines.video import Media
from openvod.media import inner_process
from openvod.media.probe import probe
from openvod.media.rewrite import planning
from openvod.media.sandbox import Crashed
from tests import clips, helpers_here
from tests.keeper import Keeper

LEFT = (0.1, 0.1, 0.4, 0.4)


@dataclass
class Erasing:
    """Erases an area, with what a worker keeps, and counts what is encoded."""

    source: Path
    folder: Path
    keeper: Keeper
    encoded: list[int] = field(default_factory=list)
    """First frames of segments."""
    crash_from: int = 1 << 30

    def call(self, target: str, argument: Any, *more: Any, **named: Any) -> Any:
        if target.endswith("segment:rewrite"):
            first = argument["segment"]["first"]
            if first >= self.crash_from:
                raise Crashed("SIGKILL", "signal")
            self.encoded.append(first)
        return helpers_here.call(target, argument, *more, **named)

    def erase(self, folder: str, edges: tuple[float, float, float, float] = LEFT) -> bytes:
        self.encoded.clear()
        self.keeper.folder = self.folder / folder
        self.keeper.folder.mkdir()
        facts = probe({"source": str(self.source)}, lambda done: None)
        media = Media(
            self.source, facts, self.folder, self.keeper.folder, lambda done: None, self.keeper, "hash"
        )
        done = work.erase(media, Wanted(custom=(AreaTime(*edges),), quick=True))
        return (media.folder / done.files[0]).read_bytes()


@pytest.fixture
def erasing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Erasing:
    groups: dict[str, Any] = {"g": "10", "bf": "2", "crf": "14", "sc_threshold": "0"}
    source = clips.video(tmp_path / "a.mp4", seconds=1.6, **groups)
    found = Erasing(source, tmp_path, Keeper(tmp_path))
    monkeypatch.setattr(inner_process, "call", found.call)
    monkeypatch.setattr(work, "PROCESSES", 1)
    monkeypatch.setattr(planning, "SEGMENT_FRAMES", 10)
    return found


def test_after_a_crash_only_the_rest_is_encoded(erasing: Erasing) -> None:
    erasing.crash_from = 20
    with pytest.raises(Crashed):
        erasing.erase("first")
    assert erasing.encoded == [0, 10]
    erasing.crash_from = 1 << 30
    again = erasing.erase("second")
    assert erasing.encoded == [20, 30]
    erasing.keeper.files.clear()
    assert erasing.erase("third") == again
    assert erasing.encoded == [0, 10, 20, 30]


def test_what_is_erased_elsewhere_is_encoded_anew(erasing: Erasing) -> None:
    erasing.erase("first")
    erasing.erase("second", (0.5, 0.5, 0.9, 0.9))
    assert erasing.encoded == [0, 10, 20, 30]
