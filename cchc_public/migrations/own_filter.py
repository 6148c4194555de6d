"""The filter of our own migrations: our tables and nothing of the host's."""

from __future__ import annotations

from typing import Any

from cchc_public.migrations.host_filter import PREFIX, is_ours
from cchc_public.store import Base

VERSION_TABLE = "cchc_alembic_version"
# Every database has them; only the stand-alone site uses them, and only its extra declares them.
ACCOUNT_TABLES = frozenset(
    {
        "cchc_attempts",
        "cchc_role",
        "cchc_sign_in",
        "cchc_user",
        "cchc_user_role",
        "cchc_webauthn",
    }
)


def include_name(name: str | None, type_: str, parent_names: Any) -> bool:
    """Look at no table of the host when the database is read, nor at accounts without a use."""
    if type_ != "table":
        return True
    if name in ACCOUNT_TABLES:
        return name in Base.metadata.tables
    return (name or "").startswith(PREFIX) and name != VERSION_TABLE


def include_object(
    item: Any, name: str | None, type_: str, reflected: bool, compare_to: Any
) -> bool:
    """Keep our tables and what hangs on them."""
    return is_ours(item, name, type_)
