"""Who may read a library file or what belongs to it, and until when? Signed links."""

import hmac
import re
import secrets as random
from typing import NamedTuple
from urllib.parse import quote, unquote

from sqlalchemy import Connection, insert, select

from openvod.store.db import Database, lock_in
from openvod.store.tables import secrets

SECRET = "link"  # noqa: S105 - the row's name
_PATH = re.compile(
    r"/media/(?P<file>[0-9]+)/(?P<object>[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*)/(?P<name>[^/]*)", re.ASCII
)
_QUERY = re.compile(r"t=(?P<expires>[1-9][0-9]{0,15})&sign=(?P<sign>[0-9a-f]{64})", re.ASCII)


class Target(NamedTuple):
    """What a link opens, and nothing else."""

    file_id: str
    place: str
    """`place_of` its object, or another name of letters, digits and single dashes that the file gives it."""


def place_of(object_key: str) -> str:
    """How a link names an object."""
    return object_key.replace("/", "-")


class Links:
    """Makes and checks links; the secret lies in the database, so every process of the installation has the
    same.
    """

    def __init__(self, db: Database, seconds: int) -> None:
        """`seconds` is how long a link lives."""
        self._seconds = seconds
        self._secret = db.write(_secret)

    def sign(self, target: Target, name: str, now: float) -> str:
        """Path and query of a link that lives from `now` (Unix seconds) on. `name` ends the path, for eyes
        and players.
        """
        shown = name.replace("/", "_")
        expires = int(now) + self._seconds
        signature = self._signature(target.file_id, target.place, shown, expires)
        return f"/media/{target.file_id}/{target.place}/{quote(shown, safe='')}?t={expires}&sign={signature}"

    def verify(self, path: str, query: str, now: float) -> Target | None:
        """What a link opens, or None if it is malformed, altered or expired.

        `path` and `query` are as they stood in the request, percent-encoded.
        """
        place, rest = _PATH.fullmatch(path), _QUERY.fullmatch(query)
        if place is None or rest is None:
            return None
        expires = int(rest["expires"])
        wanted = self._signature(place["file"], place["object"], unquote(place["name"]), expires)
        if not hmac.compare_digest(wanted, rest["sign"]) or expires <= now:
            return None
        return Target(place["file"], place["object"])

    def _signature(self, file_id: str, place: str, name: str, expires: int) -> str:
        signed = (
            f"{file_id}/{place}/{name}?{expires}"  # no field but the name can hold a slash or a question mark
        )
        return hmac.digest(self._secret, signed.encode("utf-8", "surrogatepass"), "sha256").hex()


def _secret(connection: Connection) -> bytes:
    """The signing secret, made by whoever comes first."""
    lock_in(connection, "secrets")
    kept = connection.execute(select(secrets.c.value).where(secrets.c.name == SECRET)).scalar()
    if kept is None:
        kept = random.token_hex(32)
        connection.execute(insert(secrets).values(name=SECRET, value=kept))
    return bytes.fromhex(kept)
