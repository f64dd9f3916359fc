"""What does a Whisper model in whisper.cpp's format hear? By pywhispercpp, on one thread."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from openvod.core.errors import TaskFault
from openvod.core.models import Word
from openvod.engines import catalog
from openvod.engines.recognisers import Found, Recogniser, Samples, Segment, Wanted, codes, prompts
from openvod.engines.recognisers.whisper_program import WhisperProgram

TICKS = 100
"""whisper.cpp's clock: ticks a second."""


class WhisperCpp:
    """The loaded model."""

    longest = 28.0
    """As `FasterWhisper.longest`."""
    invents = True
    hot_words = True

    def __init__(self, model: Any, library: Any, found: Found, version: str) -> None:
        self._model, self._library = model, library
        self._found = found
        self.name = f"{found.id} / pywhispercpp {version}"

    def hear(self, sound: Samples, wanted: Wanted) -> list[Segment]:
        """See `Recogniser`."""
        self._model.transcribe(
            sound,
            language=codes.whisper(wanted.language.code),
            initial_prompt=prompts.whole(wanted),
            token_timestamps=True,
        )
        context = self._model._ctx
        return [self._segment(context, i) for i in range(self._library.whisper_full_n_segments(context))]

    def detect(self, sound: Samples) -> dict[str, float]:
        """See `Recogniser`."""
        if not self._found.multilingual:
            return {}
        _, shares = self._model.auto_detect_language(sound)
        return {codes.canonical(name): float(share) for name, share in shares.items()}

    def _segment(self, context: Any, index: int) -> Segment:
        library = self._library
        end_of_text = library.whisper_token_eot(context)
        tokens = [
            library.whisper_full_get_token_data(context, index, j)
            for j in range(library.whisper_full_n_tokens(context, index))
        ]
        tokens = [token for token in tokens if token.id < end_of_text]  # from there on: marks and times
        spelled = [(library.whisper_token_to_bytes(context, token.id), token) for token in tokens]
        words = _words([(data, token.t0 / TICKS, token.t1 / TICKS) for data, token in spelled])
        return Segment(
            library.whisper_full_get_segment_text(context, index).decode("utf-8", "replace"),
            library.whisper_full_get_segment_t0(context, index) / TICKS,
            library.whisper_full_get_segment_t1(context, index) / TICKS,
            tuple(words),
            sum(token.plog for token in tokens) / len(tokens) if tokens else None,
        )


def load(found: Found) -> Recogniser:
    """With the library if there is one, else with the program. Raises TaskFault when the file cannot be loaded."""
    if find_spec("pywhispercpp") is None:
        return WhisperProgram(found)
    import _pywhispercpp  # noqa: PLC0415
    from pywhispercpp import model  # noqa: PLC0415

    with _said() as said:
        loaded = model.Model(
            str(found.path),
            context_params={"use_gpu": False},
            n_threads=1,
            no_context=True,
            print_progress=False,
            print_timestamps=False,
        )
        said.seek(0)
        # A model that could not be loaded looks like any other until its first use ends the process.
        failed = b"failed to" in said.read()
    if failed:
        raise TaskFault(
            "InvalidInput.ConfigurationUnsupported/model-form",
            what=catalog.SPEECH_RECOGNITION,
            model=found.id,
        )
    return WhisperCpp(loaded, _pywhispercpp, found, version("pywhispercpp"))


@contextmanager
def _said() -> Iterator[IO[bytes]]:
    """What the library writes to standard error meanwhile: all it has to say of its troubles."""
    with tempfile.TemporaryFile(dir=Path.cwd()) as written:
        saved = os.dup(2)
        os.dup2(written.fileno(), 2)
        try:
            yield written
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def _words(tokens: list[tuple[bytes, float, float]]) -> list[Word]:
    """Tokens as text: a character may be spread over several."""
    words: list[Word] = []
    held, start = b"", 0.0
    for data, begin, end in tokens:
        start = start if held else begin
        held += data
        try:
            text = held.decode()
        except UnicodeDecodeError:
            continue
        words.append(Word(text, start, end))
        held = b""
    return words
