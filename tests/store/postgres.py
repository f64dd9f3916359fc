"""A throw-away PostgreSQL server on a Unix socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"


def binaries() -> Path | None:
    """The folder of initdb and postgres, which distributions keep off the PATH."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


@contextmanager
def server(bin_folder: Path) -> Iterator[str]:
    """A running server without TCP; yields its SQLAlchemy URL."""
    # A short path outside pytest's: a socket's name holds a hundred bytes, and PostgreSQL's user must reach it.
    folder = Path(tempfile.mkdtemp(prefix="ovpg", dir="/tmp"))
    root = os.geteuid() == 0
    user = USER if root else pwd.getpwuid(os.geteuid()).pw_name
    if root:
        shutil.chown(folder, USER)

    def run(*command: str) -> None:
        prefix = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"] if root else []
        done = subprocess.run([*prefix, *command], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (command, done.stdout, done.stderr)

    data = str(folder / "data")
    try:
        run(str(bin_folder / "initdb"), "-D", data, "-A", "trust", "-U", user, "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        control = str(bin_folder / "pg_ctl")
        run(control, "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start")
        try:
            yield f"postgresql://{user}@/postgres?host={folder}"
        finally:
            run(control, "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
