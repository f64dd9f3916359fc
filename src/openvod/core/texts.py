"""A message in both languages of the API."""

from collections.abc import Sequence
from typing import NamedTuple


class Text(NamedTuple):
    """English and Chinese; `{name}` is filled from facts."""

    en: str
    zh: str

    def filled(self, facts: dict[str, object]) -> "Text":
        """The facts in their places; one that is a Text itself is said in each language's own words."""
        en = {name: fact.en if isinstance(fact, Text) else fact for name, fact in facts.items()}
        zh = {name: fact.zh if isinstance(fact, Text) else fact for name, fact in facts.items()}
        return Text(self.en.format(**en), self.zh.format(**zh))


def listed(texts: Sequence[Text]) -> Text | None:
    """All of them as one, in each language's own way; None for none."""
    if not texts:
        return None
    return Text("; ".join(each.en for each in texts), ";".join(each.zh for each in texts))
