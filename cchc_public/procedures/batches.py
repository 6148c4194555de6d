"""Import batches: a read file is kept, looked at, accepted as a whole and undone as a whole."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CursorResult, delete, exists, select, update

from cchc_public.errors import ImportRejected, StaleRevision
from cchc_public.procedures.cells import changed_cells, from_cells
from cchc_public.procedures.planning import (
    Incoming,
    Plan,
    Refusal,
    build_plan,
    find_missing,
    group_refusals,
    incoming_from_json,
    iterate_changes,
)
from cchc_public.procedures.reading import CHUNK, iterate_rows
from cchc_public.procedures.saving import (
    Change,
    FieldBook,
    build_revision,
    cells_of,
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
from cchc_public.store.actor import Actor, AnySession
from cchc_public.store.audit import record
from cchc_public.store.locking import begin_writing, write_once

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
    """Return what accepting the batch would do now."""
    return build_plan(session, incoming_from_json(batch.content))


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
    _refuse_later_changes(session, last)
    change = Change(actor, "undo", f"Hoàn tác tệp {batch.filename}", batch.id)
    with write_once(session):
        fields = FieldBook(session)
        for row in iterate_rows(session, list(first)):
            _put_back(session, row, first[row.code], change, fields)
    _drop_empty_fields(session)
    batch.undone_at, batch.undone_by_name = utc_now(), actor.name
    record(session, actor, "procedure.undo", "procedure", file=batch.filename, count=len(first))
    session.flush()
    return len(first)


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
            "Tệp này đã được nhận hoặc đã được hoàn tác; không có gì thay đổi thêm."
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


def _refuse_later_changes(session: AnySession, last: dict[str, ProcedureRevision]) -> None:
    now = {row.code: cells_of(row) for row in iterate_rows(session, list(last))}
    later = [
        code for code, revision in last.items() if changed_cells(now.get(code, {}), revision.after)
    ]
    if later:
        named = ", ".join(later[:_SHOWN])
        raise StaleRevision(
            f"Không hoàn tác được: {len(later)} thủ tục đã được sửa sau lần nhập này ({named}). "
            "Hãy sửa từng thủ tục theo lịch sử của nó."
        )


def _put_back(
    session: AnySession,
    row: Procedure,
    revision: ProcedureRevision,
    change: Change,
    fields: FieldBook,
) -> None:
    now = cells_of(row)
    if revision.before:
        store_record(session, row, now, from_cells(revision.before), change, fields)
    else:
        session.add(build_revision(row.code, now, {}, change))
        session.delete(row)


def _drop_empty_fields(session: AnySession) -> None:
    used = exists().where(Procedure.field_id == ProcedureField.id)
    for field in session.scalars(select(ProcedureField).where(~used)):
        session.delete(field)
