"""One table of a release as data: CSV in rows that read back, JSON with what one needs to know."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from cchc_public.releases.published import PublishedFinding, PublishedRelease, PublishedTable
from cchc_public.tables.language import Form, Formula
from cchc_public.tables.solved import Rate, SolvedRow, SolvedTable, SolvedValue
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
    buffer = io.StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer, delimiter=";" if for_excel else ",", lineterminator="\r\n")
    writer.writerow(header_names(table.form))
    for row in (*table.rows, *filter(None, (table.total,))):
        labels = (neutralize(words) for words in list_labels(table.form, row))
        cells = (row.values.get(column.key) for column in table.form.columns)
        writer.writerow([*labels, *(write_cell(cell, for_excel=for_excel) for cell in cells)])
    return buffer.getvalue()


def header_names(table: Form) -> list[str]:
    """Return the machine names of all columns, those of the row labels first."""
    if not table.shape.has_labels:
        label_names: tuple[str, ...] = ()
    elif table.shape.has_sections:
        label_names = (*SECTION_NAMES, table.row_name)
    else:
        label_names = (table.row_name,)
    return [*label_names, *(column.name for column in table.columns)]


def list_labels(table: Form, row: SolvedRow) -> Iterator[str]:
    """Yield the words that stand before the figures of a row."""
    if not table.shape.has_labels:
        return
    if table.shape.has_sections:
        # the key is section and number, "III.6"; the section has its own column
        yield from (row.section, row.section_label, row.key.removeprefix(f"{row.section}."))
    yield row.label


def write_cell(value: SolvedValue, *, for_excel: bool = False) -> str:
    """Write one cell for machines: plain digits, decimal point, empty when unknown."""
    number = value.percent if isinstance(value, Rate) else value
    if number is None:
        return ""
    if isinstance(number, int | Decimal):
        text = write_number(number)
        return text.replace(".", ",") if for_excel else text
    return neutralize(number)


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
    evaluated = table.evaluated
    # what names the reporting period
    period = release.period
    return {
        "schema": SCHEMA,
        "authority": asdict(release.authority),
        "period": {
            "slug": period.slug,
            "title": period.title,
            "kind": period.kind.value,
            "year": period.year,
            "ordinal": period.ordinal,
        },
        "release": describe_release(release),
        "data_from": table.data_from.isoformat(),
        "data_to": table.data_to.isoformat(),
        "table": describe_table(table.definition),
        "columns": [
            {
                "name": c.name,
                "key": c.key,
                "label": c.label,
                "header": list(c.header),
                "number": c.number,
                "kind": c.kind.value,
                "unit": c.unit or table.definition.unit,
                "formula": _formula(table.definition, c.formula),
                "note": c.note,
            }
            for c in table.definition.columns
        ],
        "rows": [_row(table.definition, row) for row in evaluated.rows],
        "groups": [_row(table.definition, row) for row in evaluated.groups],
        "details": [_row(table.definition, row) for row in evaluated.details],
        "total": _row(table.definition, evaluated.total) if evaluated.total else None,
        "findings": [describe_finding(table.definition, f) for f in table.findings],
    }


def describe_release(release: PublishedRelease) -> dict[str, Any]:
    """Return which publication the figures are from, and its fingerprint."""
    return {
        "number": release.number,
        "kind": release.kind.value,
        "reason": release.reason,
        "published_at": release.published_at.isoformat(),
        "published_by": release.published_by,
        "digest": release.digest,
        "previous_digest": release.previous_digest or None,
    }


def describe_table(table: Form) -> dict[str, Any]:
    """Return the form: code, edition, legal source, unit, how it is counted."""
    return {
        "code": table.code,
        "edition": table.edition,
        "title": table.title,
        "form_code": table.form_code,
        "legal_source": table.legal_source,
        "unit": table.unit,
        "row_name": table.row_name,
        "counting_rule": table.counting_rule,
        "notes": list(table.notes),
        "csv_header": header_names(table),
    }


def _formula(form: Form, formula: Formula | None) -> dict[str, Any] | None:
    def names(keys: tuple[str, ...]) -> list[str]:
        return [form.table.quantity(key).name for key in keys]

    if formula is None:
        return None
    if formula.over:
        parts = {"numerator": names(formula.plus), "denominator": names(formula.over)}
    elif formula.minus:
        minuend = {"minuend": names(formula.plus)[0]}
        return {"type": formula.kind, **minuend, "subtrahends": names(formula.minus)}
    else:
        parts = {"parts": names(formula.plus)}
    return {"type": formula.kind, **parts}


def _row(table: Form, row: SolvedRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "label": row.label,
        "section": row.section,
        "section_label": row.section_label,
        "values": {c.name: describe_value(row.values.get(c.key)) for c in table.columns},
        "stated": _stated(table, row.stated),
        "origins": {
            c.name: origin.value
            for c in table.columns
            if (origin := row.origin(c.key)) not in (Origin.GIVEN, Origin.UNKNOWN)
        },
        "expected": _stated(table, row.expected),
        "source_only": [c.name for c in table.columns if c.key in row.unconfirmed],
    }


def _stated(table: Form, stated: Mapping[str, Number]) -> dict[str, int | float]:
    return {c.name: _number(stated[c.key]) for c in table.columns if c.key in stated}


def describe_value(value: SolvedValue) -> Any:
    """Return a JSON value; a rate keeps its fraction, unknown is null and never 0."""
    if isinstance(value, Rate):
        return {
            "numerator": _optional(value.numerator),
            "denominator": _optional(value.denominator),
            "percent": _optional(value.percent),
        }
    return _number(value) if isinstance(value, Decimal) else value


def _optional(value: int | Decimal | None) -> int | float | None:
    return None if value is None else _number(value)


def _number(value: int | Decimal) -> int | float:
    # The shortest text of the float has the same digits as the Decimal (tested).
    return int(value) if value == int(value) else float(value)


def describe_finding(table: Form | None, finding: PublishedFinding) -> dict[str, Any]:
    """Return a note with the commune's reason."""
    known = {c.key: c.name for c in table.columns} if table else {}
    return {
        "severity": finding.severity.value,
        "rule": finding.rule,
        "table": finding.table,
        "row": finding.row,
        "column": known.get(finding.column, finding.column),
        "message": finding.message,
        "found": finding.found,
        "expected": finding.expected,
        "reason": finding.reason,
        "reason_by": finding.reason_by,
    }
