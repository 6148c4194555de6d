"""What differs between two states of anything, and between two people who changed the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from cchc_public.errors import CchcError, StaleRevision
from cchc_public.i18n import _

Place = TypeVar("Place")


def differences(
    old: Mapping[Place, Any], new: Mapping[Place, Any]
) -> Iterator[tuple[Place, Any, Any]]:
    """Yield every place whose value differs, with both: those of ``new`` first, in its order."""
    for place in dict.fromkeys((*new, *old)):
        before, after = old.get(place), new.get(place)
        if before != after:
            yield place, before, after


def kept_value(value: Any) -> Any:
    """Return a value as the audit trail keeps it, exact and for machines."""
    if isinstance(value, Decimal):
        return {"number": f"{value:f}"}
    return None if value in ("", []) else value if isinstance(value, int | list) else str(value)


def read_value(kept: Any) -> Any:
    """Return what ``kept_value`` was given; words, as older lines hold them, stay words."""
    is_number = isinstance(kept, Mapping) and "number" in kept
    return Decimal(kept["number"]) if is_number else kept


def cell_change(
    column: str, label: str, old: Any, new: Any, *, row: str = "", row_label: str = ""
) -> dict[str, Any]:
    """Return one changed cell or field as the audit trail keeps it."""
    return {
        "row": row,
        "row_label": row_label,
        "column": column,
        "column_label": label,
        "old": kept_value(old) if old is not None else None,
        "new": kept_value(new) if new is not None else None,
    }


@dataclass(frozen=True)
class ConflictCell:
    """One place with both values; ticking the field ``take`` leaves the colleague's."""

    label: str
    id: str
    mine: str
    theirs: str
    take: str = ""
    is_untouched: bool = False  # I did not edit it: the colleague's value is the sensible default


@dataclass(frozen=True)
class Conflict:
    """Who saved in between, and every place that differs."""

    by: str
    at: datetime
    cells: tuple[ConflictCell, ...]


def find_conflict(
    error: CchcError,
    edited_at: datetime,
    places: Iterable[tuple[str, str, str, str]],
) -> Conflict:
    """Return what to show who saved too late; ``places`` are label, id, my text and theirs."""
    stale = error if isinstance(error, StaleRevision) else StaleRevision()
    return Conflict(
        stale.edited_by or _("Người khác"),
        stale.edited_at or edited_at,
        tuple(ConflictCell(*place) for place in places if place[2] != place[3]),
    )
