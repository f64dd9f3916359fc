"""What each process loads: the API must start quickly and stay small."""

import json
import subprocess
import sys

import pytest

HEAVY = ["numpy", "av", "onnxruntime", "pocketsphinx", "py3langid", "dbos", "alembic", "obspec", "cv2"]


@pytest.mark.parametrize("module", ["openvod.app", "openvod.cli.serve", "openvod.worker.supervisor"])
def test_importing_the_api_loads_no_heavy_library(module: str) -> None:
    program = f"import sys, json, {module}; json.dump(sorted(sys.modules), sys.stdout)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(HEAVY) & set(json.loads(run.stdout))


def test_a_media_process_starts_without_the_server() -> None:
    program = "import sys, json, openvod.media.sandbox_child; json.dump(sorted(sys.modules), sys.stdout)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"sqlalchemy", "starlette", "obstore", *HEAVY} & set(json.loads(run.stdout))
