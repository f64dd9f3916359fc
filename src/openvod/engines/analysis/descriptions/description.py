"""What is a film about, in its own words? Title, summary, keywords and chapters, each with the sentences that it rests on.

Nothing is put into other words here: a summary is sentences that are said, a title is keywords or a sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from openvod.core.models import Utterance
from openvod.core.texts import Text
from openvod.engines import keywords as english
from openvod.engines.analysis.text import chinese_phrases, sentences
from openvod.engines.analysis.text.chapters import Chapter
from openvod.engines.analysis.text.passages import Passage, joined
from openvod.engines.keywords import Keyword
from openvod.engines.translation.languages import UNSPACED, base

SUMMARY_SENTENCES = 4
CHAPTER_SENTENCES = 2
KEYWORDS, CHAPTER_KEYWORDS = 10, 5
TITLE_WORDS = 3
"""Keywords of a title."""
LONGEST_TITLE = 60
"""Characters."""
_COMMAS = " ,;\uff0c\u3001\uff1b"
KEYWORD_LANGUAGES = frozenset({"en", "zh", "yue"})


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that a description says."""

    text: str
    evidence: tuple[int, ...]
    """Numbers of the sentences that it rests on."""
    quote: str = ""
    """Of a statement in other words: the words, as they were said, that it rests on."""


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter; times in seconds."""

    start: float
    end: float
    title: str
    summary: tuple[Statement, ...]
    keywords: tuple[Keyword, ...]
    because: tuple[Text, ...] = ()
    """What speaks for its beginning."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a film is about."""

    language: str
    """ISO 639 code of its texts; the engine's word for an unknown one is kept."""
    title: str
    summary: tuple[Statement, ...]
    keywords: tuple[Keyword, ...]
    parts: tuple[Part, ...]
    confidence: float
    """0 to 100: how surely the sentences that it rests on were recognised."""
    engine: str

    @property
    def text(self) -> str:
        """The summary as a paragraph."""
        return joined((each.text for each in self.summary), self.language)


ENGINE = "openvod extracts 1"


def extract(passages: Sequence[Passage], chapters: Sequence[Chapter], language: str) -> Description:
    """Describe it in its own sentences. `passages` are at least one, in order of time."""
    parts = tuple(_part(passages, chapter, language) for chapter in chapters)
    taken = sentences.chosen(passages, SUMMARY_SENTENCES)
    phrases = keywords(passages, language, KEYWORDS)
    return Description(
        language=language,
        title=title_of([passages[number] for number in taken], phrases, language),
        summary=tuple(Statement(passages[number].text, (number,)) for number in taken),
        keywords=tuple(phrases),
        parts=parts,
        confidence=sure(passages, taken),
        engine=ENGINE,
    )


def sure(passages: Sequence[Passage], numbers: Sequence[int]) -> float:
    """How surely sentences were recognised, 0 to 100."""
    return round(fmean(passages[number].confidence for number in numbers), 2) if numbers else 0.0


def keywords(passages: Sequence[Passage], language: str, count: int) -> list[Keyword]:
    """The best keywords, best first; none in a language whose words are not known here."""
    if base(language) == "en":
        said = [Utterance(each.start, each.end, each.text, each.confidence) for each in passages]
        return english.keywords(said, count)
    if base(language) in KEYWORD_LANGUAGES:
        return chinese_phrases.phrases(passages, count)
    return []


def title_of(best: Sequence[Passage], phrases: Sequence[Keyword], language: str) -> str:
    """The first keywords; without any the first of the best sentences, as much of it as a title holds."""
    if len(phrases) > 1:
        mark = "、" if base(language) in UNSPACED else ", "
        text = mark.join(each.phrase for each in phrases[:TITLE_WORDS])
        return text[:1].upper() + text[1:]
    return shortened(best[0].text, language) if best else ""


def shortened(text: str, language: str) -> str:
    """As much of a sentence as a title holds."""
    text = text.rstrip(".。")
    if len(text) <= LONGEST_TITLE:
        return text
    end = LONGEST_TITLE if base(language) in UNSPACED else text.rfind(" ", 1, LONGEST_TITLE)
    return text[: end if end > 0 else LONGEST_TITLE].rstrip(_COMMAS) + "…"


def within(passages: Sequence[Passage], start: float, end: float) -> range:
    """Numbers of the sentences that begin in a stretch."""
    inside = [number for number, each in enumerate(passages) if start <= each.start < end]
    return range(inside[0], inside[-1] + 1) if inside else range(0)


def _part(passages: Sequence[Passage], chapter: Chapter, language: str) -> Part:
    numbers = within(passages, chapter.start, chapter.end)
    own = [passages[number] for number in numbers]
    taken = sentences.chosen(own, CHAPTER_SENTENCES)
    phrases = keywords(own, language, CHAPTER_KEYWORDS)
    return Part(
        start=chapter.start,
        end=chapter.end,
        title=chapter.title or title_of([own[number] for number in taken], phrases, language),
        summary=tuple(Statement(own[number].text, (numbers[number],)) for number in taken),
        keywords=tuple(phrases),
        because=chapter.because,
    )
