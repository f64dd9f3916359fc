"""Which clients are put to the test, and what does each one need to be installed?"""

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.clients.asking import HERE, TCCLI, Ask, curl, spoken_to, tccli
from tests.conftest import NODE_MODULES

BUILT = HERE.parents[1] / "build" / "clients"
PYTHON = BUILT / "python" / "bin" / "python"
PYTHON_INTL = BUILT / "python-intl" / "bin" / "python"
PYTHON_ERROR, NODE_ERROR = "TencentCloudSDKException", "TencentCloudSDKHttpException"
HINT = "make test-clients"


@dataclass(frozen=True)
class Client:
    """A row of the matrix."""

    name: str
    needs: tuple[str | Path, ...]
    """Programs by name, and files."""
    refuses_by: str
    """`Refusal.how` of every error of the API."""
    started: Callable[[str], AbstractContextManager[Ask]]
    """With `host:port`."""
    sends_anything: bool = True
    """Whether it can be asked for actions and fields that it does not know."""


def missing(needs: tuple[str | Path, ...]) -> str:
    """What to install, in words; empty if all is there."""
    programs = [need for need in needs if isinstance(need, str) and not shutil.which(need)]
    if programs:
        return f"install {', '.join(programs)}"
    files = [need for need in needs if isinstance(need, Path) and not need.exists()]
    return f"{files[0]} is absent; run `{HINT}`" if files else ""


def python(name: str, binary: Path, *options: str) -> Client:
    talk = spoken_to(binary, HERE / "python_client.py", "HOST:PORT", *options)
    return Client(name, (binary.parent.parent / ".installed",), PYTHON_ERROR, talk)


CLIENTS = (
    python("Python SDK", PYTHON),
    python("Python SDK, async", PYTHON, "--async"),
    python("Python SDK, v1 GET HmacSHA1", PYTHON, "--sign", "HmacSHA1"),
    python("Python SDK, v1 GET HmacSHA256", PYTHON, "--sign", "HmacSHA256"),
    python("Python SDK, international", PYTHON_INTL),
    Client("tccli", (TCCLI,), "exit status 255", tccli, sends_anything=False),
    Client(
        "Node SDK",
        ("node", NODE_MODULES / "tencentcloud-sdk-nodejs-vod", NODE_MODULES / "tencentcloud-sdk-nodejs-mps"),
        NODE_ERROR,
        spoken_to("node", HERE / "node_client.js", "HOST:PORT", NODE_PATH=str(NODE_MODULES)),
    ),
    Client("curl, TC3", ("curl", "openssl"), "exit status 1", curl),
)
