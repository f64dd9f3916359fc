"""The example that users are shown is true: it runs, and the page shows just that file."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "test_with_openvod.py"


def pytest_run(folder: Path, tests: Path) -> subprocess.CompletedProcess[str]:
    """A run of its own, which finds no settings of ours."""
    apart = ["-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", folder]
    command = [sys.executable, "-m", "pytest", *apart, tests]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_example_passes_on_its_own() -> None:
    run = pytest_run(EXAMPLE.parent, EXAMPLE)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "3 passed" in run.stdout


def test_the_page_shows_the_example() -> None:
    page = (ROOT / "docs" / "TESTING_WITH_OPENVOD.md").read_text()
    assert EXAMPLE.read_text().strip() in page


def test_a_suite_that_does_not_ask_has_no_fixture(tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text("def test_plain(openvod): pass\n")
    assert "fixture 'openvod' not found" in pytest_run(tmp_path, tmp_path).stdout
