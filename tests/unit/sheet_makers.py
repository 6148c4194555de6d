"""Small sheets for tests of rules and rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from cchc_public.checks.run import check_solved, solve_report
from cchc_public.tables.language import Form, ValueKind
from cchc_public.tables.registry import FORMS, SINGLE_KEY, SINGLE_LABEL, get_form
from cchc_public.tables.sheet import NO_TOTAL, Row, Sheet


@contextmanager
def register(form: Form) -> Iterator[Form]:
    """Make one more form known while the block runs."""
    FORMS.append(form)
    try:
        yield form
    finally:
        FORMS.remove(form)


def check_report(sheets, *, preset, previous=None, today=None):
    before = solve_report(previous or {})
    return check_solved(solve_report(sheets), preset=preset, previous=before, today=today)


WINDOW = (date(2022, 12, 15), date(2023, 6, 14))


def single(code: str, edition: str | None = None, stated: Any = None, **cells: Any) -> Sheet:
    form = get_form(code, edition)
    row = Row(SINGLE_KEY, SINGLE_LABEL, cells={**printed(form, stated), **cells})
    return Sheet(code, form.edition, *WINDOW, rows=(row,))


def sheet_of(code: str, *rows: Row, stated_total: Any = None) -> Sheet:
    form = get_form(code)
    total = replace(NO_TOTAL, cells=printed(form, stated_total))
    return Sheet(code, form.edition, *WINDOW, rows, total)


def dossier_row(key: str = "dat-dai", label: str = "Đất đai", **cells: Any) -> Row:
    """One field; the figures given replace those of a sound row (10 in, 8 out, 2 pending)."""
    sound = {
        "received_online": 4,
        "received_direct": 5,
        "carried_over": 1,
        "resolved_early": 6,
        "resolved_on_time": 2,
        "resolved_overdue": 0,
        "pending_in_time": 2,
        "pending_overdue": 0,
    }
    return Row(key, label, cells={**sound, **cells})


def dossiers(**cells: Any) -> Sheet:
    return sheet_of("ho-so", dossier_row(**cells))


def task(key: str = "I.1", label: str = "Ban hành kế hoạch", **cells: Any) -> Row:
    sound = {"progress": "Đã ban hành", "deliverable": "Kế hoạch", "completion": Decimal(100)}
    return Row(key, label, key.partition(".")[0], "Chỉ đạo", {**sound, **cells})


def printed(form: Form, stated: Any) -> dict[str, int | Decimal]:
    """What a source printed, given as text, as the kind of figure it is."""
    counts = {q.key for q in form.table.quantities if q.kind is ValueKind.COUNT}
    return {
        key: int(value) if key in counts else Decimal(value)
        for key, value in (stated or {}).items()
    }
