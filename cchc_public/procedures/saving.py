"""Changes procedures; every change leaves a revision with all cells before and after.

Services flush and never commit; the session belongs to whoever calls.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, count

from sqlalchemy import select

from cchc_public.errors import NotFound, RecordRefused, StaleRevision
from cchc_public.procedures.cells import Cells, UnreadableCell, from_cells, to_cells
from cchc_public.procedures.reading import (
    find_procedure,
    get_procedure,
    iterate_rows,
    read_record,
    write_record,
)
from cchc_public.procedures.record import ProcedureRecord, ProcedureStatus, find_faults
from cchc_public.store import Procedure, ProcedureField, ProcedureRevision, utc_now
from cchc_public.store.audit import record as note_deed
from cchc_public.store.base import Actor, AnySession
from cchc_public.store.locking import begin_writing, write_once
from cchc_public.vietnamese.text import search_key, slugify

# the day that each status is about
STATUS_DAY = {
    ProcedureStatus.IN_FORCE: "in_force_from",
    ProcedureStatus.NOT_YET: "in_force_from",
    ProcedureStatus.AMENDED: "amended_on",
    ProcedureStatus.REPEALED: "repealed_on",
}


@dataclass(frozen=True)
class Change:
    """Why something changes; stands beside every revision."""

    actor: Actor
    action: str
    reason: str = ""
    batch_id: int | None = None


def create_procedure(session: AnySession, record: ProcedureRecord, actor: Actor) -> Procedure:
    """Store a new procedure; ``RecordRefused`` when it is ill-formed or its code is taken."""
    begin_writing(session)
    if find_procedure(session, record.code) is not None:
        raise RecordRefused(f"Mã {record.code} đã có trong danh mục; hãy sửa thủ tục đó.")
    row = Procedure()
    with write_once(session):
        store_record(session, row, {}, record, Change(actor, "create"), FieldBook(session))
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
    is_based = record.status_decision and getattr(record, STATUS_DAY[record.status]) is not None
    if record.status.value != row.status and not is_based:
        raise RecordRefused(
            "Đổi trạng thái phải kèm số quyết định thay đổi trạng thái và ngày tương ứng "
            "(ngày có hiệu lực, ngày sửa đổi hoặc ngày bãi bỏ)."
        )
    with write_once(session):
        change = Change(actor, "edit", reason)
        is_new = store_record(session, row, cells_of(row), record, change, FieldBook(session))
    if is_new:
        note_deed(session, actor, "procedure.edit", f"procedure/{record.code}", reason=reason)
    return row


def change_status(
    session: AnySession,
    codes: Iterable[str],
    status: ProcedureStatus,
    actor: Actor,
    *,
    decision: str,
    on: date,
    batch_id: int | None = None,
) -> int:
    """Give all procedures a status with decision number and date; return how many changed."""
    if not decision.strip():
        raise RecordRefused("Hãy ghi số quyết định làm căn cứ thay đổi trạng thái.")
    return _change_all(
        session,
        codes,
        lambda record: replace(
            replace(record, status=status, status_decision=decision.strip()),
            **{STATUS_DAY[status]: on},  # type: ignore[arg-type]
        ),
        Change(actor, "status", f"Quyết định {decision.strip()}", batch_id),
    )


def set_posted(session: AnySession, codes: Iterable[str], posted: bool, change: Change) -> int:
    """Show or hide procedures on the public list; return how many changed."""
    return _change_all(session, codes, lambda record: replace(record, is_posted=posted), change)


def store_record(
    session: AnySession,
    row: Procedure,
    before: Cells,
    record: ProcedureRecord,
    change: Change,
    fields: FieldBook,
) -> bool:
    """Write ``record`` into ``row`` with a revision, without flushing; False when equal."""
    cells, normal = normalize(record)
    if cells == before:
        return False
    write_change(session, row, before, (cells, normal), change, fields)
    return True


def write_change(
    session: AnySession,
    row: Procedure,
    before: Cells,
    after: tuple[Cells, ProcedureRecord],
    change: Change,
    fields: FieldBook,
) -> None:
    """Write what ``normalize`` returned, and the revision that tells of it."""
    cells, normal = after
    write_record(row, normal, fields.get(normal.field))
    row.edited_by_id, row.edited_by_name = change.actor.id, change.actor.name
    row.edited_at = utc_now()
    session.add(row)
    session.add(build_revision(normal.code, before, cells, change))


def normalize(record: ProcedureRecord) -> tuple[Cells, ProcedureRecord]:
    """Return the record as it can be exported and read back; ``RecordRefused`` names its faults."""
    try:
        normal = from_cells(to_cells(record))
    except UnreadableCell as error:
        raise RecordRefused(str(error)) from error
    return check_record(normal), normal


def check_record(record: ProcedureRecord) -> Cells:
    """Return the cells of a record that was read from cells; ``RecordRefused`` names its faults."""
    faults = find_faults(record)
    if faults:
        raise RecordRefused(" ".join(faults))
    return to_cells(record)


def build_revision(code: str, before: Cells, after: Cells, change: Change) -> ProcedureRevision:
    """Return one line of history; its token makes the stamp of the list unique."""
    return ProcedureRevision(
        procedure_code=code,
        action=change.action,
        before=before,
        after=after,
        reason=change.reason,
        batch_id=change.batch_id,
        actor_id=change.actor.id,
        actor_name=change.actor.name,
        token=secrets.token_hex(16),
    )


class FieldBook:
    """The fields by name; one query however many procedures are stored."""

    def __init__(self, session: AnySession) -> None:
        """Read all fields."""
        self._session = session
        self._by_name = {field.name: field for field in session.scalars(select(ProcedureField))}

    def get(self, name: str) -> ProcedureField:
        """Return the field of that name, a new one when there is none yet."""
        field = self._by_name.get(name)
        if field is None:
            base = slugify(name)[:100].strip("-") or "linh-vuc"
            taken = {field.slug for field in self._by_name.values()}
            slugs = chain((base,), (f"{base}-{number}" for number in count(2)))
            slug = next(slug for slug in slugs if slug not in taken)
            field = ProcedureField(name=name, slug=slug, folded=search_key(name))
            self._session.add(field)
            self._by_name[name] = field
        return field


def _change_all(
    session: AnySession,
    codes: Iterable[str],
    edit: Callable[[ProcedureRecord], ProcedureRecord],
    change: Change,
) -> int:
    wanted = list(dict.fromkeys(codes))
    with write_once(session):
        fields = FieldBook(session)
        changed = [
            store_record(session, row, cells_of(row), edit(read_record(row)), change, fields)
            for row in iterate_rows(session, wanted)
        ]
        if len(changed) != len(wanted):
            raise NotFound("Có thủ tục được chọn không còn trong danh mục; hãy tải lại danh sách.")
    if change.action in ("posting", "status"):  # an import writes its own line
        told = {"deed": change.action, "reason": change.reason, "count": sum(changed)}
        if change.batch_id is not None:
            told["batch"] = change.batch_id
        note_deed(session, change.actor, "procedure.batch", "procedure", **told)
    return sum(changed)


def cells_of(row: Procedure) -> Cells:
    """Return the cells of a stored procedure."""
    return to_cells(read_record(row))
