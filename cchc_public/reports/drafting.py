"""Reports while staff work on them: opens, finds, lists and drops them, and the one before each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from cchc_public.errors import AlreadyExists, NotFound, PublicationBlocked, StaleRevision
from cchc_public.i18n import _
from cchc_public.releases.prose import Section, arrange, as_stored
from cchc_public.reports.sheets import find_record, get_sheet, stored_content
from cchc_public.store import Release, Report, SheetRecord, utc_now
from cchc_public.store.audit import record
from cchc_public.store.base import Actor, AnySession
from cchc_public.store.locking import begin_writing, write_once
from cchc_public.tables.registry import LOOSE_DAYS, blank_sheet, carry_sheet, forms_for
from cchc_public.vietnamese.dates import ReportingPeriod, parse_period

# What is true of one paper only; the rest of the head is copied into the next report.
_OF_ONE_PAPER = ("document_number", "issued_on")


def find_report(session: AnySession, slug: str) -> Report | None:
    """Return the report of the period ``slug``, None when it was never opened."""
    return session.execute(select(Report).where(Report.slug == slug)).scalar_one_or_none()


def get_report(session: AnySession, slug: str) -> Report:
    """Return the report of the period ``slug``; NotFound when it was never opened."""
    report = find_report(session, slug)
    if report is None:
        raise NotFound(_("Chưa mở kỳ báo cáo “%(slug)s”.", slug=slug))
    return report


def list_reports(session: AnySession) -> tuple[Report, ...]:
    """Return all reports, newest period first."""
    found = {}
    for report in session.execute(select(Report)).scalars():
        period = parse_period(report.slug)
        found[period.sort_key if period else (report.data_to, 0), report.id] = report
    return tuple(found[key] for key in sorted(found, reverse=True))


def load_parts(session: AnySession, reports: Iterable[Report]) -> None:
    """Fetch sheets and reasons of ``reports`` at once, so that a list asks no query a line.

    The figures themselves come when they are asked for: a list knows them by version.
    """
    sheets = selectinload(Report.sheets).defer(SheetRecord.content)
    parts = (sheets, selectinload(Report.reasons))
    wanted = select(Report).where(Report.id.in_([report.id for report in reports]))
    session.execute(wanted.options(*parts)).scalars().all()


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
        edited_by_id=actor.id,
        edited_by_name=actor.name,
        edited_at=utc_now(),
    )
    previous = find_previous_of(session, report.slug, report.data_from)
    _fill(report, previous, actor)
    report.head = {**report.head, **(head or {})}
    try:
        with write_once(session):
            session.add(report)
    except StaleRevision as error:
        raise _already_open(period) from error
    record(session, actor, "report.open", report.slug, copied_from=previous and previous.slug)
    session.flush()
    return report


def drop_report(session: AnySession, report: Report, actor: Actor) -> None:
    """Delete a report opened by mistake; PublicationBlocked once it was ever published.

    The trail stays, and keeps what the sheets held.
    """
    begin_writing(session)
    published = select(Release.id).where(Release.report_id == report.id).limit(1)
    if session.execute(published).first():
        raise PublicationBlocked(
            _("Kỳ này đã công bố nên không xóa được. Hãy đính chính hoặc thu hồi.")
        )
    kept = {sheet.table_code: sheet.content for sheet in report.sheets}
    with write_once(session):
        session.delete(report)
    record(session, actor, "report.drop", report.slug, sheets=kept)
    session.flush()


def _already_open(period: ReportingPeriod) -> AlreadyExists:
    return AlreadyExists(_("Kỳ báo cáo “%(title)s” đã có rồi.", title=period.title))


def _fill(report: Report, previous: Report | None, actor: Actor) -> None:
    if previous:
        report.head = {
            key: value for key, value in previous.head.items() if key not in _OF_ONE_PAPER
        }
        report.narrative = as_stored(
            [Section(s.title) for s in arrange(previous.narrative) if s.part is None]
        )
    for table in forms_for(report.data_to):
        blank = blank_sheet(table, report.data_from, report.data_to)
        if previous is None or find_record(previous, table.code) is None:
            sheet = blank
        else:
            last = get_sheet(previous, table.code)
            sheet = carry_sheet(table, last, report.data_from, report.data_to)
        report.sheets.append(
            SheetRecord(
                table_code=table.code,
                edition=table.edition,
                content=stored_content(report, sheet),
                edited_by_id=actor.id,
                edited_by_name=actor.name,
            )
        )


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
