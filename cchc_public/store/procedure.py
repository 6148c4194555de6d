"""The procedure list: fields, procedures, imported files, history. NULL always means: the source
does not state it (không nêu trong nguồn); never free, never zero, never "no"."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cchc_public.store.base import Base, UtcDateTime, utc_now


class ProcedureField(Base):
    """One field (lĩnh vực): a row, not a constant; code never branches on it."""

    __tablename__ = "cchc_procedure_field"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)  # chung-thuc
    name: Mapped[str] = mapped_column(String(200), unique=True)  # Chứng thực
    folded: Mapped[str] = mapped_column(Text, default="")  # search key of the name


class Procedure(Base):
    """One administrative procedure: what lists ask for as columns, the rest as one JSON value."""

    __tablename__ = "cchc_procedure"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)  # d.dddddd, national database
    name: Mapped[str] = mapped_column(Text)
    field_id: Mapped[int] = mapped_column(
        ForeignKey("cchc_procedure_field.id", ondelete="RESTRICT"), index=True
    )
    # NĐ 63/2010 art. 14-15: decisions also list amended and repealed procedures
    status: Mapped[str] = mapped_column(String(20), index=True)  # ProcedureStatus value
    # three separate facts: a provincial procedure may be received here and decided elsewhere
    received_here: Mapped[bool | None]
    decided_here: Mapped[bool | None]
    is_posted: Mapped[bool] = mapped_column(default=True)  # shown to the public
    online_level: Mapped[str | None] = mapped_column(String(20))  # OnlineLevel value
    # everything else that is stated, see procedures/record.py; a missing key = not stated
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Made at save time, so that search and filters need no function of the database
    name_folded: Mapped[str] = mapped_column(Text, default="")
    text_folded: Mapped[str] = mapped_column(Text, default="")
    fee_classes: Mapped[str] = mapped_column(String(80), default="")  # see wording.fee_classes
    channel_kinds: Mapped[str] = mapped_column(String(80), default="")  # ChannelKind values
    version: Mapped[int] = mapped_column(default=1)  # optimistic lock
    edited_by_id: Mapped[str] = mapped_column(String(64), default="")
    edited_by_name: Mapped[str] = mapped_column(String(200), default="")
    edited_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    field: Mapped[ProcedureField] = relationship(lazy="joined", innerjoin=True)

    __mapper_args__ = {"version_id_col": version}


class ImportBatch(Base):
    """One uploaded file: read, looked at, accepted as a whole, undone as a whole."""

    __tablename__ = "cchc_import_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    filename: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the file
    state: Mapped[str] = mapped_column(String(20))  # BatchState value
    # while pending: the readable rows, so that what is accepted is what was shown; then {}
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)  # counts and refused rows
    created_by_id: Mapped[str] = mapped_column(String(64))
    created_by_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_name: Mapped[str] = mapped_column(String(200), default="")


class ProcedureRevision(Base):
    """One change of one procedure: all its cells before and after; append-only."""

    __tablename__ = "cchc_procedure_revision"
    __table_args__ = (
        Index(None, "procedure_code", "id"),
        # two transactions cannot leave the same stamp behind, see procedures/searching.py
        UniqueConstraint("token"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # no foreign key: the history outlives a procedure that an undone import took away
    procedure_code: Mapped[str] = mapped_column(String(8))
    action: Mapped[str] = mapped_column(String(40))  # create, edit, status, import, undo
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {} = did not exist
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {} = exists no more
    reason: Mapped[str] = mapped_column(Text, default="")
    batch_id: Mapped[int | None] = mapped_column(
        ForeignKey("cchc_import_batch.id", ondelete="RESTRICT"), index=True
    )
    actor_id: Mapped[str] = mapped_column(String(64))
    actor_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    token: Mapped[str] = mapped_column(String(32))


class UnansweredQuery(Base):
    """Words that people searched and nothing answered: what clerks should add; no persons."""

    __tablename__ = "cchc_unanswered_query"

    query: Mapped[str] = mapped_column(String(80), primary_key=True)  # folded
    count: Mapped[int]
    last_on: Mapped[date]


class HelpfulAnswers(Base):
    """How often readers said that a page helped them, or did not; nothing about who."""

    __tablename__ = "cchc_helpful"

    path: Mapped[str] = mapped_column(String(120), primary_key=True)  # Vietnamese, no prefix
    month: Mapped[date] = mapped_column(primary_key=True)  # its first day
    yes: Mapped[int]
    no: Mapped[int]
