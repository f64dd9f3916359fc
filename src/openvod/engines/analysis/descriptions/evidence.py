"""What does a description rest on? A JSON document: the sentences with their times, and which of them each text is of."""

from collections.abc import Sequence

from openvod.core.models import Json
from openvod.engines.analysis.descriptions.description import Description, Statement
from openvod.engines.analysis.text.passages import Passage
from openvod.engines.keywords import Keyword


def of_description(description: Description, passages: Sequence[Passage]) -> Json:
    """Of a description. Times are seconds; `evidence` are numbers of `sentences`, from 0."""
    return {
        "engine": description.engine,
        "language": description.language,
        "title": description.title,
        "summary": statements(description.summary),
        "keywords": keywords(description.keywords),
        "chapters": [
            {
                "start": part.start,
                "end": part.end,
                "title": part.title,
                "begins_because": [text.en for text in part.because],
                "summary": statements(part.summary),
                "keywords": keywords(part.keywords),
            }
            for part in description.parts
        ],
        "sentences": sentences(passages),
    }


def sentences(passages: Sequence[Passage]) -> list[Json]:
    """What was said, and what stood on the picture."""
    return [
        {
            "start": each.start,
            "end": each.end,
            "text": each.text,
            "source": each.source,
            "confidence": each.confidence,
        }
        for each in passages
    ]


def statements(given: Sequence[Statement]) -> list[Json]:
    """Each with the sentences that it rests on."""
    return [{"text": each.text, "evidence": list(each.evidence), "quote": each.quote} for each in given]


def keywords(given: Sequence[Keyword]) -> list[Json]:
    """Each with the times at which it is said."""
    return [{"phrase": each.phrase, "times": list(each.times)} for each in given]
