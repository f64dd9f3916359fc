"""One store, two databases: every test here that asks for `settings` or `store` runs on both."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from openvod.core.models import SubTask, new_task_id
from openvod.core.settings import Settings
from openvod.store import Store
from openvod.store.library import MediaRow, NewMedia
from openvod.store.tasks import NewTask
from tests.store import postgres

APP = 1400000001
_count = itertools.count()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    folder = postgres.binaries()
    assert folder is not None, "the mark `needs` lets nothing through without PostgreSQL"
    with postgres.server(folder) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        (tmp_path / "data").mkdir(mode=0o700)
        yield f"sqlite:///{tmp_path / 'data' / 'openvod.db'}"
        return
    url = request.getfixturevalue("postgres_url")
    name = f"test{next(_count)}"
    admin = create_engine(url)
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))  # a tenth of the time and disk of a database
    admin.dispose()
    yield f"{url}&options=-csearch_path%3D{name}"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", database_url=database_url)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings) as opened:
        yield opened


@pytest.fixture
def media(store: Store) -> Callable[..., MediaRow]:
    """Put a small file into the library."""

    def add(content: bytes = b"film", **changes: object) -> MediaRow:
        return store.library.add(new_media(store, content, **changes))

    return add


def new_media(store: Store, content: bytes = b"film", **changes: object) -> NewMedia:
    stored = store.blobs.put(store.blobs.new_key(), [content])
    values = {
        "sub_app_id": APP,
        "name": "Film 电影.mp4",
        "kind": "video",
        "extension": "mp4",
        "content_type": "video/mp4",
        "object_key": stored.key,
        "size": stored.size,
        "md5": stored.md5,
        "facts": {"duration": 1.5, "title": "电影"},
    }
    return NewMedia(**{**values, **changes})


def new_task(file_id: str, parts: int = 2, **changes: object) -> NewTask:
    values = {
        "id": new_task_id(APP, "ProcessMediaByMPS"),
        "sub_app_id": APP,
        "kind": "ProcessMediaByMPS",
        "file_id": file_id,
        "sub_tasks": tuple(SubTask(f"Kind.{n}", {"Definition": n}, {"Name": "名"}) for n in range(parts)),
        "request": {"FileId": file_id},
    }
    return NewTask(**{**values, **changes})
