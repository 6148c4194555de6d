"""Small sheets for tests of rules and rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from cchc_public.statutory.registry import get_table
from cchc_public.statutory.rows import SINGLE_KEY, SINGLE_LABEL
from cchc_public.statutory.sheet import Row, Sheet

WINDOW = (date(2022, 12, 15), date(2023, 6, 14))


def single(code: str, edition: str | None = None, stated: Any = None, **cells: Any) -> Sheet:
    row = Row(SINGLE_KEY, SINGLE_LABEL, cells=cells, stated=decimals(stated))
    return Sheet(code, get_table(code, edition).edition, *WINDOW, rows=(row,))


def sheet_of(code: str, *rows: Row, stated_total: Any = None) -> Sheet:
    return Sheet(code, get_table(code).edition, *WINDOW, rows, decimals(stated_total))


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


def decimals(stated: Any) -> dict[str, Decimal]:
    return {key: Decimal(value) for key, value in (stated or {}).items()}
