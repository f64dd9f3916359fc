"""Writes the generated pages of docs/; with `--check` it only says which are stale: `python -m scripts.docs [--check]`."""

import sys
from pathlib import Path

from scripts import coverage, errors, settings

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {"COVERAGE.md": coverage.page, "ERRORS.md": errors.page, "SETTINGS.md": settings.page}


def main() -> int:
    """The exit status: 1 when a page is stale and may not be written."""
    stale = [name for name, page in PAGES.items() if not _is_current(DOCS / name, page())]
    if "--check" in sys.argv:
        for name in stale:
            print(f"docs/{name} is stale: run `python -m scripts.docs`", file=sys.stderr)  # noqa: T201
        return int(bool(stale))
    for name in stale:
        (DOCS / name).write_text(PAGES[name]())
    return 0


def _is_current(file: Path, text: str) -> bool:
    return file.exists() and file.read_text() == text


if __name__ == "__main__":
    sys.exit(main())
