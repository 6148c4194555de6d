"""A read file against the list: compared cell by cell, accepted as a whole, undone as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CursorResult, delete, exists, select, update

from cchc_public.errors import ImportRejected, RecordRefused, StaleRevision
from cchc_public.procedures.cells import Cells, UnreadableCell, changed_cells, from_cells
from cchc_public.procedures.reading import CHUNK, iterate_rows
from cchc_public.procedures.record import (
    STATUS_LABELS,
    ProcedureRecord,
    ProcedureStatus,
    names_channels,
)
from cchc_public.procedures.saving import (
    Change,
    FieldBook,
    build_revision,
    cells_of,
    change_status,
    check_record,
    set_posted,
    store_record,
    write_change,
)
from cchc_public.procedures.searching import list_stamp
from cchc_public.store import (
    ImportBatch,
    Procedure,
    ProcedureField,
    ProcedureRevision,
    utc_now,
)
from cchc_public.store.audit import record
from cchc_public.store.base import Actor, AnySession
from cchc_public.store.locking import begin_writing, write_once
from cchc_public.vietnamese.numbers import format_number

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
    ignored_headers: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = ()

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


KEPT_FOR = timedelta(days=2)  # a file that nobody accepts
_SHOWN = 20  # codes named in a message


class BatchState(StrEnum):
    """Where a batch stands."""

    PENDING = "pending"
    APPLIED = "applied"
    UNDONE = "undone"


def open_batch(session: AnySession, incoming: Incoming, actor: Actor) -> ImportBatch:
    """Keep a read file until someone accepts it; older forgotten ones go."""
    session.execute(
        delete(ImportBatch).where(
            ImportBatch.state == BatchState.PENDING.value,
            ImportBatch.created_at < utc_now() - KEPT_FOR,
        )
    )
    batch = ImportBatch(
        filename=incoming.filename[-200:],
        digest=incoming.digest,
        state=BatchState.PENDING.value,
        content=incoming.to_json(),
        created_by_id=actor.id,
        created_by_name=actor.name,
    )
    session.add(batch)
    session.flush()
    return batch


def preview_batch(session: AnySession, batch: ImportBatch) -> Plan:
    """Return what accepting the batch would do to the list as it is now."""
    incoming = incoming_from_json(batch.content)
    refused = list(incoming.refused)
    found = list(iterate_changes(session, incoming.rows, refused))
    changes = [change for change in found if change.before != change.after]
    return Plan(
        new=tuple(change for change in changes if change.is_new),
        changed=tuple(change for change in changes if not change.is_new),
        unchanged=len(found) - len(changes),
        missing=find_missing(session, incoming),
        refused=tuple(sorted(refused, key=lambda item: item.number)),
    )


def apply_batch(
    session: AnySession,
    batch: ImportBatch,
    actor: Actor,
    *,
    expected: str | None = None,
    hide_missing: bool = False,
) -> dict[str, Any]:
    """Accept the batch; return its summary. ``expected`` is the stamp the preview was shown at."""
    begin_writing(session)
    if expected is not None and expected != list_stamp(session):
        raise StaleRevision(
            "Danh mục vừa được thay đổi sau khi bạn xem bản so sánh. Hãy xem lại rồi nhận tệp."
        )
    _claim(session, batch, BatchState.PENDING, BatchState.APPLIED)
    incoming = incoming_from_json(batch.content)
    change = Change(actor, "import", f"Nhập tệp {batch.filename}", batch.id)
    missing = find_missing(session, incoming) if hide_missing else ()
    with write_once(session):
        summary: dict[str, Any] = _store_rows(session, incoming, change)
    summary["hidden"] = set_posted(session, missing, False, change)
    batch.content, batch.summary, batch.applied_at = {}, summary, utc_now()
    told = {key: summary[key] for key in ("new", "changed", "hidden") if key in summary}
    record(session, actor, "procedure.import", "procedure", file=batch.filename, **told)
    session.flush()
    return summary


def undo_batch(session: AnySession, batch: ImportBatch, actor: Actor) -> int:
    """Put back everything the batch changed; refused as a whole when someone changed it since."""
    begin_writing(session)
    _claim(session, batch, BatchState.APPLIED, BatchState.UNDONE)
    revisions = session.scalars(
        select(ProcedureRevision)
        .where(ProcedureRevision.batch_id == batch.id)
        .order_by(ProcedureRevision.id.desc())
    ).all()
    last = {revision.procedure_code: revision for revision in reversed(revisions)}
    first = {revision.procedure_code: revision for revision in revisions}
    now = {row.code: cells_of(row) for row in iterate_rows(session, list(last))}
    later = [code for code, one in last.items() if changed_cells(now.get(code, {}), one.after)]
    if later:
        named = ", ".join(later[:_SHOWN])
        raise StaleRevision(
            f"Không hoàn tác được: {len(later)} thủ tục đã được sửa sau lần này ({named}). "
            "Hãy sửa từng thủ tục theo lịch sử của nó."
        )
    change = Change(actor, "undo", f"Hoàn tác: {batch.filename}", batch.id)
    with write_once(session):
        fields = FieldBook(session)
        for row in iterate_rows(session, list(first)):
            before = first[row.code].before
            if before:
                store_record(session, row, now[row.code], from_cells(before), change, fields)
            else:
                session.add(build_revision(row.code, now[row.code], {}, change))
                session.delete(row)
    used = exists().where(Procedure.field_id == ProcedureField.id)
    for field in session.scalars(select(ProcedureField).where(~used)):
        session.delete(field)
    batch.undone_at, batch.undone_by_name = utc_now(), actor.name
    record(session, actor, "procedure.undo", "procedure", file=batch.filename, count=len(first))
    session.flush()
    return len(first)


class Deed(StrEnum):
    """What staff do to many procedures at once."""

    POST = "post"
    HIDE = "hide"
    STATUS = "status"


@dataclass(frozen=True)
class BulkDeed:
    """One deed with many procedures; ``is_all``: with all that a list showed, not with ticked ones.

    A new status rests on a decision and its day.
    """

    kind: Deed
    is_all: bool = False
    status: ProcedureStatus = ProcedureStatus.IN_FORCE
    decision: str = ""
    on: date = date.min

    def title(self, count: int) -> str:
        """Return the deed in words, with how many procedures it changes."""
        number = format_number(count)
        if self.kind is Deed.STATUS:
            words = f"«{STATUS_LABELS[self.status]}» theo quyết định {self.decision}"
            return f"Đổi trạng thái {number} thủ tục thành {words}"
        if self.kind is Deed.HIDE:
            return f"Ẩn {number} thủ tục khỏi trang công khai"
        return f"Công khai {number} thủ tục"


def do_in_bulk(
    session: AnySession, codes: Sequence[str], deed: BulkDeed, actor: Actor
) -> ImportBatch:
    """Do it as one batch, so that one button undoes it; return the batch."""
    begin_writing(session)
    batch = ImportBatch(
        filename="",
        digest="",  # no file
        state=BatchState.APPLIED.value,
        created_by_id=actor.id,
        created_by_name=actor.name,
        applied_at=utc_now(),
    )
    session.add(batch)
    session.flush()
    if deed.kind is Deed.STATUS:
        done = change_status(
            session,
            codes,
            deed.status,
            actor,
            decision=deed.decision,
            on=deed.on,
            batch_id=batch.id,
        )
    else:
        change = Change(actor, "posting", batch_id=batch.id)
        done = set_posted(session, codes, deed.kind is Deed.POST, change)
    batch.filename = deed.title(done)[:200]
    batch.summary = {"deed": deed.kind.value, "all": deed.is_all, "changed": done}
    session.flush()
    return batch


def find_hidden_by_hand(session: AnySession, codes: Sequence[str]) -> tuple[str, ...]:
    """Return those of hidden procedures that no deed with a whole list hid: somebody meant them."""
    revision, hidden = ProcedureRevision, "Không"
    last: dict[str, int | None] = {}
    for start in range(0, len(codes), CHUNK):
        query = select(revision.procedure_code, revision.batch_id).where(
            revision.procedure_code.in_(codes[start : start + CHUNK]),
            revision.after["is_posted"].as_string() == hidden,
            revision.before["is_posted"].as_string().is_distinct_from(hidden),
        )
        for code, batch in session.execute(query.order_by(revision.id)):
            last[code] = batch
    numbers = {number for number in last.values() if number is not None}
    batches = session.scalars(select(ImportBatch).where(ImportBatch.id.in_(numbers)))
    whole = {batch.id for batch in batches if batch.summary.get("all")}
    return tuple(code for code in codes if last.get(code) not in whole)


def _claim(session: AnySession, batch: ImportBatch, before: BatchState, after: BatchState) -> None:
    """Move the state in one statement, so that a double click or a colleague acts only once."""
    done = session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch.id, ImportBatch.state == before.value)
        .values(state=after.value)
        .execution_options(synchronize_session=False)
    )
    if cast("CursorResult[Any]", done).rowcount != 1:
        raise StaleRevision(
            "Lần này đã được nhận hoặc đã được hoàn tác; không có gì thay đổi thêm."
        )
    session.refresh(batch)


def _store_rows(session: AnySession, incoming: Incoming, change: Change) -> dict[str, Any]:
    refused: list[Refusal] = list(incoming.refused)
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    fields = FieldBook(session)
    for start in range(0, len(incoming.rows), CHUNK):
        chunk = incoming.rows[start : start + CHUNK]
        known = {row.code: row for row in iterate_rows(session, [r.cells["code"] for r in chunk])}
        for item in iterate_changes(session, chunk, refused):
            if item.before == item.after:
                counts["unchanged"] += 1
                continue
            row = known.get(item.record.code) or Procedure()
            after = (item.after, item.record)
            write_change(session, row, item.before, after, change, fields)
            counts["new" if item.is_new else "changed"] += 1
        session.flush()
    if not counts["new"] + counts["changed"] + counts["unchanged"]:
        words = ["Tệp không có dòng nào nhận được; danh mục không thay đổi."]
        raise ImportRejected("\n".join([*words, *group_refusals(refused)]))
    return {**counts, "refused": [[r.number, r.code, r.reason] for r in refused]}
