"""A sheet: what sources and staff state for one table in one period, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from cchc_public.tables.language import Form, ValueKind

Value = int | Decimal | str | None

LABEL, ORDINAL = "#ten", "#tt"  # the columns before the figures: row name, running number
TOTAL_KEY = "tong-cong"
TOTAL_LABEL = "Tổng cộng"


@dataclass(frozen=True)
class Row:
    """One row: ``cells`` are the given values by quantity (absent or None = chưa có số liệu).

    Any quantity of the table may be given, sums and rates (in percent, as printed) included.
    ``sources`` marks what was copied from the period before and not touched since; ``unread`` keeps
    text that could not be read.
    ``section`` is the key of the group the row stands in, e.g. "III".
    """

    key: str
    label: str
    section: str = ""
    section_label: str = ""
    cells: Mapping[str, Value] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def given(self) -> dict[str, Value]:
        """The cells that say something."""
        return {key: value for key, value in self.cells.items() if value not in (None, "")}


NO_TOTAL = Row(TOTAL_KEY, TOTAL_LABEL)


@dataclass(frozen=True)
class Sheet:
    """All that is given for one table in one period, as a tree: total > group > row > detail.

    ``groups`` are group rows with figures of their own (their key is the ``section`` of the rows
    below); ``details`` are rows below a row (their ``section`` is that row's key). ``unplaced``
    names columns of the source that have no place in the table.
    """

    table_code: str
    edition: str
    data_from: date | None = None
    data_to: date | None = None
    rows: tuple[Row, ...] = ()
    total: Row = NO_TOTAL
    groups: tuple[Row, ...] = ()
    details: tuple[Row, ...] = ()
    unplaced: tuple[str, ...] = ()

    def row(self, key: str) -> Row | None:
        """Return the row ``key`` (also the total, a group or a detail) or None."""
        return next((row for row in self.all_rows if row.key == key), None)

    @property
    def all_rows(self) -> Iterator[Row]:
        """Rows, details, groups and the total."""
        yield from (*self.rows, *self.details, *self.groups, self.total)

    @property
    def is_empty(self) -> bool:
        """True when nothing is given anywhere."""
        return not any(row.given for row in self.all_rows)

    @property
    def given_keys(self) -> set[str]:
        """The quantities for which some row gives a value."""
        return {key for row in self.all_rows for key in row.given}

    def with_window(self, data_from: date | None, data_to: date | None) -> Sheet:
        """Return a copy with another data window."""
        return replace(self, data_from=data_from, data_to=data_to)


def sheet_to_json(sheet: Sheet) -> dict[str, Any]:
    """Return the sheet as JSON-ready data; decimals become strings so that no digit is lost."""
    data: dict[str, Any] = {
        "table": sheet.table_code,
        "edition": sheet.edition,
        "data_from": sheet.data_from.isoformat() if sheet.data_from else None,
        "data_to": sheet.data_to.isoformat() if sheet.data_to else None,
        "rows": [row_to_json(row) for row in sheet.rows],
        "total": row_to_json(sheet.total),
    }
    for name, rows in (("groups", sheet.groups), ("details", sheet.details)):
        if rows:
            data[name] = [row_to_json(row) for row in rows]
    if sheet.unplaced:
        data["unplaced"] = list(sheet.unplaced)
    return data


def sheet_from_json(data: Mapping[str, Any], form: Form) -> Sheet:
    """Return the sheet that ``sheet_to_json`` wrote, now or in its first edition.

    The first edition parted what staff typed (``cells``) from what a source printed (``stated``,
    ``stated_total``); both are given values. ``form`` tells which texts are numbers.
    """
    total = data.get("total") or {"cells": {}, "stated": data.get("stated_total", {})}
    return Sheet(
        table_code=data["table"],
        edition=data["edition"],
        data_from=_date(data.get("data_from")),
        data_to=_date(data.get("data_to")),
        rows=_rows(data.get("rows", ()), form),
        total=row_from_json({"key": TOTAL_KEY, "label": TOTAL_LABEL, **total}, form),
        groups=_rows(data.get("groups", ()), form),
        details=_rows(data.get("details", ()), form),
        unplaced=tuple(data.get("unplaced", ())),
    )


def row_to_json(row: Row) -> dict[str, Any]:
    """Return one row as JSON-ready data."""
    data: dict[str, Any] = {
        "key": row.key,
        "label": row.label,
        "section": row.section,
        "section_label": row.section_label,
        "cells": {k: str(v) if isinstance(v, Decimal) else v for k, v in row.cells.items()},
        "unread": dict(row.unread),
    }
    return {**data, "sources": dict(row.sources)} if row.sources else data


def row_from_json(data: Mapping[str, Any], form: Form) -> Row:
    """Return the row that ``row_to_json`` wrote."""
    given = {**data.get("stated", {}), **data.get("cells", {})}
    return Row(
        key=data["key"],
        label=data["label"],
        section=data.get("section", ""),
        section_label=data.get("section_label", ""),
        cells={key: _value(value, form, key) for key, value in given.items()},
        sources=dict(data.get("sources", {})),
        unread=dict(data.get("unread", {})),
    )


def _rows(data: Iterable[Mapping[str, Any]], form: Form) -> tuple[Row, ...]:
    return tuple(row_from_json(row, form) for row in data)


def _value(value: Any, form: Form, key: str) -> Value:
    quantity = form.table.by_key.get(key)
    if value is None or quantity is None or quantity.kind is ValueKind.TEXT:
        result: Value = value
        return result
    number = Decimal(value)
    is_whole = quantity.kind is ValueKind.COUNT and number == number.to_integral_value()
    return int(number) if is_whole else number


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
