"""What makes a save safe: one writer at a time in the host's session, and the file still there.

An open connection goes on writing into a file that no name leads to any more, and nobody would
notice before the next start. So every connection remembers which SQLite file it opened, and
nothing of ours is committed unless the path still leads there.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, event, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import Pool

from cchc_public.errors import CchcError, ReportFrozen, StaleRevision
from cchc_public.i18n import _
from cchc_public.store.base import AnySession, Base, clock_text
from cchc_public.store.models import ACTIVE, HandIn, Report

# PostgreSQL: serialization failure, deadlock, lock not available
_LOST_RACE = {"40001", "40P01", "55P03"}


def lock_report(session: AnySession, report: Report) -> None:
    """Take the right to write and read the report as it is now; held until the host's commit.

    Pending changes of the session are flushed first, so none is lost by reading anew.
    """
    session.flush()
    begin_writing(session)
    query = select(Report).where(Report.id == report.id).with_for_update()
    session.execute(query.execution_options(populate_existing=True)).scalar_one()


def lock_for_editing(session: AnySession, report: Report) -> None:
    """Take the right to edit; ReportFrozen while an approver reads, or time is to publish it."""
    lock_report(session, report)
    active = select(HandIn).where(HandIn.report_id == report.id, HandIn.state.in_(ACTIVE))
    handed_in = session.execute(active.limit(1)).scalar_one_or_none()
    if handed_in:
        at = clock_text(handed_in.handed_in_at)
        raise ReportFrozen(
            f"{handed_in.handed_in_by_name} đã trình kỳ này lúc {at} "
            "nên đang khóa sửa. Muốn sửa, hãy thu lại bản trình hoặc chờ người duyệt trả lại."
        )


def begin_writing(session: AnySession) -> None:
    """Open SQLite's write transaction now, so that what is read next cannot grow old.

    The driver would begin only before the first change, and a savepoint outside a transaction
    commits by itself: services would commit without being asked.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return
    driver = connection.connection.dbapi_connection
    if driver is None or driver.in_transaction:
        return
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        raise_when_busy(error)
        raise


@dataclass
class Saving:
    """How a block of ``saving`` ended: ``error`` is what refused it, in words for people."""

    error: CchcError | None = None


@contextmanager
def saving(session: AnySession) -> Iterator[Saving]:
    """Commit what the block did; whatever ends it early undoes all of it.

    One of our own errors is kept in ``error`` instead of going on: whoever answers must look.
    """
    outcome = Saving()
    try:
        yield outcome
        session.commit()
    except CchcError as error:
        session.rollback()
        outcome.error = error
    except BaseException:
        session.rollback()
        raise


@contextmanager
def write_once(session: AnySession) -> Iterator[None]:
    """Flush the block's changes in a savepoint; a lost race becomes StaleRevision.

    Only the block is undone: what the host did before in its session stays.
    """
    begin_writing(session)
    try:
        with session.begin_nested():
            yield
            session.flush()
    except (IntegrityError, StaleDataError) as error:
        raise StaleRevision(busy_sentence()) from error
    except OperationalError as error:
        raise_when_busy(error)
        raise


def raise_when_busy(error: OperationalError) -> None:
    """Raise StaleRevision when the database only says that another writes; else return."""
    is_locked = "locked" in str(error.orig) or "busy" in str(error.orig)
    if is_locked or getattr(error.orig, "sqlstate", "") in _LOST_RACE:
        raise StaleRevision(busy_sentence()) from error


def busy_sentence() -> str:
    """Return what to tell someone who lost a race and does not know to whom."""
    return _("Có người khác vừa ghi cùng lúc. Chưa lưu gì cả: hãy tải lại trang rồi làm lại.")


_FILE, _CHANGED = "cchc_open_file", "cchc_changed"
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
        session.info[_CHANGED] = True
        refuse_lost_file(session)


@event.listens_for(Session, "before_commit")
def _refuse_to_acknowledge(session: Session) -> None:
    if session.info.pop(_CHANGED, False):
        refuse_lost_file(session)


@event.listens_for(Session, "after_rollback")
def _forget_change(session: Session) -> None:
    session.info.pop(_CHANGED, None)
