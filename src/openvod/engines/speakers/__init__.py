"""Who speaks when in a media file? Voices that are told apart, and the words that each says. Beta.

`listen` makes prints of the voices of any run of chunks, in any process; `turns` looks at those of the whole file
together; `assign` gives the words to the speakers.
"""

from collections.abc import Sequence
from pathlib import Path

from openvod.engines.silero import Span
from openvod.engines.speakers.encoder import NAME
from openvod.engines.speakers.prints import Prints, listen, unpacked
from openvod.engines.speakers.turn_taking import Turn, turns
from openvod.engines.speakers.words import assign

__all__ = ["NAME", "Prints", "Turn", "assign", "listen", "turns", "unpacked", "who_speaks"]


def who_speaks(source: Path, spans: Sequence[Span], models: Path, speakers: int | None = None) -> list[Turn]:
    """The turns of a file in order, from its chunks of speech (`engines.speech.find_speech`).

    With `speakers`, that many are told apart if as many are heard; otherwise their number is found. Raises TaskFault
    when the model is not installed or the sound cannot be decoded.
    """
    return turns(listen(source, spans, models), spans, speakers)
