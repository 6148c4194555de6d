"""Runs our revisions on the connection ``runner`` hands over; reads no file, sets no logging."""

from __future__ import annotations

from typing import Any

from alembic import context

from cchc_public.migrations.host_filter import PREFIX, is_ours
from cchc_public.migrations.runner import VERSION_TABLE, load_metadata


def include_name(name: str | None, type_: str, parent_names: Any) -> bool:
    """Look at no table of the host."""
    if type_ != "table":
        return True
    return bool(name) and str(name).startswith(PREFIX) and name != VERSION_TABLE


def include_object(
    item: Any, name: str | None, type_: str, reflected: bool, compare_to: Any
) -> bool:
    """Keep our tables and what hangs on them."""
    return is_ours(item, name, type_)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=load_metadata(),
    version_table=VERSION_TABLE,
    include_name=include_name,
    include_object=include_object,
    render_as_batch=True,
    compare_type=True,
    # SQLite too can take back a failed migration: the runner opens its transaction.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
