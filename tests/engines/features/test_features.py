"""Features of files made on the spot: what is in them, joined from parts, kept and recalled."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines import features, silero
from openvod.engines.features import Features, Film, Looks, hearing, joining, making, watching
from openvod.engines.features.looks import look, phash, saliency
from openvod.engines.features.prints import HOP, Printer
from openvod.engines.features.record import LEVELS_PER_SECOND
from openvod.engines.features.watching import Part
from openvod.media.probe import probe
from tests import clips

FPS = 25
NOWHERE = Path("no-such-folder")
LENGTHS = (70, 55, 110, 40, 65, 90, 45, 125)
"""Frames of the shots of `film`; 600 in all, with a border on the seam at 10 s and one near that at 20 s."""


def film_of(source: Path, ask: Callable[[Json], Json] | None = None, content: str = "") -> Film:
    facts = probe({"source": str(source)}, lambda done: None)
    plain = Film(source, facts, content, NOWHERE)
    return replace(plain, ask=ask) if ask else plain


def places(lengths: tuple[int, ...]) -> Iterator[NDArray[np.uint8]]:
    """Shots of drifting blocks, each another place."""
    for seed, length in enumerate(lengths):
        ground = np.random.default_rng(seed).integers(0, 255, (3, 4, 3), np.uint8).repeat(24, 0).repeat(32, 1)
        for index in range(length):
            yield np.roll(ground, index // 2, 1)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pictures = [*places(LENGTHS)]
    times = [index / FPS for index in range(len(pictures))]
    target = tmp_path_factory.mktemp("film") / "film.mp4"
    return clips.video(target, pictures=pictures, times=times, sound=[clips.sine(len(times) / FPS)])


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return bool(one == other)


def test_parts_put_together_are_the_whole(film: Path) -> None:
    def watched(*parts: Part) -> Any:
        rows = [watching.watch(film, NOWHERE, part, FPS, lambda done: None) for part in parts]
        return joining.watched(json.loads(json.dumps(rows)))

    whole = watched(Part())
    parts = watched(Part(0, 10), Part(10, 20), Part(20))
    assert whole.frames == parts.frames == sum(LENGTHS)
    for field in fields(joining.Watched):
        if field.name != "looks":
            assert same(getattr(whole, field.name), getattr(parts, field.name)), field.name
    for field in fields(Looks):
        assert same(getattr(whole.looks, field.name), getattr(parts.looks, field.name)), field.name


def test_shots_cover_the_film_to_the_frame(film: Path) -> None:
    found = features.features(film_of(film))
    borders = np.cumsum(LENGTHS).tolist()
    assert [shot.last + 1 for shot in found.shots] == borders
    assert [shot.end for shot in found.shots] == pytest.approx([border / FPS for border in borders], abs=0.01)
    assert [shot.entry for shot in found.shots] == ["start", *["cut"] * (len(LENGTHS) - 1)]
    assert all(shot.start <= shot.settled[0] <= shot.settled[1] <= shot.end for shot in found.shots)
    assert found.frames == sum(LENGTHS)
    assert found.rate == pytest.approx(FPS)


def test_looks_are_two_a_second_and_know_motion(film: Path) -> None:
    looks = features.features(film_of(film)).looks
    assert looks.times == pytest.approx(np.arange(48) / 2, abs=1 / FPS)
    assert all(len(getattr(looks, field.name)) == 48 for field in fields(Looks))
    assert (looks.motion > 5).all()


def test_a_frame_dark_in_the_middle_of_a_shot_is_no_change(tmp_path: Path) -> None:
    pictures = [picture.copy() for picture in places((120,))]
    pictures[60][:] = 0
    times = [index / FPS for index in range(len(pictures))]
    source = clips.video(tmp_path / "v.mp4", pictures=pictures, times=times, sound=[])
    assert len(features.features(film_of(source)).shots) == 1


def test_what_is_packed_comes_back(film: Path) -> None:
    found = features.features(film_of(film))
    again = features.unpacked(json.loads(json.dumps(found.packed())))
    for field in fields(Features):
        one, other = getattr(found, field.name), getattr(again, field.name)
        if field.name in ("looks", "sound"):
            for inner in fields(one):
                mine, theirs = getattr(one, inner.name), getattr(other, inner.name)
                if inner.name == "stretches":
                    assert [(each.span, each.certain) for each in mine] == [
                        (each.span, each.certain) for each in theirs
                    ]
                else:
                    assert same(mine, theirs), inner.name
        else:
            assert same(one, other), field.name


def test_a_rerun_decodes_nothing(film: Path, tmp_path: Path) -> None:
    memory: dict[str, Json] = {}

    def ask(question: Json) -> Json:
        if "recall" in question:
            return {"values": [memory.get(json.dumps(about)) for about in question["abouts"]]}
        memory.update(
            {json.dumps(about): json.loads(json.dumps(value)) for about, value in question["pairs"]}
        )
        return {}

    first = features.features(film_of(film, ask, "content"))
    gone = replace(film_of(film, ask, "content"), source=tmp_path / "no-such-file")
    assert features.plan(gone) == [making.REMEMBERED]
    assert features.features(gone).shots == first.shots
    known = features.known(gone)
    assert known is not None
    assert known.frames == first.frames
    assert features.known(replace(gone, content="another")) is None
    found = features.sound_of(features.measure(gone, making.REMEMBERED))
    assert found is not None
    assert found.missing == first.missing


def test_what_is_forgotten_between_the_stages_is_made_again(film: Path) -> None:
    found = features.measure(film_of(film), making.REMEMBERED)
    assert features.joined(film_of(film), [found]).frames == sum(LENGTHS)


def test_a_long_film_is_shared_out_and_its_sound_is_one_part(film: Path) -> None:
    short = film_of(film)
    long = replace(short, facts={**short.facts, "duration": 3000.0})
    assert [part["picture"] for part in features.plan(long)][:2] == [[0.0, 300.0], [300.0, 600.0]]
    assert features.plan(long)[-2]["picture"] == [2700.0, None]
    assert [part["sound"] for part in features.plan(long)] == [*[False] * 10, True]
    stream = replace(long, facts={**long.facts, "format": "mpegts"})
    assert len(features.plan(stream)) == 2
    assert features.features(long).shots == features.features(short).shots


def test_without_models_the_rest_is_there_and_the_lack_is_told(film: Path) -> None:
    found = features.features(film_of(film))
    assert set(found.missing) == {"silero-vad", "centerface"}
    assert len(found.sound.speech) == 0
    assert len(found.sound.level) == pytest.approx(24 * LEVELS_PER_SECOND, abs=3)
    assert not any(found.looks.faces)


def test_a_second_look_takes_its_model_and_is_remembered_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground = next(places((1,)))
    pictures = [
        np.roll(ground, 8 * index, 1) for index in range(80)
    ]  # a quick pan: another picture at once, and no change
    times = [index / FPS for index in range(len(pictures))]
    plain = film_of(clips.video(tmp_path / "film.mp4", pictures=pictures, times=times))
    precise = replace(plain, precise=True)
    with pytest.raises(TaskFault) as caught:
        features.features(precise)
    assert caught.value.code == "InvalidInput.ConfigurationUnsupported"
    assert "transnetv2" in caught.value.en

    judged: list[int] = []

    class Network:
        def __init__(self, models: Path) -> None:
            pass

        def judge(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
            judged.append(len(frames))
            return np.zeros(len(frames), np.float32)

    monkeypatch.setattr(watching, "Network", Network)
    assert features.features(precise).shots == features.features(plain).shots
    assert set(judged) == {100}
    assert precise.about != plain.about


def test_a_file_of_which_nothing_can_be_read_is_refused(tmp_path: Path) -> None:
    sound = film_of(clips.audio(tmp_path / "a.mp3"))
    lost = replace(sound, facts={**sound.facts, "kind": "video", "video": {"codec": "h264"}})
    found = features.features(lost)
    assert [fault["key"] for fault in found.faults] == ["SourceFileError.NoVideoMedia"]
    assert found.sound.figures
    with pytest.raises(TaskFault) as caught:
        features.features(replace(lost, facts={**lost.facts, "audio": []}))
    assert caught.value.code == "SourceFileError.ContentMalformed"


def test_levels_are_decibels_of_full_scale(tmp_path: Path, write: Callable[..., Path]) -> None:
    time = np.arange(3 * 16000) / 16000
    loud = np.sin(2 * np.pi * 440 * time) * np.where(time < 1, 0.5, np.where(time < 2, 0.05, 0))
    found = hearing.hear(write(loud), NOWHERE, 3.0, lambda done: None).heard
    assert found.level[2:8] == pytest.approx(-9.03, abs=0.1)
    assert found.level[12:18] == pytest.approx(-29.03, abs=0.1)
    assert found.level[22:28] == pytest.approx(-100)
    assert len(found.level) == 30


def test_speech_is_told_by_tenths() -> None:
    frames = np.concatenate([np.zeros(31), np.ones(31)]).astype(np.float32)  # a second each, nearly
    tenths = hearing._by_tenths(frames, 20)
    assert len(tenths) == 20
    assert tenths[:9].max() == 0
    assert tenths[10:].min() == 1
    assert silero.SECONDS == 0.032


def heard(samples: NDArray[np.floating], block: int = 16000) -> NDArray[np.uint32]:
    printer = Printer()
    for first in range(0, len(samples), block):
        printer.add(samples[first : first + block].astype(np.float32))
    return printer.finish()


def tune(seconds: float, seed: int = 1) -> NDArray[np.float64]:
    """Notes of a quarter second."""
    dice = random.Random(seed)
    clock = np.arange(4000) / 16000
    notes = [dice.choice([262, 294, 330, 392, 440, 523, 587, 659]) for _ in range(round(seconds * 4))]
    return np.concatenate(
        [sum(np.sin(2 * np.pi * note * k * clock) / k for k in (1, 2, 3, 4)) * 0.1 for note in notes]
    )


def apart(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> float:
    count = min(len(one), len(other))
    return float(np.unpackbits((one[:count] ^ other[:count]).view(np.uint8)).mean())


def test_prints_know_a_sound_again_through_noise_level_and_place() -> None:
    sound = tune(12)
    noisy = sound * 0.3 + np.random.default_rng(0).normal(0, 0.002, len(sound))
    assert apart(heard(sound), heard(noisy)) < 0.2
    later = heard(np.concatenate([np.zeros(HOP * 32), sound]))[32:]
    assert apart(heard(sound)[1:], later[1:]) < 0.02
    assert 0.35 < apart(heard(sound), heard(tune(12, 2))) < 0.65


def test_prints_are_sixteen_a_second_however_the_sound_comes() -> None:
    sound = tune(5)
    assert np.array_equal(heard(sound), heard(sound, 700))
    assert len(heard(sound)) == pytest.approx(5 * 16, abs=4)
    assert not heard(np.zeros(32000)).any()


def picture(seed: int = 3) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 255, (9, 16, 3), np.uint8).repeat(20, 0).repeat(20, 1)


def test_a_hash_stays_through_light_and_size_and_tells_places_apart() -> None:
    one = look(picture()).phash
    darker = look((picture() * 0.7).astype(np.uint8)).phash
    other = look(picture(4)).phash
    assert (one ^ darker).bit_count() <= 4
    assert (one ^ other).bit_count() >= 16
    assert phash(np.zeros((20, 20), np.uint8)) == phash(np.zeros((40, 30), np.uint8))


def test_what_stands_out_is_where_it_is() -> None:
    ground = np.full((180, 320), 90, np.uint8)
    ground += np.random.default_rng(0).integers(0, 4, ground.shape, np.uint8)
    ground[30:60, 230:270] = 230
    x, y, spread = saliency(ground)
    assert (x, y) == pytest.approx((250 / 320, 45 / 180), abs=0.12)
    assert spread < 0.25
    assert saliency(np.full((180, 320), 90, np.uint8)) == (0.5, 0.5, 0.5)


def test_a_blurred_picture_is_less_sharp_and_bars_count_for_nothing() -> None:
    sharp = picture()
    soft = sharp.astype(np.float32)
    for axis in (0, 1):
        soft = np.mean([np.roll(soft, shift, axis) for shift in range(-6, 7)], 0)
    assert look(sharp).sharpness > 5 * look(soft.astype(np.uint8)).sharpness
    barred = sharp.copy()
    barred[:20], barred[-20:] = 0, 0
    assert look(barred).brightness == pytest.approx(look(sharp[20:-20]).brightness, abs=3)
    assert look(barred).bars.top == pytest.approx(20 / 180, abs=0.02)


def test_a_quiet_file_in_memory_is_small(film: Path) -> None:
    assert len(json.dumps(features.features(film_of(film)).packed())) < 3000 * 24
