"""Every table of ours but those of the accounts; no queries, no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cchc_public.store.base import LARGEST_INTEGER, Actor, Base, UtcDateTime, utc_now

__all__ = ["LARGEST_INTEGER", "Base", "utc_now"]  # the rest is our own


class Edited:
    """Who changed a row last, and when; the id is opaque, the host's."""

    edited_by_id: Mapped[str] = mapped_column(String(64), default="")
    edited_by_name: Mapped[str] = mapped_column(String(200), default="")
    edited_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    def sign(self, actor: Actor) -> None:
        """Note who changes the row now."""
        self.edited_by_id, self.edited_by_name = actor.id, actor.name
        self.edited_at = utc_now()


class Versioned:
    """What somebody may change while another has it open; the version is the optimistic lock."""

    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class Numbered:
    """Rows with a number that the database gives."""

    id: Mapped[int] = mapped_column(primary_key=True)


class OnlyRow(Edited, Versioned, Base):
    """The only row of its table: all values as JSON, those that are missing have their default."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)


class SettingsRecord(OnlyRow):
    """What administrators set in the office, by keys without prefix."""


class OneStopDesk(OnlyRow):
    """The commune's one-stop desk (see desk.py)."""

    __tablename__ = "cchc_desk"


class Picture(Base):
    """A picture by the digest of its bytes: never changed, only replaced."""

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256, hex
    mimetype: Mapped[str] = mapped_column(String(40))
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class Report(Numbered, Edited, Versioned, Base):
    """One reporting period (kỳ báo cáo) of the commune; owns one sheet per table."""

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
    sheets: Mapped[list[SheetRecord]] = relationship(
        back_populates="report", cascade="all, delete-orphan", order_by="SheetRecord.id"
    )
    reasons: Mapped[list[WarningReason]] = relationship(
        cascade="all, delete-orphan", order_by="WarningReason.id"
    )


class SheetRecord(Numbered, Edited, Versioned, Base):
    """One table of one report as staff left it; ``content`` is what ``sheet_to_json`` wrote."""

    __table_args__ = (UniqueConstraint("report_id", "table_code"),)

    report_id: Mapped[int] = mapped_column(ForeignKey("cchc_report.id", ondelete="CASCADE"))
    table_code: Mapped[str] = mapped_column(String(40))
    edition: Mapped[str] = mapped_column(String(40))
    content: Mapped[dict[str, Any]]
    report: Mapped[Report] = relationship(back_populates="sheets")


class WarningReason(Numbered, Base):
    """Why a warning stands; published beside the figure. Bound to the finding's key and numbers."""

    __table_args__ = (UniqueConstraint("report_id", "finding_key"),)

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

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    path: Mapped[str] = mapped_column(String(500))
    fields: Mapped[list[Any]]  # [[name, value], …] as posted, without CSRF token
    owner_id: Mapped[str] = mapped_column(String(64))  # only this user gets it back
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


HANDED_IN, RETURNED, APPROVED = "handed-in", "returned", "approved"
PUBLISHED, RECALLED, VOID = "published", "recalled", "void"
ACTIVE = (HANDED_IN, APPROVED)  # nobody edits the report meanwhile


class HandIn(Numbered, Base):
    """One time a report was handed in, and what became of it; at most one is active."""

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


class Remark(Numbered, Base):
    """What the approver says about one cell, or one part of the words."""

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


class PreviewLink(Numbered, Base):
    """A link that shows a draft to somebody without an account; only its digest is kept."""

    report_id: Mapped[int] = mapped_column(
        ForeignKey("cchc_report.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    made_by_name: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PaperEntry(Numbered, Base):
    """One line of the log of a paper's facts; the newest holds, none is ever changed."""

    release_id: Mapped[int] = mapped_column(
        ForeignKey("cchc_release.id", ondelete="RESTRICT"), index=True
    )
    facts: Mapped[dict[str, Any]]  # see releases/published.py
    entered_by_id: Mapped[str] = mapped_column(String(64))
    entered_by_name: Mapped[str] = mapped_column(String(200))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class SignedCopy(Base):
    """The PDF of a signed paper, by its SHA-256."""

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class Release(Numbered, Base):
    """A frozen publication of one report: canonical JSON, its SHA-256, who, when, why."""

    __table_args__ = (UniqueConstraint("period_slug", "number"),)

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


class AuditEntry(Numbered, Base):
    """One line of the audit trail: who did what to which thing, when; append-only.

    Each line carries the digest of the line before it; lines older than that rule carry none and
    are sealed by the first that does (``audit.anchor``).
    """

    __table_args__ = (
        Index(None, "subject", "at"),
        # two lines that follow the same one would be two trails
        Index("uq_cchc_audit_entry_previous_digest", "previous_digest", unique=True),
    )

    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    actor_id: Mapped[str] = mapped_column(String(64))
    actor_name: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(40))  # e.g. sheet.save, release.publish
    subject: Mapped[str] = mapped_column(String(120))  # e.g. 2023-6-thang/ho-so
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)  # changed cells: old, new
    previous_digest: Mapped[str | None] = mapped_column(String(64))
    digest: Mapped[str | None] = mapped_column(String(64))  # SHA-256 of the line, hex

    @property
    def actor(self) -> Actor:
        """Return who did it."""
        return Actor(self.actor_id, self.actor_name)

    @property
    def changes(self) -> Sequence[Mapping[str, Any]]:
        """Return the changed cells with old and new."""
        return tuple(self.detail.get("changes", ()))


class ProcedureField(Numbered, Base):
    """One field (lĩnh vực): a row, not a constant; code never branches on it."""

    slug: Mapped[str] = mapped_column(String(120), unique=True)  # chung-thuc
    name: Mapped[str] = mapped_column(String(200), unique=True)  # Chứng thực
    folded: Mapped[str] = mapped_column(Text, default="")  # search key of the name


class Procedure(Numbered, Edited, Versioned, Base):
    """One administrative procedure: what lists ask for as columns, the rest as one JSON value."""

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
    # everything else that is stated, see ProcedureRecord; a missing key = not stated
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Made at save time, so that search and filters need no function of the database
    name_folded: Mapped[str] = mapped_column(Text, default="")
    text_folded: Mapped[str] = mapped_column(Text, default="")
    fee_classes: Mapped[str] = mapped_column(String(80), default="")  # see procedures.fee_classes
    channel_kinds: Mapped[str] = mapped_column(String(80), default="")  # ChannelKind values
    field: Mapped[ProcedureField] = relationship(lazy="joined", innerjoin=True)


class ImportBatch(Numbered, Base):
    """One uploaded file: read, looked at, accepted as a whole, undone as a whole."""

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


class ProcedureRevision(Numbered, Base):
    """One change of one procedure: all its cells before and after; append-only."""

    __table_args__ = (
        Index(None, "procedure_code", "id"),
        # two transactions cannot leave the same stamp behind, see procedures/searching.py
        UniqueConstraint("token"),
    )

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


class ReceptionRule(Numbered, Versioned, Base):
    """The one rule in force from ``valid_from`` (Luật Tiếp công dân 2013 Điều 15, 24)."""

    valid_from: Mapped[date] = mapped_column(unique=True)
    weekdays: Mapped[list[Any]] = mapped_column(default=list)  # 0 = Monday … 6
    month_days: Mapped[list[Any]] = mapped_column(default=list)  # 1 … 31
    receiver: Mapped[str] = mapped_column(String(200))  # who receives, by office, not a citizen
    place: Mapped[str] = mapped_column(String(300))
    hours: Mapped[str] = mapped_column(String(200))  # as posted: "7 giờ 30 – 11 giờ 30; …"
    note: Mapped[str] = mapped_column(Text, default="")
    edited_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class ReceptionChange(Numbered, Base):
    """A session moved or cancelled, with the reason that is published (Điều 24)."""

    day: Mapped[date] = mapped_column(unique=True)
    moved_to: Mapped[date | None]  # None = cancelled
    reason: Mapped[str] = mapped_column(Text)
    announced_on: Mapped[date]


class PublicHoliday(Base):
    """A day off by law or by decision; data, because Tết and bridge days differ each year."""

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))


class ReadingAnswer(Numbered, Base):
    """One answer for every table whose head has these words."""

    __table_args__ = (UniqueConstraint("table_code", "fingerprint", "question"),)

    table_code: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(32))
    question: Mapped[str] = mapped_column(String(120))
    answer: Mapped[str] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(String(300), default="")  # read out
    given_by_name: Mapped[str] = mapped_column(String(200), default="")
    given_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
