"""Reads and writes reception rows; flushes, never commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from cchc_public.checks.finding import Finding
from cchc_public.errors import StaleRevision
from cchc_public.models import AuditEntry, PublicHoliday, ReceptionChange, ReceptionRule, utc_now
from cchc_public.reception.schedule import Change, Rule, Session, check_schedule, list_sessions
from cchc_public.releases.actor import Actor, AnySession

HORIZON = timedelta(days=92)  # what the page and the calendar file show ahead


@dataclass(frozen=True)
class Schedule:
    """What citizens are shown: the rule's row, the sessions of the horizon, findings for staff."""

    rule: ReceptionRule
    sessions: tuple[Session, ...]
    findings: tuple[Finding, ...]


def find_rule(session: AnySession, on: date) -> ReceptionRule | None:
    """Return the rule in force on a day, or None before the first one."""
    query = (
        select(ReceptionRule)
        .where(ReceptionRule.valid_from <= on)
        .order_by(ReceptionRule.valid_from.desc())
    )
    return session.scalars(query).first()


def list_changes(session: AnySession) -> Sequence[ReceptionChange]:
    """Return every moved or cancelled session, newest day first."""
    return session.scalars(select(ReceptionChange).order_by(ReceptionChange.day.desc())).all()


def list_holidays(session: AnySession) -> Sequence[PublicHoliday]:
    """Return the days off, newest first."""
    return session.scalars(select(PublicHoliday).order_by(PublicHoliday.day.desc())).all()


def get_schedule(session: AnySession, first: date, last: date | None = None) -> Schedule | None:
    """Return the sessions of a range, by default the horizon ahead; None without a rule."""
    last = last or first + HORIZON
    rule = find_rule(session, last)
    if rule is None:
        return None
    plan = Rule(tuple(rule.weekdays), tuple(rule.month_days))
    holidays = {row.day: row.name for row in list_holidays(session)}
    changes = [
        Change(row.day, row.moved_to, row.reason, row.announced_on) for row in list_changes(session)
    ]
    return Schedule(
        rule,
        list_sessions(plan, first, last, holidays, changes),
        check_schedule(plan, first, last, holidays, changes),
    )


def save_rule(
    session: AnySession, values: dict[str, object], version: int, actor: Actor
) -> ReceptionRule:
    """Change the rule that starts on ``values["valid_from"]``, or begin a new one there.

    Raises StaleRevision when someone else changed that rule since ``version`` was read.
    """
    query = select(ReceptionRule).where(ReceptionRule.valid_from == values["valid_from"])
    rule = session.scalars(query).first()
    if rule is None:
        rule = ReceptionRule(version=1)
        session.add(rule)
    elif rule.version != version:
        raise StaleRevision("Người khác vừa sửa lịch tiếp công dân. Hãy xem lại rồi lưu lần nữa.")
    for name, value in values.items():
        setattr(rule, name, value)
    rule.edited_at = utc_now()
    session.flush()
    _note(session, actor, "reception.rule", {"valid_from": str(values["valid_from"])})
    return rule


def save_change(session: AnySession, change: Change, actor: Actor) -> None:
    """Move or cancel the session of ``change.day``; a second change of a day replaces the first."""
    query = select(ReceptionChange).where(ReceptionChange.day == change.day)
    row = session.scalars(query).first() or ReceptionChange(day=change.day)
    row.moved_to, row.reason = change.moved_to, change.reason
    row.announced_on = change.announced_on or utc_now().date()
    session.add(row)
    _note(session, actor, "reception.change", {"day": str(change.day), "to": str(change.moved_to)})
    session.flush()


def delete_change(session: AnySession, day: date, actor: Actor) -> None:
    """Take a change back; the session is held as the rule says. Unknown days are ignored."""
    row = session.scalars(select(ReceptionChange).where(ReceptionChange.day == day)).first()
    if row:
        session.delete(row)
        _note(session, actor, "reception.change-undone", {"day": str(day)})
        session.flush()


def save_holiday(session: AnySession, day: date, name: str, actor: Actor) -> None:
    """Add a day off or rename it."""
    session.merge(PublicHoliday(day=day, name=name))
    _note(session, actor, "reception.holiday", {"day": str(day), "name": name})
    session.flush()


def delete_holiday(session: AnySession, day: date, actor: Actor) -> None:
    """Remove a day off; unknown days are ignored."""
    row = session.get(PublicHoliday, day)
    if row:
        session.delete(row)
        _note(session, actor, "reception.holiday-removed", {"day": str(day)})
        session.flush()


def _note(session: AnySession, actor: Actor, action: str, detail: dict[str, object]) -> None:
    session.add(
        AuditEntry(
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            subject="tiep-cong-dan",
            detail=detail,
        )
    )
