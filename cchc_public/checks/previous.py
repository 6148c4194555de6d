"""Rules against the period before: what was pending then is carried over now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from cchc_public.checks import rules
from cchc_public.checks.finding import Finding
from cchc_public.checks.words import known, number, place
from cchc_public.statutory.evaluate import EvaluatedTable
from cchc_public.statutory.rows import opening_figure
from cchc_public.statutory.table import Column
from cchc_public.vietnamese.dates import format_date

Tables = Mapping[str, EvaluatedTable]


def check_carried_over(tables: Tables, previous: Tables) -> Iterator[Finding]:
    """Report figures that do not open with what the previous period closed with."""
    for code, current in tables.items():
        last = previous.get(code)
        for column in current.table.base_columns:
            if last is not None and column.carried_from:
                yield from _check_rows(current, last, column)


def _check_rows(current: EvaluatedTable, last: EvaluatedTable, column: Column) -> Iterator[Finding]:
    start = current.sheet.data_from
    before = _words_before(last, start)
    for row in current.rows:
        found = known(row.values.get(column.key))
        expected = known(opening_figure(column, row.key, last, start))
        if found is not None and expected is not None and found != expected:
            yield rules.CARRIED_OVER.at(
                current.table.code,
                f"{place(current.table, row, column.key)}: ghi {number(found)}, nhưng {before} "
                f"{number(expected)}.",
                row=row.key,
                column=column.key,
                found=number(found),
                expected=number(expected),
            )
    for old in last.rows:
        expected = known(opening_figure(column, old.key, last, start))
        if expected and current.row(old.key) is None:
            yield rules.CARRIED_OVER.at(
                current.table.code,
                f"{place(current.table, old, column.key)}: {before} {number(expected)} nhưng kỳ "
                "này không có dòng này.",
                row=old.key,
                column=column.key,
                expected=number(expected),
                advice="Hãy thêm dòng này, hoặc đính chính kỳ trước.",
            )


def _words_before(last: EvaluatedTable, start: date | None) -> str:
    """Say what the earlier figure is: 9 tháng after 6 tháng opens alike, it does not follow on."""
    if start is not None and last.sheet.data_from == start:
        return f"kỳ trước cũng tính từ ngày {format_date(start)} và ghi"
    return "kỳ trước kết thúc với"
