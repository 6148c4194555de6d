"""The report of one release as PDF in the format of NĐ 30/2020."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from cchc_public.exports.pdf import render_pdf
from cchc_public.exports.print_templates import fill_template
from cchc_public.present.report_view import VIETNAM, build_report_view

if TYPE_CHECKING:
    from jinja2 import Environment

    from cchc_public.releases.published import PublishedRelease


def report_pdf(
    release: PublishedRelease,
    *,
    environment: Environment | None = None,
    zone: tzinfo = VIETNAM,
) -> bytes:
    """Return the printed report; equal releases give equal bytes."""
    view = build_report_view(release, zone)
    html = fill_template("report.html", environment, report=view)
    return render_pdf(html, made_at=release.published_at, identity=release.digest)
