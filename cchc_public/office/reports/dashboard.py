"""One period: found by its address, seen at a glance, its history, its releases side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.checks.rules import Finding, Severity
from cchc_public.errors import NotFound
from cchc_public.office.frame import (
    BOTH,
    OfficeForm,
    Screens,
    get_or_404,
    notify,
    saving_form,
)
from cchc_public.office.reports.periods import build_line, list_promises
from cchc_public.office.reports.sheet_form import TOTAL, levels_of
from cchc_public.releases.prose import open_parts
from cchc_public.releases.published import CellChange, PublishedRelease, compare
from cchc_public.releases.reading import get_release, list_releases
from cchc_public.reports.drafting import (
    drop_report,
    find_report,
    get_sheet,
    list_links,
    list_reports,
    sheet_version,
)
from cchc_public.reports.review import (
    completeness,
    find_findings,
    find_last,
    list_obstacles,
    reasons_by_key,
)
from cchc_public.state import get_state
from cchc_public.store import Report
from cchc_public.store.audit import history
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
        abort(404, description="Chưa mở kỳ báo cáo này.")
    return OpenReport(period, report)


def open_sheet(slug: str, code: str) -> OpenSheet:
    """Return one sheet of a report; 404 when the report has no such table."""
    opened = open_report(slug)
    sheet = get_or_404(get_sheet, opened.report, code)
    table = get_form(code, sheet.edition).showing(sheet.given_keys)
    return OpenSheet(opened, table, sheet, sheet_version(opened.report, code))


screen = Screens()
RECENT = 6


@screen("/ky/<slug>", "period")
def show_period(slug: str) -> ResponseReturnValue:
    """Show one period: its sheets, what was found, what hinders publishing, what happened."""
    opened = open_report(slug)
    state, report = get_state(), opened.report
    findings = find_findings(state.session, report)
    reasons = reasons_by_key(report)
    waiting, settled = split_findings(findings, reasons)
    progress = completeness(report)
    releases = list_releases(state.session, slug)
    handed_in, promises = find_last(state.session, report), list_promises()
    given = (releases[0] if releases else None, handed_in)
    reports = list_reports(state.session)
    recent = groupby(
        history(state.session, slug, limit=10 * RECENT),
        key=lambda one: (one.actor, one.action, one.subject),
    )
    return render_template(
        "cchc/office/period.html",
        period=opened.period,
        line=build_line(opened.period, report, reports, given, promises),
        # each with its errors, its warnings without a reason, and when it is due next
        sheets=[
            (
                one,
                Counter(f.severity.value for f in waiting if f.table == code),
                next((promise for promise in promises if code in promise.tables), None),
            )
            for code, one in progress.items()
        ],
        waiting=waiting,  # errors and warnings without a reason
        settled=settled,  # answered warnings and hints
        reasons=reasons,
        titles={code: one.title for code, one in progress.items()},
        obstacles=list_obstacles(
            state.session,
            report,
            state.actor(),
            require_second_person=state.config["REQUIRE_SECOND_PERSON"],
            authority=state.authority,
        ),
        releases=releases,
        handed_in=handed_in,
        links=list_links(state.session, report),
        open_parts=len(open_parts(report.narrative)),
        # a row of equal deeds by the same person counts as one
        recent=islice(((next(run), 1 + sum(1 for _ in run)) for _key, run in recent), RECENT),
        addresses={one.key: finding_address(report, one) for one in findings},
    )


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
def drop_opened(slug: str) -> ResponseReturnValue:
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
        groups.append(ChangeGroup(title or "Báo cáo", typed, len(own) - len(typed)))
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
    session = get_state().session
    releases = [one for one in list_releases(session, slug) if not one.is_withdrawal]
    pair: tuple[PublishedRelease, ...] = ()
    if len(releases) > 1:
        newer, older = releases[:2]
        numbers = [("tu", older.number), ("den", newer.number)]
        asked = [request.args.get(name, number, type=int) for name, number in numbers]
        try:
            pair = tuple(get_release(session, slug, number) for number in asked)
        except NotFound as error:
            notify(str(error), "warn")
    return render_template(
        "cchc/office/compare.html",
        period=opened.period,
        releases=releases,
        pair=pair,
        groups=group_changes(compare(*pair)) if pair else (),
    )
