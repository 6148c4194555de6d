"""History of a period and its sheets, and the comparison of two releases."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from cchc_public.errors import NotFound
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.notices import notify
from cchc_public.office.reports.loading import open_report
from cchc_public.office.reports.publishing import group_changes
from cchc_public.releases.comparing import compare
from cchc_public.releases.published import PublishedRelease, ReleaseSummary
from cchc_public.releases.reading import get_release, list_releases
from cchc_public.reports.review import completeness
from cchc_public.state import get_state
from cchc_public.store.audit import history

LIMIT = 200


def register_trail_routes(blueprint: Blueprint) -> None:
    """Add history and comparison."""
    blueprint.add_url_rule("/ky/<slug>/lich-su", "history", show_history)
    blueprint.add_url_rule("/ky/<slug>/so-sanh", "compare", compare_releases)


@requires("enter")
def show_history(slug: str) -> ResponseReturnValue:
    """Show who changed what and when, of the period or (``?bieu=``) of one sheet."""
    opened = open_report(slug)
    titles = {code: one.title for code, one in completeness(opened.report).items()}
    code = request.args.get("bieu", "")
    subject = f"{slug}/{code}" if code in titles else slug
    return render_template(
        "cchc/office/history.html",
        period=opened.period,
        entries=history(get_state().session, subject, limit=LIMIT),
        titles=titles,
        code=code if code in titles else "",
        limit=LIMIT,
    )


@requires("enter")
def compare_releases(slug: str) -> ResponseReturnValue:
    """Show two releases of a period side by side, by default the newest and the one before."""
    opened = open_report(slug)
    releases = [one for one in list_releases(get_state().session, slug) if not one.is_withdrawal]
    pair = _chosen(slug, releases)
    return render_template(
        "cchc/office/compare.html",
        period=opened.period,
        releases=releases,
        pair=pair,
        groups=group_changes(compare(*pair)) if pair else (),
    )


def _chosen(
    slug: str, releases: list[ReleaseSummary]
) -> tuple[PublishedRelease, PublishedRelease] | None:
    if len(releases) < 2:
        return None
    session = get_state().session
    older = request.args.get("tu", releases[1].number, type=int)
    newer = request.args.get("den", releases[0].number, type=int)
    try:
        return get_release(session, slug, older), get_release(session, slug, newer)
    except NotFound as error:
        notify(str(error), "warn")
        return None
