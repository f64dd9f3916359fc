"""Writes docs/SETTINGS.md from `core/settings.py`; with `--check` it only says whether the file is current."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "openvod" / "core" / "settings.py"
TARGET = ROOT / "docs" / "SETTINGS.md"

HEAD = """# Settings

Generated from `core/settings.py` by `python -m scripts.settings`; do not edit. Each setting is `OPENVOD_<NAME>` in the
environment, or `<name>` in a TOML file given by `--config` or `OPENVOD_CONFIG`. The environment wins over the file, and
the command line over both.

| setting | default | meaning |
|---|---|---|
"""


def page() -> str:
    """The whole document. Raises ValueError for a setting that is not explained."""
    module = ast.parse(SOURCE.read_text())
    settings = next(
        node for node in module.body if isinstance(node, ast.ClassDef) and node.name == "Settings"
    )
    rows = []
    for field, after in zip(settings.body, settings.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and field.value:
            if not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)):
                raise ValueError(f"the setting {field.target.id} has no docstring")
            meaning = " ".join(str(after.value.value).split()).replace("|", "\\|")
            rows.append(f"| `{field.target.id}` | `{ast.unparse(field.value)}` | {meaning} |")
    return HEAD + "\n".join(rows) + "\n"


def main() -> int:
    """The exit status."""
    if "--check" in sys.argv:
        current = TARGET.exists() and TARGET.read_text() == page()
        if not current:
            print("docs/SETTINGS.md is stale: run `python -m scripts.settings`", file=sys.stderr)  # noqa: T201
        return int(not current)
    TARGET.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
