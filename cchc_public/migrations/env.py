"""Runs our revisions on the connection ``runner`` hands over; reads no file, sets no logging."""

from __future__ import annotations

from alembic import context

from cchc_public.migrations.runner import OPTIONS, load_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=load_metadata(),
    render_as_batch=True,
    # SQLite too can take back a failed migration: the runner opens its transaction.
    transactional_ddl=True,
    **OPTIONS,
)
with context.begin_transaction():
    context.run_migrations()
