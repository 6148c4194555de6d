"""One period at a glance: its sheets, what was found, what hinders publishing, what happened."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from cchc_public.checks.rules import Finding, Severity
from cchc_public.office.frame.access import requires
from cchc_public.office.reports.loading import OpenReport, open_report
from cchc_public.office.reports.periods import PeriodLine, build_line
from cchc_public.office.reports.sheet_form import TOTAL
from cchc_public.releases.content import Reason
from cchc_public.releases.outline import open_parts
from cchc_public.releases.published import ReleaseSummary
from cchc_public.releases.reading import list_periods, list_releases
from cchc_public.reports.drafting import list_reports
from cchc_public.reports.gate import Obstacle, list_obstacles
from cchc_public.reports.handing_in import find_last, list_links
from cchc_public.reports.review import SheetProgress, completeness, find_findings, reasons_by_key
from cchc_public.reports.sheets import get_sheet
from cchc_public.state import get_state
from cchc_public.store import HandIn, PreviewLink, Report
from cchc_public.store.audit import HistoryEntry, history
from cchc_public.tables.sheet import TOTAL_KEY

RECENT = 6


@dataclass(frozen=True)
class SheetLine:
    """One sheet in the dashboard's list."""

    progress: SheetProgress
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """How many errors stand on the sheet."""
        return sum(finding.severity == "error" for finding in self.findings)

    def open_warnings(self, reasons: Container[str]) -> int:
        """How many warnings on the sheet still want a reason."""
        warnings = (f for f in self.findings if f.severity is Severity.WARNING)
        return sum(finding.blocks(reasons) for finding in warnings)


@dataclass(frozen=True)
class RecentDeed:
    """One deed, and how many of the same kind the same person did in a row."""

    entry: HistoryEntry
    count: int


@dataclass(frozen=True)
class Dashboard:
    """Everything the dashboard shows."""

    opened: OpenReport
    line: PeriodLine
    sheets: tuple[SheetLine, ...]
    waiting: tuple[Finding, ...]  # errors and warnings without a reason
    settled: tuple[Finding, ...]  # answered warnings and hints
    reasons: Mapping[str, Reason]
    titles: Mapping[str, str]
    obstacles: tuple[Obstacle, ...]
    releases: tuple[ReleaseSummary, ...]
    recent: tuple[RecentDeed, ...]
    handed_in: HandIn | None  # the newest, whatever became of it
    links: tuple[PreviewLink, ...]
    open_parts: int  # of the words: neither written nor declared to have nothing


def register_dashboard_routes(blueprint: Blueprint) -> None:
    """Add the page of one period."""
    blueprint.add_url_rule("/ky/<slug>", "period", show_period)


@requires("enter")
def show_period(slug: str) -> ResponseReturnValue:
    """Show one period."""
    board = build_dashboard(open_report(slug))
    found = (*board.waiting, *board.settled)
    return render_template(
        "cchc/office/period.html",
        board=board,
        period=board.opened.period,
        addresses={one.key: finding_address(board.opened.report, one) for one in found},
    )


def build_dashboard(opened: OpenReport) -> Dashboard:
    """Gather what the dashboard shows."""
    state, report = get_state(), opened.report
    findings = sort_findings(find_findings(state.session, report))
    reasons = reasons_by_key(report)
    waiting, settled = split_findings(findings, reasons)
    progress = completeness(report)
    releases = list_releases(state.session, report.slug)
    handed_in = find_last(state.session, report)
    obstacles = list_obstacles(
        state.session,
        report,
        state.actor(),
        require_second_person=state.config["REQUIRE_SECOND_PERSON"],
        authority=state.authority,
    )
    return Dashboard(
        opened=opened,
        line=build_line(
            opened.period,
            report,
            list_reports(state.session),
            {release.slug: release for release in list_periods(state.session)},
            handed_in,
        ),
        sheets=tuple(
            SheetLine(one, tuple(f for f in findings if f.table == code))
            for code, one in progress.items()
        ),
        waiting=waiting,
        settled=settled,
        reasons=reasons,
        titles={code: one.title for code, one in progress.items()},
        obstacles=obstacles,
        releases=releases,
        handed_in=handed_in,
        links=list_links(state.session, report),
        open_parts=len(open_parts(report.narrative)),
        recent=recent_deeds(history(state.session, report.slug, limit=10 * RECENT)),
    )


def recent_deeds(entries: Iterable[HistoryEntry]) -> tuple[RecentDeed, ...]:
    """Return the newest deeds; a row of equal ones by the same person counts as one."""
    runs = groupby(entries, key=lambda one: (one.actor, one.action, one.subject))
    deeds = [list(run) for _key, run in runs]
    return tuple(RecentDeed(run[0], len(run)) for run in deeds[:RECENT])


def sort_findings(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings with errors first; within a severity the order of the checks stays."""
    return tuple(sorted(findings, key=lambda finding: finding.severity.rank))


def split_findings(
    findings: Sequence[Finding], reasons: Container[str]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the findings that still ask something of staff, errors first, and the others."""
    asking = [f for f in findings if f.severity is not Severity.INFO and f.key not in reasons]
    return sort_findings(asking), sort_findings([f for f in findings if f not in asking])


def finding_address(report: Report, finding: Finding) -> str:
    """Return where a finding is mended: its cell, its row, or the table it is about."""
    if not finding.table:
        return url_for("cchc_staff.head", slug=report.slug)
    sheet = get_sheet(report, finding.table)
    levels = (("r", sheet.rows), ("g", sheet.groups), ("d", sheet.details))
    places = {row.key: f"{level}{n}" for level, rows in levels for n, row in enumerate(rows)}
    prefix = (places | {TOTAL_KEY: TOTAL}).get(finding.row, "")
    if prefix:
        anchor = f"{prefix}-{finding.column or 'row'}"
    else:
        anchor = finding.column if finding.column in ("data_from", "data_to") else "bang"
    return url_for("cchc_staff.sheet", slug=report.slug, code=finding.table, _anchor=anchor)
