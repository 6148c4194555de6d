"""The gate: everything that forbids publishing a report now, as sentences that say the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cchc_public.checks.rules import Finding, Severity
from cchc_public.errors import UNNAMED
from cchc_public.i18n import _, ngettext
from cchc_public.releases.content import Reason
from cchc_public.releases.prose import list_unknown_figures, open_parts
from cchc_public.releases.published import Authority, ReleaseSummary
from cchc_public.releases.reading import list_releases
from cchc_public.reports.review import find_findings, reasons_by_key, solve_sheets
from cchc_public.store import Report
from cchc_public.store.actor import Actor, AnySession
from cchc_public.store.clock import today
from cchc_public.tables.registry import get_form
from cchc_public.vietnamese.dates import format_date

LEAST_LETTERS = 15  # of a reason: less explains nothing to a citizen


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way: a stable code and the sentence that says the remedy."""

    code: str
    message: str


def _find_obstacles(
    report: Report, findings: Sequence[Finding], authority: Authority | None
) -> Iterator[Obstacle]:
    """Yield what forbids everybody to publish; the reason of a correction is asked for later."""
    solved = solve_sheets(report)
    sheets, filled = solved.sheets.values(), solved.tables
    if not filled:
        yield Obstacle("no-figures", _("Chưa biểu nào có số liệu nên chưa có gì để công bố."))
    if report.data_to > today():
        last = format_date(report.data_to)
        yield Obstacle(
            "future-window",
            f"Số liệu tính đến {last}, là ngày chưa tới. Hãy sửa ngày ở phần đầu báo cáo.",
        )
    if authority is not None and authority.name in ("", UNNAMED):
        yield Obstacle(
            "unnamed-authority",
            "Chưa đặt tên cơ quan công bố. Người quản trị đặt tên ở trang Thiết lập.",
        )
    empty = [s for s in sheets if s.table_code not in filled]
    undeclared = [
        get_form(sheet.table_code, sheet.edition).short_title
        for sheet in empty
        if sheet.table_code not in report.declared_empty
    ]
    if undeclared:
        yield Obstacle(
            "empty-tables",
            f"Chưa có số liệu: {'; '.join(undeclared)}. Hãy nhập, hoặc đánh dấu khi trình là kỳ "
            "này không có.",
        )
    missing = open_parts(report.narrative)
    if missing:
        names = "; ".join(section.title for section in missing[:3])
        more = f" và {len(missing) - 3} phần khác" if len(missing) > 3 else ""
        yield Obstacle(
            "open-parts",
            f"Lời báo cáo còn phần chưa viết: {names}{more}. Hãy viết, hoặc đánh dấu là kỳ này "
            "không có nội dung.",
        )
    for section, problem in list_unknown_figures(report.narrative, filled):
        yield Obstacle("unknown-figure", f"Lời báo cáo, phần “{section.title}”: {problem}")
    yield from _from_findings(findings, reasons_by_key(report))


def _from_findings(
    findings: Sequence[Finding], reasons: Mapping[str, Reason]
) -> Iterator[Obstacle]:
    open_ones = [finding for finding in findings if finding.blocks(reasons)]
    errors = sum(finding.severity is Severity.ERROR for finding in open_ones)
    if errors:
        text = ngettext(
            "Còn %(num)d lỗi phải sửa trước khi công bố.",
            "Còn %(num)d lỗi phải sửa trước khi công bố.",
            errors,
        )
        yield Obstacle("errors", text)
    open_warnings = len(open_ones) - errors
    if open_warnings:
        text = ngettext(
            "Còn %(num)d cảnh báo chưa có giải trình. Hãy sửa số liệu hoặc ghi lý do.",
            "Còn %(num)d cảnh báo chưa có giải trình. Hãy sửa số liệu hoặc ghi lý do.",
            open_warnings,
        )
        yield Obstacle("warnings", text)
    answered = [reasons[f.key].text for f in findings if f.takes_reason and f.key in reasons]
    thin = sum(map(is_thin, answered))
    if thin:
        yield Obstacle(
            "thin-reasons",
            f"{thin} giải trình quá ngắn: mỗi giải trình cần ít nhất {LEAST_LETTERS} chữ cái, "
            "nhiều hơn một từ, vì được công bố cạnh con số.",
        )


def is_thin(reason: str) -> bool:
    """Tell whether a reason says too little to be published beside a figure."""
    return sum(char.isalpha() for char in reason) < LEAST_LETTERS or len(reason.split()) < 2


def _from_editors(report: Report, actor: Actor, last: ReleaseSummary | None) -> Iterator[Obstacle]:
    if actor.id in find_editors(report, last):
        yield Obstacle(
            "second-person",
            _(
                "%(name)s là người sửa cuối của kỳ này. Người công bố phải là một người khác.",
                name=actor.name or actor.id,
            ),
        )


def find_editors(report: Report, last: ReleaseSummary | None) -> Mapping[str, str]:
    """Return who edited last any part that the coming release changes: name by id.

    Parts published before count no more; otherwise two people who take turns in correcting
    would lock each other out.
    """
    edits = [
        (report.edited_at, report.edited_by_id, report.edited_by_name),
        *((s.edited_at, s.edited_by_id, s.edited_by_name) for s in report.sheets),
        *((r.given_at, r.given_by_id, r.given_by_name) for r in report.reasons),
    ]
    since = [edit for edit in edits if last is None or edit[0] > last.published_at]
    return {editor: name for _at, editor, name in since or edits}


def list_obstacles(
    session: AnySession,
    report: Report,
    actor: Actor,
    *,
    require_second_person: bool = True,
    authority: Authority | None = None,
) -> tuple[Obstacle, ...]:
    """Return everything that forbids ``actor`` to publish the report as it is."""
    found = list(_find_obstacles(report, find_findings(session, report), authority))
    if require_second_person:
        found += _from_editors(report, actor, find_last_release(session, report))
    return tuple(found)


def find_last_release(session: AnySession, report: Report) -> ReleaseSummary | None:
    """Return the newest release of a report, of any kind."""
    return next(iter(list_releases(session, report.slug)), None)
