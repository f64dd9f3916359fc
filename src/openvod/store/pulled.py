"""What changes in the tables when a task's file has come from a URL? It enters the library, and the task has it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, update

from openvod.store.belongings import Attachment, attach_in
from openvod.store.columns import now_ms
from openvod.store.events import file_event_in
from openvod.store.library import Library
from openvod.store.media_rows import NewMedia
from openvod.store.tables import media, tasks


@dataclass(frozen=True, slots=True)
class Pulled:
    """A file that came from a URL, with its cover; their objects are in the object store."""

    media: NewMedia
    cover: Attachment | None = None
    temporary: bool = False
    """It is the task's alone: deleted as it enters, so that its bytes go with the last task that has it."""


def pulled_in(
    connection: Connection, library: Library, task_id: str, task: Row[*tuple[Any, ...]], pulled: Pulled
) -> None:
    """Put the file into the library and make it the file of its task. `task` has `sub_app_id`.

    An upload has happened, so there is the event of one, if the application asks for those.
    """
    added = library.add_in(connection, pulled.media)
    connection.execute(update(tasks).where(tasks.c.id == task_id).values(file_id=added.file_id))
    if pulled.cover is not None:
        attach_in(connection, added.file_id, pulled.cover)
    if pulled.temporary:
        connection.execute(update(media).where(media.c.file_id == added.file_id).values(deleted=now_ms()))
    else:
        file_event_in(connection, task.sub_app_id, "NewFileUpload", added.file_id)
