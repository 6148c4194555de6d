"""Reports, their sheets, reasons for warnings, kept drafts: what staff edit before publication."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cchc_public.store.base import Base, UtcDateTime, utc_now


class Report(Base):
    """One reporting period (kỳ báo cáo) of the commune; owns one sheet per table."""

    __tablename__ = "cchc_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(20), unique=True)  # 2023-6-thang
    kind: Mapped[str] = mapped_column(String(20))  # PeriodKind value
    year: Mapped[int]
    ordinal: Mapped[int]  # month 1-12, quarter 1-4, otherwise 0
    data_from: Mapped[date]  # default data window; sheets may differ
    data_to: Mapped[date]
    due_on: Mapped[date | None]  # when the next figures are promised
    # head of the printed report (NĐ 30/2020): document_number, issued_on, place, superior_body,
    # recipients (list), signatory, signatory_title, on_behalf_of
    head: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # [{"title": str, "text": str}]: the report's words, paragraphs parted by an empty line
    narrative: Mapped[list[Any]] = mapped_column(default=list)
    # codes of tables of which somebody said that this period has no figures for them
    declared_empty: Mapped[list[Any]] = mapped_column(default=list)
    version: Mapped[int] = mapped_column(default=1)
    edited_by_id: Mapped[str] = mapped_column(String(64), default="")  # opaque, the host's
    edited_by_name: Mapped[str] = mapped_column(String(200), default="")
    edited_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    sheets: Mapped[list[SheetRecord]] = relationship(
        back_populates="report", cascade="all, delete-orphan", order_by="SheetRecord.id"
    )
    reasons: Mapped[list[WarningReason]] = relationship(
        cascade="all, delete-orphan", order_by="WarningReason.id"
    )

    __mapper_args__ = {"version_id_col": version}


class SheetRecord(Base):
    """One table of one report as staff left it; ``content`` is what ``sheet_to_json`` wrote."""

    __tablename__ = "cchc_sheet"
    __table_args__ = (UniqueConstraint("report_id", "table_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("cchc_report.id", ondelete="CASCADE"))
    table_code: Mapped[str] = mapped_column(String(40))
    edition: Mapped[str] = mapped_column(String(40))
    content: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)  # optimistic lock
    edited_by_id: Mapped[str] = mapped_column(String(64), default="")
    edited_by_name: Mapped[str] = mapped_column(String(200), default="")
    edited_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    report: Mapped[Report] = relationship(back_populates="sheets")

    __mapper_args__ = {"version_id_col": version}


class WarningReason(Base):
    """Why a warning stands; published beside the figure. Bound to the finding's key and numbers."""

    __tablename__ = "cchc_warning_reason"
    __table_args__ = (UniqueConstraint("report_id", "finding_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("cchc_report.id", ondelete="CASCADE"))
    finding_key: Mapped[str] = mapped_column(String(16))
    # rule, table, row, column: where the figure stands, whatever it was
    place: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text)
    given_by_id: Mapped[str] = mapped_column(String(64), default="")
    given_by_name: Mapped[str] = mapped_column(String(200), default="")
    given_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class FormDraft(Base):
    """A posted form that could not be saved (expired login); given back after signing in."""

    __tablename__ = "cchc_form_draft"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    path: Mapped[str] = mapped_column(String(500))
    fields: Mapped[list[Any]]  # [[name, value], …] as posted, without CSRF token
    owner_id: Mapped[str] = mapped_column(String(64))  # only this user gets it back
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
