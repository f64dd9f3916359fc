"""How does a text of many lines get into another language, line by line and none lost?

`translate_cues` for subtitles, `translate` for any lines. `conduct` chooses who translates; `settle` sees that no line is
lost; `prompt` and `endpoint` speak with a chat endpoint, `local` with models on the disk; `memory` knows what was done.
"""

from openvod.engines.translation.conduct import translate
from openvod.engines.translation.cue_texts import TranslatedCues, translate_cues
from openvod.engines.translation.lines import Errand, Line, Translated

__all__ = ["Errand", "Line", "Translated", "TranslatedCues", "translate", "translate_cues"]
