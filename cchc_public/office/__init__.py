"""The staff's face: entering, checking, publishing; put together from its screens."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request, url_for
from flask.blueprints import BlueprintSetupState

from cchc_public import host
from cchc_public.office import desk, people, procedures, settings
from cchc_public.office.frame import BLUEPRINT, register_guard
from cchc_public.office.reports import dashboard, pasting, periods, publishing, sheets, words
from cchc_public.office.reports.dashboard import create_guest_blueprint
from cchc_public.office.reports.words import allow_signed_copy
from cchc_public.procedures.cells import HEADERS
from cchc_public.state import State, get_state
from cchc_public.web.caching import refresh_afterwards
from cchc_public.web.routes import attach_door, set_security_headers

__all__ = ["allow_signed_copy", "create_blueprint", "create_guest_blueprint"]
SCREENS = (
    *(dashboard, desk, pasting, people, periods, procedures),
    *(publishing, settings, sheets, words),
)
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


def create_blueprint(state: State) -> Blueprint:
    """Return the office's blueprint; everything in it needs a permission."""
    blueprint = Blueprint(BLUEPRINT, __name__, url_prefix="/quan-tri")
    attach_door(blueprint)
    register_guard(blueprint)
    for module in SCREENS:
        module.screen.add_to(blueprint)
    blueprint.before_request(publishing.hold_frozen)

    def add_accounts(setup: BlueprintSetupState) -> None:
        if host.has_own_accounts(setup.app):  # a host looks after its own
            people.own_screen.add_to(setup)

    blueprint.record(add_accounts)
    blueprint.context_processor(lambda: {"cchc_office_nav": list_links, "cchc_sign_out": sign_out})
    # a global, because imported macros see no context
    blueprint.add_app_template_global(HEADERS.__getitem__, "cchc_header")
    for name in ("change", "deed", "detail", "subject"):
        blueprint.add_app_template_filter(getattr(people, f"{name}_text"), f"cchc_{name}")
    blueprint.after_request(_finish)
    return blueprint


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


def sign_out() -> tuple[str, bool]:
    """Return where to sign out, empty when the host names nothing, and whether that is posted."""
    state = get_state()
    endpoint = state.config["LOGOUT_ENDPOINT"]
    if state.user is None or endpoint not in current_app.view_functions:
        return "", False
    rules = current_app.url_map.iter_rules(endpoint)
    return url_for(endpoint), any("POST" in (rule.methods or ()) for rule in rules)


def _finish(response: Response) -> Response:
    """Let nobody keep a staff page: the machine at the desk is shared.

    What became public is written into the snapshot once the clerk has the answer.
    """
    response.headers.setdefault("Cache-Control", "no-store")
    set_security_headers(response, "STAFF_BASE_TEMPLATE")
    return refresh_afterwards(response) if request.method == "POST" else response
