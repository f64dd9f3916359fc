"""What must survive a restart: accounts, media, uploads, tasks, templates, usage, events, executors, objects and links,
behind one `Store`.
"""

from types import TracebackType
from typing import Self

from openvod.core.settings import Settings
from openvod.core.times import Clock
from openvod.store.account_tasks import AccountTasks
from openvod.store.accounts import Accounts
from openvod.store.db import Database
from openvod.store.events import Events
from openvod.store.executors import Executors
from openvod.store.kept_files import KeptFiles
from openvod.store.leftovers import Swept, sweep
from openvod.store.library import Library
from openvod.store.links import Links
from openvod.store.memory import Memory
from openvod.store.object_store import FOLDER, open_blobs
from openvod.store.products import Products
from openvod.store.room import Room
from openvod.store.sub_apps import SubApps
from openvod.store.tasks import Tasks
from openvod.store.templates import Templates
from openvod.store.uploads import Uploads
from openvod.store.usage import Usage


class Store:
    """Everything durable, opened once per process. Thread-safe; a forked process opens its own."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        """See `open`."""
        data = settings.data.absolute()
        data.mkdir(
            mode=0o700, parents=True, exist_ok=True
        )  # one that is there keeps its mode: what we put in is private
        self.db = Database(settings.database_url or f"sqlite:///{data / 'openvod.db'}", clock)
        self.blobs = open_blobs(settings.object_store, data)
        self.room = Room(data / ("" if settings.object_store else FOLDER), settings.free_disk_mb * 2**20)
        self.accounts = Accounts(self.db, data)
        self.library = Library(self.db, self.blobs)
        self.uploads = Uploads(self.db, self.library, self.blobs, self.room)
        self.tasks = Tasks(self.db, self.library, self.blobs)
        self.account_tasks = AccountTasks(self.db)
        self.products = Products(self.db, self.library, self.blobs)
        self.templates = Templates(self.db)
        self.memory = Memory(self.db, settings.memory_mb * 2**20)
        self.kept_files = KeptFiles(data, settings)
        self.usage = Usage(self.db)
        self.sub_apps = SubApps(self.db, self.blobs)
        self.events = Events(self.db)
        self.executors = Executors(self.db)
        self.links = Links(self.db, settings.link_seconds)

    @classmethod
    def open(cls, settings: Settings, clock: Clock | None = None) -> Self:
        """Open the database and the object store that the settings name, made and migrated as needed.

        `clock` is for SQLite only; None is the database's own. Raises `schema.SchemaUnknown` for a database that a
        newer version wrote.
        """
        return cls(settings, clock)

    def sweep(self) -> Swept:
        """Throw away what nobody can reach (see `leftovers`, `memory`, `kept_files`); every few hours is often enough."""
        self.memory.sweep()
        self.kept_files.sweep()
        return sweep(self.db, self.blobs)

    def close(self) -> None:
        """Finish what waits and let go."""
        self.executors.close()
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
