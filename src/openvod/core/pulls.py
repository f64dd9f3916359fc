"""How does a task carry a URL whose file is to be fetched first? As a sub-task of a kind of its own, before the others."""

from openvod.core.models import Json, SubTask

PULL = "Pull"
"""The type of that sub-task. No answer shows it as one; the file it brings becomes the file of its task."""


def pull_of(  # noqa: PLR0913 - by keyword only after the first
    url: str,
    *,
    loopback: bool,
    name: str = "",
    cover_url: str = "",
    class_id: int = 0,
    expires: int | None = None,
    source_context: str = "",
    temporary: bool = False,
) -> SubTask:
    """The sub-task that fetches a URL, to be the first one of its task.

    `loopback` says whether the server that accepted the URL lets it lead to its own machine: a worker is a process of
    its own, perhaps elsewhere. `name` is the file's in the library, `expires` in milliseconds since 1970. A `temporary`
    file is never seen in the library, and goes with the task.
    """
    options: Json = {
        "url": url,
        "loopback": loopback,
        "name": name,
        "cover_url": cover_url,
        "class_id": class_id,
        "expires": expires,
        "source_context": source_context,
        "temporary": temporary,
    }
    return SubTask(PULL, {}, options)
