"""How alembic runs our revisions: in the transaction that `schema.upgrade` hands over."""

from alembic import context

from openvod.store.tables import metadata

connection = context.config.attributes["connection"]
# SQLite's DDL is transactional too, once nothing commits behind our back.
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
