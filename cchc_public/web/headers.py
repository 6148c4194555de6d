"""The edge of our blueprints: security and caching headers; impossible addresses, unwieldy forms.

Never touches a page of the host.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, abort, g, request

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


FORM = "application/x-www-form-urlencoded"
BODIES = {FORM, "multipart/form-data", ""}  # Werkzeug bounds the fields of the second itself
# A form without files is parsed in one piece, half a million fields a megabyte: that is as long
# as any sheet can be, and more would let strangers fill the memory.
PLAIN_FORM_BYTES = 1_000_000


def attach_door(blueprint: Blueprint) -> None:
    """Refuse hostile requests to ``blueprint`` before its pages see them."""
    blueprint.before_request(refuse_impossible_address)
    blueprint.before_request(limit_plain_form)


def attach_site_door(app: Flask) -> None:
    """Look at every body of the stand-alone site before the token check parses it."""
    app.before_request(refuse_other_bodies)
    app.before_request(limit_plain_form)


def refuse_other_bodies() -> None:
    """Answer 415 to JSON and its like: Flask-Security would read it, and fail on the odd one."""
    if request.mimetype not in BODIES:
        abort(415)


def refuse_impossible_address() -> None:
    """Answer 404 to a NUL in path or query: PostgreSQL and file systems fail on it."""
    if "\x00" in request.path or b"%00" in request.query_string or b"\0" in request.query_string:
        abort(404)


def limit_plain_form() -> None:
    """Let a form without files be no longer than one can be; 413 when it is read."""
    if request.method not in ("GET", "HEAD") and request.mimetype == FORM:
        allowed = request.max_content_length
        request.max_content_length = min(PLAIN_FORM_BYTES, allowed or PLAIN_FORM_BYTES)
