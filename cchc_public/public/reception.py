"""``/mot-cua`` and ``/tiep-cong-dan``: where, when and by whom people are received."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from flask import Response, abort, request

from cchc_public.desk.one_stop import write_spans
from cchc_public.desk.reception import (
    WEEKDAY_NAMES,
    changed_at,
    get_schedule,
    list_holidays,
)
from cchc_public.exports.data import days_ics
from cchc_public.i18n import _, format_month
from cchc_public.state import get_state
from cchc_public.store.base import today
from cchc_public.web.jinja import cchc_desk
from cchc_public.web.rendering import render_page
from cchc_public.web.routes import Routes, absolute, data_block, owner

AHEAD = timedelta(days=60)
# identifiers of later sessions no longer name a host, which a site may change
UIDS_WITHOUT_HOST = date(2027, 1, 1)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


routes = Routes()


@routes("/mot-cua", "desk")
def show_desk() -> str:
    """Show the desk: hours by weekday and the next days off."""
    view = cchc_desk()
    first = today()
    days = [
        (_(name), write_spans(spans))
        for name, spans in zip(WEEKDAY_NAMES, view.desk.week, strict=True)
    ]
    holidays = list_holidays(get_state().session)
    ahead = sorted((row.day, row.name) for row in holidays if first <= row.day <= first + AHEAD)
    office: dict[str, Any] = {
        "@type": "GovernmentOffice",
        "name": view.name,
        "url": absolute("cchc.desk"),
        "address": view.desk.place,
        "telephone": list(view.desk.telephones),
        "openingHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": name,
                "opens": f"{opens:%H:%M}",
                "closes": f"{closes:%H:%M}",
            }
            for name, spans in zip(_DAYS, view.desk.week, strict=True)
            for opens, closes in spans
        ],
    }
    return render_page(
        "cchc/public/desk.html",
        days=days if any(view.desk.hours) else (),
        days_off=ahead,
        # a sample is no office that search engines should know
        structured="" if view.desk.is_sample or not view.desk.place else data_block(office),
    )


@routes("/tiep-cong-dan", "reception")
def show_reception() -> str:
    """Show the next three months of sessions, under their months, and the rules in words."""
    schedule = get_schedule(get_state().session, today())
    rules = schedule.rules if schedule else ()
    words = [rule_in_words(rule.weekdays, rule.month_days) for rule in rules]
    months = groupby(schedule.sessions if schedule else (), key=lambda s: (s.day.year, s.day.month))
    return render_page(
        "cchc/public/reception.html",
        schedule=schedule,
        rule_words=words[0] if words else "",
        upcoming=list(zip(rules[1:], words[1:], strict=True)),  # announced for later
        months=[
            (format_month(month, year).capitalize(), list(found)) for (year, month), found in months
        ],
    )


@routes("/tiep-cong-dan.ics", "reception_ics")
def send_calendar() -> Response:
    """Send the same sessions as an iCalendar file."""
    state = get_state()
    schedule = get_schedule(state.session, today())
    if schedule is None:
        abort(404)
    # under which calendars know the sessions of before
    host = urlsplit(state.config["CANONICAL_URL"]).hostname or request.host.partition(":")[0]
    name = _("Tiếp công dân") + f" – {state.config['AUTHORITY_NAME']}"
    changed = changed_at(state.session, schedule.rule)
    events = []
    # a moved session is one event, on its new day, under its old identifier: calendars move it
    for session in (one for one in schedule.sessions if one.moved_to is None):
        rule = schedule.rule_on(session.day)
        maker = host if session.planned_on < UIDS_WITHOUT_HOST else f"{owner()}.cchc_public"
        event = {
            "uid": f"tiep-cong-dan-{session.planned_on.isoformat()}@{maker}",
            "dtstamp": changed,
            "summary": name,
            "location": rule.place,
            "description": "\n".join(part for part in (rule.hours, session.note) if part),
            "status": "CANCELLED" if session.is_cancelled else "CONFIRMED",
        }
        events.append((session.day, event))
    body = days_ics("tiep-cong-dan", events, name)
    return Response(body, content_type="text/calendar; charset=utf-8")


def next_reception() -> dict[str, Any] | None:
    """Return the next session as the overview tells of it, None without a schedule."""
    day = today()
    schedule = get_schedule(get_state().session, day)
    session = schedule.next_session if schedule else None
    if schedule is None or session is None:
        return None
    rule = schedule.rule_on(session.day)
    return {
        "day": session.day,
        "month": format_month(session.day.month),
        "weekday": _(session.weekday_name),
        "is_today": session.day == day,
        "hours": rule.hours,
        "place": rule.place,
    }


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
