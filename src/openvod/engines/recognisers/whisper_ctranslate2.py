"""What does a Whisper model in CTranslate2's format hear? By faster-whisper, on one thread, with 8-bit weights."""

from typing import Any

from openvod.core.errors import TaskFault
from openvod.core.models import Word
from openvod.engines import catalog
from openvod.engines.recognisers import Found, Samples, Segment, Wanted, codes, prompts


class FasterWhisper:
    """The loaded model."""

    longest = 28.0
    """Its window is 30 seconds; a little is left, because what is cut at the window's end is lost."""
    invents = True
    hot_words = True

    def __init__(self, model: Any, found: Found, version: str) -> None:
        self._model = model
        self._found = found
        self.name = f"{found.id} / faster-whisper {version}"

    def hear(self, sound: Samples, wanted: Wanted) -> list[Segment]:
        """See `Recogniser`."""
        segments, _ = self._model.transcribe(
            sound,
            language=codes.whisper(wanted.language.code),
            beam_size=5,
            temperature=(0.0, 0.4, 0.8),
            condition_on_previous_text=False,  # one slip would go on through the file
            word_timestamps=True,
            initial_prompt=prompts.opening(wanted.language) or None,
            hotwords=prompts.listed(wanted) or None,
            vad_filter=False,
        )
        return [_segment(each) for each in segments]

    def detect(self, sound: Samples) -> dict[str, float]:
        """See `Recogniser`."""
        if not self._found.multilingual:
            return {}
        _, _, shares = self._model.detect_language(sound)
        return {codes.canonical(name): float(share) for name, share in shares}


def load(found: Found) -> FasterWhisper:
    """Raises TaskFault when the files cannot be loaded."""
    import faster_whisper  # noqa: PLC0415

    try:
        model = faster_whisper.WhisperModel(
            str(found.path), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
        )
    except (RuntimeError, ValueError, KeyError, OSError) as error:
        raise TaskFault(
            "InvalidInput.ConfigurationUnsupported/model-form",
            what=catalog.SPEECH_RECOGNITION,
            model=found.id,
        ) from error
    return FasterWhisper(model, found, faster_whisper.__version__)


def _segment(heard: Any) -> Segment:
    words = tuple(Word(word.word, float(word.start), float(word.end)) for word in heard.words or ())
    return Segment(
        heard.text,
        float(heard.start),
        float(heard.end),
        words,
        float(heard.avg_logprob),
        float(heard.no_speech_prob),
    )
