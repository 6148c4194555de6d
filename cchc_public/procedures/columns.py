"""The columns of the procedure list as data: files, comparison and history walk this table.

The header of somebody's file is found by meaning: any order, several rows, merged cells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cchc_public.i18n import mark
from cchc_public.procedures.record import ChannelKind, find_channel
from cchc_public.vietnamese.text import fold

if TYPE_CHECKING:  # pages that only show the list need no reader of files
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
