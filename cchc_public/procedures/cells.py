"""Writes a record as text cells and reads it back, losing nothing; files and history use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from cchc_public.procedures.columns import COLUMN_KEYS, get_header
from cchc_public.procedures.record import (
    BRING_LABELS,
    CHANNEL_LABELS,
    MAX_CELL,
    ONLINE_LABELS,
    OPTIONAL_TEXTS,
    STATUS_LABELS,
    Basis,
    Bring,
    ChannelKind,
    Component,
    Exemption,
    OnlineLevel,
    ProcedureRecord,
    ProcedureStatus,
    build_channels,
    find_channel,
    join_channels,
)
from cchc_public.store.audit import differences
from cchc_public.vietnamese.dates import format_date, read_date
from cchc_public.vietnamese.numbers import Missing
from cchc_public.vietnamese.text import clean_text, fold

Cells = dict[str, str]

_TEXTS = ("code", "name", "field", *OPTIONAL_TEXTS)
_DATES = ("in_force_from", "amended_on", "repealed_on", "decision_on", "source_on", "checked_on")
_CHANNEL_PARTS = {"time_limit": "time_limit", "fee": "fee", "channel_notes": "note"}
_FLAGS = ("received_here", "decided_here", "is_posted")
_NOT_STATED = frozenset({"", "khong neu", "khong neu trong nguon", "chua ro"})
_STATUS_WORDS = {
    "het hieu luc": ProcedureStatus.REPEALED,
    "bai bo": ProcedureStatus.REPEALED,
    "bi bai bo": ProcedureStatus.REPEALED,
    "sua doi bo sung": ProcedureStatus.AMENDED,
    "sua doi": ProcedureStatus.AMENDED,
    "hieu luc": ProcedureStatus.IN_FORCE,
    "dang hieu luc": ProcedureStatus.IN_FORCE,
    "dang co hieu luc": ProcedureStatus.IN_FORCE,
    "con hieu luc": ProcedureStatus.IN_FORCE,
    "chua hieu luc": ProcedureStatus.NOT_YET,
} | {fold(label): status for status, label in STATUS_LABELS.items()}
_ONLINE_WORDS = {
    "toan phan": OnlineLevel.FULL,
    "dvc truc tuyen toan trinh": OnlineLevel.FULL,
    "dvc truc tuyen mot phan": OnlineLevel.PARTIAL,
    "cung cap thong tin truc tuyen": OnlineLevel.INFORMATION,
    "cung cap thong tin": OnlineLevel.INFORMATION,
    "dvc cung cap thong tin truc tuyen": OnlineLevel.INFORMATION,
    "co kenh truc tuyen": OnlineLevel.UNSPECIFIED,
    "khong": OnlineLevel.NONE,
    "khong co": OnlineLevel.NONE,
    "khong cung cap": OnlineLevel.NONE,
    "khong truc tuyen": OnlineLevel.NONE,
} | {fold(label): level for level, label in ONLINE_LABELS.items()}


_BRING_WORDS = {
    "nop": Bring.HAND_IN,
    "xuat trinh": Bring.SHOW,
    "online": Bring.ONLINE,
    "truc tuyen": Bring.ONLINE,
    "dien truc tuyen": Bring.ONLINE,
    "dien tren cong": Bring.ONLINE,
}


class UnreadableCell(ValueError):
    """One cell cannot be read; the message is a Vietnamese sentence naming the column."""


def to_cells(record: ProcedureRecord) -> Cells:
    """Return every column of the record as text, in column order."""
    cells: Cells = {key: getattr(record, key) for key in _TEXTS}
    for key in _DATES:
        cells[key] = _write_date(getattr(record, key))
    for key in _FLAGS:
        cells[key] = {True: "Có", False: "Không", None: ""}[getattr(record, key)]
    cells["status"] = STATUS_LABELS[record.status]
    level = record.online_level
    cells["online_level"] = record.online_words or (ONLINE_LABELS[level] if level else "")
    kinds = (channel.kind for channel in record.channels)
    named = [CHANNEL_LABELS[kind] for kind in kinds if kind is not ChannelKind.ANY]
    cells["channels"] = "; ".join(named)
    for key, part in _CHANNEL_PARTS.items():
        cells[key] = join_channels(tuple((c.kind, getattr(c, part)) for c in record.channels))
    for key, (parts_of, _read) in _LISTS.items():
        lines = (" | ".join(parts_of(item)).rstrip(" |") for item in getattr(record, key))
        cells[key] = "\n".join(lines)
    return {key: cells[key] for key in COLUMN_KEYS}


def from_cells(cells: Mapping[str, str]) -> ProcedureRecord:
    """Read a record; raise ``UnreadableCell`` at the first cell that cannot be understood."""
    for key, text in cells.items():
        if len(text) > MAX_CELL:
            raise UnreadableCell(f"Ô «{get_header(key)}» dài quá {MAX_CELL} ký tự.")
    cells = {key: clean_text(text) for key, text in cells.items()}
    values: dict[str, Any] = {key: cells.get(key, "") for key in _TEXTS}
    for key in _DATES:
        values[key] = _read_date(key, cells.get(key, ""))
    for key in _FLAGS:
        values[key] = _read_flag(key, cells.get(key, ""))
    values["is_posted"] = values["is_posted"] is not False
    values["status"] = _read_status(cells.get("status", ""))
    values["online_level"], values["online_words"] = _read_online(cells.get("online_level", ""))
    time_limit, fee, note = (cells.get(key, "") for key in _CHANNEL_PARTS)
    kinds = _read_kinds(cells.get("channels", ""))
    values["channels"] = build_channels(time_limit, fee, note, kinds)
    for key, (_parts_of, read) in _LISTS.items():
        lines = filter(None, map(str.strip, cells.get(key, "").splitlines()))
        values[key] = tuple(
            read([clean_part(part) for part in ([line] if key in _WHOLE else line.split("|"))])
            for line in lines
        )
    return ProcedureRecord(**values)


def changed_cells(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the columns that differ, with old and new text, in column order."""
    before, after = ({key: one.get(key, "") for key in COLUMN_KEYS} for one in (old, new))
    return {key: (was, now) for key, was, now in differences(before, after)}


def _read_kinds(text: str) -> tuple[ChannelKind, ...]:
    kinds = []
    for word in text.replace("\n", ";").replace(",", ";").split(";"):
        kind = find_channel(word)
        if word.strip() and kind is None:
            raise UnreadableCell(
                f"Không hiểu cách nộp «{word.strip()[:40]}»: hãy ghi Trực tiếp, Trực tuyến "
                "hoặc Dịch vụ bưu chính."
            )
        if kind:
            kinds.append(kind)
    return tuple(dict.fromkeys(kinds))


def _read_online(text: str) -> tuple[OnlineLevel | None, str]:
    """Return the level and, when the source words it its own way, those words."""
    folded = fold(text)
    if folded in _NOT_STATED:
        return None, text.strip()
    level = _ONLINE_WORDS.get(folded)
    if level is None:
        raise UnreadableCell(
            f"Không hiểu mức độ trực tuyến «{text[:40]}»: hãy ghi Toàn trình, Một phần hoặc Không."
        )
    return level, "" if text.strip() == ONLINE_LABELS[level] else text.strip()


def _read_status(text: str) -> ProcedureStatus:
    folded = fold(text)
    if folded in _NOT_STATED:
        return ProcedureStatus.IN_FORCE
    status = _STATUS_WORDS.get(folded)
    if status is None:
        labels = ", ".join(STATUS_LABELS.values())
        raise UnreadableCell(f"Không hiểu trạng thái «{text[:40]}»: hãy ghi một trong {labels}.")
    return status


def _read_flag(key: str, text: str) -> bool | None:
    folded = fold(text)
    if folded in _NOT_STATED:
        return None
    if folded in ("co", "x", "1", "dung", "true", "yes"):
        return True
    if folded in ("khong", "0", "sai", "false", "no"):
        return False
    raise UnreadableCell(f"Ô «{get_header(key)}»: hãy ghi Có hoặc Không, không phải «{text[:40]}».")


def _write_date(value: date | None) -> str:
    return format_date(value) if value else ""


def _read_date(key: str, text: str) -> date | None:
    if fold(text) in _NOT_STATED:
        return None
    read = read_date(text)
    if isinstance(read, date):
        return read
    if isinstance(read, Missing):
        return None
    raise UnreadableCell(f"Ô «{get_header(key)}»: {read.message}")


# Rows inside a cell: one line a row, parts between " | ". A part never holds a line break, and
# "|" inside a part is written "¦" when it is read from a form or a file (see clean_part).
def clean_part(text: str) -> str:
    """Return a part of a row as it can stand in a cell: one line, without the separator."""
    return " ".join(text.replace("|", "¦").split())


def _part(parts: list[str], index: int) -> str:
    return parts[index] if index < len(parts) else ""


def _component_parts(item: Component) -> tuple[str, ...]:
    numbers = ["" if n is None else str(n) for n in (item.originals, item.copies)]
    bring = BRING_LABELS[item.bring] if item.bring else ""
    return (item.name, item.form, *numbers, item.case, bring, item.note)


def _read_component(parts: list[str]) -> Component:
    name, form, case, bring = (_part(parts, index) for index in (0, 1, 4, 5))
    originals, copies = (_read_number(_part(parts, index)) for index in (2, 3))
    told = _BRING_WORDS.get(fold(bring))
    if told is None and (bring or len(parts) < 7):
        # the first edition wrote five parts: what followed was part of the case; many lists write
        # "xuất trình" where the number of the form stands
        told = _BRING_WORDS.get(fold(form))
        return Component(name, "" if told else form, originals, copies, " ".join(parts[4:]), told)
    note = " ".join(parts[6:])
    return Component(name, form, originals, copies, case, told, note)


def _read_number(text: str) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 3:
        return int(text)
    raise UnreadableCell(f"Số bản của giấy tờ phải là số, không phải «{text[:40]}».")


# lists inside a cell: how an item becomes the parts of a line, and back
_LISTS: dict[str, tuple[Callable[[Any], tuple[str, ...]], Callable[[list[str]], Any]]] = {
    "components": (_component_parts, _read_component),
    "remarks": (lambda text: (text,), lambda parts: parts[0]),
    "steps": (lambda text: (text,), lambda parts: parts[0]),
    "legal_bases": (
        lambda item: (item.number, item.title, _write_date(item.issued_on), item.issued_by),
        lambda parts: Basis(
            parts[0],
            _part(parts, 1),
            _read_date("legal_bases", _part(parts, 2)),
            " ".join(parts[3:]),
        ),
    ),
    "exemptions": (
        lambda item: (
            item.beneficiary,
            item.amount,
            item.document_number,
            _write_date(item.valid_from),
            _write_date(item.valid_to),
        ),
        lambda parts: Exemption(
            parts[0],
            _part(parts, 1),
            _part(parts, 2),
            *(_read_date("exemptions", _part(parts, place)) for place in (3, 4)),
        ),
    ),
}
_WHOLE = ("remarks", "steps")  # a line is one part, whatever it holds
