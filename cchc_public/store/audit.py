"""The trail, each line chained to the one before; what differs between two states of anything."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import func, or_, select

from cchc_public.errors import CchcError, StaleRevision
from cchc_public.store import AuditEntry
from cchc_public.store.base import Actor, AnySession, utc_now
from cchc_public.store.locking import begin_writing

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
