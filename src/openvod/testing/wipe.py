"""How does a data folder become as good as new, with the server running on it?"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from openvod.store import Store
from openvod.store.tables import access_keys, accounts, executors, metadata, objects, secrets, sub_apps

KEPT = (accounts, access_keys, secrets, executors, sub_apps)
"""Who may call, and who works. Every other table is emptied, also one that is added later."""

_APPS = select(sub_apps)
_OBJECTS = select(objects.c.key)


class Wiper:
    """Remembers the applications of the start, and puts them back."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.db.read() as connection:
            self._apps: Sequence[Any] = [dict(row) for row in connection.execute(_APPS).mappings()]
            self._accounts = list(connection.execute(select(accounts.c.id)).scalars())

    def wipe(self) -> None:
        """Empty the library, the tasks and all else in one transaction; then their bytes go.

        Who still works on a task finds that it owns nothing, and can write nothing any more. Accounts that came after
        the start keep their applications.
        """

        def change(connection: Connection) -> list[str]:
            keys = list(connection.execute(_OBJECTS).scalars())
            for table in metadata.sorted_tables:
                if table not in KEPT:
                    connection.execute(delete(table))
            connection.execute(delete(sub_apps).where(sub_apps.c.account_id.in_(self._accounts)))
            connection.execute(insert(sub_apps), self._apps)
            return keys

        for key in self._store.db.write(change, durable=False):
            self._store.blobs.delete(key)
