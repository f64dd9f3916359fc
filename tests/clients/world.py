"""What do all clients meet? One server with what the steps and probes expect to be there, and real speech in a clip."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from openvod.core.settings import Settings
from openvod.store import Store
from tests import clips
from tests.clients.redirection import Redirected, start_redirected
from tests.conftest import FILE_ID, SUB_APP, Server, spoken_film, start_server, stop_server
from tests.walk.conftest import Sdk

SECONDS_OF_SPEECH = 10
APP_THAT_IS_OFF = SUB_APP + 1
TAKEN = '{"SessionId":"taken","SmartEraseTask":{"Definition":101}}'


@dataclass(frozen=True)
class World:
    """A running server, and files to send it."""

    server: Server
    redirected: Redirected | None
    """The same server for who does not let its addresses be set; None where openssl is missing."""
    clip: Path
    """A second of picture and sound."""
    sound: Path
    """More than 1 MiB: uploaders send it in parts."""
    cover: Path


@contextmanager
def running(folder: Path) -> Iterator[World]:
    """Everything in that folder, until the end of the block; a server that does not end well is an error."""
    redirected = start_redirected(folder) if shutil.which("openssl") else None
    server = redirected.server if redirected else start_server(folder / "data")
    try:
        server.upload(
            spoken_film(folder, seconds=SECONDS_OF_SPEECH), "--file-id", FILE_ID, "--sub-app", str(SUB_APP)
        )
        with Store.open(Settings(data=server.data)) as store:
            account, *_ = store.accounts.list_accounts()
            store.accounts.create_sub_app(account.id, "off", number=APP_THAT_IS_OFF)
        sdk = Sdk(server.address, server.secret_id, server.secret_key)
        sdk.call("ModifySubAppIdStatus", SubAppId=APP_THAT_IS_OFF, Status="Off")
        sdk.call("ProcessMediaByMPS", FileId=FILE_ID, SubAppId=SUB_APP, MPSProcessMediaParams=TAKEN)
        yield World(
            server,
            redirected,
            clip=clips.video(folder / "clip.mp4", seconds=1),
            sound=clips.audio(folder / "sound.wav", clips.sine(20)),
            cover=clips.picture(folder / "cover.png", codec="png"),
        )
    finally:
        status = stop_server(server)
    if status:
        raise RuntimeError(f"the server ended with {status}")
