"""The filter of our own migrations: our tables and nothing of the host's."""

from __future__ import annotations

from typing import Any

from cchc_public.migrations.host_filter import PREFIX, is_ours

VERSION_TABLE = "cchc_alembic_version"


def include_name(name: str | None, type_: str, parent_names: Any) -> bool:
    """Look at no table of the host when the database is read."""
    if type_ != "table":
        return True
    return (name or "").startswith(PREFIX) and name != VERSION_TABLE


def include_object(
    item: Any, name: str | None, type_: str, reflected: bool, compare_to: Any
) -> bool:
    """Keep our tables and what hangs on them."""
    return is_ours(item, name, type_)
