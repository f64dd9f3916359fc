"""How does every line get its own translation from an engine that may drop, repeat, refuse or mix up lines?

What an answer lacks is asked for again; when nothing more comes, half of it is; at last each line by itself. What is
left after that has no translation, and says so. No line ever gets what was said of another one: see `prompt`.
"""

from collections.abc import Callable, Mapping, Sequence

from openvod.engines.translation.lines import Engine, Line, Row, is_echo

CONTEXT = 3
"""Lines shown on each side of those to be translated."""
_MOST_CHARACTERS = 4000
"""Of a batch: the answer, half as long again, fits into what an endpoint says at once."""


def settle(
    lines: Sequence[Line],
    known: Mapping[int, str],
    engine: Engine,
    settled: Callable[[Mapping[int, str]], None],
) -> dict[int, str]:
    """Translations of the lines that are not `known` yet, by id; those that the engine has none for are missing, and
    those that it insists on repeating have their own text.

    `lines` are all lines in order: the known ones serve as context. `settled` is told of each batch when it is done.
    """
    found: dict[int, str] = {}
    for batch in _batches([place for place, line in enumerate(lines) if line.id not in known], lines, engine):
        talk = _Batch(lines, {**known, **found}, engine)
        talk.ask_for(batch)
        found |= talk.found
        settled(talk.found)
    return found


def _batches(places: Sequence[int], lines: Sequence[Line], engine: Engine) -> list[list[int]]:
    batches: list[list[int]] = []
    characters = 0
    for place in places:
        characters += len(lines[place].text)
        if not batches or len(batches[-1]) >= engine.batch or characters > _MOST_CHARACTERS:
            batches.append([])
            characters = len(lines[place].text)
        batches[-1].append(place)
    return batches


class _Batch:
    """The places of some lines, until each has a translation or has none."""

    def __init__(self, lines: Sequence[Line], known: Mapping[int, str], engine: Engine) -> None:
        self._lines, self._known, self._engine = lines, known, engine
        self.found: dict[int, str] = {}
        self._echoed: set[int] = set()

    def ask_for(self, places: Sequence[int]) -> None:
        """Ends: each request either settles a line, or what is left is halved, down to one line that is given up."""
        while places:
            got = self._answers(places)
            left = [place for place in places if self._lines[place].id not in got]
            if len(left) == len(places):
                if len(places) > 1:
                    middle = len(places) // 2
                    self.ask_for(places[:middle])
                    self.ask_for(places[middle:])
                return
            places = left

    def _answers(self, places: Sequence[int]) -> Mapping[int, str]:
        """What is new and believed. An echo of the source only the second time: then the line is one that cannot be
        translated, and asking on would cost and not help.
        """
        answers = self._engine.translate(self._rows(places))
        sources = {self._lines[place].id: self._lines[place].text for place in places}
        mine = {number: text for number, text in answers.items() if number in sources}
        echoed = {number for number, text in mine.items() if is_echo(sources[number], text)}
        believed = {number: mine[number] for number in mine if number not in echoed - self._echoed}
        self._echoed |= echoed
        self.found |= believed
        return believed

    def _rows(self, places: Sequence[int]) -> list[Row]:
        """The lines asked for, in order, with their neighbours as context."""
        asked = set(places)
        shown = {
            near
            for place in places
            for near in range(place - CONTEXT, place + CONTEXT + 1)
            if 0 <= near < len(self._lines)
        }
        return [self._row(place, asked=place in asked) for place in sorted(shown)]

    def _row(self, place: int, *, asked: bool) -> Row:
        line = self._lines[place]
        known = self.found.get(line.id) or self._known.get(line.id, "")
        return Row(line.id, line.text) if asked else Row(None, line.text, known)
