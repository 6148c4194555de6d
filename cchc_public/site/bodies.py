"""What the stand-alone site takes: forms of a bearable size, and nothing else."""

from __future__ import annotations

from flask import Flask, abort, request

from cchc_public.web.door import FORM, limit_plain_form

BODIES = {FORM, "multipart/form-data", ""}  # Werkzeug bounds the fields of the second itself


def add_request_rules(app: Flask) -> None:
    """Look at every body before the token check parses it."""
    app.before_request(refuse_other_bodies)
    app.before_request(limit_plain_form)


def refuse_other_bodies() -> None:
    """Answer 415 to JSON and its like: Flask-Security would read it, and fail on the odd one."""
    if request.mimetype not in BODIES:
        abort(415)
