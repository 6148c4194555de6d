"""A read file against the list: compared cell by cell, accepted as a whole, undone as a whole.

The same holds for what staff do to many procedures at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CursorResult, delete, exists, select, update

from cchc_public.errors import ImportRejected, RecordRefused, StaleRevision
from cchc_public.procedures import (
    STATUS_DAY,
    ChannelKind,
    ProcedureRecord,
    ProcedureStatus,
    from_details,
    gather,
    split_channels,
)
from cchc_public.procedures.cells import CHANNEL_CELLS, Cells, changed_cells
from cchc_public.procedures.saving import (
    Change,
    RowChange,
    cells_of,
    iterate_rows,
    list_fields,
    propose,
)
from cchc_public.procedures.searching import list_stamp
from cchc_public.store import (
    ImportBatch,
    Procedure,
    ProcedureField,
    ProcedureRevision,
    utc_now,
)
from cchc_public.store.base import Actor, AnySession, in_chunks
from cchc_public.store.writing import begin_writing, record, write_once
from cchc_public.vietnamese.numbers import format_number

_QUOTED = re.compile(r"«[^»]*»|\d\.\d{6}|dòng [\d, ]+")
_NAMED = 5  # rows named in a sentence
_SHOWN = 20  # codes named in a message
KEPT_FOR = timedelta(days=2)  # a file that nobody accepts


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


@dataclass
class Incoming:
    """A whole file as read; kept as JSON between preview and acceptance."""

    filename: str
    digest: str
    rows: list[IncomingRow] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ignored_headers: list[str] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)


def group_refusals(refused: Iterable[Refusal]) -> list[str]:
    """Return each reason once, with how many rows it holds for and some of their numbers."""
    lines = []
    for items in gather((_QUOTED.sub("«…»", item.reason), item) for item in refused).values():
        rows = ", ".join(str(item.number) for item in items[:_NAMED])
        if len(items) == 1:
            lines.append(f"  Dòng {rows}: {items[0].reason}")
        else:
            more = "…" if len(items) > _NAMED else ""
            lines.append(f"  {len(items)} dòng ({rows}{more}), ví dụ: {items[0].reason}")
    return lines


def group_set_aside(cells: Iterable[SetAside]) -> list[str]:
    """Return one sentence for each column with cells that could not be read."""
    groups = gather((cell.header, cell) for cell in cells)
    return [
        f"  Cột «{header}»: {len(items)} ô không đọc được, đã để riêng, dòng vẫn nhận "
        f"(ví dụ dòng {items[0].number}: {items[0].reason})"
        for header, items in groups.items()
    ]


def _compare(
    session: AnySession, rows: Sequence[IncomingRow], refused: list[Refusal]
) -> Iterator[tuple[Procedure | None, RowChange]]:
    """Yield each row beside what the list holds; add unreadable ones to ``refused``."""
    names = {field.name.casefold(): field.name for field in list_fields(session)}
    for chunk in in_chunks(rows):
        found = iterate_rows(session, [one.cells["code"] for one in chunk])
        known = {row.code: row for row in found}
        for one in chunk:
            row = known.get(one.cells["code"])
            before = cells_of(row) if row else {}
            cells = dict(one.cells)
            if field_ := " ".join(cells.get("field", "").split()):  # HỘ TỊCH is our Hộ tịch
                cells["field"] = names.setdefault(field_.casefold(), field_)
            try:
                change = propose(before, merge_cells(before, cells))
            except RecordRefused as error:
                refused.append(Refusal(one.number, one.cells["code"], str(error)))
            else:
                yield row, change


def merge_cells(before: Cells, cells: Cells) -> Cells:
    """Return the cells after the file: its columns over what is known, the others untouched."""
    merged = before | cells
    told = [split_channels(cells.get(key, "")) for key in CHANNEL_CELLS]
    if "channels" not in cells and any(ways[0][0] is not ChannelKind.ANY for ways in told):
        # the file names the channels inside its texts: they replace the former ones
        merged["channels"] = ""
        if "channel_notes" not in cells:
            merged["channel_notes"] = ""
    if not cells.get("is_posted"):
        merged["is_posted"] = before.get("is_posted", "Có")
    return merged


def _find_missing(session: AnySession, incoming: Incoming) -> tuple[str, ...]:
    """Return the codes the list holds and the file does not mention, refused rows included."""
    mentioned = {row.cells["code"] for row in incoming.rows}
    mentioned |= {refusal.code for refusal in incoming.refused}
    codes = session.scalars(select(Procedure.code).order_by(Procedure.code))
    return tuple(code for code in codes if code not in mentioned)


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
    return _add_batch(
        session,
        actor,
        BatchState.PENDING,
        filename=incoming.filename[-200:],
        digest=incoming.digest,
        content=asdict(incoming),
    )


def _add_batch(session: AnySession, actor: Actor, state: BatchState, **values: Any) -> ImportBatch:
    batch = ImportBatch(
        state=state.value, created_by_id=actor.id, created_by_name=actor.name, **values
    )
    session.add(batch)
    session.flush()
    return batch


class Plan:
    """What accepting the batch would do to the list as it is now."""

    def __init__(self, session: AnySession, batch: ImportBatch) -> None:
        self.incoming = from_details(Incoming, batch.content)
        refused = list(self.incoming.refused)
        found = [change for _row, change in _compare(session, self.incoming.rows, refused)]
        different = [change for change in found if change.before != change.after]
        self.new = [change for change in different if not change.before]
        self.changed = [change for change in different if change.before]
        self.unchanged = len(found) - len(different)
        self.is_empty = not different
        self.missing = _find_missing(session, self.incoming)
        self.refused = sorted(refused, key=lambda item: item.number)


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
    incoming = from_details(Incoming, batch.content)
    change = Change(session, actor, "import", f"Nhập tệp {batch.filename}", batch.id)
    missing = _find_missing(session, incoming) if hide_missing else ()
    refused, counts = list(incoming.refused), {"new": 0, "changed": 0, "unchanged": 0}
    with write_once(session):
        for row, item in _compare(session, incoming.rows, refused):
            if item.before == item.after:
                counts["unchanged"] += 1
                continue
            change.write(row or Procedure(), item)
            counts["changed" if row else "new"] += 1
        if not any(counts.values()):
            words = "Tệp không có dòng nào nhận được; danh mục không thay đổi."
            raise ImportRejected("\n".join([words, *group_refusals(refused)]))
    hidden = change.edit_all(missing, BulkDeed(Deed.HIDE).edit)
    told = {**counts, "hidden": hidden}
    rows = [[refusal.number, refusal.code, refusal.reason] for refusal in refused]
    batch.content, batch.summary, batch.applied_at = {}, {**told, "refused": rows}, utc_now()
    noted = {key: told[key] for key in ("new", "changed", "hidden")}
    record(session, actor, "procedure.import", "procedure", file=batch.filename, **noted)
    session.flush()
    return batch.summary


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
    change = Change(session, actor, "undo", f"Hoàn tác: {batch.filename}", batch.id)
    with write_once(session):
        for row in iterate_rows(session, list(first)):
            before = first[row.code].before
            if before:
                change.store(row, now[row.code], before)
            else:
                change.note(row.code, now[row.code], {})
                session.delete(row)
    used = exists().where(Procedure.field_id == ProcedureField.id)
    for unused in session.scalars(select(ProcedureField).where(~used)):
        session.delete(unused)
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

    A new status rests on a decision and its day: ``RecordRefused`` without.
    """

    kind: Deed
    is_all: bool = False
    status: ProcedureStatus = ProcedureStatus.IN_FORCE
    decision: str = ""
    on: date = date.min

    def __post_init__(self) -> None:
        if self.kind is Deed.STATUS and not self.decision.strip():
            raise RecordRefused("Hãy ghi số quyết định làm căn cứ thay đổi trạng thái.")

    def title(self, count: int) -> str:
        """Return the deed in words, with how many procedures it changes."""
        number = format_number(count)
        if self.kind is Deed.STATUS:
            words = f"«{self.status.label}» theo quyết định {self.decision}"
            return f"Đổi trạng thái {number} thủ tục thành {words}"
        if self.kind is Deed.HIDE:
            return f"Ẩn {number} thủ tục khỏi trang công khai"
        return f"Công khai {number} thủ tục"

    def edit(self, record: ProcedureRecord) -> ProcedureRecord:
        """Return a procedure after the deed."""
        if self.kind is not Deed.STATUS:
            return replace(record, is_posted=self.kind is Deed.POST)
        day: dict[str, Any] = {STATUS_DAY[self.status]: self.on}
        return replace(record, status=self.status, status_decision=self.decision, **day)


def do_in_bulk(
    session: AnySession, codes: Sequence[str], deed: BulkDeed, actor: Actor
) -> ImportBatch:
    """Do it as one batch, so that one button undoes it; return the batch."""
    begin_writing(session)
    batch = _add_batch(session, actor, BatchState.APPLIED, filename="", digest="")  # no file
    batch.applied_at = utc_now()
    is_status = deed.kind is Deed.STATUS
    reason = f"Quyết định {deed.decision}" if is_status else ""
    change = Change(session, actor, "status" if is_status else "posting", reason, batch.id)
    done = change.edit_all(codes, deed.edit)
    told = {"deed": change.action, "reason": reason, "count": done, "batch": batch.id}
    record(session, actor, "procedure.batch", "procedure", **told)
    batch.filename = deed.title(done)[:200]
    batch.summary = {"deed": deed.kind.value, "all": deed.is_all, "changed": done}
    session.flush()
    return batch


def find_hidden_by_hand(session: AnySession, codes: Sequence[str]) -> tuple[str, ...]:
    """Return those of hidden procedures that no deed with a whole list hid: somebody meant them."""
    revision, hidden = ProcedureRevision, "Không"
    last: dict[str, int | None] = {}
    for chunk in in_chunks(codes):
        query = select(revision.procedure_code, revision.batch_id).where(
            revision.procedure_code.in_(chunk),
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
