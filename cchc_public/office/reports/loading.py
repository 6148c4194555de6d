"""Turns the words of an address into a period, its report and its sheet, or a 404 in words."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort

from cchc_public.errors import NotFound
from cchc_public.i18n import _
from cchc_public.reports.drafting import find_report
from cchc_public.reports.sheets import get_sheet, sheet_version
from cchc_public.state import get_state
from cchc_public.store import Report
from cchc_public.tables.language import Form
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import Sheet
from cchc_public.vietnamese.dates import ReportingPeriod, parse_period


@dataclass(frozen=True)
class OpenReport:
    """A report with the period it stands for."""

    period: ReportingPeriod
    report: Report

    @property
    def slug(self) -> str:
        """The period's address word."""
        return self.period.slug


@dataclass(frozen=True)
class OpenSheet:
    """A sheet on the screen: its report, definition, figures and version."""

    opened: OpenReport
    table: Form
    sheet: Sheet
    version: int

    @property
    def report(self) -> Report:
        """The report the sheet belongs to."""
        return self.opened.report


def open_report(slug: str) -> OpenReport:
    """Return the report that an address names; 404 when nobody opened it."""
    period = parse_period(slug)
    report = find_report(get_state().session, slug) if period else None
    if period is None or report is None:
        abort(404, description=_("Chưa mở kỳ báo cáo này."))
    return OpenReport(period, report)


def open_sheet(slug: str, code: str) -> OpenSheet:
    """Return one sheet of a report; 404 when the report has no such table."""
    opened = open_report(slug)
    try:
        sheet = get_sheet(opened.report, code)
    except NotFound as error:
        abort(404, description=str(error))
    table = get_form(code, sheet.edition).showing(sheet.given_keys)
    return OpenSheet(opened, table, sheet, sheet_version(opened.report, code))
