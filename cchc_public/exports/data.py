"""Data for other programs: tables as CSV and JSON, the procedure list as CSV, days as calendars."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cchc_public.procedures import ProcedureRecord
from cchc_public.procedures.cells import HEADERS, to_cells
from cchc_public.releases.published import PublishedRelease, PublishedTable
from cchc_public.tables.language import Form, Formula
from cchc_public.tables.sheet import Rate, SolvedRow, SolvedTable, SolvedValue, number_in
from cchc_public.tables.solving import Origin
from cchc_public.vietnamese.numbers import Number
from cchc_public.vietnamese.text import neutralize

BOM = "\ufeff"  # without it Excel on Windows reads UTF-8 as the local code page
SECTION_NAMES = ("muc", "ten_muc", "tt")


def render_csv(table: SolvedTable, *, for_excel: bool = False) -> str:
    """Return the table as text with BOM and CRLF, the same figures as on the page.

    ``for_excel``: parted and pointed as Excel on a Vietnamese machine reads it, where a semicolon
    parts cells and a comma the decimals; with a point a rate would become text, or a date.
    """
    form, buffer = table.form, io.StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer, delimiter=";" if for_excel else ",", lineterminator="\r\n")
    writer.writerow(header_names(form))
    for row in (*table.rows, *filter(None, (table.total,))):
        # the key is section and number, "III.6"; the section has its own column
        number = row.key.removeprefix(f"{row.section}.")
        section = (row.section, row.section_label, number) if form.shape.has_sections else ()
        label = (row.label,) if form.shape.has_labels else ()
        cells = (*section, *label, *(row.values.get(column.key) for column in form.columns))
        writer.writerow([_write_cell(cell, "," if for_excel else ".") for cell in cells])
    return buffer.getvalue()


def header_names(form: Form) -> list[str]:
    """Return the machine names of all columns, those of the row labels first."""
    section = SECTION_NAMES if form.shape.has_sections else ()
    label = (form.row_name,) if form.shape.has_labels else ()
    return [*section, *label, *(column.name for column in form.columns)]


def _write_cell(value: SolvedValue, point: str) -> str:
    """Write one cell for machines: plain digits, decimal point, empty when unknown."""
    number = number_in(value)
    if number is not None:
        return write_number(number).replace(".", point)
    return neutralize(value) if isinstance(value, str) else ""


def write_number(value: int | Decimal) -> str:
    """Write a number; never with exactly three decimals, which read as thousands in Vietnam."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text + "0" if len(text.partition(".")[2]) == 3 else text


SCHEMA = "cchc-table/1"


def render_json(release: PublishedRelease, table: PublishedTable) -> str:
    """Return the document as text; Vietnamese letters stay readable."""
    return json.dumps(build_document(release, table), ensure_ascii=False, indent=1) + "\n"


def build_document(release: PublishedRelease, table: PublishedTable) -> dict[str, Any]:
    """Return everything a reader needs to use the figures without asking."""
    form, period, solved = table.definition, release.period, table.evaluated
    # a column goes by the name of its CSV heading
    known = {column.key: column.name for column in form.columns}
    return {
        "schema": SCHEMA,
        "authority": asdict(release.authority),
        "period": {
            **_plain(period, "slug", "title"),
            "kind": period.kind.value,
            **_plain(period, "year", "ordinal"),
        },
        "release": {
            "number": release.number,
            "kind": release.kind.value,
            "reason": release.reason,
            "published_at": release.published_at.isoformat(),
            **_plain(release, "published_by", "digest"),
            "previous_digest": release.previous_digest or None,
        },
        "data_from": table.data_from.isoformat(),
        "data_to": table.data_to.isoformat(),
        "table": {
            **_plain(form, "code", "edition", "title", "form_code", "legal_source", "unit"),
            **_plain(form, "row_name", "counting_rule"),
            "notes": list(form.notes),
            "csv_header": header_names(form),
        },
        "columns": [
            {
                **_plain(column, "name", "key", "label"),
                "header": list(column.header),
                "number": column.number,
                "kind": column.kind.value,
                "unit": column.unit or form.unit,
                "formula": _formula(form, column.formula),
                "note": column.note,
            }
            for column in form.columns
        ],
        **{
            name: [_row(form, row) for row in getattr(solved, name)]
            for name in ("rows", "groups", "details")
        },
        "total": _row(form, solved.total) if solved.total else None,
        "findings": [
            {
                "severity": finding.severity.value,
                **_plain(finding, "rule", "table", "row"),
                "column": known.get(finding.column, finding.column),
                **_plain(finding, "message", "found", "expected", "reason", "reason_by"),
            }
            for finding in table.findings
        ],
    }


def _plain(owner: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(owner, name) for name in names}


def _formula(form: Form, formula: Formula | None) -> dict[str, Any] | None:
    if formula is None:
        return None
    plus, minus, over = (
        [form.table.quantity(key).name for key in keys]
        for keys in (formula.plus, formula.minus, formula.over)
    )
    parts: dict[str, dict[str, Any]] = {
        "sum": {"parts": plus},
        "difference": {"minuend": plus[0], "subtrahends": minus},
        "ratio": {"numerator": plus, "denominator": over},
    }
    return {"type": formula.kind, **parts[formula.kind]}


def _row(form: Form, row: SolvedRow) -> dict[str, Any]:
    origins = {column.name: row.origin(column.key) for column in form.columns}
    return {
        **_plain(row, "key", "label", "section", "section_label"),
        "values": {c.name: describe_value(row.values.get(c.key)) for c in form.columns},
        "stated": _stated(form, row.stated),
        "origins": {
            name: origin.value
            for name, origin in origins.items()
            if origin not in (Origin.GIVEN, Origin.UNKNOWN)
        },
        "expected": _stated(form, row.expected),
        "source_only": [c.name for c in form.columns if c.key in row.unconfirmed],
    }


def _stated(form: Form, stated: Mapping[str, Number]) -> dict[str, Any]:
    return {c.name: describe_value(stated[c.key]) for c in form.columns if c.key in stated}


def describe_value(value: SolvedValue) -> Any:
    """Return a JSON value; a rate keeps its fraction, unknown is null and never 0."""
    if isinstance(value, Rate):
        parts = ("numerator", "denominator", "percent")
        return {name: describe_value(getattr(value, name)) for name in parts}
    if isinstance(value, Decimal):
        # the shortest text of the float has the same digits as the Decimal (tested)
        return int(value) if value == int(value) else float(value)
    return value


_DAYS = [field.name for field in fields(ProcedureRecord) if field.type == "date | None"]


def procedures_csv(records: Iterable[ProcedureRecord]) -> bytes:
    """Return the procedures as the table their import reads, so that Excel opens it rightly.

    Days are written 2025-07-01: a program set to American English takes 01/07/2025 for 7 January
    and would bring that back without a word (seen with LibreOffice). The workbook holds text.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADERS.values())
    for record in records:
        days = {key: getattr(record, key) for key in _DAYS}
        cells = {**to_cells(record), **{key: day.isoformat() for key, day in days.items() if day}}
        writer.writerow([neutralize(text) for text in cells.values()])
    return (BOM + out.getvalue()).encode()


def days_ics(
    purpose: str, events: Iterable[tuple[date, Mapping[str, Any]]], name: str = ""
) -> bytes:
    """Return days with what is said of each as an iCalendar file that phones subscribe to.

    Events last all day: hours are words, not instants.
    """
    from icalendar import Calendar, Event  # only who asks waits for it

    calendar = Calendar()
    calendar.add("prodid", f"-//cchc_public//{purpose}//VI")
    calendar.add("version", "2.0")
    if name:
        calendar.add("x-wr-calname", name)
    for day, properties in events:
        event = Event()
        for key, value in {"dtstart": day, "dtend": day + timedelta(days=1), **properties}.items():
            event.add(key, value)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
