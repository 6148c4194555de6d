"""Compares the triggers and tables that stand in a database with those our migrations make."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from sqlalchemy import Connection, create_engine, text

from cchc_public.migrations import runner

_SQLITE = r"""
SELECT type, name, sql FROM sqlite_master
WHERE type IN ('table', 'trigger') AND tbl_name LIKE 'cchc\_%' ESCAPE '\'
"""
# each trigger, and whether it is switched on and still refuses
_POSTGRESQL = r"""
SELECT t.tgname, t.tgenabled IN ('O', 'A') AND p.prosrc LIKE '%RAISE EXCEPTION%'
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND c.relname LIKE 'cchc\_%'
AND c.relnamespace = current_schema()::regnamespace
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
_WORDS = {"table": "bảng", "trigger": "chốt chống sửa"}
_Found = dict[tuple[str, str], str]  # kind and name: the trigger's words on one line


def find_broken_guards(connection: Connection) -> Iterator[str]:
    """Yield each of our tables that is missing, each trigger missing, changed or foreign."""
    if connection.dialect.name == "sqlite":
        wanted, found = _as_migrated(), _read_sqlite(connection)
    else:
        wanted, found = _wanted_on_postgresql(), _read_postgresql(connection)
    for kind, name in sorted(wanted.keys() - found.keys()):
        yield f"thiếu {_WORDS[kind]} {name}"
    for kind, name in sorted(found.keys() - wanted.keys()):
        if kind == "trigger":
            yield f"có {_WORDS[kind]} lạ {name}"
    for kind, name in sorted(wanted.keys() & found.keys()):
        if found[kind, name] != wanted[kind, name]:
            yield f"{_WORDS[kind]} {name} đã bị sửa hoặc tắt"


def _read_sqlite(connection: Connection) -> _Found:
    rows = connection.execute(text(_SQLITE))
    return {
        # tables may have been built in one step or in several; that they are there is enough
        (row.type, row.name): " ".join(row.sql.split()) if row.type == "trigger" else ""
        for row in rows
    }


@lru_cache(maxsize=1)
def _as_migrated() -> _Found:
    """Return tables and triggers of a database that was migrated just now."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            runner.upgrade(connection)
            return _read_sqlite(connection)
    finally:
        engine.dispose()


def _wanted_on_postgresql() -> _Found:
    """One trigger there guards what three or more guard on SQLite."""
    frozen = {name.removesuffix("_no_update") for kind, name in _as_migrated() if kind == "trigger"}
    tables = {key: "" for key in _as_migrated() if key[0] == "table"}
    return tables | {
        ("trigger", f"{table}_frozen"): "refuses" for table in frozen if ("table", table) in tables
    }


def _read_postgresql(connection: Connection) -> _Found:
    tables = {("table", name): "" for name in connection.scalars(text(_TABLES))}
    triggers = connection.execute(text(_POSTGRESQL))
    return tables | {("trigger", name): "refuses" if refuses else "" for name, refuses in triggers}
