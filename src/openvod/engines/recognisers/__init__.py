"""Who turns speech of any language into text? The nouns of this package; no library is imported before one is loaded.

`finding.find` sees what the operator put into the model folder, `choosing.choose` picks one for a language,
`choosing.load` loads it, `hearing.hear` has it recognise chunks of speech, `detecting` tells which language is spoken.
Whatever the engine, its answer goes through the same gates: `timing` (words in their places) and `guards` (nothing
invented).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from openvod.core.models import Utterance, Word
from openvod.engines.recognisers.codes import Language
from openvod.engines.silero import Span

Samples = NDArray[np.float32]
Chunk = tuple[Span, Samples]
"""A stretch of speech and its sound, 16 kHz mono, -1 to 1."""

Kind = Literal[
    "whisper-ctranslate2",
    "whisper-ggml",
    "sense-voice",
    "sherpa-whisper",
    "paraformer",
    "transducer",
    "vosk",
    "endpoint",
    "bundled",
]


@dataclass(frozen=True, slots=True)
class Found:
    """A recogniser that could be loaded, or could be if its library were installed."""

    id: str
    """What results and messages call it: its place in the model folder, or `endpoint`, or the bundled model's id."""
    kind: Kind
    languages: frozenset[str]
    """Canonical codes (`codes.Language.code`). Empty: not known, see `finding.STATED`; `*` alone: any language."""
    path: Path | None = None
    """Folder of the model, or its file where it is one."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Names of its files in the folder, by what they are for, e.g. `encoder`."""
    package: str = ""
    """What to `pip install` before it can be loaded; empty when nothing is missing."""
    version: str = ""
    """Digest over names, sizes, heads and tails of its files; for the memory of steps."""

    @property
    def multilingual(self) -> bool:
        """Whether it knows more than one language."""
        return len(self.languages) > 1 or "*" in self.languages

    def knows(self, language: Language) -> bool:
        """Whether it can be asked for this language."""
        return "*" in self.languages or language.code in self.languages


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a recogniser."""

    language: Language
    hot_words: tuple[str, ...] = ()
    """Names and terms that are likely to be said; see `hot_words.read`."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A raw stretch of text, as an engine gives it. Times in seconds from the start of the sound that it was given."""

    text: str
    start: float
    end: float
    words: tuple[Word, ...] = ()
    """Words or parts of words that make up the text but for spaces and punctuation; empty when it gives none."""
    log_probability: float | None = None
    """Mean over the tokens, 0 is certain; None when the engine does not say."""
    no_speech: float = 0.0
    """How sure the engine is that nobody speaks, 0 to 1."""


class Recogniser(Protocol):
    """A loaded engine."""

    @property
    def name(self) -> str:
        """Engine, model and version, for results."""
        ...

    @property
    def longest(self) -> float:
        """Seconds of sound it takes at once; 0: only one chunk at a time, because it tells no times."""
        ...

    @property
    def invents(self) -> bool:
        """Whether it is of the kind that writes text where nothing is said, and needs the guards against that."""
        ...

    @property
    def hot_words(self) -> bool:
        """Whether it heeds `Wanted.hot_words`."""
        ...

    def hear(self, sound: Samples, wanted: Wanted) -> list[Segment]:
        """The text of a sound of up to `longest` seconds. Raises TaskFault when the engine fails."""
        ...

    def detect(self, sound: Samples) -> dict[str, float]:
        """Shares (0 to 1) of the languages it takes a sound for, by canonical code; empty when it cannot tell."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What a run of chunks came to."""

    utterances: tuple[Utterance, ...]
    """In order of time, each with words."""
    aligned: bool
    """Whether all words' times are the engine's; else some were shared out over the voiced time."""
    left_out: tuple[tuple[float, float, str], ...] = ()
    """Start, end and reason of what the guards did not believe."""
