"""Frozen content back to values: the inverse of ``content``; figures as frozen, not recomputed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cchc_public.checks.finding import Severity
from cchc_public.releases.content import SCHEMA, figures_digest
from cchc_public.releases.published import (
    Authority,
    NarrativeSection,
    PublishedFinding,
    PublishedRelease,
    PublishedTable,
    ReleaseKind,
)
from cchc_public.statutory.evaluate import (
    TOTAL_KEY,
    TOTAL_LABEL,
    EvaluatedRow,
    EvaluatedTable,
    EvaluatedValue,
    Rate,
)
from cchc_public.statutory.registry import get_table
from cchc_public.statutory.sheet import Row, Sheet, sheet_from_json
from cchc_public.statutory.table import StatutoryTable, ValueKind
from cchc_public.vietnamese.numbers import Number
from cchc_public.vietnamese.periods import parse_period


def parse_content(text: str, *, release_id: int, digest: str) -> PublishedRelease:
    """Return the release that ``text`` freezes; ValueError when we do not know its schema."""
    data = json.loads(text)
    period = parse_period(data["period"]["slug"])
    if data["schema"] != SCHEMA or period is None:
        raise ValueError(f"release {release_id}: unknown schema or period")
    release, window = data["release"], data["period"]
    findings = tuple(_finding(f) for f in data["findings"])
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
        due_on=_date(window["due_on"]),
        authority=Authority(**data["authority"]),
        head=data["head"],
        narrative=tuple(NarrativeSection(**section) for section in data["narrative"]),
        tables=tuple(_table(t, findings) for t in data["tables"] if not t.get("empty")),
        empty_codes=tuple(t["code"] for t in data["tables"] if t.get("empty")),
        findings=findings,
        figures_digest=figures_digest(data),
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _finding(data: Mapping[str, str]) -> PublishedFinding:
    return PublishedFinding(**{**data, "severity": Severity(data["severity"])})  # type: ignore[arg-type]


def _table(data: Mapping[str, Any], findings: tuple[PublishedFinding, ...]) -> PublishedTable:
    definition = get_table(data["code"], data["edition"])
    sheet = sheet_from_json({**data, "table": data["code"]}, definition)
    return PublishedTable(
        definition=definition,
        code=definition.code,
        edition=definition.edition,
        title=data["title"],
        data_from=date.fromisoformat(data["data_from"]),
        data_to=date.fromisoformat(data["data_to"]),
        evaluated=_evaluated(definition, sheet, data),
        findings=tuple(f for f in findings if f.table == definition.code),
    )


def _evaluated(table: StatutoryTable, sheet: Sheet, data: Mapping[str, Any]) -> EvaluatedTable:
    kinds = {column.key: column.kind for column in table.columns}
    rows = tuple(
        _row(row, _values(frozen["values"], kinds))
        for row, frozen in zip(sheet.rows, data["rows"], strict=True)
    )
    total = None
    if data["total"] is not None:
        values = _values(data["total"], kinds)
        total = EvaluatedRow(TOTAL_KEY, TOTAL_LABEL, values=values, stated=sheet.stated_total)
    return EvaluatedTable(table, sheet, rows, total)


def _row(row: Row, values: Mapping[str, EvaluatedValue]) -> EvaluatedRow:
    return EvaluatedRow(row.key, row.label, row.section, row.section_label, values, row.stated)


def _values(data: Mapping[str, Any], kinds: Mapping[str, ValueKind]) -> dict[str, EvaluatedValue]:
    return {key: _value(value, kinds.get(key, ValueKind.TEXT)) for key, value in data.items()}


def _value(value: Any, kind: ValueKind) -> EvaluatedValue:
    if isinstance(value, dict):
        return Rate(_number(value["numerator"]), _number(value["denominator"]))
    if kind is ValueKind.NUMBER and value is not None:
        return Decimal(value)
    result: EvaluatedValue = value
    return result


def _number(value: int | str | None) -> Number | None:
    return Decimal(value) if isinstance(value, str) else value
