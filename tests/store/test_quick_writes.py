"""Inserts past SQLAlchemy: the same rows as by its own means."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, insert, select

from openvod.store.db import Database
from openvod.store.quick_writes import changes_in
from openvod.store.tables import secrets, usage

ADD = insert(usage)
ADD_SECRET = insert(secrets)
ALL = select(usage.c.task_id, usage.c.position, usage.c.finished).order_by(usage.c.position)
ODD = ("plain", "名", "with \0 in it", "half \ud800")


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def test_words_are_kept_as_their_column_keeps_them(db: Database) -> None:
    def change(connection: Connection) -> list[str]:
        changes = changes_in(connection)
        rows = [{"name": f"{place} quick", "value": text} for place, text in enumerate(ODD)]
        changes.add(ADD_SECRET, rows)
        connection.execute(
            ADD_SECRET, [{"name": f"{place} usual", "value": text} for place, text in enumerate(ODD)]
        )
        kept = {row.name: row.value for row in connection.execute(select(secrets.c.name, secrets.c.value))}
        return [kept[f"{place} {way}"] for place in range(len(ODD)) for way in ("quick", "usual")]

    values = db.write(change)
    assert values[::2] == values[1::2]


def test_the_database_fills_in_what_is_not_given(db: Database) -> None:
    def change(connection: Connection) -> list[int]:
        rows = [
            {"task_id": "t", "position": n, "sub_app_id": 1, "type": "x", "media_seconds": 1.0}
            for n in (0, 1)
        ]
        changes_in(connection).add(ADD, rows)
        return [row.finished for row in connection.execute(ALL)]

    times = db.write(change)
    assert len(times) == 2
    assert all(moment > 1_600_000_000_000 for moment in times)


def test_a_write_is_told_of_without_a_wait(db: Database) -> None:
    done = db.write_soon(
        lambda connection: changes_in(connection).add(ADD_SECRET, [{"name": "a", "value": "1"}])
    )
    assert done.result(20) is None
    again = db.write_soon(
        lambda connection: changes_in(connection).add(ADD_SECRET, [{"name": "a", "value": "1"}])
    )
    assert again.exception(20) is not None
    assert not again.cancel()
