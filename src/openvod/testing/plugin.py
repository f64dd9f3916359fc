"""Which fixtures does pytest get? Not loaded unless a test suite asks: `pytest_plugins = ["openvod.testing"]`.

PYTEST_DONT_REWRITE, as there.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from openvod.testing import OpenVod, start


@pytest.fixture(scope="session")
def openvod_settings() -> dict[str, Any]:
    """What the server is started with; define it anew in your `conftest.py` to change that."""
    return {}


@pytest.fixture(scope="session")
def openvod_server(openvod_settings: dict[str, Any]) -> Iterator[OpenVod]:
    """One server for all tests of this process. Tests want `openvod`, which cleans up behind each of them."""
    with start(**openvod_settings) as server:
        yield server


@pytest.fixture
def openvod(openvod_server: OpenVod) -> Iterator[OpenVod]:
    """A server that is as good as new."""
    yield openvod_server
    openvod_server.reset()
