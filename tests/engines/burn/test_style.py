"""Every documented field of an MPSSubtitleEmbedConfig is honoured, or reported."""

import json
from dataclasses import replace

import pytest

from openvod.core import facts, templates
from openvod.engines.burn import style as styles
from openvod.engines.burn.style import Board, Edge, Length, Style, of_template

FULL = {
    "FontType": "msyhbd.ttf",
    "FontSize": 48,
    "FontSizeUnit": 0,
    "FontColor": "0xFFE600",
    "FontAlpha": 0.9,
    "PosX": -5,
    "PosXUnit": 1,
    "PosY": 60,
    "PosYUnit": 0,
    "SampleWidth": 1280,
    "SampleHeight": 720,
    "SubtitleBoardConfig": {
        "SubtitleBoardConfigSwitch": 1,
        "BoardX": 2,
        "BoardXUnit": 1,
        "BoardY": 5,
        "BoardYUnit": 1,
        "BoardWidth": 800,
        "BoardHeight": 100,
        "BoardColor": "0x102030",
        "BoardAlpha": 0.5,
    },
    "SubtitleOutlineConfig": {
        "SubtitleOutlineConfigSwitch": 1,
        "OutlineColor": "112233",
        "OutlineAlpha": 0.7,
    },
    "SubtitleShadowConfig": {"SubtitleShadowConfigSwitch": 1, "ShadowWidth": 0.5, "ShadowWidthUnit": 1},
    "SubtitleLayoutConfig": {"SubtitleLayoutConfigSwitch": 1, "LineSpacing": 6, "Alignment": "top"},
}


def test_all_fields_are_read() -> None:
    style, warnings = of_template(FULL)
    assert warnings == []
    assert style == Style(
        font="msyhbd.ttf",
        bold=True,
        size=Length(48, "pixel"),
        upright_size=False,
        colour=(255, 230, 0),
        alpha=0.9,
        x=Length(-0.05),
        y=Length(60, "pixel"),
        outline=Edge(Length(0.003), (0x11, 0x22, 0x33), 0.7),
        shadow=Edge(Length(0.005)),
        board=Board(
            Length(0.02), Length(0.05), Length(800, "pixel"), Length(100, "pixel"), (16, 32, 48), 0.5
        ),
        spacing=Length(6, "pixel"),
        top=True,
        sample=(1280, 720),
    )


def test_every_field_of_the_facts_is_read() -> None:
    """A field that the facts gain must not be passed over in silence."""
    types = facts.read("vod")["types"]
    for name in types["MPSSubtitleEmbedConfig"]:
        assert name in READ, name
    for part in (name for name in FULL if name.startswith("Subtitle")):
        assert set(types[f"MPS{part}"]) == set(FULL[part]) | UNITS[part], part


READ = {
    "FontPath", "FontType", "FontSize", "FontSizeUnit", "FontColor", "FontAlpha", "PosX", "PosXUnit", "PosY",
    "PosYUnit", "SampleWidth", "SampleHeight", "SubtitleBoardConfig", "SubtitleOutlineConfig",
    "SubtitleShadowConfig", "SubtitleLayoutConfig",
}  # fmt: skip
UNITS = {
    "SubtitleBoardConfig": {"BoardWidthUnit", "BoardHeightUnit"},
    "SubtitleOutlineConfig": {"OutlineWidth", "OutlineWidthUnit"},
    "SubtitleShadowConfig": {"ShadowColor", "ShadowAlpha"},
    "SubtitleLayoutConfig": {"LineSpacingUnit"},
}
"""What `FULL` leaves to its default."""


def test_an_empty_template_has_the_documented_defaults() -> None:
    style, warnings = of_template({})
    assert warnings == []
    assert style == Style(size=Length(0.05), upright_size=False, y=Length(0.04), outline=None, shadow=None)


def test_the_preset_is_understood() -> None:
    parameters = templates.embed(4)
    assert parameters is not None
    style, warnings = of_template(parameters["SubtitleEmbedConfig"])
    assert warnings == []
    assert style.board == Board(Length(0), Length(0.1), Length(0.9), Length(0.3), (0, 0, 0), 1.0)
    assert (style.size, style.y) == (Length(0.1), Length(0.13))


@pytest.mark.parametrize(
    ("field", "value"), [("FontColor", "red"), ("PosY", 200), ("FontAlpha", -1), ("FontSize", "big")]
)
def test_what_makes_no_sense_is_reported_and_harmless(field: str, value: object) -> None:
    style, warnings = of_template({"PosYUnit": 1, "FontSizeUnit": 1, field: value})
    assert len(warnings) == 1
    assert field in warnings[0].en
    assert field in warnings[0].zh
    assert 0 <= style.y.value <= 1


def test_a_font_path_is_never_opened_here() -> None:
    style, warnings = of_template({"FontPath": "/etc/passwd", "FontType": "kai.ttf"})
    assert style.font_file == ""
    assert "FontPath" in warnings[0].en
    assert of_template({"FontPath": "https://x.example/a.ttf"}, "font.ttf")[0].font_file == "font.ttf"


def test_pixels_are_of_the_sample_picture() -> None:
    style = replace(Style(), sample=(1920, 1080))
    assert style.down(Length(54, "pixel"), 720) == 36
    assert style.across(Length(0.5), 1280) == 640
    assert Style().down(Length(54, "pixel"), 720) == 54


@pytest.mark.parametrize("style", [Style(), of_template(FULL)[0], of_template({})[0]])
def test_styles_survive_json(style: Style) -> None:
    assert styles.load(json.loads(json.dumps(styles.dump(style)))) == style
