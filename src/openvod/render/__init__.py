"""How does a stored record become what the wire shows? Shared by the answers of actions and the events that are pushed.

Nothing here is stored: links are signed for the moment of rendering, and messages are in the reader's language.
"""

from dataclasses import dataclass

from openvod.core.models import Json
from openvod.store import Store
from openvod.store.belongings import Attachment
from openvod.store.library import MediaRow
from openvod.store.links import Target, place_of

OUTPUT = "output"
"""What the place of a task's output in a link begins with (see `render.opened`); no object's key does."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """Who looks, and when."""

    store: Store
    public_url: str
    """What links begin with."""
    now: float
    """Unix seconds."""
    language: str = ""
    """`X-TC-Language`, or empty."""

    def link(self, media: MediaRow | None) -> str:
        """A signed URL of a library file that lives from now on; empty when the file is gone."""
        if media is None or media.deleted is not None or media.stripped is not None:
            return ""
        name = f"{media.file_id}.{media.extension}" if media.extension else media.file_id
        return self._signed(media.file_id, place_of(media.object_key), name)

    def attachment_link(self, media: MediaRow, attachment: Attachment | None) -> str:
        """The same for a file's cover or uploaded subtitle; empty when it has none."""
        if attachment is None or media.deleted is not None:
            return ""
        name = f"{attachment.id or attachment.kind}.{attachment.extension}"
        return self._signed(media.file_id, place_of(attachment.object_key), name)

    def output_link(self, media: MediaRow, task_id: str, position: int) -> str:
        """The same for what a sub-task found out about the file, as a JSON file."""
        return self._signed(media.file_id, f"{OUTPUT}-{position}-{task_id}", "output.json")

    def _signed(self, file_id: str, place: str, name: str) -> str:
        return self.public_url + self.store.links.sign(Target(file_id, place), name, self.now)

    def message(self, message: Json | None) -> str:
        """A stored fault as text: the text code first, because the structures have no field for it."""
        if not message:
            return ""
        text: str = message["zh" if self.language.lower().startswith("zh") else "en"]
        return f"{message['code']}: {text}" if message.get("code") else text
