"""The audit trail: writes one line for every change, reads them back for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from cchc_public.store import AuditEntry
from cchc_public.store.actor import Actor, AnySession


@dataclass(frozen=True)
class HistoryEntry:
    """One line: who did what, when; ``changes`` lists the cells with old and new."""

    at: datetime
    actor: Actor
    action: str
    subject: str
    changes: tuple[Mapping[str, Any], ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


def cell_change(
    column: str, label: str, old: Any, new: Any, *, row: str = "", row_label: str = ""
) -> dict[str, Any]:
    """Return one changed cell or field as the audit trail keeps it."""
    return {
        "row": row,
        "row_label": row_label,
        "column": column,
        "column_label": label,
        "old": old,
        "new": new,
    }


def record(
    session: AnySession, actor: Actor, action: str, subject: str, **detail: Any
) -> AuditEntry:
    """Add one line to the audit trail; it is never changed afterwards."""
    entry = AuditEntry(
        actor_id=actor.id, actor_name=actor.name, action=action, subject=subject, detail=detail
    )
    session.add(entry)
    return entry


def history(
    session: AnySession, subject: str, *, limit: int | None = None
) -> tuple[HistoryEntry, ...]:
    """Return the lines of a subject and all below it, newest first.

    ``2023-6-thang`` has its sheets ``2023-6-thang/ho-so`` … below it.
    """
    below = AuditEntry.subject.startswith(subject + "/", autoescape=True)
    query = (
        select(AuditEntry)
        .where(or_(AuditEntry.subject == subject, below))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit)
    )
    return tuple(_entry(line) for line in session.execute(query).scalars())


def _entry(line: AuditEntry) -> HistoryEntry:
    return HistoryEntry(
        at=line.at,
        actor=Actor(line.actor_id, line.actor_name),
        action=line.action,
        subject=line.subject,
        changes=tuple(line.detail.get("changes", ())),
        detail=line.detail,
    )
