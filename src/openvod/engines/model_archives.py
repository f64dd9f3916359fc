"""How does a fetched file become a model in the model folder? Checked, unpacked where nothing can escape, moved in at once.

An archive is a stranger's even when its checksum is right: its names, sizes and kinds are judged before anything is
written, and no more is written than was announced.
"""

import hashlib
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from openvod.engines.catalog import ModelError

MOST_ENTRIES = 1000
LONGEST_NAME = 200
BLOCK = 1 << 20


def check(path: Path, size: int, sha256: str) -> None:
    """Raises ModelError when the file is not the expected one."""
    there = path.stat().st_size
    if there != size:
        raise ModelError(f"it has {there} bytes instead of {size}")
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if digest != sha256:
        raise ModelError(f"its sha256 is {digest} instead of {sha256}")


def unpack(archive: Path, target: Path, most: int) -> None:
    """Unpack a ZIP file into a new folder, without the one folder that all of it may be in; at most so many bytes.

    Raises ModelError for an archive that is none, or that has anything in it but plain files and folders inside of it.
    """
    try:
        with zipfile.ZipFile(archive) as content:
            members = _judged(content, most)
            target.mkdir(parents=True)
            left = most
            for place, member in members.items():
                left -= _extract(content, member, target / place, left)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise ModelError(f"{archive.name} cannot be unpacked: {error}") from error


def install(ready: Path, target: Path) -> None:
    """Put a folder in its place, in one step. What was there before goes."""
    old = ready.with_name(f"{ready.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    ready.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _judged(content: zipfile.ZipFile, most: int) -> dict[PurePosixPath, zipfile.ZipInfo]:
    """The archive's files by where they go."""
    infos = content.infolist()
    if len(infos) > MOST_ENTRIES:
        raise ModelError(f"the archive has {len(infos)} entries, more than {MOST_ENTRIES}")
    for info in infos:
        _judge(info)
    files = [info for info in infos if not info.is_dir()]
    if sum(info.file_size for info in files) > most:
        raise ModelError(f"the archive holds more than {most} bytes")
    paths = [PurePosixPath(info.filename) for info in files]
    heads = {path.parts[0] for path in paths}
    if len(heads) == 1 and all(len(path.parts) > 1 for path in paths):
        paths = [PurePosixPath(*path.parts[1:]) for path in paths]
    placed = dict(zip(paths, files, strict=True))
    if len({str(path).casefold() for path in paths}) != len(files):
        raise ModelError("the archive has two files of one name")
    return placed


def _judge(info: zipfile.ZipInfo) -> None:
    name = info.filename
    path = PurePosixPath(name)
    mode = info.external_attr >> 16
    plain = stat.S_IFMT(mode) in (0, stat.S_IFREG, stat.S_IFDIR)
    inside = bool(path.parts) and not path.is_absolute() and ".." not in path.parts
    readable = name.isprintable() and len(name) <= LONGEST_NAME and not set(name) & set("\\:")
    packed = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) and not info.flag_bits & 1
    if not (plain and inside and readable and packed):
        raise ModelError(f"the archive has an entry that is refused: {name[:LONGEST_NAME]!r}")


def _extract(content: zipfile.ZipFile, member: zipfile.ZipInfo, place: Path, left: int) -> int:
    """Write one file; the bytes it took. Sizes in an archive may lie, so they are counted."""
    place.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with content.open(member) as source, place.open("xb") as target:
        while block := source.read(BLOCK):
            written += len(block)
            if written > left:
                raise ModelError("the archive holds more than it says")
            target.write(block)
    return written
