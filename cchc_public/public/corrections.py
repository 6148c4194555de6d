"""``/dinh-chinh`` and its feed: what was wrong, what stands now, why, who, when."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, render_template

from cchc_public.releases.published import Correction
from cchc_public.releases.reading import list_corrections
from cchc_public.state import get_state
from cchc_public.web.addresses import absolute, origin
from cchc_public.web.contexts import CorrectionsPage, render

MOST_IN_FEED = 30


def register(blueprint: Blueprint) -> None:
    """Add the page and the feed."""
    blueprint.add_url_rule("/dinh-chinh", "corrections", show_corrections)
    blueprint.add_url_rule("/dinh-chinh.atom", "corrections_feed", send_feed)


def show_corrections() -> str:
    """List every correction and withdrawal, newest first."""
    corrections = list_corrections(get_state().session)
    return render("cchc/public/corrections.html", CorrectionsPage(corrections))


def send_feed() -> Response:
    """Send the newest corrections as an Atom feed."""
    corrections = list_corrections(get_state().session, limit=MOST_IN_FEED)
    body = render_template(
        "cchc/public/corrections.xml",
        base=origin(),
        corrections=corrections,
        updated=_updated(corrections),
        home=absolute("cchc.corrections"),
        feed=absolute("cchc.corrections_feed"),
    )
    return Response(body, mimetype="application/atom+xml")


def _updated(corrections: tuple[Correction, ...]) -> str:
    if corrections:
        return corrections[0].release.published_at.isoformat()
    # a feed must carry a time; without entries it has never changed
    return datetime.fromisoformat("2020-01-01T00:00:00+00:00").isoformat()
