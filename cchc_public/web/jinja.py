"""What templates can use: filters and globals under names of our own, hiding none of a host."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import Flask, current_app, g, request, url_for
from markupsafe import Markup, escape
from sqlalchemy.exc import SQLAlchemyError

from cchc_public.config import OWN_FRAME
from cchc_public.desk import Desk, Opening, load_desk, opening_now
from cchc_public.i18n import (
    ENGLISH,
    SOURCE,
    _,
    as_vietnamese,
    format_date,
    format_number,
    mark,
    ngettext,
    page_language,
    pgettext,
    vietnamese_part,
)
from cchc_public.present.wording import (
    figure_text,
    form_word,
    fraction_text,
    percent_text,
    period_title,
    rule_words,
    table_name,
    value_text,
)
from cchc_public.state import get_state
from cchc_public.store.base import local
from cchc_public.tables.sheet import Rate, SolvedValue
from cchc_public.web.assets import cchc_static
from cchc_public.web.caching import changes_at, snapshot_notice
from cchc_public.web.routes import cchc_found, other_language, share_words

_UNKNOWN = Markup(
    '<span class="cchc-none" title="{0}"><span aria-hidden="true">–</span>'
    '<span class="cchc-hidden">{0}</span></span>'
)
_RATE = Markup('<span class="cchc-rate">{}</span><span class="cchc-of">{}</span>')


def cchc_datetime(value: datetime | None) -> str:
    """Write ``08:30 ngày 13/06/2023`` in the commune's time zone."""
    if value is None:
        return ""
    at = local(value)
    return _("%(time)s ngày %(date)s", time=f"{at:%H:%M}", date=format_date(at.date()))


def cchc_cell(value: SolvedValue, unit: str = "") -> Markup:
    """Write any cell of a table; a rate never appears without its fraction."""
    if isinstance(value, Rate):
        # write a rate over its fraction; why it cannot be computed when it cannot
        if value.percent is None:
            return _RATE.format("–", _("mẫu số là 0")) if value.denominator == 0 else unknown()
        return _RATE.format(percent_text(value.percent), fraction_text(value))
    return unknown() if value is None or value == "" else escape(figure_text(value, unit))


def unknown() -> Markup:
    """Return the dash that screen readers speak as "chưa có số liệu"."""
    return _UNKNOWN.format(_("chưa có số liệu"))


FILTERS: dict[str, Any] = {
    # a figure that is unknown stays visibly unknown; a day that is none stays empty
    "cchc_number": lambda value: unknown() if value is None else format_number(value),
    "cchc_percent": lambda value: unknown() if value is None else percent_text(value),
    "cchc_date": lambda day: format_date(day) if day else "",
    "cchc_day": lambda at: format_date(local(at).date()) if at else "",
    "cchc_datetime": cchc_datetime,
    "cchc_fraction": fraction_text,
    "cchc_period": period_title,
    "cchc_table": table_name,
    "cchc_unit": _,
    "cchc_cell": cchc_cell,
    "cchc_text": value_text,
    "cchc_word": form_word,
    "cchc_own": as_vietnamese,
    "cchc_rule": lambda finding: rule_words(finding.rule, finding.found, finding.expected),
}


# endpoint, words, further endpoints under which the entry is the current one
_NAVIGATION: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("cchc.overview", mark("Tổng quan"), ()),
    ("cchc.procedures", mark("Thủ tục"), ("cchc.procedure",)),
    ("cchc.periods", mark("Kết quả theo kỳ"), ("cchc.period", "cchc.table")),
    ("cchc.satisfaction", mark("Hài lòng"), ()),
    ("cchc.reception", mark("Tiếp công dân"), ()),
    ("cchc.desk", mark("Một cửa"), ()),
)


def cchc_nav() -> list[dict[str, Any]]:
    """Return the navigation of the faces that this app has switched on."""
    return [
        {
            "label": _(label),
            "address": url_for(endpoint),
            "is_current": request.endpoint in (endpoint, *further),
        }
        for endpoint, label, further in _NAVIGATION
        if endpoint in current_app.view_functions
    ]


def cchc_has(endpoint: str) -> bool:
    """Return whether the app has the page ``endpoint``, so that no link leads nowhere."""
    return endpoint in current_app.view_functions


def cchc_in_host() -> bool:
    """Return whether pages stand in the host's frame instead of ours."""
    return bool(get_state().config["BASE_TEMPLATE"] != OWN_FRAME)


def cchc_scheme() -> str:
    """Return the class that keeps a page light: in a host's frame unless it says otherwise."""
    config = get_state().config
    scheme = config["COLOR_SCHEME"] or ("light" if cchc_in_host() else "auto")
    return " cchc-light" if scheme == "light" else ""


def cchc_switch() -> tuple[str, str, str] | None:
    """Return code, name and address of the page in the other language; None without one."""
    twin = other_language()
    if twin is None or get_state().config["DEFAULT_LOCALE"] == ENGLISH:
        return None
    is_english = page_language() == ENGLISH
    return (SOURCE, "Tiếng Việt", twin) if is_english else (ENGLISH, "English", twin)


_NOT_DIALLED = re.compile(r"[^\d+]")


@dataclass(frozen=True)
class DeskView:
    """What templates may say of the desk."""

    desk: Desk

    @property
    def name(self) -> str:
        """Return the desk's name; the commune's one-stop desk when none was given."""
        if self.desk.name:
            return self.desk.name
        authority = get_state().config["AUTHORITY_NAME"]
        return _("Bộ phận tiếp nhận và trả kết quả (một cửa), %(name)s", name=authority)

    @property
    def phones(self) -> list[dict[str, str]]:
        """Return the numbers: ``text`` as written, ``address`` to dial."""
        return [
            {"text": text, "address": f"tel:{_NOT_DIALLED.sub('', text)}"}
            for text in self.desk.telephones
        ]

    @property
    def ask(self) -> str:
        """Return whom to ask, in words: desk and telephone."""
        phone = f" ({self.desk.telephones[0]})" if self.desk.telephones else ""
        return f"{self.name}{phone}"

    @property
    def where(self) -> str:
        """Return desk, telephone and place in words, for papers and the look-up screen."""
        sample = _("mẫu") if self.desk.is_sample else ""
        return ". ".join(filter(None, (self.ask, self.desk.place, sample)))

    @cached_property
    def opening(self) -> Opening | None:
        """Return how the desk stands now; whoever asks shows it, so the page holds till then."""
        opening = opening_now(get_state().session, self.desk)
        if opening:
            changes_at(opening.changes_at)
        return opening


def cchc_desk() -> DeskView:
    """Return the desk of this request; an empty one while the database is gone.

    Pages that tell of an outage show it too.
    """
    if "cchc_desk_view" not in g:
        session = get_state().session
        try:
            desk = load_desk(session)
        except SQLAlchemyError:
            session.rollback()
            desk = Desk()
        g.cchc_desk_view = DeskView(desk)
    view: DeskView = g.cchc_desk_view
    return view


GLOBALS: dict[str, Any] = {
    "_c": _,
    "_nc": ngettext,
    "_pc": pgettext,
    "cchc_lang": page_language,
    "cchc_vi": vietnamese_part,
    "cchc_words_shared": share_words,
    "cchc_static": cchc_static,
    "cchc_nav": cchc_nav,
    "cchc_has": cchc_has,
    "cchc_in_host": cchc_in_host,
    "cchc_desk": cchc_desk,
    "cchc_scheme": cchc_scheme,
    "cchc_notice": snapshot_notice,
    "cchc_switch": cchc_switch,
    "cchc_found": cchc_found,
}


def register(app: Flask) -> None:
    """Add our filters and globals to ``app``; calling it twice changes nothing."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(GLOBALS)
