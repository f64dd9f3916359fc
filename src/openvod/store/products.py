"""What have finished tasks made of a library file? The newest product of each piece of work that was asked for."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, func, select, tuple_, update

from openvod.core.models import Json
from openvod.store.blobs import Blobs
from openvod.store.columns import now_ms
from openvod.store.db import Database
from openvod.store.library import Library
from openvod.store.tables import sub_tasks, tasks


@dataclass(frozen=True, slots=True)
class Product:
    """What one sub-task came to."""

    task_id: str
    position: int
    """The sub-task's, in its task."""
    type: str
    """`MPSSubTaskResult.TaskType`."""
    definition: int
    """The template; 0 when the request had parameters of its own."""
    output: Json | None
    files: list[Json]
    """Rows of `MPSOutputFile` in wire spelling."""


class Chosen(NamedTuple):
    """Which products are meant."""

    prefixes: tuple[str, ...]
    """What their types begin with."""
    definition: int
    """Their template; 0 is any."""


class _Made(NamedTuple):
    """Which work has made a product of a file."""

    file_id: str
    task_id: str
    position: int
    type: str
    input: Json
    output: Json | None
    files: list[Json]


_WHEN = (tasks.c.created.desc(), tasks.c.id, sub_tasks.c.position)
_SHOWN = (
    tasks.c.file_id.in_(bindparam("file_ids", expanding=True)),
    tasks.c.kind == "ProcessMediaByMPS",
    sub_tasks.c.status == "SUCCESS",
    sub_tasks.c.discarded.is_(None),
)
_MADE = select(
    tasks.c.file_id,
    sub_tasks.c.task_id,
    sub_tasks.c.position,
    sub_tasks.c.type,
    sub_tasks.c.input,
    sub_tasks.c.output,
    sub_tasks.c.files,
).join(tasks, tasks.c.id == sub_tasks.c.task_id)
_ALL = _MADE.where(*_SHOWN)
_AGE = (
    select(
        sub_tasks.c.task_id,
        sub_tasks.c.position,
        func.row_number()
        .over(partition_by=(tasks.c.file_id, sub_tasks.c.type, sub_tasks.c.input), order_by=_WHEN)
        .label("age"),
    )
    .join(tasks, tasks.c.id == sub_tasks.c.task_id)
    .where(*_SHOWN)
    .subquery()
)
_NEWEST = (
    _MADE.join(_AGE, and_(_AGE.c.task_id == sub_tasks.c.task_id, _AGE.c.position == sub_tasks.c.position))
    .where(_AGE.c.age == 1)
    .order_by(*_WHEN)
)
"""A file may have been worked on thousands of times: only the newest of each work leaves the database."""
_ONE = (
    select(sub_tasks.c.output)
    .join(tasks, tasks.c.id == sub_tasks.c.task_id)
    .where(
        sub_tasks.c.task_id == bindparam("task_id"),
        sub_tasks.c.position == bindparam("position"),
        sub_tasks.c.status == "SUCCESS",
        sub_tasks.c.discarded.is_(None),
        tasks.c.file_id == bindparam("file_id"),
    )
)


class Products:
    """The products of all applications' tasks; the caller knows that a file is its own."""

    def __init__(self, db: Database, library: Library, blobs: Blobs) -> None:
        self._db = db
        self._library = library
        self._blobs = blobs

    def of(self, file_ids: Collection[str]) -> dict[str, list[Product]]:
        """The products of each file, the newest first; of the same work that was done again, the last one."""
        if not file_ids:
            return {}
        rows = self._db.rows(_NEWEST, file_ids=list(file_ids))
        newest: dict[Any, _Made] = {}
        for made in starmap(_Made, rows):  # the same work may be written in several ways
            newest.setdefault((made.file_id, made.type, json.dumps(made.input, sort_keys=True)), made)
        products: dict[str, list[Product]] = defaultdict(list)
        for made in newest.values():
            definition = made.input.get("Definition", 0)
            product = Product(made.task_id, made.position, made.type, definition, made.output, made.files)
            products[made.file_id].append(product)
        return products

    def output(self, file_id: str, task_id: str, position: int) -> Json | None:
        """The output of one product of a file."""
        row = self._db.row(_ONE, file_id=file_id, task_id=task_id, position=position)
        output: Json | None = None if row is None else row[0]
        return output

    def discard(self, file_id: str, sub_app_id: int, chosen: Sequence[Chosen]) -> None:
        """Show the chosen products with the file no more, and delete the library files that they are.

        Unfinished work is not touched.
        """

        def change(connection: Connection) -> list[str]:
            rows = connection.execute(_ALL, {"file_ids": [file_id]}).all()
            found = [row for row in rows if _is_one(row, chosen)]
            if not found:
                return []
            made = [file["FileId"] for row in found for file in row.files]
            places = [(row.task_id, row.position) for row in found]
            these = tuple_(sub_tasks.c.task_id, sub_tasks.c.position).in_(places)
            connection.execute(update(sub_tasks).where(these).values(discarded=now_ms()))
            return self._library.hide_in(connection, made, sub_app_id)[1]

        for key in self._db.write(change):
            self._blobs.delete(key)


def _is_one(row: Any, chosen: Sequence[Chosen]) -> bool:
    return any(
        row.type.startswith(prefixes) and definition in (0, row.input.get("Definition", 0))
        for prefixes, definition in chosen
    )
