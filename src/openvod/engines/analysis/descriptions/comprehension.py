"""What is in a film, stretch by stretch, as far as it can be told without a model? Its shots, and the words in each."""

from collections.abc import Sequence
from dataclasses import dataclass

from openvod.core.models import Json
from openvod.engines.analysis.descriptions import description
from openvod.engines.analysis.text.passages import Passage, joined
from openvod.engines.features import Shot

MOST = 500
"""Stretches of a list."""
KEYWORDS = 40


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a film."""

    start: float
    end: float
    """Seconds."""
    title: str
    description: str = ""
    keywords: tuple[str, ...] = ()

    def row(self) -> Json:
        """A VideoComprehensionResultItem."""
        return {
            "StartTime": round(self.start, 6),
            "EndTime": round(self.end, 6),
            "Title": self.title,
            "Description": self.description,
            "Keywords": list(self.keywords),
        }


def by_shots(
    shots: Sequence[Shot], passages: Sequence[Passage], language: str, seconds: float
) -> list[Stretch]:
    """A stretch for each shot, or one for a file without a picture: what is said and written in it, and the file's keywords
    that are in there.
    """
    spans = [(shot.start, shot.end) for shot in shots[:MOST]] or [(0.0, seconds)]
    phrases = [each.phrase for each in description.keywords(passages, language, KEYWORDS)]
    found = []
    for number, (start, end) in enumerate(spans, 1):
        inside = [passages[place].text for place in description.within(passages, start, end)]
        text = joined(inside, language)
        words = tuple(phrase for phrase in phrases if phrase.casefold() in text.casefold())
        found.append(Stretch(start, end, f"Shot {number}" if shots else "Sound", text, words))
    return found


def told(stretches: Sequence[Stretch]) -> str:
    """The list as a text: a line for each."""
    return "\n".join(
        f"{each.start:.2f} - {each.end:.2f} s, {each.title}"
        + (f": {each.description}" if each.description else "")
        for each in stretches
    )
