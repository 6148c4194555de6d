"""Counts the list: posted, decided here, received here, and per field."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from cchc_public.procedures.record import ProcedureStatus
from cchc_public.procedures.searching import Catalogue, FieldName, get_catalogue
from cchc_public.releases.actor import AnySession


@dataclass(frozen=True)
class FieldCount:
    """How many procedures of a field the public sees."""

    field: FieldName
    posted: int


@dataclass(frozen=True)
class ProcedureCounts:
    """Figures of the list without repealed procedures; the ``unstated_…`` are in neither side."""

    posted: int
    decided_here: int
    unstated_decided: int
    received_here: int
    unstated_received: int
    per_field: tuple[FieldCount, ...]

    @property
    def field_count(self) -> int:
        """Return how many fields hold a posted procedure."""
        return len(self.per_field)


def count_procedures(session: AnySession) -> ProcedureCounts:
    """Return the figures of the list as it is now."""
    return count_catalogue(get_catalogue(session))


def count_catalogue(catalogue: Catalogue) -> ProcedureCounts:
    """Return the figures of one state of the list."""
    current = [e for e in catalogue.entries if e.status is not ProcedureStatus.REPEALED]
    posted = Counter(entry.field_slug for entry in current if entry.is_posted)
    decided = Counter(entry.decided_here for entry in current)
    received = Counter(entry.received_here for entry in current)
    fields = tuple(
        FieldCount(field, posted[field.slug]) for field in catalogue.fields if posted[field.slug]
    )
    return ProcedureCounts(
        posted=posted.total(),
        decided_here=decided[True],
        unstated_decided=decided[None],
        received_here=received[True],
        unstated_received=received[None],
        per_field=fields,
    )
