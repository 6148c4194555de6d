"""Frozen content back to values: the inverse of ``content``; figures as frozen, not recomputed.

Schema 1 knew base cells and computed sums; schema 2 freezes every figure with its origin.
"""

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
from cchc_public.tables.language import Form, ValueKind
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import Row, Sheet, sheet_from_json
from cchc_public.tables.solved import Rate, SolvedRow, SolvedTable, SolvedValue, add, stated_rates
from cchc_public.tables.solving import Origin
from cchc_public.vietnamese.numbers import Number
from cchc_public.vietnamese.periods import parse_period


def parse_content(text: str, *, release_id: int, digest: str) -> PublishedRelease:
    """Return the release that ``text`` freezes; ValueError when we do not know its schema."""
    data = json.loads(text)
    period = parse_period(data["period"]["slug"])
    if data["schema"] not in (1, SCHEMA) or period is None:
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
        tables=tuple(
            _table(t, findings, data["schema"]) for t in data["tables"] if not t.get("empty")
        ),
        empty_codes=tuple(t["code"] for t in data["tables"] if t.get("empty")),
        findings=findings,
        figures_digest=figures_digest(data),
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _finding(data: Mapping[str, str]) -> PublishedFinding:
    return PublishedFinding(**{**data, "severity": Severity(data["severity"])})  # type: ignore[arg-type]


def _table(
    data: Mapping[str, Any], findings: tuple[PublishedFinding, ...], schema: int
) -> PublishedTable:
    form = get_form(data["code"], data["edition"])
    first_model = {"total": None} if schema == 1 else {}  # there it held computed figures only
    sheet = sheet_from_json({**data, "table": data["code"], **first_model}, form)
    solved = _first_model(form, sheet, data) if schema == 1 else _solved(form, sheet, data)
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


def _solved(form: Form, sheet: Sheet, data: Mapping[str, Any]) -> SolvedTable:
    shown = form.showing(sheet.given_keys & set(form.table.by_key))

    def rows(name: str, given: tuple[Row, ...]) -> tuple[SolvedRow, ...]:
        frozen = data.get(name, ())
        return tuple(_row(shown, *pair) for pair in zip(given, frozen, strict=True))

    return SolvedTable(
        shown,
        sheet,
        rows("rows", sheet.rows),
        _row(shown, sheet.total, data["total"]) if data["total"] is not None else None,
        rows("groups", sheet.groups),
        rows("details", sheet.details),
    )


def _row(form: Form, given: Row, data: Mapping[str, Any]) -> SolvedRow:
    values = _values(form, data["values"])
    known = dict.fromkeys(values, Origin.GIVEN)
    return SolvedRow(
        given.key,
        given.label,
        given.section,
        given.section_label,
        {**dict.fromkeys(form.by_key), **values},
        {**known, **{key: Origin(text) for key, text in data["origins"].items()}},
        expected={key: _number(value) or 0 for key, value in data.get("expected", {}).items()},
        stated=stated_rates(form, given),
        unconfirmed=frozenset(data.get("unconfirmed", ())),
    )


def _first_model(form: Form, sheet: Sheet, data: Mapping[str, Any]) -> SolvedTable:
    """Return a table of the first model, in which every sum was computed from the base cells."""
    rows = tuple(
        _first_model_row(form, row, frozen["values"], frozen["stated"])
        for row, frozen in zip(sheet.rows, data["rows"], strict=True)
    )
    total = None
    if data["total"] is not None:
        total = _first_model_row(form, sheet.total, data["total"], data["stated_total"])
    return SolvedTable(form, sheet, rows, total)


def _first_model_row(
    form: Form, row: Row, frozen: Mapping[str, Any], printed: Mapping[str, str]
) -> SolvedRow:
    values = _values(form, frozen)
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


def _values(form: Form, data: Mapping[str, Any]) -> dict[str, SolvedValue]:
    kinds = {quantity.key: quantity.kind for quantity in form.table.quantities}
    return {key: _value(value, kinds.get(key, ValueKind.TEXT)) for key, value in data.items()}


def _value(value: Any, kind: ValueKind) -> SolvedValue:
    if isinstance(value, dict):
        return Rate(_number(value["numerator"]), _number(value["denominator"]))
    if kind is ValueKind.NUMBER and value is not None:
        return Decimal(value)
    result: SolvedValue = value
    return result


def _number(value: int | str | None) -> Number | None:
    return Decimal(value) if isinstance(value, str) else value
