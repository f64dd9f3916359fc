"""docs/SETTINGS.md: every setting with its default and its docstring, from `core/settings.py`."""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "openvod" / "core" / "settings.py"

HEAD = """# Settings

Generated from `core/settings.py` by `python -m scripts.docs`; do not edit. Each setting is `OPENVOD_<NAME>` in the
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
