"""The office's own navigation: only what this app has and this person may open."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from cchc_public.i18n import _, mark
from cchc_public.state import get_state

_PERIODS = ("cchc_staff.periods", "cchc_staff.period", "cchc_staff.sheet", "cchc_staff.new_period")

# endpoint, words, action needed, further endpoints under which the entry is the current one
_ENTRIES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("cchc_staff.periods", mark("Kỳ báo cáo"), "enter", _PERIODS),
    ("cchc_staff.procedures", mark("Thủ tục"), "enter", ()),
    ("cchc_staff.reception", mark("Tiếp công dân"), "enter", ()),
    ("cchc_staff.desk", mark("Một cửa"), "enter", ()),
    ("cchc_staff.accounts", mark("Tài khoản"), "administer", ()),
    ("cchc_staff.settings", mark("Thiết lập"), "administer", ()),
    ("cchc.overview", mark("Xem trang công khai"), "", ()),
)


@dataclass(frozen=True)
class OfficeLink:
    """One entry."""

    label: str
    address: str
    is_current: bool


def list_links() -> tuple[OfficeLink, ...]:
    """Return the entries for the present person; none for someone signed out."""
    state = get_state()
    if state.has_login and state.user is None:
        return ()
    entries = list(_ENTRIES)
    if "cchc_staff.me" in current_app.view_functions:
        entries.append(("cchc_staff.me", "Tài khoản của tôi", "enter", ()))
    elif (password := state.config["PASSWORD_ENDPOINT"]) in current_app.view_functions:
        entries.append((password, mark("Đổi mật khẩu"), "", ()))
    return tuple(
        OfficeLink(_(label), url_for(endpoint), request.endpoint in (endpoint, *further))
        for endpoint, label, action, further in entries
        if endpoint in current_app.view_functions and (not action or state.may(action))
    )


def sign_out_address() -> str:
    """Return where signing out is posted to; empty when the host names no such endpoint."""
    state = get_state()
    endpoint = state.config["LOGOUT_ENDPOINT"]
    known = endpoint in current_app.view_functions and state.user is not None
    return url_for(endpoint) if known else ""
