"""``/nhung``: widgets as small page, picture or bare table, and the page that hands out their HTML.

A widget styles itself by hash, may be framed where the commune allows it, and sets no cookie.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from cchc_public.config import OWN_FRAME
from cchc_public.embed.figures import (
    WIDGETS,
    WidgetPage,
    build_service_page,
    build_widget_page,
    find_widget,
)
from cchc_public.errors import CchcError
from cchc_public.i18n import _, format_number
from cchc_public.present.charts import Badge, badge_svg
from cchc_public.present.wording import NO_FIGURE, lower_first
from cchc_public.releases.reading import newest_release
from cchc_public.state import State, get_state
from cchc_public.tables.sheet import Rate
from cchc_public.web.assets import squeeze
from cchc_public.web.caching import attach_page_cache, find_last_good, render_from_snapshot
from cchc_public.web.page_store import log_outage
from cchc_public.web.release_pages import find_standing, withdrawn_notice
from cchc_public.web.rendering import render_alone, render_page
from cchc_public.web.routes import POLICY, PublicBlueprint, Routes, absolute, attach_door, origin

STYLE_SHEET = "cchc/embed/widget.css"
INLINE = "'unsafe-inline'"
routes = Routes()


def widget_style() -> Markup:
    """Return the widget's style sheet, small, ready for its ``<style>`` element."""
    loader = current_app.jinja_env.loader
    source = loader.get_source(current_app.jinja_env, STYLE_SHEET)[0] if loader else ""
    # our own file, without a character that could close the element
    return Markup(squeeze(source.encode()).decode())  # noqa: S704


def allow_framing(response: Response, style: str = "", form: str = "'none'") -> Response:
    """Let the configured sites show this answer in a frame; styles only by the hash of ours.

    ``style`` is another rule: for the fragment and the picture, whose styles stand in attributes.
    """
    if not style:
        digest = hashlib.sha256(str(widget_style()).encode()).digest()
        style = f"'sha256-{base64.b64encode(digest).decode()}'"
    # Our own pages preview widgets, so 'self' is always among them.
    ancestors = dict.fromkeys(("'self'", *get_state().config["EMBED_ANCESTORS"]))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {style}; img-src data:; base-uri 'none'; "
        f"form-action {form}; frame-ancestors {' '.join(ancestors)}"
    )
    # An image or a script of another site may read these bytes: they are public.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


DEFAULT_WIDGET, PERIOD, PINNED = "ho-so", "ky", "ban"
FEW_ROWS = (3, 6)  # of a compact table: in a narrow column, in a wide one


@routes("/nhung/<code>", "widget")
def show_widget(code: str) -> Response:
    """Show one widget as a small page for a frame."""
    page = find_page(code)
    few = FEW_ROWS if request.args.get(COMPACT) == "1" else ()
    html = render_template("cchc/embed/widget.html", page=page, few=few, style=widget_style())
    return allow_framing(make_response(html), form="'self'" if page.has_search else "'none'")


@routes("/nhung/<code>.svg", "badge")
def show_badge(code: str) -> Response:
    """Show the widget's first headline as a picture."""
    return send_svg(build_badge(find_page(code)))


@routes("/nhung/<code>.html", "fragment")
def show_fragment(code: str) -> Response:
    """Show the widget as a bare table with inline styles, meant to be copied."""
    return allow_framing(make_response(render_fragment(find_page(code))), INLINE)


def show_problem(error: HTTPException) -> Response:
    """Say in the frame, or in the picture, why there are no figures; the last good ones first."""
    status = error.code or 500
    kept = find_last_good() if status >= 500 else None
    if kept is not None:
        return kept
    reasons = {
        404: _("Chưa có số liệu công bố cho tiện ích này."),
        410: _("Số liệu của kỳ này đã được thu hồi."),
    }
    message = reasons.get(status, _("Tạm thời không xem được số liệu."))
    if request.path.endswith(".svg"):
        authority = get_state().config["AUTHORITY_NAME"]
        return send_svg(Badge(authority, message, NO_FIGURE, "", ""), status)
    html = render_alone("cchc/embed/message.html", message=message, style=widget_style())
    return allow_framing(make_response(html, status))


def show_unavailable(error: Exception) -> Response:
    """Answer for a database that fails: the snapshot, the last good bytes, or when to return."""
    if (answer := render_from_snapshot(error)) is not None:
        return answer
    log_outage(f"cannot answer {request.path}", error)
    response = show_problem(ServiceUnavailable())
    if response.status_code == 503:
        response.headers["Retry-After"] = "60"
    return response


def find_page(code: str) -> WidgetPage:
    """Return the widget's content for the release the address asks for; 404 or 410 without."""
    widget = find_widget(code)
    if widget is None:
        abort(404)
    if widget.build is None:
        return build_service_page(widget) or abort(404)
    slug, pinned = request.args.get(PERIOD, ""), request.args.get(PINNED, "")
    if not slug:
        newest = newest_release(get_state().session)
        if newest is None and withdrawn_notice(None):
            abort(410)
        slug = newest.slug if newest else ""
    release = find_standing(slug, pinned).release
    return build_widget_page(widget, release, is_pinned=bool(pinned))


def render_fragment(page: WidgetPage) -> str:
    """Return the bare table."""
    address = absolute_page(page)
    return render_template("cchc/embed/fragment.html", page=page, address=address, home=origin())


def send_svg(badge: Badge, status: int = 200) -> Response:
    """Send a picture that any page may show, and that styles nothing but itself."""
    return allow_framing(Response(badge_svg(badge), status, mimetype="image/svg+xml"), INLINE)


def create_blueprint(state: State) -> Blueprint:
    """Return the face of other sites; none of its answers needs or sets a cookie."""
    blueprint = PublicBlueprint("cchc_embed", __name__, state.config)
    routes.add_to(blueprint)
    blueprint.register_error_handler(HTTPException, show_problem)
    for error in (SQLAlchemyError, CchcError):
        blueprint.register_error_handler(error, show_unavailable)
    attach_page_cache(blueprint)  # first: what is kept needs no look at its address
    attach_door(blueprint)
    return blueprint


@routes("/nhung", "builder")
def show_builder() -> Response:
    """Show the HTML of one widget in three kinds, each with its preview."""
    state = get_state()
    chosen = find_widget(request.args.get("tien-ich", DEFAULT_WIDGET)) or WIDGETS[0]
    release = newest_release(state.session)
    is_pinned = request.args.get("ghim") == "1" and chosen.build is not None
    page: WidgetPage | None = None
    if chosen.build is None:
        page = build_service_page(chosen)
    elif release is not None:
        page = build_widget_page(chosen, release, is_pinned=is_pinned)
    pins = {PERIOD: release.slug, PINNED: str(release.number)} if release and is_pinned else {}
    parts: dict[str, Any] = {}
    if page:  # None before a first release
        parts = {
            # in px: shows the whole widget in any column from 280 px on
            "height": round(chosen.height * SPARE / 10) * 10,
            "home": origin(),
            "address": absolute_page(page),
            "badge": build_badge(page),
            "table": render_fragment(page),
        }
    context = {"widgets": WIDGETS, "chosen": chosen, "page": page, "pins": pins, **parts}
    response = make_response(render_page("cchc/embed/builder.html", **context))
    if state.config["BASE_TEMPLATE"] == OWN_FRAME:  # our own widgets stand there in frames
        response.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return response


SPARE = 1.05  # fonts and names differ from one machine and commune to the next
COMPACT = "gon"  # in the address: few rows, so that one height fits every width


def absolute_page(page: WidgetPage) -> str:
    """Return the full address of the page behind a widget; the widget itself when there is none."""
    if not page.address:
        return absolute("cchc_embed.widget", code=page.code)
    return origin() + page.address


def build_badge(page: WidgetPage) -> Badge:
    """Return the picture of what matters most: dossiers on time where the widget knows them."""
    if page.items:
        if page.has_search:
            label = _("Giấy tờ, thời hạn, phí, nơi nộp")
            return Badge(page.authority, label, _("Tìm thủ tục"), "", "")
        weekday, _comma, day = page.items[0].text.partition(", ")
        label = _("Tiếp công dân: %(weekday)s, %(day)s", weekday=weekday, day="").strip(" ,")
        return Badge(page.authority, label, day, "", page.items[0].detail, None, "")
    figures = page.figures
    headlines = figures.headlines if figures else ()
    known = [item for item in headlines if item.key == "on_time" and item.value is not None]
    first = (*known, *headlines, None)[0]
    warning = next((strip.text for strip in page.strips), "")
    late = first.value if first and first.key == "on_time" else None
    if isinstance(late, Rate) and late.numerator is not None and late.denominator is not None:
        count = late.denominator - late.numerator
        if count and not warning:
            warning = _("Trễ hạn: %(count)s hồ sơ", count=format_number(count))
    return Badge(
        authority=page.authority,
        label=f"{first.title} – {lower_first(page.period)}" if first else page.title,
        figure=first.figure if first else _("Chưa có số liệu"),
        basis=first.basis if first else "",
        footer=f"{page.window} · " + _("lần %(number)s", number=page.number),
        share=first.share if first else None,
        warning=warning,
        told=page.told,
    )
