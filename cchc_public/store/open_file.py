"""Watches the SQLite file under us: what was removed or replaced takes what is saved with it.

An open connection goes on writing into a file that no name leads to any more, and nobody would
notice before the next start. So every connection remembers which file it opened, and nothing of
ours is committed unless the path still leads there.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

from cchc_public.store.base import Base

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
