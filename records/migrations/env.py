"""Run by Alembic; the connection comes from `records.database`."""

from __future__ import annotations

from alembic import context

from records.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
