"""Lays an imported sheet over the stored one: what the source does not say stays as it is."""

from __future__ import annotations

from dataclasses import replace

from cchc_public.tables.sheet import NO_TOTAL, Row, Sheet, Value
from cchc_public.vietnamese.fold import search_key


def merge(stored: Sheet, imported: Sheet) -> Sheet:
    """Return ``stored`` with the rows and cells of ``imported``; no stored row disappears."""
    rows = {row.key: row for row in stored.rows}
    by_label = {(row.section, search_key(row.label)): row.key for row in stored.rows}
    for row in imported.rows:
        key = row.key
        if key not in rows:
            key = by_label.get((row.section, search_key(row.label)), key)
        old = rows.get(key)
        new = replace(row, key=key)
        if old is None:
            laid_over = new
        else:
            cells: dict[str, Value] = {**old.cells, **new.given, **dict.fromkeys(new.unread)}
            unread = {key: text for key, text in old.unread.items() if cells.get(key) is None}
            laid_over = replace(
                old,
                cells=cells,
                unread={**unread, **new.unread},
                sources={**old.sources, **new.sources},
            )
        rows[key] = laid_over
    # the printed total: only that of a source which names every row with figures; the one of an
    # earlier source would contradict the new figures
    is_whole = all(rows[row.key] is not row or not row.given for row in stored.rows)
    return replace(
        stored,
        rows=tuple(rows.values()),
        data_from=imported.data_from or stored.data_from,
        data_to=imported.data_to or stored.data_to,
        total=imported.total if is_whole else NO_TOTAL,
        groups=imported.groups or stored.groups,
        details=imported.details or stored.details,
        unplaced=imported.unplaced,
    )


def left_alone(stored: Sheet, imported: Sheet) -> tuple[Row, ...]:
    """Return the stored rows with figures that the source does not mention."""
    merged = {row.key: row for row in merge(stored, imported).rows}
    return tuple(row for row in stored.rows if merged[row.key] is row and row.given)
