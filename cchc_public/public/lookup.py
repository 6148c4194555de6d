"""Finds the release an address asks for and how it stands; no markup."""

from __future__ import annotations

from flask import request

from cchc_public.releases.published import PublishedRelease
from cchc_public.releases.reading import find_comparable, newest_release
from cchc_public.state import get_state
from cchc_public.web.caching import today
from cchc_public.web.contexts import Standing
from cchc_public.web.standing import find_standing_release

PINNED = "ban"
MOST_EARLIER = 4  # years a trend looks back


def get_asked_release(slug: str) -> tuple[PublishedRelease, Standing]:
    """Return the release of the address; 404 without one, 410 when the period was withdrawn."""
    pinned = request.args.get(PINNED, "")
    release = find_standing_release(slug, pinned)
    newest = newest_release(get_state().session, slug) if pinned else release
    return release, Standing(
        newest_number=newest.number if newest else release.number,
        is_pinned=bool(pinned),
        is_late=is_late(release),
    )


def list_earlier(release: PublishedRelease) -> tuple[PublishedRelease, ...]:
    """Return the same period of the years before, newest first, as far as they follow closely."""
    session = get_state().session
    found: list[PublishedRelease] = []
    while len(found) < MOST_EARLIER:
        earlier = find_comparable(session, found[-1] if found else release)
        if earlier is None:
            break
        found.append(earlier)
    return tuple(found)


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
