"""AiAnalysis.VideoComprehensionTask: an answer to a question about a file, by a model that sees frames and reads its words.

Without a model there is no answer, but what can be told without one: the list of the shots, with what is said and written in
each. The Message and `VideoComprehensionExtInfo` say so.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text, listed
from openvod.engines import providers
from openvod.engines.analysis import measured, pieces
from openvod.engines.analysis.descriptions import comprehended, comprehension, evidence, mvc_options
from openvod.engines.analysis.descriptions.comprehended import Shown, Understood
from openvod.engines.analysis.descriptions.described import Asker
from openvod.engines.analysis.frames import views
from openvod.engines.analysis.text import said
from openvod.engines.analysis.text.said import Said
from openvod.engines.features import Features
from openvod.tasks import Job, Kind, Outcome, OutputFile

EVIDENCE = "comprehension-evidence.json"
ENGINE = "openvod shots and words 1"
WORKING = frozenset({"video", "audio"})


@dataclass(frozen=True, slots=True)
class _Told:
    """What goes into the answer."""

    words: Said
    model: Understood | None
    own: list[comprehension.Stretch]
    """What can be told without a model."""

    @property
    def stretches(self) -> Sequence[comprehension.Stretch]:
        """The rows of the result."""
        return self.model.stretches if self.model else self.own


def plan(job: Job) -> list[Json]:
    """What is said and measured, and for `mode` `video` what is written on the picture, in segments of some minutes."""
    wish = mvc_options.read(job.options)
    if job.facts["kind"] not in WORKING:
        reason = Text("only video and audio can be understood", "仅支持理解视频和音频")
        raise TaskFault("SourceFileError.ContentUnsupported", reason=reason)
    words = said.plan_if_any(job, need_ocr=wish.looks)
    return pieces.together(job, [*words, *measured.plan(job)])


def join(job: Job, results: list[Json]) -> Outcome:
    """The model's answer, or the list of what there is."""
    wish = mvc_options.read(job.options)
    results = pieces.apart(results)
    found, words = measured.whole(job, results), said.join_if_any(job, results)
    missing = list(words.missing)
    if wish.compares:
        missing.append(
            Text("the second file (`extendData`) was not looked at", "未参考第二个文件(`extendData`)")
        )
    understood = None
    try:
        understood = _understood(job, found, words, wish)
    except TaskFault as fault:
        missing.append(
            Text(
                f"no answer, but a list of shots and words: {fault.en}",
                f"未能理解内容,仅列出镜头与文字:{fault.zh}",
            )
        )
    shots = found.shots if wish.looks else ()
    own = comprehension.by_shots(shots, words.passages, words.language, found.seconds)
    return _outcome(job, _Told(words, understood, own), missing, wish.warnings)


def _understood(job: Job, found: Features, words: Said, wish: mvc_options.Wish) -> Understood:
    """Raises TaskFault without an endpoint, and where it gives no answer that can be used."""
    if not providers.name(job.ask):
        raise TaskFault("InvalidInput.ConfigurationUnsupported/endpoint", setting="chat_url")
    moments = views.times(found) if wish.looks else []
    shown = views.draw(job.source, moments, job.folder) if moments else []
    return comprehended.understand(Asker(job.ask), Shown(found.seconds, shown, words.passages), wish.prompt)


def _outcome(job: Job, told: _Told, missing: list[Text], warnings: tuple[str, ...]) -> Outcome:
    engine = " / ".join(filter(None, (providers.name(job.ask) if told.model else ENGINE, told.words.engine)))
    model = told.model
    document = {
        "engine": engine,
        "parts": list(model.rows) if model else [each.row() for each in told.own],
        "sentences": evidence.sentences(told.words.passages),
    }
    (job.folder / EVIDENCE).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    notice = listed(missing)
    info = {
        "engine": engine,
        "understood": model is not None,
        "reasoningContent": "",
        "message": notice.en if notice else "",
    }
    left = (
        (f"{model.left_out} parts of the answer named nothing of their time",)
        if model and model.left_out
        else ()
    )
    return Outcome(
        {
            "VideoComprehensionAnalysisResult": model.answer if model else comprehension.told(told.own),
            "VideoComprehensionExtInfo": json.dumps(info, ensure_ascii=False),
            "VideoComprehensionResultList": [each.row() for each in told.stretches],
        },
        (OutputFile(EVIDENCE, EVIDENCE, f"{KIND.type}.Evidence"),),
        engine,
        (*warnings, *told.words.left_out, *left),
        notice=notice,
    )


KIND = Kind(
    "AiAnalysis.VideoComprehensionTask", "AiAnalysisTaskVideoComprehensionOutput", plan, pieces.run, join
)
