"""Finds the release an address asks for and how it stands; no markup."""

from __future__ import annotations

from flask import request

from cchc_public.releases.published import PublishedRelease
from cchc_public.releases.reading import newest_release
from cchc_public.state import get_state
from cchc_public.web.caching import today
from cchc_public.web.contexts import Standing
from cchc_public.web.standing import find_standing_release

PINNED = "ban"


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


def is_late(release: PublishedRelease) -> bool:
    """Tell whether the day has passed on which newer figures were promised, and none came.

    Only the newest standing period can be late: its promise is about the one after it.
    """
    if release.due_on is None or today(get_state()) <= release.due_on:
        return False
    newest = newest_release(get_state().session)
    return newest is not None and newest.slug == release.slug
