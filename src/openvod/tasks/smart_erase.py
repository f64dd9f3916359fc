"""SmartErase: subtitles, watermarks, faces and plates gone from the picture, and nothing else touched."""

from collections.abc import Iterator
from dataclasses import asdict, replace

from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines.burn.style import of_template
from openvod.engines.erase import result
from openvod.engines.erase.back import ZH_EN, Back, Drawn, by_engine
from openvod.engines.erase.wanted import AreaTime, Unit, Wanted
from openvod.engines.erase.work import erase
from openvod.engines.video import Media, need_picture
from openvod.tasks import Job, Kind, Outcome, OutputFile

PIXELS = 2
"""MPSEraseArea.Unit; 1 is shares."""

NOTHING_TO_BURN = Text(
    "SubtitleEmbedId is for translated subtitles, and TransSwitch is not ON",
    "SubtitleEmbedId 仅用于翻译后的字幕,而 TransSwitch 未开启",
)


def plan(job: Job) -> list[Json]:
    """One segment: the rewriting shares itself out over processes, and knows best where."""
    need_picture(job.facts)
    return [{}]


def run(job: Job, segment: Json) -> Json:  # noqa: ARG001 - there is one
    """Find and erase; the files stay in the job's folder."""
    return asdict(erase(_media(job), wanted(job.options), _back(job)))


def join(job: Job, results: list[Json]) -> Outcome:
    """The new video, its subtitles when they were asked for, and what is told about it."""
    done = results[0]
    left_out = [Text(*each) for each in done["left_out"]]
    if job.options.get("SubtitleEmbedConfig") and _back(job) is None:
        left_out.append(NOTHING_TO_BURN)
    stem = result.stem(job.source.name, job.options)
    made = result.of(done, _media(job), _subtitles(job.options), stem)
    return Outcome(
        output=made.output,
        files=tuple(OutputFile(each.name, each.title, f"{KIND.type}.{each.kind}") for each in made.files),
        engine=result.engines(wanted(job.options)),
        warnings=(*done["notes"], *(each.en for each in left_out)),
        notice=result.notice(left_out),
    )


def _media(job: Job) -> Media:
    return Media(job.source, job.facts, job.models, job.folder, job.progress, job.ask, job.content)


def wanted(options: Json) -> Wanted:
    """What an MPSRawSmartEraseParameter asks for; also takes a custom template's sample size."""
    sample = (options.get("SampleWidth") or 0, options.get("SampleHeight") or 0)
    size = sample if all(sample) else None
    kind = options["EraseType"]
    if kind == "privacy":
        config = options["ErasePrivacyConfig"]
        targets = tuple(dict.fromkeys(config["PrivacyTargets"]))
        return Wanted(targets=targets, style=config["PrivacyModel"])
    config = options["EraseSubtitleConfig" if kind == "subtitle" else "EraseWatermarkConfig"]
    method = config["SubtitleEraseMethod" if kind == "subtitle" else "WatermarkEraseMethod"]
    return Wanted(
        texts=kind == "subtitle",
        logos=kind == "watermark",
        areas=tuple(_area(area) for area in config.get("AutoAreas") or ()) if method == "auto" else (),
        custom=tuple(_custom(config)) if method == "custom" else (),
        whole_boxes=config.get("SubtitleModel") == "area",
        quick=config.get("WatermarkModel") == "basic",
        sample=size,
    )


def _custom(config: Json) -> Iterator[AreaTime]:
    """Of a text in an area, `standard` takes the strokes; `area`, and all that is no text, is the whole rectangle."""
    strokes = config.get("SubtitleModel") == "standard"
    for span in config.get("CustomAreas") or ():
        begin, end = span["BeginMs"] / 1000, span["EndMs"] / 1000
        whole = not begin and not end
        for area in span["Areas"]:
            yield replace(_area(area), begin=begin, end=float("inf") if whole else end, strokes=strokes)


def _area(area: Json) -> AreaTime:
    unit: Unit = "pixel" if area["Unit"] == PIXELS else "share"
    edges = (area["LeftTopX"], area["LeftTopY"], area["RightBottomX"], area["RightBottomY"])
    return AreaTime(*edges, (unit, unit, unit, unit))


def _subtitles(options: Json) -> result.Subtitles:
    """The file of subtitles that is asked for."""
    config = options.get("EraseSubtitleConfig") or {}
    wanted = options["EraseType"] == "subtitle" and config.get("OcrSwitch") == "ON"
    return result.Subtitles(
        form=str(config.get("SubtitleFormat", "vtt")) if wanted else "",
        chinese_or_english=config.get("SubtitleLang", "zh_en") == "zh_en",
    )


def _back(job: Job) -> Back | None:
    """What becomes of the subtitles that are read: translated, and burnt in when a template says how."""
    options = job.options
    config = (options.get("EraseSubtitleConfig") or {}) if options["EraseType"] == "subtitle" else {}
    if config.get("OcrSwitch") != "ON" or config.get("TransSwitch") != "ON":
        return None
    chinese = config.get("SubtitleLang", "zh_en") == "zh_en"
    source = ZH_EN if chinese else "auto"
    translate = by_engine(job.ask, job.models, source, config.get("TransDstLang") or "en")
    template = options.get("SubtitleEmbedConfig")
    if template is None:
        return Back(translate, chinese)
    style, warnings = of_template(template, job.font)
    chosen = {
        name: config.get(name, options.get(name, 1)) != 0 for name in ("UseOriginalPos", "UseOriginalSize")
    }
    drawn = Drawn(style, chosen["UseOriginalPos"], chosen["UseOriginalSize"], tuple(warnings))
    return Back(translate, chinese, drawn)


KIND = Kind("SmartErase", "AiAnalysisTaskDelLogoOutput", plan, run, join)
