"""Compares two releases cell by cell, in the order in which the pages show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from cchc_public.releases.published import (
    CellChange,
    PublishedFinding,
    PublishedRelease,
    PublishedTable,
)
from cchc_public.tables.language import Column
from cchc_public.tables.sheet import TOTAL_KEY
from cchc_public.tables.solved import Rate, SolvedRow, SolvedValue
from cchc_public.vietnamese.dates import format_date

# Labels of what stands outside the tables; frozen words of the report, hence not translated.
HEAD_LABEL = "Phần đầu báo cáo"
NARRATIVE_LABEL = "Lời báo cáo"
WINDOW_LABELS = {"data_from": "Số liệu từ ngày", "data_to": "Số liệu đến ngày"}
DUE_LABEL = "Ngày hẹn số liệu kỳ sau"
REASON_LABEL = "Giải trình"
ROW_LABEL = "Tên dòng"
EDITION_LABEL = "Phiên bản biểu"
ORDER_LABEL = "Thứ tự"
STATED_SUFFIX = " (theo nguồn)"
CLAIM_TOLERANCE = Decimal("0.05")  # half a step of the coarser of the two ways to print a rate
AUTHORITY_LABEL = "Cơ quan công bố"
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


def compare(old: PublishedRelease, new: PublishedRelease) -> tuple[CellChange, ...]:
    """Return everything a reader could see differ; empty when nothing does."""
    return (*_report_changes(old, new), *_table_changes(old, new), *_reason_changes(old, new))


def _report_changes(old: PublishedRelease, new: PublishedRelease) -> Iterator[CellChange]:
    yield from _window_changes("", "", old, new)
    yield from _texts("", "", "due_on", DUE_LABEL, _day(old.due_on), _day(new.due_on))
    for attribute in AUTHORITY_FIELDS:
        before, after = getattr(old.authority, attribute), getattr(new.authority, attribute)
        yield from _texts(
            "authority", AUTHORITY_LABEL, attribute, AUTHORITY_FIELDS[attribute], before, after
        )
    for key in sorted({*old.head, *new.head}):
        label = HEAD_FIELDS.get(key, key)
        yield from _texts(
            "head", HEAD_LABEL, key, label, _head_text(old.head, key), _head_text(new.head, key)
        )
    yield from _narrative_changes(old, new)


def _narrative_changes(old: PublishedRelease, new: PublishedRelease) -> Iterator[CellChange]:
    before, after = _sections(old), _sections(new)
    where = ("narrative", NARRATIVE_LABEL)
    for key in _union(tuple(after), tuple(before)):
        yield from _texts(*where, key, key.strip(), before.get(key), after.get(key))
    yield from _order_change(("", ""), *where, list(before), list(after))


def _sections(release: PublishedRelease) -> dict[str, str]:
    """Text by title; a title used twice gets a trailing space, so that nothing is lost."""
    found: dict[str, str] = {}
    for section in release.narrative:
        key = section.title
        while key in found:
            key += " "
        found[key] = section.text
    return found


def _table_changes(old: PublishedRelease, new: PublishedRelease) -> Iterator[CellChange]:
    codes = _union(tuple(t.code for t in new.tables), tuple(t.code for t in old.tables))
    for code in codes:
        yield from _one_table(old.table(code), new.table(code))


def _one_table(old: PublishedTable | None, new: PublishedTable | None) -> Iterator[CellChange]:
    table = new or old
    if table is None:
        return
    where = (table.code, table.title)
    if old and new:
        yield from _window_changes(*where, old, new)
        if old.edition != new.edition:
            yield CellChange(*where, "", "", "edition", EDITION_LABEL, old.edition, new.edition)
    before, after = _rows(old), _rows(new)
    for key in _union(tuple(after), tuple(before)):
        yield from _row_changes(where, _columns(old, new), before.get(key), after.get(key))
    labels = {key: row.label for key, row in {**before, **after}.items()}
    orders = (
        [labels[key] for key in rows if key in before and key in after] for rows in (before, after)
    )
    yield from _order_change(where, "", "", *orders)


def _rows(table: PublishedTable | None) -> dict[str, SolvedRow]:
    if table is None:
        return {}
    return {row.key: row for row in table.evaluated.all_rows}


def _columns(old: PublishedTable | None, new: PublishedTable | None) -> tuple[Column, ...]:
    """The columns of the new edition, then those only the old one had."""
    found: dict[str, Column] = {}
    for table in (new, old):
        for column in table.definition.columns if table else ():
            found.setdefault(column.key, column)
    return tuple(found.values())


def _row_changes(
    where: tuple[str, str],
    columns: tuple[Column, ...],
    old: SolvedRow | None,
    new: SolvedRow | None,
) -> Iterator[CellChange]:
    row = new or old
    if row is None:
        return
    if old and new and old.label != new.label:
        yield CellChange(*where, row.key, row.label, "label", ROW_LABEL, old.label, new.label)
    for column in columns:
        place = (*where, row.key, row.label, column.key)
        before, after = _value(old, column), _value(new, column)
        if before != after:
            is_base = column.is_base and row.key != TOTAL_KEY
            yield CellChange(*place, column.label, before, after, is_base)
        said = [_claim(one, column) for one in (old, new)]
        if said[0] != said[1]:
            yield CellChange(*place, column.label + STATED_SUFFIX, said[0], said[1])


def _claim(row: SolvedRow | None, column: Column) -> Decimal | None:
    """Return what a source printed where it says something else: what agrees is no news."""
    stated = row.stated.get(column.key) if row else None
    if row is None or stated is None:
        return None
    value = row.values.get(column.key)
    if isinstance(value, Rate):
        close = value.percent is not None and abs(value.percent - stated) <= CLAIM_TOLERANCE
        return None if close else stated
    return None if value == stated else stated


def _value(row: SolvedRow | None, column: Column) -> SolvedValue:
    value = row.values.get(column.key) if row else None
    return None if value == "" else value


def _reason_changes(old: PublishedRelease, new: PublishedRelease) -> Iterator[CellChange]:
    # by place: the key of a finding changes with its figures, which are told at their cell
    before = {_place(f): f for f in old.findings if f.reason}
    after = {_place(f): f for f in new.findings if f.reason}
    for key in _union(tuple(after), tuple(before)):
        finding = after.get(key) or before[key]
        table = new.table(finding.table) or old.table(finding.table)
        yield from _texts(
            "",
            finding.message.rstrip("."),
            f"reason:{key}",
            REASON_LABEL,
            before[key].reason if key in before else None,
            after[key].reason if key in after else None,
            table=(finding.table, table.title if table else ""),
        )


def _place(finding: PublishedFinding) -> str:
    return "|".join((finding.rule, finding.table, finding.row, finding.column))


def _order_change(
    where: tuple[str, str], row: str, row_label: str, old: list[str], new: list[str]
) -> Iterator[CellChange]:
    """Report things that both releases have in another order; additions are told elsewhere."""
    kept = [[key for key in one if key in other] for one, other in ((old, new), (new, old))]
    if kept[0] != kept[1]:
        before, after = ("; ".join(key.strip() for key in one) for one in kept)
        yield CellChange(*where, row, row_label, "order", ORDER_LABEL, before, after)


def _window_changes(code: str, title: str, old: Any, new: Any) -> Iterator[CellChange]:
    for key, label in WINDOW_LABELS.items():
        before, after = _day(getattr(old, key)), _day(getattr(new, key))
        yield from _texts("", "", key, label, before, after, table=(code, title))


def _texts(
    row: str,
    row_label: str,
    column: str,
    label: str,
    old: str | None,
    new: str | None,
    *,
    table: tuple[str, str] = ("", ""),
) -> Iterator[CellChange]:
    if (old or None) != (new or None):
        yield CellChange(*table, row, row_label, column, label, old or None, new or None)


def _head_text(head: Mapping[str, Any], key: str) -> str | None:
    value = head.get(key)
    return "; ".join(str(part) for part in value) if isinstance(value, list) else value


def _day(day: date | None) -> str | None:
    return format_date(day) if day else None


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
