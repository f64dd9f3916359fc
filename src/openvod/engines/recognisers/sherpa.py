"""What do sherpa-onnx's models hear? SenseVoice, Whisper, Paraformer and transducers, on one thread."""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from openvod.core.errors import TaskFault
from openvod.core.models import Word
from openvod.engines import catalog
from openvod.engines.recognisers import Found, Samples, Segment, Wanted, codes, timing
from openvod.media import audio

LONGEST_TOKEN = 0.6
"""Seconds. The engine tells when a token begins; it ends with the next one, or so long after."""
NOT_SPEECH = frozenset({"BGM", "Applause", "Laughter", "Cry", "Sneeze", "Breath", "Cough"})
"""What SenseVoice may take a sound for."""
NOT_SPEECH_WORDS = 2
"""So few words in such a sound were not said."""
TELLING = frozenset({"sense-voice", "sherpa-whisper"})
"""Kinds that say which language they heard."""
_TAG = re.compile(r"<\|([^|]*)\|>")

Make = Callable[[Any, Mapping[str, str], Wanted], Any]


class Sherpa:
    """A model of sherpa-onnx. It is loaded when the first sound comes, because the language goes into the loading."""

    longest = 0.0

    def __init__(self, library: Any, found: Found) -> None:
        self._library, self._found = library, found
        self._files = {role: str((found.path or Path()) / name) for role, name in found.files.items()}
        self._loaded: tuple[Wanted, Any] | None = None
        self.invents = found.kind == "sherpa-whisper"
        self.hot_words = found.kind == "transducer"
        self.name = f"{found.id} / sherpa-onnx {library.__version__}"

    def hear(self, sound: Samples, wanted: Wanted) -> list[Segment]:
        """See `Recogniser`."""
        result = self._result(sound, wanted)
        if self._found.kind == "sense-voice" and _nobody(result):
            return []
        length = len(sound) / audio.RATE
        words = _words(list(result.tokens), list(result.timestamps), length)
        chances = list(getattr(result, "ys_log_probs", ()))
        sure = sum(chances) / len(chances) if chances else None
        return [Segment(result.text, 0.0, length, tuple(words), sure)]

    def detect(self, sound: Samples) -> dict[str, float]:
        """See `Recogniser`. Of these SenseVoice and Whisper tell."""
        if self._found.kind not in TELLING or not self._found.multilingual:
            return {}
        result = self._result(sound, Wanted(codes.Language("auto")))
        code = codes.canonical(result.lang)
        return {code: 1.0} if code in self._found.languages else {}

    def _result(self, sound: Samples, wanted: Wanted) -> Any:
        if self._loaded is None or self._loaded[0] != wanted:
            try:
                self._loaded = wanted, MAKERS[self._found.kind](self._library, self._files, wanted)
            except (RuntimeError, ValueError) as error:
                raise TaskFault(
                    "InvalidInput.ConfigurationUnsupported/model-form",
                    what=catalog.SPEECH_RECOGNITION,
                    model=self._found.id,
                ) from error
        engine = self._loaded[1]
        hot = "/".join(word.replace("/", " ") for word in wanted.hot_words) if self.hot_words else ""
        stream = engine.create_stream(hotwords=hot) if hot else engine.create_stream()
        stream.accept_waveform(audio.RATE, sound)
        engine.decode_stream(stream)
        return stream.result


def load(found: Found) -> Sherpa:
    """Files that cannot be loaded show with the first sound."""
    import sherpa_onnx  # noqa: PLC0415

    return Sherpa(sherpa_onnx, found)


def _sense_voice(library: Any, files: Mapping[str, str], wanted: Wanted) -> Any:
    language = wanted.language
    told = language.code if language.code in codes.SENSE_VOICE and not language.also else "auto"
    return library.OfflineRecognizer.from_sense_voice(
        model=files["model"], tokens=files["tokens"], language=told, use_itn=True, num_threads=1
    )


def _whisper(library: Any, files: Mapping[str, str], wanted: Wanted) -> Any:
    """Without a language it finds one out; one that the model does not have would end the process."""
    return library.OfflineRecognizer.from_whisper(
        encoder=files["encoder"],
        decoder=files["decoder"],
        tokens=files["tokens"],
        language="" if wanted.language.code == "auto" else codes.whisper(wanted.language.code),
        num_threads=1,
    )


def _paraformer(library: Any, files: Mapping[str, str], wanted: Wanted) -> Any:  # noqa: ARG001
    return library.OfflineRecognizer.from_paraformer(
        paraformer=files["model"], tokens=files["tokens"], num_threads=1
    )


def _transducer(library: Any, files: Mapping[str, str], wanted: Wanted) -> Any:
    """Hot words need the slower search, and for languages of letters the model's own word pieces."""
    pieces = Path(files["tokens"]).with_name("bpe.vocab")
    unit = {"modeling_unit": "cjkchar+bpe", "bpe_vocab": str(pieces)} if pieces.is_file() else {}
    return library.OfflineRecognizer.from_transducer(
        encoder=files["encoder"],
        decoder=files["decoder"],
        joiner=files["joiner"],
        tokens=files["tokens"],
        num_threads=1,
        decoding_method="modified_beam_search" if wanted.hot_words else "greedy_search",
        **unit,
    )


MAKERS: Mapping[str, Make] = {
    "sense-voice": _sense_voice,
    "sherpa-whisper": _whisper,
    "paraformer": _paraformer,
    "transducer": _transducer,
}


def _nobody(result: Any) -> bool:
    """Whether SenseVoice itself says that this is no speech."""
    lang, event = (_TAG.sub(r"\1", getattr(result, name, "")) for name in ("lang", "event"))
    said = result.text.split() if not any(map(timing.unspaced, result.text)) else list(result.text)
    return lang == "nospeech" or (event in NOT_SPEECH and len(said) <= NOT_SPEECH_WORDS)


def _words(tokens: list[str], starts: list[float], length: float) -> list[Word]:
    """Tokens with times; none when the engine gives none."""
    if not tokens or len(tokens) != len(starts):
        return []
    ends = [min(after, start + LONGEST_TOKEN) for start, after in pairwise([*starts, length])]
    return [
        Word(token.replace("\u2581", " ").removesuffix("@@"), start, max(start, end))
        for token, start, end in zip(tokens, starts, ends, strict=True)
    ]
