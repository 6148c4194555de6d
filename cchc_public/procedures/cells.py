"""The columns of the procedure list as data; a record as text cells and back, losing nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from cchc_public.i18n import mark
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

if TYPE_CHECKING:
    from cchc_public.files.grid import Cell, Grid


@dataclass(frozen=True)
class CellColumn:
    """One column: ``key`` in our data, ``header`` as we write it, ``aliases`` as others do.

    Aliases are parted by "; "; words are compared folded, so that spelling variants need none.
    """

    key: str
    header: str
    aliases: str = ""


COLUMNS: tuple[CellColumn, ...] = (
    CellColumn("code", mark("Mã thủ tục"),
        "Mã TTHC; Mã số; Mã số TTHC; Mã hồ sơ TTHC; Mã số thủ tục hành chính; Mã số thủ tục; "
        "Mã số hồ sơ TTHC; Mã thủ tục hành chính; Mã"),
    CellColumn("name", mark("Tên thủ tục"),
        "Tên TTHC; Tên thủ tục hành chính; Thủ tục hành chính; Tên dịch vụ công; Tên; "
        "Tên thủ tục hành chính nội dung công việc"),
    CellColumn("field", mark("Lĩnh vực"), "Tên lĩnh vực; Lĩnh vực TTHC; Nhóm lĩnh vực"),
    CellColumn("level", mark("Cấp thực hiện"), "Cấp; Cấp giải quyết; Cấp hành chính"),
    CellColumn("kind", mark("Loại thủ tục"), "Loại TTHC; Loại"),
    CellColumn("status", mark("Trạng thái"), "Tình trạng; Hiệu lực; Tình trạng hiệu lực"),
    CellColumn("in_force_from", mark("Ngày có hiệu lực"), "Hiệu lực từ; Có hiệu lực từ ngày"),
    CellColumn("amended_on", mark("Ngày sửa đổi"), "Ngày sửa đổi bổ sung"),
    CellColumn("repealed_on", mark("Ngày bãi bỏ"), "Hết hiệu lực từ"),
    CellColumn("status_decision", mark("Quyết định thay đổi trạng thái")),
    CellColumn("decision_number", mark("Số quyết định công bố"),
        "Quyết định công bố; Số quyết định; QĐ công bố; Số QĐ; Quyết định; Văn bản công bố"),
    CellColumn("decision_on", mark("Ngày quyết định"),
        "Ngày ban hành quyết định; Ngày QĐ; Ngày công bố"),
    CellColumn("decision_by", mark("Cơ quan công bố"), "Cơ quan ban hành quyết định"),
    CellColumn("received_here", mark("Tiếp nhận tại đây"),
        "Tiếp nhận tại xã; Tiếp nhận tại bộ phận một cửa"),
    CellColumn("decided_here", mark("Thuộc thẩm quyền giải quyết"),
        "Thẩm quyền giải quyết tại xã; Giải quyết tại xã"),
    CellColumn("is_posted", mark("Công khai"), "Niêm yết; Đã công khai; Đã niêm yết"),
    CellColumn("authority", mark("Cơ quan thực hiện"),
        "Cơ quan giải quyết; Cơ quan có thẩm quyền; Đơn vị thực hiện"),
    CellColumn("address", mark("Địa điểm tiếp nhận"),
        "Nơi tiếp nhận; Địa chỉ tiếp nhận; Địa điểm thực hiện; Nơi nộp hồ sơ"),
    CellColumn("hours", mark("Giờ tiếp nhận"), "Thời gian tiếp nhận; Giờ làm việc"),
    CellColumn("target_group", mark("Đối tượng thực hiện"), "Đối tượng"),
    CellColumn("result", mark("Kết quả giải quyết"), "Kết quả; Kết quả thực hiện"),
    CellColumn("conditions", mark("Yêu cầu, điều kiện"),
        "Điều kiện; Yêu cầu điều kiện thực hiện; Điều kiện thực hiện"),
    CellColumn("dossier_sets", mark("Số lượng hồ sơ"), "Số bộ hồ sơ; Số bộ"),
    CellColumn("keywords", mark("Từ khóa")),
    CellColumn("online_level", mark("Mức độ trực tuyến"),
        "DVC trực tuyến; Mức độ DVC; Mức độ cung cấp dịch vụ công; Mức độ; "
        "Dịch vụ công trực tuyến"),
    CellColumn("partial_reason", mark("Lý do trực tuyến một phần"), "Lý do một phần"),
    CellColumn("portal_link", mark("Liên kết Cổng Dịch vụ công"),
        "Liên kết; Đường dẫn; Link; URL; Địa chỉ trên Cổng Dịch vụ công"),
    CellColumn("channels", mark("Cách nộp"), "Cách thức thực hiện; Hình thức nộp; Kênh nộp"),
    CellColumn("time_limit", mark("Thời hạn giải quyết"),
        "Thời hạn; Thời gian giải quyết; Thời gian; Thời gian thực hiện"),
    CellColumn("fee", mark("Phí, lệ phí"),
        "Phí; Lệ phí; Phí lệ phí nếu có; Mức phí; Mức thu; Phí và lệ phí"),
    CellColumn("channel_notes", mark("Ghi chú theo cách nộp"), "Mô tả cách thức"),
    CellColumn("components", mark("Thành phần hồ sơ"), "Hồ sơ; Giấy tờ phải nộp; Thành phần"),
    CellColumn("steps", mark("Trình tự thực hiện"), "Trình tự; Các bước thực hiện; Các bước"),
    CellColumn("legal_bases", mark("Căn cứ pháp lý"), "Cơ sở pháp lý; Văn bản pháp lý; Căn cứ"),
    CellColumn("exemptions", mark("Miễn, giảm tại địa phương"), "Miễn giảm phí lệ phí; Miễn giảm"),
    CellColumn("source", mark("Nguồn"), "Nguồn dữ liệu; Nguồn số liệu"),
    CellColumn("source_on", mark("Ngày của nguồn"), "Ngày cập nhật; Ngày lấy dữ liệu"),
    # what the second edition added stands last: the first columns of a file keep their places
    CellColumn("remarks", mark("Lưu ý khi nộp"), "Lưu ý; Lưu ý về hồ sơ"),
    CellColumn("checked_on", mark("Ngày xã đối chiếu"), "Ngày đối chiếu"),
)  # fmt: skip

COLUMN_KEYS = tuple(column.key for column in COLUMNS)


def get_header(key: str) -> str:
    """Return the Vietnamese header of a column key."""
    return next(column.header for column in COLUMNS if column.key == key)


SEARCHED_ROWS = 40  # titles and notes may stand above the header
MAX_DEPTH = 3
_BRACKETS = re.compile(r"\([^()]*\)")
_ORDINALS = frozenset({"tt", "stt", "so tt", "so thu tu", ""})
_SPLIT_BY_CHANNEL = frozenset({"time_limit", "fee", "channel_notes"})


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


# of two columns with one name the earlier has it
_NAMES = {
    fold(name): column.key
    for column in reversed(COLUMNS)
    for name in (column.key, column.header, *column.aliases.split("; "))
    if name
}


def find_header(sheet: Grid) -> Header | None:
    """Return the header that recognises most columns; None when none names codes and more."""
    rows = spread(sheet, is_head=True)
    best: Header | None = None
    for start in range(min(len(rows), SEARCHED_ROWS)):
        for depth in range(1, MAX_DEPTH + 1):
            header = _read_header(rows, start, depth)
            if header and (best is None or len(header.targets) > len(best.targets)):
                best = header
    return best


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
        return Target(key, channel) if key in _SPLIT_BY_CHANNEL and key else None
    key = _match_words(leaf) or _match_words(" ".join(path))
    return Target(key) if key else None


def _match_words(words: str) -> str | None:
    """Match exactly, then without what stands in brackets."""
    return _NAMES.get(fold(words)) or _NAMES.get(fold(_BRACKETS.sub(" ", words)))


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
    text = cells.get("status", "")
    status = _STATUS_WORDS.get(fold(text))
    if status is None and fold(text) not in _NOT_STATED:
        labels = ", ".join(STATUS_LABELS.values())
        raise UnreadableCell(f"Không hiểu trạng thái «{text[:40]}»: hãy ghi một trong {labels}.")
    values["status"] = status or ProcedureStatus.IN_FORCE
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
