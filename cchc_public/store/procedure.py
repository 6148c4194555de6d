"""The procedure list: fields, procedures and what belongs to them. NULL always means: the source
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
    """One administrative procedure as the promulgating decision describes it."""

    __tablename__ = "cchc_procedure"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)  # d.dddddd, national database
    name: Mapped[str] = mapped_column(Text)
    field_id: Mapped[int] = mapped_column(
        ForeignKey("cchc_procedure_field.id", ondelete="RESTRICT"), index=True
    )
    level: Mapped[str | None] = mapped_column(String(200))  # cấp thực hiện, as the source says
    kind: Mapped[str | None] = mapped_column(String(200))  # loại thủ tục
    # NĐ 63/2010 art. 14-15: decisions also list amended and repealed procedures
    status: Mapped[str] = mapped_column(String(20), index=True)  # ProcedureStatus value
    in_force_from: Mapped[date | None]
    amended_on: Mapped[date | None]
    repealed_on: Mapped[date | None]
    status_decision: Mapped[str | None] = mapped_column(String(200))  # number of the last change
    decision_number: Mapped[str | None] = mapped_column(String(200))  # promulgating decision
    decision_on: Mapped[date | None]
    decision_by: Mapped[str | None] = mapped_column(String(200))
    # three separate facts: a provincial procedure may be received here and decided elsewhere
    received_here: Mapped[bool | None]
    decided_here: Mapped[bool | None]
    is_posted: Mapped[bool] = mapped_column(default=True)  # shown to the public
    authority: Mapped[str | None] = mapped_column(Text)  # cơ quan thực hiện
    address: Mapped[str | None] = mapped_column(Text)  # địa điểm tiếp nhận
    hours: Mapped[str | None] = mapped_column(Text)  # giờ tiếp nhận
    target_group: Mapped[str | None] = mapped_column(Text)  # đối tượng thực hiện
    result: Mapped[str | None] = mapped_column(Text)  # kết quả giải quyết
    conditions: Mapped[str | None] = mapped_column(Text)  # yêu cầu, điều kiện
    dossier_sets: Mapped[str | None] = mapped_column(String(200))  # số lượng hồ sơ, e.g. 01 bộ
    keywords: Mapped[str | None] = mapped_column(Text)  # từ khóa, searched
    online_level: Mapped[str | None] = mapped_column(String(20))  # OnlineLevel value
    online_words: Mapped[str] = mapped_column(String(200), default="")  # verbatim in the source
    partial_reason: Mapped[str | None] = mapped_column(Text)  # NĐ 224/2026 art. 14: why một phần
    portal_link: Mapped[str | None] = mapped_column(String(500))
    source: Mapped[str | None] = mapped_column(Text)
    source_on: Mapped[date | None]
    # Folded at save time, so that search needs no function of the database
    name_folded: Mapped[str] = mapped_column(Text, default="")
    text_folded: Mapped[str] = mapped_column(Text, default="")
    fee_classes: Mapped[str] = mapped_column(String(80), default="")  # see wording.fee_classes
    version: Mapped[int] = mapped_column(default=1)  # optimistic lock
    edited_by_id: Mapped[str] = mapped_column(String(64), default="")
    edited_by_name: Mapped[str] = mapped_column(String(200), default="")
    edited_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    field: Mapped[ProcedureField] = relationship(lazy="joined", innerjoin=True)
    channels: Mapped[list[ProcedureChannel]] = relationship(
        cascade="all, delete-orphan", order_by="ProcedureChannel.position"
    )
    components: Mapped[list[ProcedureComponent]] = relationship(
        cascade="all, delete-orphan", order_by="ProcedureComponent.position"
    )
    steps: Mapped[list[ProcedureStep]] = relationship(
        cascade="all, delete-orphan", order_by="ProcedureStep.position"
    )
    legal_bases: Mapped[list[LegalBasis]] = relationship(
        cascade="all, delete-orphan", order_by="LegalBasis.position"
    )
    exemptions: Mapped[list[LocalFeeExemption]] = relationship(
        cascade="all, delete-orphan", order_by="LocalFeeExemption.position"
    )

    __mapper_args__ = {"version_id_col": version}


class _Part:
    """What the rows that belong to a procedure share: owner and order."""

    id: Mapped[int] = mapped_column(primary_key=True)
    procedure_id: Mapped[int] = mapped_column(
        ForeignKey("cchc_procedure.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]  # 0, 1, … as in the source


class ProcedureChannel(_Part, Base):
    """One way to submit (cách thức thực hiện) with its own time limit and fee, both verbatim."""

    __tablename__ = "cchc_procedure_channel"

    kind: Mapped[str] = mapped_column(String(20))  # ChannelKind value
    time_limit: Mapped[str | None] = mapped_column(Text)
    # words with which the source says that it does not state it, e.g. "không nêu trên Cổng"
    time_absence: Mapped[str] = mapped_column(Text, default="")
    fee: Mapped[str | None] = mapped_column(Text)
    fee_absence: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str | None] = mapped_column(Text)


class ProcedureComponent(_Part, Base):
    """One paper of the dossier (thành phần hồ sơ)."""

    __tablename__ = "cchc_procedure_component"

    name: Mapped[str] = mapped_column(Text)
    form: Mapped[str | None] = mapped_column(Text)  # mẫu đơn, tờ khai
    originals: Mapped[int | None]  # số bản chính
    copies: Mapped[int | None]  # số bản sao
    case_label: Mapped[str | None] = mapped_column(Text)  # trường hợp áp dụng


class ProcedureStep(_Part, Base):
    """One step (trình tự thực hiện)."""

    __tablename__ = "cchc_procedure_step"

    text: Mapped[str] = mapped_column(Text)


class LegalBasis(_Part, Base):
    """One legal document the procedure rests on (căn cứ pháp lý)."""

    __tablename__ = "cchc_procedure_legal_basis"

    number: Mapped[str] = mapped_column(Text)  # many sources write the whole title here
    title: Mapped[str | None] = mapped_column(Text)
    issued_on: Mapped[date | None]
    issued_by: Mapped[str | None] = mapped_column(Text)


class LocalFeeExemption(_Part, Base):
    """Who pays less or nothing here (nghị quyết HĐND), under which document, from when to when."""

    __tablename__ = "cchc_procedure_exemption"

    beneficiary: Mapped[str] = mapped_column(Text)
    amount: Mapped[str | None] = mapped_column(Text)  # mức miễn, giảm, in the document's words
    document_number: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


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
