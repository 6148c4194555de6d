"""Reads one cell as its quantity needs it; says how, and keeps what could not be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from cchc_public.files.grid import Cell, cell_text
from cchc_public.tables.language import Quantity, ValueKind
from cchc_public.tables.sheet import Value
from cchc_public.vietnamese.numbers import (
    Ambiguous,
    Missing,
    Outcome,
    Reading,
    Unreadable,
    format_number,
    read_count,
    read_decimal,
)

_LONGEST = 60  # of a figure with its unit and remark
_UNITS = (
    "hồ sơ|hs|thủ tục|tthc|văn bản|vb|phiếu|lượt|người|đơn|dịch vụ|cuộc|nhiệm vụ|lĩnh vực|"
    "trường hợp|ý kiến|đồng|ngày|bộ|lần|tin|bài|buổi"
)
_WITH_UNIT = re.compile(rf"([0-9][0-9., ]{{0,20}}[0-9]|[0-9])\s?(?:{_UNITS})\.?", re.IGNORECASE)
_MARKED = re.compile(r"([0-9][0-9., ]{0,20}[0-9]|[0-9])\s?(\*{1,3}|\([0-9a-z*]{1,2}\))")
_WITH_RATE = re.compile(
    r"([0-9][0-9., ]{0,20}[0-9]|[0-9])\s?[(/;]\s?([0-9]{1,3}(?:[.,][0-9]{1,4})?)\s?%\)?"
)
_THREE_ZEROS = re.compile(r"[1-9][0-9]{0,2}[.,]000")
_FIGURE = re.compile(r"[-–—…]|[0-9(][0-9., ()*%/]{0,30}|[0-9.,]{1,20}\s?\w{1,10}(?:\s\w{1,6})?")
_DASHES = frozenset({"-", "–", "—"})


@dataclass(frozen=True)
class CellRead:
    """``value`` when readable, ``unread`` the source's text when not; ``note`` says how.

    ``choices`` are the sensible readings of a writing that only a person (or sums) can settle.
    """

    value: Value = None
    unread: str = ""
    note: str = ""
    choices: tuple[int, ...] = ()
    unit: str = ""  # written beside the figure


def looks_like_figure(cell: Cell) -> bool:
    """Tell whether a cell holds a figure rather than words."""
    if isinstance(cell, bool) or cell is None:
        return False
    if isinstance(cell, int | float):
        return True
    text = cell_text(cell)
    return len(text) <= _LONGEST and bool(_FIGURE.fullmatch(text)) and text != "."


def read_cell(quantity: Quantity, raw: Cell, unit: str = "") -> CellRead:
    """Return what ``raw`` says of ``quantity``; ``unit`` is what its row names."""
    if quantity.kind is ValueKind.TEXT:
        return CellRead(cell_lines(raw) or None)
    if isinstance(raw, date):
        return CellRead(
            unread=cell_text(raw),
            note=f"ô chứa ngày {cell_text(raw)}; có thể Excel đã tự đổi số thành ngày",
        )
    plain, remark = _without_remark(raw)
    if isinstance(plain, str) and plain.strip() in _DASHES:
        return CellRead(0 if quantity.kind is ValueKind.COUNT else None, note="dấu gạch đọc là 0")
    if quantity.kind is ValueKind.COUNT:
        read = _read_count(plain)
    else:
        outcome, found = quantity.read(_raw_number(raw if quantity.unit_in else plain), unit)
        if quantity.unit_in:
            remark = ""
            if isinstance(outcome, Ambiguous):  # which of two it is, nobody can see
                return CellRead(unread=cell_text(raw), note=outcome.message)
        read = replace(_from_outcome(outcome, raw), unit=found)
    if remark and not read.unread:
        return replace(read, note=remark)
    return replace(read, unread=cell_text(raw) if read.unread else "")


def cell_lines(raw: Cell) -> str:
    """Return text with its own line breaks but without other spare space."""
    if not isinstance(raw, str):
        return cell_text(raw)
    lines = (" ".join(line.split()) for line in raw.splitlines())
    return "\n".join(line for line in lines if line)


def _without_remark(raw: Cell) -> tuple[Cell, str]:
    """Part ``81 hồ sơ``, ``13*`` and ``81 (94,2 %)`` into the figure and how it was read."""
    if not isinstance(raw, str):
        return raw, ""
    text = cell_text(raw)
    if not 1 < len(text) <= _LONGEST:
        return text, ""
    for pattern, words in (
        (_WITH_UNIT, "bỏ đơn vị ghi trong ô"),
        (_MARKED, "bỏ dấu ghi chú"),
        (_WITH_RATE, "bỏ tỷ lệ ghi kèm"),
    ):
        found = pattern.fullmatch(text)
        if found and (pattern is not _WITH_RATE or found[1] != text.rstrip("% ")):
            return found[1], f"«{text}» đọc là {found[1]} ({words})"
    return text, ""


def _read_count(raw: Cell) -> CellRead:
    if isinstance(raw, str) and _THREE_ZEROS.fullmatch(raw.strip()):
        whole = int(re.sub(r"[.,]", "", raw))
        return CellRead(whole, choices=(whole // 1000, whole))
    return _from_outcome(read_count(_raw_number(raw)), raw)


def _read_number(raw: Cell) -> CellRead:
    return _from_outcome(read_decimal(_raw_number(raw)), raw)


def _raw_number(raw: Cell) -> str | int | float | None:
    return raw if isinstance(raw, str | int | float) or raw is None else cell_text(raw)


def _from_outcome(outcome: Outcome, raw: Cell) -> CellRead:
    if isinstance(outcome, Missing):
        return CellRead()
    if isinstance(outcome, Reading):
        return CellRead(outcome.value, note=outcome.note)
    if isinstance(outcome, Ambiguous):
        # 1,714 in a column of counts: a count has no fraction
        whole = [r.value for r in outcome.readings if r.value == int(r.value)]
        if len(whole) == 1:
            words = f"«{cell_text(raw)}» đọc là {format_number(int(whole[0]))}"
            return CellRead(int(whole[0]), note=words)
    message = outcome.message if isinstance(outcome, Unreadable | Ambiguous) else ""
    return CellRead(unread=cell_text(raw) or "?", note=message)


def as_number(raw: Cell) -> Decimal | None:
    """Return a figure for comparing columns before their quantity is known."""
    plain, _ = _without_remark(raw)
    if isinstance(plain, str) and plain.strip() in _DASHES:
        return Decimal(0)
    if isinstance(plain, str) and "%" in plain:
        read = _read_number(plain)
    else:
        read = _read_count(plain)
        if read.unread:
            read = _read_number(plain)
    value = read.value
    return Decimal(value) if isinstance(value, int | Decimal) else None
