"""Openings and endings: the same sound found in two files, the same pictures, and when that tells enough."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from openvod.core.asking import Ask
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines.analysis.episodes import (
    head_tail,
    head_tail_picture,
    head_tail_search,
    head_tail_sound,
    neighbour,
)
from openvod.engines.analysis.episodes.head_tail import Match, Other, Part, Pictures
from openvod.engines.analysis.episodes.head_tail_sound import Stretch
from openvod.engines.features import Features, Film, features
from openvod.engines.features.prints import RATE, Printer
from openvod.engines.features.record import packed, unpack
from openvod.media.probe import probe
from openvod.tasks import Job
from openvod.tasks.head_tail import KIND
from tests import clips

Sound = NDArray[np.float32]
OTHER = Other("b", "E02", 100.0)
NOWHERE = Path("no-such-folder")


def tune(seconds: float, seed: int) -> Sound:
    """Chords of three tones, four a second, and something like a drum's noise."""
    dice = np.random.default_rng(seed)
    time = np.arange(round(RATE / 4)) / RATE
    chords = [
        sum(np.sin(2 * np.pi * pitch * time) for pitch in dice.uniform(300, 2500, 3)) * np.hanning(len(time))
        for _ in range(round(seconds * 4))
    ]
    sound = 0.1 * np.concatenate(chords)
    return (sound + 0.02 * dice.standard_normal(len(sound))).astype(np.float32)


def prints(*parts: Sound, gain: float = 1.0, noise: float = 0.0) -> NDArray[np.uint32]:
    sound = gain * np.concatenate(parts)
    sound += noise * np.random.default_rng(9).standard_normal(len(sound))
    printer = Printer()
    printer.add(sound.astype(np.float32))
    return printer.finish()


def test_a_shared_tune_is_found_to_a_quarter_of_a_second_through_level_and_noise() -> None:
    shared = tune(15, 0)
    one = prints(tune(7, 1), shared, tune(40, 2))
    other = prints(tune(12.4, 3), shared, tune(30, 4), gain=0.3, noise=0.002)
    (found,) = head_tail_sound.common(one, other)
    assert (found.begin, found.end) == pytest.approx((7, 22), abs=0.25)
    assert found.shift == pytest.approx(5.4, abs=0.1)
    assert found.errors < 0.35


def test_at_the_start_and_the_end_it_is_all_of_it() -> None:
    first, last = tune(10, 0), tune(10, 5)
    found = head_tail_sound.common(prints(first, tune(30, 1), last), prints(first, tune(25, 2), last))
    assert [each.begin for each in found] == pytest.approx([0, 40], abs=0.25)
    assert [each.end for each in found] == pytest.approx([10, 50], abs=0.25)


@pytest.mark.parametrize(
    "one, other",
    [
        (tune(60, 1), tune(60, 2)),
        (np.zeros(20 * RATE, np.float32), np.zeros(30 * RATE, np.float32)),
        (tune(40, 1), np.concatenate([tune(5, 2), tune(6, 1)[: 6 * RATE], tune(30, 3)])),
        (clips.sine(30, rate=RATE)[0], clips.sine(33.003, rate=RATE)[0, 999:] / 2),
        (np.zeros(0, np.float32), tune(20, 1)),
    ],
    ids=["other tunes", "silence", "too short", "one tone", "nothing"],
)
def test_what_tells_nothing_is_not_found(one: Sound, other: Sound) -> None:
    assert head_tail_sound.common(prints(one), prints(other)) == ()


@given(st.integers(0, 2**32 - 1), st.integers(0, 900), st.integers(0, 900))
def test_fingerprints_by_chance_are_never_the_same_sound(seed: int, length: int, other: int) -> None:
    dice = np.random.default_rng(seed)
    one, two = (dice.integers(0, 2**32, count, np.uint32) for count in (length, other))
    assert head_tail_sound.common(one, two) == ()


def match(begin: float, end: float, name: str = "b", **fields: Any) -> Match:
    stretch = Stretch(begin, end, fields.pop("shift", 0.0), fields.pop("errors", 0.2))
    return Match(replace(OTHER, content=name), stretch, **fields)


def test_places_are_near_the_ends_of_both_files() -> None:
    found = [
        Stretch(5, 30, 0, 0.2),
        Stretch(5, 30, 40, 0.2),
        Stretch(40, 60, 0, 0.2),
        Stretch(80, 98, 2, 0.2),
    ]
    assert [each.stretch for each in head_tail.places("head", 100, OTHER, found)] == found[:1]
    assert [each.stretch for each in head_tail.places("tail", 100, OTHER, found)] == found[3:]


def test_what_two_files_have_goes_before_what_is_longer_in_one() -> None:
    alone, together = match(0, 40, "a"), [match(10, 30.1, "b"), match(10.2, 30, "c")]
    best, other = head_tail.candidates("head", [alone, *together])
    assert (best.begin, best.end) == pytest.approx((10.1, 30.05))
    assert best.matches == tuple(together)
    assert other.matches == (alone,)
    assert best.confidence > other.confidence


def test_where_two_disagree_it_is_what_both_have() -> None:
    best, *_ = head_tail.candidates("head", [match(10, 30, "b"), match(10, 26, "c")])
    assert (best.begin, best.end, len(best.matches)) == (10, 26, 2)


def test_alone_it_must_be_long_and_clear() -> None:
    def judged(*matches: Match) -> Part | None:
        return head_tail.judged(Part(0, 9, matches))

    assert judged(match(0, 9)) is None
    assert judged(match(0, 12, errors=0.33)) is None
    assert judged(match(0, 12)) is not None
    assert judged(match(0, 9), match(0, 9, "c", errors=0.33)) is not None
    assert judged(match(0, 12, pictures=0.1)) is None
    assert judged(match(0, 12, pictures=0.9)) is not None


def test_the_same_film_in_another_coding_is_no_episode() -> None:
    assert head_tail.same_film(100, OTHER, [Stretch(0, 99, 0.5, 0.1)])
    assert not head_tail.same_film(100, OTHER, [Stretch(0, 30, 0, 0.1), Stretch(80, 100, 0, 0.1)])


def pictures(count: int, seed: int) -> Pictures:
    dice = np.random.default_rng(seed)
    hashes = dice.integers(0, 2**64, count, np.uint64)
    return Pictures(np.arange(count) / 2, hashes, np.zeros(count, bool))


def test_pictures_confirm_or_deny() -> None:
    own = pictures(60, 1)
    later = Pictures(own.times + 3.2, own.phash ^ np.uint64(0b1011), own.plain)
    stretch = Stretch(4, 20, 3.0, 0.2)
    assert 0.8 < (head_tail.alike(own, later, stretch) or 0) < 1
    assert head_tail.alike(own, pictures(60, 2), stretch) == pytest.approx(0, abs=0.15)
    assert head_tail.alike(own, later, Stretch(4, 6, 3.0, 0.2)) is None
    black = replace(own, plain=np.ones(60, bool))
    assert head_tail.alike(black, later, stretch) is None


def test_silent_films_are_compared_by_their_pictures() -> None:
    shared, own, theirs = pictures(30, 0).phash, pictures(60, 1).phash, pictures(60, 2).phash
    one = Pictures(np.arange(90) / 2, np.concatenate([own[:10], shared, own[10:]]), np.zeros(90, bool))
    other = Pictures(np.arange(90) / 2, np.concatenate([theirs[:24], shared, theirs[24:]]), one.plain)
    (found,) = head_tail_picture.common(one, other)
    assert (found.begin, found.end, found.shift) == (5, 20, 7)
    assert head_tail_picture.common(one, pictures(90, 3)) == ()
    still = Pictures(one.times, np.full(90, shared[0]), one.plain)
    assert head_tail_picture.common(still, still) == ()


def test_edges_are_put_where_a_shot_or_a_silence_is_near() -> None:
    level = np.full(100, -20, np.float32)
    level[42:60] = -80
    assert head_tail.snapped(5.1, [2.0, 5.24, 5.6], level) == 5.24
    assert head_tail.snapped(4.1, [2.0], level) == 4.2
    assert head_tail.snapped(8.123456, [2.0], level) == 8.123


def library(*others: Path) -> Ask:
    """What a worker answers whose library holds these files, and which forgets nothing."""
    kept: dict[str, Json] = {}

    def ask(question: Json) -> Json:
        match question:
            case {"neighbours": True}:
                return {
                    "neighbours": [
                        {"content": str(each), "name": each.name, "seconds": 50.0} for each in others
                    ]
                }
            case {"neighbour": str() as path, "spans": list() as spans}:
                return neighbour.measure({"source": path, "spans": spans}, lambda _: None)
            case {"recall": str() as step, "abouts": list() as abouts}:
                return {"values": [kept.get(f"{step} {about}") for about in abouts]}
            case {"keep": str() as step, "pairs": list() as pairs}:
                kept.update({f"{step} {about}": value for about, value in pairs})
        return {}

    return ask


def job_of(source: Path, *others: Path) -> Job:
    facts = probe({"source": str(source)}, lambda _: None)
    return Job(
        source, facts, {}, source.parent, NOWHERE, {}, lambda _: None, library(*others), content=str(source)
    )


def sound_file(path: Path, *parts: Sound) -> Path:
    sound = np.concatenate(parts)
    places = np.arange(round(len(sound) / RATE * clips.RATE)) * RATE / clips.RATE
    return clips.audio(path, np.interp(places, np.arange(len(sound)), sound).astype(np.float32)[None])


def test_the_task_tells_both_and_passes_over_what_cannot_be_read(tmp_path: Path) -> None:
    first, last = tune(14, 0), tune(12, 5)
    one = sound_file(tmp_path / "1.m4a", tune(4, 1), first, tune(25, 2), last)
    other = sound_file(tmp_path / "2.m4a", first, tune(30, 3), last, tune(2, 4))
    again = sound_file(tmp_path / "3.ogg", tune(4, 1), first, tune(25, 2), last)
    broken = tmp_path / "4.m4a"
    broken.write_bytes(b"no sound")
    job = job_of(one, broken, again, other)
    outcome = KIND.join(job, [KIND.run(job, each) for each in KIND.plan(job)])
    assert outcome.output["HeadTimeOffset"] == pytest.approx(18, abs=0.25)
    assert outcome.output["TailTimeOffset"] == pytest.approx(43, abs=0.25)
    assert outcome.notice is None
    assert len(outcome.warnings) == 2
    assert "`4.m4a` was not compared" in outcome.warnings[0]
    assert outcome.warnings[1] == "`3.ogg` is the same film"


def test_alone_in_the_library_it_says_so(tmp_path: Path) -> None:
    job = job_of(sound_file(tmp_path / "1.m4a", tune(20, 1)))
    outcome = KIND.join(job, [KIND.run(job, each) for each in KIND.plan(job)])
    assert outcome.output == {"HeadTimeOffset": 0.0, "TailTimeOffset": 0.0}
    assert outcome.notice is not None
    assert "no other episode" in outcome.notice.en


def test_other_pictures_over_the_same_tune_are_no_opening(tmp_path: Path) -> None:
    def film(name: str, seeds: tuple[int, int]) -> Path:
        sound = np.concatenate([tune(14, 0), tune(21, seeds[0])])
        shown = [
            np.random.default_rng([seed, number // 20]).integers(0, 255, (6, 8, 3), np.uint8)
            for number, seed in enumerate([seeds[1]] * 140 + [seeds[0]] * 210)
        ]
        big = [each.repeat(16, 0).repeat(16, 1) for each in shown]
        places = np.arange(35 * clips.RATE) * RATE / clips.RATE
        track = np.interp(places, np.arange(len(sound)), sound).astype(np.float32)[None]
        times = [number / 10 for number in range(350)]
        return clips.video(tmp_path / name, fps=10, pictures=big, times=times, sound=[track])

    one, same, unlike = film("1.mp4", (1, 7)), film("2.mp4", (2, 7)), film("3.mp4", (3, 8))

    def searched(other: Path) -> head_tail_search.Found:
        job = job_of(one, other)
        return head_tail_search.search(job, own)

    own: Features = features(Film(one, job_of(one).facts, "one", NOWHERE))
    head = searched(same).head
    assert head is not None
    assert (head.begin, head.end) == (0, 14)
    assert (head.matches[0].pictures or 0) > 0.8
    assert searched(unlike).head is None


def test_a_neighbour_without_a_picture_has_no_looks(tmp_path: Path) -> None:
    source = clips.audio(tmp_path / "a.m4a")
    with pytest.raises(TaskFault):
        neighbour.measure({"source": str(source), "spans": [[0, 1]]}, lambda _: None)
    film = clips.video(tmp_path / "v.mp4", seconds=3)
    looks = neighbour.measure({"source": str(film), "spans": [[0, 1], [2, 3]]}, lambda _: None)
    assert unpack(looks["times"]).tolist() == pytest.approx([0, 0.52, 2, 2.52], abs=0.05)
    assert packed(Pictures.unpacked(looks).times) == looks["times"]
