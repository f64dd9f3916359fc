"""What does a subtitle request ask for? Its parameters as the engines take them; the same for each of its sub-tasks."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from openvod.core.asking import Ask
from openvod.core.extended_parameter import parsed
from openvod.core.models import Json
from openvod.engines.subtitling.files import Wish
from openvod.engines.video import Media
from openvod.media.cue_profiles import Profile, chosen


class Attached(Protocol):
    """What is looked at of `tasks.Attached`."""

    @property
    def id(self) -> str:
        """Among those of its file."""

    @property
    def name(self) -> str:
        """In the library."""

    @property
    def language(self) -> str:
        """As its owner says."""

    @property
    def path(self) -> Path:
        """A WebVTT file."""


class Job(Protocol):
    """What is looked at of `tasks.Job`."""

    @property
    def source(self) -> Path:
        """The media file."""

    @property
    def facts(self) -> Json:
        """See `media.facts`."""

    @property
    def content(self) -> str:
        """A hash of the source's bytes."""

    @property
    def options(self) -> Json:
        """An MPSRawSmartSubtitleParameter."""

    @property
    def settings(self) -> Json:
        """`word_times`, `cue_profile`, `precise_shots`."""

    @property
    def models(self) -> Path:
        """The model folder."""

    @property
    def folder(self) -> Path:
        """Where files are written."""

    @property
    def subtitles(self) -> Sequence[Attached]:
        """Those that the source's owner has put in, oldest first."""

    @property
    def font(self) -> str:
        """A font in the folder that the template brings along, or empty."""

    @property
    def ask(self) -> Ask:
        """See `core.asking`."""

    @property
    def progress(self) -> Callable[[float], None]:
        """Told 0 to 1."""


SOURCE, TRANSLATION, BOTH = 0, 1, 2
"""SubtitleType."""


def profile(job: Job) -> Profile:
    """The house style. Raises TaskFault for one that does not exist."""
    return chosen(job.options.get("ExtInfo", ""), job.settings["cue_profile"])


def media(job: Job) -> Media:
    """The video that subtitles are burnt into."""
    return Media(job.source, job.facts, job.models, job.folder, job.progress, job.ask)


def ext_info(options: Json) -> Json:
    """The ExtInfo, an object; blank is an empty one. Raises TaskFault when it is something else."""
    return parsed(options.get("ExtInfo", ""), "ExtInfo")


def wish(job: Job, *, translated: bool = False) -> Wish:
    """The files that a sub-task is to make: of a translated request, burning in is the translation's, and the language
    spoken gets a file only if both are wanted.
    """
    options = job.options
    of_source = not translated
    asks_translation = options.get("TranslateSwitch") == "ON"
    unwanted = of_source and asks_translation and options.get("SubtitleType") == TRANSLATION
    burns = translated == asks_translation
    return Wish(
        form="" if unwanted else options.get("SubtitleFormat") or "",
        labelled=options.get("SpeakerLabel") == 1,
        template=options.get("SubtitleEmbedConfig") if burns else None,
        font=job.font,
    )


def targets(options: Json) -> list[str]:
    """The languages to translate into, each once, in the order of the request."""
    named = str(options.get("TranslateDstLanguage") or "").split("/")
    return list(dict.fromkeys(each for each in named if each))
