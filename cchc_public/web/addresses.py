"""Full addresses of our pages: on the official host when one is named, else on the one asked."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from cchc_public.state import get_state
from cchc_public.vietnamese.text import slugify


def origin() -> str:
    """Return scheme and host without a slash at the end.

    Kept pages hold addresses made with it: the page cache keeps them apart by host.
    """
    return str(get_state().config["CANONICAL_URL"]) or request.host_url.rstrip("/")


def printed(endpoint: str, **values: Any) -> str:
    """Return the address that paper carries, empty without an official host: paper outlives one."""
    official = str(get_state().config["CANONICAL_URL"])
    return official + url_for(endpoint, **values) if official else ""


def owner() -> str:
    """Return who speaks, as part of identifiers that must outlive a change of host."""
    config = get_state().config
    return slugify(config["AUTHORITY_CODE"] or config["AUTHORITY_NAME"])


def absolute(endpoint: str, **values: Any) -> str:
    """Return the full address of one of our pages."""
    return origin() + url_for(endpoint, **values)
