"""How does a description get into another language? Text by text, through the engine that translates subtitles."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from openvod.engines.analysis.descriptions.description import Description, Part, Statement
from openvod.engines.keywords import Keyword
from openvod.engines.subtitling.request import Job
from openvod.engines.translation import Errand, Line, translate


def translated(job: Job, description: Description, target: str) -> Description:
    """The same in the target language; evidence stays in the language it was said in.

    Raises TaskFault when nothing translates these languages.
    """
    source = "auto" if description.language in {"und", ""} else description.language
    texts = list(dict.fromkeys(text for text in _texts(description) if text))
    lines = [Line(number, text) for number, text in enumerate(texts)]
    done = translate(lines, Errand(source, target, {}), job.ask, job.models)
    new = {text: done.texts[number] for number, text in enumerate(texts)}
    engine = " / ".join(filter(None, (description.engine, done.engine)))
    return replace(
        description,
        language=target,
        title=new.get(description.title, ""),
        summary=_statements(description.summary, new),
        keywords=_keywords(description.keywords, new),
        parts=tuple(_part(part, new) for part in description.parts),
        engine=engine,
    )


def _texts(description: Description) -> Iterator[str]:
    yield description.title
    yield from (each.text for each in description.summary)
    for part in description.parts:
        yield part.title
        yield from (each.text for each in part.summary)
        yield from (each.phrase for each in part.keywords)
    yield from (each.phrase for each in description.keywords)


def _part(part: Part, new: Mapping[str, str]) -> Part:
    return replace(
        part,
        title=new.get(part.title, ""),
        summary=_statements(part.summary, new),
        keywords=_keywords(part.keywords, new),
    )


def _statements(statements: tuple[Statement, ...], new: Mapping[str, str]) -> tuple[Statement, ...]:
    return tuple(replace(each, text=new[each.text], quote=each.quote or each.text) for each in statements)


def _keywords(keywords: tuple[Keyword, ...], new: Mapping[str, str]) -> tuple[Keyword, ...]:
    return tuple(replace(each, phrase=new[each.phrase]) for each in keywords)
