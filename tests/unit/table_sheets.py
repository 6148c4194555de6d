"""Consistent sheets of any table for property tests: base figures at random, the rest follows."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from cchc_public.tables.language import Form, Table, ValueKind
from cchc_public.tables.registry import FORMS, SINGLE_KEY, SINGLE_LABEL
from cchc_public.tables.sheet import TOTAL_KEY, TOTAL_LABEL, Row, Sheet

ADDING = [form for form in FORMS if form.table.sums]
Cells = dict[tuple[str, str], int]  # row and quantity


def base_keys(table: Table) -> list[str]:
    """The counts that are the sum of nothing."""
    wholes = {s.whole for s in table.sums}
    return [
        q.key
        for q in table.quantities
        if q.kind is ValueKind.COUNT and q.key not in wholes and q.key != "unresolved"
    ]


def full_row(table: Table, base: dict[str, int]) -> dict[str, int]:
    """All sums of one row, from its base figures; intake is never less than what was resolved."""
    cells = dict(base)
    for identity in reversed(table.sums):
        if all(part in cells for part in identity.parts):
            cells[identity.whole] = sum(cells[part] for part in identity.parts)
    if table.code == "ho-so" and cells["resolved"] > cells["received"]:
        missing = cells["resolved"] - cells["received"]
        return full_row(table, {**base, "carried_over": base["carried_over"] + missing})
    return cells


@st.composite
def consistent(draw: st.DrawFn, forms: list[Form], most: int = 300) -> tuple[Form, Cells]:
    """A form and a sheet of it in which everything printed is given and holds."""
    form = draw(st.sampled_from(forms))
    table, keys = form.table, base_keys(form.table)
    count = draw(st.integers(1, 4)) if form.shape.has_total else 1
    numbers = st.integers(0, most)
    rows = [full_row(table, {key: draw(numbers) for key in keys}) for _ in range(count)]
    names = [f"r{n}" for n in range(count)] if form.shape.has_labels else [SINGLE_KEY]
    if form.shape.has_total:
        summed = [q.key for q in table.quantities if q.adds_up and q.key in rows[0]]
        rows.append({key: sum(row[key] for row in rows) for key in summed})
        names.append(TOTAL_KEY)
    printed = set(form.by_key)
    return form, {
        (name, key): value
        for name, row in zip(names, rows, strict=True)
        for key, value in row.items()
        if key in printed
    }


def sheet_from(form: Form, cells: Cells, **changes: Any) -> Sheet:
    """The sheet that gives exactly ``cells``; every row stands even when nothing of it is given."""
    rows: dict[str, dict[str, int]] = {}
    for (name, key), value in cells.items():
        rows.setdefault(name, {})[key] = value
    total = Row(TOTAL_KEY, TOTAL_LABEL, cells=rows.pop(TOTAL_KEY, {}))
    names = changes.pop("names", list(rows))
    listed = tuple(
        Row(name, SINGLE_LABEL if name == SINGLE_KEY else name, cells=rows.get(name, {}))
        for name in names
    )
    return Sheet(form.code, form.edition, rows=listed, total=total, **changes)


def names_of(cells: Cells) -> list[str]:
    """The rows below the total, in order."""
    return list(dict.fromkeys(name for name, _key in cells if name != TOTAL_KEY))
