"""The report of one release as PDF in the format of NĐ 30/2020."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from cchc_public.exports.pdf import fill_template, render_pdf
from cchc_public.present.printed import MM, measure_text
from cchc_public.present.report_view import VIETNAM, ReportView, build_report_view

if TYPE_CHECKING:
    from jinja2 import Environment

    from cchc_public.releases.published import PublishedRelease

PAGE = 165.0  # mm between the margins; the head shares them out 43 to 57
ISSUER_CELL, MOTTO_CELL = PAGE * 0.41, PAGE * 0.59
HEAD_SIZE, MOTTO_SIZE, SUBJECT_SIZE = 13, 14, 14
MOTTO = "Độc lập - Tự do - Hạnh phúc"
SHORT_RULE = 0.42  # of the text above it; the decree asks for a third to a half


@dataclass(frozen=True)
class Rules:
    """The lines under the heads of a paper: what is left free at both ends, in mm."""

    issuer: float
    motto: float
    subject: float


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


def head_rules(view: ReportView) -> Rules:
    """Return how long the lines are: the motto's as its text, the others part of theirs."""
    issuer = max((measure_text(line, HEAD_SIZE) for line in view.authority), default=0.0)
    subject = measure_text(view.subject, SUBJECT_SIZE) / MM
    return Rules(
        issuer=_margin(ISSUER_CELL, issuer / MM * SHORT_RULE),
        motto=_margin(MOTTO_CELL, measure_text(MOTTO, MOTTO_SIZE) / MM),
        subject=_margin(PAGE, min(subject, PAGE) * SHORT_RULE),
    )


def _margin(room: float, length: float) -> float:
    return round(max(room - length, 0.0) / 2, 1)
