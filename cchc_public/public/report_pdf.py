"""``/ky/<period>/bao-cao.pdf``: the printed report of one release, made once and kept."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, request

from cchc_public.errors import NotFound
from cchc_public.exporters.report_pdf import report_pdf
from cchc_public.releases.published import PublishedRelease
from cchc_public.releases.reading import get_release, newest_release
from cchc_public.state import State, get_state
from cchc_public.vietnamese.periods import parse_period
from cchc_public.web.pdf import send_pdf

PINNED = "ban"
MOST_DIGITS = 6  # of a release number


def register_pdf_routes(blueprint: Blueprint, state: State) -> None:
    """Add the report's route (endpoint ``report_pdf``) when PDFs are switched on."""
    if state.config["ENABLE_PDF"]:
        blueprint.add_url_rule("/ky/<slug>/bao-cao.pdf", "report_pdf", show_report_pdf)


def show_report_pdf(slug: str) -> Response:
    """Send the report of the newest release, or of the one pinned by ``?ban=``."""
    release = find_standing_release(slug)
    name = f"bao-cao-{slug}-lan-{release.number}.pdf"
    return send_pdf(f"report {release.digest}", name, lambda: _make(release))


def find_standing_release(slug: str) -> PublishedRelease:
    """Return the release the address asks for; 404 when there is none, 410 when withdrawn."""
    state = get_state()
    newest = newest_release(state.session, slug) if parse_period(slug) else None
    if newest is None:
        abort(404)
    # A withdrawal takes back every release before it, also those addressed by number.
    if newest.is_withdrawal:
        abort(410)
    pinned = request.args.get(PINNED, "")
    if not pinned:
        return newest
    release = _get_pinned(slug, pinned)
    return release if not release.is_withdrawal else abort(410)


def _get_pinned(slug: str, pinned: str) -> PublishedRelease:
    if not (pinned.isascii() and pinned.isdigit() and len(pinned) <= MOST_DIGITS):
        abort(404)
    try:
        return get_release(get_state().session, slug, int(pinned))
    except NotFound:
        abort(404)


def _make(release: PublishedRelease) -> bytes:
    zone = ZoneInfo(get_state().config["TIMEZONE"])
    # The app's templates, so that a host can lay its own letterhead over ours.
    return report_pdf(release, environment=current_app.jinja_env, zone=zone)
