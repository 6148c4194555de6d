"""The frozen content of a release: what goes in, its canonical JSON, its digest; and back again.

Figures are read as frozen, not recomputed. Schema 1 knew base cells and computed sums; schema 2
freezes every figure with its origin.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cchc_public.checks.rules import Finding, Severity
from cchc_public.releases.prose import freeze
from cchc_public.releases.published import (
    Authority,
    NarrativeSection,
    PublishedFinding,
    PublishedRelease,
    PublishedTable,
    ReleaseKind,
)
from cchc_public.store import Report
from cchc_public.tables.language import Form, ValueKind
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import Row, Sheet, row_to_json, sheet_from_json
from cchc_public.tables.solved import (
    Rate,
    SolvedRow,
    SolvedTable,
    SolvedValue,
    add,
    stated_rates,
)
from cchc_public.tables.solving import Origin
from cchc_public.vietnamese.dates import ReportingPeriod, parse_period
from cchc_public.vietnamese.numbers import Number

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
    solved: Mapping[str, SolvedTable],
) -> Content:
    """Return everything a release freezes; ``sheets`` in statutory order, windows filled in.

    ``solved`` are the filled ones by code.
    """
    return {
        **build_withdrawal(report, authority=authority, release=release),
        "head": dict(report.head),
        "narrative": freeze(report.narrative, solved),
        "tables": [_table(sheet, solved.get(sheet.table_code)) for sheet in sheets],
        "findings": [_finding(f, reasons.get(f.key)) for f in findings],
    }


def build_withdrawal(report: Report, *, authority: Authority, release: ReleaseNote) -> Content:
    """Return the content of a withdrawal: no figures, only what was withdrawn and why."""
    return {
        "schema": SCHEMA,
        "authority": asdict(authority),
        "period": _period(report),
        **{name: [] for name in ("narrative", "tables", "findings")},
        "head": {},
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
    as_found = ("rule", "table", "row", "column", "found", "expected", "key")
    return {
        **{name: getattr(finding, name) for name in as_found},
        "severity": finding.severity.value,
        "message": finding.statement,
        "reason": reason.text if reason else "",
        "reason_by": reason.given_by if reason else "",
    }


def note_json(note: ReleaseNote) -> Content:
    """Return the part of the content that tells of the release itself."""
    at = note.published_at.isoformat()
    return {**asdict(note), "kind": note.kind.value, "published_at": at}


def parse_content(text: str, *, release_id: int, digest: str) -> PublishedRelease:
    """Return the release that ``text`` freezes; ValueError when we do not know its schema."""
    data = json.loads(text)
    period = parse_period(data["period"]["slug"])
    if data["schema"] not in (1, SCHEMA) or period is None:
        raise ValueError(f"release {release_id}: unknown schema or period")
    release, window = data["release"], data["period"]
    findings = tuple(
        PublishedFinding(**{**finding, "severity": Severity(finding["severity"])})
        for finding in data["findings"]
    )
    return PublishedRelease(
        id=release_id,
        period=period,
        number=release["number"],
        kind=ReleaseKind(release["kind"]),
        reason=release["reason"],
        digest=digest,
        previous_digest=release["previous_digest"],
        published_at=datetime.fromisoformat(release["published_at"]),
        published_by=release["published_by"],
        data_from=date.fromisoformat(window["data_from"]),
        data_to=date.fromisoformat(window["data_to"]),
        due_on=date.fromisoformat(window["due_on"]) if window["due_on"] else None,
        authority=Authority(**data["authority"]),
        head=data["head"],
        narrative=tuple(NarrativeSection(**section) for section in data["narrative"]),
        tables=tuple(
            _read_table(t, findings, data["schema"]) for t in data["tables"] if not t.get("empty")
        ),
        empty_codes=tuple(t["code"] for t in data["tables"] if t.get("empty")),
        findings=findings,
        figures_digest=figures_digest(data),
    )


def _read_table(
    data: Mapping[str, Any], findings: tuple[PublishedFinding, ...], schema: int
) -> PublishedTable:
    form = get_form(data["code"], data["edition"])
    first_model = {"total": None} if schema == 1 else {}  # there it held computed figures only
    sheet = sheet_from_json({**data, "table": data["code"], **first_model}, form)
    solved = (
        _read_first_model(form, sheet, data) if schema == 1 else _read_solved(form, sheet, data)
    )
    return PublishedTable(
        definition=solved.form,
        code=form.code,
        edition=form.edition,
        title=data["title"],
        data_from=date.fromisoformat(data["data_from"]),
        data_to=date.fromisoformat(data["data_to"]),
        evaluated=solved,
        findings=tuple(f for f in findings if f.table == form.code),
    )


def _read_solved(form: Form, sheet: Sheet, data: Mapping[str, Any]) -> SolvedTable:
    shown = form.showing(sheet.given_keys & set(form.table.by_key))

    def rows(name: str, given: tuple[Row, ...]) -> tuple[SolvedRow, ...]:
        frozen = data.get(name, ())
        return tuple(_read_row(shown, *pair) for pair in zip(given, frozen, strict=True))

    return SolvedTable(
        shown,
        sheet,
        rows("rows", sheet.rows),
        _read_row(shown, sheet.total, data["total"]) if data["total"] is not None else None,
        rows("groups", sheet.groups),
        rows("details", sheet.details),
    )


def _read_row(form: Form, given: Row, data: Mapping[str, Any]) -> SolvedRow:
    values = _read_values(form, data["values"])
    known = dict.fromkeys(values, Origin.GIVEN)
    return SolvedRow(
        given.key,
        given.label,
        given.section,
        given.section_label,
        {**dict.fromkeys(form.by_key), **values},
        {**known, **{key: Origin(text) for key, text in data["origins"].items()}},
        expected={key: _read_number(value) or 0 for key, value in data.get("expected", {}).items()},
        stated=stated_rates(form, given),
        unconfirmed=frozenset(data.get("unconfirmed", ())),
    )


def _read_first_model(form: Form, sheet: Sheet, data: Mapping[str, Any]) -> SolvedTable:
    """Return a table of the first model, in which every sum was computed from the base cells."""
    rows = tuple(
        _read_first_model_row(form, row, frozen["values"], frozen["stated"])
        for row, frozen in zip(sheet.rows, data["rows"], strict=True)
    )
    total = None
    if data["total"] is not None:
        total = _read_first_model_row(form, sheet.total, data["total"], data["stated_total"])
    return SolvedTable(form, sheet, rows, total)


def _read_first_model_row(
    form: Form, row: Row, frozen: Mapping[str, Any], printed: Mapping[str, str]
) -> SolvedRow:
    values = _read_values(form, frozen)
    for identity in reversed(form.table.sums):  # sums the form of then did not print
        parts = add(values.get(part) for part in identity.parts)
        if identity.whole not in values and parts is not None:
            values[identity.whole] = parts
    stated = {key: Decimal(text) for key, text in printed.items()}
    return SolvedRow(
        row.key,
        row.label,
        row.section,
        row.section_label,
        values,
        {
            key: Origin.GIVEN if key in row.cells and key not in stated else Origin.SUMMED
            for key, value in values.items()
            if value is not None
        },
        stated={key: value for key, value in stated.items() if values.get(key) != value},
    )


def _read_values(form: Form, data: Mapping[str, Any]) -> dict[str, SolvedValue]:
    kinds = {quantity.key: quantity.kind for quantity in form.table.quantities}
    values: dict[str, SolvedValue] = dict(data)
    for key, value in data.items():
        if isinstance(value, dict):
            parts = (value["numerator"], value["denominator"])
            values[key] = Rate(*(_read_number(part) for part in parts))
        elif kinds.get(key) is ValueKind.NUMBER and value is not None:
            values[key] = Decimal(value)
    return values


def _read_number(value: int | str | None) -> Number | None:
    return Decimal(value) if isinstance(value, str) else value
