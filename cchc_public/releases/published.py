"""What a reader of releases gets: plain frozen values, without a database; what differs in two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from cchc_public.checks.rules import Severity
from cchc_public.releases.prose import Block, TablePlace, read_blocks
from cchc_public.store.writing import differences
from cchc_public.tables.language import Form
from cchc_public.tables.sheet import TOTAL_KEY, SolvedTable, SolvedValue
from cchc_public.vietnamese.dates import ReportingPeriod, format_date


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
    paper: PaperFacts | None = None  # added after publication, see reading.with_facts

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


# Labels of what stands outside the tables; frozen words of the report, hence not translated.
NARRATIVE_LABEL = "Lời báo cáo"
WINDOW_LABELS = {"data_from": "Số liệu từ ngày", "data_to": "Số liệu đến ngày"}
DUE_LABEL = "Ngày hẹn số liệu kỳ sau"
REASON_LABEL = "Giải trình"
ROW_LABEL = "Tên dòng"
EDITION_LABEL = "Phiên bản biểu"
STATED_SUFFIX = " (theo nguồn)"
AUTHORITY_FIELDS = {"name": "Tên", "code": "Mã", "parent": "Cơ quan cấp trên"}
HEAD_FIELDS = {
    "document_number": "Số, ký hiệu",
    "issued_on": "Ngày ban hành",
    "place": "Địa danh",
    "superior_body": "Cơ quan cấp trên",
    "recipients": "Nơi nhận",
    "signatory": "Người ký",
    "signatory_title": "Chức vụ người ký",
    "on_behalf_of": "Thay mặt",
}


@dataclass(frozen=True)
class _Said:
    """What a release says at a place, with the words that name the place."""

    value: Any
    label: str
    row_label: str = ""
    is_base: bool = True


_Flat = dict[tuple[str, str, str], _Said]  # by row, column, and what about it
_OF_BOTH = {"label", "edition", *WINDOW_LABELS}  # told where both have the row, the table


def compare(old: PublishedRelease, new: PublishedRelease) -> tuple[CellChange, ...]:
    """Return everything a reader could see differ; empty when nothing does."""
    return tuple(_changes(old, new))


def _changes(old: PublishedRelease, new: PublishedRelease) -> Iterator[CellChange]:
    yield from _told(("", ""), _report(old), _report(new))
    titles = [[key.strip() for key in _sections(release)] for release in (old, new)]
    yield from _order(("", "", "narrative", NARRATIVE_LABEL), *titles)
    for code in dict.fromkeys(table.code for table in (*new.tables, *old.tables)):
        tables = [release.table(code) for release in (old, new)]
        title = next(table.title for table in reversed(tables) if table)
        yield from _told((code, title), *map(_table, tables))
        rows = [{r.key: r.label for r in t.evaluated.all_rows} if t else {} for t in tables]
        names = {**rows[0], **rows[1]}
        yield from _order((code, title, "", ""), *([names[key] for key in one] for one in rows))
    reasons = [_reasons(release) for release in (old, new)]
    for code in dict.fromkeys((*reasons[1], *reasons[0])):
        table = new.table(code) or old.table(code)
        yield from _told((code, table.title if table else ""), *(one[code] for one in reasons))


def _told(where: tuple[str, str], old: _Flat, new: _Flat) -> Iterator[CellChange]:
    """Yield what differs at the places of two releases."""
    flat = [
        {key: None if said.value == "" else said.value for key, said in one.items()}
        for one in (old, new)
    ]
    for key, before, after in differences(*flat):
        if key[2] not in _OF_BOTH or (key in old and key in new):
            said = new.get(key) or old[key]
            if key[0] == "narrative" and before and after:
                # of two long texts only the paragraphs that differ; both whole where none does
                lines = [text.split("\n") for text in (before, after)]
                gone, come = (
                    "\n".join(line for line in one if line not in other)
                    for one, other in (lines, reversed(lines))
                )
                if gone or come:
                    before, after = gone or None, come or None
            place = (*where, key[0], said.row_label, key[1], said.label)
            yield CellChange(*place, before, after, said.is_base)


def _order(
    place: tuple[str, str, str, str], old: list[str], new: list[str]
) -> Iterator[CellChange]:
    """Report things that both releases have in another order; additions are told elsewhere."""
    kept = [[key for key in one if key in other] for one, other in ((old, new), (new, old))]
    if kept[0] != kept[1]:
        before, after = map("; ".join, kept)
        yield CellChange(*place, "order", "Thứ tự", before, after)


def _report(release: PublishedRelease) -> _Flat:
    flat = {(*key[:2], ""): said for key, said in _windows(release).items()}
    flat["", "due_on", ""] = _Said(_day(release.due_on), DUE_LABEL)
    for key, label in AUTHORITY_FIELDS.items():
        value = getattr(release.authority, key)
        flat["authority", key, ""] = _Said(value, label, "Cơ quan công bố")
    for key, value in sorted(release.head.items()):
        text = "; ".join(map(str, value)) if isinstance(value, list) else value
        flat["head", key, ""] = _Said(text, HEAD_FIELDS.get(key, key), "Phần đầu báo cáo")
    for key, text in _sections(release).items():
        flat["narrative", key, ""] = _Said(text, key.strip(), NARRATIVE_LABEL)
    return flat


def _sections(release: PublishedRelease) -> dict[str, str]:
    """Text by title; a title used twice gets a trailing space, so that nothing is lost."""
    found: dict[str, str] = {}
    for section in release.narrative:
        key = section.title
        while key in found:
            key += " "
        found[key] = section.text
    return found


def _table(table: PublishedTable | None) -> _Flat:
    if table is None:
        return {}
    flat = _windows(table)
    flat["", "edition", "edition"] = _Said(table.edition, EDITION_LABEL)
    for row in table.evaluated.all_rows:
        flat[row.key, "label", "label"] = _Said(row.label, ROW_LABEL, row.label)
        for column in table.definition.columns:
            value = row.values.get(column.key)
            is_base = column.is_base and row.key != TOTAL_KEY
            flat[row.key, column.key, ""] = _Said(value, column.label, row.label, is_base)
            # what a source printed, where it says something else: what agrees is no news
            claim = _Said(row.claim(column.key), column.label + STATED_SUFFIX, row.label)
            flat[row.key, column.key, STATED_SUFFIX] = claim
    return flat


def _reasons(release: PublishedRelease) -> dict[str, _Flat]:
    # by place: the key of a finding changes with its figures, which are told at their cell
    found: dict[str, _Flat] = defaultdict(dict)
    for finding in release.findings:
        if finding.reason:
            place = "|".join((finding.rule, finding.table, finding.row, finding.column))
            said = _Said(finding.reason, REASON_LABEL, finding.message.rstrip("."))
            found[finding.table]["", f"reason:{place}", ""] = said
    return found


def _windows(owner: Any) -> _Flat:
    days = ((key, label, _day(getattr(owner, key))) for key, label in WINDOW_LABELS.items())
    return {("", key, key): _Said(day, label) for key, label, day in days}


def _day(day: date | None) -> str | None:
    return format_date(day) if day else None
