"""Runs all rules over the sheets of a report and returns the findings in reading order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from cchc_public.checks import across, previous, rates, subjects, tasks, windows, within
from cchc_public.checks.finding import Finding
from cchc_public.checks.windows import Window
from cchc_public.statutory.evaluate import TOTAL_KEY, EvaluatedTable, evaluate
from cchc_public.statutory.registry import get_table, table_codes
from cchc_public.statutory.rows import is_filled
from cchc_public.statutory.sheet import Sheet

SheetRule = Callable[[EvaluatedTable], Iterable[Finding]]
ReportRule = Callable[[Mapping[str, EvaluatedTable]], Iterable[Finding]]

SHEET_RULES: tuple[SheetRule, ...] = (
    within.check_unread,
    within.check_duplicates,
    within.check_ranges,
    within.check_differences,
    within.check_fractions,
    rates.check_stated_totals,
    rates.check_stated_rates,
    subjects.check_parts,
    subjects.check_pending_split,
    subjects.check_pending_unsaid,
    subjects.check_signed_split,
    subjects.check_posted,
    subjects.check_slips_split,
    tasks.check_tasks,
)

REPORT_RULES: tuple[ReportRule, ...] = (
    across.check_agreements,
    across.check_services,
    across.check_satisfaction,
    across.check_survey_coverage,
    across.check_apologies,
    across.check_task_claim,
)


def check_report(
    sheets: Mapping[str, Sheet],
    *,
    preset: Window | None,
    previous: Mapping[str, Sheet] | None = None,
) -> tuple[Finding, ...]:
    """Return every finding of a report, ordered by table, severity, row and column.

    ``sheets`` and ``previous`` are keyed by table code; ``preset`` is the period's statutory data
    window; ``previous`` holds the sheets of the period before, when there is one.
    """
    tables = _evaluate_all(sheets)
    return _in_order(_everything(tables, preset, _evaluate_all(previous or {})), tables)


def _everything(
    tables: Mapping[str, EvaluatedTable],
    preset: Window | None,
    earlier: Mapping[str, EvaluatedTable],
) -> Iterator[Finding]:
    yield from _within(tables, preset)
    for rule in REPORT_RULES:
        yield from rule(tables)
    yield from previous.check_carried_over(tables, earlier)


def _within(tables: Mapping[str, EvaluatedTable], preset: Window | None) -> Iterator[Finding]:
    for evaluated in tables.values():
        for rule in SHEET_RULES:
            yield from rule(evaluated)
        yield from windows.check_window(evaluated, preset)


def _evaluate_all(sheets: Mapping[str, Sheet]) -> dict[str, EvaluatedTable]:
    """Evaluate the sheets that say anything; one not filled in yet has nothing to check."""
    pairs = [(get_table(sheet.table_code, sheet.edition), sheet) for sheet in sheets.values()]
    return {table.code: evaluate(table, sheet) for table, sheet in pairs if is_filled(table, sheet)}


def _in_order(
    findings: Iterable[Finding], tables: Mapping[str, EvaluatedTable]
) -> tuple[Finding, ...]:
    places = {code: index for index, code in enumerate(table_codes())}
    rows = {
        (code, row.key): index
        for code, evaluated in tables.items()
        for index, row in enumerate(evaluated.rows, 1)
    }
    columns = {
        (code, column.key): index
        for code, evaluated in tables.items()
        for index, column in enumerate(evaluated.table.columns, 1)
    }

    def order(finding: Finding) -> tuple[int, int, int, int, str]:
        row_default = 0 if not finding.row else len(rows) + (finding.row == TOTAL_KEY)
        return (
            places.get(finding.table, len(places)),
            finding.severity.rank,
            rows.get((finding.table, finding.row), row_default),
            columns.get((finding.table, finding.column), 0),
            finding.rule,
        )

    return tuple(sorted(findings, key=order))
