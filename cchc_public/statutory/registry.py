"""All statutory tables by code and edition, in the fixed order in which every face shows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from cchc_public.errors import NotFound
from cchc_public.statutory.digitization import DIGITIZATION
from cchc_public.statutory.documents import DOCUMENTS
from cchc_public.statutory.dossiers import DOSSIERS
from cchc_public.statutory.indicators import INDICATORS
from cchc_public.statutory.online_services import ONLINE_SERVICES, ONLINE_SERVICES_BY_LEVEL
from cchc_public.statutory.procedure_counts import PROCEDURE_COUNTS
from cchc_public.statutory.satisfaction import SATISFACTION
from cchc_public.statutory.table import StatutoryTable
from cchc_public.statutory.tasks import TASKS

# Editions of one table stand together, oldest first.
TABLES: tuple[StatutoryTable, ...] = (
    DOSSIERS,
    DIGITIZATION,
    SATISFACTION,
    ONLINE_SERVICES_BY_LEVEL,
    ONLINE_SERVICES,
    DOCUMENTS,
    PROCEDURE_COUNTS,
    TASKS,
    INDICATORS,
)

_registered: list[StatutoryTable] = []


def all_tables() -> tuple[StatutoryTable, ...]:
    """Return every edition of every table, those of ``register`` last."""
    return (*TABLES, *_registered)


def table_codes() -> tuple[str, ...]:
    """Return the codes in the fixed order, each once."""
    return tuple(dict.fromkeys(table.code for table in all_tables()))


def list_editions(code: str) -> tuple[StatutoryTable, ...]:
    """Return the editions of ``code``, oldest first; empty for an unknown code."""
    return tuple(table for table in all_tables() if table.code == code)


def get_table(code: str, edition: str | None = None) -> StatutoryTable:
    """Return one edition (None = the newest); NotFound when there is none."""
    editions = [t for t in list_editions(code) if edition in (None, t.edition)]
    if not editions:
        raise NotFound(f"Không có biểu “{code}” phiên bản “{edition or 'mới nhất'}”.")
    return editions[-1]


def tables_for(on: date) -> tuple[StatutoryTable, ...]:
    """Return the edition of each table in force on ``on`` (a period's last day), in fixed order."""
    return tuple(table for table in all_tables() if is_in_force(table, on))


def is_in_force(table: StatutoryTable, on: date) -> bool:
    """Tell whether the edition is valid on that day; an open end is always valid."""
    started = table.valid_from is None or table.valid_from <= on
    return started and (table.valid_to is None or on <= table.valid_to)


@contextmanager
def register(table: StatutoryTable) -> Iterator[StatutoryTable]:
    """Make one more table known while the block runs (tests; a trial of a new circular)."""
    _registered.append(table)
    try:
        yield table
    finally:
        _registered.remove(table)
