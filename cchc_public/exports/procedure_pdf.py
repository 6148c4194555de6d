"""Procedures on paper: A5 leaflets with a QR code, A4 posting sheets of a whole field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from cchc_public.exports.pdf import fill_template, render_pdf
from cchc_public.present.procedure_print import PrintedProcedure, qr_png
from cchc_public.present.report_view import VIETNAM
from cchc_public.vietnamese.dates import format_date

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True)
class PrintOrder:
    """What is printed: whose procedures, how they stood when, under which address."""

    authority: str
    procedures: tuple[PrintedProcedure, ...]
    as_of: datetime  # the last change of any of them
    field: str = ""
    address: str = ""  # of the field's list
    zone: tzinfo = VIETNAM

    @property
    def day(self) -> str:
        """The last change as a local day."""
        return format_date(self.as_of.astimezone(self.zone).date())


def leaflet_pdf(order: PrintOrder, environment: Environment | None = None) -> bytes:
    """Return A5 leaflets, each procedure beginning on its own page."""
    codes = {item.code: qr_png(item.address) for item in order.procedures}
    html = fill_template("leaflet.html", environment, order=order, qr=codes)
    return render_pdf(html, made_at=order.as_of, identity=_identity("leaflet", order.procedures))


def posting_pdf(order: PrintOrder, environment: Environment | None = None) -> bytes:
    """Return the A4 posting sheet (bảng niêm yết) of a field."""
    html = fill_template(
        "posting.html",
        environment,
        order=order,
        qr=qr_png(order.address),
        widths=posting_widths(order.procedures),
    )
    return render_pdf(html, made_at=order.as_of, identity=_identity("posting", order.procedures))


def posting_widths(procedures: Sequence[PrintedProcedure]) -> tuple[float, ...]:
    """Return the column widths in per cent: each column by its words, within bounds."""
    count = max(len(procedures), 1)
    weights = [
        min(max(sum(len(tell(item)) for item in procedures) / count / share, least), most)
        for tell, share, least, most in _COLUMNS
    ]
    total = sum(weights)
    return tuple(round(weight * 100 / total, 2) for weight in weights)


def _fixed(_item: PrintedProcedure) -> str:
    return ""


# what a column says, letters it may hold on a line, least and most width (parts of about 100)
_COLUMNS: tuple[tuple[Callable[[PrintedProcedure], str], int, float, float], ...] = (
    (_fixed, 1, 3.5, 3.5),
    (_fixed, 1, 6.5, 6.5),
    (lambda item: item.name, 4, 13, 22),
    (lambda item: item.ways + item.online, 4, 8, 12),
    (lambda item: "".join(said.label + said.text for said in item.times), 5, 7, 12),
    (lambda item: "".join(said.label + said.text for said in item.fees), 9, 8, 24),
    (lambda item: "".join(item.papers), 12, 6, 24),
    (lambda item: "" if item.is_own_desk else item.place + item.hours, 5, 7, 12),
    (lambda item: item.result, 6, 5, 11),
    (lambda item: item.decision + "".join(item.bases), 8, 7.5, 12),
)


def _identity(kind: str, procedures: Sequence[PrintedProcedure]) -> str:
    return " ".join((kind, *(item.code for item in procedures)))
