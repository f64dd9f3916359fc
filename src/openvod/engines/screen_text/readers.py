"""Which further readers of text lie in the model folder? PP-OCR recognisers, told by what is in their files.

Such a file is a PP-OCR recogniser as ONNX with the characters it knows in its metadata, under `character` (as RapidOCR
publishes them for Korean, Arabic, Cyrillic, Devanagari, Thai and others), in any folder of the model folder.
"""

from collections.abc import Iterator
from pathlib import Path

from openvod.engines import ocr

SMALLEST, LARGEST = 100_000, 200_000_000
"""Bytes of such a file."""
METADATA = 600_000
"""Bytes at the end of a file that hold its metadata, at most."""
MOST = 4
"""Readers that are loaded; every one reads every line."""


def installed(models: Path) -> list[Path]:
    """The files of further readers, in the order of their names; not the one that OpenVOD brings."""
    found = (path for path in sorted(models.glob("*/*.onnx")) if path.parent.name != ocr.MODEL)
    return list(_first(path for path in found if _is_reader(path)))


def names(readers: list[Path]) -> list[str]:
    """What they are called in results."""
    return [f"{path.parent.name}/{path.stem}" for path in readers]


def _first(found: Iterator[Path]) -> Iterator[Path]:
    for _, path in zip(range(MOST), found, strict=False):
        yield path


def _is_reader(path: Path) -> bool:
    """ONNX, with a metadata entry `character`: a length, the key, and the field number of its value."""
    size = path.stat().st_size
    if not SMALLEST <= size <= LARGEST:
        return False
    with path.open("rb") as opened:
        if opened.read(1) != b"\x08":  # ModelProto.ir_version
            return False
        opened.seek(max(0, size - METADATA))
        return b"\x0a\x09character\x12" in opened.read()
