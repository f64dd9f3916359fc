"""How do cues come into other languages? Each target by itself: one that fails takes no other with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines.subtitling import files, request
from openvod.engines.subtitling.files import Version
from openvod.engines.subtitling.request import Job
from openvod.engines.subtitling.setting import Spoken
from openvod.engines.translation import Errand, glossary, translate_cues
from openvod.media import cues, dialogue
from openvod.media.captions import Cue


@dataclass(frozen=True, slots=True)
class Translation:
    """The subtitles in one target language, or why there are none."""

    source: str
    target: str
    texts: tuple[str, ...] = ()
    """One for each cue."""
    made: Version = field(default_factory=Version)
    engine: str = ""
    notes: tuple[str, ...] = ()
    fault: TaskFault | None = None

    @property
    def told(self) -> Json:
        """The SubtitleTransResultItem."""
        status = "Success" if self.fault is None else "Error"
        return {"Status": status, "TransSrc": self.source, "TransDst": self.target, **self.made.told}

    @property
    def left_out(self) -> tuple[Text, ...]:
        """What a client is told of it beside the result."""
        if self.fault is None:
            return self.made.left_out
        return (Text(f"{self.target}: {self.fault.en}", f"{self.target}:{self.fault.zh}"),)


def versions(job: Job, spoken: Spoken, language: str) -> list[Translation]:
    """The cues in every target language. Raises the first TaskFault where none could be made."""
    found = []
    for at, target in enumerate(request.targets(job.options)):
        try:
            found.append(_version(job, spoken, language, target))
        except TaskFault as fault:
            found.append(Translation(language, target, fault=fault))
        job.progress((at + 1) / len(request.targets(job.options)))
    faults = [each.fault for each in found if each.fault is not None]
    if faults and len(faults) == len(found):
        raise faults[0]
    return found


def _version(job: Job, spoken: Spoken, language: str, target: str) -> Translation:
    errand = Errand(language, target, glossary.of(job.options.get("ExtInfo", ""), target))
    done = translate_cues([cue.lines for cue in spoken.cues], errand, job.ask, job.models)
    profile = request.profile(job)
    both = job.options.get("SubtitleType") == request.BOTH
    laid_out = _laid_out(spoken.cues, done.texts, profile, both=both)
    told = cues.conformance(laid_out, (), profile)
    wish = request.wish(job, translated=True)
    languages = f"{language}-{target}" if both else target
    made = files.write(request.media(job), laid_out, told, f"subtitle-{languages}", wish)
    notes = tuple(f"{target}: cue {at + 1} was not translated" for at in done.kept)
    texts = tuple(dialogue.joined(parts) for parts in done.texts)
    return Translation(done.source or language, target, texts, made, done.engine, notes)


def _laid_out(
    source: Sequence[Cue], texts: Sequence[Sequence[str]], profile: cues.Profile, *, both: bool
) -> list[Cue]:
    """The translations in the time of their cues, below what is said where both are wanted."""
    return [
        new
        for cue, said in zip(source, texts, strict=True)
        for new in dialogue.reset(cue, said, profile, dialogue.parts(cue.lines) if both else ())
    ]
