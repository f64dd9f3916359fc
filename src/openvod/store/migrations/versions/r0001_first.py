"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Forward only: an older version refuses a newer database."""
    _accounts()
    _library()
    _beside_the_files()
    _uploads()
    _tasks()
    _workers()
    _events()


def _accounts() -> None:
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "accounts",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("default_sub_app", sa.BigInteger(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "access_keys",
        sa.Column("secret_id", sa.Text(), primary_key=True),
        sa.Column("secret_key", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "sub_apps",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("storage_region", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("last_template", sa.Integer(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "templates",
        sa.Column("sub_app_id", sa.BigInteger(), nullable=False),
        sa.Column("definition", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sub_app_id", "definition"),
    )


def _library() -> None:
    op.create_table(
        "media",
        sa.Column("file_id", sa.Text(), primary_key=True),
        sa.Column("sub_app_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.Column("folded_description", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False, unique=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("md5", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("source_type", sa.Text(), nullable=False),
        sa.Column("source_context", sa.Text(), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("stripped", sa.BigInteger(), nullable=True),
        sa.Column("deleted", sa.BigInteger(), nullable=True),
    )
    op.create_index("media_by_age", "media", ["sub_app_id", "created", "file_id"])
    op.create_index("media_by_expiry", "media", ["expires"])
    op.create_table(
        "objects",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
    )


def _beside_the_files() -> None:
    op.create_table(
        "media_tags",
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "tag"),
    )
    op.create_index("media_tags_by_tag", "media_tags", ["tag", "file_id"])
    op.create_table(
        "key_frames",
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "seconds"),
    )
    op.create_table(
        "attachments",
        sa.Column("object_key", sa.Text(), primary_key=True),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("md5", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
    )
    op.create_index("attachments_by_file", "attachments", ["file_id", "kind", "id"], unique=True)


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("session_key", sa.Text(), primary_key=True),
        sa.Column("sub_app_id", sa.BigInteger(), nullable=False),
        sa.Column("storage_path", sa.Text(), nullable=False, unique=True),
        sa.Column("cover_path", sa.Text(), nullable=True, unique=True),
        sa.Column("temp_secret_id", sa.Text(), nullable=False, unique=True),
        sa.Column("temp_secret_key", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("media_name", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("committed", sa.BigInteger(), nullable=True),
        sa.Column("file_id", sa.Text(), nullable=True),
    )
    op.create_index("uploads_by_expiry", "uploads", ["expires"])
    op.create_table(
        "upload_objects",
        sa.Column("storage_path", sa.Text(), primary_key=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("md5", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
    )
    op.create_table(
        "multiparts",
        sa.Column("upload_id", sa.Text(), primary_key=True),
        sa.Column("storage_path", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
    )
    op.create_index("multiparts_by_path", "multiparts", ["storage_path"])
    op.create_table(
        "parts",
        sa.Column("upload_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("md5", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("crc64", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("upload_id", "number"),
    )


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("sub_app_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=True),
        sa.Column("finished", sa.BigInteger(), nullable=True),
        sa.Column("err_code", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("session_context", sa.Text(), nullable=False),
        sa.Column("ext_info", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("notify", sa.Text(), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
    )
    op.create_index("tasks_by_age", "tasks", ["sub_app_id", "created", "id"])
    op.create_index("tasks_by_file", "tasks", ["file_id", "sub_app_id", "created", "id"])
    op.create_index("tasks_by_owner", "tasks", ["owner"])
    op.create_index(
        "tasks_by_session",
        "tasks",
        ["sub_app_id", "session_id"],
        sqlite_where=sa.text("session_id != ''"),
        postgresql_where=sa.text("session_id != ''"),
    )
    op.create_index("tasks_by_turn", "tasks", ["status", "lane", "priority", "created"])
    op.create_table(
        "sub_tasks",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("err_code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("output", sa.Text(), nullable=True),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("finished", sa.BigInteger(), nullable=True),
        sa.Column("discarded", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("task_id", "position"),
    )


def _workers() -> None:
    op.create_table(
        "usage",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sub_app_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("media_seconds", sa.Float(), nullable=False),
        sa.Column("finished", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "position"),
    )
    op.create_index("usage_by_time", "usage", ["sub_app_id", "finished"])
    op.create_table(
        "steps",
        sa.Column("sub_app_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sub_app_id", "key"),
    )
    op.create_index("steps_by_use", "steps", ["used"])
    op.create_table(
        "executors",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process_started", sa.Text(), nullable=False),
        sa.Column("wake_port", sa.Integer(), nullable=True),
        sa.Column("heartbeat", sa.BigInteger(), nullable=False),
        sa.Column("stopped", sa.BigInteger(), nullable=True),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("sub_app_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("file_id", sa.Text(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("delivered", sa.BigInteger(), nullable=True),
        sa.Column("dead", sa.BigInteger(), nullable=True),
        sqlite_autoincrement=True,
    )
    waits = sa.text("delivered IS NULL AND dead IS NULL")
    op.create_index(
        "events_by_turn", "events", ["sub_app_id", "due"], sqlite_where=waits, postgresql_where=waits
    )
    notifies = sa.text("delivered IS NULL AND dead IS NULL AND type = 'WorkflowTask'")
    op.create_index("events_to_notify", "events", ["due"], sqlite_where=notifies, postgresql_where=notifies)
    op.create_index("events_by_age", "events", ["created"])
    op.create_table(
        "event_configs",
        sa.Column("sub_app_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sign_key", sa.Text(), nullable=False),
        sa.Column("upload_switch", sa.Text(), nullable=False),
        sa.Column("delete_switch", sa.Text(), nullable=False),
        sa.Column("persistence_switch", sa.Text(), nullable=False),
    )
