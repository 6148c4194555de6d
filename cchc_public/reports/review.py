"""What is wrong or missing in a report, what forbids publishing, what its approver says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import object_session

from cchc_public.checks.rules import Finding, Severity
from cchc_public.checks.run import check_solved, solve_report
from cchc_public.errors import UNNAMED, PublicationBlocked
from cchc_public.releases.content import Reason, period_of
from cchc_public.releases.prose import arrange, open_parts, resolve
from cchc_public.releases.published import REASON_LABEL, Authority, ReleaseSummary
from cchc_public.releases.reading import list_releases
from cchc_public.reports.drafting import find_previous, list_sheets, save_narrative
from cchc_public.store import (
    HANDED_IN,
    RECALLED,
    RETURNED,
    Edited,
    HandIn,
    Remark,
    Report,
    SheetRecord,
    WarningReason,
    utc_now,
)
from cchc_public.store.base import Actor, AnySession, today
from cchc_public.store.writing import (
    cell_change,
    find_active,
    lock_for_editing,
    lock_report,
    record,
    write_once,
)
from cchc_public.tables.registry import CARRIED, get_form, is_filled
from cchc_public.tables.sheet import Sheet, SolvedTable
from cchc_public.vietnamese.dates import format_date

MOST_KEPT = 500
_SOLVED = "cchc_solved"  # where a session keeps what it solved


@dataclass(frozen=True)
class SheetProgress:
    """How far one sheet is: ``filled`` of ``total`` cells, without those carried over."""

    code: str
    title: str
    filled: int
    total: int
    is_started: bool


@dataclass(eq=False)
class SolvedReport:
    """A report's sheets read and solved once, for all that one unit of work asks about them."""

    stored: tuple[Any, ...]  # what it was made from; kept, so that no other object takes its place
    sheets: Mapping[str, Sheet]  # by code, in statutory order
    tables: Mapping[str, SolvedTable]  # those with figures
    checked: tuple[Any, tuple[Finding, ...]] | None = None  # against what, and what was found


def find_findings(session: AnySession, report: Report) -> tuple[Finding, ...]:
    """Check the report's sheets, also against the period before, and return what was found."""
    return find_findings_against(report, find_previous(session, report))


def find_findings_against(report: Report, previous: Report | None) -> tuple[Finding, ...]:
    """Return the findings of a report whose period before is known already."""
    solved, before = solve_sheets(report), solve_sheets(previous) if previous else None
    against = (before, today())
    if solved.checked is None or solved.checked[0] != against:
        findings = check_solved(
            solved.tables,
            preset=period_of(report).preset_window,
            previous=before.tables if before else None,
            today=against[1],
        )
        solved.checked = (against, findings)
    return solved.checked[1]


@dataclass(frozen=True)
class Outlook:
    """What a list says of one report: how many of its tables hold something, what was found."""

    filled: int
    tables: int
    findings: tuple[Finding, ...]


def look_at(
    pairs: Iterable[tuple[Report, Report | None]], kept: dict[Any, Outlook]
) -> Iterator[Outlook]:
    """Yield the outlook of each report, given with the one before it.

    ``kept`` holds those of sheets that nobody saved since; figures of the others are fetched in
    one query.
    """
    keys: dict[Any, tuple[Any, ...]] = {}
    for pair in pairs:
        keys[pair] = (today(),)
        for one in filter(None, pair):
            sheets = ((sheet.id, sheet.version, sheet.edited_at) for sheet in one.sheets)
            keys[pair] += (one.id, one.data_from, one.data_to, *sheets)
    missing = [one for pair, key in keys.items() if key not in kept for one in pair if one]
    unread = [s.id for one in missing for s in one.sheets if "content" in inspect(s).unloaded]
    if unread and (session := object_session(missing[0])):
        session.scalars(select(SheetRecord).where(SheetRecord.id.in_(unread))).all()
    if len(kept) > MOST_KEPT:
        kept.clear()
    for (report, previous), key in keys.items():
        if key not in kept:
            progress = completeness(report).values()
            filled = sum(one.is_started for one in progress)
            kept[key] = Outlook(filled, len(progress), find_findings_against(report, previous))
        yield kept[key]


def solve_sheets(report: Report) -> SolvedReport:
    """Return the report's sheets read and solved; once for one state of them in a session."""
    stored = (report.data_from, report.data_to, *(sheet.content for sheet in report.sheets))
    session = object_session(report)
    memory: dict[str, SolvedReport] = session.info.setdefault(_SOLVED, {}) if session else {}
    found = memory.get(report.slug)
    # what was saved or read anew is another object, however equal
    if found is None or [*map(id, found.stored)] != [*map(id, stored)]:
        sheets = {sheet.table_code: sheet for sheet in list_sheets(report)}
        found = memory[report.slug] = SolvedReport(stored, sheets, solve_report(sheets))
    return found


def reasons_by_key(report: Report) -> dict[str, Reason]:
    """Return the reasons given, by the key of the finding they answer."""
    return {r.finding_key: Reason(r.text, r.given_by_name) for r in report.reasons}


def give_reason(
    session: AnySession,
    report: Report,
    finding_key: str,
    text: str,
    actor: Actor,
    *,
    place: str = "",
) -> None:
    """Keep, replace or (empty text) take back the reason for one warning.

    ``place`` (``place_of`` its finding) lets the words be offered again when the figure changes.
    """
    lock_for_editing(session, report)
    query = select(WarningReason).where(
        WarningReason.report_id == report.id, WarningReason.finding_key == finding_key
    )
    stored = session.scalar(query.execution_options(populate_existing=True))
    session.refresh(report, ["reasons"])
    text = text.strip()
    old = stored.text if stored else ""
    if text == old:
        return
    with write_once(session):
        if stored and not text:
            report.reasons.remove(stored)
        else:
            if stored is None:
                stored = WarningReason(finding_key=finding_key)
                report.reasons.append(stored)
            stored.text, stored.given_at = text, utc_now()
            stored.given_by_id, stored.given_by_name = actor.id, actor.name
            if place:
                stored.place = place
    change = cell_change(finding_key, REASON_LABEL, old or None, text or None)
    record(session, actor, "reason.give", report.slug, changes=[change])


def is_thin(reason: str) -> bool:
    """Return whether a reason says too little to be published beside a figure (see ``ENOUGH``)."""
    return len(reason.split()) < 2 or sum(map(str.isalpha, reason)) < LEAST_LETTERS


def place_of(finding: Finding) -> str:
    """Return where a finding stands, whatever its figures: how a reason is found again."""
    return "|".join((finding.rule, finding.table, finding.row, finding.column))[:200]


def offered_reasons(report: Report, findings: Iterable[Finding]) -> dict[str, str]:
    """Return the words once given for other figures at the same place, by key of the finding.

    They are offered, never taken: somebody must look at the new figure and save them.
    """
    given = {reason.place: reason.text for reason in report.reasons if reason.place}
    known = {reason.finding_key for reason in report.reasons}
    return {
        finding.key: given[place]
        for finding in findings
        if finding.key not in known and (place := place_of(finding)) in given
    }


def reasons_changed_since(
    session: AnySession, report: Report, started: Mapping[str, str]
) -> dict[str, Reason]:
    """Return the reasons that are no longer what they were, by key; keeps the right to write.

    ``started`` holds each text as it was when someone began to edit it, empty for none.
    """
    lock_report(session, report)
    session.refresh(report, ["reasons"])
    stored = reasons_by_key(report)
    now = {key: stored.get(key, Reason("", "")) for key in started}
    return {key: reason for key, reason in now.items() if reason.text != started[key]}


def completeness(report: Report) -> Mapping[str, SheetProgress]:
    """Return the progress of every sheet by table code, in statutory order."""
    found = {}
    for code, sheet in solve_sheets(report).sheets.items():
        form = get_form(code, sheet.edition)
        own = [
            row.cells.get(column.key) not in (None, "")
            for row in sheet.rows
            for column in form.base_columns
            if row.sources.get(column.key) != CARRIED
        ]
        is_started = is_filled(form, sheet)
        found[code] = SheetProgress(code, form.short_title, sum(own), len(own), is_started)
    return found


LEAST_LETTERS = 15  # of a reason: less explains nothing to a citizen
ENOUGH = f"cần ít nhất {LEAST_LETTERS} chữ cái, nhiều hơn một từ, vì được công bố cạnh con số"


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
        yield Obstacle("no-figures", "Chưa biểu nào có số liệu nên chưa có gì để công bố.")
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
    settled = {*filled, *report.declared_empty}
    undeclared = [
        get_form(sheet.table_code, sheet.edition).short_title
        for sheet in sheets
        if sheet.table_code not in settled
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
    for section in arrange(report.narrative):
        for problem in resolve(section.text, filled)[1]:
            yield Obstacle("unknown-figure", f"Lời báo cáo, phần “{section.title}”: {problem}")
    yield from _from_findings(findings, reasons_by_key(report))


def _from_findings(
    findings: Sequence[Finding], reasons: Mapping[str, Reason]
) -> Iterator[Obstacle]:
    open_ones = [finding for finding in findings if finding.blocks(reasons)]
    errors = sum(finding.severity is Severity.ERROR for finding in open_ones)
    if errors:
        yield Obstacle("errors", f"Còn {errors} lỗi phải sửa trước khi công bố.")
    if warnings := len(open_ones) - errors:
        yield Obstacle(
            "warnings",
            f"Còn {warnings} cảnh báo chưa có giải trình. Hãy sửa số liệu hoặc ghi lý do.",
        )
    answered = [reasons[f.key].text for f in findings if f.takes_reason and f.key in reasons]
    if thin := sum(map(is_thin, answered)):
        yield Obstacle("thin-reasons", f"{thin} giải trình quá ngắn: mỗi giải trình {ENOUGH}.")


def list_edits(report: Report) -> list[tuple[datetime, str, str]]:
    """Return when each part of a report was edited last, and by whom: name and id."""
    edited: tuple[Edited, ...] = (report, *report.sheets)
    parts = [(one.edited_at, one.edited_by_name, one.edited_by_id) for one in edited]
    return parts + [(one.given_at, one.given_by_name, one.given_by_id) for one in report.reasons]


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
    last = find_last_release(session, report)
    # Who edited any part that the coming release changes. Parts published before count no more:
    # otherwise two people who take turns in correcting would lock each other out.
    edits = list_edits(report)
    since = [edit for edit in edits if last is None or edit[0] > last.published_at]
    if require_second_person and actor.id in {editor for _at, _name, editor in since or edits}:
        name = actor.name or actor.id
        sentence = f"{name} là người sửa cuối của kỳ này. Người công bố phải là một người khác."
        found.append(Obstacle("second-person", sentence))
    return tuple(found)


def find_last_release(session: AnySession, report: Report) -> ReleaseSummary | None:
    """Return the newest release of a report, of any kind."""
    return next(iter(list_releases(session, report.slug)), None)


MOST_REMARKS = 200


def find_last(session: AnySession, report: Report) -> HandIn | None:
    """Return the newest hand-in of a report, whatever became of it."""
    return find_last_of(session, [report]).get(report.id)


def find_last_of(session: AnySession, reports: Sequence[Report]) -> dict[int, HandIn]:
    """Return the newest hand-in of each report by the report's id: one question for a list."""
    query = select(HandIn).where(HandIn.report_id.in_([report.id for report in reports]))
    return {one.report_id: one for one in session.execute(query.order_by(HandIn.id)).scalars()}


def declare_empty(session: AnySession, report: Report, codes: Sequence[str], actor: Actor) -> None:
    """Say of which tables this period has no figures; they are published as such."""
    lock_for_editing(session, report)
    wanted = sorted(set(codes))
    if wanted == sorted(report.declared_empty):
        return
    with write_once(session):
        report.declared_empty = wanted
    record(session, actor, "report.declare-empty", report.slug, tables=wanted)


def confirm_open_parts(session: AnySession, report: Report, actor: Actor) -> None:
    """Declare that the parts without words have nothing to say this time."""
    missing = open_parts(report.narrative)
    sections = tuple(
        replace(section, is_confirmed=section.is_confirmed or section in missing)
        for section in arrange(report.narrative)
    )
    save_narrative(session, report, sections, version=report.version, actor=actor)


def recall(session: AnySession, report: Report, actor: Actor) -> None:
    """Take a hand-in back, also an approved one: the approval is void and editing goes on."""
    handed_in = _active(session, report)
    with write_once(session):
        handed_in.state = RECALLED
    record(session, actor, "hand-in.recalled", report.slug)


def give_back(session: AnySession, report: Report, actor: Actor, message: str) -> None:
    """Return what was handed in, with a message or with remarks at their places."""
    handed_in = _active(session, report)
    if not message.strip() and not handed_in.remarks:
        raise PublicationBlocked("Hãy ghi lời nhắn, hoặc nhận xét tại ô, để biết sửa gì.")
    with write_once(session):
        handed_in.state, handed_in.message = RETURNED, message.strip()
        handed_in.decided_by_id, handed_in.decided_by_name = actor.id, actor.name
        handed_in.decided_at = utc_now()
    told = {"reason": message.strip(), "remarks": [remark.label for remark in handed_in.remarks]}
    record(session, actor, "hand-in.returned", report.slug, **told)


def add_remark(session: AnySession, report: Report, actor: Actor, remark: Remark) -> None:
    """Keep what the approver says about one place."""
    handed_in = _active(session, report)
    if handed_in.state != HANDED_IN:
        raise PublicationBlocked("Kỳ này đã được duyệt nên không nhận thêm nhận xét.")
    if len(handed_in.remarks) >= MOST_REMARKS:
        raise PublicationBlocked(f"Đã có {MOST_REMARKS} nhận xét; hãy trả lại để sửa trước.")
    remark.given_by_name = actor.name
    with write_once(session):
        handed_in.remarks.append(remark)
    record(session, actor, "report.remark", report.slug, place=remark.label, text=remark.text)


def drop_remark(session: AnySession, report: Report, actor: Actor, remark_id: int) -> None:
    """Take a remark back before the report is returned."""
    handed_in = _active(session, report)
    with write_once(session):
        handed_in.remarks[:] = [remark for remark in handed_in.remarks if remark.id != remark_id]
    record(session, actor, "report.remark-dropped", report.slug)


def _active(session: AnySession, report: Report) -> HandIn:
    lock_report(session, report)
    handed_in = find_active(session, report)
    if handed_in is None:
        raise PublicationBlocked("Kỳ này không còn ở trạng thái đã trình. Hãy tải lại trang.")
    return handed_in
