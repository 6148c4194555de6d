"""The frozen content of a release: what goes in, its canonical JSON, its digest; and back again.

Verifies what was published: content, copied columns, succession, and the audit lines of it.
Figures are read as frozen, not recomputed. Schema 1 knew base cells and computed sums; schema 2
freezes every figure with its origin.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

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
from cchc_public.store import AuditEntry, Release, Report
from cchc_public.store.base import AnySession
from cchc_public.store.writing import verify_trail
from cchc_public.tables.language import Form, ValueKind
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import (
    Rate,
    Row,
    Sheet,
    SolvedRow,
    SolvedTable,
    SolvedValue,
    add,
    row_to_json,
    sheet_from_json,
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


def build_content(
    report: Report,
    sheets: Sequence[Sheet],
    *,
    authority: Authority,
    findings: Sequence[Finding],
    reasons: Mapping[str, Reason],
    release: Content,
    solved: Mapping[str, SolvedTable],
) -> Content:
    """Return everything a release freezes; ``sheets`` in statutory order, windows filled in.

    ``solved`` are the filled ones by code; ``release`` is what it says of itself.
    """
    return {
        **build_withdrawal(report, authority=authority, release=release),
        "head": dict(report.head),
        "narrative": freeze(report.narrative, solved),
        "tables": [_table(sheet, solved.get(sheet.table_code)) for sheet in sheets],
        "findings": [_finding(f, reasons.get(f.key)) for f in findings],
    }


def build_withdrawal(report: Report, *, authority: Authority, release: Content) -> Content:
    """Return the content of a withdrawal: no figures, only what was withdrawn and why."""
    period = period_of(report)
    days = {name: _iso(getattr(report, name)) for name in ("data_from", "data_to", "due_on")}
    return {
        "schema": SCHEMA,
        "authority": asdict(authority),
        "period": {"slug": period.slug, "title": period.title, **asdict(period), **days},
        **{name: [] for name in ("narrative", "tables", "findings")},
        "head": {},
        "release": release,
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
        parts = ("numerator", "denominator", "percent")
        return {name: value_to_json(getattr(value, name)) for name in parts}
    return str(value) if isinstance(value, Decimal) else value


def columns_of(content: Content) -> dict[str, Any]:
    """Return what the columns of a release repeat of its content: lists need not open it."""
    period, note = content["period"], content["release"]
    known = parse_period(period["slug"])
    days = {name: period[name] for name in ("data_from", "data_to", "due_on")}
    return {
        "period_slug": period["slug"],
        "period_order": period_order(known) if known else "",
        **{name: date.fromisoformat(day) if day else None for name, day in days.items()},
        **{name: note[name] for name in ("number", "kind", "reason")},
        "published_by_name": note["published_by"],
        "published_at": datetime.fromisoformat(note["published_at"]),
    }


def summary_of(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return what columns say as fields of a summary; ValueError for a period there is not."""
    period = parse_period(columns["period_slug"])
    if period is None:
        raise ValueError(f"unknown period {columns['period_slug']!r}")
    same = ("number", "reason", "published_at", "data_from", "data_to", "due_on")
    return {
        "period": period,
        "kind": ReleaseKind(columns["kind"]),
        "published_by": columns["published_by_name"],
        **{name: columns[name] for name in same},
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
        "total": _row(sheet.total, solved.total) if solved.total else None,
    }
    for name in ("rows", "groups", "details"):
        if (rows := getattr(solved, name)) or name == "rows":
            pairs = zip(getattr(sheet, name), rows, strict=True)
            frozen[name] = [_row(*pair) for pair in pairs]
    return {**frozen, "unplaced": list(sheet.unplaced)} if sheet.unplaced else frozen


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
        frozen["expected"] = {key: value_to_json(v) for key, v in solved.expected.items()}
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


def parse_content(text: str, release_id: int = 0) -> PublishedRelease:
    """Return the release that ``text`` freezes; ValueError when we do not know its schema."""
    data = json.loads(text)
    if data["schema"] not in (1, SCHEMA):
        raise ValueError(f"release {release_id}: unknown schema")
    findings = tuple(
        PublishedFinding(**{**finding, "severity": Severity(finding["severity"])})
        for finding in data["findings"]
    )
    return PublishedRelease(
        id=release_id,
        digest=digest_of(text),
        previous_digest=data["release"]["previous_digest"],
        **summary_of(columns_of(data)),
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
    shown, read, total = form, _read_first_model_row, data["total"]
    if schema == SCHEMA:
        shown, read = form.showing(sheet.given_keys & set(form.table.by_key)), _read_row
    elif total is not None:
        total = {"values": total, "stated": data["stated_total"]}

    def rows(name: str) -> tuple[SolvedRow, ...]:
        pairs = zip(getattr(sheet, name), data.get(name, ()), strict=True)
        return tuple(read(shown, *pair) for pair in pairs)

    solved = SolvedTable(
        shown,
        sheet,
        rows("rows"),
        None if total is None else read(shown, sheet.total, total),
        rows("groups"),
        rows("details"),
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


def _read_row(form: Form, row: Row, data: Mapping[str, Any]) -> SolvedRow:
    values = _read_values(form, data["values"])
    known = dict.fromkeys(values, Origin.GIVEN)
    return SolvedRow.of(
        row,
        values={**dict.fromkeys(form.by_key), **values},
        origins={**known, **{key: Origin(text) for key, text in data["origins"].items()}},
        expected={key: _read_number(value) or 0 for key, value in data.get("expected", {}).items()},
        stated=stated_rates(form, row),
        unconfirmed=frozenset(data.get("unconfirmed", ())),
    )


def _read_first_model_row(form: Form, row: Row, data: Mapping[str, Any]) -> SolvedRow:
    """Return a row of the first model, in which every sum was computed from the base cells."""
    values = _read_values(form, data["values"])
    for identity in reversed(form.table.sums):  # sums the form of then did not print
        parts = add(values.get(part) for part in identity.parts)
        if identity.whole not in values and parts is not None:
            values[identity.whole] = parts
    stated = {key: Decimal(text) for key, text in data["stated"].items()}
    return SolvedRow.of(
        row,
        values=values,
        origins={
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


@dataclass(frozen=True)
class Damage:
    """One thing that is not what was published; ``slug`` is "" for the audit trail itself."""

    slug: str
    number: int
    message: str

    def __str__(self) -> str:
        """Return the damage in words."""
        return f"{self.slug} lần {self.number}: {self.message}" if self.slug else self.message


def verify_releases(session: AnySession) -> tuple[Damage, ...]:
    """Return all damage, in order of period and number; empty when everything is sound.

    A release is told three times: by its content, by the digest that its successor names, and by
    the line of the audit trail, which is chained itself. Who rewrites one is found by the others.
    """
    damages: list[Damage] = []
    # the audit line of each release
    told_query = select(*AuditEntry.__table__.columns).where(
        AuditEntry.action.startswith("release.")
    )
    told = {
        (line.subject, line.detail["number"]): line
        for line in session.execute(told_query)
        if "digest" in line.detail and "number" in line.detail
    }
    # columns, not objects: the session may hold a release as it was before
    query = select(*Release.__table__.columns).order_by(Release.period_slug, Release.number)
    last: dict[str, tuple[int, str]] = {}  # last number and digest by period
    for release in session.execute(query.execution_options(yield_per=20)):
        slug = release.period_slug
        number, digest = last.get(slug, (0, ""))
        if release.number != number + 1:
            damages.append(Damage(slug, release.number, f"thiếu lần công bố số {number + 1}"))
        for message in _faults(release, digest, told.pop((slug, release.number), None)):
            damages.append(Damage(slug, release.number, message))
        last[slug] = (release.number, release.digest)
    for slug, number in sorted(told):
        damages.append(Damage(slug, number, "có trong nhật ký nhưng đã mất"))
    damages += (Damage("", 0, message) for message in verify_trail(session))
    return tuple(damages)


def _faults(release: Any, previous: str, line: Any | None) -> Iterator[str]:
    if digest_of(release.content) != release.digest:
        yield "nội dung không khớp mã kiểm tra"
        return
    data = json.loads(release.content)
    if data["release"]["previous_digest"] != previous:
        yield "không nối tiếp lần công bố trước"
    said = columns_of(data)
    wrong = [name for name in said if said[name] != getattr(release, name)]
    if wrong:
        yield f"cột {', '.join(wrong)} không khớp nội dung"
    if line is None:
        yield "không có dòng nhật ký"
        return
    if line.detail["digest"] != release.digest:
        yield "mã kiểm tra không khớp nhật ký"
    if (line.actor_id, line.action) != (release.published_by_id, f"release.{release.kind}"):
        yield "người công bố không khớp nhật ký"
