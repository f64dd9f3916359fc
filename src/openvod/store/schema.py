"""Is the database's schema the one this version needs, and how does it become that?

The tag is alembic's own table. A current database is recognised without alembic (half a CPU-second to
import), a new one is made from `tables` directly; only an older one is migrated. A test holds both ways to
the same schema.
"""

from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, insert, inspect, select, text

from openvod.store.tables import HEAD, metadata

MIGRATIONS = Path(__file__).parent / "migrations"

_LOCK = text("SELECT pg_advisory_xact_lock(718293645)")
_BEGIN = text("BEGIN IMMEDIATE")
_tag = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


class SchemaUnknown(RuntimeError):
    """The database was written by a newer OpenVOD, or is not ours."""


def migrate(engine: Engine) -> None:
    """Bring the database to HEAD, whatever it is; safe when several processes start at once. Raises
    SchemaUnknown.
    """
    with engine.connect() as connection:
        if _read_tag(connection) == HEAD:
            return
    with engine.begin() as connection:
        connection.execute(
            _LOCK if connection.dialect.name == "postgresql" else _BEGIN
        )  # the others wait here
        tag = _read_tag(connection)
        if tag is None:
            _create(connection)
        elif tag != HEAD:
            upgrade(connection)


def _read_tag(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_tag.name):
        return None
    return connection.execute(select(_tag.c.version_num)).scalar()


def _create(connection: Connection) -> None:
    if known := set(inspect(connection).get_table_names()) & metadata.tables.keys():
        raise SchemaUnknown(f"the database has no schema tag, but tables of ours: {', '.join(sorted(known))}")
    metadata.create_all(connection, checkfirst=False)
    _tag.create(connection, checkfirst=True)
    connection.execute(insert(_tag).values(version_num=HEAD))


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations in the connection's transaction. Raises SchemaUnknown."""
    from alembic import command  # noqa: PLC0415 - see the module's docstring
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise SchemaUnknown(f"the database was written by a newer version: {error}") from error
