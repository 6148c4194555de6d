"""Whether someone is signed in, and where the host lets people sign in."""

from __future__ import annotations

from flask import current_app

from cchc_public import host
from cchc_public.state import get_state

BLUEPRINT = "cchc_staff"


def is_signed_out() -> bool:
    """Return whether nobody is signed in, though the site knows accounts."""
    state = get_state()
    return state.has_login and state.user is None


def sign_in_address(next_address: str) -> str | None:
    """Return the host's sign-in page that leads back to ``next_address``; None without one."""
    return host.sign_in_address(current_app, BLUEPRINT, next_address)
