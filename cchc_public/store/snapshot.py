"""Copies our rows: from one database to another, and everything public into one SQLite file."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from cchc_public.store.base import Base, in_chunks

log = logging.getLogger(__name__)
CHUNK = 1000
_GUARDS = r"""
SELECT name, sql FROM sqlite_master
WHERE type = 'trigger' AND tbl_name LIKE 'cchc\_%' ESCAPE '\'
"""


def copy_rows(source: sa.Connection, target: sa.Connection, tables: Sequence[sa.Table]) -> None:
    """Copy all rows of ``tables``, which stand in the order of their foreign keys."""
    for table in tables:
        _insert(source, target, table, sa.true(), {})


def replace_rows(source: sa.Connection, target: sa.Connection, tables: Sequence[sa.Table]) -> None:
    """Put the rows of ``source`` in the place of those of ``target``, or nothing.

    Only the owner of the tables can: the guards are put away until the rows stand.
    """
    if target.dialect.name == "sqlite":
        target.exec_driver_sql("BEGIN IMMEDIATE")  # the driver would begin after the guards
        target.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        guards = target.execute(sa.text(_GUARDS)).all()
        for name, _sql in guards:
            target.execute(sa.text(f"DROP TRIGGER {name}"))
        for table in reversed(tables):
            target.execute(sa.delete(table))
        copy_rows(source, target, tables)
        for _name, sql in guards:
            target.exec_driver_sql(sql)
        return
    names = ", ".join(table.name for table in tables)
    for table in tables:
        target.execute(sa.text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
    target.execute(sa.text(f"TRUNCATE {names}"))
    copy_rows(source, target, tables)
    for table in tables:
        target.execute(sa.text(f"ALTER TABLE {table.name} ENABLE TRIGGER USER"))
        if (column := table.autoincrement_column) is not None:
            sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
            highest = sa.select(sa.func.max(column)).scalar_subquery()
            last = sa.func.setval(sequence, sa.func.coalesce(highest, 1), highest.is_not(None))
            target.execute(sa.select(last))


def digest_rows(connection: sa.Connection, tables: Sequence[sa.Table]) -> str:
    """Return the SHA-256 of every value: equal on two databases exactly when their rows are."""
    seal = hashlib.sha256()
    for table in tables:
        seal.update(table.name.encode())
        rows = sa.select(table).order_by(*table.primary_key.columns)
        for row in connection.execute(rows.execution_options(yield_per=CHUNK)):
            seal.update(json.dumps(list(row), default=str, sort_keys=True).encode())
    return seal.hexdigest()


RELEASES, PROCEDURES, REVISIONS = "cchc_release", "cchc_procedure", "cchc_procedure_revision"
# rows that never change, with what names them: only new ones are copied
FROZEN = {
    RELEASES: "id",
    "cchc_paper_entry": "id",
    "cchc_signed_copy": "digest",
    "cchc_picture": "digest",
    REVISIONS: "token",  # a number that was rolled back is given again
}
# small, copied whole at every change
SMALL = (
    "cchc_settings", "cchc_reception_rule", "cchc_reception_change", "cchc_public_holiday",
    "cchc_desk", "cchc_audit_entry", "cchc_procedure_field",
)  # fmt: skip
PUBLIC = (*FROZEN, PROCEDURES, *SMALL)
# what nobody outside reads, also where the table is public
_BLANK: Mapping[str, Any] = {
    "edited_by_id": "", "edited_by_name": "", "actor_id": "", "actor_name": "",
    "published_by_id": "", "entered_by_id": "", "entered_by_name": "",
    "before": {}, "after": {}, "detail": {}, "previous_digest": None,
}  # fmt: skip
# of the trail only when the desk changed: calendars and stamps ask
_DESK_LINES = ("tiep-cong-dan", "mot-cua")
_meta = sa.Table(
    "cchc_snapshot",
    sa.MetaData(),
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.Text),
)


class Snapshot:
    """The copy: one writer at a time, any number of readers."""

    def __init__(self, file: Path | None, edition: str) -> None:
        """Keep it in ``file``; ``edition`` names the tables it is for. None: there is none."""
        self.file = file
        self._edition = edition
        self._lock = Lock()
        # no pool: a connection kept open would hold on to a file that was replaced
        reading = f"sqlite:///file:{file}?mode=ro&uri=true"
        self._reading = sa.create_engine(reading, poolclass=NullPool)
        self._known: dict[str, str] | None = None

    @property
    def stamp(self) -> str:
        """Return the stamp of what it holds; empty while it cannot serve."""
        return self._about().get("stamp", "")

    @property
    def written_at(self) -> datetime:
        """Return when it was last written; there must be a stamp."""
        return datetime.fromisoformat(self._about()["written_at"])

    def open(self) -> Session:
        """Return a session that reads the copy and can change nothing."""
        return Session(self._reading)

    def write(self, source: sa.Connection, stamp: str) -> None:
        """Bring the copy up to ``source``, all or nothing; what fails is logged, not raised."""
        if self.file is None or stamp == self.stamp or not self._lock.acquire(blocking=False):
            return
        try:
            self._write(self.file, source, stamp)
        except (SQLAlchemyError, OSError) as error:
            log.warning("cannot write the snapshot of what is public: %s", error)
        finally:
            self._lock.release()

    def find_missing(self, source: sa.Connection) -> tuple[str, ...]:
        """Return the releases that were public and are no longer as they were in ``source``."""
        if not self.stamp:
            return ()
        release = Base.metadata.tables[RELEASES]
        columns = sa.select(release.c.id, release.c.digest, release.c.period_slug, release.c.number)
        there = {row.id: row.digest for row in source.execute(columns)}
        with self._reading.connect() as copy:
            kept = copy.execute(columns).all()
        return tuple(
            f"{row.period_slug} lần {row.number}" for row in kept if there.get(row.id) != row.digest
        )

    def _write(self, file: Path, source: sa.Connection, stamp: str) -> None:
        if missing := self.find_missing(source):
            log.critical("releases that were public are gone or changed: %s", ", ".join(missing))
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        if not self._about():  # of an older version: its tables are others
            file.unlink(missing_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        # waits 5 s for who writes
        engine = sa.create_engine(f"sqlite:///{file}", poolclass=NullPool)
        with engine.begin() as copy:
            _meta.create(copy, checkfirst=True)
            Base.metadata.create_all(copy, tables=_tables(PUBLIC))
            for name, key in FROZEN.items():
                table = Base.metadata.tables[name]
                column = table.c[key]
                known = set(copy.scalars(sa.select(column)))
                new = [one for one in source.scalars(sa.select(column)) if one not in known]
                is_heavy = any(isinstance(one.type, sa.LargeBinary) for one in table.c)
                for keys in in_chunks(new, 1 if is_heavy else CHUNK):
                    _insert(source, copy, table, column.in_(keys))
                if name == REVISIONS:
                    _follow(source, copy, new)
            _replace(source, copy, SMALL)
            values = {
                "stamp": stamp,
                "edition": self._edition,
                "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            copy.execute(sa.delete(_meta))
            copy.execute(sa.insert(_meta), [{"name": k, "value": v} for k, v in values.items()])
        self._known = values

    def _about(self) -> dict[str, str]:
        """Return what the copy says of itself; nothing when it is not there or for other tables."""
        if self._known is None:
            self._known = {}
            if self.file is not None and self.file.is_file():
                with suppress(SQLAlchemyError), self._reading.connect() as copy:
                    found = {row.name: row.value for row in copy.execute(sa.select(_meta))}
                    self._known = found if found.get("edition") == self._edition else {}
        return self._known


def _tables(names: Sequence[str]) -> list[sa.Table]:
    return [Base.metadata.tables[name] for name in names]


def _follow(source: sa.Connection, copy: sa.Connection, tokens: Sequence[Any]) -> None:
    """Copy the procedures that the new ``tokens`` of the history are about, one edit or all.

    A list that went back in time (a restored database) is copied whole.
    """
    procedures, revisions = _tables((PROCEDURES, REVISIONS))
    for chunk in in_chunks(tokens, CHUNK):
        asked = sa.select(revisions.c.procedure_code).where(revisions.c.token.in_(chunk))
        there = procedures.c.code.in_(source.scalars(asked.distinct()).all())
        copy.execute(sa.delete(procedures).where(there))
        _insert(source, copy, procedures, there)
    counts = [sa.select(sa.func.count()).select_from(table) for table in (procedures, revisions)]
    if any(source.scalar(count) != copy.scalar(count) for count in counts):
        _replace(source, copy, (PROCEDURES, REVISIONS))


def _replace(source: sa.Connection, copy: sa.Connection, names: Sequence[str]) -> None:
    for table in _tables(names):
        copy.execute(sa.delete(table))
        is_trail = table.name == "cchc_audit_entry"
        _insert(source, copy, table, table.c.subject.in_(_DESK_LINES) if is_trail else sa.true())


def _insert(
    source: sa.Connection,
    target: sa.Connection,
    table: sa.Table,
    wanted: sa.ColumnElement[bool],
    hidden: Mapping[str, Any] = _BLANK,
) -> None:
    rows = source.execute(sa.select(table).where(wanted)).mappings()
    blank = {name: value for name, value in hidden.items() if name in table.c}
    while chunk := rows.fetchmany(CHUNK):
        target.execute(sa.insert(table), [{**row, **blank} for row in chunk])
