"""The citizen's face: pages that are pure functions of releases; its refusals say a way on."""

from __future__ import annotations

import json
import logging

from flask import Blueprint, Response, g, make_response, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from cchc_public.desk import reception_stamp
from cchc_public.errors import CchcError, NotFound
from cchc_public.i18n import _
from cchc_public.procedures.searching import list_stamp
from cchc_public.public import figures, kiosk, services
from cchc_public.releases.reading import get_release, last_withdrawal, papers_stamp
from cchc_public.state import State, get_state
from cchc_public.vietnamese.dates import parse_period
from cchc_public.web.assets import serve_asset
from cchc_public.web.caching import (
    attach_page_cache,
    describe_outage,
    find_last_good,
    outage_page,
    render_from_snapshot,
)
from cchc_public.web.helpful import register_helpful_routes
from cchc_public.web.page_store import log_outage
from cchc_public.web.release_pages import Standing, withdrawn_notice
from cchc_public.web.rendering import refusal_page, render_page
from cchc_public.web.routes import PublicBlueprint, attach_door, send_sitemap

log = logging.getLogger(__name__)
# What programs fetch; a PDF is opened by people, who get a page with a way on.
FILE_SUFFIXES = (".csv", ".txt", ".json", ".xlsx", ".docx", ".zip", ".ics", ".atom")


def create_blueprint(state: State) -> Blueprint:
    """Return the public blueprint with every page that is switched on."""
    blueprint = PublicBlueprint("cchc", __name__, state.config)
    attach_page_cache(blueprint)  # first: what is kept needs no look at its address
    attach_door(blueprint)
    blueprint.add_url_rule("/_cchc/<path:name>", "asset", serve_asset)
    for face in (figures, services, kiosk):
        face.routes.add_to(blueprint)
    if state.config["ENABLE_PDF"]:
        figures.papers.add_to(blueprint)
        services.papers.add_to(blueprint)
    # kept pages hold until one of these moves
    state.page_cache.stamps += (list_stamp, reception_stamp, papers_stamp)
    blueprint.add_app_template_global(withdrawn_notice, "cchc_withdrawn")
    blueprint.add_app_template_global(lambda one: Standing(one).is_fresh, "cchc_is_fresh")
    blueprint.add_url_rule("/sitemap.xml", "sitemap", send_sitemap)
    register_helpful_routes(blueprint)
    # refusals raised within this blueprint only; the host's pages are the host's
    for kind, handler in (
        (404, show_missing),
        (NotFound, show_missing),
        (410, show_withdrawn),
        (SQLAlchemyError, show_unavailable),
        (CchcError, show_unavailable),
    ):
        blueprint.register_error_handler(kind, handler)
    return blueprint


def show_missing(_error: Exception) -> Response:
    """Say that the address has no page, and where to look."""
    if parse_period((request.view_args or {}).get("slug", "")):
        advice = _("Kỳ báo cáo hoặc biểu này chưa được công bố, hoặc địa chỉ gõ nhầm một chữ.")
    else:
        advice = _("Địa chỉ có thể đã đổi, hoặc gõ nhầm một chữ.")
    return refuse(_("Không có trang này"), advice, 404)


def show_withdrawn(_error: HTTPException) -> Response:
    """Say why the figures of the period were taken back."""
    slug = (request.view_args or {}).get("slug", "")
    session = get_state().session
    # the withdrawal, which need not be the newest release: figures may stand there anew
    number = last_withdrawal(session, slug) if parse_period(slug) else 0
    release = get_release(session, slug, number) if number else None
    if release is None or request.path.endswith(FILE_SUFFIXES):
        reason = release.reason if release else ""
        return refuse(_("Số liệu đã được thu hồi"), reason, 410)
    g.cchc_refused = True
    page = render_page("cchc/public/withdrawn.html", release=release)
    # the period's own address stays a page one may land on; what stood below it is gone
    status = 200 if request.endpoint == "cchc.period" and "ban" not in request.args else 410
    return make_response(page, status)


def show_unavailable(error: Exception) -> Response:
    """Answer with the last good bytes when the database fails, else say when to come back."""
    if (answer := render_from_snapshot(error)) is not None:
        return answer
    kept = find_last_good()
    if kept is not None:
        log.warning("serving the last good page of %s: %s", request.path, error)
        return kept
    log_outage(f"cannot answer {request.path}", error)
    response = refuse(*describe_outage(error), 503)
    response.headers["Retry-After"] = "60"
    return response


def refuse(title: str, advice: str, code: int) -> Response:
    """Return the refusal as a page, or in a few words when a program asked for a file."""
    if request.path.endswith(".json"):
        problem = {
            "type": "about:blank",
            "title": title,
            "status": code,
            "detail": advice,
            "instance": request.path,
        }
        body = json.dumps(problem, ensure_ascii=False)
        return Response(body, code, mimetype="application/problem+json")
    if request.path.endswith(FILE_SUFFIXES):
        text = f"{title}. {advice}\n{url_for('cchc.periods')}\n"
        return Response(text, code, mimetype="text/plain")
    if code == 503:
        return make_response(outage_page(title, advice), code)
    return refusal_page(title, advice, code)
