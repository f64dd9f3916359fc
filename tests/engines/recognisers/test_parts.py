"""Codes, times, packing, guards, votes, hot words and recipes, each on its own."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from openvod.cli.models import command
from openvod.core import facts
from openvod.core.errors import TaskFault
from openvod.core.models import Word
from openvod.engines import catalog, recipes
from openvod.engines.recognisers import Samples, Segment, Wanted, codes, detecting, guards, prompts, timing
from openvod.engines.recognisers.packing import packed
from openvod.engines.silero import Span
from tests.engines.recognisers import tiny_models
from tests.engines.recognisers.conftest import noise


class TestCodes:
    def test_every_code_of_the_api_has_a_meaning(self) -> None:
        listed = facts.read("enums")["VideoSrcLanguage.asr"]
        assert len(listed) == 162
        for code in listed:
            meant = codes.language(code)
            assert re.fullmatch("[a-z]{2,3}|auto", meant.code), code
            assert meant.asked == code
        # What no Whisper knows, and an operator's own model may: Kinyarwanda, Sotho, Tsonga, Venda, Xhosa, Zulu.
        unknown = {codes.language(code).code for code in listed} - codes.WHISPER - {"auto"}
        assert unknown == {"rw", "st", "ts", "ve", "xh", "zu"}

    @pytest.mark.parametrize(
        "asked, code, also, script",
        [
            ("zh", "zh", (), "Hans"),
            ("zh-PY", "zh", ("en", "yue"), "Hans"),
            ("prime_zh", "zh", ("en", "yue"), "Hans"),
            ("zh-TW", "zh", (), "Hant"),
            ("zh_HK", "zh", (), "Hant"),
            ("yue", "yue", (), "Hant"),
            ("iw-IL", "he", (), ""),
            ("fil-PH", "tl", (), ""),
            ("en-GB", "en", (), ""),
        ],
    )
    def test_some_mean_more_than_they_say(
        self, asked: str, code: str, also: tuple[str, ...], script: str
    ) -> None:
        assert codes.language(asked) == codes.Language(code, also, script, asked)

    @pytest.mark.parametrize(
        "name, code",
        [
            ("English", "en"),
            ("<|zh|>", "zh"),
            ("jw", "jv"),
            ("zh-CN", "zh"),
            ("", ""),
            ("??", ""),
            ("nospeech", ""),
        ],
    )
    def test_engines_names_are_understood(self, name: str, code: str) -> None:
        assert codes.canonical(name) == code


def words(*parts: str) -> list[Word]:
    return [Word(part, float(i), i + 0.5) for i, part in enumerate(parts)]


class TestTiming:
    @pytest.mark.parametrize(
        "text, parts, fitted",
        [
            ("Hello, world!", ["Hello", "world"], ["Hello,", " world!"]),
            ("Hello world", ["Hel", "lo", "wor", "ld"], ["Hello", " world"]),
            ("你好,世界。", ["你好", "世界"], ["你好,", "世界。"]),
            ("他说(是)", ["他", "说", "是"], ["他", "说", "(是)"]),
            ("say (no) now", ["say", "no", "now"], ["say", " (no)", " now"]),
            ("用 OpenVOD 吧", ["用", "open", "vod", "吧"], ["用", " OpenVOD", " 吧"]),
            ("don't go", ["don", "'t", "go"], ["don't", " go"]),
            ("สวัสดี ครับ", ["สวัสดี", "ครับ"], ["สวัสดี", " ครับ"]),
            ("안녕 세계", ["안", "녕", "세계"], ["안녕", " 세계"]),
            ("Straße, Ünal", ["STRASSE".lower().replace("ss", "ß"), "ünal"], ["Straße,", " Ünal"]),
        ],
    )
    def test_the_text_is_cut_where_its_parts_meet(
        self, text: str, parts: list[str], fitted: list[str]
    ) -> None:
        found = timing.fitted(text, words(*parts), 20.0)
        assert found is not None
        assert [word.text for word in found] == fitted

    @pytest.mark.parametrize("parts", [[], ["other"], ["Hello"], ["Hello", "world", "more"], ["...", "!"]])
    def test_other_words_do_not_fit(self, parts: list[str]) -> None:
        assert timing.fitted("Hello world", words(*parts), 20.0) is None

    @pytest.mark.parametrize(
        "start, end", [(float("nan"), 1.0), (0.0, float("inf")), (0.0, 99.0), (5.0, 1.0)]
    )
    def test_impossible_times_do_not_fit(self, start: float, end: float) -> None:
        assert timing.fitted("Hello", [Word("Hello", start, end)], 10.0) is None

    @given(
        st.text(max_size=60), st.lists(st.tuples(st.text(max_size=8), st.floats(), st.floats()), max_size=12)
    )
    def test_whatever_comes_no_letter_is_changed(
        self, text: str, rows: list[tuple[str, float, float]]
    ) -> None:
        found = timing.fitted(text, [Word(*row) for row in rows], 10.0)
        if found is not None:
            assert "".join(word.text for word in found) == text
            assert all(0 <= word.start <= word.end <= 10 for word in found)

    @given(st.text(min_size=1, max_size=60).map(lambda text: " ".join(text.split())).filter(bool))
    def test_shared_words_are_the_text(self, text: str) -> None:
        found = timing.shared(text, Span(1.0, 4.0, ((2.0, 3.0),)))
        assert "".join(word.text for word in found) == text
        assert all(1 <= word.start <= word.end <= 4 for word in found)

    def test_a_long_text_takes_no_longer_than_its_length(self) -> None:
        text = "«" * 50_000 + "a"
        assert timing.fitted(text, words("a"), 5.0) is not None
        assert timing.fitted("a " * 20_000, words(*["a"] * 20_000), 30_000.0) is not None


class TestPacking:
    def test_no_sound_is_longer_than_allowed_and_none_is_lost(self) -> None:
        spans = [Span(10.0 * i, 10.0 * i + 3) for i in range(7)]
        sounds = [*packed([(span, noise(3)) for span in spans], 10.0)]
        assert [len(sound.pieces) for sound in sounds] == [3, 3, 1]
        assert all(sound.length <= 10.0 for sound in sounds)
        assert [piece.span for sound in sounds for piece in sound.pieces] == spans
        for sound in sounds:
            for piece in sound.pieces:
                first = round(piece.at * 16000)
                assert np.array_equal(sound.samples[first : first + 48000], noise(3))

    def test_one_chunk_at_a_time(self) -> None:
        assert [len(s.pieces) for s in packed([(Span(0, 3), noise(3)), (Span(4, 7), noise(3))], 0.0)] == [
            1,
            1,
        ]

    def test_a_time_in_a_silence_belongs_to_the_nearer_chunk(self) -> None:
        (sound,) = packed([(Span(5.0, 8.0), noise(3)), (Span(20.0, 23.0), noise(3))], 28.0)
        assert [sound.of(time).span.start for time in (0.0, 3.1, 3.4, 99.0)] == [5.0, 5.0, 20.0, 20.0]
        assert sound.of(3.1).there(3.1) == 8.0

    def test_only_voiced_time_is_shared_out(self) -> None:
        (sound,) = packed([(Span(5.0, 8.0, ((6.0, 7.0),)), noise(3)), (Span(20.0, 23.0), noise(3))], 28.0)
        assert sound.voiced(0.5, 4.5).voiced == [(0.5, 1.0), (2.0, 3.0), (3.5, 4.5)]


class TestGuards:
    @pytest.mark.parametrize(
        "text",
        [
            "Hello there.",
            "thanks for watching",
            "no no no no",
            "我们今天讲一下字幕",
            "(softly) come in",
            "1984",
        ],
    )
    def test_what_may_have_been_said_is_believed(self, text: str) -> None:
        assert guards.objection(Segment(text, 0, 2, (), -0.3, 0.1), 2.0, invents=True) == ""

    def test_an_engine_that_invents_nothing_is_believed_more(self) -> None:
        unsure = Segment("Hello", 0, 2, (), -3.0, 0.9)
        assert guards.objection(unsure, 2.0, invents=False) == ""
        assert guards.objection(unsure, 2.0, invents=True)

    def test_round_and_round_is_cut_to_one_turn(self) -> None:
        spoken = "so I said " + "and then we go " * 5
        assert guards.unlooped(words(*spoken.split())) == 7
        assert guards.unlooped(words(*["no", "no", "no", "no"])) == 4
        assert guards.unlooped(words(*"好" * 30)) == 1
        assert guards.unlooped([]) == 0


@dataclass
class Ear:
    """A recogniser that takes sounds for what it is told."""

    heard: list[dict[str, float]]
    name: str = "ear"
    longest: float = 0.0
    invents: bool = False
    hot_words: bool = False
    asked: list[int] = field(default_factory=list)

    def hear(self, sound: Samples, wanted: Wanted) -> list[Segment]:
        return []

    def detect(self, sound: Samples) -> dict[str, float]:
        self.asked.append(len(sound))
        return self.heard[len(self.asked) - 1]


class TestLanguage:
    def test_the_longest_chunk_of_each_part_is_asked_about(self) -> None:
        spans = [Span(10.0 * i, 10.0 * i + (5 if i % 4 == 2 else 1)) for i in range(20)]
        assert [span.start for span in detecting.samples(spans)] == [20.0, 60.0, 100.0, 140.0, 180.0]
        assert detecting.samples(spans[:3]) == spans[:3]

    def test_votes_count_by_seconds(self) -> None:
        ear = Ear([{"zh": 1.0}, {"en": 0.5, "zh": 0.5}, {}])
        chunks = [(Span(0, 4), noise(4)), (Span(5, 7), noise(2)), (Span(8, 9), noise(1))]
        assert detecting.votes(ear, chunks) == {"zh": 5.0, "en": 1.0}

    def test_auto_is_what_the_votes_say(self) -> None:
        settled = detecting.settled(codes.language("auto"), {"zh": 9.0, "en": 1.0}, frozenset({"zh", "en"}))
        assert (settled.code, settled.script) == ("zh", "Hans")

    @pytest.mark.parametrize("votes", [{}, {"zh": 5.0, "en": 5.0}, {"cy": 9.0}])
    def test_auto_refuses_what_it_cannot_tell(self, votes: dict[str, float]) -> None:
        with pytest.raises(TaskFault, match="cannot be told"):
            detecting.settled(codes.language("auto"), votes, frozenset({"zh", "en"}))

    def test_another_language_than_the_stated_one_is_refused(self) -> None:
        with pytest.raises(TaskFault, match=r"not in `en`, it sounds like `zh`"):
            detecting.settled(codes.language("en"), {"zh": 20.0}, frozenset("*"))

    @pytest.mark.parametrize(
        "asked, votes",
        [
            ("en", {}),
            ("en", {"zh": 4.0}),
            ("en", {"zh": 10.0, "en": 5.0}),
            ("zh", {"yue": 20.0}),
            ("zh-PY", {"en": 20.0}),
            ("id-ID", {"ms": 20.0}),
        ],
    )
    def test_a_doubt_contradicts_nobody(self, asked: str, votes: dict[str, float]) -> None:
        assert detecting.settled(codes.language(asked), votes, frozenset("*")) == codes.language(asked)


class TestHotWords:
    @pytest.mark.parametrize(
        "given",
        [
            "腾讯云|10,OpenVOD",
            "腾讯云;OpenVOD",
            ["腾讯云", " OpenVOD ", "OpenVOD", ""],
            '["腾讯云", "OpenVOD"]',
            "腾讯云\nOpenVOD\u0000",
        ],
    )
    def test_many_spellings_are_one_list(self, given: object) -> None:
        assert prompts.hot_words(given) == ("腾讯云", "OpenVOD")

    @pytest.mark.parametrize(
        "given", [5, None, {"a": 1}, [1], "[1]", "[", "a" * 41, ",".join(map(str, range(129)))]
    )
    def test_else_it_is_refused(self, given: object) -> None:
        with pytest.raises(TaskFault, match="adapt_words"):
            prompts.hot_words(given)

    def test_whisper_is_told_no_more_than_it_holds(self) -> None:
        many = Wanted(codes.language("zh"), tuple(f"word {i:030}" for i in range(100)))
        assert len(prompts.listed(many)) <= prompts.MOST_LETTERS
        assert prompts.whole(Wanted(codes.language("en"))) == ""


class TestRecipes:
    def test_every_one_is_whole(self, tmp_path: Path) -> None:
        for recipe in recipes.RECIPES:
            line = recipe.command(tmp_path / "my models", "/venv/bin/python")
            assert "\n" not in line
            assert line.startswith("/venv/bin/python -m pip install ")
            assert line.endswith(f"models pull {recipe.id} --folder '{tmp_path}/my models'")
            assert recipe.page.startswith("https://")
            assert recipe.licence
            assert len({each.name for each in recipe.downloads}) == len(recipe.downloads)
            assert (recipe.unpacked > 0) == (recipe.downloads[0].name.endswith((".zip", ".argosmodel")))
            for each in recipe.downloads:
                assert each.url.startswith("https://")
                assert re.fullmatch("[0-9a-f]{64}", each.sha256)
                assert each.size > 0
                # What is at Hugging Face is asked for at a commit: `main` may be another file tomorrow.
                assert not each.url.startswith(recipes.HUB) or re.search("/resolve/[0-9a-f]{40}/", each.url)

    def test_no_name_means_two_things(self) -> None:
        names = [name for recipe in recipes.RECIPES for name in (recipe.id, *recipe.also)]
        names += [model.id for model in catalog.MODELS]
        assert len(names) == len(set(names))

    @pytest.mark.parametrize("code, name", [("zh", "sense-voice"), ("yue", "sense-voice"), ("de", "whisper")])
    def test_a_language_has_its_recipe(self, code: str, name: str) -> None:
        assert recipes.speech(code).id == name

    def test_they_are_printed(self, tmp_path: Path) -> None:
        shown = CliRunner().invoke(command, ["recipes", "--folder", str(tmp_path)])
        assert all(recipe.id in shown.output for recipe in recipes.RECIPES)
        one = CliRunner().invoke(command, ["recipes", "whisper", "--folder", str(tmp_path)])
        assert one.output.splitlines() == [recipes.find("whisper").command(tmp_path)]
        none = CliRunner().invoke(command, ["recipes", "nothing", "--folder", str(tmp_path)])
        assert none.exit_code == 1
        assert "sense-voice" in none.output

    def test_what_is_in_the_folder_is_listed(self, tmp_path: Path) -> None:
        tiny_models.vosk(tmp_path / "mine")
        shown = CliRunner().invoke(command, ["list", "--folder", str(tmp_path)])
        assert "mine: vosk" in shown.output
        assert "languages.txt" in shown.output
