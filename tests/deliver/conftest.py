import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from openvod.core.settings import Settings
from openvod.store import Store
from openvod.store.events import Event, file_event_in
from tests.receiver import Receiver, receiving

APP = 1400000001


def wait_for(true: Callable[[], Any], seconds: float = 20.0) -> Any:
    """The first true value of `true`, asked often."""
    deadline = monotonic() + seconds
    pause = threading.Event()
    while not (value := true()):
        if monotonic() > deadline:
            raise TimeoutError(true.__qualname__)
        pause.wait(0.02)
    return value


def happen(store: Store, file_id: str, app: int = APP) -> None:
    """An event that needs no record to be told."""
    store.events.configure(app, delete_switch="ON")
    assert store.db.write(lambda connection: file_event_in(connection, app, "FileDeleted", file_id))


def events_of(store: Store, app: int = APP) -> list[Event]:
    return store.events.letters(dead=False, sub_app_id=app)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path / "data",
        public_url="http://vod.example",
        event_seconds=1.0,
        event_quick_retries=1,
        event_quick_seconds=0.0,
        event_pause_seconds=0.01,
        event_hours=0.02 / 3600,
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings) as opened:
        yield opened


@pytest.fixture
def receiver(store: Store) -> Iterator[Receiver]:
    """To which the application's events are pushed."""
    with receiving() as running:
        store.events.configure(APP, mode="PUSH", url=running.url)
        yield running
