"""``/ky/<period>/bao-cao.pdf`` and ``.docx``: the paper of one release, made once and kept."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from cchc_public.exports.report_docx import DOCX_TYPE, report_docx
from cchc_public.exports.report_pdf import report_pdf
from cchc_public.releases.published import PublishedRelease
from cchc_public.state import State, get_state
from cchc_public.web.pdf import send_paper, send_pdf
from cchc_public.web.standing import find_standing_release


def register_pdf_routes(blueprint: Blueprint, state: State) -> None:
    """Add the report's routes (endpoints ``report_pdf``, ``report_docx``) when PDFs are on."""
    if state.config["ENABLE_PDF"]:
        blueprint.add_url_rule("/ky/<slug>/bao-cao.pdf", "report_pdf", show_report_pdf)
        blueprint.add_url_rule("/ky/<slug>/bao-cao.docx", "report_docx", show_report_docx)


def show_report_pdf(slug: str) -> Response:
    """Send the report of the newest release, or of the one pinned by ``?ban=``."""
    release = find_standing_release(slug, request.args.get("ban", ""))
    name = f"bao-cao-{slug}-lan-{release.number}.pdf"
    return send_pdf(f"report {release.digest}", name, lambda: _make(release))


def show_report_docx(slug: str) -> Response:
    """Send the same paper as a Word document."""
    release = find_standing_release(slug, request.args.get("ban", ""))
    name = f"bao-cao-{slug}-lan-{release.number}.docx"
    zone = get_state().zone
    key = f"report {release.digest} docx"
    return send_paper(key, name, lambda: report_docx(release, zone=zone), DOCX_TYPE)


def _make(release: PublishedRelease) -> bytes:
    zone = get_state().zone
    # The app's templates, so that a host can lay its own letterhead over ours.
    return report_pdf(release, environment=current_app.jinja_env, zone=zone)
