"""One form for the reasons of all warnings of a period; they are published beside the figures."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.checks.finding import Finding, Severity
from cchc_public.errors import StaleRevision
from cchc_public.i18n import _
from cchc_public.office.access import requires
from cchc_public.office.dashboard import finding_address
from cchc_public.office.guard import forget_kept_input, kept_input
from cchc_public.office.loading import OpenReport, open_report
from cchc_public.office.notices import notify
from cchc_public.releases.review import find_findings, give_reason, reasons_by_key
from cchc_public.state import get_state
from cchc_public.statutory.registry import get_table
from cchc_public.vietnamese.cleaning import clean_text

MAX_REASON = 1000
PREFIX = "reason."


def register_reason_routes(blueprint: Blueprint) -> None:
    """Add the form of the reasons."""
    blueprint.add_url_rule(
        "/ky/<slug>/giai-trinh", "reasons", edit_reasons, methods=["GET", "POST"]
    )


@requires("enter")
def edit_reasons(slug: str) -> ResponseReturnValue:
    """Show every warning with room for its reason; save those that changed."""
    opened = open_report(slug)
    warnings = list_warnings(opened)
    if request.method == "GET":
        kept = kept_input()
        return _page(opened, warnings, kept.to_dict() if kept else {}, {})
    typed = {name: clean_text(text) for name, text in request.form.items()}
    problems = {
        name: _("Giải trình dài quá %(limit)s ký tự.", limit=MAX_REASON)
        for name, text in typed.items()
        if name.startswith(PREFIX) and len(text) > MAX_REASON
    }
    if problems or not _save(opened, warnings, typed):
        return _page(opened, warnings, typed, problems), 422
    return redirect(url_for(".period", slug=slug))


def list_warnings(opened: OpenReport) -> tuple[Finding, ...]:
    """Return the warnings that want a reason."""
    findings = find_findings(get_state().session, opened.report)
    return tuple(f for f in findings if f.severity is Severity.WARNING)


def _save(opened: OpenReport, warnings: tuple[Finding, ...], typed: dict[str, str]) -> bool:
    state = get_state()
    try:
        for finding in warnings:
            if (text := typed.get(PREFIX + finding.key)) is not None:
                give_reason(state.session, opened.report, finding.key, text, state.actor())
        forget_kept_input()
        state.session.commit()
    except StaleRevision as error:
        state.session.rollback()
        notify(str(error), "warn")
        return False
    notify(_("Đã lưu giải trình."))
    return True


def _page(
    opened: OpenReport,
    warnings: tuple[Finding, ...],
    typed: dict[str, str],
    problems: dict[str, str],
) -> str:
    reasons = reasons_by_key(opened.report)
    texts = {
        f.key: typed.get(PREFIX + f.key, reasons[f.key].text if f.key in reasons else "")
        for f in warnings
    }
    return render_template(
        "cchc/office/reasons.html",
        period=opened.period,
        warnings=warnings,
        texts=texts,
        problems=problems,
        prefix=PREFIX,
        titles={f.table: get_table(f.table).short_title for f in warnings if f.table},
        addresses={f.key: finding_address(opened.slug, f) for f in warnings},
    )
