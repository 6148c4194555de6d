"""A sheet: the base cells of one table for one period, as plain values without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from cchc_public.statutory.table import StatutoryTable, ValueKind

Value = int | Decimal | str | None


@dataclass(frozen=True)
class Row:
    """One row: ``cells`` are base cells by column key (absent or None = chưa có số liệu).

    ``stated`` are totals and rates exactly as a source printed them, by column key: compared,
    shown as "theo nguồn", never trusted. ``unread`` keeps text staff typed that could not be read.
    """

    key: str
    label: str
    section: str = ""  # code of the section, e.g. "III"
    section_label: str = ""
    cells: Mapping[str, Value] = field(default_factory=dict)
    stated: Mapping[str, Decimal] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """All rows of one table in one period, with the data window the source printed for it.

    ``stated_total`` is the total row a source printed, by column key.
    """

    table_code: str
    edition: str
    data_from: date | None = None
    data_to: date | None = None
    rows: tuple[Row, ...] = ()
    stated_total: Mapping[str, Decimal] = field(default_factory=dict)

    def row(self, key: str) -> Row | None:
        """Return the row ``key`` or None."""
        return next((row for row in self.rows if row.key == key), None)

    @property
    def is_empty(self) -> bool:
        """True when no base cell holds a figure or text."""
        return not any(v not in (None, "") for row in self.rows for v in row.cells.values())

    def with_window(self, data_from: date | None, data_to: date | None) -> Sheet:
        """Return a copy with another data window."""
        return replace(self, data_from=data_from, data_to=data_to)


def sheet_to_json(sheet: Sheet) -> dict[str, Any]:
    """Return the sheet as JSON-ready data; decimals become strings so that no digit is lost."""
    return {
        "table": sheet.table_code,
        "edition": sheet.edition,
        "data_from": sheet.data_from.isoformat() if sheet.data_from else None,
        "data_to": sheet.data_to.isoformat() if sheet.data_to else None,
        "rows": [_row_to_json(row) for row in sheet.rows],
        "stated_total": {k: str(v) for k, v in sheet.stated_total.items()},
    }


def sheet_from_json(data: Mapping[str, Any], table: StatutoryTable) -> Sheet:
    """Return the sheet that ``sheet_to_json`` wrote; ``table`` tells which strings are numbers."""
    return Sheet(
        table_code=data["table"],
        edition=data["edition"],
        data_from=_date(data.get("data_from")),
        data_to=_date(data.get("data_to")),
        rows=tuple(_row_from_json(row, table) for row in data.get("rows", ())),
        stated_total=_decimals(data.get("stated_total", {})),
    )


def _row_to_json(row: Row) -> dict[str, Any]:
    cells = {k: str(v) if isinstance(v, Decimal) else v for k, v in row.cells.items()}
    return {
        "key": row.key,
        "label": row.label,
        "section": row.section,
        "section_label": row.section_label,
        "cells": cells,
        "stated": {k: str(v) for k, v in row.stated.items()},
        "unread": dict(row.unread),
    }


def _row_from_json(data: Mapping[str, Any], table: StatutoryTable) -> Row:
    numbers = {c.key for c in table.columns if c.kind is ValueKind.NUMBER}
    cells = {
        key: Decimal(value) if key in numbers and value is not None else value
        for key, value in data.get("cells", {}).items()
    }
    return Row(
        key=data["key"],
        label=data["label"],
        section=data.get("section", ""),
        section_label=data.get("section_label", ""),
        cells=cells,
        stated=_decimals(data.get("stated", {})),
        unread=dict(data.get("unread", {})),
    )


def _decimals(data: Mapping[str, str]) -> dict[str, Decimal]:
    return {key: Decimal(value) for key, value in data.items()}


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
