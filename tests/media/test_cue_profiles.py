"""House styles: their figures, how text is measured by them, and how a request chooses one."""

import pytest

from openvod.core.errors import TaskFault
from openvod.media.cue_profiles import PROFILES, Profile, chosen, units


def test_the_figures_are_those_the_houses_publish():
    netflix, bbc, short = PROFILES["netflix"], PROFILES["bbc"], PROFILES["short-video"]
    assert (netflix.max_chars, netflix.max_chars_cjk, netflix.max_cps, netflix.max_cps_cjk) == (42, 16, 20, 9)
    assert round(24 * netflix.min_seconds) == 20
    assert (bbc.max_chars, bbc.max_cps, bbc.chain_seconds) == (37, 17, 1.0)
    assert (short.max_lines, short.max_chars) == (1, 24)
    assert {profile.max_seconds <= 7 for profile in PROFILES.values()} == {True}


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("", 0),
        ("x" * 20, 1),
        ("字" * 9, 1),
        ("한" * 12, 1),
        ("字" * 9 + "x" * 20, 2),
        ("한" * 12 + "カ" * 9, 2),
    ],
)
def test_each_script_is_read_at_its_own_speed(text, seconds):
    assert PROFILES["netflix"].reading_ms(text) == pytest.approx(1000 * seconds)


def test_a_line_holds_42_letters_or_16_characters_or_a_mixture():
    netflix = PROFILES["netflix"]
    assert netflix.fits("x" * 42)
    assert not netflix.fits("x" * 43)
    assert netflix.fits("字" * 16)
    assert not netflix.fits("字" * 17)
    assert netflix.fits("字" * 8 + "x" * 16)
    assert not netflix.fits("字" * 8 + "x" * 17)
    assert units("字x") == 3


@pytest.mark.parametrize(
    "ext_info, setting, name",
    [
        ("", "netflix", "netflix"),
        (" ", "bbc", "bbc"),
        ("{}", "bbc", "bbc"),
        ('{"glossary": {}}', "bbc", "bbc"),
        ('{"profile": "short-video"}', "bbc", "short-video"),
    ],
)
def test_a_request_chooses_else_the_operator(ext_info, setting, name):
    assert chosen(ext_info, setting).name == name


@pytest.mark.parametrize(
    "ext_info, setting, code, word",
    [
        ('{"profile": "hbo"}', "netflix", "InvalidInput.ConfigurationUnsupported", "`hbo`"),
        ('{"profile": ["bbc"]}', "netflix", "InvalidInput.ConfigurationUnsupported", "bbc"),
        ("", "hbo", "InvalidInput.ConfigurationUnsupported", "netflix, bbc, short-video"),
        ("no json", "netflix", "InvalidInput", "ExtInfo"),
        ("[" * 100_000, "netflix", "InvalidInput", "ExtInfo"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(ext_info, setting, code, word):
    with pytest.raises(TaskFault) as refused:
        chosen(ext_info, setting)
    assert refused.value.code == code
    assert word in refused.value.en
    assert word in refused.value.zh


@pytest.mark.parametrize(
    "wrong",
    [{"max_lines": 3}, {"max_chars": 0}, {"max_cps": 0.0}, {"max_cps_cjk": 0.0}, {"max_seconds": 0.5}],
)
def test_a_style_that_nothing_can_keep_is_refused(wrong):
    with pytest.raises(ValueError):
        Profile("wrong", **wrong)
