"""Turns away impossible addresses and unwieldy forms, before any page looks at them."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, request

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
