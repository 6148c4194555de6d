"""What tables and deeds stand on: base class, the one clock, who acts, the file still there.

Instants are kept in UTC; days and hours are the commune's (``CCHC_TIMEZONE``).
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from flask import current_app, has_app_context
from sqlalchemy import JSON, Connection, DateTime, Dialect, MetaData, TypeDecorator, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, declared_attr, scoped_session
from sqlalchemy.pool import Pool

from cchc_public.vietnamese.text import clean_text

T = TypeVar("T")
MOST_VALUES = 500  # SQLite takes a limited number in one question
HOME = "Asia/Ho_Chi_Minh"  # as config.py has it; for programs that read releases without an app


def in_chunks(values: Sequence[T], size: int = MOST_VALUES) -> Iterator[Sequence[T]]:
    """Yield values in parts that one question to the database can name."""
    return (values[start : start + size] for start in range(0, len(values), size))


def utc_now() -> datetime:
    """Return the current instant in UTC; tests may stop it here, and nowhere else."""
    return datetime.now(UTC)


def local(at: datetime) -> datetime:
    """Return an instant as the commune's clocks show it."""
    config = current_app.config if has_app_context() else {}
    return at.astimezone(ZoneInfo(config.get("CCHC_TIMEZONE", HOME)))


def today() -> date:
    """Return the day it is in the commune."""
    return local(utc_now()).date()


def clock_text(at: datetime) -> str:
    """Write an instant for people: ``14:05 ngày 12/06/2023``."""
    return local(at).strftime("%H:%M ngày %d/%m/%Y")


# Services take the host's session, whether plain or scoped to the request.
AnySession = Session | scoped_session[Session]
LONGEST_ID, LONGEST_NAME = 64, 200


@dataclass(frozen=True)
class Actor:
    """A member of staff (or a command) as stored beside every change."""

    id: str
    name: str
    address: str = field(default="", compare=False)  # the network address the deed came from

    def as_stored(self) -> Actor:
        """Return the actor as the columns hold it, however a host writes ids and names."""
        is_long = len(self.id) > LONGEST_ID  # as some hosts' signed tokens are
        identity = hashlib.sha256(self.id.encode()).hexdigest() if is_long else self.id
        return Actor(identity, clean_text(self.name)[:LONGEST_NAME], self.address[:64])


NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# the largest number that an Integer column holds on every database
LARGEST_INTEGER = 2**31 - 1


class Base(DeclarativeBase):
    """Base of every table, named after its class; own metadata, so the host's never clash."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON}

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 - as SQLAlchemy calls it
        return "cchc" + re.sub("(?=[A-Z])", "_", cls.__name__.removesuffix("Record")).lower()


class UtcDateTime(TypeDecorator[datetime]):
    """An instant in UTC; SQLite forgets the zone, so we put it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse naive instants; store UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime: instants are stored in UTC")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Return an aware UTC instant."""
        return value and (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


# An open connection goes on writing into a file that no name leads to any more, and nobody would
# notice before the next start. So every connection remembers which SQLite file it opened, and
# nothing of ours is committed unless the path still leads there.
_FILE, CHANGED = "cchc_open_file", "cchc_changed"
REMOVED, REPLACED = "database-file-removed", "database-file-replaced"
SENTENCES = {
    REMOVED: (
        "Tệp cơ sở dữ liệu đã bị xóa hoặc đổi chỗ khi trang đang chạy nên chưa lưu gì cả. Hãy đặt "
        "lại tệp, hoặc lấy lại bản sao lưu (cchc restore) rồi khởi động lại trang."
    ),
    REPLACED: (
        "Tệp cơ sở dữ liệu đã bị thay bằng tệp khác khi trang đang chạy nên chưa lưu gì cả. Hãy "
        "khởi động lại trang."
    ),
}


class FileLost(OperationalError):
    """The database's file is no longer at its path; nothing may be acknowledged."""

    def __init__(self, problem: str) -> None:
        """Say which of the two happened."""
        super().__init__(None, None, Exception(SENTENCES[problem]))
        self.problem = problem


# The file that each database of this process began with: whoever opens another one later under
# the same name (an empty one, as SQLite makes it) is not mistaken for it.
_first: WeakKeyDictionary[Dialect, tuple[int, int] | None] = WeakKeyDictionary()


def find_file_problem(connection: Connection) -> str:
    """Return whether the connection's file was removed or replaced, else an empty string."""
    path, opened = connection.info.get(_FILE, ("", None))
    if not path:
        return ""
    first = _first.setdefault(connection.dialect, opened)
    found = identify(path)
    if found == opened == first:
        return ""
    if found == first:
        connection.invalidate()  # the file is back, this connection has another one open
    return REMOVED if found is None else REPLACED


def refuse_lost_file(session: Any) -> None:
    """Raise ``FileLost`` when the session's file is no longer at its path."""
    if problem := find_file_problem(session.connection()):
        raise FileLost(problem)


def identify(path: str) -> tuple[int, int] | None:
    """Return what tells one file from another under the same name; None when there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


@event.listens_for(Pool, "connect")
def _remember_file(connection: Any, record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    if path:
        record.info[_FILE] = (path, identify(path))


@event.listens_for(Session, "after_flush")
def _note_change(session: Session, _context: Any) -> None:
    touched = (*session.new, *session.dirty, *session.deleted)
    if any(isinstance(thing, Base) for thing in touched):
        session.info[CHANGED] = True
        refuse_lost_file(session)


@event.listens_for(Session, "before_commit")
def _refuse_to_acknowledge(session: Session) -> None:
    if session.info.get(CHANGED):
        refuse_lost_file(session)


@event.listens_for(Session, "after_rollback")
def _forget_change(session: Session) -> None:
    # a savepoint that is taken back leaves what was changed around it
    if not session.in_nested_transaction():
        session.info.pop(CHANGED, None)
