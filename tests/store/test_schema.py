import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from openvod.store import schema
from openvod.store.db import Database
from openvod.store.schema import SchemaUnknown
from openvod.store.tables import HEAD, metadata


@pytest.fixture
def engine(database_url):
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def shape(engine):
    """Everything that reflection can tell of a schema."""
    seen = inspect(engine)
    return {
        table: {
            "columns": {
                c["name"]: (str(c["type"]), c["nullable"], str(c["default"])) for c in seen.get_columns(table)
            },
            "key": seen.get_pk_constraint(table)["constrained_columns"],
            "unique": sorted(tuple(u["column_names"]) for u in seen.get_unique_constraints(table)),
            "indexes": sorted(
                (i["name"], tuple(i["column_names"]), i["unique"]) for i in seen.get_indexes(table)
            ),
        }
        for table in seen.get_table_names()
    }


def test_the_head_is_the_newest_revision():
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_migrating_and_making_come_to_the_same(engine):
    with engine.begin() as connection:
        schema.upgrade(connection)
    migrated = shape(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    schema.migrate(engine)
    assert shape(engine) == migrated


def test_an_older_database_is_migrated(engine, monkeypatch):
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        )
    monkeypatch.setattr(schema, "_create", lambda connection: schema.upgrade(connection, HEAD))
    schema.migrate(engine)
    assert metadata.tables.keys() < shape(engine).keys()


def test_a_newer_database_is_refused(database_url, engine):
    Database(database_url).close()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaUnknown, match="9999"):
        Database(database_url)


def test_tables_without_a_tag_are_refused(database_url, engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE tasks (id TEXT)"))
    with pytest.raises(SchemaUnknown, match="tasks"):
        Database(database_url)


def test_many_may_start_at_once(database_url):
    def start(_):
        command = f"from openvod.store.db import Database; Database({database_url!r}).close()"
        done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(start, range(4))) == [(0, "")] * 4


def test_opening_a_store_loads_nothing_heavy(settings):
    """Twice: for a new database, and for a current one."""
    command = (
        "import sys; from pathlib import Path; from openvod.store import Store; from openvod.core.settings import Settings;"
        f"Store.open(Settings(data=Path({str(settings.data)!r}), database_url={settings.database_url!r})).close();"
        "print({'alembic', 'dbos', 'numpy', 'av', 'onnxruntime', 'obstore', 'starlette'} & sys.modules.keys())"
    )
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
        assert done.stdout == "set()\n"
