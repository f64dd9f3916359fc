"""Where does a media process work? Private folders, gone when the stage ends or its worker is dead."""

import shutil
import tempfile
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path


class JobFolders:
    """`<data>/jobs/<executor>/<random>`: the executor's name in the path tells whose leftovers may go."""

    def __init__(self, data: Path, executor: str) -> None:
        self._all = data / "jobs"
        self._own = self._all / executor

    @contextmanager
    def fresh(self) -> Iterator[Path]:
        """An empty folder that only this user can enter; removed with everything in it on leaving."""
        self._own.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self._own))  # mode 0700
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # what a process made unremovable is swept later

    def sweep(self, alive: Container[str]) -> None:
        """Remove the folders of executors that are not `alive`."""
        if self._all.is_dir():
            for folder in self._all.iterdir():
                if folder.name not in alive:
                    shutil.rmtree(folder, ignore_errors=True)  # another worker may be sweeping too

    def close(self) -> None:
        """Remove this executor's folders."""
        shutil.rmtree(self._own, ignore_errors=True)
