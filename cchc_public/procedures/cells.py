"""A record as text cells and back, losing nothing; the head of a list, read by meaning.

``columns.csv``: each column with our heading and what others call it, compared without marks; what
is added stands last, so that the first columns of our files keep their places. ``values.csv``: how
others word a status, an online level, a way to submit, what to do with a paper.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, cast

from cchc_public.procedures import (
    MAX_CELL,
    Basis,
    Bring,
    ChannelKind,
    Component,
    Exemption,
    Labeled,
    OnlineLevel,
    ProcedureRecord,
    ProcedureStatus,
    build_channels,
    find_channel,
    find_faults,
    join_channels,
    read_table,
)
from cchc_public.store.writing import differences
from cchc_public.vietnamese.dates import format_date, read_date
from cchc_public.vietnamese.numbers import Missing
from cchc_public.vietnamese.text import clean_text, fold

if TYPE_CHECKING:
    from cchc_public.files.grid import Cell, Grid

T = TypeVar("T")
V = TypeVar("V", bound=Labeled)
Cells = dict[str, str]
Changes = tuple[tuple[str, str, str], ...]  # header, old and new text
_COLUMNS = read_table("columns.csv")
HEADERS = {key: header for key, header, _others in _COLUMNS}  # in the order of our files
CHANNEL_CELLS = {"time_limit": "time_limit", "fee": "fee", "channel_notes": "note"}
_NOT_STATED = frozenset({"", "khong neu", "khong neu trong nguon", "chua ro"})


class UnreadableCell(ValueError):
    """One cell cannot be read; the message is a Vietnamese sentence naming the column."""


def to_cells(record: ProcedureRecord) -> Cells:
    """Return every column of the record as text, in column order."""
    cells = {key: _write(getattr(record, key, "")) for key in HEADERS}
    cells["online_level"] = record.online_words or cells["online_level"]
    kinds = (channel.kind for channel in record.channels)
    named = [kind.label for kind in kinds if kind is not ChannelKind.ANY]
    cells["channels"] = "; ".join(named)
    for key, part in CHANNEL_CELLS.items():
        cells[key] = join_channels(tuple((c.kind, getattr(c, part)) for c in record.channels))
    return cells


def read_cells(cells: Mapping[str, str]) -> tuple[ProcedureRecord, dict[str, str]]:
    """Return the record, and by column in words what cannot be read or must not be stored."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    cleaned = {key: clean_text(text) for key, text in cells.items()}
    cleaned |= {key: " ".join(cleaned.get(key, "").split()) for key in ("name", "field")}
    for key, read in _READERS.items():
        text = cleaned.get(key, "")
        try:
            if len(text) > MAX_CELL:
                raise UnreadableCell(f"Ô «{HEADERS[key]}» dài quá {MAX_CELL} ký tự.")
            values[key] = read(key, text)
        except UnreadableCell as error:
            problems[key] = str(error)
            values[key] = read(key, "")
    # when the source words the level its own way, those words are kept
    words, level = cleaned.get("online_level", ""), values["online_level"]
    values["online_words"] = "" if level and words == level.label else words
    stated = ProcedureStatus.REPEALED if values["repealed_on"] else ProcedureStatus.IN_FORCE
    values["status"] = values["status"] or stated
    values["is_posted"] = values["is_posted"] is not False
    time_limit, fee, note = (values.pop(key) for key in CHANNEL_CELLS)
    values["channels"] = build_channels(time_limit, fee, note, values["channels"])
    record = ProcedureRecord(**values)
    return record, {**find_faults(record), **problems}


def changed_cells(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the columns that differ, with old and new text, in column order."""
    before, after = ({key: one.get(key, "") for key in HEADERS} for one in (old, new))
    return {key: (was, now) for key, was, now in differences(before, after)}


def name_changes(old: Mapping[str, str], new: Mapping[str, str]) -> Changes:
    """Return the columns that differ, named for people."""
    return tuple((HEADERS[key], *pair) for key, pair in changed_cells(old, new).items())


# Rows inside a cell: one line a row, parts between " | ". A part never holds a line break, and
# "|" inside a part is written "¦" when it is read from a form or a file.
def clean_part(text: str) -> str:
    """Return a part of a row as it can stand in a cell: one line, without the separator."""
    return " ".join(text.replace("|", "¦").split())


_WRITERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _none: "",
    str: str,
    int: str,
    bool: {True: "Có", False: "Không"}.__getitem__,
    date: format_date,
    **dict.fromkeys((ProcedureStatus, OnlineLevel, ChannelKind, Bring), attrgetter("label")),
    tuple: lambda items: "\n".join(map(_write, items)),
}


def _write(value: Any) -> str:
    if (write := _WRITERS.get(type(value))) is not None:
        return write(value)
    return " | ".join(_write(getattr(value, part.name)) for part in fields(value)).rstrip(" |")


def _by_words(kind: type[V]) -> dict[str, V]:
    """Return the values by all words for them: ours, and those of ``values.csv``."""
    others = {fold(word): kind(value) for name, value, word in _WORDS if name == kind.__name__}
    return {**{fold(value.label): value for value in kind}, **others}


_WORDS = read_table("values.csv")
_BRING_WORDS = _by_words(Bring)
_FLAG_WORDS = {
    **dict.fromkeys(("co", "x", "1", "dung", "true", "yes"), True),
    **dict.fromkeys(("khong", "0", "sai", "false", "no"), False),
}


def _read_word(known: Mapping[str, T], complaint: str, key: str, text: str) -> T | None:
    """Return the value that words of a cell stand for, None when they state nothing."""
    folded = fold(text)
    if folded in _NOT_STATED:
        return None
    if folded not in known:
        raise UnreadableCell(complaint.format(header=HEADERS[key], text=text[:40]))
    return known[folded]


def _read_kinds(_key: str, text: str) -> tuple[ChannelKind, ...]:
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


def _read_day(key: str, text: str) -> date | None:
    read = Missing() if fold(text) in _NOT_STATED else read_date(text)
    if isinstance(read, date):
        return read
    if isinstance(read, Missing):
        return None
    raise UnreadableCell(f"Ô «{HEADERS[key]}»: {read.message}")


def _read_count(_key: str, text: str) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 3:
        return int(text)
    raise UnreadableCell(f"Số bản của giấy tờ phải là số, không phải «{text[:40]}».")


def _read_rows(cls: type[T], key: str, text: str) -> tuple[T, ...]:
    """Read the lines of a cell: each the parts of one ``cls`` in order, the last takes the rest."""
    readers = [_OF_TYPE[cast(str, part.type)] for part in fields(cast(Any, cls))]
    last, found = len(readers) - 1, []
    for line in filter(None, map(str.strip, text.splitlines())):
        parts = [clean_part(part) for part in line.split("|")]
        if cls is Component:
            parts = _mend_component(parts)
        parts[last:] = [" ".join(parts[last:])]
        found.append(cls(*(read(key, part) for read, part in zip(readers, parts, strict=False))))
    return tuple(found)


def _mend_component(parts: list[str]) -> list[str]:
    """Return our seven parts of a paper that the first edition or another list wrote.

    The first edition wrote five: what followed was part of the case; many lists write "xuất
    trình" where the number of the form stands.
    """
    name, form, originals, copies, _case, bring = (*parts, *[""] * 6)[:6]
    if fold(bring) in _BRING_WORDS or (len(parts) >= 7 and not bring):
        return parts
    told = form if fold(form) in _BRING_WORDS else ""
    return [name, "" if told else form, originals, copies, " ".join(parts[4:]), told]


# how a cell, or a part of one, of a type is read; of channels only their kinds stand in one cell
_OF_TYPE: dict[str, Callable[[str, str], Any]] = {
    "str": lambda _key, text: text,
    "int | None": _read_count,
    "date | None": _read_day,
    "Bring | None": lambda _key, text: _BRING_WORDS.get(fold(text)),
    "ProcedureStatus": partial(
        _read_word,
        _by_words(ProcedureStatus),
        "Không hiểu trạng thái «{text}»: hãy ghi một trong "
        f"{', '.join(status.label for status in ProcedureStatus)}.",
    ),
    "OnlineLevel | None": partial(
        _read_word,
        _by_words(OnlineLevel),
        "Không hiểu mức độ trực tuyến «{text}»: hãy ghi Toàn trình, Một phần hoặc Không.",
    ),
    **dict.fromkeys(
        ("bool", "bool | None"),
        partial(
            _read_word,
            _FLAG_WORDS,
            "Ô «{header}»: hãy ghi Có hoặc Không, không phải «{text}».",
        ),
    ),
    "tuple[Channel, ...]": _read_kinds,
    "tuple[str, ...]": lambda _key, text: tuple(filter(None, map(clean_part, text.splitlines()))),
    "tuple[Component, ...]": partial(_read_rows, Component),
    "tuple[Basis, ...]": partial(_read_rows, Basis),
    "tuple[Exemption, ...]": partial(_read_rows, Exemption),
}
_TYPES = {field.name: cast(str, field.type) for field in fields(ProcedureRecord)}
_READERS = {key: _OF_TYPE[_TYPES.get(key, "str")] for key in HEADERS}


SEARCHED_ROWS = 40  # titles and notes may stand above the header
MAX_DEPTH = 3
_BRACKETS = re.compile(r"\([^()]*\)")
_ORDINALS = frozenset({"tt", "stt", "so tt", "so thu tu", ""})
# of two columns with one name the earlier has it
_NAMES = {
    fold(name): key
    for key, header, others in reversed(_COLUMNS)
    for name in (key, header, *others.split("; "))
    if name
}


@dataclass(frozen=True)
class Target:
    """Where a column of the file goes; ``channel`` when the column is of one channel only."""

    key: str
    channel: ChannelKind | None = None


@dataclass(frozen=True)
class Header:
    """The recognised header: the first data row and the target of each column position."""

    first_row: int
    targets: dict[int, Target]
    ignored: tuple[str, ...]


def find_header(sheet: Grid) -> Header | None:
    """Return the header that recognises most columns; None when none names codes and more."""
    rows = spread(sheet, is_head=True)
    starts = range(min(len(rows), SEARCHED_ROWS))
    tried = (_read_header(rows, start, 1 + more) for start in starts for more in range(MAX_DEPTH))
    return max(filter(None, tried), key=lambda header: len(header.targets), default=None)


def spread(sheet: Grid, *, is_head: bool = False) -> list[list[Cell]]:
    """Return all rows with cells merged over several rows repeated in each: a field beside many.

    Of a head only the top rows are taken, and merged cells repeated in all they cover.
    """
    rows = [list(row) for row in sheet.rows[: SEARCHED_ROWS + MAX_DEPTH if is_head else None]]
    for top, left, bottom, right in sheet.spans:
        if top < len(rows) and left < len(rows[top]) and (is_head or left == right):
            for row in rows[top : bottom + 1]:
                for column in range(left, min(right + 1, len(row))):
                    row[column] = sheet.rows[top][left]
    return rows


def _read_header(rows: Sequence[Sequence[Cell]], start: int, depth: int) -> Header | None:
    if start + depth > len(rows):
        return None
    targets: dict[int, Target] = {}
    ignored = []
    for position in range(len(rows[start])):
        path = _path(rows, start, depth, position)
        target = match_header(path)
        if target is None or target in targets.values():
            ignored.append(" – ".join(path))
        else:
            targets[position] = target
    keys = {target.key for target in targets.values()}
    if "code" not in keys or len(keys) < 2:
        return None
    unknown = tuple(name for name in ignored if fold(name) not in _ORDINALS)
    first = start + depth
    # skip the row of column numbers that forms print below the header
    said = [
        str(cell).strip(" ()")
        for row in rows[first : first + 1]
        for cell in row
        if cell is not None
    ]
    if len(said) > 1 and all(re.fullmatch(r"\d{1,2}|[A-ZĐ]", word) for word in said):
        first += 1
    return Header(first, targets, unknown)


def _path(rows: Sequence[Sequence[Cell]], start: int, depth: int, position: int) -> list[str]:
    words = [str(rows[start + level][position] or "").strip() for level in range(depth)]
    if depth > 1 and not words[-2] and find_channel(words[-1]):
        # OpenDocument does not tell which cells are merged: the group stands to the left
        left = reversed(rows[start + depth - 2][:position])
        words[-2] = next((str(cell).strip() for cell in left if cell is not None), "")
    return list(dict.fromkeys(word for word in words if word))


def match_header(path: Sequence[str]) -> Target | None:
    """Return the target of a header path such as ("Thời hạn giải quyết", "Trực tiếp")."""
    *groups, leaf = path or [""]
    channel = find_channel(leaf)
    if channel and groups:
        key = _match_words(groups[-1])
        return Target(key, channel) if key in CHANNEL_CELLS and key else None
    key = _match_words(leaf) or (_match_words(" ".join(path)) if groups else None)
    return Target(key) if key else None


def _match_words(words: str) -> str | None:
    """Match exactly, then without what stands in brackets."""
    plain = _BRACKETS.sub(" ", words)
    return _NAMES.get(fold(words)) or (_NAMES.get(fold(plain)) if plain != words else None)
