"""What makes a save safe: one writer at a time in the host's session, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from cchc_public.errors import CchcError, ReportFrozen, StaleRevision
from cchc_public.store import ACTIVE, HandIn, Report
from cchc_public.store.base import AnySession, clock_text

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
    if handed_in := find_active(session, report):
        raise ReportFrozen(frozen_words(handed_in))


def find_active(session: AnySession, report: Report) -> HandIn | None:
    """Return what waits for an approval or for its time; None while the report may be edited."""
    active = select(HandIn).where(HandIn.report_id == report.id, HandIn.state.in_(ACTIVE))
    return session.scalars(active.order_by(HandIn.id.desc()).limit(1)).one_or_none()


def frozen_words(handed_in: HandIn) -> str:
    """Say who froze the report, when, and what to do about it."""
    at = clock_text(handed_in.handed_in_at)
    return (
        f"{handed_in.handed_in_by_name} đã trình kỳ này lúc {at} nên đang khóa sửa. Muốn sửa, hãy "
        "thu lại bản trình ở trang của kỳ, hoặc chờ người duyệt trả lại."
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
    with _told_of_races():
        connection.exec_driver_sql("BEGIN IMMEDIATE")


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
    with _told_of_races(), session.begin_nested():
        yield
        session.flush()


@contextmanager
def _told_of_races() -> Iterator[None]:
    """Turn what the database says when another writes at the same time into StaleRevision."""
    try:
        yield
    except (IntegrityError, StaleDataError, OperationalError) as error:
        if isinstance(error, OperationalError):
            is_locked = "locked" in str(error.orig) or "busy" in str(error.orig)
            if not is_locked and getattr(error.orig, "sqlstate", "") not in _LOST_RACE:
                raise
        raise StaleRevision(
            "Có người khác vừa ghi cùng lúc. Chưa lưu gì cả: hãy tải lại trang rồi làm lại."
        ) from error
