"""Which recogniser does the work for a language? The operator's own folder, then their endpoint, then bundled English.

Within the folder the first one by name that knows the language: an operator who has several orders them by renaming.
"""

from collections.abc import Sequence
from pathlib import Path

from openvod.core.asking import Ask
from openvod.core.errors import TaskFault
from openvod.engines import catalog, recipes
from openvod.engines.moonshine import MODEL
from openvod.engines.recognisers import (
    Found,
    Recogniser,
    sherpa,
    vosk_kaldi,
    whisper_ctranslate2,
    whisper_ggml,
)
from openvod.engines.recognisers.codes import Language
from openvod.engines.recognisers.endpoint import Endpoint

BUNDLED = Found(MODEL, "bundled", frozenset({"en"}))
"""English without any folder or endpoint. It is no `Recogniser` of this package: `engines.speech` runs it."""


def choose(language: Language, found: Sequence[Found], endpoint: str = "") -> Found:
    """The one for a language; for `auto` one that knows several, else the bundled one, whose gate refuses all but English.

    `endpoint` is the model of the operator's transcription endpoint (`core.asking.services`), empty when none is set.
    Raises TaskFault that says what to install when nothing fits.
    """
    remote = [Found(f"endpoint/{endpoint}", "endpoint", frozenset("*"), version=endpoint)] if endpoint else []
    candidates = [*found, *remote, BUNDLED]
    if language.code == "auto":
        fitting = [each for each in candidates if each.multilingual or each is BUNDLED]
    else:
        fitting = [each for each in candidates if each.knows(language)]
    if ready := [each for each in fitting if not each.package]:
        return ready[0]
    if fitting:
        raise _library_fault(fitting[0])
    known = sorted({code for each in candidates for code in each.languages if not each.package})
    raise TaskFault(
        "InvalidInput.ConfigurationUnsupported/recogniser",
        language=language.asked or language.code,
        installed=", ".join(known[:12]) + (", …" if len(known) > 12 else ""),
        recipe=recipes.speech(language.code).id,
    )


def load(found: Found, ask: Ask, folder: Path) -> Recogniser:
    """Load what was chosen, but for the bundled one. `folder` is the job's, for the files that an endpoint is sent.

    Raises TaskFault when its library is missing or the model is not what it looked like.
    """
    if found.package:
        raise _library_fault(found)
    if found.kind == "endpoint":
        return Endpoint(ask, folder, found.version)
    if found.kind == "whisper-ctranslate2":
        return whisper_ctranslate2.load(found)
    if found.kind == "whisper-ggml":
        return whisper_ggml.load(found)
    return vosk_kaldi.load(found) if found.kind == "vosk" else sherpa.load(found)


def _library_fault(found: Found) -> TaskFault:
    return TaskFault(
        "InvalidInput.ConfigurationUnsupported/library",
        what=catalog.SPEECH_RECOGNITION,
        model=found.id,
        package=found.package,
    )
