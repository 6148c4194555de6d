"""Makes nasty dossier tables with a known truth: what staff, software and Word do to a form."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from io import BytesIO

from openpyxl import Workbook

from cchc_public.files.grid import Document, build_grid, read_pasted_text
from cchc_public.files.opening import open_document
from tests.unit.layout_shapes import html_page

FIELDS = (
    "Hộ tịch", "Chứng thực", "Đất đai", "Bảo trợ xã hội", "Người có công", "Nuôi con nuôi",
    "Xây dựng",
    "Hộ kinh doanh", "Tôn giáo", "Thi đua khen thưởng", "Giao thông đường thủy", "Văn hóa cơ sở",
    "Thể thao", "Trẻ em", "Công chứng", "Cộng đồng dân cư", "Tổng hợp thi đua", "Hòa giải",
    "Giáo dục", "Nông nghiệp", "Môi trường", "Phòng chống thiên tai", "Tiếp công dân", "Việc làm",
)  # fmt: skip
BLOCKS = {
    "received": ("Số lượng hồ sơ tiếp nhận", "Hồ sơ tiếp nhận", "Tiếp nhận", "Số hồ sơ tiếp nhận"),
    "resolved": (
        "Số lượng hồ sơ đã giải quyết",
        "Đã giải quyết",
        "Đã xử lý",
        "Hồ sơ đã giải quyết",
    ),
    "pending": ("Số lượng hồ sơ đang giải quyết", "Đang giải quyết", "Đang xử lý"),
}
LEAVES = {
    "received": ("Tổng số", "Tổng", "Tổng cộng"),
    "received_online": ("Trực tuyến", "Qua mạng", "Nộp trực tuyến"),
    "received_direct": ("Trực tiếp, dịch vụ bưu chính", "Trực tiếp, BCCI", "Trực tiếp"),
    "carried_over": ("Từ kỳ trước", "Kỳ trước chuyển sang", "Tồn trước", "Tồn kỳ trước"),
    "resolved": ("Tổng số", "Tổng"),
    "resolved_early": ("Trước hạn", "Sớm hạn"),
    "resolved_on_time": ("Đúng hạn",),
    "resolved_overdue": ("Quá hạn", "Trễ hạn"),
    "pending": ("Tổng số", "Tổng"),
    "pending_in_time": ("Trong hạn", "Chưa đến hạn", "Còn hạn"),
    "pending_overdue": ("Quá hạn", "Trễ hạn"),
}
ORDER = {
    "received": ("received", "received_online", "received_direct", "carried_over"),
    "resolved": ("resolved", "resolved_early", "resolved_on_time", "resolved_overdue"),
    "pending": ("pending", "pending_in_time", "pending_overdue"),
}
STRANGE_WORDS = ("Liên thông", "Tại nhà", "Phát sinh khác", "Hẹn lại", "Bổ túc", "Ủy quyền")
STRANGE_COLUMNS = (
    "Trả lại nhà", "Liên thông", "Số biên lai", "Hồ sơ hẹn lại", "Chờ huyện", "Đã thu phí",
    "Cùng kỳ năm trước", "Quá hạn lần 2", "Trực tuyến toàn trình",
)  # fmt: skip
TOTALS = ("Tổng cộng", "Tổng số", "Cộng", "TỔNG CỘNG:", "Tổng cộng ({n} lĩnh vực)", "Cộng chung")


@dataclass
class Made:
    """A table as a grid with merges, and what it says."""

    grid: list[list[str]]
    merges: list[tuple[int, int, int, int]]
    truth: dict[str, dict[str, int]]
    total: dict[str, int]
    traits: set[str] = field(default_factory=set)
    keys: list[str] = field(default_factory=list)  # what each column holds, '' for a strange one

    def excel(self) -> Document:
        """Return the tab text that Excel puts on the clipboard."""
        return read_pasted_text("\n".join("\t".join(row) for row in self.grid))

    def word(self) -> Document:
        """Return the tab text of Word: a merged cell is one field."""
        owner = {
            (row, column): (top, left)
            for top, left, low, right in self.merges
            for row in range(top, low + 1)
            for column in range(left, right + 1)
        }
        lines = []
        for r, row in enumerate(self.grid):
            cells = []
            for c, text in enumerate(row):
                top, left = owner.get((r, c), (r, c))
                if left == c:
                    cells.append(text if (top, left) == (r, c) else "")
            lines.append("\t".join(cells))
        return read_pasted_text("\n".join(lines))

    def spans(self) -> Document:
        """Return the grid with its merges, as HTML, docx and workbooks give it."""
        return Document("bảng", (build_grid(self.grid, spans=self.merges),))

    def html(self) -> Document:
        """Return what is read of a page with this table."""
        layout = {"grid": self.grid, "merges": self.merges}
        rows = html_page(layout, lambda text, marks: f"<td{marks}>{text}</td>")
        return open_document(f"<html><body><table>{rows}</table></body></html>".encode(), "x")

    def xlsx(self) -> Document:
        """Return what is read of a workbook with this table, figures as numbers."""
        book = Workbook()
        for row in self.grid:
            book.active.append([int(c) if c.isascii() and c.isdecimal() else c for c in row])
        for top, left, low, right in self.merges:
            book.active.merge_cells(None, top + 1, left + 1, low + 1, right + 1)
        stream = BytesIO()
        book.save(stream)
        return open_document(stream.getvalue(), "x.xlsx")


def make(seed: int, *, strange: float = 0.0) -> Made:
    """Return one table; ``strange`` is the chance that a column's word is one nobody knows."""
    chance = random.Random(seed)  # noqa: S311 - the same table for the same seed
    return _Maker(chance, strange).make()


class _Maker:
    def __init__(self, chance: random.Random, strange: float) -> None:
        self.chance = chance
        self.strange = strange
        self.traits: set[str] = set()

    def flip(self, share: float) -> bool:
        return self.chance.random() < share

    def make(self) -> Made:
        names = self.chance.sample(FIELDS, self.chance.randint(1, 9))
        figures = {name: self.row() for name in names}
        columns = self.columns()
        head, merges = self.head(columns)
        body, truth, total = self.body(names, figures, columns)
        grid = [*head, *body]
        if self.flip(0.25):
            self.traits.add("title")
            width = len(grid[0])
            grid = [["BIỂU TỔNG HỢP KẾT QUẢ"] + [""] * (width - 1), [""] * width, *grid]
            merges = [(a + 2, b, c + 2, d) for a, b, c, d in merges]
        if self.flip(0.2):
            grid.append(
                ["(Số liệu lấy từ ngày 15/12/2022 đến ngày 14/6/2023)"] + [""] * (len(grid[0]) - 1)
            )
        if self.flip(0.15):
            self.traits.add("lost")
            merges = []
        keys = ["", "", *(key for key, _, _ in columns)]
        return Made(grid, merges, truth, total, self.traits, keys)

    def row(self) -> dict[str, int]:
        top = self.chance.choice((3, 30, 300, 3000))
        parts = {
            key: self.chance.randint(0, top)
            for key in ("received_online", "received_direct", "carried_over")
        }
        received = sum(parts.values())
        resolved = self.chance.randint(received * 2 // 3, received)
        early = self.chance.randint(0, resolved)
        late = min(resolved - early, self.chance.randint(0, 5))
        pending = received - resolved
        overdue = self.chance.randint(0, pending) if self.flip(0.5) else 0
        return {
            "received": received, **parts, "resolved": resolved, "resolved_early": early,
            "resolved_on_time": resolved - early - late, "resolved_overdue": late,
            "pending": pending, "pending_in_time": pending - overdue, "pending_overdue": overdue,
        }  # fmt: skip

    def columns(self) -> list[tuple[str, str, str]]:
        """Return (key or '', block words, leaf words) column by column."""
        blocks = list(ORDER)
        if self.flip(0.3):
            self.chance.shuffle(blocks)
            self.traits.add("shuffled")
        if self.flip(0.2):
            blocks.remove("pending")
        result = []
        for block in blocks:
            words = self.chance.choice(BLOCKS[block])
            keys = [key for key in ORDER[block] if not self.flip(0.12)]
            if self.flip(0.15):
                self.chance.shuffle(keys)
            for key in keys:
                leaf = self.chance.choice(LEAVES[key])
                if self.flip(self.strange):
                    leaf = self.chance.choice(STRANGE_WORDS)
                    self.traits.add("strange")
                result.append((key, words, leaf))
        if self.flip(0.2):
            self.traits.add("extra")
            place = self.chance.randint(0, len(result))
            word = self.chance.choice(STRANGE_COLUMNS)
            block = result[place - 1][1] if place and self.flip(0.5) else ""
            result.insert(place, ("", block, word))
        if self.flip(0.2):
            result.append(("", "", "Ghi chú"))
        return result

    def head(self, columns: list[tuple[str, str, str]]) -> tuple[list[list[str]], list]:
        first = ["TT", "Lĩnh vực"]
        style = self.chance.choice(("two", "two", "two", "one", "bare"))
        self.traits.add(style)
        if style == "one":
            mark = self.chance.choice((" - ", " ", ": "))
            leaves = [f"{block}{mark}{leaf}" if block else leaf for _, block, leaf in columns]
            rows, merges = [[*first, *leaves]], []
        elif style == "bare":
            rows, merges = [[*first, *(leaf for _, _, leaf in columns)]], []
        else:
            rows, merges = self.two_levels(first, columns)
        if self.flip(0.3):
            width = len(rows[0])
            numbers = [f"({n})" for n in range(1, width + 1)]
            if self.flip(0.5):
                numbers = ["A", "B", *(str(n) for n in range(1, width - 1))]
            rows.append(numbers)
        return rows, merges

    @staticmethod
    def two_levels(
        first: list[str], columns: list[tuple[str, str, str]]
    ) -> tuple[list[list[str]], list]:
        top, low, merges = list(first), ["", ""], [(0, 0, 1, 0), (0, 1, 1, 1)]
        start = 2
        previous = None
        for place, (_, block, leaf) in enumerate(columns, 2):
            if not block:
                top.append(leaf)
                low.append("")
                merges.append((0, place, 1, place))
                previous = None
                continue
            if block != previous:
                start = place
                top.append(block)
            else:
                top.append("")
                merges = [m for m in merges if m[:2] != (0, start)]
                merges.append((0, start, 0, place))
            low.append(leaf)
            previous = block
        return [top, low], merges

    def body(
        self, names: list[str], figures: dict[str, dict[str, int]], columns: list
    ) -> tuple[list[list[str]], dict, dict]:
        blank_zero = self.flip(0.15)
        dots = self.flip(0.3)
        slip = self.flip(0.15)

        def write(value: int) -> str:
            if value == 0 and blank_zero:
                return ""
            return f"{value:,}".replace(",", ".") if dots else str(value)

        def cells(values: dict[str, int]) -> list[str]:
            return [write(values[key]) if key else self.filler(leaf) for key, _, leaf in columns]

        keys = [key for key, _, _ in columns if key]
        truth = {name: {key: figures[name][key] for key in keys} for name in names}
        if slip and keys:
            self.traits.add("slip")
            name, key = self.chance.choice(names), self.chance.choice(keys)
            truth[name][key] += self.chance.choice((1, 9, 90))
        shown = {name: {**figures[name], **truth[name]} for name in names}
        total = {key: sum(figures[name][key] for name in names) for key in keys}
        rows: list[list[str]] = []
        groups = self.flip(0.15) and len(names) > 3
        if groups:
            self.traits.add("groups")
            half = len(names) // 2
            for code, label, part in (
                ("I", "Thủ tục cấp xã", names[:half]), ("II", "Thủ tục cấp tỉnh", names[half:]),
            ):  # fmt: skip
                sums = {k: sum(figures[n][k] for n in part) for k in keys}
                rows.append([code, label, *cells({**figures[part[0]], **sums})])
                rows += [[str(n), name, *cells(shown[name])] for n, name in enumerate(part, 1)]
        else:
            rows += [[str(n), name, *cells(shown[name])] for n, name in enumerate(names, 1)]
        if self.flip(0.75):
            label = self.chance.choice(TOTALS).format(n=len(names))
            line = ["", label, *cells({**figures[names[0]], **total})]
            rows.insert(0, line) if self.flip(0.15) and not groups else rows.append(line)
        else:
            total = {}
        if self.flip(0.1) and len(rows) > 3 and not groups:
            self.traits.add("no-numbers")
            rows = [["", *row[1:]] for row in rows]
        return rows, truth, total

    def filler(self, leaf: str) -> str:
        if leaf == "Ghi chú":
            return self.chance.choice(("", "", "Chờ huyện"))
        return str(self.chance.randint(0, 40))
