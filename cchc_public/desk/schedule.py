"""Turns a reception rule into dated sessions; pure: no database, no clock of its own.

Law: Luật Tiếp công dân 2013 Điều 15 (the chairman receives at least one day a week) and Điều 24
(publish place, hours, schedule; post at least 5 working days before; announce a new date when a
session is put off).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cchc_public.checks.rules import Finding, Severity
from cchc_public.i18n import _, format_date, mark

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


@dataclass(frozen=True)
class Rule:
    """When the head receives: ``weekdays`` (0 = Monday) every week, ``month_days`` every month."""

    weekdays: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    valid_from: date = date.min


@dataclass(frozen=True)
class Change:
    """A session the commune moved (``moved_to``) or cancelled (None), and why."""

    day: date
    moved_to: date | None
    reason: str
    announced_on: date | None = None


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


def next_working_day(day: date, holidays: Collection[date]) -> date:
    """Return ``day`` itself or the first working day after it."""
    while not is_working_day(day, holidays):
        day += ONE_DAY
    return day


def working_days_between(earlier: date, later: date, holidays: Collection[date]) -> int:
    """Return how many working days lie from ``earlier`` (included) to ``later`` (excluded)."""
    span = range((later - earlier).days)
    return sum(is_working_day(earlier + timedelta(days=n), holidays) for n in span)


def list_sessions(
    rules: Rule | Sequence[Rule],
    first: date,
    last: date,
    holidays: Mapping[date, str],
    changes: Iterable[Change] = (),
) -> tuple[Session, ...]:
    """Return the sessions held or cancelled from ``first`` to ``last``, in order.

    Of several rules the one with the latest ``valid_from`` plans a day. A month day that is not a
    working day moves to the next working day ("ngày kế tiếp" of the 2023 report would be a Sunday
    in February, March and November). A weekly session on a holiday moves likewise. Two plans that
    meet on one day give one session.
    """
    by_day = {change.day: change for change in changes}
    ordered = (rules,) if isinstance(rules, Rule) else sorted(rules, key=lambda r: r.valid_from)
    sessions: dict[date, Session] = {}
    # What was planned earlier may have moved into the range: by the commune as far as it likes, by
    # days off less than a month.
    moved_in = (c.day for c in by_day.values() if c.moved_to and c.moved_to >= first)
    for planned in _planned_days(ordered, min((first, *moved_in)) - MONTH, last):
        for session in _settle(planned, holidays, by_day):
            # of two sessions on a day the one that is held is listed, best one that was always
            # there
            known = sessions.get(session.day)
            if known is None:
                tells_more = True
            elif session.is_cancelled:
                tells_more = False
            else:
                tells_more = known.is_cancelled or bool(known.note and not session.note)
            if tells_more:
                sessions[session.day] = session
    listed = (sessions[day] for day in sorted(sessions))
    return tuple(session for session in listed if first <= session.day <= last)


def _planned_days(rules: Sequence[Rule], first: date, last: date) -> Iterable[date]:
    day = first
    while day <= last:
        rule = next((r for r in reversed(rules) if r.valid_from <= day), None)
        if rule and (day.weekday() in rule.weekdays or day.day in rule.month_days):
            yield day
        day += ONE_DAY


def _settle(
    planned: date, holidays: Mapping[date, str], changes: Mapping[date, Change]
) -> tuple[Session, ...]:
    day = next_working_day(planned, holidays)
    change = changes.get(day) or changes.get(planned)
    if change:
        return _changed(day, planned, change)
    if day == planned:
        return (Session(day, planned),)
    why = holidays.get(planned) or _("ngày nghỉ hằng tuần")
    return (
        Session(
            day, planned, _("Thay cho ngày %(day)s (%(why)s)", day=format_date(planned), why=why)
        ),
    )


def _changed(day: date, planned: date, change: Change) -> tuple[Session, ...]:
    """Return the cancelled day and, for a moved session, the day on which it is held instead."""
    new = change.moved_to
    if new is None:
        return (
            Session(day, planned, _("Hủy: %(reason)s", reason=change.reason), is_cancelled=True),
        )
    to = _("Chuyển sang ngày %(day)s: %(reason)s", day=format_date(new), reason=change.reason)
    since = _("Chuyển từ ngày %(day)s: %(reason)s", day=format_date(day), reason=change.reason)
    return (
        Session(day, planned, to, is_cancelled=True, moved_to=new),
        Session(new, planned, since),
    )


def check_schedule(
    rules: Rule | Sequence[Rule],
    first: date,
    last: date,
    holidays: Mapping[date, str],
    changes: Iterable[Change] = (),
) -> tuple[Finding, ...]:
    """Return findings on a schedule: weeks without a session, changes posted too late."""
    changes = tuple(changes)
    sessions = list_sessions(rules, first, last, holidays, changes)
    held = {session.day.isocalendar()[:2] for session in sessions if not session.is_cancelled}
    weeks = _check_weeks(first, last, held, holidays)
    ahead = [c for c in changes if max(c.day, c.moved_to or c.day) >= first]
    return (*weeks, *_check_posting(ahead, holidays), *_check_tet(first, last, holidays))


def _check_tet(first: date, last: date, holidays: Collection[date]) -> Iterable[Finding]:
    """Tết follows the moon and is announced yearly; a list without it gives wrong sessions."""
    # Tết never begins before 21 January nor ends after 25 February.
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


def _check_weeks(
    first: date, last: date, held: set[tuple[int, int]], holidays: Collection[date]
) -> Iterable[Finding]:
    monday = first + timedelta(days=-first.weekday() % 7)
    while monday + timedelta(days=6) <= last:
        days = [monday + timedelta(days=n) for n in range(5)]
        has_work = any(is_working_day(day, holidays) for day in days)
        if has_work and monday.isocalendar()[:2] not in held:
            yield Finding(
                Severity.WARNING,
                "reception-week-empty",
                f"Tuần từ {format_date(monday)} không có buổi tiếp công dân nào. Luật Tiếp công "
                "dân yêu cầu ít nhất 1 ngày mỗi tuần; hãy thêm một buổi hoặc nêu lý do.",
                row=monday.isoformat(),
            )
        monday += timedelta(days=7)


def _check_posting(changes: Iterable[Change], holidays: Collection[date]) -> Iterable[Finding]:
    for change in changes:
        if change.announced_on is None:
            continue
        affected = min(change.day, change.moved_to or change.day)
        ahead = working_days_between(change.announced_on, affected, holidays)
        if ahead < POSTING_WORKING_DAYS:
            yield Finding(
                Severity.WARNING,
                "reception-posted-late",
                f"Thay đổi lịch ngày {format_date(change.day)} được niêm yết trước {max(ahead, 0)} "
                f"ngày làm việc; luật yêu cầu ít nhất {POSTING_WORKING_DAYS} ngày làm việc. Hãy "
                "thông báo thêm bằng loa truyền thanh và niêm yết ngay.",
                row=change.day.isoformat(),
                found=str(max(ahead, 0)),
                expected=str(POSTING_WORKING_DAYS),
            )
