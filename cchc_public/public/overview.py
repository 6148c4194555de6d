"""``/``: the newest figures at a glance."""

from __future__ import annotations

from flask import Blueprint

from cchc_public.public.lookup import list_earlier
from cchc_public.releases.reading import newest_release
from cchc_public.state import get_state
from cchc_public.web.contexts import Standing, render
from cchc_public.web.release_pages import build_empty_overview, build_overview
from cchc_public.web.standing import is_overdue


def register(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/", "overview", show_overview)


def show_overview() -> str:
    """Show the newest release, or say that nothing was published yet."""
    release = newest_release(get_state().session)
    if release is None:
        return render("cchc/public/overview.html", build_empty_overview())
    standing = Standing(release.number, is_late=is_overdue(release))
    page = build_overview(release, standing, list_earlier(release))
    return render("cchc/public/overview.html", page)
