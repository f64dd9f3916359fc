"""What runs in a media process for `test_confined`."""

from collections.abc import Callable
from pathlib import Path

from openvod.core.asking import Ask, nobody
from openvod.core.models import Json
from openvod.engines.recognisers import Wanted, choosing, codes, finding, hearing
from openvod.engines.silero import Span
from tests.engines.recognisers.conftest import noise


def hear(argument: Json, progress: Callable[[float], None], ask: Ask = nobody) -> Json:
    """The texts that the one model of a folder hears in three seconds of noise."""
    (found,) = finding.find(Path(argument["models"]))
    engine = choosing.load(found, ask, Path.cwd())
    heard = hearing.hear(engine, [(Span(0.0, 3.0), noise(3))], Wanted(codes.language(argument["language"])))
    return {"texts": [utterance.text for utterance in heard.utterances]}
