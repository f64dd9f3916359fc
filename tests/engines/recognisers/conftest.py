"""Sounds, chunks, and what must be installed."""

import os
from importlib.util import find_spec

import numpy as np
import pytest

from openvod.engines.recognisers import Chunk, Samples
from openvod.engines.silero import Span


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip loudly where a library of the extra `languages` is absent; where nothing may be skipped, fail."""
    for marker in item.iter_markers("library"):
        if find_spec(marker.args[0]) is None:
            message = f"{marker.args[0]} is not installed; it is in the extra `languages`"
            if os.environ.get("OPENVOD_REQUIRE_ALL") == "1":
                pytest.fail(message, pytrace=False)
            pytest.skip(message)


def noise(seconds: float) -> Samples:
    return (np.random.default_rng(7).standard_normal(round(seconds * 16000)) * 0.05).astype(np.float32)


@pytest.fixture
def chunks() -> list[Chunk]:
    """Three seconds at 5 and at 20."""
    return [(Span(5.0, 8.0), noise(3)), (Span(20.0, 23.0), noise(3))]
