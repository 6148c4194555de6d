"""Full addresses of our pages: on the official host when one is named, else on the one asked."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from cchc_public.state import get_state


def origin() -> str:
    """Return scheme and host without a slash at the end.

    Kept pages hold addresses made with it: the page cache keeps them apart by host.
    """
    return str(get_state().config["CANONICAL_URL"]) or request.host_url.rstrip("/")


def absolute(endpoint: str, **values: Any) -> str:
    """Return the full address of one of our pages."""
    return origin() + url_for(endpoint, **values)
