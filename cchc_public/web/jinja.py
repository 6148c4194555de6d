"""Gives templates our filters and globals, all prefixed; changes no option of the host's Jinja."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, request, url_for

from cchc_public.i18n import _, mark, ngettext, page_language, pgettext, vietnamese_part
from cchc_public.state import get_state
from cchc_public.web.assets import cchc_static
from cchc_public.web.filters import FILTERS

if TYPE_CHECKING:
    from cchc_public.web.desk_view import DeskView

OWN_FRAME = "cchc/layout.html"


@dataclass(frozen=True)
class NavItem:
    """One entry of the main navigation."""

    label: str
    address: str
    is_current: bool


# endpoint, words, further endpoints under which the entry is the current one
_NAVIGATION: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("cchc.overview", mark("Tổng quan"), ()),
    ("cchc.procedures", mark("Thủ tục"), ("cchc.procedure",)),
    ("cchc.periods", mark("Kết quả theo kỳ"), ("cchc.period", "cchc.table")),
    ("cchc.satisfaction", mark("Hài lòng"), ()),
    ("cchc.reception", mark("Tiếp công dân"), ()),
    ("cchc.desk", mark("Một cửa"), ()),
)


def cchc_nav() -> tuple[NavItem, ...]:
    """Return the navigation of the faces that this app has switched on."""
    return tuple(
        NavItem(_(label), url_for(endpoint), request.endpoint in (endpoint, *further))
        for endpoint, label, further in _NAVIGATION
        if endpoint in current_app.view_functions
    )


def cchc_has(endpoint: str) -> bool:
    """Return whether the app has the page ``endpoint``, so that no link leads nowhere."""
    return endpoint in current_app.view_functions


def cchc_in_host() -> bool:
    """Return whether pages stand in the host's frame instead of ours."""
    return bool(get_state().config["BASE_TEMPLATE"] != OWN_FRAME)


def cchc_desk() -> DeskView:
    """Return the one-stop desk as this request shows it."""
    from cchc_public.web import desk_view  # it tells the page store, which knows our frame

    return desk_view.cchc_desk()


GLOBALS: dict[str, Any] = {
    "_c": _,
    "_nc": ngettext,
    "_pc": pgettext,
    "cchc_lang": page_language,
    "cchc_vi": vietnamese_part,
    "cchc_static": cchc_static,
    "cchc_nav": cchc_nav,
    "cchc_has": cchc_has,
    "cchc_in_host": cchc_in_host,
    "cchc_desk": cchc_desk,
}


def register(app: Flask) -> None:
    """Add our filters and globals to ``app``; calling it twice changes nothing."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(GLOBALS)
