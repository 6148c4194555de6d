"""The filter a host gives its own migrations, so that they leave our tables alone.

Without it, the host's ``flask db migrate`` writes statements that drop every ``cchc_`` table:

    Migrate(app, db, include_object=cchc_public.migrations.host_filter.include_object)
"""

from __future__ import annotations

from typing import Any

PREFIX = "cchc_"


def include_object(
    item: Any, name: str | None, type_: str, reflected: bool, compare_to: Any
) -> bool:
    """Return False for our tables and whatever hangs on them, True for everything else."""
    return not is_ours(item, name, type_)


def is_ours(item: Any, name: str | None, type_: str, *_in_the_database: Any) -> bool:
    """Tell whether a schema item is one of our tables, or belongs to one."""
    if type_ == "table":
        return (name or "").startswith(PREFIX)
    table = getattr(item, "table", None)
    return table is not None and str(table.name).startswith(PREFIX)
