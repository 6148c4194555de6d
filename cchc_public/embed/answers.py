"""One widget as a small page, a picture, a bare table, or the reason why there is none."""

from __future__ import annotations

import logging

from flask import Response, abort, make_response, render_template, request
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from cchc_public.embed.figures import find_widget
from cchc_public.embed.policy import allow_framing, allow_framing_inline, widget_style
from cchc_public.embed.snippets import absolute_page, build_badge
from cchc_public.embed.widget_page import WidgetPage, build_widget_page
from cchc_public.exports.badge import Badge, badge_svg
from cchc_public.i18n import _
from cchc_public.releases.reading import newest_release
from cchc_public.state import get_state
from cchc_public.web.caching import find_last_good
from cchc_public.web.outages import render_alone
from cchc_public.web.standing import find_standing_release

log = logging.getLogger(__name__)

PERIOD, PINNED = "ky", "ban"


def show_widget(code: str) -> Response:
    """Show one widget as a small page for a frame."""
    page = find_page(code)
    html = render_template("cchc/embed/widget.html", page=page, style=widget_style())
    return allow_framing(make_response(html))


def show_badge(code: str) -> Response:
    """Show the widget's first headline as a picture."""
    return send_svg(build_badge(find_page(code)))


def show_fragment(code: str) -> Response:
    """Show the widget as a bare table with inline styles, meant to be copied."""
    return allow_framing_inline(make_response(render_fragment(find_page(code))))


def show_problem(error: HTTPException) -> Response:
    """Say in the frame, or in the picture, why there are no figures; the last good ones first."""
    status = error.code or 500
    kept = find_last_good() if status >= 500 else None
    if kept is not None:
        return kept
    message = _problem_words(status)
    if request.path.endswith(".svg"):
        authority = get_state().config["AUTHORITY_NAME"]
        return send_svg(Badge(authority, message, "–", "", ""), status)
    html = render_alone("cchc/embed/message.html", message=message, style=widget_style())
    return allow_framing(make_response(html, status))


def show_unavailable(error: Exception) -> Response:
    """Answer for a database that fails: the last good bytes, else when to come back."""
    log.error("cannot answer %s", request.path, exc_info=error)
    response = show_problem(ServiceUnavailable())
    if response.status_code == 503:
        response.headers["Retry-After"] = "60"
    return response


def find_page(code: str) -> WidgetPage:
    """Return the widget's content for the release the address asks for; 404 or 410 without."""
    widget = find_widget(code)
    if widget is None:
        abort(404)
    slug, pinned = request.args.get(PERIOD, ""), request.args.get(PINNED, "")
    if not slug:
        newest = newest_release(get_state().session)
        slug = newest.slug if newest else ""
    release = find_standing_release(slug, pinned)
    return build_widget_page(widget, release, is_pinned=bool(pinned))


def render_fragment(page: WidgetPage) -> str:
    """Return the bare table."""
    return render_template("cchc/embed/fragment.html", page=page, address=absolute_page(page))


def send_svg(badge: Badge, status: int = 200) -> Response:
    """Send a picture that any page may show, and that styles nothing but itself."""
    response = Response(badge_svg(badge), status, mimetype="image/svg+xml")
    return allow_framing_inline(response)


def _problem_words(status: int) -> str:
    if status == 404:
        return _("Chưa có số liệu công bố cho tiện ích này.")
    if status == 410:
        return _("Số liệu của kỳ này đã được thu hồi.")
    return _("Tạm thời không xem được số liệu.")
