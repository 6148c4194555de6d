"""One period: found by its address, seen at a glance, its history, its releases, its drafts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from cchc_public.checks.rules import Finding
from cchc_public.errors import NotFound
from cchc_public.office import frame
from cchc_public.office.frame import notify, saving_form
from cchc_public.office.reports.periods import build_line, list_promises
from cchc_public.office.reports.sheet_form import named_rows
from cchc_public.releases.content import period_of
from cchc_public.releases.prose import open_parts
from cchc_public.releases.published import (
    WINDOW_LABELS,
    CellChange,
    PublishedRelease,
    compare,
)
from cchc_public.releases.reading import get_release, list_releases
from cchc_public.reports import drafting, publishing, review
from cchc_public.state import get_state
from cchc_public.store import Report
from cchc_public.store.writing import find_active, history, saving
from cchc_public.tables.language import Form
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import Sheet, SolvedTable
from cchc_public.web.assets import make_report
from cchc_public.web.release_pages import Link, Standing, build_period, build_table_page
from cchc_public.web.rendering import render_page
from cchc_public.web.routes import attach_door, file_answer, set_security_headers

screen = frame.Screens()


@dataclass(frozen=True)
class OpenSheet:
    """A sheet on the screen: its report, definition, figures and version."""

    report: Report
    table: Form
    sheet: Sheet
    version: int

    def find_previous(self) -> tuple[str, SolvedTable] | None:
        """Return title and figures of its table in the period that this one follows on from."""
        previous = drafting.find_previous(get_state().session, self.report)
        table = review.solve_sheets(previous).tables.get(self.table.code) if previous else None
        return (period_of(previous).title, table) if previous and table else None


def open_report(slug: str) -> Report:
    """Return the report that an address names; 404 when nobody opened it."""
    report = drafting.find_report(get_state().session, slug)
    if report is None:
        abort(404, description="Chưa mở kỳ báo cáo này.")
    return report


def open_sheet(slug: str, code: str) -> OpenSheet:
    """Return one sheet of a report; 404 when the report has no such table."""
    report = open_report(slug)
    sheet = frame.get_or_404(drafting.get_sheet, report, code)
    table = get_form(code, sheet.edition).showing(sheet.given_keys)
    return OpenSheet(report, table, sheet, drafting.sheet_version(report, code))


def keep_sheet(report: Report, sheet: Sheet, version: int) -> None:
    """Save a sheet that was read at ``version``, as the present person."""
    state = get_state()
    drafting.save_sheet(state.session, report, sheet, version=version, actor=state.actor())


def hindrances(report: Report, *, needs_second: bool) -> tuple[review.Obstacle, ...]:
    """Return what forbids the present person to publish."""
    state = get_state()
    return review.list_obstacles(
        state.session,
        report,
        state.actor(),
        require_second_person=needs_second,
        authority=state.authority,
    )


RECENT = 6


@screen("/ky/<slug>", "period")
def show_period(slug: str) -> ResponseReturnValue:
    """Show one period: its sheets, what was found, what hinders publishing, what happened."""
    report, state = open_report(slug), get_state()
    findings = review.find_findings(state.session, report)
    reasons = review.reasons_by_key(report)
    waiting, settled = split_findings(findings, reasons)
    progress = review.completeness(report)
    filled = sum(one.is_started for one in progress.values())
    outlook = review.Outlook(filled, len(progress), findings)
    releases = list_releases(state.session, slug)
    promises = list_promises()
    given = (releases[0] if releases else None, review.find_last(state.session, report))
    recent = groupby(
        history(state.session, slug, limit=10 * RECENT),
        key=lambda one: (one.actor, one.action, one.subject),
    )
    return render_template(
        "cchc/office/period.html",
        period=period_of(report),
        line=build_line(report, outlook, given, promises),
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
        obstacles=hindrances(report, needs_second=state.config["REQUIRE_SECOND_PERSON"]),
        releases=releases,
        links=drafting.list_links(state.session, report),
        open_parts=len(open_parts(report.narrative)),
        # a row of equal deeds by the same person counts as one
        recent=islice(((next(run), 1 + sum(1 for _ in run)) for _key, run in recent), RECENT),
        addresses={one.key: finding_address(report, one) for one in findings},
    )


def split_findings(
    findings: Sequence[Finding], reasons: Container[str]
) -> tuple[list[Finding], list[Finding]]:
    """Return the findings that still ask something of staff, errors first, and the others."""
    ranked = sorted(findings, key=lambda finding: finding.severity.rank)
    asking = [finding for finding in ranked if finding.blocks(reasons)]
    return asking, [finding for finding in ranked if finding not in asking]


def anchor_of(finding: Finding, prefixes: Mapping[str, str], table: Form) -> str:
    """Return the id of what a finding is about on its sheet's screen: a cell, a row, a day.

    ``prefixes`` are those of the rows' fields by row; what no row shows leads to the table itself.
    """
    if prefix := prefixes.get(finding.row):
        return f"{prefix}-{finding.column if finding.column in table.by_key else 'row'}"
    return finding.column if finding.column in WINDOW_LABELS else "bang"


def finding_address(report: Report, finding: Finding) -> str:
    """Return where a finding is mended: its cell, its row, or the table it is about."""
    if not finding.table:
        return url_for("cchc_staff.head", slug=report.slug)
    sheet = review.solve_sheets(report).sheets[finding.table]
    table = get_form(finding.table, sheet.edition).showing(sheet.given_keys)
    anchor = anchor_of(finding, {row.key: prefix for prefix, row in named_rows(sheet)}, table)
    return url_for("cchc_staff.sheet", slug=report.slug, code=finding.table, _anchor=anchor)


@screen("/ky/<slug>/mau.xlsx", "blank_workbook")
def send_blank_workbook(slug: str) -> Response:
    """Send every table of the period as a workbook to be filled away from the network."""
    from cchc_public.exports.workbooks import render_template  # only who asks waits

    report = open_report(slug)
    stored = [(get_form(s.table_code, s.edition), s) for s in drafting.list_sheets(report)]
    data = render_template(period_of(report), stored, get_state().authority.name)
    return file_answer(f"mau-{slug}.xlsx", data)


@screen("/ky/<slug>/bo", "drop_period", methods=frame.BOTH)
def drop_opened(slug: str) -> ResponseReturnValue:
    """Drop a period opened by mistake; what was done in it stays on record."""
    report, state = open_report(slug), get_state()
    form, period = frame.OfficeForm(request.form), period_of(report)
    if form.is_submitted():
        with saving_form(form) as saved:
            drafting.drop_report(state.session, report, state.actor())
        if not saved.error:
            said = f"Đã bỏ kỳ {period.title}. Những việc đã làm vẫn còn trong lịch sử."
            return frame.leave("periods", said)
    return frame.show(
        "drop",
        form,
        period=period,
        progress=[one for one in review.completeness(report).values() if one.is_started],
        is_published=bool(list_releases(state.session, slug)),
    )


def group_changes(changes: Sequence[CellChange]) -> Iterator[tuple[str, list[CellChange], int]]:
    """Yield each table's title, its typed changes and how many totals and rates only follow."""
    for title in dict.fromkeys(change.table_title for change in changes):
        own = [change for change in changes if change.table_title == title]
        typed = [change for change in own if change.is_base]
        yield title or "Báo cáo", typed, len(own) - len(typed)


@dataclass(frozen=True, kw_only=True)
class Draft(Standing):
    """What would be published as it is shown: links stay within the preview, there are no files."""

    table_address: Callable[..., str]
    is_preview: bool = True

    def address(self, code: str, endpoint: str = "") -> str:
        """Return the page of a table."""
        return self.table_address(code=code)

    def downloads(self, code: str) -> tuple[Link, ...]:
        """Return nothing: files are made when it is published."""
        return ()


LIMIT = 200
DRAFT = "cchc/office/preview.html"


@screen("/ky/<slug>/lich-su", "history")
def show_history(slug: str) -> ResponseReturnValue:
    """Show who changed what and when, of the period or (``?bieu=``) of one sheet."""
    report = open_report(slug)
    titles = {code: one.title for code, one in review.completeness(report).items()}
    code = request.args.get("bieu", "")
    subject = f"{slug}/{code}" if code in titles else slug
    return render_template(
        "cchc/office/history.html",
        period=period_of(report),
        entries=history(get_state().session, subject, limit=LIMIT),
        titles=titles,
        code=code if code in titles else "",
        limit=LIMIT,
    )


@screen("/ky/<slug>/so-sanh", "compare")
def compare_releases(slug: str) -> ResponseReturnValue:
    """Show two releases of a period side by side, by default the newest and the one before."""
    report, session = open_report(slug), get_state().session
    releases = [one for one in list_releases(session, slug) if not one.is_withdrawal]
    pair: tuple[PublishedRelease, ...] = ()
    if len(releases) > 1:
        newer, older = releases[:2]
        numbers = [("tu", older.number), ("den", newer.number)]
        asked = [request.args.get(name, number, type=int) for name, number in numbers]
        try:
            pair = tuple(get_release(session, slug, number) for number in asked)
        except NotFound as error:
            notify(error)
    return render_template(
        "cchc/office/compare.html",
        period=period_of(report),
        releases=releases,
        pair=pair,
        groups=[*group_changes(compare(*pair))] if pair else (),
    )


@screen("/ky/<slug>/xem-truoc", "preview")
@screen("/ky/<slug>/xem-truoc/<code>", "preview_table")
def show_preview(slug: str, code: str = "") -> ResponseReturnValue:
    """Show the period's page of the coming release, or the page of one table."""
    address = partial(url_for, "cchc_staff.preview_table", slug=slug)
    draft = Draft(coming_release(open_report(slug)), table_address=address)
    if code:
        return render_page(DRAFT, face="table", **_table_page(draft, code))
    page = build_period(draft, list_releases(get_state().session, slug)) | {"downloads": ()}
    return render_page(DRAFT, face="period", **page)


def create_guest_blueprint() -> Blueprint:
    """Return the pages behind a preview link: no account, no index, the secret is the key."""
    blueprint = Blueprint("cchc_preview", __name__, url_prefix="/xem-truoc")
    blueprint.add_url_rule("/<secret>", "period", show_linked)
    pdf = {"kind": "pdf"}
    blueprint.add_url_rule("/<secret>/du-thao.pdf", "pdf", show_linked, defaults=pdf)
    blueprint.add_url_rule("/<secret>/<code>", "table", show_linked)
    attach_door(blueprint)
    frame.register_refusals(blueprint)
    # refusals stand in the office's frame; here nobody is signed in
    blueprint.context_processor(
        lambda: {
            "cchc_keeping": str,
            "cchc_notices": tuple,
            "cchc_office_nav": tuple,
            "cchc_sign_out": lambda: ("", False),
        }
    )

    @blueprint.after_request
    def keep_secret(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Referrer-Policy"] = "no-referrer"  # the address is the key
        return set_security_headers(response)

    return blueprint


def show_linked(secret: str, code: str = "", kind: str = "") -> ResponseReturnValue:
    """Show the draft to somebody without an account, one table of it, or its paper."""
    is_one, session = len(secret) <= 64, get_state().session
    report = drafting.find_linked_report(session, secret) if is_one else None
    if report is None:
        abort(404, description="Liên kết xem trước này không còn dùng được.")
    release = coming_release(report)
    if kind:
        return send_paper(release, f"du-thao-{release.slug}.{kind}", is_draft=True)
    draft = Draft(release, table_address=partial(url_for, "cchc_preview.table", secret=secret))
    if code:
        return render_page("cchc/public/table.html", **_table_page(draft, code))
    paper = ("Báo cáo PDF", url_for("cchc_preview.pdf", secret=secret))
    return render_page("cchc/public/period.html", **build_period(draft) | {"downloads": (paper,)})


@screen("/ky/<slug>/lien-ket", "link", methods=frame.POST, back="period")
def change_links(slug: str) -> ResponseReturnValue:
    """Make a preview link, or end one."""
    state, report = get_state(), open_report(slug)
    ended, words = frame.read_number(request.form.get("end")), "Đã thu hồi liên kết."
    with saving(state.session) as saved:
        if ended:
            drafting.revoke_link(state.session, report, ended, state.actor())
        else:
            secret = drafting.make_link(state.session, report, state.actor())
            address = url_for("cchc_preview.period", secret=secret, _external=True)
            days = f"dùng được {drafting.LINK_DAYS} ngày"
            words = f"Liên kết xem trước, {days} (chỉ hiện một lần): {address}"
    return frame.leave("period", saved.error or words, slug=slug)


@screen("/ky/<slug>/du-thao.<kind>", "draft")
def show_draft(slug: str, kind: str) -> ResponseReturnValue:
    """Send the paper as it would be: a draft, or the one to sign once it is approved."""
    if kind not in ("pdf", "docx"):
        abort(404)
    report = open_report(slug)
    handed_in = find_active(get_state().session, report)
    is_draft = handed_in is None or not handed_in.is_approved
    name = "du-thao" if is_draft else "ban-trinh-ky"
    return send_paper(coming_release(report), f"{name}-{slug}.{kind}", is_draft=is_draft)


def send_paper(release: PublishedRelease, name: str, *, is_draft: bool) -> Response:
    """Send the paper of a release that is not published, as the file ``name`` says."""
    return file_answer(name, make_report(release, name.rpartition(".")[2], is_draft=is_draft))


def coming_release(report: Report) -> PublishedRelease:
    """Return the release that publishing now would make; what was approved stays as it was."""
    state = get_state()
    handed_in = review.find_last(state.session, report)
    if handed_in and handed_in.is_approved:
        return publishing.preview_approved(state.session, handed_in)
    reason = handed_in.reason if handed_in and handed_in.is_active else ""
    actor, authority = state.actor(), state.authority
    return publishing.preview(state.session, report, actor, authority=authority, reason=reason)


def _table_page(draft: Draft, code: str) -> dict[str, Any]:
    table = draft.release.table(code)
    if table is None:
        abort(404, description="Biểu này chưa có số liệu nên người dân chưa thấy trang của nó.")
    neighbours = tuple(
        (other.definition.short_title, draft.address(other.code))
        for other in draft.release.tables
        if other is not table
    )
    own = {"chart_links": (), "citation": "", "neighbours": neighbours}
    return build_table_page(draft, table) | own
