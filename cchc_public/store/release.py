"""Releases and the audit trail: rows that no one changes; triggers in the migration enforce it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cchc_public.store.base import Base, UtcDateTime, utc_now


class Release(Base):
    """A frozen publication of one report: canonical JSON, its SHA-256, who, when, why."""

    __tablename__ = "cchc_release"
    __table_args__ = (UniqueConstraint("period_slug", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # RESTRICT: a published report cannot be deleted
    report_id: Mapped[int] = mapped_column(ForeignKey("cchc_report.id", ondelete="RESTRICT"))
    period_slug: Mapped[str] = mapped_column(String(20), index=True)
    number: Mapped[int]  # 1, 2, … within the period
    kind: Mapped[str] = mapped_column(String(20))  # first, correction, withdrawal
    reason: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[str] = mapped_column(Text)  # canonical JSON, see releases/content.py
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of content, hex
    # Copied out of the content so that lists need not open it.
    period_order: Mapped[str] = mapped_column(String(20), index=True)  # sorts as the periods do
    data_from: Mapped[date]
    data_to: Mapped[date]
    due_on: Mapped[date | None]
    published_by_id: Mapped[str] = mapped_column(String(64))
    published_by_name: Mapped[str] = mapped_column(String(200))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class AuditEntry(Base):
    """One line of the audit trail: who did what to which thing, when; append-only.

    Each line carries the digest of the line before it; lines older than that rule carry none and
    are sealed by the first that does (``audit.anchor``).
    """

    __tablename__ = "cchc_audit_entry"
    __table_args__ = (
        Index(None, "subject", "at"),
        # two lines that follow the same one would be two trails
        Index("uq_cchc_audit_entry_previous_digest", "previous_digest", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    actor_id: Mapped[str] = mapped_column(String(64))
    actor_name: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(40))  # e.g. sheet.save, release.publish
    subject: Mapped[str] = mapped_column(String(120))  # e.g. 2023-6-thang/ho-so
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)  # changed cells: old, new
    previous_digest: Mapped[str | None] = mapped_column(String(64))
    digest: Mapped[str | None] = mapped_column(String(64))  # SHA-256 of the line, hex
