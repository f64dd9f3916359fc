"""Burnt in again after a correction: only what it touches is encoded, and the file is the same as one made from nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from PIL import features

from openvod.core.models import Json
from openvod.engines.burn import drawn, work
from openvod.engines.burn.style import Style, of_template
from openvod.engines.burn.work import burn
from openvod.engines.video import Media
from openvod.media import inner_process
from openvod.media.captions import Cue
from openvod.media.probe import probe
from openvod.media.rewrite import parcels, planning
from tests import clips, helpers_here

GROUPS: dict[str, Any] = {"g": "10", "bf": "2", "crf": "14", "sc_threshold": "0"}
"""At 25 frames a second: a group each 0.4 s."""
CUES = (
    Cue(0.1, 0.3, ("one",)),
    Cue(0.5, 1.0, ("two",)),  # in the second group and the third
    Cue(1.3, 1.5, ("three",)),
    Cue(1.65, 1.9, ("four",)),
)
"""Of 50 frames in 5 groups."""


@dataclass
class Again:
    """Burns in with files that are kept in a folder, as by a worker, and counts what is encoded."""

    source: Path
    models: Path
    kept: Path
    folder: Path
    encoded: list[int] = field(default_factory=list)
    """First frames of the segments, in each run anew."""
    note: str = ""

    def ask(self, question: Json) -> Json:
        """As `worker.answering` does."""
        place = self.kept / _name([question["about"], question.get("keep_file") or question["recall_file"]])
        if "keep_file" in question:
            place.write_bytes((self.folder / question["file"]).read_bytes())
            return {}
        if place.exists():
            (self.folder / question["file"]).write_bytes(place.read_bytes())
        return {"found": place.exists()}

    def burn(self, cues: Sequence[Cue], style: Style | None = None) -> bytes:
        """The new file."""
        self.encoded.clear()
        facts = probe({"source": str(self.source)}, lambda done: None)
        self.folder.mkdir(exist_ok=True)
        media = Media(self.source, facts, self.models, self.folder, lambda done: None, self.ask)
        done = burn(media, cues, style or Style(), "burned.mp4")
        self.note = done.notes[0]
        assert {path.name for path in self.folder.iterdir()} <= {"burned.mp4", "burned.jpg", "burn.json"}
        return (self.folder / done.file).read_bytes()

    def anew(self) -> "Again":
        """With nothing kept."""
        kept = self.kept.with_name("other kept")
        kept.mkdir(exist_ok=True)
        for path in kept.iterdir():
            path.unlink()
        return replace(self, kept=kept, encoded=[])


def _name(value: Any) -> str:
    return sha256(repr(value).encode()).hexdigest()


@pytest.fixture
def again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Again:
    source = clips.video(tmp_path / "a.mp4", seconds=2, **GROUPS)
    (tmp_path / "kept").mkdir()
    found = Again(source, tmp_path, tmp_path / "kept", tmp_path / "job")

    def call(target: str, argument: Any, *more: Any, **named: Any) -> Any:
        if target.endswith("segment:rewrite"):
            found.encoded.append(argument["segment"]["first"])
        return helpers_here.call(target, argument, *more, **named)

    monkeypatch.setattr(inner_process, "call", call)
    monkeypatch.setattr(work, "PROCESSES", 1)
    monkeypatch.setattr(planning, "SEGMENT_FRAMES", 10)
    return found


def edited(number: int, **changes: Any) -> list[Cue]:
    cues = list(CUES)
    cues[number] = replace(cues[number], **changes)
    return cues


def test_the_same_again_encodes_nothing(again: Again) -> None:
    first = again.burn(CUES)
    assert again.encoded == [0, 10, 20, 30, 40]
    assert "0 of 5 segments from before" in again.note
    assert again.burn(CUES) == first
    assert again.encoded == []
    assert "5 of 5 segments from before" in again.note


@pytest.mark.parametrize(
    ("number", "changes", "touched"),
    [
        (0, {"lines": ("uno",)}, [0]),
        (1, {"lines": ("due",)}, [10, 20]),
        (1, {"start": 0.6}, [10]),
        (1, {"end": 0.96}, [20]),
        (2, {"end": 1.7}, [30, 40]),
        (3, {"lines": ("a line that is so long that it must be wrapped",)}, [40]),
    ],
)
def test_only_what_a_correction_touches_is_encoded(
    number: int, changes: dict[str, Any], touched: list[int], again: Again
) -> None:
    again.burn(CUES)
    after = again.burn(edited(number, **changes))
    assert again.encoded == touched
    fresh = again.anew()
    assert fresh.burn(edited(number, **changes)) == after
    assert "0 of 5" in fresh.note


def test_a_cue_that_is_gone_leaves_a_copy(again: Again) -> None:
    again.burn(CUES[:3])
    after = again.burn(CUES[:2])
    assert again.encoded == []
    assert after == again.anew().burn(CUES[:2])
    again.burn([CUES[0], *CUES[2:]])
    assert again.encoded == [40], "its neighbours are where they were"


def test_another_look_is_another_video(again: Again) -> None:
    first = again.burn(CUES)
    yellow = of_template({"FontColor": "0xFFE600"})[0]
    assert again.burn(CUES, yellow) != first
    assert again.encoded == [0, 10, 20, 30, 40]


def test_a_font_counts_by_its_bytes(again: Again, monkeypatch: pytest.MonkeyPatch) -> None:
    first = again.burn(CUES)
    hashes = []

    def seen(path: str) -> str:
        hashes.append(path)
        return "other bytes"

    monkeypatch.setattr(drawn, "sum_of", seen)
    assert again.burn(CUES) == first
    assert again.encoded == [0, 10, 20, 30, 40]
    assert hashes


@pytest.mark.needs("models")
def test_a_line_in_another_script_changes_no_other_line(again: Again, models: Path) -> None:
    again.models = models
    again.burn(CUES)
    chinese = edited(3, lines=("我们数了船",))
    after = again.burn(chinese)
    assert again.encoded == [40]
    assert after == again.anew().burn(chinese)


def test_another_film_with_the_same_times_is_another_one(again: Again, tmp_path: Path) -> None:
    """The worker keeps shelves apart by source; within one, the packets count as well."""
    again.burn(CUES)
    again.source = clips.video(tmp_path / "b.mp4", seconds=2, **{**GROUPS, "crf": "30"})
    again.burn(CUES)
    assert len(again.encoded) == 5


def test_what_another_version_has_made_is_not_taken(again: Again, monkeypatch: pytest.MonkeyPatch) -> None:
    again.burn(CUES)
    makers = parcels._makers()
    assert makers.keys() >= {"code", "av", "pillow"}
    monkeypatch.setattr(parcels, "_makers", lambda: {**makers, "code": "changed"})
    again.burn(CUES)
    assert len(again.encoded) == 5
    monkeypatch.setattr(parcels, "_makers", lambda: makers)
    monkeypatch.setattr(drawn, "_lettering", lambda: ["other"])
    again.burn(CUES)
    assert len(again.encoded) == 5


@pytest.mark.parametrize("harm", ["cut", "changed", "empty", "other files"])
def test_a_file_that_is_not_whole_is_made_again(harm: str, again: Again) -> None:
    first = again.burn(CUES)
    for path in again.kept.iterdir():
        _harm(path, harm)
    assert again.burn(CUES) == first
    assert len(again.encoded) == 5
    assert again.burn(CUES) == first
    assert again.encoded == [], "in place of the harmed ones"


def _harm(path: Path, harm: str) -> None:
    body = bytearray(path.read_bytes())
    if harm == "cut":
        body = body[: len(body) * 2 // 3]
    elif harm == "changed":
        body[len(body) // 2] ^= 1
    elif harm == "empty":
        body = bytearray(len(body))
    else:
        with ZipFile(path, "w") as archive:
            archive.writestr("packets", b"")
        return
    path.write_bytes(body)


def test_a_video_without_times_is_one_piece(again: Again, tmp_path: Path) -> None:
    whole = clips.video(tmp_path / "a.ts", seconds=2, sound=[], **GROUPS).read_bytes()
    again.source = tmp_path / "b.ts"
    again.source.write_bytes(whole[: 188 * 3] + whole[188 * 12 :])  # begins in the middle of a group
    first = again.burn(CUES)
    assert "(serial)" in again.note
    assert again.burn(CUES) == first
    assert again.encoded == []
    after = again.burn(edited(0, lines=("uno",)))
    assert again.encoded == [0]
    assert after == again.anew().burn(edited(0, lines=("uno",)))


def test_where_letters_are_shaped_by_the_machine_it_counts() -> None:
    assert drawn._lettering() == [features.version(name) for name in drawn.LETTERING]
    assert drawn._lettering()[0]
