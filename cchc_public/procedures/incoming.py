"""What a file brings: readable rows, refused rows with reasons, repairs; plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from cchc_public.procedures.cells import Cells


@dataclass(frozen=True)
class IncomingRow:
    """One readable row: its number in the file and the cells of the columns the file has."""

    number: int
    cells: Cells


@dataclass(frozen=True)
class Refusal:
    """One row that is not taken, with the reason as a sentence."""

    number: int
    code: str
    reason: str


@dataclass(frozen=True)
class Repair:
    """One cell whose letters or code were mended while reading."""

    number: int
    header: str
    before: str
    after: str


@dataclass(frozen=True)
class Incoming:
    """A whole file as read."""

    filename: str
    digest: str
    rows: tuple[IncomingRow, ...]
    refused: tuple[Refusal, ...] = ()
    repairs: tuple[Repair, ...] = ()
    notes: tuple[str, ...] = ()
    ignored_headers: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready data for the time between preview and acceptance."""
        return asdict(self)


def incoming_from_json(data: dict[str, Any]) -> Incoming:
    """Return what ``Incoming.to_json`` wrote."""
    return Incoming(
        filename=data["filename"],
        digest=data["digest"],
        rows=tuple(IncomingRow(**row) for row in data["rows"]),
        refused=tuple(Refusal(**row) for row in data["refused"]),
        repairs=tuple(Repair(**row) for row in data["repairs"]),
        notes=tuple(data["notes"]),
        ignored_headers=tuple(data["ignored_headers"]),
    )
