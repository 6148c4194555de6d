"""Generated nasty tables in quantity: how many are read, asked, refused, and that none is wrong."""

from __future__ import annotations

import time
from collections import Counter

from cchc_public.reading.questions import READ, Context
from cchc_public.reading.reader import read_table
from cchc_public.tables.registry import get_form
from tests.unit.table_maker import make
from tests.unit.test_reading_generated import faults

TABLES = 4_000
SHAPES = ("excel", "html", "xlsx", "word")


def main() -> None:
    """Print outcomes by shape (html and xlsx as real bytes), with known and with unknown words."""
    form = get_form("ho-so")
    for strange in (0.0, 0.3):
        outcomes: Counter[tuple[str, str]] = Counter()
        started = time.process_time()
        for seed in range(10_000, 10_000 + TABLES // 2):
            made = make(seed, strange=strange)
            for shape in SHAPES:
                reading = read_table(getattr(made, shape)(), form, Context())
                outcome = reading.outcome
                if outcome == READ and faults(made, reading):
                    outcome = "WRONG"
                    print(f"  seed {seed}, {shape}: {faults(made, reading)[:2]}")
                outcomes[shape, outcome] += 1
        spent = time.process_time() - started
        print(f"unknown words {strange:.0%}, {TABLES // 2} tables, {spent:.0f} CPU s")
        for (shape, outcome), count in sorted(outcomes.items()):
            print(f"  {shape:6} {outcome:8} {count:5} ({count / (TABLES // 2):.1%})")
