"""Speech in, text out: floors against a known text, silence and noise that must stay empty, and the language gate."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.core.models import Utterance, Word
from openvod.engines import speech
from openvod.engines.moonshine import Moonshine, Transcript, _loop
from openvod.engines.silero import Span
from openvod.media import audio
from tests.engines.conftest import Write

TWO_CITIES = """It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of
foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of light, it was the season
of darkness, it was the spring of hope, it was the winter of despair, we had everything before us, we had nothing before
us, we were all going direct to heaven, we were all going direct the other way. In short, the period was so far like the
present period, that some of its noisiest authorities insisted on its being received, for good or for evil, in the
superlative degree of comparison only."""
WER_FLOOR = 0.06


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


def errors(said: list[str], heard: list[str]) -> int:
    """Substitutions, insertions and deletions."""
    row = list(range(len(heard) + 1))
    for i, a in enumerate(said, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(heard, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def recognition(path: Path, models: Path, word_times: bool = False) -> speech.Recognition:
    spans = speech.find_speech(audio.decode(path), models)
    found = speech.recognise(path, spans, speech.Listener.load(models, word_times=word_times))
    return speech.conclude(found, spans, word_times=word_times)


RECOGNISERS = [Moonshine]


@pytest.mark.needs("models")
@pytest.mark.parametrize("make", RECOGNISERS)
class TestEveryRecogniser:
    """What any recogniser must do."""

    def test_it_names_itself_and_its_languages(self, make: type[Moonshine], models: Path) -> None:
        engine: speech.Recogniser = make(models)
        assert engine.name
        assert all(re.fullmatch("[a-z]{2}", language) for language in engine.languages)

    @pytest.mark.parametrize("samples", [1, 160, 8000, 16000 * 24])
    def test_silence_of_any_length_is_harmless(
        self, make: type[Moonshine], models: Path, samples: int
    ) -> None:
        heard = make(models).transcribe(np.zeros(samples, np.float32))
        assert len(heard.text.split()) <= 6 * samples / 16000 + 6
        assert heard.log_probability <= 0

    def test_the_same_sound_gives_the_same_text(
        self, make: type[Moonshine], models: Path, two_cities: Path
    ) -> None:
        sound = np.concatenate([*audio.decode(two_cities, 0.0, 5.0)])
        engine = make(models)
        first = engine.transcribe(sound)
        engine.transcribe(sound[: len(sound) // 2])
        assert engine.transcribe(sound) == first
        assert "best of times" in first.text.lower()


@pytest.mark.needs("models")
def test_read_english_is_understood_with_its_words_in_time(models: Path, two_cities: Path) -> None:
    found = recognition(two_cities, models, word_times=True)
    assert found.language == "en"
    assert found.word_times == "aligned"
    heard = [word for utterance in found.utterances for word in words(utterance.text)]
    assert errors(words(TWO_CITIES), heard) / len(words(TWO_CITIES)) <= WER_FLOOR
    last = 0.0
    for utterance in found.utterances:
        assert utterance.text.split() == [word.text for word in utterance.words]
        assert 50 < utterance.confidence <= 100
        for word in utterance.words:
            assert last - 1e-6 <= word.start <= word.end
            last = word.end
    assert last <= 44.4


@pytest.mark.needs("models")
def test_the_chunks_done_apart_give_what_one_run_gives(models: Path, two_cities: Path) -> None:
    spans = speech.find_speech(audio.decode(two_cities), models)
    assert len(spans) > 2
    listener = speech.Listener.load(models, word_times=False)
    whole = speech.recognise(two_cities, spans, listener)
    parts = [
        utterance
        for part in (spans[:2], spans[2:])
        for utterance in speech.recognise(two_cities, part, listener)
    ]
    assert parts == whole


@pytest.mark.needs("models")
def test_progress_goes_to_one(models: Path, two_cities: Path) -> None:
    seen: list[float] = []
    spans = speech.find_speech(audio.decode(two_cities, 0.0, 12.0), models)
    listener = speech.Listener.load(models, word_times=False)
    speech.recognise(two_cities, spans, listener, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def _no_speech() -> dict[str, NDArray[np.floating]]:
    dice = np.random.default_rng(7)
    time = np.arange(16000 * 8) / 16000
    white = dice.standard_normal(len(time))
    spectrum, hertz = np.fft.rfft(white), np.maximum(np.fft.rfftfreq(len(time), 1 / 16000), 1)
    brown = np.fft.irfft(spectrum / hertz, len(time))

    def note(frequency: float) -> NDArray[np.floating]:
        return np.array(sum(np.sin(2 * np.pi * frequency * k * time) / k for k in range(1, 8)))

    tune = sum(
        note(220 * 2 ** (k / 12)) * (np.floor(time / 0.3) % 5 == i) for i, k in enumerate((0, 3, 7, 5, 10))
    )
    return {
        "silence": time * 0,
        "white": white * 0.1,
        "brown": brown / np.abs(brown).max() * 0.5,
        "tone": 0.3 * np.sin(2 * np.pi * 440 * time),
        "chord": 0.1 * (note(220) + note(277) + note(330)),
        "hum": 0.2 * note(50),
        "dialling": 0.2 * (np.sin(2 * np.pi * 770 * time) + np.sin(2 * np.pi * 1336 * time)) * (time % 0.4 < 0.2),
        "beeps": 0.3 * np.sin(2 * np.pi * 1000 * time) * (time % 1 < 0.1),
        "tune": 0.1 * tune * np.exp(-3 * (time % 0.3)),
        "drums": 0.3 * white * np.exp(-25 * (time % 0.5)),
    }  # fmt: skip


@pytest.mark.needs("models")
def test_nothing_is_invented_where_nobody_speaks(models: Path, write: Write) -> None:
    for name, samples in _no_speech().items():
        found = recognition(write(samples, name), models)
        assert found.utterances == (), name
        assert found.language == "en", "no speech is no foreign speech"


@pytest.mark.needs("models")
def test_speech_played_backwards_is_not_taken_for_english(
    models: Path, two_cities: Path, write: Write
) -> None:
    """A stand-in for other languages: the sounds of speech, but none of its words."""
    sound = np.concatenate([*audio.decode(two_cities, 0.0, 20.0)])[::-1]
    found = recognition(write(sound, "backwards"), models)
    assert found.speech_seconds > 5
    assert found.language is None
    assert found.utterances == ()


def utterance(text: str, log_probability: float) -> Utterance:
    spoken = tuple(Word(word, i, i + 1.0) for i, word in enumerate(text.split()))
    return Utterance(0.0, len(spoken), text, 100 * math.exp(log_probability), spoken)


def test_a_badly_understood_noise_is_dropped_without_doubt_about_the_language() -> None:
    good, noise = utterance("this is quite plain english speech", -0.1), utterance("hm", -1.5)
    found = speech.conclude([good, noise], [Span(0, 6)], word_times=False)
    assert found.utterances == (good,)
    assert found.language == "en"
    alone = speech.conclude([noise], [Span(0, 1)], word_times=False)
    assert alone.utterances == ()
    assert alone.language == "en"


def test_a_lone_word_must_be_surer_than_a_sentence() -> None:
    muttered, sure = utterance("You", -0.64), utterance("Yes.", -0.3)
    said = utterance("and a longer one that is not quite clear", -0.64)
    clear = utterance("this is quite plain english speech and there is a lot of it to be heard here", -0.1)
    found = speech.conclude([clear, muttered, sure, said], [Span(0, 20)], word_times=False)
    assert found.utterances == (clear, sure, said)


def test_an_utterance_of_nothing_but_hesitation_must_be_surer_still() -> None:
    clear = utterance("this is quite plain english speech and there is a lot of it to be heard here", -0.1)
    sung, meant, began = (
        utterance("Uh, uh, uh.", -0.41),
        utterance("Mm-hmm.", -0.1),
        utterance("Uh, what was it?", -0.41),
    )
    found = speech.conclude([clear, sung, meant, began], [Span(0, 20)], word_times=False)
    assert found.utterances == (clear, meant, began)


def test_a_stretch_in_another_language_is_left_out_and_a_file_of_it_refused() -> None:
    english = utterance("this is quite plain english speech and there is a lot of it to be heard here", -0.1)
    other = utterance("they are introduced in a portrayal of the rome", -1.0)
    found = speech.conclude([english, other], [Span(0, 30)], word_times=False)
    assert found.utterances == (english,)
    assert found.language == "en"
    assert found.left_out == ((other.start, other.end),)
    assert found.log_probability == pytest.approx(-0.1, abs=0.01)
    mostly = speech.conclude([other, english, other, other], [Span(0, 60)], word_times=False)
    assert mostly.utterances == ()
    assert mostly.left_out == ()
    assert mostly.language is None


def test_badly_understood_speech_throughout_is_another_language() -> None:
    found = speech.conclude([utterance("a text that nobody said", -0.9)], [Span(0, 6)], word_times=True)
    assert found.language is None
    assert found.utterances == ()


def test_a_recogniser_that_stops_early_is_asked_again_in_halves() -> None:
    class Sleepy:
        name, languages = "sleepy", frozenset({"en"})

        def transcribe(self, sound: NDArray[np.float32]) -> Transcript:
            return Transcript("one two three four five" if len(sound) < 6 * 16000 else "one", -0.1)

    span = Span(0.0, 10.0, ((4.8, 5.2),))
    parts = speech._transcribe(Sleepy(), span, np.zeros(160000, np.float32))
    assert [(part.start, part.end) for part, _, _ in parts] == [(0.0, 5.0), (5.0, 10.0)]
    assert [len(sound) for _, sound, _ in parts] == [80000, 80000]


def test_a_chunk_in_two_languages_is_heard_in_halves() -> None:
    class Briton:
        name, languages = "briton", frozenset({"en"})

        def __init__(self, clear: str) -> None:
            self.clear = clear

        def transcribe(self, sound: NDArray[np.float32]) -> Transcript:
            if len(sound) > 6 * 16000:
                return Transcript("a long text that hardly anybody said in this chunk", -0.8)
            return Transcript(self.clear, -0.1) if sound[0] else Transcript("nonsense that is", -1.2)

    sound = np.concatenate([np.ones(80000, np.float32), np.zeros(80000, np.float32)])
    span = Span(0.0, 10.0, ((4.8, 5.2),))
    parts = speech._transcribe(Briton("quite plain english"), span, sound)
    assert [part[2].text for part in parts] == ["quite plain english", "nonsense that is"]
    assert len(speech._transcribe(Briton("Mm-hmm."), span, sound)) == 1, "a lone sound proves nothing"


@pytest.mark.parametrize(
    "tokens, surplus",
    [
        ([1, 2, 3, 4], 0),
        ([5, 7, 7, 7, 7], 0),
        ([5] + [7] * 8, 7),
        ([1, 2, 3] * 4, 9),
        ([9, 1, 2, 1, 2, 1, 2, 1, 2], 6),
        ([], 0),
    ],
)
def test_only_needless_repetition_is_a_loop(tokens: list[int], surplus: int) -> None:
    assert _loop(tokens) == surplus
