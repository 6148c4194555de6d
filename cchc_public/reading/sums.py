"""Sums among columns: which hold, which fail, and what they prove of a column's meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from cchc_public.tables.language import Table

Figures = Mapping[int, Sequence[Decimal | None]]  # by column, row by row
MOST_TRIALS = 4_000


@dataclass(frozen=True)
class Check:
    """An identity among the columns at hand: the whole and its parts, as quantities."""

    whole: str
    parts: tuple[str, ...]

    @property
    def keys(self) -> frozenset[str]:
        """All quantities that take part."""
        return frozenset((self.whole, *self.parts))


def list_checks(table: Table, keys: Iterable[str]) -> list[Check]:
    """Return the sums of a table that can be tested with ``keys``, absent parts spelled out."""
    present = set(keys)
    found = []
    for identity in table.sums:
        if identity.whole in present:
            parts = _parts_at_hand(table, identity.parts, present)
            if parts and len(set(parts)) > 1:
                found.append(Check(identity.whole, parts))
    return list(dict.fromkeys(found))


def _parts_at_hand(table: Table, parts: Sequence[str], present: set[str]) -> tuple[str, ...]:
    result: list[str] = []
    for part in parts:
        if part in present:
            result.append(part)
            continue
        inner = next(
            (
                found
                for identity in table.sums
                if identity.whole == part
                and (found := _parts_at_hand(table, identity.parts, present))
            ),
            (),
        )
        if not inner:
            return ()
        result += inner
    return tuple(result)


@dataclass(frozen=True)
class Tested:
    """How a check came out over the rows."""

    held: int = 0
    failed: int = 0
    speaking: int = 0  # different rows that hold with something else than zeros

    @property
    def is_proof(self) -> bool:
        """True when it holds everywhere and at least two rows say something."""
        return not self.failed and self.speaking >= 2

    @property
    def is_systematic(self) -> bool:
        """True when it fails too often to be a slip of the source."""
        tested = self.held + self.failed
        if tested <= 2:
            return self.failed > 0
        return self.failed >= 2 and self.failed * 3 > tested


def test(check: Check, places: Mapping[str, int], figures: Figures) -> Tested:
    """Try an identity row by row; rows with a blank among its members say nothing."""
    held = failed = 0
    speaking = set()
    wholes = figures[places[check.whole]]
    parts = [figures[places[part]] for part in check.parts]
    for row, whole in enumerate(wholes):
        values = [column[row] for column in parts]
        if whole is None or any(value is None for value in values):
            continue
        if whole == sum(value for value in values if value is not None):
            held += 1
            if whole:
                speaking.add(tuple(values))
        else:
            failed += 1
    return Tested(held, failed, len(speaking))


def find_confirmed(
    table: Table,
    certain: Mapping[int, str],
    unclear: Mapping[int, frozenset[str]],
    figures: Figures,
) -> dict[int, str]:
    """Return the meanings of unclear columns that sums confirm, and no other assignment shares."""
    columns = list(unclear)
    trials = 1
    for keys in unclear.values():
        trials *= len(keys)
    if not columns or trials > MOST_TRIALS:
        return {}
    best: list[tuple[int, dict[int, str]]] = []
    for chosen in product(*(sorted(unclear[column]) for column in columns)):
        trial = dict(zip(columns, chosen, strict=True))
        if len({*chosen, *certain.values()}) < len(chosen) + len(certain):
            continue
        confirmed = confirmed_columns(table, {**certain, **trial}, figures)
        if confirmed is not None:
            best.append((len(confirmed & set(columns)), trial))
    if not best:
        return {}
    most = max(count for count, _trial in best)
    top = [trial for count, trial in best if count == most]
    common = set.intersection(*(set(trial.items()) for trial in top))
    proved = confirmed_columns(table, {**certain, **top[0]}, figures) or set()
    return {column: key for column, key in common if column in proved}


def confirmed_columns(
    table: Table, columns: Mapping[int, str], figures: Figures
) -> set[int] | None:
    """Return the columns an identity proves, None when one fails too often."""
    places = {key: column for column, key in columns.items()}
    proved: set[int] = set()
    for check in list_checks(table, places):
        result = test(check, places, figures)
        if result.failed:
            return None
        if result.is_proof:
            members = (places[key] for key in check.keys)
            proved |= {c for c in members if sum(v not in (None, 0) for v in figures[c]) >= 2}
    return proved
