"""The way of a report to its release: hand-ins with remarks, preview links; facts of its paper."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cchc_public.store.base import Base, UtcDateTime, utc_now

HANDED_IN, RETURNED, APPROVED = "handed-in", "returned", "approved"
PUBLISHED, RECALLED, VOID = "published", "recalled", "void"
ACTIVE = (HANDED_IN, APPROVED)  # nobody edits the report meanwhile


class HandIn(Base):
    """One time a report was handed in, and what became of it; at most one is active."""

    __tablename__ = "cchc_hand_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(
        ForeignKey("cchc_report.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[str] = mapped_column(String(20), index=True)
    note: Mapped[str] = mapped_column(Text, default="")  # to the approver
    reason: Mapped[str] = mapped_column(Text, default="")  # of a correction; published with it
    handed_in_by_id: Mapped[str] = mapped_column(String(64))
    handed_in_by_name: Mapped[str] = mapped_column(String(200))
    handed_in_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    decided_by_id: Mapped[str] = mapped_column(String(64), default="")
    decided_by_name: Mapped[str] = mapped_column(String(200), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    message: Mapped[str] = mapped_column(Text, default="")  # of the approver, when returned
    publish_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: when somebody says so
    seen: Mapped[str] = mapped_column(String(64))  # publishing.state_of: what was handed in
    content: Mapped[str] = mapped_column(Text, default="")  # frozen at approval, without a number
    remarks: Mapped[list[Remark]] = relationship(cascade="all, delete-orphan", order_by="Remark.id")

    @property
    def is_approved(self) -> bool:
        """True from the approval to the publication."""
        return self.state == APPROVED

    @property
    def is_active(self) -> bool:
        """True while the report is frozen for editing."""
        return self.state in ACTIVE


class Remark(Base):
    """What the approver says about one cell, or one part of the words."""

    __tablename__ = "cchc_remark"

    id: Mapped[int] = mapped_column(primary_key=True)
    hand_in_id: Mapped[int] = mapped_column(
        ForeignKey("cchc_hand_in.id", ondelete="CASCADE"), index=True
    )
    table_code: Mapped[str] = mapped_column(String(40), default="")
    row: Mapped[str] = mapped_column(String(200), default="")
    column: Mapped[str] = mapped_column(String(80), default="")
    part: Mapped[str] = mapped_column(String(20), default="")  # key of the outline
    label: Mapped[str] = mapped_column(Text)  # the place in words, as it was then
    text: Mapped[str] = mapped_column(Text)
    given_by_name: Mapped[str] = mapped_column(String(200))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class PreviewLink(Base):
    """A link that shows a draft to somebody without an account; only its digest is kept."""

    __tablename__ = "cchc_preview_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(
        ForeignKey("cchc_report.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    made_by_name: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PaperEntry(Base):
    """One line of the log of a paper's facts; the newest holds, none is ever changed."""

    __tablename__ = "cchc_paper_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(
        ForeignKey("cchc_release.id", ondelete="RESTRICT"), index=True
    )
    facts: Mapped[dict[str, Any]]  # see releases/papers.py
    entered_by_id: Mapped[str] = mapped_column(String(64))
    entered_by_name: Mapped[str] = mapped_column(String(200))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class SignedCopy(Base):
    """The PDF of a signed paper, by its SHA-256."""

    __tablename__ = "cchc_signed_copy"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
