"""What makes a change safe: one writer at a time, all or nothing, a line in the trail.

Each line is chained to the one before. What differs between two states is told in one way.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from cchc_public.errors import CchcError, ReportFrozen, StaleRevision
from cchc_public.store import ACTIVE, AuditEntry, HandIn, Report
from cchc_public.store.base import Actor, AnySession, clock_text, utc_now

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


log = logging.getLogger(__name__)
ANCHOR = "audit.anchor"
# PostgreSQL: one transaction at a time appends; the others wait for its commit.
_CHAIN_LOCK = 0x63636865


def record(
    session: AnySession, actor: Actor, action: str, subject: str, **detail: Any
) -> AuditEntry:
    """Append one line to the audit trail; it is never changed afterwards.

    From here to the commit nobody else can append: take the locks of a deed before it.
    """
    session.flush()
    begin_writing(session)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
    newest = select(AuditEntry.digest).where(AuditEntry.digest.is_not(None))
    previous = session.scalars(newest.order_by(AuditEntry.id.desc()).limit(1)).first() or ""
    if actor.address:
        detail["address"] = actor.address
    entry = AuditEntry(
        at=utc_now(),
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        subject=subject,
        # as the database gives it back: no tuples, no keys that are numbers
        detail=json.loads(json.dumps(detail)),
        previous_digest=previous,
    )
    entry.digest = hashlib.sha256(_canonical(previous, entry)).hexdigest()
    session.add(entry)
    session.flush()
    fields = {"action": action, "subject": subject, "account": actor.id, "line": entry.id}
    log.info("written", extra={"cchc_fields": fields})
    return entry


def verify_trail(session: AnySession) -> Iterator[str]:
    """Yield what is wrong with the trail: a line changed, taken out or put in."""
    previous, old_lines, old_seal = "", 0, hashlib.sha256()
    query = select(*AuditEntry.__table__.columns).order_by(AuditEntry.id)
    for line in session.execute(query.execution_options(yield_per=500)):
        if line.digest is None:
            if previous:
                yield f"dòng nhật ký số {line.id} không có mã nối tiếp"
            old_lines += 1
            old_seal.update(_canonical(line.id, line))
            continue
        if hashlib.sha256(_canonical(line.previous_digest or "", line)).hexdigest() != line.digest:
            yield f"dòng nhật ký số {line.id} đã bị sửa"
        if line.previous_digest != previous:
            yield f"thiếu dòng nhật ký trước dòng số {line.id}"
        if line.action == ANCHOR and not previous:
            sealed = (line.detail.get("lines"), line.detail.get("sha256"))
            if sealed != (old_lines, old_seal.hexdigest()):
                yield f"các dòng nhật ký cũ trước dòng số {line.id} đã bị sửa"
        elif old_lines and not previous:
            yield f"thiếu dòng nhật ký trước dòng số {line.id}"
        previous = line.digest


def _canonical(first: str | int, line: Any) -> bytes:
    """Return one spelling of a line behind its number or the digest of the line before."""
    at = line.at.astimezone(UTC).isoformat()
    parts = [first, at, line.actor_id, line.actor_name, line.action, line.subject, line.detail]
    return json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()


def history(
    session: AnySession, subject: str, *, limit: int | None = None
) -> tuple[AuditEntry, ...]:
    """Return the lines of a subject and all below it, newest first.

    ``2023-6-thang`` has its sheets ``2023-6-thang/ho-so`` … below it.
    """
    below = AuditEntry.subject.startswith(subject + "/", autoescape=True)
    query = (
        select(AuditEntry)
        .where(or_(AuditEntry.subject == subject, below))
        .order_by(AuditEntry.id.desc())  # a clock may go back, numbers never do
        .limit(limit)
    )
    return tuple(session.scalars(query))


Place = TypeVar("Place")


def differences(
    old: Mapping[Place, Any], new: Mapping[Place, Any]
) -> Iterator[tuple[Place, Any, Any]]:
    """Yield every place whose value differs, with both: those of ``new`` first, in its order."""
    for place in dict.fromkeys((*new, *old)):
        before, after = old.get(place), new.get(place)
        if before != after:
            yield place, before, after


def kept_value(value: Any) -> Any:
    """Return a value as the audit trail keeps it, exact and for machines."""
    if isinstance(value, Decimal):
        return {"number": f"{value:f}"}
    if value in (None, "", []):
        return None
    return value if isinstance(value, int | list) else str(value)


def read_value(kept: Any) -> Any:
    """Return what ``kept_value`` was given; words, as older lines hold them, stay words."""
    is_number = isinstance(kept, Mapping) and "number" in kept
    return Decimal(kept["number"]) if is_number else kept


def cell_change(
    column: str, label: str, old: Any, new: Any, *, row: str = "", row_label: str = ""
) -> dict[str, Any]:
    """Return one changed cell or field as the audit trail keeps it."""
    return {
        "row": row,
        "row_label": row_label,
        "column": column,
        "column_label": label,
        "old": kept_value(old),
        "new": kept_value(new),
    }


def list_changes(
    old: Mapping[str, Any], new: Mapping[str, Any], labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return every named value that differs as the audit trail keeps it."""
    return [cell_change(key, labels.get(key, key), *two) for key, *two in differences(old, new)]


@dataclass(frozen=True)
class ConflictCell:
    """One place with both values; ticking the field ``take`` leaves the colleague's."""

    label: str
    id: str
    mine: str
    theirs: str
    take: str = ""
    is_untouched: bool = False  # I did not edit it: the colleague's value is the sensible default


@dataclass(frozen=True)
class Conflict:
    """Who saved in between, and every place that differs."""

    by: str
    at: datetime
    cells: tuple[ConflictCell, ...]


def find_conflict(
    error: CchcError,
    edited_at: datetime,
    places: Iterable[tuple[str, str, str, str]],
) -> Conflict:
    """Return what to show who saved too late; ``places`` are label, id, my text and theirs."""
    stale = error if isinstance(error, StaleRevision) else StaleRevision()
    return Conflict(
        stale.edited_by or "Người khác",
        stale.edited_at or edited_at,
        tuple(ConflictCell(*place) for place in places if place[2] != place[3]),
    )
