"""``/mot-cua`` and ``/tiep-cong-dan``: where, when and by whom people are received."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request
from markupsafe import Markup

from cchc_public.desk.one_stop import write_spans
from cchc_public.desk.reading import (
    Schedule,
    changed_at,
    get_schedule,
    list_holidays,
    reception_stamp,
)
from cchc_public.desk.schedule import WEEKDAY_NAMES, Session
from cchc_public.i18n import _, format_month
from cchc_public.state import State, get_state
from cchc_public.store import ReceptionRule
from cchc_public.web.addresses import absolute, owner
from cchc_public.web.caching import today
from cchc_public.web.contexts import NextReception
from cchc_public.web.desk_view import DeskView, cchc_desk
from cchc_public.web.found import data_block
from cchc_public.web.framing import render_page

AHEAD = timedelta(days=60)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class DeskContext:
    """What ``desk.html`` may use beside the desk itself."""

    days: tuple[tuple[str, str], ...]  # weekday, hours in words; () when none are stated
    days_off: tuple[tuple[date, str], ...]
    structured: Markup


def show_desk() -> str:
    """Show the desk."""
    return render_page("cchc/public/desk.html", page=build_desk())


def build_desk() -> DeskContext:
    """Return hours by weekday and the next days off."""
    view = cchc_desk()
    first = today(get_state())
    days = tuple(
        (_(name), write_spans(spans))
        for name, spans in zip(WEEKDAY_NAMES, view.desk.week, strict=True)
    )
    holidays = list_holidays(get_state().session)
    ahead = sorted((row.day, row.name) for row in holidays if first <= row.day <= first + AHEAD)
    is_known = any(view.desk.hours)
    return DeskContext(days if is_known else (), tuple(ahead), _structured(view))


def _structured(view: DeskView) -> Markup:
    """Return schema.org ``GovernmentOffice``; nothing for a sample."""
    desk = view.desk
    if desk.is_sample or not desk.place:
        return Markup("")
    data: dict[str, Any] = {
        "@type": "GovernmentOffice",
        "name": view.name,
        "url": absolute("cchc.desk"),
        "address": desk.place,
        "telephone": list(desk.telephones),
        "openingHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": name,
                "opens": f"{opens:%H:%M}",
                "closes": f"{closes:%H:%M}",
            }
            for name, spans in zip(_DAYS, desk.week, strict=True)
            for opens, closes in spans
        ],
    }
    return data_block(data)


@dataclass(frozen=True)
class Month:
    """The sessions of one month, in order."""

    label: str
    sessions: tuple[Session, ...]


@dataclass(frozen=True)
class ReceptionContext:
    """What ``reception.html`` may use: the schedule, its rules in words, the sessions by month."""

    schedule: Schedule | None
    rule_words: str
    upcoming: tuple[tuple[ReceptionRule, str], ...]  # rules announced for later, in words
    months: tuple[Month, ...]


def register_reception_routes(blueprint: Blueprint, state: State) -> None:
    """Add the page and the calendar."""
    blueprint.add_url_rule("/mot-cua", "desk", show_desk)
    blueprint.add_url_rule("/tiep-cong-dan", "reception", show_reception)
    blueprint.add_url_rule("/tiep-cong-dan.ics", "reception_ics", send_calendar)
    state.page_cache.stamps.append(reception_stamp)


def show_reception() -> str:
    """Show the next three months of sessions."""
    context = build_reception(today(get_state()))
    return render_page("cchc/public/reception.html", page=context)


def send_calendar() -> Response:
    """Send the same sessions as an iCalendar file."""
    state = get_state()
    schedule = get_schedule(state.session, today(state))
    if schedule is None:
        abort(404)
    from cchc_public.exports.reception_ics import reception_ics  # only who asks waits for it

    body = reception_ics(
        schedule,
        authority=state.config["AUTHORITY_NAME"],
        # under which calendars know the sessions of before
        host=urlsplit(state.config["CANONICAL_URL"]).hostname or request.host.partition(":")[0],
        owner=owner(),
        at=changed_at(state.session, schedule.rule),
    )
    return Response(body, content_type="text/calendar; charset=utf-8")


def next_reception() -> NextReception | None:
    """Return the next session as the overview tells of it, None without a schedule."""
    day = today(get_state())
    schedule = get_schedule(get_state().session, day)
    session = schedule.next_session if schedule else None
    if schedule is None or session is None:
        return None
    rule = schedule.rule_on(session.day)
    weekday = _(session.weekday_name)
    month = format_month(session.day.month)
    return NextReception(session.day, month, weekday, session.day == day, rule.hours, rule.place)


def build_reception(day: date) -> ReceptionContext:
    """Return what the page shows, seen from ``day``."""
    schedule = get_schedule(get_state().session, day)
    if schedule is None:
        return ReceptionContext(None, "", (), ())
    words = [rule_in_words(rule.weekdays, rule.month_days) for rule in schedule.rules]
    return ReceptionContext(
        schedule,
        words[0],
        tuple(zip(schedule.rules[1:], words[1:], strict=True)),
        tuple(group_by_month(schedule.sessions)),
    )


def group_by_month(sessions: tuple[Session, ...]) -> list[Month]:
    """Return the sessions under their months."""
    groups = groupby(sessions, key=lambda session: (session.day.year, session.day.month))
    return [
        Month(format_month(month, year).capitalize(), tuple(found))
        for (year, month), found in groups
    ]


def rule_in_words(weekdays: list[int], month_days: list[int]) -> str:
    """Return the rule as a sentence: ``Thứ Năm hằng tuần và ngày 25 hằng tháng``."""
    parts = []
    if weekdays:
        days = ", ".join(_(WEEKDAY_NAMES[day]) for day in weekdays)
        parts.append(_("%(days)s hằng tuần", days=days))
    if month_days:
        days = ", ".join(str(day) for day in month_days)
        parts.append(_("ngày %(days)s hằng tháng", days=days))
    words = _(" và ").join(parts)
    return words[:1].upper() + words[1:]
