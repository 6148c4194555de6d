"""Carries records into rows and back; reads procedures, their history, import batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from cchc_public.errors import NotFound
from cchc_public.procedures.cells import changed_cells, get_header
from cchc_public.procedures.record import (
    OnlineLevel,
    ProcedureRecord,
    ProcedureStatus,
    fee_classes,
    from_details,
    to_details,
)
from cchc_public.store import (
    ImportBatch,
    Procedure,
    ProcedureField,
    ProcedureRevision,
    utc_now,
)
from cchc_public.store.base import AnySession
from cchc_public.vietnamese.text import search_key

CHUNK = 500  # SQLite takes a limited number of values in one question


@dataclass(frozen=True)
class HistoryEntry:
    """One change: who, when, why, and each changed column as (header, old, new)."""

    action: str
    at: datetime
    actor_name: str
    reason: str
    batch_id: int | None
    changes: tuple[tuple[str, str, str], ...]


def read_record(row: Procedure) -> ProcedureRecord:
    """Return the values of a procedure's row."""
    columns = {
        "code": row.code,
        "name": row.name,
        "field": row.field.name,
        "status": ProcedureStatus(row.status),
        "received_here": row.received_here,
        "decided_here": row.decided_here,
        "is_posted": row.is_posted,
        "online_level": OnlineLevel(row.online_level) if row.online_level else None,
    }
    return from_details(row.details, columns)


def write_record(row: Procedure, record: ProcedureRecord, field: ProcedureField) -> None:
    """Set every column of ``row``, those for search and filters too."""
    row.field = field
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


def find_procedure(session: AnySession, code: str) -> Procedure | None:
    """Return the row of one procedure or None."""
    return session.scalars(
        select(Procedure).order_by(Procedure.code).where(Procedure.code == code)
    ).one_or_none()


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


def list_records(
    session: AnySession, *, field_slug: str = "", posted_only: bool = False
) -> tuple[ProcedureRecord, ...]:
    """Return full records in code order, of one field or all."""
    query = select(Procedure).order_by(Procedure.code)
    if field_slug:
        query = query.join(ProcedureField).where(ProcedureField.slug == field_slug)
    if posted_only:
        query = query.where(Procedure.is_posted)
    return tuple(read_record(row) for row in session.scalars(query))


def iterate_records(session: AnySession, codes: Iterable[str] = ()) -> Iterator[ProcedureRecord]:
    """Return the records one by one, so that a large list needs little memory."""
    wanted = list(codes) or list(session.scalars(select(Procedure.code).order_by(Procedure.code)))
    return (read_record(row) for row in iterate_rows(session, wanted))


def iterate_rows(session: AnySession, codes: Sequence[str]) -> Iterator[Procedure]:
    """Yield the rows of the codes chunk by chunk; the session forgets them as soon as we do."""
    for start in range(0, len(codes), CHUNK):
        chunk = codes[start : start + CHUNK]
        yield from session.scalars(
            select(Procedure).order_by(Procedure.code).where(Procedure.code.in_(chunk))
        ).all()


def list_rows(session: AnySession, codes: Iterable[str]) -> tuple[ProcedureRecord, ...]:
    """Return the records of one page of a list, in the order of ``codes``."""
    wanted = list(codes)
    query = select(Procedure).order_by(Procedure.code).where(Procedure.code.in_(wanted))
    found = {row.code: row for row in session.scalars(query)}
    return tuple(read_record(found[code]) for code in wanted if code in found)


def list_fields(session: AnySession) -> tuple[ProcedureField, ...]:
    """Return all fields in alphabetical order."""
    return tuple(session.scalars(select(ProcedureField).order_by(ProcedureField.folded)))


def list_history(session: AnySession, code: str) -> tuple[HistoryEntry, ...]:
    """Return the changes of one procedure, newest first, each compared with what was before."""
    query = (
        select(ProcedureRevision)
        .where(ProcedureRevision.procedure_code == code)
        .order_by(ProcedureRevision.id.desc())
    )
    return tuple(
        HistoryEntry(
            one.action,
            one.at,
            one.actor_name,
            one.reason,
            one.batch_id,
            tuple(
                (get_header(key), old, new)
                for key, (old, new) in changed_cells(one.before, one.after).items()
            ),
        )
        for one in session.scalars(query)
    )


def last_change(session: AnySession, codes: Sequence[str]) -> datetime:
    """Return when one of the procedures changed last; papers print it as their date."""
    changes = [
        session.scalar(
            select(func.max(ProcedureRevision.at)).where(
                ProcedureRevision.procedure_code.in_(codes[start : start + CHUNK])
            )
        )
        for start in range(0, len(codes), CHUNK)
    ]
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
