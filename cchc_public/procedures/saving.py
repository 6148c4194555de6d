"""The stored list: records in rows and back, changes with their history, import batches.

Every change leaves a revision with all cells before and after. Services flush and never commit;
the session belongs to whoever calls.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import func, select

from cchc_public.errors import NotFound, RecordRefused, StaleRevision
from cchc_public.procedures import (
    COLUMNS,
    ProcedureRecord,
    fee_classes,
    from_details,
    to_details,
)
from cchc_public.procedures.cells import (
    Cells,
    Changes,
    name_changes,
    read_cells,
    to_cells,
)
from cchc_public.store import (
    ImportBatch,
    Procedure,
    ProcedureField,
    ProcedureRevision,
    utc_now,
)
from cchc_public.store.base import Actor, AnySession, in_chunks
from cchc_public.store.writing import begin_writing, write_once
from cchc_public.store.writing import record as note_deed
from cchc_public.vietnamese.text import free_key, search_key, slugify


def read_record(row: Procedure) -> ProcedureRecord:
    """Return the values of a procedure's row."""
    columns = {key: getattr(row, key) for key in COLUMNS} | {"field": row.field.name}
    return from_details(ProcedureRecord, {**row.details, **columns})


def cells_of(row: Procedure) -> Cells:
    """Return the cells of a stored procedure."""
    return to_cells(read_record(row))


def find_procedure(session: AnySession, code: str) -> Procedure | None:
    """Return the row of one procedure or None."""
    return session.scalars(select(Procedure).where(Procedure.code == code)).one_or_none()


def get_procedure(session: AnySession, code: str) -> Procedure:
    """Return the row of one procedure; ``NotFound`` when there is none."""
    row = find_procedure(session, code)
    if row is None:
        raise NotFound(f"Không có thủ tục mang mã {code[:40]}.")
    return row


def find_posted(session: AnySession, code: str) -> ProcedureRecord | None:
    """Return a procedure that the public may see, or None."""
    row = find_procedure(session, code)
    return read_record(row) if row is not None and row.is_posted else None


def iterate_records(
    session: AnySession, codes: Sequence[str] | None = None
) -> Iterator[ProcedureRecord]:
    """Yield the records of ``codes`` in that order, or all; a long list needs little memory."""
    query = select(Procedure.code).order_by(Procedure.code)
    for chunk in in_chunks(session.scalars(query).all() if codes is None else codes):
        found = {row.code: row for row in iterate_rows(session, chunk)}
        yield from (read_record(found[code]) for code in chunk if code in found)


def iterate_rows(session: AnySession, codes: Sequence[str]) -> Iterator[Procedure]:
    """Yield the rows of the codes chunk by chunk; the session forgets them as soon as we do."""
    for chunk in in_chunks(codes):
        yield from session.scalars(
            select(Procedure).order_by(Procedure.code).where(Procedure.code.in_(chunk))
        ).all()


def list_fields(session: AnySession) -> tuple[ProcedureField, ...]:
    """Return all fields in alphabetical order."""
    return tuple(session.scalars(select(ProcedureField).order_by(ProcedureField.folded)))


def list_history(session: AnySession, code: str) -> tuple[tuple[ProcedureRevision, Changes], ...]:
    """Return the changes of one procedure, newest first, each compared with what was before."""
    revision = ProcedureRevision
    query = select(revision).where(revision.procedure_code == code).order_by(revision.id.desc())
    return tuple((one, name_changes(one.before, one.after)) for one in session.scalars(query))


def last_change(session: AnySession, codes: Sequence[str]) -> datetime:
    """Return when one of the procedures changed last; papers print it as their date."""
    code, newest = ProcedureRevision.procedure_code, select(func.max(ProcedureRevision.at))
    changes = [session.scalar(newest.where(code.in_(chunk))) for chunk in in_chunks(codes)]
    return max((at for at in changes if at is not None), default=utc_now())


def list_batches(session: AnySession, limit: int = 50) -> tuple[ImportBatch, ...]:
    """Return the latest import batches, newest first."""
    return tuple(session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc()).limit(limit)))


def get_batch(session: AnySession, batch_id: int) -> ImportBatch:
    """Return one import batch; ``NotFound`` when there is none."""
    batch = session.get(ImportBatch, batch_id)
    if batch is None:
        raise NotFound("Không có lần nhập tệp này.")
    return batch


def create_procedure(session: AnySession, record: ProcedureRecord, actor: Actor) -> Procedure:
    """Store a new procedure; ``RecordRefused`` when it is ill-formed or its code is taken."""
    begin_writing(session)
    if find_procedure(session, record.code) is not None:
        raise RecordRefused(f"Mã {record.code} đã có trong danh mục; hãy sửa thủ tục đó.")
    row = Procedure()
    with write_once(session):
        Change(session, actor, "create").store(row, {}, to_cells(record))
    note_deed(session, actor, "procedure.create", f"procedure/{record.code}")
    return row


def save_procedure(
    session: AnySession, record: ProcedureRecord, actor: Actor, *, version: int, reason: str = ""
) -> Procedure:
    """Store the changed procedure; ``StaleRevision`` when someone saved it after ``version``."""
    begin_writing(session)
    row = get_procedure(session, record.code)
    if row.version != version:
        raise StaleRevision(
            f"{row.edited_by_name or 'Người khác'} vừa lưu thủ tục {row.code}. "
            "Hãy xem lại nội dung mới rồi sửa tiếp; bản của bạn chưa được lưu."
        )
    # a new status rests on a decision of a day; without both nobody can check it later
    is_based = record.status_decision and record.status_since is not None
    if record.status.value != row.status and not is_based:
        raise RecordRefused(
            "Đổi trạng thái phải kèm số quyết định thay đổi trạng thái và ngày tương ứng "
            "(ngày có hiệu lực, ngày sửa đổi hoặc ngày bãi bỏ)."
        )
    with write_once(session):
        is_new = Change(session, actor, "edit", reason).store(row, cells_of(row), to_cells(record))
    if is_new:
        note_deed(session, actor, "procedure.edit", f"procedure/{record.code}", reason=reason)
    return row


@dataclass(frozen=True)
class RowChange:
    """One procedure that is added (``before`` empty) or changed."""

    before: Cells
    after: Cells
    record: ProcedureRecord

    @property
    def changes(self) -> Changes:
        """Return the changed columns, named, with old and new text."""
        return name_changes(self.before, self.after)


def propose(before: Cells, cells: Cells) -> RowChange:
    """Return what ``cells`` would make of a procedure; ``RecordRefused`` names their faults.

    Stored is what can be exported and read back.
    """
    record, problems = read_cells(cells)
    if problems:
        raise RecordRefused(" ".join(problems.values()))
    return RowChange(before, to_cells(record), record)


@dataclass
class Change:
    """Who changes what, and why; stands beside every revision.

    One query for the fields, however many procedures are stored.
    """

    session: AnySession
    actor: Actor
    action: str
    reason: str = ""
    batch_id: int | None = None

    @cached_property
    def _fields(self) -> dict[str, ProcedureField]:
        return {field.name: field for field in self.session.scalars(select(ProcedureField))}

    def store(self, row: Procedure, before: Cells, cells: Cells) -> bool:
        """Write ``cells`` into ``row``, without flushing; False when nothing differs."""
        change = propose(before, cells)
        if change.after != before:
            self.write(row, change)
        return change.after != before

    def write(self, row: Procedure, change: RowChange) -> None:
        """Set every column of ``row``, those for search and filters too; note the revision."""
        record = change.record
        row.field = self._find_field(record.field)
        for key in ("code", "name", "received_here", "decided_here", "is_posted"):
            setattr(row, key, getattr(record, key))
        row.status = record.status.value
        row.online_level = record.online_level.value if record.online_level else None
        row.details = to_details(record)
        kinds = dict.fromkeys(channel.kind.value for channel in record.channels)
        row.channel_kinds = f" {' '.join(kinds)} " if kinds else ""
        row.fee_classes = fee_classes(record.channels)
        row.name_folded = search_key(record.name)
        papers = (f"{item.name} {item.form}" for item in record.components)
        texts = (record.keywords, record.target_group, record.result, record.conditions, *papers)
        row.text_folded = search_key(" ".join(texts))
        row.sign(self.actor)
        self.session.add(row)
        self.note(record.code, change.before, change.after)

    def note(self, code: str, before: Cells, after: Cells) -> None:
        """Add one line of history; its token makes the stamp of the list unique."""
        self.session.add(
            ProcedureRevision(
                procedure_code=code,
                action=self.action,
                before=before,
                after=after,
                reason=self.reason,
                batch_id=self.batch_id,
                actor_id=self.actor.id,
                actor_name=self.actor.name,
                token=secrets.token_hex(16),
            )
        )

    def edit_all(
        self, codes: Iterable[str], edit: Callable[[ProcedureRecord], ProcedureRecord]
    ) -> int:
        """Edit all procedures alike; return how many changed."""
        wanted = list(dict.fromkeys(codes))
        with write_once(self.session):
            changed = [
                self.store(row, cells_of(row), to_cells(edit(read_record(row))))
                for row in iterate_rows(self.session, wanted)
            ]
            if len(changed) != len(wanted):
                raise NotFound(
                    "Có thủ tục được chọn không còn trong danh mục; hãy tải lại danh sách."
                )
        return sum(changed)

    def _find_field(self, name: str) -> ProcedureField:
        if name not in self._fields:
            base = slugify(name)[:100].strip("-") or "linh-vuc"
            slug = free_key(base, {field.slug for field in self._fields.values()})
            self._fields[name] = ProcedureField(name=name, slug=slug, folded=search_key(name))
            self.session.add(self._fields[name])
        return self._fields[name]
