"""``/nhung``: the widgets' routes, and the page that hands out their HTML."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from cchc_public.embed.answers import (
    PERIOD,
    PINNED,
    render_fragment,
    show_badge,
    show_fragment,
    show_problem,
    show_unavailable,
    show_widget,
)
from cchc_public.embed.figures import WIDGETS, Widget, find_widget
from cchc_public.embed.policy import allow_previews
from cchc_public.embed.snippets import FrameSnippet, frame_snippets, picture_snippet
from cchc_public.embed.widget_page import WidgetPage, build_widget_page
from cchc_public.errors import CchcError
from cchc_public.releases.published import PublishedRelease
from cchc_public.releases.reading import newest_release
from cchc_public.state import State, get_state
from cchc_public.web.caching import attach_page_cache
from cchc_public.web.door import attach_door
from cchc_public.web.framing import render_page
from cchc_public.web.jinja import OWN_FRAME

DEFAULT_WIDGET = "ho-so"


@dataclass(frozen=True)
class Snippets:
    """The HTML of one widget in three kinds; ``pins`` are the query of a frozen release."""

    page: WidgetPage
    pins: dict[str, str]
    frames: tuple[FrameSnippet, ...]
    picture: str
    table: str


@dataclass(frozen=True)
class BuilderPage:
    """The declared context of ``cchc/embed/builder.html``; no snippets before a first release."""

    widgets: tuple[Widget, ...]
    chosen: Widget
    snippets: Snippets | None
    ancestors: tuple[str, ...]


def create_blueprint(state: State) -> Blueprint:
    """Return the face of other sites; none of its answers needs or sets a cookie."""
    blueprint = Blueprint("cchc_embed", __name__)
    blueprint.add_url_rule("/nhung", "builder", show_builder)
    blueprint.add_url_rule("/nhung/<code>", "widget", show_widget)
    blueprint.add_url_rule("/nhung/<code>.svg", "badge", show_badge)
    blueprint.add_url_rule("/nhung/<code>.html", "fragment", show_fragment)
    blueprint.register_error_handler(HTTPException, show_problem)
    for error in (SQLAlchemyError, CchcError):
        blueprint.register_error_handler(error, show_unavailable)
    attach_door(blueprint)
    attach_page_cache(blueprint)
    return blueprint


def show_builder() -> Response:
    """Show the HTML of one widget in three kinds, each with its preview."""
    state = get_state()
    chosen = find_widget(request.args.get("tien-ich", DEFAULT_WIDGET)) or WIDGETS[0]
    release = newest_release(state.session)
    is_pinned = request.args.get("ghim") == "1"
    context = BuilderPage(
        WIDGETS,
        chosen,
        _build_snippets(chosen, release, is_pinned=is_pinned) if release else None,
        tuple(state.config["EMBED_ANCESTORS"]),
    )
    response = make_response(render_page("cchc/embed/builder.html", builder=context))
    in_own_frame = state.config["BASE_TEMPLATE"] == OWN_FRAME
    return allow_previews(response) if in_own_frame else response


def _build_snippets(chosen: Widget, release: PublishedRelease, *, is_pinned: bool) -> Snippets:
    page = build_widget_page(chosen, release, is_pinned=is_pinned)
    pins = {PERIOD: release.slug, PINNED: str(release.number)} if is_pinned else {}
    return Snippets(
        page, pins, frame_snippets(page, pins), picture_snippet(page, pins), render_fragment(page)
    )
