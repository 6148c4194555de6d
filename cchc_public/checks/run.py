"""Runs all rules over the sheets of a report and returns the findings in reading order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from cchc_public.checks import across, within
from cchc_public.checks.rules import Finding
from cchc_public.checks.within import Window
from cchc_public.tables.registry import get_form, is_filled, table_codes
from cchc_public.tables.sheet import TOTAL_KEY, Sheet
from cchc_public.tables.solved import SolvedTable, solve

Tables = Mapping[str, SolvedTable]

SHEET_RULES: tuple[Callable[[SolvedTable], Iterable[Finding]], ...] = (
    within.check_unread,
    within.check_duplicates,
    within.check_ranges,
    within.check_facts,
    within.check_balances,
    within.check_limits,
    within.check_stand_ins,
    within.check_fractions,
    within.check_stated_rates,
    within.check_claims,
    within.check_tasks,
)
REPORT_RULES: tuple[Callable[[Tables], Iterable[Finding]], ...] = (
    across.check_agreements,
    across.check_satisfaction,
    across.check_survey_coverage,
    across.check_apologies,
    across.check_task_claim,
)
TIME_RULES: tuple[Callable[[SolvedTable, SolvedTable], Iterable[Finding]], ...] = (
    across.check_carried_over,
    across.check_flows,
    across.check_jumps,
    across.check_tasks_back,
)


def solve_report(sheets: Mapping[str, Sheet]) -> dict[str, SolvedTable]:
    """Solve the sheets that say anything; one not filled in yet has nothing to check."""
    pairs = [(get_form(sheet.table_code, sheet.edition), sheet) for sheet in sheets.values()]
    return {form.code: solve(form, sheet) for form, sheet in pairs if is_filled(form, sheet)}


def check_solved(
    tables: Tables,
    *,
    preset: Window | None,
    previous: Tables | None = None,
    today: date | None = None,
) -> tuple[Finding, ...]:
    """Return every finding of a report that is solved already."""
    findings: list[Finding] = []
    ends: set[date | None] = set()  # a day that has not come is told once, not by every table
    for code, solved in tables.items():
        for rule in SHEET_RULES:
            findings += rule(solved)
        end = solved.sheet.data_to
        findings += within.check_window(solved, preset, None if end in ends else today)
        ends.add(end)
        if last := (previous or {}).get(code):
            for time_rule in TIME_RULES:
                findings += time_rule(solved, last)
    for report_rule in REPORT_RULES:
        findings += report_rule(tables)
    return _in_order(findings, tables)


def _in_order(findings: Iterable[Finding], tables: Tables) -> tuple[Finding, ...]:
    places = {code: index for index, code in enumerate(table_codes())}
    rows = {
        (code, row.key): index
        for code, solved in tables.items()
        for index, row in enumerate(solved.all_rows, 1)
    }
    columns = {
        (code, column.key): index
        for code, solved in tables.items()
        for index, column in enumerate(solved.form.columns, 1)
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
