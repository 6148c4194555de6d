"""The report as an official paper (NĐ 30/2020), drawn from one release; no layout, no arithmetic.

PDF and Word document walk the same ``ReportView``, so that they hold the same words. Papers have a
voice of their own: nothing here speaks of pages, addresses or buttons.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import count
from zoneinfo import ZoneInfo

from cchc_public.present.tables import PrintedTable, print_table
from cchc_public.present.wording import lower_first, upper_first
from cchc_public.releases.prose import CLOSING, OUTLINE, Block, Run, TablePlace
from cchc_public.releases.published import (
    NarrativeSection,
    PublishedFinding,
    PublishedRelease,
    PublishedTable,
)
from cchc_public.tables.registry import get_form
from cchc_public.vietnamese.dates import format_long_date, format_paper_date, read_date

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
DIGEST_SHOWN = 12
BLANK_NUMBER = "……/BC-UBND"
UNSIGNED_DATE = "ngày …… tháng …… năm"
SUBJECT = "công tác cải cách hành chính"
# How many capitals fit beside the national title in one line: plain, and bold.
SUPERIOR_FITS, AUTHORITY_FITS = 27, 25
COMMITTEE = "ỦY BAN NHÂN DÂN "
DRAFT = "DỰ THẢO"
LONG_FROM = 14  # rows
_NUMBERED = re.compile(r"([IVXLC]+|[0-9]+)[.)]")
_DATE = re.compile(r"\b[0-9]{2}/[0-9]{2}/[0-9]{4}\b")
_DEPUTY = re.compile(r"(KT\..*?)\s+(PHÓ .*)", re.DOTALL)
_BLANK_NUMBER = re.compile(r"\s*[.…_ ]*(/.*)")


@dataclass(frozen=True)
class Heading:
    """A heading of the text; ``level`` 1 for I to V, 2 for the parts within."""

    text: str
    level: int = 1
    kind = "heading"


@dataclass(frozen=True)
class TableSection:
    """One table: heading, lines on source and window, the table, notes below."""

    ordinal: int
    title: str
    source: str
    window: str
    unit: str
    printed: PrintedTable
    notes: tuple[str, ...]
    kind = "table"

    @property
    def heading(self) -> str:
        """The line above the table."""
        return f"Biểu {self.ordinal}. {self.title}"

    @property
    def is_long(self) -> bool:
        """True for a table that will hardly fit one page."""
        return len(self.printed.rows) > LONG_FROM


@dataclass(frozen=True)
class ReportView:
    """The declared context of ``cchc/report/report.html``, and all that the Word document says."""

    subject: str
    superior: tuple[str, ...]  # lines of the head
    authority: tuple[str, ...]
    author: str
    number: str
    place_and_date: str
    marking: str  # DỰ THẢO, or nothing
    notice: str
    body: tuple[Heading | Block | TableSection, ...]
    recipients: tuple[str, ...]
    on_behalf_of: str
    signatory_lines: tuple[str, ...]  # of the office: KT. CHỦ TỊCH, PHÓ CHỦ TỊCH
    signatory: str
    annex_reference: str
    sections: tuple[TableSection, ...]  # of the annex
    general_notes: tuple[str, ...]
    footer: str

    @property
    def title(self) -> str:
        """What the file is called in readers of documents."""
        return f"Báo cáo {lower_first(self.subject)}"

    @property
    def signatory_title(self) -> str:
        """The office in one line, for a letterhead of the host's own."""
        return " ".join(self.signatory_lines)

    @property
    def annex_title(self) -> str:
        """The words below PHỤ LỤC."""
        return f"Số liệu {self.subject}".upper()

    @property
    def is_annex_wide(self) -> bool:
        """True when the annex lies across: one table that asks for it turns all of them."""
        return any(section.printed.is_wide for section in self.sections)


def build_report_view(
    release: PublishedRelease, zone: tzinfo = VIETNAM, *, is_draft: bool = False
) -> ReportView:
    """Return everything the report prints, as text; a draft says so on every page."""
    head = defaultdict(str, {k: str(said or "").strip() for k, said in release.head.items()})
    authority = release.authority.name
    superior = head["superior_body"] or release.authority.parent
    # a number left open ("...", "…/BC-UBND") gets room to be written
    said = head["document_number"]
    blank = _BLANK_NUMBER.fullmatch(said)
    number = f"……{blank[1]}" if blank else said or BLANK_NUMBER
    place, issued = head["place"], read_date(head["issued_on"])
    day = f"{UNSIGNED_DATE} {release.period.year}"
    if isinstance(issued, date):
        day = format_long_date(issued)
    # who signs for the chairman says so on a line before
    office = [" ".join(line.split()) for line in head["signatory_title"].upper().splitlines()]
    office = [line for line in office if line] or ["CHỦ TỊCH"]
    if len(office) == 1 and (deputy := _DEPUTY.fullmatch(office[0])):
        office = [deputy[1], deputy[2]]
    # the list as the decree ends it: every line with ";", filing last with "."
    named = [str(name).strip(" -;./") for name in release.head.get("recipients") or ()]
    filed = [name for name in named if name.lower().startswith("lưu")]
    recipients = [f"- {name};" for name in named if name and name not in filed]
    body, annex = _lay_out(release)
    notice, footer = _tell_release(release, zone, is_draft)
    notes = [*_finding_notes(f for f in release.findings if not f.table)]
    if release.empty_codes:
        titles = (get_form(code).short_title for code in release.empty_codes)
        notes.append(f"Kỳ này chưa có số liệu: {'; '.join(titles)}.")
    return ReportView(
        subject=f"{upper_first(SUBJECT)} {lower_first(release.period.title)}",
        superior=_issuer_lines(superior, SUPERIOR_FITS),
        authority=_issuer_lines(authority, AUTHORITY_FITS),
        author=authority,
        number=number,
        place_and_date=f"{place}, {day}" if place else upper_first(day),
        marking=DRAFT if is_draft else "",
        notice=notice,
        body=tuple(body),
        recipients=(*recipients, f"- {filed[0] if filed else 'Lưu: VT'}."),
        on_behalf_of=(head["on_behalf_of"] or "TM. Ủy ban nhân dân").upper(),
        signatory_lines=tuple(office),
        signatory=head["signatory"],
        annex_reference=f"Kèm theo Báo cáo số {number} của {authority}",
        sections=tuple(annex),
        general_notes=tuple(notes),
        footer=footer,
    )


def _tell_release(release: PublishedRelease, zone: tzinfo, is_draft: bool) -> tuple[str, str]:
    """Return the remark of a correction, and the line under every page.

    The line says which release this paper is and how to verify it.
    """
    day = format_paper_date(release.published_at.astimezone(zone).date())
    # approved, to be signed: nobody has published it yet
    published = f"công bố lần {release.number} ngày {day}" if release.id else ""
    told = ", ".join(filter(None, ("Bản đính chính", published)))
    window = (
        f"Số liệu từ {format_paper_date(release.data_from)} "
        f"đến {format_paper_date(release.data_to)}"
    )
    # the figures' own: the same before and after publication
    mark = f"Mã kiểm tra {(release.figures_digest or release.digest)[:DIGEST_SHOWN]}"
    parts = (DRAFT, window, mark) if is_draft else (published.capitalize(), mark, window)
    notice = f"{told}. Lý do: {release.reason}" if release.is_correction else ""
    return notice, " · ".join(filter(None, parts))


def _issuer_lines(name: str, fits: int) -> tuple[str, ...]:
    """Return the body's name in capitals; a long one is broken where papers break it."""
    capitals = " ".join(name.upper().split())
    if len(capitals) > fits and capitals.startswith(COMMITTEE):
        return (COMMITTEE.strip(), capitals.removeprefix(COMMITTEE))
    return (capitals,) if capitals else ()


def _lay_out(
    release: PublishedRelease,
) -> tuple[list[Heading | Block | TableSection], list[TableSection]]:
    """Return the text with the tables that stand in it, and those that are left for the annex.

    Each table is taken once and numbered as it is taken; the closing sentence is always last.
    """
    left, ordinals = {table.code: table for table in release.tables}, count(1)

    def take(*codes: str) -> list[TableSection]:
        return [_section(left.pop(code), next(ordinals)) for code in codes if code in left]

    if all(section.source is None for section in release.narrative):
        return [*_chapters(release.narrative), _closing(release)], take(*left)
    usual = {part.key: part.tables for part in OUTLINE}
    # what an author placed by name must not be taken by the part it usually stands in
    blocks = (block for section in release.narrative for block in section.blocks)
    named = {block.code for block in blocks if isinstance(block, TablePlace)}
    body: list[Heading | Block | TableSection] = []
    closing: list[Block] = []
    for section in release.narrative:
        if section.key == CLOSING:
            closing += [block for block in section.blocks if isinstance(block, Block)]
            continue
        if section.heading:
            body.append(Heading(section.heading, 2 if section.is_inner else 1))
        for block in section.blocks:
            body += take(block.code) if isinstance(block, TablePlace) else [block]
        body += take(*(code for code in usual.get(section.key, ()) if code not in named))
    return [*body, *(closing or [_closing(release)])], take(*left)


def _chapters(narrative: Iterable[NarrativeSection]) -> Iterator[Heading | Block]:
    """Yield the parts of the first edition's releases; numbered unless staff numbered them."""
    chapters = []
    for part in narrative:
        lines = (" ".join(line.split()) for line in part.text.replace("\r", "").split("\n"))
        chapter = (part.title.strip(), [line for line in lines if line])
        if any(chapter):
            chapters.append(chapter)
    is_numbered = any(_NUMBERED.match(title) for title, _texts in chapters)
    for number, (title, texts) in enumerate(chapters, start=1):
        if title:
            yield Heading(title if is_numbered else f"{number}. {title}", 2)
        yield from (Block((Run(text),)) for text in texts)


def _closing(release: PublishedRelease) -> Block:
    text = (
        f"Trên đây là kết quả {SUBJECT} {lower_first(release.period.title)} của "
        f"{release.authority.name}, số liệu tổng hợp từ ngày "
        f"{format_paper_date(release.data_from)} đến ngày {format_paper_date(release.data_to)}./."
    )
    return Block((Run(text),))


def _section(table: PublishedTable, ordinal: int) -> TableSection:
    form, printed = table.definition, print_table(table.evaluated)
    days = (format_paper_date(table.data_from), format_paper_date(table.data_to))
    notes = ["Dấu “–” là chưa có số liệu, không phải bằng 0."] if printed.has_gaps else []
    if form.table.paper_note:
        notes.append(form.table.paper_note)
    return TableSection(
        ordinal=ordinal,
        title=form.title,
        source=form.form_code,
        window=f"Số liệu từ {days[0]} đến {days[1]}",
        unit=form.unit,
        printed=printed,
        notes=(*notes, *_finding_notes(table.findings)),
    )


def _finding_notes(findings: Iterable[PublishedFinding]) -> Iterator[str]:
    for finding in findings:
        reason = f" Giải trình: {finding.reason}" if finding.reason else ""
        yield _DATE.sub(
            lambda found: (
                format_paper_date(day) if isinstance(day := read_date(found[0]), date) else found[0]
            ),
            f"{finding.message}{reason}",
        )
