"""What a reader of releases gets: plain frozen values, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from cchc_public.checks.rules import Severity
from cchc_public.releases.prose import Block, TablePlace, read_blocks
from cchc_public.tables.language import Form
from cchc_public.tables.solved import SolvedTable, SolvedValue
from cchc_public.vietnamese.dates import ReportingPeriod


class ReleaseKind(StrEnum):
    """Why a release exists."""

    FIRST = "first"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


DEMO_PUBLISHER = "Người duyệt công bố (trình diễn)"  # nobody: the demo in a host's database


@dataclass(frozen=True)
class Authority:
    """The publishing authority as it was named on the day."""

    name: str
    code: str = ""
    parent: str = ""  # the superior body


@dataclass(frozen=True)
class NarrativeSection:
    """One part of the report's words; paragraphs are parted by an empty line.

    Releases of the second edition carry the outline: ``key`` and ``number`` of the part, figures
    in place in ``text`` (read it with ``prose.read_blocks``), and ``source`` as it was written.
    """

    title: str
    text: str
    key: str = ""
    number: str = ""
    source: str | None = None

    @property
    def heading(self) -> str:
        """Number and title as papers print them; the opening and the closing have none."""
        if self.key and not self.number:
            return ""
        return f"{self.number}. {self.title}" if self.number else self.title

    @property
    def blocks(self) -> tuple[Block | TablePlace, ...]:
        """The text taken apart: paragraphs, items, places of tables."""
        return read_blocks(self.text)

    @property
    def is_inner(self) -> bool:
        """True for a part within one of I to V."""
        return "." in self.key

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The paragraphs of the text, without empty ones."""
        parts = self.text.replace("\r\n", "\n").split("\n\n")
        return tuple(part.strip() for part in parts if part.strip())


@dataclass(frozen=True)
class PublishedFinding:
    """A finding as published, with the reason staff gave for a warning."""

    severity: Severity
    rule: str
    message: str
    table: str = ""
    row: str = ""
    column: str = ""
    found: str = ""
    expected: str = ""
    key: str = ""
    reason: str = ""
    reason_by: str = ""


@dataclass(frozen=True)
class PublishedTable:
    """One table of a release: the definition it was made with and the frozen, evaluated figures."""

    definition: Form
    code: str
    edition: str
    title: str
    data_from: date
    data_to: date
    evaluated: SolvedTable
    findings: tuple[PublishedFinding, ...] = ()


@dataclass(frozen=True)
class PaperFacts:
    """What is known of a signed paper; ``verdict`` compares the copy's mark with our digest."""

    document_number: str = ""
    issued_on: str = ""  # ISO date
    signatory: str = ""
    signatory_title: str = ""
    copy_digest: str = ""  # SHA-256 of the signed copy
    copy_name: str = ""
    verdict: str = ""
    signatures: tuple[str, ...] = ()  # as the file says; nobody verified them
    entered_by: str = ""
    entered_at: datetime | None = None
    entry_id: int = 0

    @property
    def issued(self) -> date | None:
        """The day of the paper."""
        return date.fromisoformat(self.issued_on) if self.issued_on else None

    def as_stored(self) -> dict[str, Any]:
        """Return the facts as kept in the log; who entered them when stands beside them."""
        beside = ("entered_by", "entered_at", "entry_id")
        kept = {name: value for name, value in asdict(self).items() if name not in beside}
        return {**kept, "signatures": list(self.signatures)}


@dataclass(frozen=True)
class ReleaseSummary:
    """One release by its columns only: what lists need without opening the content."""

    id: int
    period: ReportingPeriod
    number: int
    kind: ReleaseKind
    reason: str
    digest: str
    published_at: datetime
    published_by: str
    data_from: date
    data_to: date
    due_on: date | None

    @property
    def slug(self) -> str:
        """The period's address word."""
        return self.period.slug

    @property
    def is_withdrawal(self) -> bool:
        """True when this release takes the period's figures back."""
        return self.kind is ReleaseKind.WITHDRAWAL

    @property
    def is_correction(self) -> bool:
        """True when this release replaces earlier figures."""
        return self.kind is ReleaseKind.CORRECTION


@dataclass(frozen=True)
class PublishedRelease(ReleaseSummary):
    """One release with its content; a withdrawal has no tables, head or narrative.

    ``tables`` holds the tables with figures in statutory order, ``empty_codes`` those published
    as "chưa có số liệu". ``findings`` are all findings, also those of the whole report.
    """

    previous_digest: str
    authority: Authority
    head: Mapping[str, Any] = field(default_factory=dict)
    narrative: tuple[NarrativeSection, ...] = ()
    tables: tuple[PublishedTable, ...] = ()
    empty_codes: tuple[str, ...] = ()
    findings: tuple[PublishedFinding, ...] = ()
    # SHA-256 of everything but the note on the release itself: the same from the paper that is
    # signed to the figures that are published
    figures_digest: str = ""
    paper: PaperFacts | None = None  # added after publication, see papers.with_facts

    @property
    def is_demo(self) -> bool:
        """Tell whether ``cchc demo`` published it in a host: another commune's figures."""
        return self.published_by == DEMO_PUBLISHER

    def table(self, code: str) -> PublishedTable | None:
        """Return the table ``code``; None when it was published without figures or is unknown."""
        return next((table for table in self.tables if table.code == code), None)

    def evaluated(self, code: str) -> SolvedTable | None:
        """Return the solved figures of the table ``code``, None like ``table``."""
        table = self.table(code)
        return table.evaluated if table else None


@dataclass(frozen=True)
class CellChange:
    """One thing that differs between two releases, ready to be shown.

    ``table`` is "" for the head and the words of the report. ``row`` and ``column`` are keys;
    ``row`` is "" for what belongs to the whole table (data window). ``old`` and ``new`` are
    values as in an evaluated table; None = chưa có số liệu. ``is_base`` is False for computed
    cells.
    """

    table: str
    table_title: str
    row: str
    row_label: str
    column: str
    column_label: str
    old: SolvedValue
    new: SolvedValue
    is_base: bool = True


@dataclass(frozen=True)
class Correction:
    """One correction or withdrawal with what it changed against the figures shown before."""

    release: ReleaseSummary
    previous_number: int  # of the release compared with; 0 when there was none
    changes: tuple[CellChange, ...]
