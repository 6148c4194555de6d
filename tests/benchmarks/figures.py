"""CPU milliseconds to solve and check the full real report, as it is and with a wrong figure."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from cchc_public.checks.run import check_solved, solve_report
from cchc_public.demo import PERIOD
from cchc_public.tables.sheet import Sheet
from tests.misprints import printed_sheets

ROUNDS = 20


def wrong(sheets: dict[str, Sheet], count: int) -> dict[str, Sheet]:
    """Return the report with ``count`` wrong figures in its dossier table."""
    dossiers = sheets["ho-so"]
    rows = tuple(
        replace(row, cells={**row.cells, "received_direct": 999}) if index < count else row
        for index, row in enumerate(dossiers.rows)
    )
    return {**sheets, "ho-so": replace(dossiers, rows=rows)}


def milliseconds(deed: Callable[[], object]) -> float:
    """Return the CPU milliseconds of one call, the mean of several."""
    start = time.process_time()
    for _round in range(ROUNDS):
        deed()
    return (time.process_time() - start) * 1000 / ROUNDS


def main() -> None:
    """Print one line a case, beside a loop that says how fast this machine is."""
    loop = milliseconds(lambda: sum(range(100_000)))
    print(f"calibration: sum(range(100 000)) {loop:.2f} ms")
    sheets = printed_sheets()
    for name, count in (("as printed", 0), ("one wrong figure", 1), ("two wrong figures", 2)):
        report = wrong(sheets, count)
        solved = milliseconds(lambda report=report: solve_report(report))  # type: ignore[misc]
        tables = solve_report(report)
        checked = milliseconds(
            lambda tables=tables: check_solved(tables, preset=PERIOD.preset_window)  # type: ignore[misc]
        )
        print(f"{name}: solve {solved:.1f} ms + check {checked:.1f} ms of CPU")


if __name__ == "__main__":
    main()
