"""Lets one writer at a time change a report, on SQLite and PostgreSQL, in the host's session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from cchc_public.errors import CchcError, ReportFrozen, StaleRevision
from cchc_public.i18n import _
from cchc_public.store.actor import AnySession
from cchc_public.store.clock import clock_text
from cchc_public.store.hand_in import ACTIVE, HandIn
from cchc_public.store.report import Report

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
