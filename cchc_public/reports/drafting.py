"""Reports while staff work on them: opened, saved sheet by sheet, dropped; the links to a draft."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from cchc_public.errors import AlreadyExists, NotFound, PublicationBlocked, StaleRevision
from cchc_public.releases import published
from cchc_public.releases.content import canonical_json
from cchc_public.releases.prose import Section, arrange, as_stored
from cchc_public.store import PreviewLink, Release, Report, SheetRecord, utc_now
from cchc_public.store.base import Actor, AnySession, clock_text
from cchc_public.store.writing import (
    begin_writing,
    cell_change,
    differences,
    list_changes,
    lock_for_editing,
    record,
    write_once,
)
from cchc_public.tables.registry import (
    LOOSE_DAYS,
    blank_sheet,
    carry_sheet,
    forms_for,
    get_form,
    table_codes,
)
from cchc_public.tables.sheet import (
    TOTAL_KEY,
    TOTAL_LABEL,
    Row,
    Sheet,
    sheet_from_json,
    sheet_to_json,
)
from cchc_public.vietnamese.dates import ReportingPeriod, parse_period

_OUTSIDE = {"edition": published.EDITION_LABEL, **published.WINDOW_LABELS}


def get_sheet(report: Report, code: str) -> Sheet:
    """Return the sheet ``code`` with its data window filled in; blank rows when none was saved."""
    stored = find_record(report, code)
    if stored is not None:
        return _restored(report, stored.content)
    form = next((form for form in forms_for(report.data_to) if form.code == code), None)
    if form is None:
        raise NotFound(f"Kỳ báo cáo này không có biểu “{code}”.")
    return blank_sheet(form, report.data_from, report.data_to)


def list_sheets(report: Report) -> tuple[Sheet, ...]:
    """Return one sheet of each table in statutory order, saved or blank."""
    saved = {stored.table_code for stored in report.sheets}
    in_force = {table.code for table in forms_for(report.data_to)}
    return tuple(get_sheet(report, code) for code in table_codes() if code in saved | in_force)


def find_record(report: Report, code: str) -> SheetRecord | None:
    """Return the stored sheet with its version and last editor, None when none was saved."""
    return next((stored for stored in report.sheets if stored.table_code == code), None)


def sheet_version(report: Report, code: str) -> int:
    """Return the version a form must send back with ``save_sheet``; 0 when none was saved."""
    stored = find_record(report, code)
    return stored.version if stored else 0


def save_sheet(
    session: AnySession, report: Report, sheet: Sheet, *, version: int, actor: Actor
) -> SheetRecord:
    """Save a sheet read at ``version``; StaleRevision when someone saved it differently since.

    Saving what is stored already changes nothing, so a form sent twice is one revision.
    """
    lock_for_editing(session, report)
    # the record as the database has it now, not as this session may remember it
    query = select(SheetRecord).where(
        SheetRecord.report_id == report.id, SheetRecord.table_code == sheet.table_code
    )
    stored = session.scalar(query.execution_options(populate_existing=True))
    if stored is not find_record(report, sheet.table_code):
        session.refresh(report, ["sheets"])
    content = stored_content(report, sheet)
    if stored and _restored(report, stored.content) == _restored(report, content):
        return stored
    if version != (stored.version if stored else 0):
        raise stale(stored)
    changes = list_cell_changes(get_sheet(report, sheet.table_code), _restored(report, content))
    with write_once(session):
        if stored is None:
            stored = SheetRecord(table_code=sheet.table_code)
            report.sheets.append(stored)
        stored.edition, stored.content = sheet.edition, content
        stored.sign(actor)
    told = {"version": stored.version, "changes": changes}
    record(session, actor, "sheet.save", f"{report.slug}/{sheet.table_code}", **told)
    return stored


def list_cell_changes(old: Sheet, new: Sheet) -> list[dict[str, Any]]:
    """Return every typed cell, row and window that differs, with old and new, for the trail."""
    form = get_form(new.table_code, new.edition)
    rows = [row for sheet in (old, new) for row in _rows(sheet).values()]
    filled = {key for row in rows for key in (*row.given, *row.unread)}
    columns = form.showing(filled & set(form.table.by_key)).columns
    # nobody types into a computed column: what differs is what a source printed there
    labels = {c.key: c.label + (published.STATED_SUFFIX if c.formula else "") for c in columns}
    labels = {**_OUTSIDE, "": published.ROW_LABEL, **labels}
    names = {row.key: row.label for row in rows}
    changes = []
    for (row, key), before, after in differences(_flat(old, labels), _flat(new, labels)):
        label = f"{TOTAL_LABEL}: {labels[key]}" if row == TOTAL_KEY else labels[key]
        if not key and None in (before, after):
            label = "Dòng"  # it came or went
        place = {"row": row, "row_label": names[row]} if row not in ("", TOTAL_KEY) else {}
        changes.append(cell_change(key, label, before, after, **place))
    return changes


def _rows(sheet: Sheet) -> dict[str, Row]:
    rows = (*sheet.groups, *sheet.rows, *sheet.details)
    return {TOTAL_KEY: sheet.total, **{row.key: row for row in rows}}


def _flat(sheet: Sheet, keys: Iterable[str]) -> dict[tuple[str, str], Any]:
    """Return what a sheet says by row and column; the name of a row stands under ``""``."""
    flat: dict[tuple[str, str], Any] = {("", name): getattr(sheet, name) for name in _OUTSIDE}
    for place, row in _rows(sheet).items():
        # text that could not be read stands for the figure it should be
        said = {"": None if place == TOTAL_KEY else row.label, **row.given, **row.unread}
        flat |= {(place, key): said[key] for key in keys if key in said}
    return flat


def stored_content(report: Report, sheet: Sheet) -> dict[str, Any]:
    """Return the sheet as kept: cells that say something, no window where it is the report's."""
    keys = [row.key for row in sheet.rows]
    if len(set(keys)) != len(keys):
        raise ValueError(f"sheet {sheet.table_code}: two rows have the same key")
    known = set(get_form(sheet.table_code, sheet.edition).table.by_key)
    kept = replace(
        sheet,
        data_from=None if sheet.data_from == report.data_from else sheet.data_from,
        data_to=None if sheet.data_to == report.data_to else sheet.data_to,
        rows=tuple(
            replace(row, cells={key: row.given[key] for key in row.given if key in known})
            for row in sheet.rows
        ),
        total=replace(sheet.total, cells=sheet.total.given),
    )
    content: dict[str, Any] = json.loads(canonical_json(sheet_to_json(kept)))
    return content


def stale(stored: SheetRecord | Report | None) -> StaleRevision:
    """Return the error that says who saved the newer state, and when."""
    if stored is None:
        return StaleRevision("Biểu này chưa từng được lưu. Hãy tải lại trang.")
    sentence = (
        f"{stored.edited_by_name or 'Người khác'} đã lưu nội dung khác lúc "
        f"{clock_text(stored.edited_at)}. Nội dung của bạn chưa được lưu: hãy xem bản mới rồi nhập "
        "lại phần của bạn."
    )
    return StaleRevision(sentence, edited_by=stored.edited_by_name, edited_at=stored.edited_at)


def _restored(report: Report, content: Mapping[str, Any]) -> Sheet:
    table = get_form(content["table"], content["edition"])
    sheet = sheet_from_json(content, table)
    return sheet.with_window(sheet.data_from or report.data_from, sheet.data_to or report.data_to)


@dataclass(frozen=True)
class ReportHead:
    """Everything of a report that is not a table.

    ``head`` holds document_number, issued_on (ISO date), place, superior_body, recipients (list),
    signatory, signatory_title, on_behalf_of. ``data_from``/``data_to`` are the default window.
    """

    data_from: date
    data_to: date
    due_on: date | None = None
    head: Mapping[str, Any] = field(default_factory=dict)
    narrative: tuple[Section, ...] | None = None  # None: saving leaves the words alone


CONFIRMED = "(không có nội dung)"
_LABELS = {**published.WINDOW_LABELS, "due_on": published.DUE_LABEL, **published.HEAD_FIELDS}


def head_of(report: Report) -> ReportHead:
    """Return the head as stored; send ``report.version`` back with it."""
    return ReportHead(
        data_from=report.data_from,
        data_to=report.data_to,
        due_on=report.due_on,
        head=dict(report.head),
        narrative=arrange(report.narrative),
    )


def save_report_head(
    session: AnySession, report: Report, new: ReportHead, *, version: int, actor: Actor
) -> Report:
    """Save the head read at ``version``; StaleRevision when someone saved it differently since."""
    lock_for_editing(session, report)
    old = head_of(report)
    # without empty fields and with plain values, so that equal heads are equal as stored
    kept: dict[str, Any] = {}
    for key, value in new.head.items():
        if isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, list | tuple):
            value = [part for part in value if part]
        if value not in (None, "", []):
            kept[key] = value
    sections = old.narrative
    if new.narrative is not None:  # browsers send line ends as CR LF; kept as LF
        tidy = (replace(s, text=s.text.replace("\r\n", "\n")) for s in new.narrative)
        sections = arrange(as_stored(tuple(tidy)))
    new = replace(new, head=kept, narrative=sections)
    if new == old:
        return report
    if report.version != version:
        raise stale(report)
    with write_once(session):
        report.data_from, report.data_to, report.due_on = new.data_from, new.data_to, new.due_on
        report.head, report.narrative = dict(new.head), as_stored(new.narrative or ())
        report.sign(actor)
    changes = list_changes(_flat_head(old), _flat_head(new), _LABELS)
    record(session, actor, "report.save", report.slug, version=report.version, changes=changes)
    return report


def save_narrative(
    session: AnySession,
    report: Report,
    sections: tuple[Section, ...],
    *,
    version: int,
    actor: Actor,
) -> Report:
    """Save the words read at ``version``; everything else of the head stays as it is."""
    new = replace(head_of(report), narrative=sections)
    return save_report_head(session, report, new, version=version, actor=actor)


def _flat_head(head: ReportHead) -> dict[str, Any]:
    days = {key: getattr(head, key) for key in ("data_from", "data_to", "due_on")}
    flat: dict[str, Any] = {key: day.isoformat() if day else None for key, day in days.items()}
    flat.update(head.head)
    for section in head.narrative or ():
        said = section.text or (CONFIRMED if section.is_confirmed else "")
        name = section.part.heading if section.part and section.part.level else section.title
        flat[name] = f"{flat.get(name) or ''}{said}" or None
    return flat


# What is true of one paper only; the rest of the head is copied into the next report.
_OF_ONE_PAPER = ("document_number", "issued_on")


def find_report(session: AnySession, slug: str) -> Report | None:
    """Return the report of the period ``slug``, None when it was never opened."""
    return session.scalar(select(Report).where(Report.slug == slug))


def get_report(session: AnySession, slug: str) -> Report:
    """Return the report of the period ``slug``; NotFound when it was never opened."""
    report = find_report(session, slug)
    if report is None:
        raise NotFound(f"Chưa mở kỳ báo cáo “{slug}”.")
    return report


def list_reports(session: AnySession) -> tuple[Report, ...]:
    """Return all reports, newest period first."""

    def order(report: Report) -> tuple[tuple[date, int], int]:
        period = parse_period(report.slug)
        return period.sort_key if period else (report.data_to, 0), report.id

    return tuple(sorted(session.scalars(select(Report)), key=order, reverse=True))


def load_parts(session: AnySession, reports: Iterable[Report]) -> None:
    """Fetch sheets and reasons of ``reports`` at once, so that a list asks no query a line.

    The figures themselves come when they are asked for: a list knows them by version.
    """
    sheets = selectinload(Report.sheets).defer(SheetRecord.content)
    wanted = select(Report).where(Report.id.in_([report.id for report in reports]))
    session.scalars(wanted.options(sheets, selectinload(Report.reasons))).all()


def create_report(
    session: AnySession,
    period: ReportingPeriod,
    actor: Actor,
    *,
    window: tuple[date | None, date | None] = (None, None),
    head: Mapping[str, Any] | None = None,
) -> Report:
    """Open the report of a period; AlreadyExists when someone did before.

    Rows, fixed words and signature are copied from the report it follows on from, unless ``head``
    (from the settings) says otherwise; "từ kỳ trước" opens with the last pending figures. Without
    days in ``window`` the statutory ones are taken.
    """
    begin_writing(session)
    if find_report(session, period.slug):
        raise _already_open(period)
    preset_from, preset_to = period.preset_window
    report = Report(
        slug=period.slug,
        kind=period.kind.value,
        year=period.year,
        ordinal=period.ordinal,
        data_from=window[0] or preset_from,
        data_to=window[1] or preset_to,
        head={},
        narrative=[],
    )
    report.sign(actor)
    previous = find_previous(session, report)
    _fill(report, previous, actor)
    report.head = {**report.head, **(head or {})}
    try:
        with write_once(session):
            session.add(report)
    except StaleRevision as error:
        raise _already_open(period) from error
    record(session, actor, "report.open", report.slug, copied_from=previous and previous.slug)
    return report


def drop_report(session: AnySession, report: Report, actor: Actor) -> None:
    """Delete a report opened by mistake; PublicationBlocked once it was ever published.

    The trail stays, and keeps what the sheets held.
    """
    begin_writing(session)
    if session.scalar(select(Release.id).where(Release.report_id == report.id).limit(1)):
        raise PublicationBlocked(
            "Kỳ này đã công bố nên không xóa được. Hãy đính chính hoặc thu hồi."
        )
    kept = {sheet.table_code: sheet.content for sheet in report.sheets}
    with write_once(session):
        session.delete(report)
    record(session, actor, "report.drop", report.slug, sheets=kept)


def _already_open(period: ReportingPeriod) -> AlreadyExists:
    return AlreadyExists(f"Kỳ báo cáo “{period.title}” đã có rồi.")


def _fill(report: Report, previous: Report | None, actor: Actor) -> None:
    if previous:
        report.head = {
            key: value for key, value in previous.head.items() if key not in _OF_ONE_PAPER
        }
        report.narrative = as_stored(
            [Section(s.title) for s in arrange(previous.narrative) if s.part is None]
        )
    for table in forms_for(report.data_to):
        sheet = blank_sheet(table, report.data_from, report.data_to)
        if previous and find_record(previous, table.code):
            last = get_sheet(previous, table.code)
            sheet = carry_sheet(table, last, report.data_from, report.data_to)
        content = stored_content(report, sheet)
        stored = SheetRecord(table_code=table.code, edition=table.edition, content=content)
        stored.sign(actor)
        report.sheets.append(stored)


Dated = TypeVar("Dated", bound=Any)  # a report, or the row of its id, slug and window


def find_previous(session: AnySession, report: Report) -> Report | None:
    """Return the earlier report this one follows on from, None when it is the first."""
    return find_previous_of(session, report.slug, report.data_from)


def find_previous_of(session: AnySession, slug: str, data_from: date) -> Report | None:
    """Return the report that a period beginning on ``data_from`` follows on from."""
    rows = session.execute(select(Report.id, Report.slug, Report.data_from, Report.data_to))
    chosen: Any = choose_previous(slug, data_from, rows)
    return session.get(Report, chosen.id) if chosen else None


def choose_previous(slug: str, data_from: date, reports: Iterable[Dated]) -> Dated | None:
    """Return the report whose window ends just before, else began alike, else the latest earlier.

    Only dates are looked at; months, quarters and half-years may stand side by side.
    """
    period = parse_period(slug)
    ranked: dict[tuple[Any, ...], Dated] = {}
    for report in reports:
        other = parse_period(report.slug)
        if period and other and other.sort_key < period.sort_key:
            follows = abs((data_from - report.data_to).days - 1) <= LOOSE_DAYS
            rank = (follows, report.data_from == data_from, other.sort_key, report.id)
            ranked[rank] = report
    return ranked[max(ranked)] if ranked else None


LINK_DAYS = 14


def make_link(session: AnySession, report: Report, actor: Actor) -> str:
    """Return the secret of a new link that shows the draft for ``LINK_DAYS`` days."""
    secret, now = secrets.token_urlsafe(24), utc_now()
    link = PreviewLink(report_id=report.id, digest=_digest(secret), made_by_name=actor.name)
    link.made_at, link.expires_at = now, now + timedelta(days=LINK_DAYS)
    with write_once(session):
        session.add(link)
    record(session, actor, "preview.link", report.slug)
    return secret


def _working() -> tuple[Any, ...]:
    return PreviewLink.revoked_at.is_(None), PreviewLink.expires_at > utc_now()


def find_linked_report(session: AnySession, secret: str) -> Report | None:
    """Return what a link shows; None for one unknown, revoked or too old."""
    links = select(PreviewLink.report_id).where(PreviewLink.digest == _digest(secret), *_working())
    return session.scalars(select(Report).where(Report.id.in_(links))).one_or_none()


def list_links(session: AnySession, report: Report) -> tuple[PreviewLink, ...]:
    """Return the links of a report that still work, newest first."""
    query = select(PreviewLink).where(PreviewLink.report_id == report.id, *_working())
    return tuple(session.scalars(query.order_by(PreviewLink.id.desc())))


def revoke_link(session: AnySession, report: Report, link_id: int, actor: Actor) -> None:
    """End a link at once."""
    link = session.get(PreviewLink, link_id)
    if link is None or link.report_id != report.id:
        raise NotFound("Không có liên kết này.")
    with write_once(session):
        link.revoked_at = utc_now()
    record(session, actor, "preview.revoked", report.slug)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
