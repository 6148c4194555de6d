"""PDF in Tinos: the report as NĐ 30/2020 wants it, leaflets and posting sheets of procedures.

Printed templates are Vietnamese by law, never translated. A document reads our fonts and nothing
else, neither files nor network.
"""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cchc_public.errors import CchcError
from cchc_public.paths import PACKAGE, find_folder
from cchc_public.present.report_view import VIETNAM, ReportView, build_report_view
from cchc_public.present.tables import FONT_FOLDER, MM, measure_text
from cchc_public.procedures.description import Description, Said
from cchc_public.releases.published import PublishedRelease
from cchc_public.vietnamese.dates import format_date

log = logging.getLogger(__name__)

# file: font-weight, font-style
_FONTS = {
    "Tinos-Regular.ttf": ("normal", "normal"),
    "Tinos-Bold.ttf": ("bold", "normal"),
    "Tinos-Italic.ttf": ("normal", "italic"),
    "Tinos-BoldItalic.ttf": ("bold", "italic"),
}
FONT_FACE_CSS = "\n".join(
    f"@font-face{{font-family:Tinos;src:url({name});font-weight:{weight};font-style:{style}}}"
    for name, (weight, style) in _FONTS.items()
)  # what every printed template puts first
_INLINE_PNG = "data:image/png;base64,"  # our QR codes; part of the document, nothing is fetched
_DATES = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)[0-9]{14}[+-][0-9]{2}'[0-9]{2}'")
BASE_FONT = "cchc-base"
_rendering = Lock()
_IDENTITY = re.compile(rb"(/ID\s*\[)<[0-9a-f]{32}><[0-9a-f]{32}>")


class PdfFailed(CchcError):
    """The document could not be made; nothing was written."""


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
    if uri in _FONTS:
        return str(FONT_FOLDER / uri)
    if uri.startswith(_INLINE_PNG):
        return uri
    log.warning("PDF: refused to read %.80r", uri)
    return str(FONT_FOLDER / "refused")


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
    return template.render(font_faces=Markup(FONT_FACE_CSS), **context)  # noqa: S704


def layout_stamp(environment: Environment | None = None) -> str:
    """Return a hash over templates, fonts, program: a kept paper of another layout is stale.

    Templates are read through ``environment``, so that a host's own letterhead counts too.
    """
    environment = environment or default_environment()
    folder = find_folder("templates")
    digest = hashlib.sha256()
    for name in sorted(_FONTS):
        digest.update((FONT_FOLDER / name).read_bytes())
    for room in ("exports", "present", "tables"):  # layout and words change with the program too
        for path in sorted((PACKAGE / room).glob("*.*")):
            digest.update(path.read_bytes())
    for path in sorted((folder / "cchc" / "report").iterdir()):
        name = path.relative_to(folder).as_posix()
        source = environment.loader.get_source(environment, name)[0] if environment.loader else ""
        digest.update(name.encode() + b"\0" + source.encode())
    return digest.hexdigest()[:12]


PAGE = 165.0  # mm between the margins; the head shares them out 43 to 57
ISSUER_CELL, MOTTO_CELL = PAGE * 0.41, PAGE * 0.59
HEAD_SIZE, MOTTO_SIZE, SUBJECT_SIZE = 13, 14, 14
MOTTO = "Độc lập - Tự do - Hạnh phúc"
SHORT_RULE = 0.42  # of the text above it; the decree asks for a third to a half


def report_pdf(
    release: PublishedRelease,
    *,
    environment: Environment | None = None,
    zone: tzinfo = VIETNAM,
    is_draft: bool = False,
) -> bytes:
    """Return the printed report; equal releases give equal bytes."""
    view = build_report_view(release, zone, is_draft=is_draft)
    html = fill_template("report.html", environment, report=view, rules=head_rules(view))
    return render_pdf(html, made_at=release.published_at, identity=release.digest)


def head_rules(view: ReportView) -> dict[str, float]:
    """Return what the lines of the head leave free at both ends, in mm.

    The motto's is as long as its text, those of issuer and subject are a part of theirs.
    """
    issuer = max((measure_text(line, HEAD_SIZE) for line in view.authority), default=0.0) / MM
    subject = min(measure_text(view.subject, SUBJECT_SIZE) / MM, PAGE)
    lines = {
        "issuer": (ISSUER_CELL, issuer * SHORT_RULE),
        "motto": (MOTTO_CELL, measure_text(MOTTO, MOTTO_SIZE) / MM),
        "subject": (PAGE, subject * SHORT_RULE),
    }
    return {name: round(max(room - long, 0.0) / 2, 1) for name, (room, long) in lines.items()}


LONG_NAME, VERY_LONG_NAME = 130, 320  # letters; above them the title is set smaller
SHORT_LEAFLET = 450  # letters that fit an A5 page in large print


@dataclass(frozen=True)
class Leaf:
    """One procedure on paper; ``address`` is its page, empty where no host is official."""

    about: Description
    address: str

    @property
    def size(self) -> str:
        """The class of the title."""
        length = len(self.about.name)
        return "very-long" if length > VERY_LONG_NAME else "long" if length > LONG_NAME else ""

    @property
    def room(self) -> str:
        """The class of the leaflet: large when little is to be said."""
        about = self.about
        texts = (about.name, about.conditions, about.result, *about.exemptions, *about.remarks)
        # twice: they stand in columns of half the page or less
        columns = 2 * _words((*about.times, *about.fees))
        length = len("".join((*texts, columns, _papers(about))))
        return "large" if length < SHORT_LEAFLET else ""


@dataclass(frozen=True)
class PrintOrder:
    """What is printed: whose procedures, how they stood when, under which address."""

    authority: str
    procedures: tuple[Leaf, ...]
    as_of: datetime  # the last change of any of them
    desk: str = ""  # where people go when the procedure names no place of its own
    hours: str = ""
    field: str = ""
    address: str = ""  # of the field's list
    zone: tzinfo = VIETNAM

    @property
    def day(self) -> str:
        """The last change as a local day."""
        return format_date(self.as_of.astimezone(self.zone).date())


def leaflet_pdf(order: PrintOrder, environment: Environment | None = None) -> bytes:
    """Return A5 leaflets, each procedure beginning on its own page."""
    codes = {item.about.code: qr_png(item.address) for item in order.procedures}
    return _print("leaflet", order, environment, qr=codes)


def posting_pdf(order: PrintOrder, environment: Environment | None = None) -> bytes:
    """Return the A4 posting sheet (bảng niêm yết) of a field."""
    widths = posting_widths(order.procedures)
    return _print("posting", order, environment, qr=qr_png(order.address), widths=widths)


def _print(
    kind: str, order: PrintOrder, environment: Environment | None, **context: object
) -> bytes:
    html = fill_template(f"{kind}.html", environment, order=order, **context)
    identity = " ".join((kind, *(item.about.code for item in order.procedures)))
    return render_pdf(html, made_at=order.as_of, identity=identity)


def qr_png(address: str) -> str:
    """Return a QR code of ``address`` as an inline PNG; nothing for no address."""
    if not address:
        return ""
    buffer = io.BytesIO()
    import segno  # only who prints waits for it

    segno.make(address, error="m", micro=False).save(buffer, kind="png", scale=8, border=2)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def posting_widths(procedures: Sequence[Leaf]) -> tuple[float, ...]:
    """Return the column widths in per cent: each column by its words, within bounds."""
    count = max(len(procedures), 1)
    weights = [
        min(max(sum(len(tell(item.about)) for item in procedures) / count / share, least), most)
        for tell, share, least, most in _COLUMNS
    ]
    total = sum(weights)
    return tuple(round(weight * 100 / total, 2) for weight in weights)


def _words(answers: tuple[Said, ...]) -> str:
    return "".join(said.label + said.text + said.note for said in answers)


def _papers(about: Description) -> str:
    cases = (case.title + paper.words for case in about.cases for paper in case.papers)
    return "".join((*(paper.words for paper in about.papers), *cases))


# what a column says, letters it may hold on a line, least and most width (parts of about 100)
_COLUMNS: tuple[tuple[Callable[[Description], str], int, float, float], ...] = (
    (lambda _about: "", 1, 3.5, 3.5),
    (lambda _about: "", 1, 6.5, 6.5),
    (lambda about: about.name, 4, 13, 22),
    (lambda about: "".join(way for way, _ in about.ways) + about.online, 4, 8, 12),
    (lambda about: _words(about.times), 5, 7, 12),
    (lambda about: _words(about.fees), 9, 8, 24),
    (_papers, 12, 6, 26),
    (lambda about: about.place + about.hours, 5, 7, 12),
    (lambda about: about.result, 6, 5, 11),
    (lambda about: about.decision + "".join(about.bases), 8, 7.5, 12),
)
