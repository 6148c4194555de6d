"""Puts the office together: guard, refusals, navigation, and the routes of every part."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request, url_for

from cchc_public.office.desk import one_stop, reception
from cchc_public.office.frame.guard import BLUEPRINT, register_guard
from cchc_public.office.frame.notices import take_notices
from cchc_public.office.frame.refusals import register_outages, register_refusals
from cchc_public.office.frame.words import change_text, deed_text, detail_text, subject_text
from cchc_public.office.people import backups, settings, trail
from cchc_public.office.people.accounts import register_account_routes
from cchc_public.office.procedures import lists
from cchc_public.office.reports import pasting, periods, reasons, sheets, starting
from cchc_public.office.reports.dashboard import register_dashboard_routes
from cchc_public.office.reports.heads import register_head_routes
from cchc_public.office.reports.narrative import register_narrative_routes
from cchc_public.office.reports.papers import register_paper_routes
from cchc_public.office.reports.previewing import register_preview_routes
from cchc_public.office.reports.publishing import register_publishing_routes
from cchc_public.office.reports.trail import register_trail_routes
from cchc_public.procedures.columns import get_header
from cchc_public.state import State, get_state
from cchc_public.web.headers import attach_door, set_security_headers
from cchc_public.web.snapshots import refresh_afterwards

_PERIODS = ("cchc_staff.periods", "cchc_staff.period", "cchc_staff.sheet", "cchc_staff.new_period")

# endpoint, words, action needed, further endpoints under which the entry is the current one
_ENTRIES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("cchc_staff.periods", "Kỳ báo cáo", "enter", _PERIODS),
    ("cchc_staff.procedures", "Thủ tục", "enter", ()),
    ("cchc_staff.reception", "Tiếp công dân", "enter", ()),
    ("cchc_staff.desk", "Một cửa", "enter", ()),
    ("cchc_staff.accounts", "Tài khoản", "administer", ()),
    ("cchc_staff.audit", "Nhật ký", "administer", ()),
    ("cchc_staff.settings", "Thiết lập", "administer", ()),
    ("cchc_staff.backups", "Sao lưu", "administer", ("cchc_staff.backup",)),
    ("cchc.overview", "Xem trang công khai", "", ()),
)


def list_links() -> list[tuple[str, str, bool]]:
    """Return label, address and whether it is the present one, for the present person."""
    state = get_state()
    if state.user is None:
        return []
    entries = list(_ENTRIES)
    if "cchc_staff.me" in current_app.view_functions:
        entries.append(("cchc_staff.me", "Tài khoản của tôi", "enter", ()))
    elif (password := state.config["PASSWORD_ENDPOINT"]) in current_app.view_functions:
        entries.append((password, "Đổi mật khẩu", "", ()))
    return [
        (label, url_for(endpoint), request.endpoint in (endpoint, *further))
        for endpoint, label, action, further in entries
        if endpoint in current_app.view_functions and (not action or state.may(action))
    ]


def sign_out_address() -> str:
    """Return where signing out is posted to; empty when the host names no such endpoint."""
    state = get_state()
    endpoint = state.config["LOGOUT_ENDPOINT"]
    known = endpoint in current_app.view_functions and state.user is not None
    return url_for(endpoint) if known else ""


def signs_out_by_link() -> bool:
    """Return whether the host's sign-out answers a link only, and no post."""
    rules = current_app.url_map.iter_rules(get_state().config["LOGOUT_ENDPOINT"])
    return not any("POST" in (rule.methods or ()) for rule in rules)


SCREENS = (
    backups,
    lists,
    one_stop,
    pasting,
    periods,
    reasons,
    reception,
    settings,
    sheets,
    starting,
    trail,
)
PARTS = (
    register_account_routes,
    register_dashboard_routes,
    register_head_routes,
    register_narrative_routes,
    register_paper_routes,
    register_preview_routes,
    register_publishing_routes,
    register_trail_routes,
)


def create_blueprint(state: State) -> Blueprint:
    """Return the office's blueprint; everything in it needs a permission."""
    blueprint = Blueprint(BLUEPRINT, __name__, url_prefix="/quan-tri")
    attach_door(blueprint)
    register_guard(blueprint)
    register_refusals(blueprint)
    register_outages(blueprint)
    for module in SCREENS:
        module.routes.add_to(blueprint)
    for register in PARTS:
        register(blueprint)
    blueprint.context_processor(
        lambda: {
            "cchc_notices": take_notices,
            "cchc_office_nav": list_links,
            "cchc_sign_out": sign_out_address,
            "cchc_signs_out_by_link": signs_out_by_link,
        }
    )
    # a global, because imported macros see no context
    blueprint.add_app_template_global(get_header, "cchc_header")
    blueprint.add_app_template_filter(change_text, "cchc_change")
    blueprint.add_app_template_filter(deed_text, "cchc_deed")
    blueprint.add_app_template_filter(detail_text, "cchc_detail")
    blueprint.add_app_template_filter(subject_text, "cchc_subject")
    blueprint.after_request(_finish)
    blueprint.after_request(_refresh)
    return blueprint


def _finish(response: Response) -> Response:
    """Let nobody keep a staff page: the machine at the desk is shared."""
    response.headers.setdefault("Cache-Control", "no-store")
    return set_security_headers(response, "STAFF_BASE_TEMPLATE")


def _refresh(response: Response) -> Response:
    """Write what became public into the snapshot, once the clerk has the answer."""
    return refresh_afterwards(response) if request.method == "POST" else response
