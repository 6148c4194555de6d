"""Procedures on paper: A5 leaflets with a QR code, A4 posting sheets of a whole field."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from cchc_public.exports.pdf import fill_template, render_pdf
from cchc_public.present.report_view import VIETNAM
from cchc_public.procedures.description import Description, Said
from cchc_public.vietnamese.dates import format_date

if TYPE_CHECKING:
    from jinja2 import Environment

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
        texts = [about.name, about.conditions, about.result, *about.exemptions, *about.remarks]
        # twice: they stand in columns of half the page or less
        texts += 2 * [said.label + said.text + said.note for said in (*about.times, *about.fees)]
        texts += [paper.words for paper in about.papers]
        texts += [paper.words + case.title for case in about.cases for paper in case.papers]
        return "large" if sum(len(text) for text in texts) < SHORT_LEAFLET else ""


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
    html = fill_template("leaflet.html", environment, order=order, qr=codes)
    return render_pdf(html, made_at=order.as_of, identity=_identity("leaflet", order.procedures))


def posting_pdf(order: PrintOrder, environment: Environment | None = None) -> bytes:
    """Return the A4 posting sheet (bảng niêm yết) of a field."""
    widths = posting_widths(order.procedures)
    html = fill_template(
        "posting.html", environment, order=order, qr=qr_png(order.address), widths=widths
    )
    return render_pdf(html, made_at=order.as_of, identity=_identity("posting", order.procedures))


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


def _identity(kind: str, procedures: Sequence[Leaf]) -> str:
    return " ".join((kind, *(item.about.code for item in procedures)))
