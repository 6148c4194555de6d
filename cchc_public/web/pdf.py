"""Sends papers that are made once: kept on disk by a key that changes with their content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from flask import Response, current_app, request

from cchc_public.exports.pdf import layout_stamp
from cchc_public.exports.pdf_cache import PdfCache
from cchc_public.state import get_state
from cchc_public.web.caching import skip_page_cache

_CACHE, _STAMP = "pdf-cache", "pdf-layout-stamp"


def send_pdf(key: str, filename: str, make: Callable[[], bytes]) -> Response:
    """Send the PDF kept under ``key`` and the present layout; call ``make`` when there is none."""
    return send_paper(key, filename, make, "application/pdf")


def send_paper(key: str, filename: str, make: Callable[[], bytes], mimetype: str) -> Response:
    """Send a paper of any kind; its kind is the ending of ``filename``.

    ``key`` must change with everything that is printed. A reader who has the file is told so
    without reading it again.
    """
    state = get_state()
    if _STAMP not in state.memory:
        state.memory[_STAMP] = layout_stamp(current_app.jinja_env)
    full_key = f"{key} {state.memory[_STAMP]}"
    skip_page_cache()  # it is kept on disk; a hundred of them would push the pages out of memory
    kind = filename.rpartition(".")[2]
    response = Response(mimetype=mimetype)
    response.set_etag(hashlib.sha256(full_key.encode()).hexdigest()[:32])
    response.headers["Cache-Control"] = f"public, max-age={get_state().config['PUBLIC_MAX_AGE']}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    # The pages' policy forbids plug-ins, which is what some browsers show a PDF with.
    response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
    placing = "inline" if kind == "pdf" else "attachment"
    response.headers["Content-Disposition"] = f'{placing}; filename="{filename}"'
    if not request.if_none_match.contains(response.get_etag()[0] or ""):
        # this app's folder of PDFs: ``CCHC_PDF_CACHE_DIR``, else ``pdf`` beside its data
        if _CACHE not in state.memory:
            folder = state.config["PDF_CACHE_DIR"] or Path(current_app.instance_path) / "pdf"
            state.memory[_CACHE] = PdfCache(Path(folder))
        cache: PdfCache = state.memory[_CACHE]
        response.data = cache.get_or_make(full_key, make, kind)
    response.make_conditional(request)
    return response
