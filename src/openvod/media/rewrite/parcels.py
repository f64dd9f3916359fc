"""How does a finished segment get to the tasks to come? As one file that the worker keeps, found by all that shaped it."""

import shutil
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from openvod.core import asking
from openvod.core.asking import Ask
from openvod.core.models import Json
from openvod.media.rewrite.new_packets import DATA, LIST, TIMES
from openvod.media.rewrite.work import ANSWER

STEP = "segment/1"
FILES = (DATA, LIST, TIMES, ANSWER)
LIBRARIES = ("av", "numpy", "opencv-python-headless", "pillow")
"""Distributions that decode, draw and encode."""


@dataclass(frozen=True, slots=True)
class Parcels:
    """A `media.rewrite.work.Shelf`: segments go to the worker, and come back from it, as archives in the job's folder."""

    ask: Ask
    folder: Path
    """The job's."""

    def recall(self, name: str, folder: Path) -> bool:
        """See `Shelf`."""
        parcel = self._parcel(name)
        if not asking.recall_file(self.ask, STEP, _about(name), parcel.name):
            return False
        try:
            with ZipFile(parcel) as archive:
                for each in FILES:
                    archive.extract(each, folder)
        except (BadZipFile, EOFError, KeyError):  # the machine crashed before it was on the disk
            shutil.rmtree(folder, ignore_errors=True)
            return False
        finally:
            parcel.unlink()
        return True

    def keep(self, name: str, folder: Path) -> None:
        """See `Shelf`."""
        parcel = self._parcel(name)
        with ZipFile(parcel, "w") as archive:
            for each in FILES:
                archive.write(folder / each, each)
        asking.keep_file(self.ask, STEP, _about(name), parcel.name)
        parcel.unlink()

    def _parcel(self, name: str) -> Path:
        return self.folder / f"segment-{name}.zip"


def _about(name: str) -> Json:
    return {"segment": name, "made_by": _makers()}


@cache
def _makers() -> Json:
    """What else shapes a segment: this program's own code, so that nobody has to remember to count up a number, and the
    libraries at work."""
    code = sha256()
    for path in sorted(Path(__file__).parents[2].rglob("*.py")):
        code.update(path.read_bytes())
    return {"code": code.hexdigest(), **{name: version(name) for name in LIBRARIES}}
