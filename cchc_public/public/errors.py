"""Refusals of the public pages in words, with a way on; a file's refusal is no web page."""

from __future__ import annotations

import json
import logging

from flask import Blueprint, Response, make_response, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from cchc_public.errors import CchcError, NotFound
from cchc_public.i18n import _
from cchc_public.releases.reading import get_release, last_withdrawal
from cchc_public.state import get_state
from cchc_public.vietnamese.dates import parse_period
from cchc_public.web.caching import find_last_good
from cchc_public.web.contexts import ErrorPage, WithdrawnPage, render
from cchc_public.web.outages import describe_outage, log_outage, outage_page
from cchc_public.web.snapshots import render_from_snapshot

log = logging.getLogger(__name__)
# What programs fetch; a PDF is opened by people, who get a page with a way on.
FILE_SUFFIXES = (".csv", ".txt", ".json", ".xlsx", ".docx", ".zip", ".ics", ".atom")


def register(blueprint: Blueprint) -> None:
    """Handle refusals raised within this blueprint only; the host's pages are the host's."""
    blueprint.register_error_handler(404, show_missing)
    blueprint.register_error_handler(NotFound, show_missing)
    blueprint.register_error_handler(410, show_withdrawn)
    blueprint.register_error_handler(SQLAlchemyError, show_unavailable)
    blueprint.register_error_handler(CchcError, show_unavailable)


def show_missing(_error: Exception) -> Response:
    """Say that the address has no page, and where to look."""
    if parse_period((request.view_args or {}).get("slug", "")):
        advice = _("Kỳ báo cáo hoặc biểu này chưa được công bố, hoặc địa chỉ gõ nhầm một chữ.")
    else:
        advice = _("Địa chỉ có thể đã đổi, hoặc gõ nhầm một chữ.")
    return refuse(ErrorPage(_("Không có trang này"), advice, 404))


def show_withdrawn(_error: HTTPException) -> Response:
    """Say why the figures of the period were taken back."""
    slug = (request.view_args or {}).get("slug", "")
    session = get_state().session
    # the withdrawal, which need not be the newest release: figures may stand there anew
    number = last_withdrawal(session, slug) if parse_period(slug) else 0
    release = get_release(session, slug, number) if number else None
    if release is None or request.path.endswith(FILE_SUFFIXES):
        reason = release.reason if release else ""
        return refuse(ErrorPage(_("Số liệu đã được thu hồi"), reason, 410))
    page = render("cchc/public/withdrawn.html", WithdrawnPage(release))
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
    page = ErrorPage(*describe_outage(error), 503)
    if request.path.endswith(FILE_SUFFIXES):
        response = refuse(page)
    else:
        response = make_response(outage_page(page.title, page.advice), page.code)
    response.headers["Retry-After"] = "60"
    return response


def refuse(page: ErrorPage) -> Response:
    """Return the refusal as a page, or in a few words when a program asked for a file."""
    if request.path.endswith(".json"):
        problem = {
            "type": "about:blank",
            "title": page.title,
            "status": page.code,
            "detail": page.advice,
            "instance": request.path,
        }
        body = json.dumps(problem, ensure_ascii=False)
        return Response(body, page.code, mimetype="application/problem+json")
    if request.path.endswith(FILE_SUFFIXES):
        text = f"{page.title}. {page.advice}\n{url_for('cchc.periods')}\n"
        return Response(text, page.code, mimetype="text/plain")
    return make_response(render("cchc/errors/problem.html", page), page.code)
