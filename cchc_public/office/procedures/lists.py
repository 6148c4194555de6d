"""The procedure list of the office: find, select, change many at once, take out as a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.checks.finding import Finding
from cchc_public.errors import RecordRefused
from cchc_public.i18n import _
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import saving_form
from cchc_public.office.frame.notices import notify
from cchc_public.office.procedures.edit import register_edit_routes
from cchc_public.office.procedures.importing import register_import_routes
from cchc_public.procedures.columns import get_header
from cchc_public.procedures.counting import ProcedureCounts, compare_counts, count_catalogue
from cchc_public.procedures.description import short_name
from cchc_public.procedures.reading import iterate_records
from cchc_public.procedures.record import STATUS_LABELS, ProcedureStatus
from cchc_public.procedures.saving import Change, change_status, set_posted
from cchc_public.procedures.searching import (
    Entry,
    FieldName,
    ListFilter,
    get_catalogue,
    list_unanswered,
)
from cchc_public.releases.reading import newest_release
from cchc_public.state import State, get_state
from cchc_public.store.audit import record
from cchc_public.vietnamese.cleaning import clean_text
from cchc_public.vietnamese.dates import read_date
from cchc_public.web.lists import cut_page, read_argument, read_page_number

PAGE_SIZE = 50
_POSTED = {"co": True, "khong": False}
_ARGUMENTS = ("q", "linh-vuc", "trang-thai", "cong-khai")


@dataclass(frozen=True)
class OfficeLine:
    """One procedure in the office's list."""

    code: str
    name: str
    field: str
    status: str
    is_repealed: bool
    is_posted: bool


@dataclass(frozen=True)
class OfficeList:
    """What ``office/procedures.html`` may use."""

    lines: tuple[OfficeLine, ...]
    found: int
    page: int
    pages: int
    query: str
    field: str
    status: str
    posted: str
    fields: tuple[FieldName, ...]
    statuses: dict[str, str]
    counts: ProcedureCounts
    findings: tuple[Finding, ...]
    is_narrowed: bool
    unanswered: tuple[tuple[str, int], ...]  # what citizens searched in vain, and how often


def register_procedure_routes(blueprint: Blueprint, state: State) -> None:
    """Add every screen of the procedure list."""
    add = blueprint.add_url_rule
    add("/thu-tuc", "procedures", show_list)
    add("/thu-tuc/hang-loat", "procedures_bulk", change_many, methods=["POST"])
    add("/thu-tuc/hang-loat", "procedures_bulk_back", lead_back)
    add("/thu-tuc/xuat.csv", "procedures_csv", send_csv)
    add("/thu-tuc/xuat.xlsx", "procedures_xlsx", send_xlsx)
    register_import_routes(blueprint)
    register_edit_routes(blueprint)
    # a global, because imported macros see no context
    blueprint.add_app_template_global(lambda key: _(get_header(key)), "cchc_header")


@requires("enter")
def show_list() -> ResponseReturnValue:
    """Show the list as the filters narrow it."""
    page = build_list()
    bulk = url_for(".procedures_bulk", **kept_arguments(), trang=page.page)
    return render_template(
        "cchc/office/procedures.html", page=page, page_url=page_url, bulk_address=bulk
    )


def build_list() -> OfficeList:
    """Return what the list shows for the present address."""
    session = get_state().session
    catalogue = get_catalogue(session)
    found = catalogue.search(read_filter())
    page = cut_page(found.codes, PAGE_SIZE)
    entries = {entry.code: entry for entry in catalogue.entries}
    names = {field.slug: field.name for field in catalogue.fields}
    counts = count_catalogue(catalogue)
    release = newest_release(session)
    return OfficeList(
        lines=tuple(_line(entries[code], names) for code in page.items),
        found=len(found.codes),
        page=page.number,
        pages=page.count,
        query=read_argument("q"),
        field=read_argument("linh-vuc"),
        status=read_argument("trang-thai"),
        posted=read_argument("cong-khai"),
        fields=catalogue.fields,
        statuses={status.value: _(label) for status, label in STATUS_LABELS.items()},
        counts=counts,
        findings=compare_counts(counts, release) if release and catalogue.entries else (),
        is_narrowed=any(read_argument(key) for key in _ARGUMENTS),
        unanswered=list_unanswered(session),
    )


def read_filter() -> ListFilter:
    """Return the filter that the address names."""
    return ListFilter(
        query=read_argument("q"),
        field=read_argument("linh-vuc"),
        status=read_argument("trang-thai"),
        posted=_POSTED.get(read_argument("cong-khai")),
    )


def page_url(number: int) -> str:
    """Return the address of another page of the same list."""
    return url_for(".procedures", **kept_arguments(), trang=number)


def kept_arguments() -> dict[str, Any]:
    """Return what narrows the list, for further addresses."""
    return {key: read_argument(key) for key in _ARGUMENTS if read_argument(key)}


def _line(entry: Entry, names: dict[str, str]) -> OfficeLine:
    return OfficeLine(
        entry.code,
        short_name(entry.name),
        names[entry.field_slug],
        _(STATUS_LABELS[entry.status]),
        entry.status is ProcedureStatus.REPEALED,
        entry.is_posted,
    )


@requires("enter")
def change_many() -> ResponseReturnValue:
    """Give the ticked procedures a status, or show or hide them."""
    with saving_form() as saved:
        done = _change(_chosen_codes())
    if saved.error:
        notify(str(saved.error), "warn")
    else:
        notify(_("Đã thay đổi %(n)s thủ tục.", n=done))
    return redirect(page_url(read_page_number()))


@requires("enter")
def lead_back() -> ResponseReturnValue:
    """Lead to the list: where signing in again leads after a session ended under the button."""
    return redirect(url_for(".procedures"))


def _chosen_codes() -> list[str]:
    """Return the ticked codes, or every code the filter finds."""
    if request.form.get("all") == "1":
        return list(get_catalogue(get_state().session).search(read_filter()).codes)
    return request.form.getlist("code")


def _change(codes: list[str]) -> int:
    state = get_state()
    if not codes:
        raise RecordRefused(_("Chưa chọn thủ tục nào."))
    deed = request.form.get("do", "")
    if deed in ("post", "hide"):
        change = Change(state.actor(), "posting")
        return set_posted(state.session, codes, deed == "post", change)
    on = read_date(request.form.get("on", ""))
    if not isinstance(on, date):
        raise RecordRefused(_("Xin ghi ngày của quyết định, ví dụ 12/06/2026."))
    try:
        status = ProcedureStatus(request.form.get("status", ""))
    except ValueError as error:
        raise RecordRefused(_("Xin chọn trạng thái mới.")) from error
    return change_status(
        state.session,
        codes,
        status,
        state.actor(),
        decision=clean_text(request.form.get("decision", ""))[:200],
        on=on,
    )


@requires("enter")
def send_csv() -> ResponseReturnValue:
    """Send the whole list as CSV."""
    from cchc_public.exports.procedures import CSV_TYPE, procedures_csv  # only who asks waits

    return _file(procedures_csv(iterate_records(get_state().session)), CSV_TYPE, "csv")


@requires("enter")
def send_xlsx() -> ResponseReturnValue:
    """Send the whole list as an Excel workbook."""
    from cchc_public.exports.procedures import XLSX_TYPE, procedures_xlsx

    return _file(procedures_xlsx(iterate_records(get_state().session)), XLSX_TYPE, "xlsx")


def _file(body: bytes, kind: str, ending: str) -> Response:
    state = get_state()
    record(state.session, state.actor(), "export.procedures", "procedure", format=ending)
    state.session.commit()
    response = Response(body, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="thu-tuc.{ending}"'
    return response
