"""What a clerk typed or pasted, laid over a sheet: the sheet it gives, what hinders saving it.

Field names: ``r3.key``, ``r3.label``, ``r3.section``, ``r3.section_label``, ``r3.remove``,
``r3.c.<column>`` (the cell), ``r3.theirs.<column>`` (after a conflict: leave the stored one),
``r3.pick.<column>`` and ``r3.was.<column>`` (the reading chosen for the text it was offered for),
``data_from``, ``data_to``, ``version``; ``g`` and ``d`` for groups and details, ``total``. A field
that did not arrive is not an empty one: it changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from cchc_public.errors import ImportRejected
from cchc_public.office.frame import read_number
from cchc_public.releases.published import WINDOW_LABELS
from cchc_public.store import AuditEntry
from cchc_public.store.writing import ConflictCell, read_value
from cchc_public.tables.language import Column, Form, ValueKind
from cchc_public.tables.registry import row_key, task_key
from cchc_public.tables.sheet import NO_TOTAL, TOTAL_KEY, Rate, Row, Sheet, SolvedValue, Value
from cchc_public.vietnamese.dates import format_date, read_date
from cchc_public.vietnamese.numbers import (
    Ambiguous,
    Reading,
    Unreadable,
    format_number,
    format_percent,
)
from cchc_public.vietnamese.text import clean_text, search_key

MAX_ROWS = 500
MAX_LABEL = 500
MAX_TEXT = 4000
MAX_NUMBER_TEXT = 200  # more than any figure needs; the rest of a mis-pasted text is cut
Place = tuple[str, str]  # row key, column key
TOTAL = "total"  # prefix of the fields of the grand total

_PREFIX = re.compile(r"[rgd]\d{1,5}")
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
    notes: dict[Place, str] = field(default_factory=dict)  # told once
    problems: dict[str, str] = field(default_factory=dict)  # by the name of the field


def read_form(table: Form, form: Mapping[str, str]) -> SheetInput:
    """Return what the posted ``form`` says about a sheet of ``table``.

    Raises ``ImportRejected`` when it has more rows than a commune's table can have.
    """
    fields: dict[str, dict[str, str]] = {}  # by the prefix of their row
    for name, text in form.items():
        prefix, _dot, last = name.partition(".")
        fields.setdefault(prefix, {})[last] = text
    found = sorted(filter(_PREFIX.fullmatch, fields), key=lambda one: (one[0], int(one[1:])))
    if len(found) > MAX_ROWS:
        raise ImportRejected(
            f"Bảng gửi lên có {format_number(len(found))} dòng; mỗi biểu nhận tối đa {MAX_ROWS} "
            "dòng. Chưa lưu gì."
        )

    def row(prefix: str) -> RowInput:
        said = {last: clean_text(text) for last, text in fields.get(prefix, {}).items()}
        cells = {}
        for column in table.columns:
            key, text = column.key, said.get(f"c.{column.key}")
            if text is None or f"theirs.{key}" in said:
                continue
            if said.get(f"was.{key}") == text:
                # a chosen reading holds while its cell has the text it was offered for
                text = said.get(f"pick.{key}") or text
            cells[key] = text if column.kind is ValueKind.TEXT else text[:MAX_NUMBER_TEXT]
        return RowInput(
            key=key if _KEY.fullmatch(key := said.get("key", "")) else "",
            label=None if "theirs.label" in said else said.get("label"),
            section=said.get("section", ""),
            section_label=said.get("section_label", ""),
            cells=cells,
            is_removed="remove" in said,
        )

    rows = {prefix: one for prefix in found if not (one := row(prefix)).is_blank}
    rows[TOTAL] = replace(row(TOTAL), key=TOTAL_KEY)
    data_from, data_to = (
        None if name not in form or name in fields.get("theirs", {}) else clean_text(form[name])
        for name in WINDOW_LABELS
    )
    return SheetInput(rows, data_from, data_to, read_number(form.get("version")))


def input_of(table: Form, sheet: Sheet, version: int) -> SheetInput:
    """Return the stored ``sheet`` as the texts its screen shows."""
    fields = {}
    for prefix, row in named_rows(sheet):
        cells = {column.key: shown_text(column, row) for column in table.columns}
        fields[prefix] = RowInput(row.key, row.label, row.section, row.section_label, cells)
    return SheetInput(fields, date_text(sheet.data_from), date_text(sheet.data_to), version)


def named_rows(sheet: Sheet) -> Iterator[tuple[str, Row]]:
    """Yield each row with the prefix of its fields' names, whose first letter is its level."""
    for letter, rows in (("r", sheet.rows), ("g", sheet.groups), ("d", sheet.details)):
        yield from ((f"{letter}{number}", row) for number, row in enumerate(rows))
    yield TOTAL, sheet.total


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


def figure_text(value: SolvedValue | Rate) -> str:
    """Return a value as it stands in grey: words, a number, or a rate without its fraction."""
    if isinstance(value, Rate):
        return "" if value.percent is None else format_percent(value.percent)
    return format_number(value) if isinstance(value, int | Decimal) else value or ""


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
    laid: dict[str, dict[str, Row]] = {letter: {} for letter in "rgdt"}
    for prefix, row in named_rows(base):
        laid[prefix[0]][row.key] = row
    rows = laid["r"]
    for prefix, one in given.fields.items():
        level, is_row = laid[prefix[0]], prefix[0] == "r"
        if is_row and one.is_removed:
            rows.pop(one.key, None)
        elif (one.key in level or is_row) and not one.is_blank:
            old = level.get(one.key)
            if old is None and table.shape.has_sections:
                tasks = [row for row in rows.values() if row.section == one.section]
                keys = (task_key(one.section, number) for number in count(len(tasks) + 1))
                key = one.key or next(key for key in keys if key not in rows)
                heading = tasks[-1].section_label if tasks else one.section_label
                old = Row(key, "", one.section, heading)
            elif old is None:
                old = Row(one.key or row_key(table, (one.label or "")[:80], rows), "")
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
        if text == shown_text(column, old):
            continue  # untouched: the stored value stands, nothing to tell
        read, unit = column.quantity.read(text, unit_of(column, given.cells, old.cells))
        if unit and not given.cells.get(column.quantity.unit_in):
            cells[column.quantity.unit_in] = unit  # written beside the figure: "2.838 hồ sơ"
        unread.pop(key, None)
        cells[key] = read.value if isinstance(read, Reading) else None
        if isinstance(read, Ambiguous | Unreadable):
            unread[key] = text
        elif isinstance(read, Reading) and read.note:
            result.notes[old.key, key] = read.note
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
    for name, label in WINDOW_LABELS.items():
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
        # what the screen can have shown for the value both started from
        value = read_value(started[place])
        shown = {value if isinstance(value, str) else cell_text(column, value)}
        if isinstance(value, str) and _WRITTEN_NUMBER.fullmatch(value):
            # lines written before the trail kept machine values hold figures as words: 1.714,5
            figure = Decimal(value.replace(".", "").replace(",", "."))
            shown |= {cell_text(column, figure)} if column.kind is ValueKind.NUMBER else set()
        yield ConflictCell(
            f"{name}: {column.label}",
            f"{prefix}-{column.key}",
            text,
            theirs.cells[column.key],
            f"{prefix}.theirs.{column.key}",
            is_untouched=text in shown,
        )


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


def counterparts(stored: Sheet, imported: Sheet) -> Iterator[tuple[str, Row]]:
    """Yield the imported rows, each under the key of the stored row it means, else its own."""
    keys = {row.key for row in stored.rows}
    by_label = {(row.section, search_key(row.label)): row.key for row in stored.rows}
    for row in imported.rows:
        same = by_label.get((row.section, search_key(row.label)), row.key)
        yield row.key if row.key in keys else same, row


def merge(stored: Sheet, imported: Sheet, emptied: Collection[Place] = ()) -> Sheet:
    """Return ``stored`` with the rows and cells of ``imported``; no stored row disappears.

    Its cells ``emptied`` are left without a figure.
    """
    rows = {row.key: row for row in stored.rows}
    for key, row in counterparts(stored, imported):
        old = rows.get(key)
        if old is None:
            rows[key] = replace(row, key=key)
            continue
        kept = {name: value for name, value in old.cells.items() if (key, name) not in emptied}
        cells: dict[str, Value] = {**kept, **row.given, **dict.fromkeys(row.unread)}
        unread = {key: text for key, text in old.unread.items() if cells.get(key) is None}
        rows[key] = replace(
            old,
            cells=cells,
            unread={**unread, **row.unread},
            sources={k: source for k, source in old.sources.items() if k not in row.given},
        )
    return replace(
        stored,
        rows=tuple(rows.values()),
        data_from=imported.data_from or stored.data_from,
        data_to=imported.data_to or stored.data_to,
        # the printed total: only that of a source which names every row with figures; the one of
        # an earlier source would contradict the new figures
        total=NO_TOTAL if left_alone(stored, imported) else imported.total,
        groups=imported.groups or stored.groups,
        details=imported.details or stored.details,
        unplaced=imported.unplaced,
    )


def left_alone(stored: Sheet, imported: Sheet) -> list[Row]:
    """Return the stored rows with figures that the source does not mention."""
    named = dict(counterparts(stored, imported))
    return [row for row in stored.rows if row.given and row.key not in named]


def take_back(before: Sheet, after: Sheet, now: Sheet) -> Sheet:
    """Return ``now`` without what led from ``before`` to ``after``; what was typed since stays."""

    def cut(old: Row, new: Row, here: Row) -> Row:
        cells, unread = dict(here.cells), dict(here.unread)
        for key in {*old.cells, *old.unread, *new.cells, *new.unread}:
            states = [(r.cells.get(key), r.unread.get(key, "")) for r in (old, new, here)]
            if states[1] == states[2]:
                cells[key], unread[key] = states[0]
        sources = {key: s for key, s in old.sources.items() if cells[key] == old.cells.get(key)}
        kept = {key: text for key, text in unread.items() if text}
        return replace(here, cells=cells, unread=kept, sources=sources)

    def rows_of(level: str) -> tuple[Row, ...]:
        olds, news, here = (
            {row.key: row for row in getattr(sheet, level)} for sheet in (before, after, now)
        )
        for key, new in news.items():
            if key in here and key in olds:
                here[key] = cut(olds[key], new, here[key])
            elif key in here and here[key].given == new.given:
                del here[key]  # it came with what is taken back
        gone = {key: row for key, row in olds.items() if key not in news and key not in here}
        return tuple({**here, **gone}.values())

    return replace(
        now,
        rows=rows_of("rows"),
        groups=rows_of("groups"),
        details=rows_of("details"),
        total=cut(before.total, after.total, now.total),
        data_from=before.data_from if now.data_from == after.data_from else now.data_from,
        data_to=before.data_to if now.data_to == after.data_to else now.data_to,
        unplaced=before.unplaced,
    )
