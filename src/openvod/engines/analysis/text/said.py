"""Which sentences are said in a file, and which stand on its picture? Recognised once, and remembered for each analysis.

The owner's own subtitles go before the recogniser: somebody has written or corrected them. Work is shared out in the
segments of a plan.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from openvod.core import asking
from openvod.core.errors import TaskFault
from openvod.core.models import Json, Utterance
from openvod.core.texts import Text
from openvod.engines.analysis.text import written
from openvod.engines.analysis.text.passages import Passage, of_utterances
from openvod.engines.recognisers import choosing, codes, finding
from openvod.engines.subtitling import hearing
from openvod.engines.subtitling.request import Job
from openvod.engines.translation.detect import language_of
from openvod.media import subtitle_files

UNKNOWN = "und"
OWN: Json = {"own": True}
"""The segment of a plan that has nothing to recognise: subtitles are there."""
MOST_BYTES = 10_000_000
PASSING = frozenset({"InvalidInput.ConfigurationUnsupported", "SourceFileError.ContentUnsupported"})
"""Faults of recognition that leave the rest of an analysis: nobody recognises the language, or there is no sound."""


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a file."""

    passages: tuple[Passage, ...]
    """In order of time; what stands on the picture, too, where it is not said at the same time."""
    language: str
    """ISO 639 code of most of it; `und` where it cannot be told."""
    engine: str
    utterances: tuple[Utterance, ...] = ()
    """What was recognised, for subtitles; empty when nothing was."""
    left_out: tuple[str, ...] = ()
    """For the operator's eyes."""
    missing: tuple[Text, ...] = ()
    """What was asked for and is not there, with the reason."""


def plan(job: Job, *, need_ocr: bool = False) -> list[Json]:
    """Segments that can be worked on apart. Raises TaskFault where there can be no words, or nobody to recognise them."""
    segments: list[Json] = []
    if job.subtitles or job.facts["kind"] == "subtitle":
        segments = [OWN]
    elif job.facts.get("audio"):
        segments = [{"said": each} for each in hearing.plan(_sound(job))]
    if need_ocr and job.facts["kind"] == "video" and job.facts.get("video"):
        segments += [{"written": each} for each in written.plan(job)]
    if not segments:
        raise TaskFault("SourceFileError.ContentUnsupported/no-audio")
    return segments


def plan_if_any(job: Job, *, need_ocr: bool = False) -> list[Json]:
    """The same for those who can do without words: why there are none is a segment, too."""
    try:
        return plan(job, need_ocr=need_ocr)
    except TaskFault as fault:
        if fault.code not in PASSING:
            raise
        return [{"no words": {"key": fault.key, "en": fault.en, "zh": fault.zh}}]


def run(job: Job, segment: Json) -> Json:
    """Recognise or read one segment of the plan."""
    if "said" in segment:
        return {"said": hearing.hear(_sound(job), segment["said"])}
    if "written" in segment:
        return {"written": written.run(job, segment["written"])}
    return segment


def join(job: Job, results: Sequence[Json]) -> Said:
    """All words, from the results of the plan's segments in order. Raises TaskFault when what is said is in a language
    that was not recognised, and nothing else is there to read.
    """
    found = written.join([each["written"] for each in results if "written" in each])
    heard = [each["said"] for each in results if "said" in each]
    try:
        said = _own(job) if OWN in results else _heard(job, heard) if heard else None
    except TaskFault as fault:
        if not found:
            raise
        missing = Text(f"what is said is left out: {fault.en}", f"未包含语音内容:{fault.zh}")
        said = Said((), UNKNOWN, "", missing=(missing,))
    if said is None:
        said = Said((), UNKNOWN, "")
    if not found:
        return said
    both = written.beside(said.passages, found)
    language = said.language if said.passages else language_of(each.text for each in both) or UNKNOWN
    engine = " / ".join(filter(None, (said.engine, written.ENGINE)))
    return Said(both, language, engine, said.utterances, said.left_out, said.missing)


def join_if_any(job: Job, results: Sequence[Json]) -> Said:
    """The same for those who can do without words: why there are none is in `missing`."""
    try:
        if fault := next((each["no words"] for each in results if "no words" in each), None):
            raise TaskFault.told(**fault)
        return join(job, results)
    except TaskFault as fault:
        if fault.code not in PASSING:
            raise
        missing = Text(f"not by what is said: {fault.en}", f"未参考语音内容:{fault.zh}")
        return Said((), UNKNOWN, "", missing=(missing,))


def _sound(job: Job) -> hearing.Sound:
    """What is listened to, in whatever language it is."""
    return hearing.Sound(
        source=job.source,
        facts=job.facts,
        content=job.content,
        models=job.models,
        folder=job.folder,
        language=_language(job),
        word_times=job.settings["word_times"],
        ask=job.ask,
        progress=job.progress,
    )


def _language(job: Job) -> codes.Language:
    """To be found out, where there is an engine that can. Else it is English or nothing, and what English subtitles
    were made of is remembered by that name.
    """
    unknown = codes.language("auto")
    endpoint = asking.services(job.ask).get("transcribe", "")
    engine = choosing.choose(unknown, finding.find(job.models), endpoint)
    return codes.language("en") if engine is choosing.BUNDLED else unknown


def _heard(job: Job, results: Sequence[Json]) -> Said:
    heard = hearing.heard(_sound(job), results)
    passages = of_utterances(heard.utterances, heard.language)
    language = heard.language
    if language == "auto":
        language = language_of(each.text for each in passages) or UNKNOWN
    return Said(passages, language, heard.engine, heard.utterances, heard.left_out)


def _own(job: Job) -> Said:
    """The file's own cues: it is a subtitle file, or its owner has put one in, the oldest of which is the original."""
    attached = None if job.facts["kind"] == "subtitle" else job.subtitles[0]
    path = attached.path if attached else job.source
    try:
        entries = subtitle_files.read(path.read_bytes()[:MOST_BYTES]).entries
    except ValueError as error:
        raise TaskFault("SourceFileError.ContentMalformed", reason=str(error)) from error
    cues = [
        Utterance(each.start, each.end, " ".join(each.marked.lines), 100.0)
        for each in sorted(entries, key=lambda entry: (entry.start, entry.end))
        if each.marked.lines
    ]
    language = language_of(each.text for each in cues)
    if language is None:
        language = codes.language(attached.language).code if attached and attached.language else UNKNOWN
    name = f"subtitle `{attached.name}`" if attached else "subtitle file"
    return Said(of_utterances(cues, language, "subtitle"), language, name)
