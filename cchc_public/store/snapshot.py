"""A copy of everything public in one SQLite file beside the app, for when the database is gone.

Written at each publication and edit, read by the same code as the database itself. It also
remembers which releases were public: a database that knows fewer is not the one we had.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    create_engine,
    delete,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from cchc_public.store.base import Base
from cchc_public.store.copying import CHUNK

log = logging.getLogger(__name__)

RELEASES = "cchc_release"
# rows that never change, with what names them: only new ones are copied
FROZEN = {
    RELEASES: "id",
    "cchc_paper_entry": "id",
    "cchc_signed_copy": "digest",
    "cchc_picture": "digest",
}
# copied whole whenever the list moves, as the tokens of the first tell
PROCEDURES = ("cchc_procedure_revision", "cchc_procedure_field", "cchc_procedure")
# small, copied whole at every change
SMALL = (
    "cchc_settings", "cchc_reception_rule", "cchc_reception_change", "cchc_public_holiday",
    "cchc_desk", "cchc_audit_entry",
)  # fmt: skip
PUBLIC = (*FROZEN, *PROCEDURES, *SMALL)
# what nobody outside reads, also where the table is public
_BLANK: Mapping[str, Any] = {
    "edited_by_id": "", "edited_by_name": "", "actor_id": "", "actor_name": "",
    "published_by_id": "", "entered_by_id": "", "entered_by_name": "",
    "before": {}, "after": {}, "detail": {}, "previous_digest": None,
}  # fmt: skip
# of the trail only when the desk changed: calendars and stamps ask
_DESK_LINES = "subject IN ('tiep-cong-dan', 'mot-cua')"
_meta = Table(
    "cchc_snapshot", MetaData(), Column("name", String(40), primary_key=True), Column("value", Text)
)


class Snapshot:
    """The copy: one writer at a time, any number of readers."""

    def __init__(self, file: Path | None, edition: str) -> None:
        """Keep it in ``file``; ``edition`` names the tables it is for. None: there is none."""
        self._file = file
        self._edition = edition
        self._lock = Lock()
        self._engine: Engine | None = None
        self._known: dict[str, str] | None = None

    @property
    def is_kept(self) -> bool:
        """Tell whether there is to be one at all."""
        return self._file is not None

    @property
    def stamp(self) -> str:
        """Return the stamp of what it holds; empty while it cannot serve."""
        return self._about().get("stamp", "")

    @property
    def written_at(self) -> datetime | None:
        """Return when it was last written."""
        at = self._about().get("written_at")
        return datetime.fromisoformat(at) if at else None

    def open(self) -> Session:
        """Return a session that reads the copy and can change nothing."""
        return Session(self._open())

    def write(self, source: Connection, stamp: str) -> None:
        """Bring the copy up to ``source``, all or nothing; what fails is logged, not raised."""
        if self._file is None or stamp == self.stamp or not self._lock.acquire(blocking=False):
            return
        try:
            self._write(source, stamp)
        except (SQLAlchemyError, OSError) as error:
            log.warning("cannot write the snapshot of what is public: %s", error)
        finally:
            self._lock.release()

    def find_missing(self, source: Connection) -> tuple[str, ...]:
        """Return the releases that were public and are no longer as they were in ``source``."""
        if not self.stamp:
            return ()
        release = Base.metadata.tables[RELEASES]
        columns = select(release.c.id, release.c.digest, release.c.period_slug, release.c.number)
        there = {row.id: row.digest for row in source.execute(columns)}
        with self._open().connect() as copy:
            kept = copy.execute(columns).all()
        return tuple(
            f"{row.period_slug} lần {row.number}" for row in kept if there.get(row.id) != row.digest
        )

    def _write(self, source: Connection, stamp: str) -> None:
        about = self._about()
        engine = self._engine_for_writing(is_fresh=not about)
        if missing := self.find_missing(source):
            log.critical("releases that were public are gone or changed: %s", ", ".join(missing))
            return
        try:
            with engine.begin() as copy:
                _meta.create(copy, checkfirst=True)
                Base.metadata.create_all(copy, tables=_tables(PUBLIC))
                for name, key in FROZEN.items():
                    _add_new(source, copy, Base.metadata.tables[name], key)
                moved = _stamp_of(source, PROCEDURES[0])
                if about.get("procedures") != moved:
                    _replace(source, copy, PROCEDURES)
                _replace(source, copy, SMALL)
                values = {
                    "stamp": stamp,
                    "edition": self._edition,
                    "procedures": moved,
                    "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
                }
                copy.execute(delete(_meta))
                copy.execute(insert(_meta), [{"name": k, "value": v} for k, v in values.items()])
        finally:
            engine.dispose()
        self._known = values

    def _about(self) -> dict[str, str]:
        """Return what the copy says of itself; nothing when it is not there or for other tables."""
        if self._known is None:
            self._known = {}
            if self._file is not None and self._file.is_file():
                with suppress(SQLAlchemyError), self._open().connect() as copy:
                    found = {row.name: row.value for row in copy.execute(select(_meta))}
                    self._known = found if found.get("edition") == self._edition else {}
        return self._known

    def _open(self) -> Engine:
        if self._engine is None:
            self._engine = create_engine(f"sqlite:///file:{self._file}?mode=ro&uri=true")
        return self._engine

    def _engine_for_writing(self, *, is_fresh: bool) -> Engine:
        file = self._file
        assert file is not None  # noqa: S101 - write() looked
        file.parent.mkdir(parents=True, exist_ok=True)
        if is_fresh and file.exists():  # of an older version: its tables are others
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None
            file.unlink()
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        engine = create_engine(f"sqlite:///{file}")
        event.listen(engine, "connect", _wait_for_others)
        return engine


def _wait_for_others(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA busy_timeout = 5000")


def _tables(names: Sequence[str]) -> list[Table]:
    return [Base.metadata.tables[name] for name in names]


def _stamp_of(source: Connection, name: str) -> str:
    table = Base.metadata.tables[name]
    newest = select(table.c.token).order_by(table.c.id.desc()).limit(1)
    count = source.scalar(text(f"SELECT count(*) FROM {name}"))  # noqa: S608 - our own name
    return f"{count}-{source.scalar(newest) or ''}"


def _add_new(source: Connection, copy: Connection, table: Table, key: str) -> None:
    column = table.c[key]
    known = set(copy.scalars(select(column)))
    for value in [found for found in source.scalars(select(column)) if found not in known]:
        rows = source.execute(select(table).where(column == value)).mappings()
        copy.execute(insert(table), [_blanked(row) for row in rows])


def _replace(source: Connection, copy: Connection, names: Sequence[str]) -> None:
    for table in _tables(names):
        copy.execute(delete(table))
        query = select(table)
        if table.name == "cchc_audit_entry":
            query = query.where(text(_DESK_LINES))
        rows = source.execute(query).mappings()
        while chunk := rows.fetchmany(CHUNK):
            copy.execute(insert(table), [_blanked(row) for row in chunk])


def _blanked(row: RowMapping) -> dict[str, Any]:
    values: dict[str, Any] = {**row}
    return {**values, **{name: value for name, value in _BLANK.items() if name in row}}
