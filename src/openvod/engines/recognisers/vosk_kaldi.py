"""What does a Vosk model hear? Kaldi's decoder, with times and a confidence for every word."""

import json
import math
from typing import Any

from openvod.core.errors import TaskFault
from openvod.core.models import Word
from openvod.engines import catalog
from openvod.engines.recognisers import Found, Samples, Segment, Wanted, sound_file, timing
from openvod.media import audio

BLOCK = 2 * audio.RATE
"""Bytes that the decoder is given at once: a second."""


class Vosk:
    """The loaded model. It knows one language."""

    longest = 0.0
    invents = False
    hot_words = False
    """Its grammars would exclude all other words, which is more than a hint."""

    def __init__(self, model: Any, library: Any, found: Found) -> None:
        self._model, self._library = model, library
        self.name = f"{found.id} / vosk"

    def hear(self, sound: Samples, wanted: Wanted) -> list[Segment]:  # noqa: ARG002
        """See `Recogniser`."""
        decoder = self._library.KaldiRecognizer(self._model, audio.RATE)
        decoder.SetWords(True)
        data = sound_file.pcm(sound)
        heard = [
            decoder.Result()
            for at in range(0, len(data), BLOCK)
            if decoder.AcceptWaveform(data[at : at + BLOCK])
        ]
        rows = [json.loads(text).get("result", []) for text in (*heard, decoder.FinalResult())]
        return [segment(row) for row in rows if row]

    def detect(self, sound: Samples) -> dict[str, float]:  # noqa: ARG002
        """It cannot tell."""
        return {}


def load(found: Found) -> Vosk:
    """Raises TaskFault when the files cannot be loaded."""
    import vosk  # noqa: PLC0415

    vosk.SetLogLevel(-1)
    try:
        model = vosk.Model(str(found.path))
    except Exception as error:  # the library raises nothing more exact
        if type(error) is not Exception:
            raise
        raise TaskFault(
            "InvalidInput.ConfigurationUnsupported/model-form",
            what=catalog.SPEECH_RECOGNITION,
            model=found.id,
        ) from error
    return Vosk(model, vosk, found)


def segment(rows: list[dict[str, Any]]) -> Segment:
    """One of the decoder's results: words with `conf`, `start` and `end`. Never empty."""
    text = ""
    for row in rows:
        tight = text and timing.unspaced(text[-1]) and timing.unspaced(row["word"][0])
        text += row["word"] if tight or not text else " " + row["word"]
    sure = sum(math.log(max(row["conf"], 1e-6)) for row in rows) / len(rows)
    words = tuple(Word(row["word"], row["start"], row["end"]) for row in rows)
    return Segment(text, rows[0]["start"], rows[-1]["end"], words, sure)
