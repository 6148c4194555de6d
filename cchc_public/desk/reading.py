"""Reads reception rows; changes nothing, so citizens' pages may import it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from cchc_public.checks.rules import Finding
from cchc_public.desk.schedule import (
    Change,
    Rule,
    Session,
    check_schedule,
    is_working_day,
    list_sessions,
)
from cchc_public.store import AuditEntry, PublicHoliday, ReceptionChange, ReceptionRule
from cchc_public.store.actor import AnySession

SUBJECT = "tiep-cong-dan"
DESK = "mot-cua"  # the one-stop desk
HORIZON = timedelta(days=92)  # what the page and the calendar file show ahead


@dataclass(frozen=True)
class Schedule:
    """What citizens are shown: the rules' rows, the sessions of the horizon, findings for staff.

    ``rules`` begin with the one in force; those that follow begin within the horizon.
    """

    rules: tuple[ReceptionRule, ...]
    sessions: tuple[Session, ...]
    findings: tuple[Finding, ...]

    @property
    def rule(self) -> ReceptionRule:
        """Return the rule in force, or the first to come."""
        return self.rules[0]

    def rule_on(self, day: date) -> ReceptionRule:
        """Return the rule that says where and when the session of a day is held."""
        begun = [rule for rule in self.rules if rule.valid_from <= day]
        return begun[-1] if begun else self.rule

    @property
    def next_session(self) -> Session | None:
        """Return the first session that is held."""
        return next((s for s in self.sessions if not s.is_cancelled), None)


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
    known = _list_rules(session, last)
    if not known:
        return None
    # rules of the past plan nothing in the range, but what they planned may have moved into it
    in_force = max((n for n, rule in enumerate(known) if rule.valid_from <= first), default=0)
    plans = [_plan(rule) for rule in known]
    holidays = {row.day: row.name for row in list_holidays(session)}
    changes = [
        Change(row.day, row.moved_to, row.reason, row.announced_on) for row in list_changes(session)
    ]
    begins = max(first, known[0].valid_from)
    return Schedule(
        tuple(known[in_force:]),
        list_sessions(plans, first, last, holidays, changes),
        check_schedule(plans, begins, last, holidays, changes),
    )


def is_planned(session: AnySession, day: date) -> bool:
    """Return whether the rules give a session on a day, whatever was moved or cancelled."""
    plans = [_plan(rule) for rule in _list_rules(session, day)]
    holidays = {row.day: row.name for row in list_holidays(session)}
    return bool(list_sessions(plans, day, day, holidays))


def is_day_off(session: AnySession, day: date) -> bool:
    """Return whether nobody works on a day: a weekend or one of the days off."""
    return not is_working_day(day, {row.day for row in list_holidays(session)})


def reception_stamp(session: AnySession) -> str:
    """Return a text that changes with every change of schedule or desk; one indexed query.

    The count too: on PostgreSQL a lower id may be committed after a higher one.
    """
    query = select(func.count(AuditEntry.id), func.max(AuditEntry.id))
    count, last = session.execute(query.where(AuditEntry.subject.in_((SUBJECT, DESK)))).one()
    return f"{count}-{last or 0}"


def changed_at(session: AnySession, rule: ReceptionRule) -> datetime:
    """Return when the schedule was last changed."""
    query = select(func.max(AuditEntry.at)).where(AuditEntry.subject == SUBJECT)
    return session.scalar(query) or rule.edited_at


def _list_rules(session: AnySession, last: date) -> Sequence[ReceptionRule]:
    query = select(ReceptionRule).where(ReceptionRule.valid_from <= last)
    return session.scalars(query.order_by(ReceptionRule.valid_from)).all()


def _plan(rule: ReceptionRule) -> Rule:
    return Rule(tuple(rule.weekdays), tuple(rule.month_days), rule.valid_from)
