"""HTML to PDF in Tinos; a document reads our fonts and nothing else, neither files nor network."""

from __future__ import annotations

import hashlib
import io
import logging
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from cchc_public.errors import CchcError
from cchc_public.paths import PACKAGE

log = logging.getLogger(__name__)

FONT_FOLDER = PACKAGE / "static" / "fonts"
# file, font-weight, font-style
FONT_FACES = (
    ("Tinos-Regular.ttf", "normal", "normal"),
    ("Tinos-Bold.ttf", "bold", "normal"),
    ("Tinos-Italic.ttf", "normal", "italic"),
    ("Tinos-BoldItalic.ttf", "bold", "italic"),
)
_OUR_FONTS = frozenset(name for name, _weight, _style in FONT_FACES)
_INLINE_PNG = "data:image/png;base64,"  # our QR codes; part of the document, nothing is fetched
_DATES = re.compile(rb"/(CreationDate|ModDate) \(D:[0-9]{14}[^)]*\)")
_IDENTITY = re.compile(rb"(/ID\s*\[)<[0-9a-f]{32}><[0-9a-f]{32}>")


class PdfFailed(CchcError):
    """The document could not be made; nothing was written."""

    code = "pdf-failed"


def render_pdf(html: str, *, made_at: datetime, identity: str) -> bytes:
    """Return ``html`` as PDF; equal arguments give equal bytes.

    ``made_at`` stands in the file as its date: for a release the moment it was published, so that a
    file made later is the same file. ``identity`` is any text that tells documents apart.
    """
    output = io.BytesIO()
    # Imported here: it takes half a second, which a site that prints nothing should never pay.
    from xhtml2pdf import pisa

    result = pisa.CreatePDF(
        html,
        dest=output,
        encoding="utf-8",
        link_callback=resolve_resource,
        resource_policy=_policy(),
    )
    if result.err:
        log.error("PDF %s failed: %s", identity, result.log)
        raise PdfFailed("Không tạo được tệp PDF.")
    return _make_repeatable(output.getvalue(), made_at, identity)


def resolve_resource(uri: str, _relative_to: str | None) -> str:
    """Map our font names to their files; everything else but an inline PNG leads nowhere."""
    if uri in _OUR_FONTS:
        return str(FONT_FOLDER / uri)
    if uri.startswith(_INLINE_PNG):
        return uri
    log.warning("PDF: refused to read %.80r", uri)
    return str(FONT_FOLDER / "refused")


@cache
def font_face_css() -> str:
    """Return the ``@font-face`` rules that every printed template puts first."""
    rules = (
        f"@font-face{{font-family:Tinos;src:url({name});font-weight:{weight};font-style:{style}}}"
        for name, weight, style in FONT_FACES
    )
    return "\n".join(rules)


def _policy() -> Any:
    """Second lock behind ``resolve_resource``: the renderer itself refuses other reads."""
    from xhtml2pdf.config.resources import ResourceAccessPolicy

    return ResourceAccessPolicy.server(Path(FONT_FOLDER), allow_remote=False)


def _make_repeatable(pdf: bytes, made_at: datetime, identity: str) -> bytes:
    """Replace the clock's traces by ours, each by the same number of bytes (offsets must hold)."""
    stamp = made_at.astimezone(UTC).strftime("%Y%m%d%H%M%S").encode()
    name = hashlib.md5(identity.encode(), usedforsecurity=False).hexdigest().encode()
    pdf = _DATES.sub(
        lambda found: found[0].replace(_old_stamp(found[0]), stamp, 1),
        pdf,
    )
    return _IDENTITY.sub(lambda found: found[1] + b"<%s><%s>" % (name, name), pdf)


def _old_stamp(field: bytes) -> bytes:
    start = field.index(b"D:") + 2
    return field[start : start + 14]
