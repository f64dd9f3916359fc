"""How does `openvod models pull zh` get a model that no package index has? From its publisher, checked, resumed."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import click

from openvod.core.errors import Fault
from openvod.engines import model_archives
from openvod.engines.catalog import ModelError
from openvod.engines.recipes import HUB, Download, Recipe
from openvod.outbound import OPERATOR, Policy

WORKSHOP = ".pulls"
"""Folder in the model folder where a model is fetched and unpacked: on the same disk, so that moving it is one step."""
LONGEST = 6 * 3600.0
"""Seconds for one file, all attempts together."""
RETRIES = 5
"""Attempts in a row that bring nothing new."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where files come from."""

    mirror: str = ""
    """An address that stands in for Hugging Face's, e.g. `https://hf-mirror.com`; empty for none."""
    folder: Path | None = None
    """A folder of files that were fetched otherwise; nothing is fetched then."""
    policy: Policy = field(default_factory=Policy)
    """Which addresses may be called."""

    def address(self, url: str) -> tuple[str, Policy]:
        """Where to call, and by which policy: a mirror is the operator's word."""
        if self.mirror and url.startswith(f"{HUB}/"):
            return self.mirror.rstrip("/") + url.removeprefix(HUB), OPERATOR
        return url, self.policy


def fetch(recipe: Recipe, models: Path, source: Source, say: Callable[[str], None]) -> None:
    """Fetch a recipe's model into the model folder; what is there already stays. Raises ModelError.

    A download that was cut short goes on at the next call. What turns out to be another file is thrown away.
    """
    target = models / recipe.folder
    if target.is_dir():
        say(f"{recipe.id}: present in {target}; remove that folder to fetch it again")
        return _libraries(recipe, say)
    say(f"{recipe.id}: {recipe.size / 1e6:.0f} MB; licence: {recipe.licence}; {recipe.page}")
    workshop = models / WORKSHOP / recipe.id
    workshop.mkdir(parents=True, exist_ok=True)
    files = [_fetched(each, workshop, source, say) for each in recipe.downloads]
    ready = workshop / "ready" / recipe.folder  # so deep that nobody takes it for a model
    shutil.rmtree(ready, ignore_errors=True)
    if recipe.unpacked:
        for file in files:
            model_archives.unpack(file, ready, recipe.unpacked)
    else:
        ready.mkdir(parents=True)
        for file, download in zip(files, recipe.downloads, strict=True):
            _place(file, ready / download.name, keep=source.folder is not None)
    model_archives.install(ready, target)
    shutil.rmtree(workshop)
    say(f"{recipe.id}: installed in {target}")
    return _libraries(recipe, say)


def _libraries(recipe: Recipe, say: Callable[[str], None]) -> None:
    if find_spec(recipe.module) is None:
        say(f"{recipe.id}: to run it, also: pip install {' '.join(recipe.packages)}")


def _fetched(download: Download, workshop: Path, source: Source, say: Callable[[str], None]) -> Path:
    """The checked file."""
    if source.folder is not None:
        file = source.folder / download.name
        if not file.is_file():
            raise ModelError(f"{file} is not there; fetch it from {download.url}")
        _check(file, download, str(file))
        return file
    place = workshop / download.sha256[:16]
    file = _pulled(download, place, source, say)
    try:
        _check(file, download, f"what came from {source.address(download.url)[0]}")
    except ModelError:
        shutil.rmtree(place)  # asking for the rest of it would be of no use
        raise
    return file


def _check(file: Path, download: Download, what: str) -> None:
    try:
        model_archives.check(file, download.size, download.sha256)
    except ModelError as error:
        raise ModelError(f"{what} is not the expected file: {error}") from error


def _pulled(download: Download, place: Path, source: Source, say: Callable[[str], None]) -> Path:
    # The worker's way of fetching: one that goes on where it was cut off. Its modules are loaded only here.
    from openvod.worker.pulling import Bounds, pull  # noqa: PLC0415

    url, policy = source.address(download.url)

    def room(count: int) -> None:
        if shutil.disk_usage(place).free < count:
            raise ModelError(f"the disk of {place} has no room for {download.name}")

    shown = -1

    def progress(share: float) -> None:
        nonlocal shown
        if (tenth := int(share * 10)) > shown:
            shown = tenth
            say(f"{download.name}: {tenth * 10} %")

    bounds = Bounds(policy, download.size, LONGEST, RETRIES, room)
    try:
        return pull(url, place, bounds=bounds, progress=progress, unwanted=lambda: False)
    except Fault as error:
        raise ModelError(
            f"{url} could not be fetched: {error}. What came is kept; the same command goes on. Without a direct way to the "
            f"network, fetch the file otherwise and say --from FOLDER"
        ) from error


def _place(file: Path, target: Path, *, keep: bool) -> None:
    if keep:
        shutil.copyfile(file, target)
    else:
        file.rename(target)


def source_of(mirror: str, folder: Path | None) -> Source:
    """The command line's words. Raises ClickException for a mirror that is no address."""
    if mirror and not mirror.startswith(("https://", "http://")):
        raise click.ClickException("--mirror takes an address, e.g. https://hf-mirror.com")
    return Source(mirror, folder)
