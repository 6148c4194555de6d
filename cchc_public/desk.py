"""Where and when people are received: reception days as dated sessions, the one-stop desk.

Luật Tiếp công dân 2013 Điều 15 (the chairman receives at least one day a week) and Điều 24 (publish
place, hours, schedule; post at least 5 working days before; announce a new date when a session is
put off). The desk (bộ phận một cửa) is one record; it is closed on the days off of reception.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import func, select

from cchc_public.checks.rules import Finding, Severity
from cchc_public.errors import StaleRevision
from cchc_public.i18n import ENGLISH, _, format_date, mark, page_language
from cchc_public.store import AuditEntry, OneStopDesk, PublicHoliday, ReceptionChange, ReceptionRule
from cchc_public.store.base import Actor, AnySession, local, utc_now
from cchc_public.store.remembered import load_only, save_only
from cchc_public.store.writing import list_changes, record, write_once

WEEKDAY_NAMES = (
    mark("Thứ Hai"),
    mark("Thứ Ba"),
    mark("Thứ Tư"),
    mark("Thứ Năm"),
    mark("Thứ Sáu"),
    mark("Thứ Bảy"),
    mark("Chủ nhật"),
)
SATURDAY = 5
POSTING_WORKING_DAYS = 5
ONE_DAY = timedelta(days=1)
MONTH = timedelta(days=31)
HORIZON = timedelta(days=92)  # what the page and the calendar file show ahead
SUBJECT = "tiep-cong-dan"  # in the trail
DESK = "mot-cua"  # the one-stop desk


@dataclass(frozen=True)
class Session:
    """One day of reception. ``planned_on`` is the day the rule names, ``day`` the day it is held.

    ``note`` says why they differ; ``is_cancelled`` sessions stay listed, with their reason. A
    moved session is listed twice: cancelled with ``moved_to`` on its old day, held on the new one.
    """

    day: date
    planned_on: date
    note: str = ""
    is_cancelled: bool = False
    moved_to: date | None = None

    @property
    def weekday_name(self) -> str:
        """Vietnamese name of the weekday."""
        return WEEKDAY_NAMES[self.day.weekday()]


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    """True from Monday to Friday when ``day`` is not a public holiday."""
    return day.weekday() < SATURDAY and day not in holidays


def working_days_between(earlier: date, later: date, holidays: Collection[date]) -> int:
    """Return how many working days lie from ``earlier`` (included) to ``later`` (excluded)."""
    span = range((later - earlier).days)
    return sum(is_working_day(earlier + timedelta(days=n), holidays) for n in span)


def list_sessions(
    rules: Sequence[ReceptionRule],
    first: date,
    last: date,
    holidays: Mapping[date, str],
    changes: Iterable[ReceptionChange] = (),
) -> tuple[Session, ...]:
    """Return the sessions held or cancelled from ``first`` to ``last``, in order.

    Of several rules the one with the latest ``valid_from`` plans a day. A month day that is not a
    working day moves to the next working day ("ngày kế tiếp" of the 2023 report would be a Sunday
    in February, March and November). A weekly session on a holiday moves likewise. Two plans that
    meet on one day give one session.
    """
    by_day = {change.day: change for change in changes}
    ordered = sorted(rules, key=lambda rule: rule.valid_from)
    # What was planned earlier may have moved into the range: by the commune as far as it likes, by
    # days off less than a month.
    moved_in = (c.day for c in by_day.values() if c.moved_to and c.moved_to >= first)
    start = min((first, *moved_in)) - MONTH
    sessions: list[Session] = []
    for planned in (start + ONE_DAY * number for number in range((last - start).days + 1)):
        rule = next((rule for rule in reversed(ordered) if rule.valid_from <= planned), None)
        if rule and (planned.weekday() in rule.weekdays or planned.day in rule.month_days):
            sessions += _settle(planned, holidays, by_day)
    # of two sessions on a day the one that is held is listed, best one that was always there
    sessions.sort(key=lambda session: (session.day, session.is_cancelled, bool(session.note)))
    days = groupby(sessions, key=lambda session: session.day)
    return tuple(next(same) for day, same in days if first <= day <= last)


def _settle(
    planned: date, holidays: Mapping[date, str], changes: Mapping[date, ReceptionChange]
) -> tuple[Session, ...]:
    day = planned
    while not is_working_day(day, holidays):
        day += ONE_DAY
    if change := changes.get(day) or changes.get(planned):
        # the cancelled day and, for a moved session, the day on which it is held instead
        new = change.moved_to
        if new is None:
            reason = _("Hủy: %(reason)s", reason=change.reason)
            return (Session(day, planned, reason, is_cancelled=True),)
        to = _("Chuyển sang ngày %(day)s: %(reason)s", day=format_date(new), reason=change.reason)
        since = _("Chuyển từ ngày %(day)s: %(reason)s", day=format_date(day), reason=change.reason)
        return (
            Session(day, planned, to, is_cancelled=True, moved_to=new),
            Session(new, planned, since),
        )
    if day == planned:
        return (Session(day, planned),)
    why = holidays.get(planned) or _("ngày nghỉ hằng tuần")
    note = _("Thay cho ngày %(day)s (%(why)s)", day=format_date(planned), why=why)
    return (Session(day, planned, note),)


def check_schedule(
    rules: Sequence[ReceptionRule],
    first: date,
    last: date,
    holidays: Mapping[date, str],
    changes: Sequence[ReceptionChange] = (),
) -> Iterator[Finding]:
    """Yield findings: weeks without a session, changes posted too late, years without Tết."""
    sessions = list_sessions(rules, first, last, holidays, changes)
    held = {session.day.isocalendar()[:2] for session in sessions if not session.is_cancelled}
    monday = first + timedelta(days=-first.weekday() % 7)
    while monday + timedelta(days=6) <= last:
        has_work = any(is_working_day(monday + n * ONE_DAY, holidays) for n in range(5))
        if has_work and monday.isocalendar()[:2] not in held:
            yield Finding(
                Severity.WARNING,
                "reception-week-empty",
                f"Tuần từ {format_date(monday)} không có buổi tiếp công dân nào. Luật Tiếp công "
                "dân yêu cầu ít nhất 1 ngày mỗi tuần; hãy thêm một buổi hoặc nêu lý do.",
                row=monday.isoformat(),
            )
        monday += timedelta(days=7)
    for change in changes:
        earlier, later = sorted((change.day, change.moved_to or change.day))
        ahead = max(working_days_between(change.announced_on, earlier, holidays), 0)
        if later >= first and ahead < POSTING_WORKING_DAYS:
            yield Finding(
                Severity.WARNING,
                "reception-posted-late",
                f"Thay đổi lịch ngày {format_date(change.day)} được niêm yết trước {ahead} "
                f"ngày làm việc; luật yêu cầu ít nhất {POSTING_WORKING_DAYS} ngày làm việc. Hãy "
                "thông báo thêm bằng loa truyền thanh và niêm yết ngay.",
                row=change.day.isoformat(),
                found=str(ahead),
                expected=str(POSTING_WORKING_DAYS),
            )
    # Tết follows the moon and is announced yearly, between 21 January and 25 February; a list
    # without it gives wrong sessions
    for year in range(first.year, last.year + 1):
        start, end = date(year, 1, 21), date(year, 2, 25)
        if first <= start <= last and not any(start <= day <= end for day in holidays):
            yield Finding(
                Severity.WARNING,
                "reception-tet-missing",
                f"Danh mục ngày nghỉ chưa có Tết Nguyên đán {year}. Hãy thêm các ngày nghỉ Tết "
                "theo thông báo, để lịch không rơi vào ngày nghỉ.",
                row=str(year),
            )


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
    return next(reversed(_list_rules(session, on)), None)


def list_moved(session: AnySession) -> Sequence[ReceptionChange]:
    """Return every moved or cancelled session, newest day first."""
    return session.scalars(select(ReceptionChange).order_by(ReceptionChange.day.desc())).all()


def days_off(session: AnySession) -> dict[date, str]:
    """Return the days off with their names, newest first."""
    rows = session.scalars(select(PublicHoliday).order_by(PublicHoliday.day.desc()))
    return {row.day: row.name for row in rows}


def get_schedule(session: AnySession, first: date, last: date | None = None) -> Schedule | None:
    """Return the sessions of a range, by default the horizon ahead; None without a rule."""
    last = last or first + HORIZON
    known = _list_rules(session, last)
    if not known:
        return None
    # rules of the past plan nothing in the range, but what they planned may have moved into it
    in_force = max((n for n, rule in enumerate(known) if rule.valid_from <= first), default=0)
    holidays, changes = days_off(session), list_moved(session)
    begins = max(first, known[0].valid_from)
    return Schedule(
        tuple(known[in_force:]),
        list_sessions(known, first, last, holidays, changes),
        tuple(check_schedule(known, begins, last, holidays, changes)),
    )


def is_planned(session: AnySession, day: date) -> bool:
    """Return whether the rules give a session on a day, whatever was moved or cancelled."""
    return bool(list_sessions(_list_rules(session, day), day, day, days_off(session)))


def reception_stamp(session: AnySession) -> str:
    """Return a text that changes with every change of schedule or desk; one indexed query."""
    # the count too: on PostgreSQL a lower id may be committed after a higher one
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


def save_rule(
    session: AnySession, values: dict[str, object], version: int, actor: Actor
) -> ReceptionRule:
    """Change the rule that starts on ``values["valid_from"]``, or begin a new one there.

    StaleRevision when someone else changed it since ``version``; pressing twice changes nothing.
    """
    query = select(ReceptionRule).where(ReceptionRule.valid_from == values["valid_from"])
    rule = session.scalars(query).first() or ReceptionRule(version=0)
    if all(getattr(rule, name) == value for name, value in values.items()):
        return rule
    if rule.version not in (0, version):
        last = select(AuditEntry.actor_name).where(AuditEntry.action == "reception.rule")
        raise StaleRevision(
            "Người khác vừa sửa lịch tiếp công dân. Hãy xem lại rồi lưu lần nữa.",
            edited_by=session.scalars(last.order_by(AuditEntry.id.desc())).first() or "",
            edited_at=rule.edited_at,
        )
    with write_once(session):
        for name, value in values.items():
            setattr(rule, name, value)
        rule.edited_at = utc_now()
        session.add(rule)
        record(session, actor, "reception.rule", SUBJECT, valid_from=str(values["valid_from"]))
    return rule


def save_change(session: AnySession, change: ReceptionChange, actor: Actor) -> None:
    """Move or cancel the session of ``change.day``; a second change of a day replaces the first."""
    query = select(ReceptionChange).where(ReceptionChange.day == change.day)
    row = session.scalars(query).first() or change
    if row is not change and (row.moved_to, row.reason) == (change.moved_to, change.reason):
        return  # pressed twice: the day of the announcement stays
    with write_once(session):
        row.moved_to, row.reason = change.moved_to, change.reason
        row.announced_on = change.announced_on
        session.add(row)
        words = {"day": str(change.day), "to": str(change.moved_to), "reason": change.reason}
        record(session, actor, "reception.change", SUBJECT, **words)


def save_holiday(session: AnySession, day: date, name: str, actor: Actor) -> None:
    """Add a day off or rename it."""
    row = session.get(PublicHoliday, day)
    if row is not None and row.name == name:
        return
    with write_once(session):
        session.merge(PublicHoliday(day=day, name=name))
        record(session, actor, "reception.holiday", SUBJECT, day=str(day), name=name)


def take_back(
    session: AnySession, table: type[ReceptionChange | PublicHoliday], day: date, actor: Actor
) -> None:
    """Take a change back, so that the rule holds, or a day off; unknown days are ignored."""
    action = "change-undone" if table is ReceptionChange else "holiday-removed"
    if row := session.scalars(select(table).where(table.day == day)).first():
        session.delete(row)
        record(session, actor, f"reception.{action}", SUBJECT, day=str(day))
        session.flush()


MOST_SPANS = 4
LOOK_AHEAD = 30  # days; a desk closed for longer names no day
_CLOCK = r"(\d{1,2})\s*(?:giờ|gio|[h:g.])\s*(\d{2})?(?:\s*phút)?"
_SPAN = re.compile(rf"{_CLOCK}\s*(?:-|–|—|đến|den|tới)\s*{_CLOCK}", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;và]*", re.IGNORECASE)

Span = tuple[time, time]
Week = tuple[tuple[Span, ...], ...]


@dataclass(frozen=True)
class Desk:
    """What citizens are told; "" = not stated. ``hours`` are texts of Monday to Sunday."""

    name: str = ""
    place: str = ""
    map_link: str = ""
    telephones: tuple[str, ...] = ()
    email: str = ""
    feedback: str = ""  # where complaints and proposals go (PAKN)
    receiver: str = ""
    hours: tuple[str, ...] = ("",) * 7
    note: str = ""
    is_sample: bool = False  # invented values, for trying out only

    @property
    def week(self) -> Week:
        """Return the spans of Monday to Sunday."""
        return tuple(read_spans(text) or () for text in self.hours)

    @property
    def hours_in_words(self) -> str:
        """Return the hours with equal days named together."""
        named = zip(WEEKDAY_NAMES, self.week, strict=True)
        parts = []
        for spans, days in groupby(named, key=itemgetter(1)):
            names = [_(name) for name, _spans in days]
            if spans:
                ends = names if len(names) < 2 else (names[0], names[-1])
                parts.append(f"{' – '.join(ends)}: {write_spans(spans)}")
        return "; ".join(parts)


@dataclass(frozen=True)
class Opening:
    """Whether the desk is open at an instant, and until when that holds (both at the commune)."""

    is_open: bool
    closes_at: datetime | None
    opens_at: datetime | None
    seen_at: datetime

    @property
    def changes_at(self) -> datetime | None:
        """Return the instant at which this is no longer true."""
        return self.closes_at if self.is_open else self.opens_at

    @property
    def now_words(self) -> str:
        """Return ``Đang mở đến 17 giờ`` or ``Đang đóng cửa``."""
        if self.is_open and self.closes_at:
            return _("Đang mở đến %(at)s", at=clock_words(self.closes_at.time()))
        return _("Đang đóng cửa")

    @property
    def next_words(self) -> str:
        """Return ``mở lại 13 giờ 30``, with the day when that is not today."""
        if self.opens_at is None:
            return ""
        at = clock_words(self.opens_at.time())
        days = (self.opens_at.date() - self.seen_at.date()).days
        if days == 0:
            return _("mở lại %(at)s", at=at)
        if days == 1:
            return _("ngày mai mở %(at)s", at=at)
        weekday = _(WEEKDAY_NAMES[self.opens_at.weekday()])
        day = weekday if days < len(WEEKDAY_NAMES) else format_date(self.opens_at.date())
        return _("%(day)s mở %(at)s", day=day, at=at)


def read_spans(text: str) -> tuple[Span, ...] | None:
    """Return the spans of one day, () for none; None when the text cannot be understood."""
    spans, end = [], 0
    for found in _SPAN.finditer(text[:200]):
        if not _BETWEEN.fullmatch(text[end : found.start()]):
            return None
        first, last = ((int(found[n]), int(found[n + 1] or 0)) for n in (1, 3))
        if max(first[0], last[0]) > 23 or max(first[1], last[1]) > 59 or first >= last:
            return None
        spans.append((time(*first), time(*last)))
        end = found.end()
    is_ordered = all(one[1] <= other[0] for one, other in zip(spans, spans[1:], strict=False))
    if text[end:].strip(" ,;.") or not is_ordered or len(spans) > MOST_SPANS:
        return None
    return tuple(spans)


def write_spans(spans: tuple[Span, ...]) -> str:
    """Return spans as people write them: ``7 giờ 30 – 11 giờ 30 và 13 giờ 30 – 17 giờ``."""
    texts = [f"{clock_words(first)} – {clock_words(last)}" for first, last in spans]
    return _(" và ").join(texts)


def clock_words(at: time) -> str:
    """Return ``7 giờ 30`` or ``17 giờ``; ``7:30`` on an English page."""
    if page_language() == ENGLISH:
        return f"{at.hour}:{at.minute:02}"
    # held together: "7 giờ" at the end of a line would be another hour
    parts = (str(at.hour), "giờ", f"{at.minute:02}") if at.minute else (str(at.hour), "giờ")
    return "\N{NO-BREAK SPACE}".join(parts)


def find_opening(week: Week, holidays: Collection[date], now: datetime) -> Opening | None:
    """Return how the desk stands at ``now`` (at the commune); None when no hours are stated."""
    if not any(week):
        return None
    closes_at = None
    for ahead in range(LOOK_AHEAD):
        day = now.date() + ahead * ONE_DAY
        for span in () if day in holidays else week[day.weekday()]:
            first, last = (datetime.combine(day, at, now.tzinfo) for at in span)
            if first > now:
                return Opening(closes_at is not None, closes_at, first, now)
            if now < last:
                closes_at = last
    return Opening(closes_at is not None, closes_at, None, now)


def load_desk(session: AnySession) -> Desk:
    """Return the desk; an empty one before anything was stated."""
    return read_desk(load_only(session, OneStopDesk).values)


def opening_now(session: AnySession, desk: Desk) -> Opening | None:
    """Return how the desk stands at this moment."""
    if not any(desk.hours):
        return None
    return find_opening(desk.week, days_off(session), local(utc_now()))


def save_desk(
    session: AnySession, desk: Desk, version: int, actor: Actor, labels: Mapping[str, str]
) -> None:
    """Store the desk, see ``save_only``; the trail names each changed value by ``labels``."""
    old, new = save_only(session, OneStopDesk, desk_values(desk), version, actor)
    if new != old:
        told = list_changes({**desk_values(Desk()), **old}, new, labels)
        record(session, actor, "desk.save", DESK, changes=told)


def desk_values(desk: Desk) -> dict[str, Any]:
    """Return the desk as JSON-ready values."""
    return {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(desk).items()}


def read_desk(values: Mapping[str, Any]) -> Desk:
    """Return the desk that was stored with ``desk_values``, by whatever version."""
    known: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in values.items()
        if key in Desk.__dataclass_fields__
    }
    return Desk(**known)
