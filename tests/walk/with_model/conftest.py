"""A server that asks a chat model: a stand-in that answers by the `script` of the test's module."""

from collections.abc import Iterator

import pytest

from tests.conftest import Server, serving
from tests.stand_in import Script, StandIn, standing_in


@pytest.fixture(scope="module")
def endpoint(script: Script) -> Iterator[StandIn]:
    with standing_in(script) as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, endpoint: StandIn) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("server") / "data"
    with serving(data, OPENVOD_CHAT_URL=endpoint.url, OPENVOD_CHAT_MODEL="stand-in") as running:
        yield running
