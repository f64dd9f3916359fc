"""Picture and sound figures, on signals whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.engines.cue_tags import course_tags, english_tags, look_tags, sound_tags, speech_tags, sure
from openvod.engines.features import joining
from openvod.engines.features.record import Features, no_sound, pack_looks, packed
from openvod.engines.features.watching import LookMaker
from openvod.engines.picture import Bars, bars, colourfulness, is_grey, within
from openvod.engines.picture_course import Picture, picture
from openvod.engines.sound import RATE, Sound, SoundMeter

Rgb = NDArray[np.uint8]


def ground(height: int = 180, width: int = 320, level: int = 120) -> Rgb:
    picture = np.full((height, width, 3), level, np.uint8)
    picture[::7, ::5] = level // 2
    return picture


def measured(tiny: list[Rgb], times: list[float], sample: Rgb | None = None) -> Picture:
    maker, seen = LookMaker(None), -1
    for small, time in zip(tiny, times, strict=True):
        due, seen = int(time * 2) != seen, int(time * 2)
        whole = small.repeat(4, 0).repeat(4, 1) if sample is None else sample
        maker.add(time, small, whole if due else None)
    part = {
        "frames": len(tiny),
        "times": [times[0], times[-1]],
        "tiny": [packed(tiny[0]), packed(tiny[-1])],
        "size": [320, 180],
        "changes": [],
        "looks": pack_looks(maker.looks()),
        "moved": packed(maker.moved()),
        "missing": [],
    }
    found = joining.watched([part])
    assert found is not None
    told = {
        name: getattr(found, name) for name in ("frames", "rate", "size", "begin", "end", "shots", "looks")
    }
    nothing = np.zeros(0, np.uint32)
    return picture(
        Features(**told, seconds=found.end, rotation=0, ends_apart=0, sound=no_sound(), prints=nothing)
    )


def thumbnail(level: int) -> Rgb:
    return np.full((27, 48, 3), level, np.uint8)


def test_bars_are_measured_on_each_side() -> None:
    barred = ground()
    barred[:24], barred[-24:] = 0, 0
    found = bars(barred)
    assert found is not None
    assert (found.top, found.bottom) == pytest.approx((24 / 180, 24 / 180))
    assert (found.left, found.right) == (0, 0)
    assert within(barred, found).min() > 0


def test_a_dark_scene_has_no_bars() -> None:
    assert bars(ground(level=20)) is None
    fog = np.repeat(np.linspace(0, 200, 180, dtype=np.uint8)[:, None, None], 320, 1).repeat(3, 2)
    found = bars(fog)  # it grows bright slowly from the top: no edge, no bar
    assert found is not None
    assert found.top == 0


def test_brightness_is_that_of_the_picture_without_its_bars() -> None:
    barred = ground(level=200)
    barred[:, :80], barred[:, -80:] = 0, 0
    measure = measured([thumbnail(100)], [0.0], barred)
    assert measure.brightness > 185
    assert {tag.name for tag in look_tags(measure, image=True)} >= {"bright", "pillarboxed"}


def test_grey_and_colour() -> None:
    assert is_grey(ground())
    assert colourfulness(ground()) < 1
    coloured = ground()
    coloured[:, :160, 0], coloured[:, 160:, 2] = 250, 250
    assert not is_grey(coloured)
    assert colourfulness(coloured) > 50


def test_a_held_picture_is_still_through_coding_noise() -> None:
    dice = np.random.default_rng(1)
    noisy = [np.clip(100 + dice.normal(0, 1.5, (27, 48, 3)), 0, 255).astype(np.uint8) for _ in range(100)]
    measure = measured(noisy, [index / 25 for index in range(100)])
    assert (measure.still, measure.holds) == (1.0, 1)
    assert [tag.name for tag in course_tags(measure, [])] == ["still picture"]


def test_slides_with_one_frame_each_are_held_pictures() -> None:
    measure = measured([thumbnail(level) for level in (40, 90, 140, 190)], [0.0, 3.0, 6.0, 9.0])
    assert measure.holds >= 3
    assert measure.still > 0.9
    assert "slideshow" in {tag.name for tag in course_tags(measure, [])}


def test_motion_is_per_second_and_cuts_are_not_motion() -> None:
    def striped(index: int) -> Rgb:
        stripes = thumbnail(80)
        stripes[:, index % 48 : index % 48 + 4] = 180
        return stripes

    slow = measured([striped(index // 4) for index in range(100)], [index / 25 for index in range(100)])
    fast = measured([striped(index) for index in range(100)], [index / 25 for index in range(100)])
    assert fast.motion > 3 * slow.motion
    cut = measured(
        [thumbnail(10 if index < 50 else 240) for index in range(100)], [index / 25 for index in range(100)]
    )
    assert cut.motion < 4


def test_a_film_that_ends_elsewhere_is_not_called_a_single_shot() -> None:
    pictures = [thumbnail(60 + index % 40) for index in range(150)]
    measure = measured(pictures, [index / 25 for index in range(150)])
    assert "single shot" in {tag.name for tag in course_tags(measure, [], 0.1)}
    assert "single shot" not in {tag.name for tag in course_tags(measure, [], 0.4)}


def test_one_frame_says_nothing_about_time() -> None:
    measure = measured([thumbnail(90)], [0.0], ground())
    assert measure.seconds == pytest.approx(0.04)
    assert list(course_tags(measure, [])) == []


@pytest.mark.parametrize(
    "size, name", [((9, 16), "vertical video"), ((10, 10), "square video"), ((16, 9), None)]
)
def test_the_shape_is_a_fact(size: tuple[int, int], name: str | None) -> None:
    measure = replace(measured([thumbnail(90)], [0.0]), width=size[0], height=size[1])
    assert [(tag.name, tag.confidence) for tag in look_tags(measure, image=False) if tag.confidence > 95] == (
        [(name, 100.0)] if name else []
    )


def test_confidence_runs_between_its_marks() -> None:
    assert [sure(each, 10, 20) for each in (9, 10, 15, 20, 99)] == [0, 50, 72.5, 95, 95]
    assert [sure(each, 20, 10) for each in (21, 20, 10, 0)] == [0, 50, 95, 95]


def heard(samples: NDArray[np.float64], block: int = RATE) -> Sound:
    meter = SoundMeter()
    for first in range(0, len(samples), block):
        meter.add(samples[first : first + block].astype(np.float32))
    return meter.measure()


def clock(seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * RATE)) / RATE


def song(seconds: float = 24.0) -> NDArray[np.float64]:
    """Plucked chords in a progression with a tune and a drum."""
    dice = np.random.default_rng(2)
    out = np.zeros(round((seconds + 3) * RATE))

    def pluck(at: float, pitch: float, volume: float) -> None:
        time = clock(2)
        tone = sum(
            0.6**n * np.sin(2 * np.pi * pitch * (n + 1) * time) * np.exp(-time * (1 + 0.7 * n))
            for n in range(6)
        )
        first = round(at * RATE)
        out[first : first + len(time)] += volume * tone

    for beat in range(int(seconds / 0.5)):
        for note in ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))[beat // 4 % 4]:
            pluck(beat / 2, 220 * 2 ** (note / 12), 0.05)
        pluck(beat / 2, 440 * 2 ** (dice.choice([0, 2, 4, 5, 7, 9, 11]) / 12), 0.1)
        drum = dice.normal(0, 0.07, 2000) * np.exp(-np.arange(2000) / 300)
        out[beat * RATE // 2 : beat * RATE // 2 + 2000] += drum
    return out[: round(seconds * RATE)]


def voice(seconds: float = 24.0) -> NDArray[np.float64]:
    """A gliding voice with syllables: harmonics that never keep their pitch, as in speech."""
    time = clock(seconds)
    pitch = 120 + 25 * np.sin(2 * np.pi * 0.7 * time) + 15 * np.sin(2 * np.pi * 2.3 * time + 1)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    syllables = np.clip(np.sin(2 * np.pi * 3.7 * time), 0, 1) ** 0.5
    return 0.1 * syllables * sum(np.sin(n * phase) / n for n in range(1, 20))


def hum(seconds: float = 24.0) -> NDArray[np.float64]:
    return 0.1 * sum(np.sin(2 * np.pi * 50 * n * clock(seconds)) / n for n in range(1, 15))


def names(sound: Sound) -> list[str]:
    return [tag.name for tag in sound_tags(sound)]


def test_music_is_told_from_voice_hum_and_noise() -> None:
    assert names(heard(song())) == ["music"]
    assert names(heard(song() * 0.5 + voice())) == ["music"]
    for other in (voice(), hum(), np.random.default_rng(0).normal(0, 0.1, 24 * RATE)):
        assert names(heard(other)) == []


def test_a_short_tune_is_not_called_music() -> None:
    assert names(heard(song(5))) == []


def test_silence_has_a_share_and_places() -> None:
    sound = np.concatenate([hum(4), np.zeros(8 * RATE), hum(4)])
    measure = heard(sound)
    assert measure.silent == pytest.approx(0.5, abs=0.02)
    ((start, end),) = measure.silences
    assert (start, end) == pytest.approx((4, 12), abs=0.1)
    assert names(measure) == []
    assert names(heard(np.zeros(3 * RATE))) == ["silence"]


def test_no_sound_at_all_has_no_tags() -> None:
    assert names(heard(np.zeros(0))) == []


def test_loudness_is_that_of_the_standard() -> None:
    tone = np.sin(2 * np.pi * 997 * clock(5))
    assert heard(tone).loudness == pytest.approx(
        -3.0, abs=0.2
    )  # ITU-R BS.1770: 0 dB at 997 Hz in one channel
    assert heard(tone * 0.1).loudness == pytest.approx(-23.0, abs=0.2)
    assert heard(np.zeros(RATE)).loudness is None
    gated = heard(np.concatenate([tone * 0.1, np.zeros(20 * RATE)])).loudness
    assert gated == pytest.approx(-23.0, abs=0.5)


def test_blocks_of_any_size_give_the_same() -> None:
    sound = song(9)
    assert heard(sound, 317) == heard(sound, 50_000)


def test_speech_needs_enough_of_it() -> None:
    assert [tag.name for tag in speech_tags([(1.0, 4.0)], 10)] == ["speech"]
    assert list(speech_tags([(1.0, 4.0)], 100)) == []
    assert list(speech_tags([(1.0, 1.5)], 1)) == []
    assert list(speech_tags([], 10)) == []


def test_english_needs_words() -> None:
    assert list(english_tags(4, -0.1, [])) == []
    assert [tag.name for tag in english_tags(5, -0.1, [])] == ["English speech"]


def test_bars_of_one_side_only_are_not_a_letterbox() -> None:
    measure = replace(measured([thumbnail(90)], [0.0], ground()), bars=Bars(top=0.1))
    assert not {"letterboxed", "pillarboxed"} & {tag.name for tag in look_tags(measure, image=False)}
