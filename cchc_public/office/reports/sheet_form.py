"""What a clerk typed into a sheet's screen: form data in, a sheet out, what hinders saving.

Field names: ``r3.key``, ``r3.label``, ``r3.section``, ``r3.section_label``, ``r3.remove``,
``r3.c.<column>`` (the cell), ``r3.theirs.<column>`` (after a conflict: leave the stored one),
``r3.pick.<column>`` and ``r3.was.<column>`` (the reading chosen for the text it was offered for),
``data_from``, ``data_to``, ``version``; ``g`` and ``d`` for groups and details, ``total``. A field
that did not arrive is not an empty one: it changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from cchc_public.errors import ImportRejected
from cchc_public.office.frame import read_version
from cchc_public.store import AuditEntry
from cchc_public.store.audit import ConflictCell, read_value
from cchc_public.tables.language import Column, Form, ValueKind
from cchc_public.tables.registry import row_key, task_key
from cchc_public.tables.sheet import TOTAL_KEY, Row, Sheet, Value
from cchc_public.vietnamese.dates import format_date, read_date
from cchc_public.vietnamese.numbers import Ambiguous, Reading, Unreadable, format_number
from cchc_public.vietnamese.text import clean_text, search_key

MAX_ROWS = 500
MAX_LABEL = 500
MAX_TEXT = 4000
MAX_NUMBER_TEXT = 200  # more than any figure needs; the rest of a mis-pasted text is cut
Place = tuple[str, str]  # row key, column key
TOTAL = "total"  # prefix of the fields of the grand total

_ROW_FIELD = re.compile(r"([rgd])(\d{1,5})\.(?:key|label|section|c\.|remove)")
_KEY = re.compile(r"[\w.\-]{1,100}")
_WRITTEN_NUMBER = re.compile(r"-?\d{1,3}(\.\d{3})*(,\d+)?")


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
    """A whole sheet as typed, and the version of the sheet it was typed over.

    ``fields`` holds its rows by the prefix of their names; the letter of a prefix tells the level.
    """

    fields: Mapping[str, RowInput] = field(default_factory=dict)
    data_from: str | None = None
    data_to: str | None = None
    version: int = 0

    def with_rows(self, *added: RowInput) -> SheetInput:
        """Return a copy with further rows after those that are filled."""
        filled = {prefix: row for prefix, row in self.fields.items() if not row.is_blank}
        first = 1 + max((int(prefix[1:]) for prefix in filled if prefix[0] == "r"), default=-1)
        new = {f"r{number}": row for number, row in enumerate(added, first)}
        return replace(self, fields={**filled, **new})

    def with_blank_row(self) -> SheetInput:
        """Return a copy that offers one empty row at its end."""
        return self.with_rows(RowInput(label=""))


@dataclass
class SheetReading:
    """The sheet as read, how its figures were read, and what hinders saving (empty: nothing)."""

    sheet: Sheet
    notes: list[tuple[str, str, str]] = field(default_factory=list)  # row, column, told once
    problems: dict[str, str] = field(default_factory=dict)  # by the name of the field


def read_form(table: Form, form: Mapping[str, str]) -> SheetInput:
    """Return what the posted ``form`` says about a sheet of ``table``.

    Raises ``ImportRejected`` when it has more rows than a commune's table can have.
    """
    found = {(m[1], int(m[2])) for name in form if (m := _ROW_FIELD.match(name))}
    if len(found) > MAX_ROWS:
        raise ImportRejected(
            f"Bảng gửi lên có {format_number(len(found))} dòng; mỗi biểu nhận tối đa {MAX_ROWS} "
            "dòng. Chưa lưu gì."
        )

    def text(name: str) -> str | None:
        """Return a field's text; None when it did not arrive or the stored one was preferred."""
        prefix, _dot, last = name.rpartition(".")
        taken = f"{prefix.removesuffix('.c')}.theirs.{last}".lstrip(".")
        value = None if taken in form else form.get(name)
        return None if value is None else clean_text(value)

    def cells(prefix: str) -> Iterator[tuple[str, str]]:
        for column in table.columns:
            typed = text(f"{prefix}.c.{column.key}")
            if typed is not None:
                is_words = column.kind is ValueKind.TEXT
                yield column.key, typed if is_words else typed[:MAX_NUMBER_TEXT]

    def row(prefix: str) -> RowInput:
        typed = dict(cells(prefix))
        # a chosen reading holds while its cell still has the text it was offered for
        picks = {key: text(f"{prefix}.pick.{key}") for key in typed}
        return RowInput(
            key=key if _KEY.fullmatch(key := form.get(f"{prefix}.key", "")) else "",
            label=text(f"{prefix}.label"),
            section=clean_text(form.get(f"{prefix}.section", "")),
            section_label=clean_text(form.get(f"{prefix}.section_label", "")),
            cells=typed,
            picks={
                key: pick
                for key, pick in picks.items()
                if pick and text(f"{prefix}.was.{key}") == text(f"{prefix}.c.{key}")
            },
            is_removed=f"{prefix}.remove" in form,
        )

    typed = {prefix: row(prefix) for prefix in (f"{letter}{n}" for letter, n in sorted(found))}
    filled = {prefix: one for prefix, one in typed.items() if not one.is_blank}
    return SheetInput(
        fields={**filled, TOTAL: replace(row(TOTAL), key=TOTAL_KEY)},
        data_from=text("data_from"),
        data_to=text("data_to"),
        version=read_version(form.get("version", "")),
    )


def input_of(table: Form, sheet: Sheet, version: int) -> SheetInput:
    """Return the stored ``sheet`` as the texts its screen shows."""

    fields = {}
    for letter, rows in levels_of(sheet).items():
        for number, row in enumerate(rows):
            cells = {column.key: shown_text(column, row) for column in table.columns}
            shown = RowInput(row.key, row.label, row.section, row.section_label, cells)
            fields[TOTAL if letter == TOTAL[0] else f"{letter}{number}"] = shown
    window = (date_text(sheet.data_from), date_text(sheet.data_to))
    return SheetInput(fields, *window, version=version)


def levels_of(sheet: Sheet) -> dict[str, tuple[Row, ...]]:
    """Return the rows of a sheet by the letter with which the names of their fields begin."""
    return {"r": sheet.rows, "g": sheet.groups, "d": sheet.details, TOTAL[0]: (sheet.total,)}


def shown_text(column: Column, row: Row) -> str:
    """Return the text of one stored cell: what could not be read stays as it was typed."""
    return row.unread.get(column.key) or cell_text(column, row.cells.get(column.key))


def cell_text(column: Column, value: Value) -> str:
    """Return ``value`` so that reading it again gives the same value without doubt."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")  # no thousands mark: "1.714" would be ambiguous
    return format_number(int(value)) if column.kind is ValueKind.COUNT else str(value)


def date_text(day: date | None) -> str:
    """Return ``day`` as 12/06/2023, empty when unknown."""
    return format_date(day) if day else ""


def unit_of(column: Column, *rows: Mapping[str, Value]) -> str:
    """Return the unit that the row itself names for a figure, empty when it names none."""
    named = (cells.get(column.quantity.unit_in) for cells in rows if column.quantity.unit_in)
    return next((unit for unit in named if isinstance(unit, str) and unit), "")


def read_sheet(table: Form, given: SheetInput, base: Sheet) -> SheetReading:
    """Lay ``given`` over ``base``: rows and cells that did not arrive stay as they are."""
    result = SheetReading(base)
    laid = {letter: {row.key: row for row in rows} for letter, rows in levels_of(base).items()}
    rows = laid["r"]
    for prefix, one in given.fields.items():
        level, is_row = laid[prefix[0]], prefix[0] == "r"
        if is_row and one.is_removed:
            rows.pop(one.key, None)
        elif (one.key in level or is_row) and not one.is_blank:
            old = level.get(one.key) or _new_row(table, one, rows)
            row = _lay_over(table, one, old, result, prefix)
            if is_row and one.label is not None and table.shape.is_open:
                row = replace(row, label=" ".join(one.label.split()))
                _check_label(table, row, rows, result, prefix)
            level[row.key] = row
    ordered = list(rows.values())
    if table.shape.has_sections:
        # rows of one section together, sections in the order they first appear
        sections = list(dict.fromkeys(row.section for row in ordered))
        ordered.sort(key=lambda row: sections.index(row.section))
    result.sheet = replace(
        base,
        rows=tuple(ordered),
        data_from=_read_day(given.data_from, base.data_from, "data_from", result),
        data_to=_read_day(given.data_to, base.data_to, "data_to", result),
        total=laid[TOTAL[0]][base.total.key],
        groups=tuple(laid["g"].values()),
        details=tuple(laid["d"].values()),
    )
    return result


def _new_row(table: Form, given: RowInput, rows: Mapping[str, Row]) -> Row:
    if not table.shape.has_sections:
        return Row(given.key or row_key(table, (given.label or "")[:80], rows), "")
    section, labels = given.section, {row.section: row.section_label for row in rows.values()}
    number = 1 + sum(row.section == section for row in rows.values())
    while task_key(section, number) in rows:
        number += 1
    key = given.key or task_key(section, number)
    return Row(key, "", section, labels.get(section, given.section_label))


def _check_label(
    table: Form, row: Row, rows: Mapping[str, Row], result: SheetReading, prefix: str
) -> None:
    label, has_sections = row.label, table.shape.has_sections
    others = {search_key(other.label) for other in rows.values() if other.key != row.key}
    if not label:
        words = "Dòng này có số liệu nhưng chưa có tên. Ghi tên, hoặc đánh dấu xóa dòng."
        result.problems[f"{prefix}.label"] = words
    elif len(label) > MAX_LABEL:
        result.problems[f"{prefix}.label"] = f"Tên dòng dài quá {MAX_LABEL} ký tự."
    elif not has_sections and search_key(label) in others:
        result.problems[f"{prefix}.label"] = f"Đã có dòng «{label}». Mỗi dòng ghi một lần."
    if has_sections and not row.section:
        result.problems[f"{prefix}.section"] = "Nhiệm vụ mới cần số mục, ví dụ III."


def _lay_over(table: Form, given: RowInput, old: Row, result: SheetReading, prefix: str) -> Row:
    """Return ``old`` with the figures and words that were typed over it."""
    cells, unread = dict(old.cells), dict(old.unread)
    # words first: a figure may name its row's unit itself
    for column in sorted(table.columns, key=lambda one: one.kind is not ValueKind.TEXT):
        key, text = column.key, given.cells.get(column.key)
        if text is None:
            continue
        if column.kind is ValueKind.TEXT:
            cells[key] = text[:MAX_TEXT] or None
            if len(text) > MAX_TEXT:
                result.problems[f"{prefix}.c.{key}"] = f"Ô này dài quá {MAX_TEXT} ký tự."
            continue
        pick = given.picks.get(key)
        if text == shown_text(column, old) and not pick:
            continue  # untouched: the stored value stands, nothing to tell
        read, unit = column.quantity.read(pick or text, unit_of(column, given.cells, old.cells))
        if unit and not given.cells.get(column.quantity.unit_in):
            cells[column.quantity.unit_in] = unit  # written beside the figure: "2.838 hồ sơ"
        unread.pop(key, None)
        cells[key] = read.value if isinstance(read, Reading) else None
        if isinstance(read, Ambiguous | Unreadable):
            unread[key] = text
        elif isinstance(read, Reading) and read.note:
            result.notes.append((old.key, key, read.note))
    sources = {key: s for key, s in old.sources.items() if cells.get(key) == old.cells.get(key)}
    return replace(old, cells=cells, unread=unread, sources=sources)


def _read_day(text: str | None, base: date | None, name: str, result: SheetReading) -> date | None:
    if text is None or text == date_text(base):
        return base
    day = read_date(text)
    if isinstance(day, Unreadable):
        result.problems[name] = day.message
        return base
    return day if isinstance(day, date) else None


def changed_since(entries: Iterable[AuditEntry], version: int) -> dict[Place, Any]:
    """Return what each cell changed after ``version`` held before, by place.

    ``entries`` are newest first; the oldest change of a cell holds the value both started from.
    """
    started: dict[Place, Any] = {}
    for entry in entries:
        if entry.action == "sheet.save" and int(entry.detail.get("version", 0)) > version:
            for change in entry.changes:
                started[(change["row"], change["column"])] = change["old"]
    return started


def find_conflicts(
    table: Form, mine: SheetInput, theirs: Sheet, started: Mapping[Place, Any]
) -> Iterator[ConflictCell]:
    """Yield the cells a colleague changed whose value differs from what stands in my form."""
    stored = input_of(table, theirs, 0)
    others = {(prefix[0], row.key): row for prefix, row in stored.fields.items()}
    for name, label in (("data_from", "Số liệu từ ngày"), ("data_to", "Số liệu đến ngày")):
        texts = (getattr(mine, name), getattr(stored, name))
        if ("", name) in started and texts[0] is not None and texts[0] != texts[1]:
            yield ConflictCell(label, name, texts[0], texts[1], f"theirs.{name}")
    for prefix, row in mine.fields.items():
        if other := others.get((prefix[0], row.key)):
            yield from _row_conflicts(table, row, other, prefix, started)
        elif prefix[0] == "r" and (row.key, "") in started:
            name, gone = row.label or row.key, "đã xóa dòng này"
            yield ConflictCell(name, f"{prefix}-row", name, gone, f"{prefix}.remove")


def _row_conflicts(
    table: Form,
    mine: RowInput,
    theirs: RowInput,
    prefix: str,
    started: Mapping[Place, Any],
) -> Iterator[ConflictCell]:
    name = theirs.label or mine.key
    if (mine.key, "") in started and mine.label not in (None, theirs.label):
        texts = (mine.label or "", theirs.label or "")
        yield ConflictCell(f"Tên dòng {name}", f"{prefix}-label", *texts, f"{prefix}.theirs.label")
    for column in table.columns:
        text = mine.cells.get(column.key)
        place = (mine.key, column.key)
        if place not in started or text is None or text == theirs.cells[column.key]:
            continue
        yield ConflictCell(
            f"{name}: {column.label}",
            f"{prefix}-{column.key}",
            text,
            theirs.cells[column.key],
            f"{prefix}.theirs.{column.key}",
            is_untouched=text in _texts_of(column, started[place]),
        )


def _texts_of(column: Column, kept: Any) -> tuple[str, ...]:
    """Return what the screen can have shown for a value of the audit trail."""
    value = read_value(kept)
    if not isinstance(value, str):
        return (cell_text(column, value),)
    # lines written before the trail kept machine values hold figures as words: 1.714,5
    figure = value.replace(".", "").replace(",", ".")
    if column.kind is ValueKind.NUMBER and _WRITTEN_NUMBER.fullmatch(value):
        return (value, cell_text(column, Decimal(figure)))
    return (value,)  # text that could not be read


def add_their_rows(table: Form, mine: SheetInput, theirs: Sheet) -> SheetInput:
    """Return my input with the rows a colleague added, so that the screen shows them too."""
    stored = input_of(table, theirs, 0)
    seen = {row.key for row in mine.fields.values()}
    added = [r for p, r in stored.fields.items() if p[0] == "r" and r.key not in seen]
    return replace(
        mine.with_rows(*added),
        data_from=stored.data_from if mine.data_from is None else mine.data_from,
        data_to=stored.data_to if mine.data_to is None else mine.data_to,
    )
