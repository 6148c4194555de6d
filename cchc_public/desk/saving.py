"""Changes reception rows; flushes, never commits. Every change leaves a line in the audit trail."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from cchc_public.desk.reading import SUBJECT
from cchc_public.desk.schedule import Change
from cchc_public.errors import StaleRevision
from cchc_public.i18n import _
from cchc_public.store import AuditEntry, PublicHoliday, ReceptionChange, ReceptionRule, utc_now
from cchc_public.store.actor import Actor, AnySession
from cchc_public.store.audit import record
from cchc_public.store.clock import today
from cchc_public.store.locking import write_once


def save_rule(
    session: AnySession, values: dict[str, object], version: int, actor: Actor
) -> ReceptionRule:
    """Change the rule that starts on ``values["valid_from"]``, or begin a new one there.

    Raises StaleRevision when someone else changed that rule since ``version`` was read. Saving
    what stands there already (a button pressed twice) changes nothing.
    """
    query = select(ReceptionRule).where(ReceptionRule.valid_from == values["valid_from"])
    rule = session.scalars(query).first()
    if rule is not None and all(getattr(rule, name) == value for name, value in values.items()):
        return rule
    if rule is not None and rule.version != version:
        stale_query = select(AuditEntry.actor_name).where(
            AuditEntry.subject == SUBJECT, AuditEntry.action == "reception.rule"
        )
        who = session.scalars(stale_query.order_by(AuditEntry.id.desc())).first() or ""
        words = _("Người khác vừa sửa lịch tiếp công dân. Hãy xem lại rồi lưu lần nữa.")
        raise StaleRevision(words, edited_by=who, edited_at=rule.edited_at)
    with write_once(session):
        if rule is None:
            rule = ReceptionRule(version=1)
            session.add(rule)
        for name, value in values.items():
            setattr(rule, name, value)
        rule.edited_at = utc_now()
        record(session, actor, "reception.rule", SUBJECT, valid_from=str(values["valid_from"]))
    return rule


def save_change(session: AnySession, change: Change, actor: Actor) -> None:
    """Move or cancel the session of ``change.day``; a second change of a day replaces the first."""
    query = select(ReceptionChange).where(ReceptionChange.day == change.day)
    row = session.scalars(query).first() or ReceptionChange(day=change.day)
    if (row.moved_to, row.reason) == (change.moved_to, change.reason):
        return  # pressed twice: the day of the announcement stays
    with write_once(session):
        row.moved_to, row.reason = change.moved_to, change.reason
        row.announced_on = change.announced_on or today()
        session.add(row)
        words = {"day": str(change.day), "to": str(change.moved_to), "reason": change.reason}
        record(session, actor, "reception.change", SUBJECT, **words)


def delete_change(session: AnySession, day: date, actor: Actor) -> None:
    """Take a change back; the session is held as the rule says. Unknown days are ignored."""
    row = session.scalars(select(ReceptionChange).where(ReceptionChange.day == day)).first()
    if row:
        session.delete(row)
        record(session, actor, "reception.change-undone", SUBJECT, day=str(day))
        session.flush()


def save_holiday(session: AnySession, day: date, name: str, actor: Actor) -> None:
    """Add a day off or rename it."""
    row = session.get(PublicHoliday, day)
    if row is not None and row.name == name:
        return
    with write_once(session):
        session.merge(PublicHoliday(day=day, name=name))
        record(session, actor, "reception.holiday", SUBJECT, day=str(day), name=name)


def delete_holiday(session: AnySession, day: date, actor: Actor) -> None:
    """Remove a day off; unknown days are ignored."""
    row = session.get(PublicHoliday, day)
    if row:
        session.delete(row)
        record(session, actor, "reception.holiday-removed", SUBJECT, day=str(day))
        session.flush()
