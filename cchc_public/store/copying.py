"""Copies our rows from one database to another, whatever kind either is, and proves them equal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, func, insert, select, text

CHUNK = 1000
_GUARDS = r"""
SELECT name, sql FROM sqlite_master
WHERE type = 'trigger' AND tbl_name LIKE 'cchc\_%' ESCAPE '\'
"""


def copy_rows(source: Connection, target: Connection, tables: Sequence[Table]) -> None:
    """Copy all rows of ``tables``, which stand in the order of their foreign keys."""
    for table in tables:
        rows = source.execute(_ordered(table)).mappings()
        while chunk := rows.fetchmany(CHUNK):
            target.execute(insert(table), [dict(row) for row in chunk])


def replace_rows(source: Connection, target: Connection, tables: Sequence[Table]) -> None:
    """Put the rows of ``source`` in the place of those of ``target``, or nothing.

    Only the owner of the tables can: the guards are put away until the rows stand.
    """
    if target.dialect.name == "sqlite":
        _replace_on_sqlite(source, target, tables)
        return
    names = ", ".join(table.name for table in tables)
    for table in tables:
        target.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
    target.execute(text(f"TRUNCATE {names}"))
    copy_rows(source, target, tables)
    for table in tables:
        target.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER USER"))
        if table.autoincrement_column is not None:
            column = table.autoincrement_column
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            highest = select(func.max(column)).scalar_subquery()
            target.execute(
                select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None)))
            )


def _replace_on_sqlite(source: Connection, target: Connection, tables: Sequence[Table]) -> None:
    target.exec_driver_sql("BEGIN IMMEDIATE")  # the driver itself would begin after the guards
    target.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    guards = target.execute(text(_GUARDS)).all()
    for name, _sql in guards:
        target.execute(text(f"DROP TRIGGER {name}"))
    for table in reversed(tables):
        target.execute(delete(table))
    copy_rows(source, target, tables)
    for _name, sql in guards:
        target.exec_driver_sql(sql)


def digest_rows(connection: Connection, tables: Sequence[Table]) -> str:
    """Return the SHA-256 of every value: equal on two databases exactly when their rows are."""
    seal = hashlib.sha256()
    for table in tables:
        seal.update(table.name.encode())
        for row in connection.execute(_ordered(table).execution_options(yield_per=CHUNK)):
            seal.update(json.dumps(list(row), default=str, sort_keys=True).encode())
    return seal.hexdigest()


def _ordered(table: Table) -> Select[*tuple[Any, ...]]:
    return select(table).order_by(*table.primary_key.columns)
