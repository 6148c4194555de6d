"""The one-stop desk (bộ phận một cửa): where it is, whom to call, when it is open; one record.

Hours are spans of each weekday, so that the break at noon is known; days off are those of citizen
reception. Whether the desk is open is computed for an instant and holds until ``changes_at``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time
from itertools import groupby
from operator import itemgetter
from typing import Any

from cchc_public.desk.reception import DESK, ONE_DAY, WEEKDAY_NAMES, list_holidays
from cchc_public.i18n import ENGLISH, _, format_date, page_language
from cchc_public.store import OneStopDesk, base, utc_now
from cchc_public.store.audit import list_changes, record
from cchc_public.store.base import Actor, AnySession
from cchc_public.store.remembered import load_only, save_only

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


def find_opening(week: Week, days_off: Collection[date], now: datetime) -> Opening | None:
    """Return how the desk stands at ``now`` (at the commune); None when no hours are stated."""
    if not any(week):
        return None
    closes_at = None
    for ahead in range(LOOK_AHEAD):
        day = now.date() + ahead * ONE_DAY
        for span in () if day in days_off else week[day.weekday()]:
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
    days_off = {row.day for row in list_holidays(session)}
    return find_opening(desk.week, days_off, base.local(utc_now()))


def save_desk(
    session: AnySession, desk: Desk, version: int, actor: Actor, labels: Mapping[str, str]
) -> None:
    """Store the desk; StaleRevision when someone saved it after ``version``.

    The trail names each changed value by ``labels``. Saving what stands there changes nothing.
    """
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
        field.name: tuple(value) if isinstance(value := values[field.name], list) else value
        for field in fields(Desk)
        if field.name in values
    }
    return Desk(**known)
