"""What a clerk typed into a sheet's screen, as text; form data in, a sheet back out.

Field names: ``r3.key``, ``r3.label``, ``r3.section``, ``r3.section_label``, ``r3.remove``,
``r3.c.<column>`` (the cell), ``r3.theirs.<column>`` (after a conflict: leave the stored one),
``r3.pick.<column>`` and ``r3.was.<column>`` (the reading chosen for the text it was offered for),
``r3.unstate.<column>`` and ``total.unstate.<column>`` (drop a source's printed figure),
``data_from``, ``data_to``, ``version``. A field that did not arrive is not an empty one: it
changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from cchc_public.errors import ImportRejected
from cchc_public.i18n import _
from cchc_public.tables.language import Column, Form, ValueKind
from cchc_public.tables.sheet import Row, Sheet, Value
from cchc_public.vietnamese.cleaning import clean_text
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import format_number

MAX_ROWS = 500
MAX_NUMBER_TEXT = 200  # more than any figure needs; the rest of a mis-pasted text is cut

_ROW_FIELD = re.compile(r"([rgd])(\d{1,5})\.(?:key|label|section|c\.|remove)")
TOTAL = "total"  # prefix of the fields of the grand total
_KEY = re.compile(r"[\w.\-]{1,100}")


@dataclass(frozen=True)
class RowInput:
    """One row as typed; a new row has no ``key``; ``cells`` lacks what did not arrive."""

    key: str = ""
    label: str | None = None
    section: str = ""
    section_label: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    picks: Mapping[str, str] = field(default_factory=dict)
    is_removed: bool = False

    @property
    def is_blank(self) -> bool:
        """True for an offered new row that nobody filled."""
        return not self.key and not self.label and not any(self.cells.values())


@dataclass(frozen=True)
class SheetInput:
    """A whole sheet as typed, and the version of the sheet it was typed over."""

    rows: tuple[RowInput, ...] = ()
    data_from: str | None = None
    data_to: str | None = None
    version: int = 0
    total: RowInput = RowInput()
    groups: tuple[RowInput, ...] = ()
    details: tuple[RowInput, ...] = ()

    def with_blank_rows(self, count: int) -> SheetInput:
        """Return a copy that offers ``count`` empty rows at its end."""
        filled = tuple(row for row in self.rows if not row.is_blank)
        return replace(self, rows=filled + (RowInput(label=""),) * count)


def can_add_rows(table: Form) -> bool:
    """Return whether the commune itself words the rows of ``table``."""
    return table.shape.is_open


def read_form(table: Form, form: Mapping[str, str]) -> SheetInput:
    """Return what the posted ``form`` says about a sheet of ``table``.

    Raises ``ImportRejected`` when it has more rows than a commune's table can have.
    """
    found = {(m[1], int(m[2])) for name in form if (m := _ROW_FIELD.match(name))}
    if len(found) > MAX_ROWS:
        raise ImportRejected(
            _(
                "Bảng gửi lên có %(found)s dòng; mỗi biểu nhận tối đa %(limit)s dòng. Chưa lưu gì.",
                found=format_number(len(found)),
                limit=MAX_ROWS,
            )
        )
    levels: dict[str, list[RowInput]] = {"r": [], "g": [], "d": []}
    for level, index in sorted(found):
        levels[level].append(_read_row(table, form, f"{level}{index}"))
    return SheetInput(
        rows=tuple(row for row in levels["r"] if not row.is_blank),
        groups=tuple(levels["g"]),
        details=tuple(levels["d"]),
        total=_read_row(table, form, TOTAL),
        data_from=_text(form, "data_from"),
        data_to=_text(form, "data_to"),
        version=read_version(form.get("version", "")),
    )


def read_version(text: str) -> int:
    """Return the version a form was opened with, 0 for anything that is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,8}", text) else 0


def _text(form: Mapping[str, str], name: str) -> str | None:
    """Return a field's text; None when it did not arrive or the stored value was preferred."""
    prefix, _dot, last = name.rpartition(".")
    taken = f"{prefix.removesuffix('.c')}.theirs.{last}".lstrip(".")
    value = None if taken in form else form.get(name)
    return None if value is None else clean_text(value)


def _read_row(table: Form, form: Mapping[str, str], prefix: str) -> RowInput:
    return RowInput(
        key=key if _KEY.fullmatch(key := form.get(f"{prefix}.key", "")) else "",
        label=_text(form, f"{prefix}.label"),
        section=clean_text(form.get(f"{prefix}.section", "")),
        section_label=clean_text(form.get(f"{prefix}.section_label", "")),
        cells=dict(_read_cells(table, form, prefix)),
        picks=dict(_read_picks(table, form, prefix)),
        is_removed=f"{prefix}.remove" in form,
    )


def _read_cells(table: Form, form: Mapping[str, str], prefix: str) -> Iterator[tuple[str, str]]:
    for column in table.columns:
        text = _text(form, f"{prefix}.c.{column.key}")
        if text is not None:
            yield column.key, text if column.kind is ValueKind.TEXT else text[:MAX_NUMBER_TEXT]


def _read_picks(table: Form, form: Mapping[str, str], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the chosen readings whose cell still holds the text they were offered for."""
    for column in table.columns:
        pick = _text(form, f"{prefix}.pick.{column.key}")
        offered_for = _text(form, f"{prefix}.was.{column.key}")
        if pick and offered_for == _text(form, f"{prefix}.c.{column.key}"):
            yield column.key, pick


def input_of(table: Form, sheet: Sheet, version: int) -> SheetInput:
    """Return the stored ``sheet`` as the texts its screen shows."""
    return SheetInput(
        rows=tuple(_row_input(table, row) for row in sheet.rows),
        groups=tuple(_row_input(table, row) for row in sheet.groups),
        details=tuple(_row_input(table, row) for row in sheet.details),
        total=_row_input(table, sheet.total),
        data_from=date_text(sheet.data_from),
        data_to=date_text(sheet.data_to),
        version=version,
    )


def _row_input(table: Form, row: Row) -> RowInput:
    return RowInput(
        key=row.key,
        label=row.label,
        section=row.section,
        section_label=row.section_label,
        cells={column.key: shown_text(column, row) for column in table.columns},
    )


def shown_text(column: Column, row: Row) -> str:
    """Return the text of one stored cell: what could not be read stays as it was typed."""
    return row.unread.get(column.key) or cell_text(column, row.cells.get(column.key))


def cell_text(column: Column, value: Value) -> str:
    """Return ``value`` so that reading it again gives the same value without doubt."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")  # no thousands mark: "1.714" would be ambiguous
    if column.kind is ValueKind.COUNT:
        return format_number(int(value))
    return str(value)


def date_text(day: date | None) -> str:
    """Return ``day`` as 12/06/2023, empty when unknown."""
    return format_date(day) if day else ""
