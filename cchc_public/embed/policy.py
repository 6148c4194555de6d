"""Headers of widgets: framing where the commune allows it, styles by hash, nothing else at all."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache

from flask import Response, current_app
from markupsafe import Markup

from cchc_public.state import get_state
from cchc_public.web.headers import POLICY

STYLE_SHEET = "cchc/embed/widget.css"
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_AROUND = re.compile(r"\s*([{}:;,])\s*")


def widget_style() -> Markup:
    """Return the widget's style sheet, small, ready for its ``<style>`` element."""
    loader = current_app.jinja_env.loader
    source = loader.get_source(current_app.jinja_env, STYLE_SHEET)[0] if loader else ""
    # our own file, without a character that could close the element
    return Markup(_squeeze(source))  # noqa: S704


@lru_cache(maxsize=8)
def _squeeze(source: str) -> str:
    return _AROUND.sub(r"\1", _COMMENT.sub("", source)).strip()


def allow_framing(response: Response) -> Response:
    """Let the configured sites show this answer in a frame; styles only by the hash of ours."""
    digest = hashlib.sha256(str(widget_style()).encode()).digest()
    style = f"'sha256-{base64.b64encode(digest).decode()}'"
    return _set_policy(response, f"default-src 'none'; style-src {style}; img-src data:")


def allow_framing_inline(response: Response) -> Response:
    """As ``allow_framing``, for the plain fragment whose styles stand in attributes."""
    return _set_policy(response, "default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def allow_previews(response: Response) -> Response:
    """Let the builder page show our own widgets in frames."""
    response.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return response


def _set_policy(response: Response, policy: str) -> Response:
    # Our own pages preview widgets, so 'self' is always among them.
    ancestors = dict.fromkeys(("'self'", *get_state().config["EMBED_ANCESTORS"]))
    response.headers["Content-Security-Policy"] = (
        f"{policy}; base-uri 'none'; form-action 'none'; frame-ancestors {' '.join(ancestors)}"
    )
    # An image or a script of another site may read these bytes: they are public.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
