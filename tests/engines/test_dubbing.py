"""Voices fitted to their time and laid over a film's sound; speaker files; the programs that speak, where they are."""

import json
import shutil
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.core import asking
from openvod.core.errors import TaskFault
from openvod.engines.dubbing import fitting, lines, mixing, voices, wish
from openvod.engines.dubbing.fitting import Slot
from openvod.engines.dubbing.voices import Speaker, Spoken
from openvod.media import audio
from tests import clips

RATE = mixing.RATE


def tone(seconds: float, hertz: float = 440.0, rate: int = 22050) -> Spoken:
    return Spoken(
        (0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32), rate
    )


def test_a_voice_that_fits_is_left_as_it_is() -> None:
    (fit,) = fitting.fits([Slot(1.0, 3.0)], [1.5], 10.0)
    assert (fit.start, fit.tempo, fit.late) == (1.0, 1.0, 0.0)


def test_a_long_voice_takes_free_time_then_hurries_then_pushes() -> None:
    free, tight, pushed = fitting.fits([Slot(0, 2), Slot(5, 6), Slot(6.1, 8)], [2.5, 3.0, 1.0], 10.0)
    assert free.tempo == fitting.EASY
    assert tight.tempo == fitting.FASTEST
    assert pushed.start == pytest.approx(5 + 3.0 / fitting.FASTEST + fitting.GAP)
    assert pushed.late > 0.5


@given(
    st.lists(st.tuples(st.floats(0, 50), st.floats(0.2, 5), st.floats(0, 12)), min_size=1, max_size=20),
)
def test_voices_never_overlap_and_never_begin_early(rows: list[tuple[float, float, float]]) -> None:
    slots = sorted((Slot(start, start + length) for start, length, _ in rows), key=lambda slot: slot.start)
    lengths = [length for *_, length in rows]
    placed = fitting.fits(slots, lengths, 60.0)
    free = 0.0
    for slot, length, fit in zip(slots, lengths, placed, strict=True):
        assert fit.start >= max(slot.start, free) - 1e-6
        assert 1.0 <= fit.tempo <= fitting.FASTEST
        free = fit.start + length / fit.tempo


def test_a_faster_voice_keeps_its_pitch() -> None:
    quick = fitting.faster(tone(2.0), 1.5, RATE)
    assert len(quick) / RATE == pytest.approx(2 / 1.5, abs=0.06)
    spectrum = np.abs(np.fft.rfft(quick * np.hanning(len(quick))))
    assert np.argmax(spectrum) * RATE / len(quick) == pytest.approx(440, abs=4)


def test_the_films_own_sound_is_kept_beneath_the_voice(tmp_path: Path) -> None:
    source = clips.video(tmp_path / "film.mp4", seconds=4, sound=[clips.sine(4.0, 330.0) * np.float32(0.5)])
    samples = mixing.levelled(fitting.faster(tone(1.0, 1200.0), 1.0, RATE))
    np.save(tmp_path / "0.npy", samples)
    voice = mixing.Voice(1.5, tmp_path / "0.npy", len(samples) / RATE)
    mixing.write(mixing.Film(source, source, 4.0), [voice], tmp_path / "out.mp4", lambda _: None)
    heard = np.concatenate(list(audio.decode(tmp_path / "out.mp4")))

    def level(begin: float, end: float, hertz: float) -> float:
        part = heard[round(begin * audio.RATE) : round(end * audio.RATE)]
        wave = np.exp(-2j * np.pi * hertz * np.arange(len(part)) / audio.RATE)
        return float(abs(np.mean(part * wave)))

    assert level(1.7, 2.3, 1200) > 20 * level(0.3, 1.2, 1200)
    assert level(1.7, 2.3, 330) / level(0.3, 1.2, 330) == pytest.approx(mixing.DUCKED, rel=0.25)
    assert level(2.9, 3.8, 330) / level(0.3, 1.2, 330) == pytest.approx(1.0, rel=0.1)
    with av.open(str(source)) as before, av.open(str(tmp_path / "out.mp4")) as after:
        packets = [[bytes(each) for each in one.demux(video=0) if each.size] for one in (before, after)]
    assert packets[0] == packets[1]


def test_a_film_without_sound_gets_some(tmp_path: Path) -> None:
    source = clips.video(tmp_path / "film.mp4", seconds=2, sound=[])
    samples = mixing.levelled(fitting.faster(tone(1.0), 1.0, RATE))
    np.save(tmp_path / "0.npy", samples)
    voice = mixing.Voice(0.5, tmp_path / "0.npy", 1.0)
    mixing.write(mixing.Film(source, source, 2.0), [voice], tmp_path / "out.mp4", lambda _: None)
    heard = np.concatenate(list(audio.decode(tmp_path / "out.mp4")))
    assert np.abs(heard[: round(0.4 * audio.RATE)]).max() < 0.01
    assert np.abs(heard[round(0.7 * audio.RATE) : round(1.3 * audio.RATE)]).max() > 0.1


def test_silence_around_a_voice_is_cut_off() -> None:
    sound = np.concatenate([np.zeros(5000, np.float32), tone(0.5).samples, np.zeros(9000, np.float32)])
    assert len(voices.trimmed(sound, 22050)) / 22050 == pytest.approx(0.5, abs=0.03)
    assert len(voices.trimmed(np.zeros(100, np.float32), 22050)) == 0


SPEAKERS = {
    "SrcLang": "zh",
    "DstLangs": ["en"],
    "Speakers": [
        {"Id": "a", "Gender": "male"},
        {"Id": "b", "Gender": "female"},
        {"Id": "c", "Gender": "male"},
    ],
    "Clips": [
        {
            "TextStartTime": "00:00:02.500",
            "TextEndTime": "00:00:04.000",
            "SpeakerId": "c",
            "SrcText": "二",
            "DstTexts": {},
        },
        {
            "TextStartTime": "00:00:01.000",
            "TextEndTime": "00:00:02.000",
            "SpeakerId": "a",
            "DstTexts": {"en": "One"},
        },
        {
            "TextStartTime": "00:00:05.000",
            "TextEndTime": "00:00:05.100",
            "SpeakerId": "b",
            "DstTexts": {"en": "Short"},
        },
    ],
}


def test_a_speaker_file_is_read_and_written(tmp_path: Path) -> None:
    file = tmp_path / "speakers"
    file.write_text(json.dumps(SPEAKERS))
    script = lines.read_speakers(file, "")
    assert [(line.start, line.said, line.instead) for line in script.lines] == [
        (1.0, "", "One"),
        (2.5, "二", ""),
    ]
    assert (script.source, script.target) == ("zh", "en")
    first, second = (line.speaker for line in script.lines)
    assert (first.gender, second.gender) == ("male", "male")
    assert first.turn != second.turn
    clip = script.document()["Clips"][0]
    assert (clip["TextStartTime"], clip["DstTexts"]) == ("00:00:01.000", {"en": "One"})


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "[]",
        "{}",
        '{"DstLangs": [], "Speakers": [], "Clips": []}',
        json.dumps(SPEAKERS | {"Clips": [{"SpeakerId": "x"}]}),
    ],
)
def test_a_speaker_file_that_is_none(tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "speakers"
    file.write_text(wrong)
    with pytest.raises(TaskFault) as raised:
        lines.read_speakers(file, "")
    assert raised.value.key == "InvalidInput/given-file"


def test_what_a_dubbing_asks_for() -> None:
    with pytest.raises(TaskFault, match="dstLangs"):
        wish.read({"ExtendedParameter": "{}"})
    asked = {
        "srcLang": "zh",
        "dstLangs": ["en", "ja"],
        "subtitle": {"style": {"font": "kai.ttf", "fontSize": 0.05}},
    }
    found = wish.read({"ExtendedParameter": json.dumps({"dubbing": asked, "des": {}})})
    assert (found.source, found.target, found.embed) == ("zh", "en", True)
    assert (found.template()["FontSize"], found.template()["FontSizeUnit"]) == (5, 1)
    assert len(found.warnings) == 3
    by_file = {
        "subtitleUrls": {"dstSubtitleUrls": {"fr": "https://example.com/a.vtt"}},
        "outputPattern": "../../x",
    }
    assert wish.read({"ExtendedParameter": json.dumps({"dubbing": by_file})}).target == "fr"
    assert wish.read({"ExtendedParameter": json.dumps({"dubbing": by_file})}).prefix == "x"


def test_without_a_voice_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(TaskFault) as raised:
        voices.choose("en", asking.nobody)
    assert raised.value.key == "InvalidInput.ConfigurationUnsupported/voice"
    assert "espeak-ng" in raised.value.en


@pytest.mark.needs("flite")
def test_flite_speaks_english(tmp_path: Path) -> None:
    voice = voices.choose("en", asking.nobody)
    made = voices.speak(voice, "-h is what I say, and no option.", Speaker(), tmp_path, asking.nobody)
    assert voice.name == "flite"
    assert 1 < len(made.samples) / made.rate < 6


@pytest.mark.needs("espeak-ng")
def test_espeak_speaks_other_languages(tmp_path: Path) -> None:
    voice = voices.choose("zh", asking.nobody)
    made = voices.speak(voice, "你好,世界。今天天气很好。", Speaker(gender="male"), tmp_path, asking.nobody)
    assert voice.name == "espeak-ng"
    assert 1 < len(made.samples) / made.rate < 8
    with pytest.raises(TaskFault):
        voices.choose("xx", asking.nobody)
    assert shutil.which("espeak-ng")
