"""Finds the release an address asks for and how it stands; no markup."""

from __future__ import annotations

from flask import request

from cchc_public.releases.published import PublishedRelease
from cchc_public.releases.reading import find_comparable, newest_release
from cchc_public.state import get_state
from cchc_public.web.contexts import Standing
from cchc_public.web.standing import find_standing_release, is_late

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
