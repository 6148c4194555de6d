"""Figures of like periods beside each other: the newest first, each with what it differs by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cchc_public.i18n import _, format_number, mark
from cchc_public.present.charts import LATE, UNKNOWN, tone_of
from cchc_public.present.headlines import build_headlines, list_figures
from cchc_public.present.tables import task_states
from cchc_public.present.wording import (
    bare_fraction,
    form_word,
    percent_text,
    short_label,
    value_text,
)
from cchc_public.releases.published import PublishedRelease
from cchc_public.tables.language import Form, ValueKind
from cchc_public.tables.sheet import Rate, SolvedRow, SolvedTable, SolvedValue

MOST_ROWS = 40
_NAMES = {"on_time_rate": mark("Trước hạn và đúng hạn")}  # which no form prints
MOST_LISTED = 10  # of a list whose rows have nothing in common


@dataclass(frozen=True)
class SideCell:
    """One figure; ``change`` is what the newest period has more or less than this one."""

    text: str
    fraction: str = ""
    change: str = ""
    is_late: bool = False


@dataclass(frozen=True)
class SideGroup:
    """The figures of one table or one row; a line is a figure's name and its cells by period."""

    label: str
    lines: tuple[tuple[str, tuple[SideCell, ...]], ...]
    code: str = ""
    address: str = ""
    note_count: int = 0

    @property
    def changed(self) -> tuple[tuple[str, tuple[SideCell, ...]], ...]:
        """The lines that differ from an earlier period that can be compared."""
        return tuple(
            line for line in self.lines if any(cell.change not in ("", "=") for cell in line[1])
        )


@dataclass(frozen=True)
class SideBySide:
    """All groups under the same periods."""

    periods: tuple[str, ...]
    groups: tuple[SideGroup, ...] = field(default=())


def key_figures(form: Form) -> tuple[str, ...]:
    """Return the quantities by which periods are compared: the first count and all rates."""
    if form.table.key_figures:
        return form.table.key_figures
    counts = [column.key for column in form.columns if column.kind is ValueKind.COUNT]
    further = [ratio.rate for ratio in form.table.ratios] or form.chart_columns
    return tuple(dict.fromkeys((*counts[:1], *further)))


def compare_wholes(
    tables: Sequence[SolvedTable | None],
) -> tuple[tuple[str, tuple[SideCell, ...]], ...]:
    """Return the lines of one table, newest period first: its totals, its states, or its rows."""
    now = tables[0]
    if now is None:
        return ()
    if now.form.shape.has_sections:
        states = [[len(rows) for *_name, rows in task_states(t)] if t else None for t in tables]
        return tuple(
            (name, _cells([counts[at] if counts else None for counts in states], tone == LATE))
            for at, (name, tone, _rows) in enumerate(task_states(now))
        )
    if now.form.shape.has_total or not now.form.shape.has_labels:
        return _lines(now.form, [table.whole if table else None for table in tables])
    lines: list[tuple[str, tuple[SideCell, ...]]] = []
    for row in now.rows:
        # each row measures something of its own: what stands large in its list
        keys = [key for key in key_figures(now.form) if _number(row.values.get(key)) is not None]
        keys += [c.key for c in now.form.columns if _number(row.values.get(c.key)) is not None]
        same = [_same_row(table, row) for table in tables]
        if keys and len(lines) < MOST_LISTED:
            values = [other.values.get(keys[0]) if other else None for other in same]
            lines.append((form_word(row.label), _cells(values, tone_of(keys[0]) == LATE)))
    return tuple(lines)


def compare_rows(tables: Sequence[SolvedTable | None]) -> tuple[SideGroup, ...]:
    """Return a group for each row of the newest table, its total last."""
    now = tables[0]
    if now is None:
        return ()
    rows = [*now.rows[:MOST_ROWS], *([now.total] if now.total else [])]
    return tuple(
        SideGroup(
            form_word(row.label), _lines(now.form, [_same_row(table, row) for table in tables])
        )
        for row in rows
    )


def _same_row(table: SolvedTable | None, row: SolvedRow) -> SolvedRow | None:
    """Return the row that has the same key, else the same name."""
    if table is None:
        return None
    name = row.label.casefold()
    return table.row(row.key) or next((r for r in table.rows if r.label.casefold() == name), None)


def _lines(
    form: Form, rows: Sequence[SolvedRow | None]
) -> tuple[tuple[str, tuple[SideCell, ...]], ...]:
    return tuple(
        (
            _(_NAMES[key]) if key in _NAMES else form_word(short_label(form.column(key))),
            _cells(values, tone_of(key) == LATE),
        )
        for key in key_figures(form)
        for values in [[row.values.get(key) if row else None for row in rows]]
        if any(value not in (None, "") for value in values)
    )


def _cells(values: Sequence[SolvedValue], tells_of_lateness: bool) -> tuple[SideCell, ...]:
    """Write the values; the change only between figures of one kind, rates in points."""
    cells = []
    for place, value in enumerate(values):
        number = _number(value)
        change = difference_text(values[0], value) if place else ""
        if isinstance(value, Rate):
            text = UNKNOWN if number is None else percent_text(number)
            fraction = "" if number is None else bare_fraction(value)
            cells.append(SideCell(text, fraction, change))
        elif number is None:
            cells.append(SideCell(str(value) if value else UNKNOWN))
        else:
            is_late = tells_of_lateness and number > 0
            cells.append(SideCell(format_number(number), "", change, is_late))
    return tuple(cells)


def _number(value: SolvedValue) -> Decimal | None:
    if isinstance(value, Rate):
        return value.percent
    return Decimal(value) if isinstance(value, int | Decimal) else None


def compare_headlines(
    coming: PublishedRelease, earlier: Sequence[PublishedRelease]
) -> tuple[SideGroup, ...]:
    """Return every headline as a group of one line, named as its table, beside earlier periods."""
    before = [{item.key: item for item in list_figures(one)} for one in earlier]
    groups = []
    for item in build_headlines(coming):
        cells = [SideCell(item.figure, "" if item.is_comparable else item.basis)]
        for old in (known[item.key] for known in before):
            change = difference_text(item.value, old.value) if old.is_comparable else ""
            cells.append(SideCell(old.figure, "", change))
        groups.append(SideGroup(item.title, ((item.title, tuple(cells)),), item.table))
    return tuple(groups)


def compare_tables(
    coming: PublishedRelease, earlier: Sequence[PublishedRelease]
) -> tuple[SideGroup, ...]:
    """Return every figure of the whole of each table beside earlier periods, also what appeared."""
    groups = []
    for table in coming.tables:
        wholes = [t.whole if t else None for t in (r.evaluated(table.code) for r in earlier)]
        lines = []
        for column in table.definition.columns:
            rows = (table.evaluated.whole, *wholes)
            now, *before = (row.values.get(column.key) if row else None for row in rows)
            if isinstance(now, str) or (now is None and not any(before)):
                continue
            gap = "nay chưa có" if now is None else "trước chưa có"
            cells = [SideCell(value_text(now, column.unit))]
            for old in before:
                change = gap if (now is None) != (old is None) else difference_text(now, old)
                cells.append(SideCell(value_text(old, column.unit), "", change))
            lines.append((column.label, tuple(cells)))
        groups.append(SideGroup(table.definition.short_title, tuple(lines), table.code))
    return tuple(groups)


def difference_text(now: SolvedValue, old: SolvedValue) -> str:
    """Write ``+14``, ``−0,95 điểm``; ``=`` for no difference, nothing where none can be told."""
    is_points = isinstance(now, Rate) and isinstance(old, Rate)
    now, old = (value.percent if isinstance(value, Rate) else value for value in (now, old))
    if isinstance(now, str) or isinstance(old, str) or now is None or old is None:
        return ""
    by = Decimal(now) - Decimal(old)
    if not by:
        return "="
    size = format_number(abs(by), 2) + _(" điểm") if is_points else format_number(abs(by))
    return f"{'+' if by > 0 else '−'}{size}"
