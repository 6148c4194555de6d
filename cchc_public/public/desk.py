"""``/mot-cua``: where the one-stop desk is, when it is open, whom to call."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint
from markupsafe import Markup

from cchc_public.desk.one_stop import write_spans
from cchc_public.desk.reading import list_holidays
from cchc_public.desk.schedule import WEEKDAY_NAMES
from cchc_public.i18n import _
from cchc_public.state import get_state
from cchc_public.web.addresses import absolute
from cchc_public.web.caching import today
from cchc_public.web.desk_view import DeskView, cchc_desk
from cchc_public.web.framing import render_page

AHEAD = timedelta(days=60)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class DeskContext:
    """What ``desk.html`` may use beside the desk itself."""

    days: tuple[tuple[str, str], ...]  # weekday, hours in words; () when none are stated
    days_off: tuple[tuple[date, str], ...]
    structured: Markup


def register(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/mot-cua", "desk", show_desk)


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
        "@context": "https://schema.org",
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
    # the only way out of a data block is a "<"
    return Markup(json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704
