"""Is a text what somebody said, or did the engine make it up?

Whisper and its like were trained on subtitles of the web: given noise they write captions, credits, or one phrase over
and over. OpenAI's own decoder drops by the first three signs below (`no_speech_threshold`, `logprob_threshold`,
`compression_ratio_threshold`); endpoints and programs may not, so all answers are judged here.
"""

import re
import zlib
from collections.abc import Sequence

from openvod.core.models import Word
from openvod.engines.recognisers import Segment
from openvod.engines.recognisers.timing import unspaced

NO_SPEECH, UNSURE = 0.6, -1.0
"""Both at once: nobody speaks. OpenAI's defaults."""
HOPELESS = -1.5
"""Mean log-probability under which nothing is believed: less than a chance of one in four for each token."""
COMPRESSION, COMPRESSIBLE = 2.4, 60
"""A text that zlib makes so many times smaller repeats itself; bytes from which the ratio means something."""
FASTEST, FASTEST_UNSPACED = 35.0, 14.0
"""Characters a voiced second; the fastest talkers reach about 25, and 9 in Chinese."""
SHORT = 0.4
"""Seconds that are granted to any text on top, because times are cut finely."""
LOOP_TIMES, LOOP_WORDS = 4, 8
"""A phrase that many times over, in so many words or more, is a network gone astray. As Moonshine's."""
CREDITS = re.compile(
    r"amara\.?org|^\W*(字幕(由|by|志愿者|志願者)|(subtitles|captions) by|sous-titr\w+ réalis|untertitel (von|der|im)"
    r"|субтитры (сделал|создавал|делал)|legendas pela|请不吝点赞|請不吝點贊|以下是普通话的句子|以下是繁體中文的句子)",
    re.IGNORECASE,
)
"""What captions say and people do not, and what `prompts` says beforehand, which may come back as an echo."""
BRACKETED = re.compile(r"\[[^\]]*\]|\([^)]*\)|（[^）]*）|【[^】]*】|<\|[^|]*\|>|\*[^*]*\*|♪[^♪]*♪?")
"""Sounds in words: `[Music]`, `(applause)`, `♪ la la ♪`."""


def objection(segment: Segment, voiced: float, invents: bool) -> str:
    """Why a segment is not to be believed; empty when it is. `voiced`: seconds of voice in its time."""
    text = BRACKETED.sub("", segment.text)
    if not any(character.isalnum() for character in text):
        return "no words"
    if not invents:
        return ""
    sure = 0.0 if segment.log_probability is None else segment.log_probability
    if segment.no_speech > NO_SPEECH and sure < UNSURE:
        return "nobody speaks"
    if sure < HOPELESS:
        return "not understood"
    if CREDITS.search(text):
        return "a credit that nobody says"
    if _compression(text) > COMPRESSION:
        return "repeats itself"
    letters = sum(character.isalnum() for character in text)
    dense = sum(unspaced(character) for character in text) > letters / 2
    if letters > (FASTEST_UNSPACED if dense else FASTEST) * (voiced + SHORT):
        return "more text than time"
    return ""


def unlooped(words: Sequence[Word]) -> int:
    """How many words to keep: all, or up to the first turn of a phrase that goes round and round to the end."""
    plain = ["".join(c.casefold() for c in word.text if c.isalnum()) for word in words]
    for size in range(1, len(plain) // LOOP_TIMES + 1):
        turns = 1
        while plain[-(turns + 1) * size : len(plain) - turns * size] == plain[-size:] and (
            turns + 1
        ) * size <= len(plain):
            turns += 1
        if turns >= LOOP_TIMES and turns * size >= LOOP_WORDS:
            return len(plain) - (turns - 1) * size
    return len(plain)


def _compression(text: str) -> float:
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if len(data) >= COMPRESSIBLE else 1.0
