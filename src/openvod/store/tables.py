"""What does the database hold? The tables.

Times are integer milliseconds since 1970, UTC, by the database's own clock (`now_ms`), so that machines never
compare their clocks. A change here needs a revision in `migrations/versions`; a test compares the two.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
)

from openvod.store.columns import JsonText, Words, machine_ms, now_ms

HEAD = "0001"
"""The newest revision in `migrations/versions`; a database that carries this tag needs no alembic."""

_Serial = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up by itself there

metadata = MetaData()


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Words, nullable=options.pop("nullable", False), **options)


def _time(name: str, **options: Any) -> Column[int]:
    return Column(name, BigInteger, nullable=options.pop("nullable", False), **options)


def _created() -> Column[int]:
    return _time("created", default=now_ms())


def _number(name: str, kind: Any = BigInteger, **options: Any) -> Column[Any]:
    return Column(name, kind, nullable=options.pop("nullable", False), **options)


def _json(name: str, nullable: bool = False) -> Column[Any]:
    return Column(name, JsonText, nullable=nullable)


secrets = Table("secrets", metadata, _text("name", primary_key=True), _text("value"), _created())
"""Keys that all processes of an installation share, e.g. the one that signs links."""

accounts = Table(
    "accounts",
    metadata,
    Column("id", _Serial, primary_key=True),
    _text("name"),
    _number("default_sub_app", nullable=True),
    _created(),
    sqlite_autoincrement=True,
)

access_keys = Table(
    "access_keys",
    metadata,
    _text("secret_id", primary_key=True),
    _text("secret_key"),
    _number("account_id"),
    _text("status"),
    _created(),
)

sub_apps = Table(
    "sub_apps",
    metadata,
    _number("id", primary_key=True, autoincrement=False),
    _number("account_id"),
    _text("name"),
    _text("description"),
    _text("status"),
    _text("mode"),
    _text("storage_region"),
    _json("tags"),
    _number("last_template", Integer),
    _created(),
)
"""`last_template` is the newest template's Definition: counted up, so that none is ever used twice."""

templates = Table(
    "templates",
    metadata,
    _number("sub_app_id"),
    _number("definition", Integer),
    _text("type"),
    _text("name"),
    _text("comment"),
    _json("parameters"),
    _created(),
    _time("updated", default=now_ms()),
    PrimaryKeyConstraint("sub_app_id", "definition"),
)

media = Table(
    "media",
    metadata,
    _text("file_id", primary_key=True),
    _number("sub_app_id"),
    _text("name"),
    _text("description"),
    _text("folded_name"),
    _text("folded_description"),
    _text("kind"),
    _text("extension"),
    _text("content_type"),
    _text("object_key", unique=True),
    _number("size"),
    _text("md5"),
    _json("facts"),
    _text("source_type"),
    _text("source_context"),
    _number("class_id"),
    _created(),
    _time("updated", default=now_ms()),
    _time("expires", nullable=True),
    _time("stripped", nullable=True),
    _time("deleted", nullable=True),
    Index("media_by_age", "sub_app_id", "created", "file_id"),
    Index("media_by_expiry", "expires"),
)
"""`folded_…` are what a search looks at; a file that is `stripped` has lost its bytes and kept the rest."""

media_tags = Table(
    "media_tags",
    metadata,
    _text("file_id"),
    _text("tag"),
    _number("position", Integer),
    PrimaryKeyConstraint("file_id", "tag"),
    Index("media_tags_by_tag", "tag", "file_id"),
)

key_frames = Table(
    "key_frames",
    metadata,
    _text("file_id"),
    _number("seconds", Float),
    _text("content"),
    PrimaryKeyConstraint("file_id", "seconds"),
)

attachments = Table(
    "attachments",
    metadata,
    _text("object_key", primary_key=True),
    _text("file_id"),
    _text("kind"),
    _text("id"),
    _text("name"),
    _text("language"),
    _text("extension"),
    _text("content_type"),
    _number("size"),
    _text("md5"),
    _created(),
    Index("attachments_by_file", "file_id", "kind", "id", unique=True),
)
"""A file's further objects: its cover (with an empty id) and its uploaded subtitles."""

objects = Table("objects", metadata, _text("key", primary_key=True), _created())
"""One row per stored object that something owns; an object without a row is an orphan and is swept."""

uploads = Table(
    "uploads",
    metadata,
    _text("session_key", primary_key=True),
    _number("sub_app_id"),
    _text("storage_path", unique=True),
    _text("cover_path", nullable=True, unique=True),
    _text("temp_secret_id", unique=True),
    _text("temp_secret_key"),
    _text("token"),
    _text("media_type"),
    _text("media_name"),
    _json("params"),
    _created(),
    _time("expires"),
    _time("committed", nullable=True),
    _text("file_id", nullable=True),
    Index("uploads_by_expiry", "expires"),
)

upload_objects = Table(
    "upload_objects",
    metadata,
    _text("storage_path", primary_key=True),
    _number("size"),
    _text("md5"),
    _text("object_key"),
)

multiparts = Table(
    "multiparts",
    metadata,
    _text("upload_id", primary_key=True),
    _text("storage_path"),
    _created(),
    Index("multiparts_by_path", "storage_path"),
)

parts = Table(
    "parts",
    metadata,
    _text("upload_id"),
    _number("number", Integer),
    _number("size"),
    _text("md5"),
    _text("object_key"),
    _text("crc64"),
    _created(),
    PrimaryKeyConstraint("upload_id", "number"),
)

tasks = Table(
    "tasks",
    metadata,
    _text("id", primary_key=True),
    _number("sub_app_id"),
    _text("kind"),
    _text("file_id"),
    _text("status"),
    _number("priority", Integer),
    _created(),
    _time("began", nullable=True),
    _time("finished", nullable=True),
    _number("err_code", Integer),
    _json("message", nullable=True),
    _text("session_id"),
    _text("session_context"),
    _text("ext_info"),
    _json("request"),
    _text("lane"),
    _text("notify"),
    _json("warnings"),
    _text("owner", nullable=True),
    _number("attempt", Integer),
    Index("tasks_by_age", "sub_app_id", "created", "id"),
    Index("tasks_by_turn", "status", "lane", "priority", "created"),
    Index("tasks_by_owner", "owner"),
    Index("tasks_by_file", "file_id", "sub_app_id", "created", "id"),
)
Index(
    "tasks_by_session",
    tasks.c.sub_app_id,
    tasks.c.session_id,
    sqlite_where=tasks.c.session_id != "",
    postgresql_where=tasks.c.session_id != "",
)

sub_tasks = Table(
    "sub_tasks",
    metadata,
    _text("task_id"),
    _number("position", Integer),
    _text("type"),
    _json("input"),
    _json("options"),
    _text("status"),
    _number("progress", Float),
    _text("err_code"),
    _json("message", nullable=True),
    _json("output", nullable=True),
    _json("files"),
    _text("engine"),
    _json("warnings"),
    _time("finished", nullable=True),
    _time("discarded", nullable=True),
    PrimaryKeyConstraint("task_id", "position"),
)
"""What is `discarded` is no longer shown with the file it was made from; the task still tells it."""

events = Table(
    "events",
    metadata,
    Column("id", _Serial, primary_key=True),
    _number("sub_app_id"),
    _text("type"),
    _text("task_id", nullable=True),
    _text("file_id", nullable=True),
    _created(),
    _time("due", default=now_ms()),
    _text("handle", nullable=True),
    _number("attempts", Integer, default=0),
    _text("failure", nullable=True),
    _time("delivered", nullable=True),
    _time("dead", nullable=True),
    sqlite_autoincrement=True,
)
"""What happened. `due` is when it may be given out (again), and `handle` what names its last giving out."""
_waits = events.c.delivered.is_(None) & events.c.dead.is_(None)
Index("events_by_turn", events.c.sub_app_id, events.c.due, sqlite_where=_waits, postgresql_where=_waits)
_notifies = _waits & (events.c.type == "WorkflowTask")
Index("events_to_notify", events.c.due, sqlite_where=_notifies, postgresql_where=_notifies)
Index("events_by_age", events.c.created)

event_configs = Table(
    "event_configs",
    metadata,
    _number("sub_app_id", primary_key=True, autoincrement=False),
    _text("mode"),
    _text("url"),
    _text("sign_key"),
    _text("upload_switch"),
    _text("delete_switch"),
    _text("persistence_switch"),
)
"""How an application hears of its events; without a row by the defaults of `store.events.EventConfig`."""

usage = Table(
    "usage",
    metadata,
    _text("task_id"),
    _number("position", Integer),
    _number("sub_app_id"),
    _text("type"),
    _number("media_seconds", Float),
    _time("finished", default=now_ms()),
    PrimaryKeyConstraint("task_id", "position"),
    Index("usage_by_time", "sub_app_id", "finished"),
)

steps = Table(
    "steps",
    metadata,
    _number("sub_app_id"),
    _text("key"),
    Column("value", LargeBinary, nullable=False),
    _number("size"),
    _time("used", default=now_ms()),
    PrimaryKeyConstraint("sub_app_id", "key"),
    Index("steps_by_use", "used"),
)
"""What tasks have worked out, by content (see `memory`); packed JSON."""

executors = Table(
    "executors",
    metadata,
    _text("id", primary_key=True),
    _text("host"),
    _number("pid", Integer),
    _text("process_started"),
    _number("wake_port", Integer, nullable=True),
    _time("heartbeat", default=machine_ms()),
    _time("stopped", nullable=True),
)
