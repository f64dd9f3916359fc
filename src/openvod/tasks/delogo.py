"""`AiAnalysis.DeLogo` (Definition 25 and 24): erasure by its older door, an ExtendedParameter of the key `delogo`."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from openvod.core import extended_parameter
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines.burn.style import Length, Style
from openvod.engines.erase import result
from openvod.engines.erase.back import Back, Drawn, by_engine
from openvod.engines.erase.wanted import AreaTime, Unit, Wanted
from openvod.engines.erase.work import erase
from openvod.engines.video import Media, need_picture
from openvod.tasks import Job, Kind, Outcome, OutputFile

SCENARIOS: dict[str, Wanted] = {
    "": Wanted(logos=True, quick=True),
    "subtitle_erase_fast": Wanted(texts=True),
    "subtitle_erase_area": Wanted(texts=True, whole_boxes=True),
    "subtitle_extract": Wanted(texts=True, erases=False),
    "subtitle_extract_v1": Wanted(texts=True, erases=False),
    "subtitle_erase_and_translate": Wanted(texts=True),
    "ai_delogo_v1": Wanted(logos=True),
    "subtitle_logo_erase": Wanted(texts=True, logos=True),
    "facial_blur": Wanted(targets=("face",)),
    "facial_mosaic": Wanted(targets=("face",), style="mosaic"),
    "facial_and_numberplate_mosaic_v2": Wanted(targets=("face", "plate"), style="mosaic"),
}
"""CustomerAppId with what it asks for; absent is the quick removal of watermarks."""
NOT_OFFERED = ("audio_clone_ocr", "audio_clone_asr")
READS = ("subtitle_extract", "subtitle_extract_v1", "subtitle_erase_and_translate")
"""Those that give a file of subtitles."""
TRANSLATES = "subtitle_erase_and_translate"
FORMATS = ("vtt", "srt")
LOGO, TEXT = 1, 2
"""`type` of an area."""
PLACEHOLDERS = re.compile(r"[^A-Za-z0-9_.-]")
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class _Asked:
    """An ExtendedParameter, understood."""

    wanted: Wanted
    subtitles: result.Subtitles
    pattern: str
    """Name of the video without suffix."""
    target: str
    """Language that subtitles are translated into; empty for none."""
    source: str
    drawn: Drawn | None
    """How translated subtitles are burnt in; None: not at all."""


def plan(job: Job) -> list[Json]:
    """One segment: the rewriting shares itself out over processes, and knows best where."""
    _asked(job.options)
    need_picture(job.facts)
    return [{}]


def run(job: Job, segment: Json) -> Json:  # noqa: ARG001 - there is one
    """Find and erase; the files stay in the job's folder."""
    asked = _asked(job.options)
    after = None
    if asked.target:
        translate = by_engine(job.ask, job.models, asked.source, asked.target)
        after = Back(translate, asked.subtitles.chinese_or_english, asked.drawn)
    return asdict(erase(_media(job), asked.wanted, after))


def join(job: Job, results: list[Json]) -> Outcome:
    """The new video, its subtitles when they were asked for, and what is told about it."""
    done, asked = results[0], _asked(job.options)
    session = result.stem(job.source.name, job.options).removeprefix("delogo-")
    stem = asked.pattern.replace("{task_type}", "delogo").replace("{session_id}", session)
    stem = PLACEHOLDERS.sub("", stem) or f"delogo-{session}"
    made = result.of(done, _media(job), asked.subtitles, stem)
    left_out = [Text(*each) for each in done["left_out"]]
    return Outcome(
        output=made.output,
        files=tuple(OutputFile(each.name, each.title, f"{KIND.type}.{each.kind}") for each in made.files),
        engine=result.engines(asked.wanted),
        warnings=(*done["notes"], *(each.en for each in left_out)),
        notice=result.notice(left_out),
    )


def _media(job: Job) -> Media:
    return Media(job.source, job.facts, job.models, job.folder, job.progress, job.ask, job.content)


def _asked(options: Json) -> _Asked:
    """Raises TaskFault `InvalidInput` for what has the wrong form, and for what nobody offers."""
    given = extended_parameter.section(
        extended_parameter.parsed(options.get("ExtendedParameter") or ""), "delogo"
    )
    scenario = str(given.get("CustomerAppId") or "")
    if scenario not in SCENARIOS:
        raise TaskFault("InvalidInput.ConfigurationUnsupported/not-built", what=f"CustomerAppId `{scenario}`")
    base = SCENARIOS[scenario]
    subtitle = _object(given.get("subtitle_param"), "subtitle_param")
    custom = list(_custom(_object(given.get("custom_objs"), "custom_objs"), base))
    places = _object(given.get("als_filter"), "als_filter")
    form = str(subtitle.get("subtitle_fmt") or "vtt")
    if form not in FORMATS:
        raise TaskFault("InvalidInput.ConfigurationUnsupported/not-built", what=f"subtitle_fmt `{form}`")
    pattern = str(given.get("output_patten") or given.get("output_pattern") or "{task_type}-{session_id}")
    return _Asked(
        wanted=replace(
            base,
            areas=tuple(_areas(places, base)),
            custom=() if base.targets else tuple(custom),
            heights=(_number(places, "min_ocr_height", 0), _number(places, "max_ocr_height", 1)),
        ),
        subtitles=result.Subtitles(
            form=form if scenario in READS else "",
            chinese_or_english=str(subtitle.get("translate_src_language") or "zh") in ("zh", "en"),
            shortest=_number(subtitle if "min_sdur_ms" in subtitle else given, "min_sdur_ms", 0) / 1000,
        ),
        pattern=pattern[:LONGEST_NAME],
        target=_target(scenario, subtitle),
        source=str(subtitle.get("translate_src_language") or "zh"),
        drawn=_drawn(subtitle) if scenario == TRANSLATES and subtitle.get("use_draw", True) else None,
    )


def _target(scenario: str, subtitle: Json) -> str:
    """`translate_dst_language`; where translation is what the scenario is about, English unless told otherwise."""
    otherwise = "en" if scenario == TRANSLATES else ""
    return str(subtitle.get("translate_dst_language") or otherwise) if scenario in READS else ""


def _drawn(subtitle: Json) -> Drawn:
    """`font_type`, `font_size` and `margin_bottom`; what is not told is as the erased subtitles were."""
    style, name = Style(), str(subtitle.get("font_type") or "auto")
    if name != "auto":
        style = replace(style, font=name)
    if "font_size" in subtitle:
        style = replace(style, size=_length(subtitle, "font_size"), upright_size=False)
    if "margin_bottom" in subtitle:
        style = replace(style, y=_length(subtitle, "margin_bottom"))
    return Drawn(style, "margin_bottom" not in subtitle, "font_size" not in subtitle)


def _length(subtitle: Json, name: str) -> Length:
    """Up to 1 a share of the height, above that pixels."""
    value = _number(subtitle, name, None)
    return Length(value) if value <= 1 else Length(value, "pixel")


def _areas(places: Json, base: Wanted) -> Iterator[AreaTime]:
    """`als_filter.active_areas`: up to 1 an edge is a share, above it pixels."""
    for area in _list(places, "active_areas"):
        kind = area.get("type")
        if kind is None:
            yield _area(area, share_up_to_one=True)
        elif kind == TEXT and base.texts:
            yield replace(_area(area, share_up_to_one=True), of="text")
        elif kind == LOGO and base.logos:
            yield replace(_area(area, share_up_to_one=True), of="logo")


def _custom(custom: Json, base: Wanted) -> Iterator[AreaTime]:
    """`custom_objs`: below 1 an edge is a share, from 1 on pixels. Of what is said to be text, the strokes go."""
    for span in _list(custom, "time_objs"):
        begin = _number(span, "begin_ms", 0) / 1000
        end = _number(span, "end_ms", 0) / 1000 or float("inf")
        for obj in _list(span, "objs"):
            strokes = base.texts and not base.whole_boxes and obj.get("type") == TEXT
            area = _area(_object(obj.get("rect"), "rect"), share_up_to_one=False)
            yield replace(area, begin=begin, end=end, strokes=strokes)


def _area(rect: Json, *, share_up_to_one: bool) -> AreaTime:
    edges = [_number(rect, name, None) for name in ("lt_x", "lt_y", "rb_x", "rb_y")]
    units: list[Unit] = [
        "share" if edge < 1 or (share_up_to_one and edge == 1) else "pixel" for edge in edges
    ]
    return AreaTime(edges[0], edges[1], edges[2], edges[3], (units[0], units[1], units[2], units[3]))


def _object(value: Any, name: str) -> Json:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TaskFault("InvalidInput/object", field=f"`{name}` in ExtendedParameter")
    return value


def _list(holder: Json, name: str) -> list[Json]:
    value = holder.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise TaskFault("InvalidInput/list", field=f"`{name}` in ExtendedParameter")
    return value


def _number(holder: Json, name: str, otherwise: float | None) -> float:
    value = holder.get(name, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise TaskFault("InvalidInput/number", field=f"`{name}` in ExtendedParameter")
    return float(value)


KIND = Kind("AiAnalysis.DeLogo", "AiAnalysisTaskDelLogoOutput", plan, run, join)
