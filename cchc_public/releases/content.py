"""The frozen content of a release: what goes in, its canonical JSON, its digest."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cchc_public.checks.finding import Finding
from cchc_public.releases.outline import freeze
from cchc_public.releases.published import Authority, ReleaseKind
from cchc_public.store import Report
from cchc_public.tables.registry import get_form
from cchc_public.tables.rows import is_filled
from cchc_public.tables.sheet import Row, Sheet, row_to_json
from cchc_public.tables.solved import Rate, SolvedRow, SolvedTable, SolvedValue, solve
from cchc_public.tables.solving import Origin
from cchc_public.vietnamese.numbers import Number
from cchc_public.vietnamese.periods import ReportingPeriod, parse_period

SCHEMA = 2
Content = dict[str, Any]


@dataclass(frozen=True)
class Reason:
    """Why a warning stands, and who said so."""

    text: str
    given_by: str


@dataclass(frozen=True)
class ReleaseNote:
    """The part of the content that tells of the release itself."""

    number: int
    kind: ReleaseKind
    reason: str
    published_at: datetime
    published_by: str
    previous_digest: str


def build_content(
    report: Report,
    sheets: Sequence[Sheet],
    *,
    authority: Authority,
    findings: Sequence[Finding],
    reasons: Mapping[str, Reason],
    release: ReleaseNote,
    solved: Mapping[str, SolvedTable] | None = None,
) -> Content:
    """Return everything a release freezes; ``sheets`` in statutory order, windows filled in.

    ``solved`` are the filled ones by code, when the caller has solved them already.
    """
    solved = evaluated_tables(sheets) if solved is None else solved
    return {
        "schema": SCHEMA,
        "authority": asdict(authority),
        "period": _period(report),
        "head": dict(report.head),
        "narrative": freeze(report.narrative, solved),
        "tables": [_table(sheet, solved.get(sheet.table_code)) for sheet in sheets],
        "findings": [_finding(f, reasons.get(f.key)) for f in findings],
        "release": note_json(release),
    }


def build_withdrawal(report: Report, *, authority: Authority, release: ReleaseNote) -> Content:
    """Return the content of a withdrawal: no figures, only what was withdrawn and why."""
    return {
        "schema": SCHEMA,
        "authority": asdict(authority),
        "period": _period(report),
        "head": {},
        "narrative": [],
        "tables": [],
        "findings": [],
        "release": note_json(release),
    }


def canonical_json(data: Any) -> str:
    """Return JSON with one spelling only: sorted keys, no spaces, NFC letters, no floats' NaN."""
    text = json.dumps(
        data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return unicodedata.normalize("NFC", text)


def digest_of(text: str) -> str:
    """Return the SHA-256 of the text in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def figures_digest(content: Content) -> str:
    """Return the digest of what is said, without who published it when and why."""
    return digest_of(canonical_json({k: v for k, v in content.items() if k != "release"}))


def period_of(report: Report) -> ReportingPeriod:
    """Return the period a report stands for."""
    period = parse_period(report.slug)
    if period is None:
        raise ValueError(f"report {report.id} has the unknown period {report.slug!r}")
    return period


def period_order(period: ReportingPeriod) -> str:
    """Return the period's sort key as text, so that the database can find the newest."""
    last_day, months = period.sort_key
    return f"{last_day.isoformat()}/{months:02}"


def value_to_json(value: SolvedValue) -> Any:
    """Return a cell as JSON: counts int, decimals text, rates with their fraction."""
    if isinstance(value, Rate):
        return {
            "numerator": _number(value.numerator),
            "denominator": _number(value.denominator),
            "percent": _number(value.percent),
        }
    return _number(value) if isinstance(value, Decimal) else value


def _number(value: Number | None) -> int | str | None:
    return str(value) if isinstance(value, Decimal) else value


def _period(report: Report) -> Content:
    period = period_of(report)
    return {
        "slug": period.slug,
        "title": period.title,
        "kind": period.kind.value,
        "year": period.year,
        "ordinal": period.ordinal,
        "data_from": _iso(report.data_from),
        "data_to": _iso(report.data_to),
        "due_on": _iso(report.due_on),
    }


def evaluated_tables(sheets: Sequence[Sheet]) -> dict[str, SolvedTable]:
    """Return the filled tables by code, for the figures that words name."""
    found = ((get_form(sheet.table_code, sheet.edition), sheet) for sheet in sheets)
    return {table.code: solve(table, sheet) for table, sheet in found if is_filled(table, sheet)}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _table(sheet: Sheet, solved: SolvedTable | None) -> Content:
    form = get_form(sheet.table_code, sheet.edition)
    head = {"code": form.code, "edition": form.edition, "title": form.title}
    if solved is None:
        return {**head, "empty": True}
    frozen: Content = {
        **head,
        "data_from": _iso(sheet.data_from),
        "data_to": _iso(sheet.data_to),
        "rows": _rows(sheet.rows, solved.rows),
        "total": _row(sheet.total, solved.total) if solved.total else None,
    }
    for name, given, rows in (
        ("groups", sheet.groups, solved.groups),
        ("details", sheet.details, solved.details),
    ):
        if rows:
            frozen[name] = _rows(given, rows)
    return {**frozen, "unplaced": list(sheet.unplaced)} if sheet.unplaced else frozen


def _rows(given: Sequence[Row], solved: Sequence[SolvedRow]) -> list[Content]:
    return [_row(*pair) for pair in zip(given, solved, strict=True)]


def _row(given: Row, solved: SolvedRow) -> Content:
    """Freeze what was given and everything that followed, each with where it comes from."""
    frozen = row_to_json(given)
    frozen.pop("unread")  # an unreadable cell is an error, so none is ever published
    frozen.pop("sources", None)  # names of files are the office's own
    frozen["values"] = {key: value_to_json(v) for key, v in solved.values.items() if v is not None}
    frozen["origins"] = {
        key: origin.value for key, origin in solved.origins.items() if origin is not Origin.GIVEN
    }
    if solved.expected:
        frozen["expected"] = {key: _number(value) for key, value in solved.expected.items()}
    if solved.unconfirmed:
        frozen["unconfirmed"] = sorted(solved.unconfirmed)
    return frozen


def _finding(finding: Finding, reason: Reason | None) -> Content:
    return {
        "severity": finding.severity.value,
        "rule": finding.rule,
        "table": finding.table,
        "row": finding.row,
        "column": finding.column,
        "message": finding.statement,
        "found": finding.found,
        "expected": finding.expected,
        "key": finding.key,
        "reason": reason.text if reason else "",
        "reason_by": reason.given_by if reason else "",
    }


def note_json(note: ReleaseNote) -> Content:
    """Return the part of the content that tells of the release itself."""
    return {
        "number": note.number,
        "kind": note.kind.value,
        "reason": note.reason,
        "published_at": note.published_at.isoformat(),
        "published_by": note.published_by,
        "previous_digest": note.previous_digest,
    }
