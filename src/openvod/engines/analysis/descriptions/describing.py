"""Who describes a film, and in which language? A model where one is to be asked, else its own sentences say it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from openvod.core.errors import TaskFault
from openvod.core.texts import Text
from openvod.engines import providers
from openvod.engines.analysis.descriptions import described
from openvod.engines.analysis.descriptions.des_options import Wish
from openvod.engines.analysis.descriptions.description import KEYWORD_LANGUAGES, Description, extract
from openvod.engines.analysis.descriptions.translated import translated
from openvod.engines.analysis.text.chapters import Chapter
from openvod.engines.analysis.text.said import Said
from openvod.engines.subtitling.request import Job
from openvod.engines.translation import languages


@dataclass(frozen=True, slots=True)
class Made:
    """A description, and what of the wish could not be done."""

    description: Description
    missing: tuple[Text, ...] = ()
    warnings: tuple[str, ...] = ()


def describe(
    job: Job,
    said: Said,
    chapters: Sequence[Chapter],
    wish: Wish,
    wait: Callable[[float], None] = time.sleep,
) -> Made:
    """Describe what is said, which is at least one sentence."""
    made = (
        _by_model(job, said, chapters, wish, wait) if _asks_model(job, wish) else Made(_own(said, chapters))
    )
    made = replace(made, missing=(*made.missing, *_not_done(job, said, wish)))
    if wish.only_segment:
        made = replace(made, description=_without_summaries(made.description))
    if not wish.target or languages.same(said.language, wish.target):
        return made
    try:
        return replace(made, description=translated(job, made.description, wish.target))
    except TaskFault as fault:
        missing = Text(f"not in `{wish.target}`: {fault.en}", f"未译为 `{wish.target}`:{fault.zh}")
        return replace(made, missing=(*made.missing, missing))


def _asks_model(job: Job, wish: Wish) -> bool:
    return wish.method != "nlp" and bool(providers.name(job.ask))


def _not_done(job: Job, said: Said, wish: Wish) -> list[Text]:
    """What takes a model, which is not there or was not wanted."""
    if _asks_model(job, wish):
        return []
    missing = []
    if wish.method == "llm":
        no_endpoint = TaskFault("InvalidInput.ConfigurationUnsupported/endpoint", setting="chat_url")
        missing.append(_extracted(no_endpoint))
    if wish.requirement:
        missing.append(
            Text(
                "`text_requirement` and `extend_prompt` need a model (`split.method` `llm` and an endpoint)",
                "`text_requirement` 和 `extend_prompt` 需要大模型(`split.method` 为 `llm`,并设置接口)",
            )
        )
    if languages.base(said.language) not in KEYWORD_LANGUAGES:
        missing.append(
            Text(
                "keywords are found in English and Chinese only",
                "仅支持提取英文和中文关键词",
            )
        )
    return missing


def _extracted(fault: TaskFault) -> Text:
    return Text(
        f"the texts are sentences of the file, not a model's: {fault.en}",
        f"文本摘自原文,并非由大模型生成:{fault.zh}",
    )


def _own(said: Said, chapters: Sequence[Chapter]) -> Description:
    return extract(said.passages, chapters, said.language)


def _by_model(
    job: Job, said: Said, chapters: Sequence[Chapter], wish: Wish, wait: Callable[[float], None]
) -> Made:
    """By the endpoint; extracted, with the reason, where that cannot be used."""
    asked = described.Wish(said.language, wish.requirement, wish.longest)
    try:
        told = described.describe(described.Asker(job.ask, wait), said.passages, chapters, asked)
    except TaskFault as fault:
        return Made(_own(said, chapters), (_extracted(fault),))
    left = (
        (f"{told.left_out} statements of the model were left out: it could not quote them",)
        if told.left_out
        else ()
    )
    return Made(told.description, warnings=left)


def _without_summaries(description: Description) -> Description:
    parts = tuple(replace(part, summary=()) for part in description.parts)
    return replace(description, summary=(), parts=parts)
