"""Where text goes: positions, wrapping, stacking, times."""

import random
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.core.errors import TaskFault
from openvod.engines.burn.fonts import Face, Fonts, choose, plain
from openvod.engines.burn.preparing import Clock
from openvod.engines.burn.setting import MOST_AT_ONCE, Block, Placed, Setter, Setting, scenes
from openvod.engines.burn.style import Length, Style
from openvod.engines.burn.wrapping import fitted, tokens
from openvod.media.captions import Cue
from openvod.media.rewrite.index import Times

SIZE = (1280, 720)
PLAIN = Fonts([Face("")])
LETTERS = "We counted forty-two boats in the harbour"


def setting(*cues: Cue | Placed, style: Style | None = None, size: tuple[int, int] = SIZE) -> Setting:
    placed = [cue if isinstance(cue, Placed) else Placed(cue) for cue in cues]
    return Setter(style or Style(), PLAIN, size).set(placed)


def words(block: Block) -> list[str]:
    return ["".join(piece.text for piece in line.pieces) for line in block.lines]


def test_the_lower_edge_is_where_the_style_says_and_the_middle_is_the_picture_s() -> None:
    (block,) = setting(Cue(0, 1, ("Hello", "harbour"))).blocks
    assert block.box[3] == pytest.approx(720 * 0.95)
    assert (block.box[0] + block.box[2]) / 2 == pytest.approx(640)
    assert block.lines[1].baseline - block.lines[0].baseline == pytest.approx(1.25 * 0.053 * 720)
    assert words(block) == ["Hello", "harbour"]


def test_one_line_stays_where_the_last_of_two_is_and_top_aligned_text_grows_down() -> None:
    one, two = (setting(Cue(0, 1, ("a",) * count)).blocks[0] for count in (1, 2))
    assert one.lines[-1].baseline == pytest.approx(two.lines[-1].baseline)
    style = Style(top=True, y=Length(0.3))
    one, two = (setting(Cue(0, 1, ("a",) * count), style=style).blocks[0] for count in (1, 2))
    assert one.box[1] == two.box[1] == pytest.approx(720 * 0.7)
    low = setting(Cue(0, 1, ("a",) * 3), style=Style(top=True, y=Length(0.01))).blocks[0]
    assert low.box[3] <= 720


def test_positions_and_spacing_of_a_template() -> None:
    style = Style(x=Length(-0.1), y=Length(100, "pixel"), spacing=Length(30, "pixel"), size=Length(0.1))
    (block,) = setting(Cue(0, 1, ("ab", "cd")), style=style).blocks
    assert (block.box[0] + block.box[2]) / 2 == pytest.approx(512)
    assert block.box[3] == pytest.approx(620)
    assert block.lines[1].baseline - block.lines[0].baseline == pytest.approx(1.25 * 72 + 30)


def test_text_goes_back_to_the_place_and_size_of_another() -> None:
    (block,) = setting(Placed(Cue(0, 1, ("Hello",)), centre_y=0.25, line_height=0.08)).blocks
    assert (block.box[1] + block.box[3]) / 2 == pytest.approx(180)
    assert block.lines[0].size == pytest.approx(57.6)
    (block,) = setting(Placed(Cue(0, 1, ("Hello",)), centre_y=1.0, line_height=0.08)).blocks
    assert block.box[3] <= 720


def test_what_is_too_wide_is_wrapped_and_reported() -> None:
    result = setting(Cue(0, 1, (LETTERS, "and none of them")), style=Style(size=Length(0.1)))
    (block,) = result.blocks
    assert block.box[2] - block.box[0] <= 0.9 * 1280
    assert " ".join(words(block)) == f"{LETTERS} and none of them"
    assert result.refitted == 1
    (block,) = setting(Cue(0, 1, ("x" * 300,))).blocks
    assert block.box[0] >= 0.05 * 1280 - 1
    (high,) = setting(Cue(0, 1, (LETTERS[:29],)), size=(720, 1280)).blocks
    assert words(high) == [LETTERS[:29]], "a line of a usual length fits into an upright picture"


def test_cues_at_the_same_time_do_not_cover_each_other() -> None:
    result = setting(Cue(0, 3, ("first", "of two")), Cue(1, 2, ("second",)), Cue(5, 6, ("third",)))
    first, second, third = result.blocks
    assert second.box[3] <= first.box[1]
    assert third.box[3] == first.box[3]
    assert [(each.begin, each.end, each.blocks) for each in result.scenes] == [
        (0, 1, (0,)), (1, 2, (0, 1)), (2, 3, (0,)), (5, 6, (2,)),
    ]  # fmt: skip
    many = setting(*(Cue(0, 3, (str(number),)) for number in range(9)))
    assert len(many.blocks) == MOST_AT_ONCE
    assert "5 cues are left out" in many.warnings[-1].en


def test_endless_text_is_cut_off() -> None:
    result = setting(Cue(0, 1, ("word " * 100_000,)))
    assert sum(len(line) for line in words(result.blocks[0])) <= 600
    assert any("cut off" in warning.en for warning in result.warnings)


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0.01, 20)), max_size=12))
def test_scenes_cover_exactly_what_is_shown(cues: list[tuple[float, float]]) -> None:
    spans = sorted((begin, begin + length) for begin, length in cues)
    found = scenes(spans)
    dice = random.Random(len(cues))
    for time in (dice.uniform(0, 70) for _ in range(50)):
        shown = {number for number, (begin, end) in enumerate(spans) if begin <= time < end}
        at = [set(scene.blocks) for scene in found if scene.begin <= time < scene.end]
        assert at == ([shown] if shown else [])


@given(st.text("ab 我们,。(「x-", max_size=60), st.floats(3, 40))
def test_wrapping_loses_no_character(text: str, width: float) -> None:
    line = plain(text)
    if not line:
        return
    lines, share = fitted([line], width, lambda each: float(len(each)))
    assert "".join("".join(lines).split()) == "".join(line.split())
    assert max(map(len, lines)) * share <= width + 1e-6
    assert "".join(tokens(line)) == line


def test_lines_do_not_begin_with_closing_punctuation() -> None:
    lines, share = fitted(["我们在港口数了四十二条船,没有一条是空的。"], 12.0, lambda each: float(len(each)))
    assert share == 1
    assert [line[0] for line in lines if line[0] in ",。"] == []
    assert len(lines) == 2


def test_cues_begin_at_the_nearest_frame_of_a_variable_rate() -> None:
    times = Times(array("q", [0, 40, 80, 500, 540]))
    clock = Clock(times, 0.001, 0.04, 0.0)
    assert clock.span(0.041, 0.079) == (1, 2)
    assert clock.span(0.2, 0.3) == (2, 3), "between two frames: the one that is shown, or the next"
    assert clock.span(0.45, 9.0) == (3, 5)
    assert clock.span(0.61, 9.0) == (5, 5), "after the end"


def test_letters_come_from_the_first_font_that_has_them(models: Path, tmp_path: Path) -> None:
    choice = choose(tmp_path, tmp_path, Style(), ["plain ASCII 123"])
    assert [run.text for run in choice.fonts.runs("plain ASCII")] == ["plain ASCII"]
    assert choice.warnings == ()
    for text, model in (("naïve", "source-sans"), ("Привет", "source-sans"), ("四十二", "noto-sans-cjk")):
        with pytest.raises(TaskFault) as caught:
            choose(tmp_path, tmp_path, Style(), [text])
        assert caught.value.code == "InvalidInput.ConfigurationUnsupported"
        assert f"openvod models pull {model}" in caught.value.en
        assert model in caught.value.zh


def test_a_font_that_is_not_there_is_reported(tmp_path: Path) -> None:
    choice = choose(tmp_path, tmp_path, Style(font="kai.ttf"), ["Hello"])
    assert "kai.ttf" in choice.warnings[0].en
    assert choose(tmp_path, tmp_path, Style(font="arial.ttf"), ["Hello"]).warnings == ()


def test_a_file_that_is_no_font_is_an_honest_fault(tmp_path: Path) -> None:
    (tmp_path / "font.ttf").write_bytes(b"no font")
    with pytest.raises(TaskFault) as caught:
        choose(tmp_path, tmp_path, Style(font_file="font.ttf"), ["Hello"])
    assert "font.ttf" in caught.value.en


@pytest.mark.needs("models")
def test_the_operator_s_fonts_are_found_by_name(models: Path, tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    semibold = models / "source-sans" / "SourceSansPro-Semibold.otf"
    (tmp_path / "fonts" / "House.otf").write_bytes(semibold.read_bytes())
    choice = choose(tmp_path, tmp_path, Style(font="house"), ["Привет"])
    assert choice.warnings == ()
    assert choice.fonts.faces[choice.fonts.runs("Привет")[0].face].path.endswith("House.otf")


@pytest.mark.needs("models")
def test_european_letters_have_a_font_and_what_has_none_is_named(models: Path) -> None:
    choice = choose(models, models, Style(), ["Ωραία, Привет, naïve œuvre – “Škoda” 😀 and more"])
    assert [warning.en[-1] for warning in choice.warnings] == ["😀"]
    assert "".join(run.text for run in choice.fonts.runs("a😀b")) == "ab"
    with pytest.raises(TaskFault) as caught:
        choose(models, models, Style(), ["สวัสดี"])
    assert "fonts" in caught.value.en


def test_letters_that_need_layout_are_refused_where_there_is_none(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("PIL.features.check", lambda name: False)
    with pytest.raises(TaskFault) as caught:
        choose(tmp_path, tmp_path, Style(), ["سلام"])
    assert "FriBiDi" in caught.value.en
    assert "FriBiDi" in caught.value.zh
