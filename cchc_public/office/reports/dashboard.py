"""One period: found by its address, seen at a glance, its history, its releases side by side."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.checks.rules import Finding, Severity
from cchc_public.errors import NotFound
from cchc_public.i18n import _
from cchc_public.office.frame import (
    BOTH,
    OfficeForm,
    Screens,
    notify,
    saving_form,
)
from cchc_public.office.reports.periods import PeriodLine, Promise, build_line, list_promises
from cchc_public.office.reports.sheet_form import TOTAL, levels_of
from cchc_public.releases.comparing import compare
from cchc_public.releases.content import Reason
from cchc_public.releases.prose import open_parts
from cchc_public.releases.published import CellChange, PublishedRelease, ReleaseSummary
from cchc_public.releases.reading import get_release, list_releases
from cchc_public.reports.drafting import drop_report, find_report, list_reports
from cchc_public.reports.handing_in import find_last, list_links
from cchc_public.reports.review import (
    Obstacle,
    SheetProgress,
    completeness,
    find_findings,
    list_obstacles,
    reasons_by_key,
)
from cchc_public.reports.sheets import get_sheet, sheet_version
from cchc_public.state import get_state
from cchc_public.store import HandIn, PreviewLink, Report
from cchc_public.store.audit import HistoryEntry, history
from cchc_public.tables.language import Form
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import TOTAL_KEY, Sheet
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


screen = Screens()
RECENT = 6


@dataclass(frozen=True)
class SheetLine:
    """One sheet in the dashboard's list."""

    progress: SheetProgress
    findings: tuple[Finding, ...]
    due: Promise | None  # when its next figures are due

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


@screen("/ky/<slug>", "period")
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
    handed_in, promises = find_last(state.session, report), list_promises()
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
            (releases[0] if releases else None, handed_in),
            promises,
        ),
        sheets=tuple(
            SheetLine(
                one,
                tuple(f for f in findings if f.table == code),
                next((promise for promise in promises if code in promise.tables), None),
            )
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
    places = {
        row.key: f"{letter}{number}"
        for letter, rows in levels_of(sheet).items()
        for number, row in enumerate(rows)
    }
    prefix = (places | {TOTAL_KEY: TOTAL}).get(finding.row, "")
    if prefix:
        anchor = f"{prefix}-{finding.column or 'row'}"
    else:
        anchor = finding.column if finding.column in ("data_from", "data_to") else "bang"
    return url_for("cchc_staff.sheet", slug=report.slug, code=finding.table, _anchor=anchor)


@screen("/ky/<slug>/bo", "drop_period", methods=BOTH)
def drop_period(slug: str) -> ResponseReturnValue:
    """Drop a period opened by mistake; what was done in it stays on record."""
    opened, state = open_report(slug), get_state()
    form = OfficeForm(request.form)
    if request.method == "POST":
        with saving_form() as saved:
            drop_report(state.session, opened.report, state.actor())
        if not saved.error:
            notify(f"Đã bỏ kỳ {opened.period.title}. Những việc đã làm vẫn còn trong lịch sử.")
            return redirect(url_for(".periods"))
        form.form_errors.append(str(saved.error))
    page = render_template(
        "cchc/office/drop.html",
        form=form,
        period=opened.period,
        progress=[one for one in completeness(opened.report).values() if one.is_started],
        is_published=bool(list_releases(state.session, slug)),
    )
    return page, (409 if form.form_errors else 200)


@dataclass(frozen=True)
class ChangeGroup:
    """The changes of one table, typed cells first."""

    title: str
    changes: tuple[CellChange, ...]
    follows: int  # computed cells that change with them


def group_changes(changes: Sequence[CellChange]) -> tuple[ChangeGroup, ...]:
    """Return the changes by table; totals and rates that only follow are counted."""
    titles = dict.fromkeys(change.table_title for change in changes)
    groups = []
    for title in titles:
        own = [change for change in changes if change.table_title == title]
        typed = tuple(change for change in own if change.is_base)
        groups.append(ChangeGroup(title or _("Báo cáo"), typed, len(own) - len(typed)))
    return tuple(groups)


LIMIT = 200


@screen("/ky/<slug>/lich-su", "history")
def show_history(slug: str) -> ResponseReturnValue:
    """Show who changed what and when, of the period or (``?bieu=``) of one sheet."""
    opened = open_report(slug)
    titles = {code: one.title for code, one in completeness(opened.report).items()}
    code = request.args.get("bieu", "")
    subject = f"{slug}/{code}" if code in titles else slug
    return render_template(
        "cchc/office/history.html",
        period=opened.period,
        entries=history(get_state().session, subject, limit=LIMIT),
        titles=titles,
        code=code if code in titles else "",
        limit=LIMIT,
    )


@screen("/ky/<slug>/so-sanh", "compare")
def compare_releases(slug: str) -> ResponseReturnValue:
    """Show two releases of a period side by side, by default the newest and the one before."""
    opened = open_report(slug)
    releases = [one for one in list_releases(get_state().session, slug) if not one.is_withdrawal]
    pair = _chosen(slug, releases)
    return render_template(
        "cchc/office/compare.html",
        period=opened.period,
        releases=releases,
        pair=pair,
        groups=group_changes(compare(*pair)) if pair else (),
    )


def _chosen(
    slug: str, releases: list[ReleaseSummary]
) -> tuple[PublishedRelease, PublishedRelease] | None:
    if len(releases) < 2:
        return None
    session = get_state().session
    older = request.args.get("tu", releases[1].number, type=int)
    newer = request.args.get("den", releases[0].number, type=int)
    try:
        return get_release(session, slug, older), get_release(session, slug, newer)
    except NotFound as error:
        notify(str(error), "warn")
        return None
