"""Everything that forbids publishing a report now, as sentences; staff see them before they try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cchc_public.checks.finding import Finding, Severity
from cchc_public.i18n import _, ngettext
from cchc_public.releases.content import Reason
from cchc_public.releases.published import ReleaseSummary
from cchc_public.reports.sheets import list_sheets
from cchc_public.statutory.registry import get_table
from cchc_public.statutory.rows import is_filled
from cchc_public.store import Report
from cchc_public.store.actor import Actor


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way: a stable code and the sentence that says the remedy."""

    code: str
    message: str


def find_obstacles(
    report: Report,
    actor: Actor,
    *,
    findings: Sequence[Finding],
    reasons: Mapping[str, Reason],
    last: ReleaseSummary | None,
    require_second_person: bool,
) -> Iterator[Obstacle]:
    """Yield what forbids ``actor`` to publish; the reason of a correction is asked for later."""
    if not any(is_filled(get_table(s.table_code, s.edition), s) for s in list_sheets(report)):
        yield Obstacle("no-figures", _("Chưa biểu nào có số liệu nên chưa có gì để công bố."))
    yield from _from_findings(findings, reasons)
    if require_second_person:
        yield from _from_editors(report, actor, last)


def _from_findings(
    findings: Sequence[Finding], reasons: Mapping[str, Reason]
) -> Iterator[Obstacle]:
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if errors:
        text = ngettext(
            "Còn %(num)d lỗi phải sửa trước khi công bố.",
            "Còn %(num)d lỗi phải sửa trước khi công bố.",
            errors,
        )
        yield Obstacle("errors", text)
    open_warnings = sum(
        finding.severity is Severity.WARNING and finding.key not in reasons for finding in findings
    )
    if open_warnings:
        text = ngettext(
            "Còn %(num)d cảnh báo chưa có giải trình. Hãy sửa số liệu hoặc ghi lý do.",
            "Còn %(num)d cảnh báo chưa có giải trình. Hãy sửa số liệu hoặc ghi lý do.",
            open_warnings,
        )
        yield Obstacle("warnings", text)


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
