"""What the documents promise: nothing a user can meet is missing from them."""

import re
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from openvod.cli import COMMANDS, main
from openvod.core.errors import ApiError, TaskFault
from openvod.engines import catalog

ROOT = Path(__file__).parents[1]


def test_generated_pages_are_current() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "scripts.docs", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_every_dependency_has_its_reason() -> None:
    explained = (ROOT / "docs" / "DEPENDENCIES.md").read_text().lower()
    for file in ("run.in", "dev.in"):
        for line in (ROOT / "requirements" / file).read_text().splitlines():
            if line and not line.startswith(("#", "-")):
                name = re.match(r"[\w-]+", line)
                assert name is not None
                assert name[0].lower() in explained, f"{name[0]} is not explained in docs/DEPENDENCIES.md"


def test_every_model_is_listed_with_its_licence() -> None:
    explained = (ROOT / "docs" / "DEPENDENCIES.md").read_text()
    assert all(model.id in explained and model.licence for model in catalog.MODELS)


def test_every_command_says_what_it_does() -> None:
    for name in COMMANDS:
        run = CliRunner().invoke(main, [name, "--help"])
        assert run.exit_code == 0, run.output
        assert COMMANDS[name].split(".")[0] in " ".join(run.output.split())


def test_every_error_reads_well_in_both_languages() -> None:
    for table in (ApiError.table, TaskFault.table):
        for key, text in table.items():
            fields = [sorted(re.findall(r"\{(\w+?)(?:_zh)?\}", language)) for language in text]
            assert fields[0] == fields[1], f"{key} fills in different facts in its two languages"


def test_no_lock_names_a_place() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert not re.search(r"https?://|file:|--index-url|/home/|/opt/", lock.read_text()), lock
