"""What does the operator's endpoint hear? OpenAI's `/audio/transcriptions`, or any that speaks its wire.

Speech is sent in files of up to ten minutes without its silences. Nothing that comes back is believed unseen: missing or
impossible times are shared out over the voice, and text goes through the same guards as a local engine's.
"""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openvod.core import asking
from openvod.core.asking import Ask, Reply
from openvod.core.errors import TaskFault
from openvod.core.models import Word
from openvod.core.texts import Text
from openvod.engines.recognisers import Samples, Segment, Wanted, codes, prompts, sound_file, timing
from openvod.media import audio

ATTEMPTS = 5
LONGEST_PAUSE = 60.0
"""Seconds between two attempts, whatever the endpoint asks for."""
PASSING = frozenset({0, 408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Statuses that another attempt may mend; 0 is no answer."""
TOO_LARGE = 413
SHORTEST = 10.0
"""Seconds; a sound is not halved further."""


class Endpoint:
    """An endpoint that the operator has set."""

    longest = 600.0
    """19 MB; OpenAI takes 25."""
    invents = True
    hot_words = True

    def __init__(
        self, ask: Ask, folder: Path, model: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._ask, self._folder = ask, folder
        self._pause = pause
        self.name = f"endpoint {model}"

    def hear(self, sound: Samples, wanted: Wanted) -> list[Segment]:
        """See `Recogniser`. Raises TaskFault when the endpoint does not answer with a text in the end."""
        language = "" if wanted.language.also else wanted.language.code
        body = self._transcribed(sound, language, prompts.whole(wanted))
        if body is None:
            return self._halves(sound, wanted)
        return segments(body, len(sound) / audio.RATE)

    def detect(self, sound: Samples) -> dict[str, float]:
        """See `Recogniser`."""
        body = self._transcribed(sound, "", "") or {}
        code = codes.canonical(body["language"]) if isinstance(body.get("language"), str) else ""
        return {code: 1.0} if code and str(body.get("text") or "").strip() else {}

    def _halves(self, sound: Samples, wanted: Wanted) -> list[Segment]:
        if len(sound) / audio.RATE < 2 * SHORTEST:
            raise _fault(Text("it takes no file of 10 seconds", "不接受 10 秒的文件"))
        middle = len(sound) // 2
        first, second = (self.hear(part, wanted) for part in (sound[:middle], sound[middle:]))
        return [*first, *(_later(each, middle / audio.RATE) for each in second)]

    def _transcribed(self, sound: Samples, language: str, prompt: str) -> dict[str, Any] | None:
        """The body of its answer; None when the file was too large for it."""
        file = self._folder / "speech.wav"
        sound_file.write(file, sound)
        reason = ""
        for attempt in range(ATTEMPTS):
            reply = asking.transcribe(self._ask, file.name, language=language, prompt=prompt)
            if reply.status == TOO_LARGE:
                return None
            if reply.status == 200 and (body := _body(reply.text)) is not None:
                return body
            if reply.status != 200 and reply.status not in PASSING:
                raise _fault(_told(reply))
            reason = "its answer is no transcription" if reply.status == 200 else ""
            if attempt + 1 < ATTEMPTS:
                self._pause(min(max(reply.retry_after, 2.0**attempt), LONGEST_PAUSE))
        raise _fault(Text(reason, "返回内容不是转写结果") if reason else _told(reply))


def segments(body: dict[str, Any], length: float) -> list[Segment]:
    """The segments of an answer in `verbose_json`, for a sound of so many seconds.

    Where the segments' times cannot be true, or there are none, all text is one segment without times.
    """
    text = _string(body.get("text"))
    words = [word for row in _rows(body.get("words")) if (word := _word(row))]
    rows = [row for row in _rows(body.get("segments")) if _string(row.get("text"))]
    found = [
        Segment(
            _string(row["text"]),
            _number(row.get("start")),
            _number(row.get("end")),
            (),
            _likelihood(row),
            _number(row.get("no_speech_prob"), 0.0),
        )
        for row in rows
    ]
    if found and _in_order(found, length):
        return _with_words(found, words)
    text = text or " ".join(each.text for each in found)
    known = [each.log_probability for each in found if each.log_probability is not None]
    silent = min((each.no_speech for each in found), default=0.0)
    sure = sum(known) / len(known) if known else None
    return [Segment(text, 0.0, length, tuple(words), sure, silent)] if text else []


def _with_words(found: list[Segment], words: list[Word]) -> list[Segment]:
    """Each segment with as many words as it has letters; `timing.fitted` sees whether they are its own."""
    at = 0
    result: list[Segment] = []
    for segment in found:
        left = sum(character.isalnum() for character in segment.text)
        first = at
        while at < len(words) and left > 0:
            left -= sum(character.isalnum() for character in words[at].text)
            at += 1
        own = words[first:at]
        result.append(
            Segment(
                segment.text,
                segment.start,
                segment.end,
                tuple(own),
                segment.log_probability,
                segment.no_speech,
            )
        )
    return result


def _in_order(found: list[Segment], length: float) -> bool:
    last = -timing.SLACK
    for segment in found:
        if not (math.isfinite(segment.start) and math.isfinite(segment.end)):
            return False
        if segment.start < last - timing.SLACK or not segment.start < segment.end <= length + timing.SLACK:
            return False
        last = segment.start
    return True


def _later(segment: Segment, seconds: float) -> Segment:
    words = tuple(Word(word.text, word.start + seconds, word.end + seconds) for word in segment.words)
    return Segment(
        segment.text,
        segment.start + seconds,
        segment.end + seconds,
        words,
        segment.log_probability,
        segment.no_speech,
    )


def _body(text: str) -> dict[str, Any] | None:
    """An answer that holds a text or segments; a lone text is one in the plain format."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    return body if isinstance(body.get("text"), str) or isinstance(body.get("segments"), list) else None


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _word(row: dict[str, Any]) -> Word | None:
    text = _string(row.get("word", row.get("text")))
    return Word(text, _number(row.get("start")), _number(row.get("end"))) if text else None


def _string(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _number(value: object, missing: float = math.nan) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else missing


def _likelihood(row: dict[str, Any]) -> float | None:
    value = _number(row.get("avg_logprob"))
    return value if math.isfinite(value) and value <= 0 else None


def _told(reply: Reply) -> Text:
    if not reply.status:
        return Text("no answer", "无应答")
    said = " ".join(reply.text.split())[:200]
    return Text(f"HTTP {reply.status}: {said}", f"HTTP {reply.status}:{said}")


def _fault(reason: Text) -> TaskFault:
    return TaskFault("InternalError/endpoint", what="transcribe", reason=reason)
