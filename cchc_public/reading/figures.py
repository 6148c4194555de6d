"""Figures: what one cell says as its quantity needs it, and which sums hold among columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import product

from cchc_public.files.grid import Cell, cell_text
from cchc_public.reading.questions import Notes
from cchc_public.tables.language import Form, Quantity, Sum, Table, ValueKind
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
_THOUSANDS = re.compile(r"\b(?:nghìn|ngàn)\s+(?!đồng|đ\b)\w", re.IGNORECASE)
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


def unsigned_share(cell: Cell) -> CellRead:
    """Return a share whose sign is missing, unread: 0,93 may stand for 93 %."""
    return CellRead(unread=cell_text(cell), note="Là phần của 1 hay phần trăm? Hãy ghi dấu %.")


def looks_like_figure(cell: Cell) -> bool:
    """Tell whether a cell holds a figure rather than words."""
    if isinstance(cell, bool) or cell is None:
        return False
    if isinstance(cell, int | float):
        return True
    text = cell_text(cell)
    return len(text) <= _LONGEST and bool(_FIGURE.fullmatch(text)) and text != "."


def read_cell(quantity: Quantity, raw: Cell, unit: str = "") -> CellRead:
    """Return what ``raw`` says of ``quantity``; ``unit`` is what its row, head or table names."""
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
        if read.value and _THOUSANDS.search(unit):
            read = CellRead(unread=cell_text(raw), note="Nguồn ghi theo nghìn; hãy ghi số đủ.")
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


def keep_read(
    form: Form, where: str, reads: Mapping[str, CellRead], notes: Notes
) -> tuple[dict[str, Value], dict[str, str]]:
    """Return what the cells of a row say and what is unread; say how each was read."""
    for key, read in reads.items():
        place = f"{where}, cột «{form.column(key).label}»"
        if read.unread:
            words = f"{place}: không đọc được «{read.unread}». {read.note}"
            notes.complain(words.strip())
        elif read.note:
            notes.tell(f"{place}: {read.note.rstrip('.')}.")
    cells: dict[str, Value] = {
        key: read.value for key, read in reads.items() if read.value not in (None, "")
    }
    return cells, {key: read.unread for key, read in reads.items() if read.unread}


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


Figures = Mapping[int, Sequence[Decimal | None]]  # by column, row by row
MOST_TRIALS = 4_000


def list_checks(table: Table, keys: Iterable[str]) -> list[Sum]:
    """Return the sums of a table that can be tested with ``keys``, absent parts spelled out."""
    present = set(keys)
    found = []
    for identity in table.sums:
        if identity.whole in present:
            parts = _parts_at_hand(table, identity.parts, present)
            if parts and len(set(parts)) > 1:
                found.append(Sum(identity.whole, parts))
    return list(dict.fromkeys(found))


def _parts_at_hand(table: Table, parts: Sequence[str], present: set[str]) -> tuple[str, ...]:
    result: list[str] = []
    for part in parts:
        if part in present:
            result.append(part)
            continue
        inner = next(
            (
                found
                for identity in table.sums
                if identity.whole == part
                and (found := _parts_at_hand(table, identity.parts, present))
            ),
            (),
        )
        if not inner:
            return ()
        result += inner
    return tuple(result)


@dataclass(frozen=True)
class Tested:
    """How a check came out over the rows."""

    held: int = 0
    failed: int = 0
    speaking: int = 0  # different rows that hold with something else than zeros

    @property
    def is_proof(self) -> bool:
        """True when it holds everywhere and at least two rows say something."""
        return not self.failed and self.speaking >= 2

    @property
    def is_systematic(self) -> bool:
        """True when it fails too often to be a slip of the source."""
        tested = self.held + self.failed
        if tested <= 2:
            return self.failed > 0
        return self.failed >= 2 and self.failed * 3 > tested


def test(check: Sum, places: Mapping[str, int], figures: Figures) -> Tested:
    """Try an identity row by row; rows with a blank among its members say nothing."""
    held = failed = 0
    speaking = set()
    wholes = figures[places[check.whole]]
    parts = [figures[places[part]] for part in check.parts]
    for row, whole in enumerate(wholes):
        values = [column[row] for column in parts]
        if whole is None or any(value is None for value in values):
            continue
        if whole == sum(value for value in values if value is not None):
            held += 1
            if whole:
                speaking.add(tuple(values))
        else:
            failed += 1
    return Tested(held, failed, len(speaking))


def find_confirmed(
    table: Table,
    certain: Mapping[int, str],
    unclear: Mapping[int, frozenset[str]],
    figures: Figures,
) -> dict[int, str]:
    """Return the meanings of unclear columns that sums confirm, and no other assignment shares."""
    columns = list(unclear)
    trials = 1
    for keys in unclear.values():
        trials *= len(keys)
    if not columns or trials > MOST_TRIALS:
        return {}
    best: list[tuple[int, dict[int, str]]] = []
    for chosen in product(*(sorted(unclear[column]) for column in columns)):
        trial = dict(zip(columns, chosen, strict=True))
        if len({*chosen, *certain.values()}) < len(chosen) + len(certain):
            continue
        confirmed = confirmed_columns(table, {**certain, **trial}, figures)
        if confirmed is not None:
            best.append((len(confirmed & set(columns)), trial))
    if not best:
        return {}
    most = max(count for count, _trial in best)
    top = [trial for count, trial in best if count == most]
    common = set.intersection(*(set(trial.items()) for trial in top))
    proved = confirmed_columns(table, {**certain, **top[0]}, figures) or set()
    return {column: key for column, key in common if column in proved}


def confirmed_columns(
    table: Table, columns: Mapping[int, str], figures: Figures
) -> set[int] | None:
    """Return the columns an identity proves, None when one fails too often."""
    places = {key: column for column, key in columns.items()}
    proved: set[int] = set()
    for check in list_checks(table, places):
        result = test(check, places, figures)
        if result.failed:
            return None
        if result.is_proof:
            members = (places[key] for key in check.keys)
            proved |= {c for c in members if sum(v not in (None, 0) for v in figures[c]) >= 2}
    return proved
