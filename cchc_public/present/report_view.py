"""The words of the printed report (NĐ 30/2020) drawn from one release; no layout, no arithmetic."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from cchc_public.present.printed import PrintedTable, print_table
from cchc_public.present.wording import lower_first
from cchc_public.releases.published import PublishedFinding, PublishedRelease, PublishedTable
from cchc_public.statutory.registry import get_table
from cchc_public.vietnamese.dates import format_date, format_long_date, read_date

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
DIGEST_SHOWN = 12
BLANK_NUMBER = "……/BC-UBND"
UNSIGNED_DATE = "ngày …… tháng …… năm"
SUBJECT = "công tác cải cách hành chính"
# How many capitals fit beside the national title in one line: plain, and bold.
SUPERIOR_FITS, AUTHORITY_FITS = 27, 25
_NUMBERED = re.compile(r"([IVXLC]+|[0-9]+)[.)]")
COMMITTEE = "ỦY BAN NHÂN DÂN "


@dataclass(frozen=True)
class Chapter:
    """One heading of the narrative with its paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class TableSection:
    """One table of the annex: heading, lines on source and window, the table, notes below."""

    ordinal: int
    title: str
    source: str
    window: str
    unit: str
    printed: PrintedTable
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ReportView:
    """The declared context of ``cchc/report/report.html``."""

    subject: str
    superior: tuple[str, ...]  # lines of the head
    authority: tuple[str, ...]
    author: str
    number: str
    place_and_date: str
    notice: str
    chapters: tuple[Chapter, ...]
    closing: str
    recipients: tuple[str, ...]
    on_behalf_of: str
    signatory_title: str
    signatory: str
    annex_reference: str
    sections: tuple[TableSection, ...]
    general_notes: tuple[str, ...]
    footer: str


def build_report_view(release: PublishedRelease, zone: tzinfo = VIETNAM) -> ReportView:
    """Return everything the report prints, as text."""
    head = release.head
    authority = release.authority.name
    number = _word(head, "document_number") or BLANK_NUMBER
    return ReportView(
        subject=f"{SUBJECT[0].upper()}{SUBJECT[1:]} {lower_first(release.period.title)}",
        superior=_issuer_lines(_superior(release), SUPERIOR_FITS),
        authority=_issuer_lines(authority, AUTHORITY_FITS),
        author=authority,
        number=number,
        place_and_date=_place_and_date(head, release),
        notice=_notice(release, zone),
        chapters=_chapters(release),
        closing=_closing(release),
        recipients=_recipients(head),
        on_behalf_of=(_word(head, "on_behalf_of") or "TM. Ủy ban nhân dân").upper(),
        signatory_title=(_word(head, "signatory_title") or "Chủ tịch").upper(),
        signatory=_word(head, "signatory"),
        annex_reference=f"Kèm theo Báo cáo số {number} của {authority}",
        sections=tuple(_sections(release)),
        general_notes=tuple(_general_notes(release)),
        footer=describe_release(release, zone),
    )


def describe_release(release: PublishedRelease, zone: tzinfo = VIETNAM) -> str:
    """Return the line under every page: which release this paper is, and how to verify it."""
    day = format_date(release.published_at.astimezone(zone).date())
    return (
        f"Công bố lần {release.number} ngày {day} · Mã kiểm tra {release.digest[:DIGEST_SHOWN]} · "
        f"Số liệu từ {format_date(release.data_from)} đến {format_date(release.data_to)}"
    )


def _word(head: Mapping[str, Any], key: str) -> str:
    return str(head.get(key) or "").strip()


def _superior(release: PublishedRelease) -> str:
    return _word(release.head, "superior_body") or release.authority.parent


def _issuer_lines(name: str, fits: int) -> tuple[str, ...]:
    """Return the body's name in capitals; a long one is broken where papers break it."""
    capitals = " ".join(name.upper().split())
    if len(capitals) > fits and capitals.startswith(COMMITTEE):
        return (COMMITTEE.strip(), capitals.removeprefix(COMMITTEE))
    return (capitals,) if capitals else ()


def _place_and_date(head: Mapping[str, Any], release: PublishedRelease) -> str:
    place = _word(head, "place")
    issued = read_date(_word(head, "issued_on"))
    year = release.period.year
    day = format_long_date(issued) if isinstance(issued, date) else f"{UNSIGNED_DATE} {year}"
    return f"{place}, {day}" if place else day[0].upper() + day[1:]


def _notice(release: PublishedRelease, zone: tzinfo) -> str:
    if not release.is_correction:
        return ""
    day = format_date(release.published_at.astimezone(zone).date())
    return f"Bản đính chính, công bố lần {release.number} ngày {day}. Lý do: {release.reason}"


def _chapters(release: PublishedRelease) -> tuple[Chapter, ...]:
    chapters = [Chapter(part.title.strip(), _paragraphs(part.text)) for part in release.narrative]
    chapters = [chapter for chapter in chapters if chapter.title or chapter.paragraphs]
    if any(_NUMBERED.match(chapter.title) for chapter in chapters):
        return tuple(chapters)  # staff numbered them
    return tuple(
        replace(chapter, title=f"{number}. {chapter.title}") if chapter.title else chapter
        for number, chapter in enumerate(chapters, start=1)
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    lines = (" ".join(line.split()) for line in text.replace("\r", "").split("\n"))
    return tuple(line for line in lines if line)


def _closing(release: PublishedRelease) -> str:
    return (
        f"Số liệu {SUBJECT} {lower_first(release.period.title)} của "
        f"{release.authority.name} được tổng hợp từ ngày "
        f"{format_date(release.data_from)} đến ngày {format_date(release.data_to)}, "
        "chi tiết tại các biểu kèm theo./."
    )


def _recipients(head: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the list as the decree ends it: every line with ';', filing last with '.'."""
    named = [str(name).strip(" -;.") for name in head.get("recipients") or ()]
    filed = [name for name in named if name.lower().startswith("lưu")]
    others = [name for name in named if name and name not in filed]
    return (*(f"- {name};" for name in others), f"- {filed[0] if filed else 'Lưu: VT'}.")


def _sections(release: PublishedRelease) -> Iterable[TableSection]:
    for ordinal, table in enumerate(release.tables, start=1):
        definition = table.definition
        printed = print_table(table.evaluated)
        yield TableSection(
            ordinal=ordinal,
            title=definition.title,
            source=" · ".join(w for w in (definition.form_code, definition.legal_source) if w),
            window=_window(table),
            unit=definition.unit,
            printed=printed,
            notes=tuple(_notes(table, printed)),
        )


def _window(table: PublishedTable) -> str:
    if not table.data_from or not table.data_to:
        return ""
    return f"Số liệu từ {format_date(table.data_from)} đến {format_date(table.data_to)}"


def _notes(table: PublishedTable, printed: PrintedTable) -> Iterable[str]:
    if printed.has_gaps:
        yield "Dấu “–” là chưa có số liệu, không phải bằng 0."
    if table.definition.counting_rule:
        yield table.definition.counting_rule
    yield from _finding_notes(table.findings)


def _general_notes(release: PublishedRelease) -> Iterable[str]:
    yield from _finding_notes(f for f in release.findings if not f.table)
    if release.empty_codes:
        titles = (get_table(code).short_title for code in release.empty_codes)
        yield f"Kỳ này chưa có số liệu: {'; '.join(titles)}."


def _finding_notes(findings: Iterable[PublishedFinding]) -> Iterable[str]:
    for finding in findings:
        reason = f" Giải trình: {finding.reason}" if finding.reason else ""
        yield f"{finding.message}{reason}"
