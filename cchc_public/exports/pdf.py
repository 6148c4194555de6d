"""Printed templates filled in (Vietnamese by law, never translated), and HTML to PDF in Tinos.

A document reads our fonts and nothing else, neither files nor network.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cchc_public.errors import CchcError
from cchc_public.paths import PACKAGE, find_folder
from cchc_public.present.printed import FONT_FOLDER

log = logging.getLogger(__name__)

# file, font-weight, font-style
FONT_FACES = (
    ("Tinos-Regular.ttf", "normal", "normal"),
    ("Tinos-Bold.ttf", "bold", "normal"),
    ("Tinos-Italic.ttf", "normal", "italic"),
    ("Tinos-BoldItalic.ttf", "bold", "italic"),
)
_OUR_FONTS = frozenset(name for name, _weight, _style in FONT_FACES)
_INLINE_PNG = "data:image/png;base64,"  # our QR codes; part of the document, nothing is fetched
_DATES = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)[0-9]{14}[+-][0-9]{2}'[0-9]{2}'")
BASE_FONT = "cchc-base"
_rendering = Lock()
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

    with _own_settings():
        # second lock behind ``resolve_resource``: the renderer itself refuses other reads
        from xhtml2pdf.config.resources import ResourceAccessPolicy

        result = pisa.CreatePDF(
            html,
            dest=output,
            encoding="utf-8",
            capacity=-1,  # in memory
            link_callback=resolve_resource,
            resource_policy=ResourceAccessPolicy.server(Path(FONT_FOLDER), allow_remote=False),
        )
    if result.err:
        log.error("PDF %s failed: %s", identity, result.log)
        raise PdfFailed("Không tạo được tệp PDF.")
    # replace the traces of clock and time zone by ours, each by as many bytes: offsets must hold
    pdf = output.getvalue()
    stamp = made_at.astimezone(UTC).strftime("%Y%m%d%H%M%S").encode()
    name = hashlib.md5(identity.encode(), usedforsecurity=False).hexdigest().encode()
    pdf = _DATES.sub(lambda found: found[1] + stamp + b"+00'00'", pdf)
    return _IDENTITY.sub(lambda found: found[1] + b"<%s><%s>" % (name, name), pdf)


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


@contextmanager
def _own_settings() -> Iterator[None]:
    """Lend the renderer's settings, which are the process's, to one document at a time.

    Streams stay bytes: packing them into letters costs time and a quarter more bytes. Pages and
    empty cells name a font even where they write nothing; it must be one that lies in the file.
    """
    from reportlab import rl_config
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus.tables import CellStyle
    from xhtml2pdf import tables

    from cchc_public.exports.pdf_tables import AnyTable, Cell

    if BASE_FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(BASE_FONT, str(FONT_FOLDER / "Tinos-Regular.ttf")))
    ours: tuple[tuple[Any, str, Any], ...] = (
        (rl_config, "useA85", 0),
        (rl_config, "canvas_basefontname", BASE_FONT),
        (CellStyle, "fontname", BASE_FONT),
        (tables, "PmlTable", AnyTable),
        (tables, "PmlKeepInFrame", Cell),
    )
    with _rendering:
        before = [getattr(owner, name) for owner, name, _value in ours]
        try:
            for owner, name, value in ours:
                setattr(owner, name, value)
            yield
        finally:
            for (owner, name, _value), value in zip(ours, before, strict=True):
                setattr(owner, name, value)


@cache
def default_environment() -> Environment:
    """Return our own templates, for callers without an app (CLI, tests)."""
    loader = FileSystemLoader(find_folder("templates"))
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)


def fill_template(name: str, environment: Environment | None = None, **context: object) -> str:
    """Return ``cchc/report/<name>`` filled in; an app's environment lets the host override it."""
    template = (environment or default_environment()).get_template(f"cchc/report/{name}")
    # our own constant text: escaping would spoil the style sheet
    return template.render(font_faces=Markup(font_face_css()), **context)  # noqa: S704


def layout_stamp(environment: Environment | None = None) -> str:
    """Return a hash over templates, fonts, program: a kept paper of another layout is stale.

    Templates are read through ``environment``, so that a host's own letterhead counts too.
    """
    environment = environment or default_environment()
    folder = find_folder("templates")
    digest = hashlib.sha256()
    for name in sorted(_OUR_FONTS):
        digest.update((FONT_FOLDER / name).read_bytes())
    for room in ("exports", "present"):  # what lays papers out changes with the program too
        for path in sorted((PACKAGE / room).glob("*.py")):
            digest.update(path.read_bytes())
    for path in sorted((folder / "cchc" / "report").iterdir()):
        name = path.relative_to(folder).as_posix()
        source = environment.loader.get_source(environment, name)[0] if environment.loader else ""
        digest.update(name.encode() + b"\0" + source.encode())
    return digest.hexdigest()[:12]
