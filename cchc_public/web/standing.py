"""Which release an address asks for: the newest, or the one pinned by ``?ban=``; 404 and 410."""

from __future__ import annotations

from flask import abort

from cchc_public.errors import NotFound
from cchc_public.releases.published import PublishedRelease
from cchc_public.releases.reading import get_release, newest_release
from cchc_public.state import get_state
from cchc_public.vietnamese.periods import parse_period
from cchc_public.web.caching import today

MOST_DIGITS = 6  # of a release number


def find_standing_release(slug: str, pinned: str = "") -> PublishedRelease:
    """Return the release of a period; 404 when there is none, 410 when it was withdrawn.

    ``pinned`` is the text after ``?ban=``; empty asks for the newest.
    """
    newest = newest_release(get_state().session, slug) if parse_period(slug) else None
    if newest is None:
        abort(404)
    # A withdrawal takes back every release before it, also those addressed by number.
    if newest.is_withdrawal:
        abort(410)
    if not pinned:
        return newest
    release = _get_pinned(slug, pinned)
    return release if not release.is_withdrawal else abort(410)


def is_overdue(release: PublishedRelease) -> bool:
    """Tell whether the day has passed on which newer figures were promised."""
    return release.due_on is not None and today(get_state()) > release.due_on


def is_late(release: PublishedRelease) -> bool:
    """Tell whether newer figures were promised for an earlier day and none came.

    Only the newest standing period can be late: its promise is about the one after it.
    """
    if not is_overdue(release):
        return False
    newest = newest_release(get_state().session)
    return newest is not None and newest.slug == release.slug


def _get_pinned(slug: str, pinned: str) -> PublishedRelease:
    if not (pinned.isascii() and pinned.isdigit() and len(pinned) <= MOST_DIGITS):
        abort(404)
    try:
        return get_release(get_state().session, slug, int(pinned))
    except NotFound:
        abort(404)
