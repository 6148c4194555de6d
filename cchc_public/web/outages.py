"""Pages for when the database fails; nothing here asks it, not even who reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, request

from cchc_public.state import get_state


def render_alone(template: str, **context: Any) -> str:
    """Render without context processors: these may ask the database who reads, and it fails."""
    get_state().office_settings.stay()
    return current_app.jinja_env.get_template(template).render(request=request, **context)


def outage_page(
    title: str,
    advice: str,
    *,
    fields: Sequence[tuple[str, str]] = (),
    has_files: bool = False,
) -> str:
    """Return the page that says so; with ``fields`` a button sends them once more.

    It stands in our own frame everywhere: a host's frame may ask who is signed in.
    """
    return render_alone(
        "cchc/errors/outage.html",
        title=title,
        advice=advice,
        fields=fields,
        has_files=has_files,
        may_reload=request.method in ("GET", "HEAD"),
    )
