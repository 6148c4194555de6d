"""Counts the list: posted, decided here, received here, and per field."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from cchc_public.checks.rules import PROCEDURE_COUNT, Finding
from cchc_public.procedures.record import ProcedureStatus
from cchc_public.procedures.searching import Catalogue, FieldName
from cchc_public.releases.published import PublishedRelease
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import format_number


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


@lru_cache(maxsize=2)  # each page that names a count asks
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


# columns of the sheet beside the figures of the list they should equal
_COMPARED = (
    ("posted", "thủ tục công khai", "posted"),
    ("field_count", "lĩnh vực", "field_count"),
    ("in_jurisdiction", "thủ tục thuộc thẩm quyền giải quyết", "decided_here"),
)


def compare_counts(counts: ProcedureCounts, release: PublishedRelease) -> tuple[Finding, ...]:
    """Return where the list and a release's sheet ``so-luong-thu-tuc`` disagree."""
    table = release.table("so-luong-thu-tuc")
    if table is None:
        return ()
    found = []
    for column, words, name in _COMPARED:
        stated, counted = table.evaluated.figure(column), getattr(counts, name)
        if stated is None or stated == counted or (name == "decided_here" and not counted):
            continue
        sentence = (
            f"Danh mục có {format_number(counted)} {words}; báo cáo {release.period.title} "
            f"ghi {format_number(stated)} (số liệu đến {format_date(table.data_to)})."
        )
        numbers = {"found": format_number(counted), "expected": format_number(stated)}
        found.append(PROCEDURE_COUNT.at(table.code, sentence, column=column, **numbers))
    return tuple(found)
