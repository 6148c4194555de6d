"""What a file brings, compared with the list cell by cell before anything changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select

from cchc_public.errors import RecordRefused
from cchc_public.procedures.cells import Cells, UnreadableCell, changed_cells, from_cells
from cchc_public.procedures.reading import CHUNK, iterate_rows
from cchc_public.procedures.record import ProcedureRecord
from cchc_public.procedures.saving import cells_of, check_record
from cchc_public.procedures.wording import names_channels
from cchc_public.store import Procedure
from cchc_public.store.actor import AnySession

_QUOTED = re.compile(r"«[^»]*»|\d\.\d{6}|dòng [\d, ]+")
_NAMED = 5  # rows named in a sentence


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
class SetAside:
    """One cell that could not be read and was left out; its row stays."""

    number: int
    header: str
    text: str
    reason: str


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
    set_aside: tuple[SetAside, ...] = field(default=())

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
        set_aside=tuple(SetAside(**cell) for cell in data.get("set_aside", ())),
    )


def group_refusals(refused: Iterable[Refusal]) -> list[str]:
    """Return each reason once, with how many rows it holds for and some of their numbers."""
    groups: dict[str, list[Refusal]] = {}
    for item in refused:
        groups.setdefault(_QUOTED.sub("«…»", item.reason), []).append(item)
    lines = []
    for items in groups.values():
        rows = ", ".join(str(item.number) for item in items[:_NAMED])
        if len(items) == 1:
            lines.append(f"  Dòng {rows}: {items[0].reason}")
        else:
            more = "…" if len(items) > _NAMED else ""
            lines.append(f"  {len(items)} dòng ({rows}{more}), ví dụ: {items[0].reason}")
    return lines


def group_set_aside(cells: Iterable[SetAside]) -> list[str]:
    """Return one sentence for each column with cells that could not be read."""
    groups: dict[str, list[SetAside]] = {}
    for cell in cells:
        groups.setdefault(cell.header, []).append(cell)
    return [
        f"  Cột «{header}»: {len(items)} ô không đọc được, đã để riêng, dòng vẫn nhận "
        f"(ví dụ dòng {items[0].number}: {items[0].reason})"
        for header, items in groups.items()
    ]


@dataclass(frozen=True)
class RowChange:
    """One procedure the file adds (``before`` empty) or changes."""

    number: int
    before: Cells
    after: Cells
    record: ProcedureRecord

    @property
    def is_new(self) -> bool:
        """True when the list does not hold the code yet."""
        return not self.before

    @property
    def changes(self) -> dict[str, tuple[str, str]]:
        """Return the changed columns with old and new text."""
        return changed_cells(self.before, self.after)


@dataclass(frozen=True)
class Plan:
    """What accepting the file would do."""

    new: tuple[RowChange, ...]
    changed: tuple[RowChange, ...]
    unchanged: int
    missing: tuple[str, ...]
    refused: tuple[Refusal, ...]

    @property
    def is_empty(self) -> bool:
        """True when accepting would change nothing."""
        return not self.new and not self.changed


def build_plan(session: AnySession, incoming: Incoming) -> Plan:
    """Return the comparison of the file with the list as it is now."""
    refused = list(incoming.refused)
    changes = []
    unchanged = 0
    for change in iterate_changes(session, incoming.rows, refused):
        if change.before == change.after:
            unchanged += 1
        else:
            changes.append(change)
    return Plan(
        new=tuple(change for change in changes if change.is_new),
        changed=tuple(change for change in changes if not change.is_new),
        unchanged=unchanged,
        missing=find_missing(session, incoming),
        refused=tuple(sorted(refused, key=lambda item: item.number)),
    )


def iterate_changes(
    session: AnySession, rows: tuple[IncomingRow, ...], refused: list[Refusal]
) -> Iterator[RowChange]:
    """Yield each row beside what the list holds; add unreadable ones to ``refused``."""
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        codes = [row.cells["code"] for row in chunk]
        known = {row.code: cells_of(row) for row in iterate_rows(session, codes)}
        for row in chunk:
            before = known.get(row.cells["code"], {})
            try:
                record = from_cells(merge_cells(before, row.cells))
                after = check_record(record)
            except (UnreadableCell, RecordRefused) as error:
                refused.append(Refusal(row.number, row.cells["code"], str(error)))
            else:
                yield RowChange(row.number, before, after, record)


def merge_cells(before: Cells, cells: Cells) -> Cells:
    """Return the cells after the file: its columns over what is known, the others untouched."""
    merged = before | cells
    texts = [cells.get(key, "") for key in ("time_limit", "fee", "channel_notes")]
    if "channels" not in cells and any(names_channels(text) for text in texts):
        # the file names the channels inside its texts: they replace the former ones
        merged["channels"] = ""
        if "channel_notes" not in cells:
            merged["channel_notes"] = ""
    if not cells.get("is_posted"):
        merged["is_posted"] = before.get("is_posted", "Có")
    return merged


def find_missing(session: AnySession, incoming: Incoming) -> tuple[str, ...]:
    """Return the codes the list holds and the file does not mention, refused rows included."""
    mentioned = {row.cells["code"] for row in incoming.rows}
    mentioned |= {refusal.code for refusal in incoming.refused}
    codes = session.scalars(select(Procedure.code).order_by(Procedure.code))
    return tuple(code for code in codes if code not in mentioned)
