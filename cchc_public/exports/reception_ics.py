"""The reception schedule as an iCalendar file that phones subscribe to."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

from cchc_public.desk.reception import Schedule
from cchc_public.i18n import _

# identifiers of later sessions no longer name a host, which a site may change
UIDS_WITHOUT_HOST = date(2027, 1, 1)


def reception_ics(
    schedule: Schedule, *, authority: str, host: str, at: datetime, owner: str = "cchc"
) -> bytes:
    """Return the calendar: all-day events (hours are words, not instants), cancelled ones marked.

    A moved session is one event, on its new day, under its old identifier: calendars move it.
    ``owner`` makes identifiers unique, ``host`` those of sessions that calendars know already, so
    that none appears twice; ``at`` is when the schedule was last changed (UTC).
    """
    calendar = Calendar()
    calendar.add("prodid", "-//cchc_public//tiep-cong-dan//VI")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Tiếp công dân") + f" – {authority}")
    name = _("Tiếp công dân") + f" – {authority}"
    for session in (one for one in schedule.sessions if one.moved_to is None):
        rule = schedule.rule_on(session.day)
        maker = host if session.planned_on < UIDS_WITHOUT_HOST else f"{owner}.cchc_public"
        event = Event()
        event.add("uid", f"tiep-cong-dan-{session.planned_on.isoformat()}@{maker}")
        event.add("dtstamp", at)
        event.add("dtstart", session.day)
        event.add("dtend", session.day + timedelta(days=1))
        event.add("summary", name)
        event.add("location", rule.place)
        event.add("description", "\n".join(part for part in (rule.hours, session.note) if part))
        event.add("status", "CANCELLED" if session.is_cancelled else "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
