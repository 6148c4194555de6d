"""Puts the office together: guard, refusals, headers, and the routes of every part."""

from __future__ import annotations

from flask import Blueprint, Response

from cchc_public.office.desk.one_stop import register_desk_routes
from cchc_public.office.desk.reception import register_reception_routes
from cchc_public.office.frame.guard import register_guard
from cchc_public.office.frame.navigation import list_links, sign_out_address
from cchc_public.office.frame.notices import take_notices
from cchc_public.office.frame.outages import register_outages
from cchc_public.office.frame.refusals import register_refusals
from cchc_public.office.frame.signing_in import BLUEPRINT
from cchc_public.office.frame.words import change_text
from cchc_public.office.people.accounts import register_account_routes
from cchc_public.office.people.settings import register_settings_routes
from cchc_public.office.procedures.lists import register_procedure_routes
from cchc_public.office.reports.dashboard import register_dashboard_routes
from cchc_public.office.reports.heads import register_head_routes
from cchc_public.office.reports.narrative import register_narrative_routes
from cchc_public.office.reports.pasting import register_paste_routes
from cchc_public.office.reports.periods import register_period_routes
from cchc_public.office.reports.previewing import register_preview_routes
from cchc_public.office.reports.publishing import register_publishing_routes
from cchc_public.office.reports.reasons import register_reason_routes
from cchc_public.office.reports.sheets import register_sheet_routes
from cchc_public.office.reports.trail import register_trail_routes
from cchc_public.state import State
from cchc_public.web.door import attach_door
from cchc_public.web.headers import set_security_headers

PARTS = (
    register_account_routes,
    register_dashboard_routes,
    register_head_routes,
    register_narrative_routes,
    register_paste_routes,
    register_period_routes,
    register_preview_routes,
    register_publishing_routes,
    register_reason_routes,
    register_settings_routes,
    register_sheet_routes,
    register_trail_routes,
)


def create_blueprint(state: State) -> Blueprint:
    """Return the office's blueprint; everything in it needs a permission."""
    blueprint = Blueprint(BLUEPRINT, __name__, url_prefix="/quan-tri")
    attach_door(blueprint)
    register_guard(blueprint)
    register_refusals(blueprint)
    register_outages(blueprint)
    for register in PARTS:
        register(blueprint)
    register_procedure_routes(blueprint, state)
    register_reception_routes(blueprint, state)
    register_desk_routes(blueprint)
    blueprint.context_processor(
        lambda: {
            "cchc_notices": take_notices,
            "cchc_office_nav": list_links,
            "cchc_sign_out": sign_out_address,
        }
    )
    blueprint.add_app_template_filter(change_text, "cchc_change")
    blueprint.after_request(_finish)
    return blueprint


def _finish(response: Response) -> Response:
    """Let nobody keep a staff page: the machine at the desk is shared."""
    response.headers.setdefault("Cache-Control", "no-store")
    return set_security_headers(response, "STAFF_BASE_TEMPLATE")
