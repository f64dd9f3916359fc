"""Which files does a search find, and in which order? One query, the same on every database.

Words match anywhere in a name or description, whatever their case or width; a phrase matches when all its
words do. The better a phrase matches, the earlier its file comes: the whole text before its beginning, the
phrase in one piece before scattered words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, false, func, literal, or_, select

from openvod.store.media_rows import COLUMNS, PRESENT, MediaRow, folded
from openvod.store.tables import media, media_tags

MOST = 5000
"""No more files are counted or can be paged to; the vendor's limit."""

FOREVER = 253402300799000
"""9999-12-31T23:59:59Z in milliseconds: when a file expires that never does."""

Span = tuple[int | None, int | None]
"""From and until, both inclusive, in milliseconds since 1970; None is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to look for: a file must meet every criterion, and any of a criterion's values. Empty is no criterion."""

    sub_app_id: int
    file_ids: Sequence[str] = ()
    names: Sequence[str] = ()
    """Phrases."""
    name_prefixes: Sequence[str] = ()
    descriptions: Sequence[str] = ()
    """Phrases."""
    text: str = ""
    """A phrase in name or description."""
    class_ids: Sequence[int] = ()
    tags: Sequence[str] = ()
    kinds: Sequence[str] = ()
    """`MediaRow.kind`."""
    source_types: Sequence[str] = ()
    extensions: Sequence[str] = ()
    created: Span = (None, None)
    expires: Span = (None, None)
    descending: bool = True
    """By creation; a search for phrases is ordered by how well they match first."""
    offset: int = 0
    limit: int = 10


class Found(NamedTuple):
    """A page, and how many files there are in all, `MOST` at most."""

    total: int
    page: list[MediaRow]


def search_in(connection: Connection, query: Query) -> Found:
    """Run a search."""
    criteria = and_(media.c.sub_app_id == query.sub_app_id, PRESENT, *_criteria(query))
    counted = select(literal(1)).select_from(media).where(criteria).limit(MOST).subquery()
    total = connection.execute(select(func.count()).select_from(counted)).scalar_one()
    if total <= query.offset:
        return Found(total, [])
    age = (media.c.created, media.c.file_id)
    by_age = [column.desc() for column in age] if query.descending else list(age)
    ranks = _ranks(query)
    order = [reduce(add, ranks).desc(), *by_age] if ranks else by_age
    page = select(*COLUMNS).where(criteria).order_by(*order).offset(query.offset).limit(query.limit)
    return Found(total, [MediaRow(*row) for row in connection.execute(page)])


def _criteria(query: Query) -> Iterable[ColumnElement[bool]]:
    columns: tuple[tuple[Any, Sequence[Any]], ...] = (
        (media.c.file_id, query.file_ids),
        (media.c.class_id, query.class_ids),
        (media.c.kind, query.kinds),
        (media.c.source_type, query.source_types),
        (media.c.extension, [extension.lower() for extension in query.extensions]),
    )
    yield from (column.in_(values) for column, values in columns if values)
    name, description = media.c.folded_name, media.c.folded_description
    if query.names:
        yield or_(*(_matches(name, phrase) for phrase in query.names))
    if query.name_prefixes:
        yield or_(*(name.startswith(folded(start), autoescape=True) for start in query.name_prefixes))
    if query.descriptions:
        yield or_(*(_matches(description, phrase) for phrase in query.descriptions))
    if query.text:
        yield or_(_matches(name, query.text), _matches(description, query.text))
    if query.tags:
        tagged = select(media_tags.c.file_id).where(media_tags.c.tag.in_(query.tags))
        yield media.c.file_id.in_(tagged)
    yield from _within(media.c.created, query.created)
    yield from _within(func.coalesce(media.c.expires, FOREVER), query.expires)


def _within(column: ColumnElement[Any], span: Span) -> Iterable[ColumnElement[bool]]:
    since, until = span
    if since is not None:
        yield column >= since
    if until is not None:
        yield column <= until


def _matches(column: ColumnElement[Any], phrase: str) -> ColumnElement[bool]:
    words = folded(phrase).split()
    return and_(*(column.contains(word, autoescape=True) for word in words)) if words else false()


def _ranks(query: Query) -> list[ColumnElement[int]]:
    """How well each phrase matches; the sum orders the files."""
    name, description = media.c.folded_name, media.c.folded_description
    text = [query.text] if query.text else []
    return [_rank(name, phrase) for phrase in (*query.names, *text)] + [
        _rank(description, phrase) for phrase in (*query.descriptions, *text)
    ]


def _rank(column: ColumnElement[Any], phrase: str) -> ColumnElement[int]:
    whole = " ".join(folded(phrase).split())
    return case(
        (column == whole, 4),
        (column.startswith(whole, autoescape=True), 3),
        (column.contains(whole, autoescape=True), 2),
        (_matches(column, phrase), 1),
        else_=0,
    )
