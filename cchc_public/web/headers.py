"""Security and caching headers of our own blueprints; never touches a page of the host."""

from __future__ import annotations

from flask import Response, g, request

from cchc_public.state import get_state
from cchc_public.web.jinja import OWN_FRAME

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; connect-src 'self'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    # not no-referrer: the strict CSRF check of forms over HTTPS needs it
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOR_READERS = {"text/html", "application/xhtml+xml"}


def set_security_headers(response: Response, frame_key: str = "BASE_TEMPLATE") -> Response:
    """Add the headers a page has not set itself.

    The content policy is ours only in our own frame: in a host's frame it would forbid the host's
    styles and scripts, so there the host's own policy rules.
    """
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    in_own_frame = get_state().config[frame_key] == OWN_FRAME
    if in_own_frame or response.mimetype not in FOR_READERS:
        response.headers.setdefault("Content-Security-Policy", POLICY)
    return response


def set_public_lifetime(response: Response) -> Response:
    """Let browsers and shared caches keep a public answer for the configured seconds.

    A page in a host's frame is for one reader, unless the host says that its frame is public.
    """
    if "Cache-Control" in response.headers:
        return response
    if response.status_code == 200 and g.get("cchc_live_frame"):
        response.headers["Cache-Control"] = "private, no-cache"
    elif response.status_code == 200 and request.method in ("GET", "HEAD"):
        seconds = get_state().config["PUBLIC_MAX_AGE"]
        response.headers["Cache-Control"] = f"public, max-age={seconds}" if seconds else "no-cache"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response
