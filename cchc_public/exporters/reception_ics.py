"""The reception schedule as an iCalendar file that phones subscribe to."""

from __future__ import annotations

from datetime import datetime, timedelta

from icalendar import Calendar, Event

from cchc_public.reception.schedule import Session


def reception_ics(
    sessions: tuple[Session, ...],
    *,
    authority: str,
    place: str,
    hours: str,
    host: str,
    at: datetime,
) -> bytes:
    """Return the calendar: all-day events (hours are words, not instants), cancelled ones marked.

    ``host`` makes the identifiers unique; ``at`` is when the schedule was last changed (UTC).
    """
    calendar = Calendar()
    calendar.add("prodid", "-//cchc_public//tiep-cong-dan//VI")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Tiếp công dân – {authority}")
    for session in sessions:
        calendar.add_component(_event(session, authority, place, hours, host, at))
    return bytes(calendar.to_ical())


def _event(
    session: Session, authority: str, place: str, hours: str, host: str, at: datetime
) -> Event:
    event = Event()
    event.add("uid", f"tiep-cong-dan-{session.planned_on.isoformat()}@{host}")
    event.add("dtstamp", at)
    event.add("dtstart", session.day)
    event.add("dtend", session.day + timedelta(days=1))
    event.add("summary", f"Tiếp công dân – {authority}")
    event.add("location", place)
    event.add("description", "\n".join(part for part in (hours, session.note) if part))
    event.add("status", "CANCELLED" if session.is_cancelled else "CONFIRMED")
    return event
