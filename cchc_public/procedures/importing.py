"""From the bytes of a spreadsheet to incoming procedures; decides nothing about the list itself."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import PurePath
from typing import Any

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import Cell, Document, Grid, cell_text
from cchc_public.files.opening import MAX_BYTES, read_file
from cchc_public.procedures import CODE, find_channel, gather, join_channels, read_table
from cchc_public.procedures.batches import (
    Incoming,
    IncomingRow,
    Refusal,
    Repair,
    SetAside,
    apply_batch,
    group_refusals,
    group_set_aside,
    open_batch,
)
from cchc_public.procedures.cells import (
    CHANNEL_CELLS,
    HEADERS,
    Cells,
    Target,
    clean_part,
    find_header,
    match_header,
    read_cells,
    spread,
)
from cchc_public.store.base import Actor, AnySession
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import clean_text, fold

MAX_ROWS = 20_000
_TOTAL = re.compile(r"(tong|cong|tong cong|tong so)\b.*")
_SECTION = re.compile(
    r"^\s*(?:[IVXLC]+|[A-ZĐ]|\d+)\s*[.)\-–:]\s*|^\s*lĩnh vực\s*:?\s+", re.IGNORECASE
)
_COUNT = re.compile(r"\s*\(\s*\d+\s*(?:tthc|thủ tục)?[^()]*\)\s*$", re.IGNORECASE)
_REPEALED = re.compile(r"\bbai bo\b|\bhet hieu luc\b")  # a list of what is no more
# one-stop software prints the identifier of the province behind the code
_PROVINCE_TAIL = re.compile(r"(\d\.\d{6})(?:\.\d{2,3}){0,4}\.[A-Z]\d{1,3}")


class _Reader:
    """Reads procedures into ``found``; remembers the heading of the section."""

    def __init__(self, found: Incoming, targets: dict[int, Target]) -> None:
        self._found, self._targets, self._section = found, targets, ""

    def read(self, number: int, row: Sequence[Cell]) -> None:
        """Take one row: a procedure, a heading, a total, or something to refuse."""
        cells = self._read_cells(row)
        raw = next(row[p] for p, target in self._targets.items() if target.key == "code")
        code = self.read_code(number, raw)
        if match_header((code,)) == Target("code"):  # the head again, on the next page
            return
        if re.search(r"\d", code):
            self.keep(number, code, cells)
            return
        is_filled = any(cells.values())
        said = [str(cell).strip() for cell in row if cell is not None]
        wordy = [text for text in said if len(fold(text)) > 3]
        is_total = any(_TOTAL.fullmatch(fold(text)) for text in said)
        is_section = len(wordy) == 1 and (not is_filled or (len(said) <= 2 and not is_total))
        if is_filled and not (is_total or is_section):
            self.keep(number, code, cells)
        elif is_section:
            self._section = clean_section(wordy[0])

    def keep(self, number: int, code: str, cells: Cells) -> None:
        """Take a row as a procedure; refuse it when its code is none."""
        if not CODE.fullmatch(code):
            reason = explain_code(code, cells.get("name", ""))
            self._found.refused.append(Refusal(number, code[:40], reason))
            return
        cells["code"] = code
        cells = self.keep_readable(number, cells)
        if not cells.get("field") and self._section:
            cells["field"] = self._section
        # what the source text itself states stands where the file has no column for it
        stated = read_source(cells.get("source", ""))
        self._found.rows.append(IncomingRow(number, {**stated, **cells}))

    def keep_readable(self, number: int, cells: Cells) -> Cells:
        """Set aside what cannot be read beside code, name and field: the row stays."""
        _record, problems = read_cells(cells)
        optional = [key for key in cells if key not in ("code", "name", "field")]
        for key in filter(problems.__contains__, optional):  # told in the order of the file
            aside = SetAside(number, HEADERS[key], cells.pop(key)[:200], problems[key])
            self._found.set_aside.append(aside)
        return cells

    def read_code(self, number: int, cell: Cell) -> str:
        """Return the code of a row; what had to be mended is told."""
        text = read_code(cell)
        tail = _PROVINCE_TAIL.fullmatch(text)
        if tail:
            text = tail[1]
        if (tail or isinstance(cell, int | float)) and CODE.fullmatch(text):
            self._found.repairs.append(Repair(number, HEADERS["code"], str(cell), text))
        return text

    def _read_cells(self, row: Sequence[Cell]) -> Cells:
        found: Cells = {}
        raw: Cells = {}
        split: dict[str, list[str]] = defaultdict(list)
        for place, target in self._targets.items():
            cell = row[place]
            if isinstance(cell, bool):
                text = "Có" if cell else "Không"
            elif isinstance(cell, date):
                text = format_date(cell)
            else:
                # the mark our CSV export puts before formulas is gone already: see csv_text
                text = "" if cell is None else clean_text(str(cell))
            if target.channel is None:
                found[target.key], raw[target.key] = text, str(cell or "").strip("\r")
            elif text:
                split[target.key].append(f"{target.channel.label}: {text}")
        found |= {key: "; ".join(texts) for key, texts in split.items()}
        # the lines of parallel lists belong together: ways to submit, times, fees, notes
        lines = [find_channel(line) for line in raw.get("channels", "").splitlines()]
        kinds = [kind for kind in lines if kind]
        if len(kinds) > 1 and kinds == lines:
            found["channels"] = "; ".join(kind.label for kind in kinds)
            for key in CHANNEL_CELLS:
                texts = [clean_text(line) for line in raw.get(key, "").split("\n")]
                if len(texts) == len(kinds):
                    found[key] = join_channels(tuple(zip(kinds, texts, strict=True)))
        return found


def read_procedures(data: bytes, filename: str, *, max_bytes: int = MAX_BYTES) -> Incoming:
    """Read a file into incoming rows; ``ImportRejected`` when it holds no procedures."""
    name = clean_text(PurePath(filename.replace("\\", "/")).name) or "tệp"
    book = read_file(data, name, max_bytes=max_bytes)
    mended = [Repair(0, change.encoding, change.before, change.after) for change in book.changes]
    digest = hashlib.sha256(data).hexdigest()
    found = Incoming(name, digest, repairs=mended, notes=list(book.notes))
    if (detail := read_detail(book)) is not None:
        reader = _Reader(found, {})
        code = reader.read_code(1, detail["code"].strip())
        if not CODE.fullmatch(code):
            raise ImportRejected(f"Tệp «{name}»: {explain_code(code, detail['name'])}")
        source = f"Cơ sở dữ liệu quốc gia về thủ tục hành chính, tệp {name}"
        cells = reader.keep_readable(1, {"source": source, **detail, "code": code})
        found.rows.append(IncomingRow(1, cells))
        return found
    tables = [
        (sheet.is_hidden or bool(_REPEALED.search(fold(title))), title, sheet, header)
        for _place, title, sheet in book.titled
        if (header := find_header(sheet))
    ]
    if not tables:
        raise ImportRejected(
            f"Không thấy danh mục thủ tục trong tệp «{book.name}»: cần một dòng tiêu đề có cột "
            "«Mã thủ tục» và ít nhất một cột khác như «Tên thủ tục», «Lĩnh vực»."
        )
    is_aside, *_, best = min(tables, key=lambda one: (one[0], -len(one[3].targets)))
    columns = set(best.targets.values())
    for kind, title, sheet, header in tables:
        # a list may go on in tables or sheets of the same columns; what else there is, is told
        if kind != is_aside or set(header.targets.values()) != columns:
            place = f"Bảng «{title[:80]}»" if title else "Một bảng khác trong tệp"
            found.notes.append(f"{place} cũng có mã thủ tục mà chưa đọc.")
            continue
        found.ignored_headers += header.ignored
        reader = _Reader(found, header.targets)
        for number, row in enumerate(spread(sheet)[header.first_row :], header.first_row + 1):
            reader.read(number, row)
    found.ignored_headers = list(dict.fromkeys(found.ignored_headers))
    if len(found.rows) > MAX_ROWS:
        limit = format_number(MAX_ROWS)
        raise ImportRejected(f"Tệp «{name}» có hơn {limit} dòng; hãy chia nhỏ.")
    if not found.rows and not found.refused:
        raise ImportRejected(f"Tệp «{name}» có tiêu đề nhưng không có thủ tục nào bên dưới.")
    _refuse_doubles(found)
    return found


def read_many(files: Sequence[tuple[str, bytes]], *, max_bytes: int = MAX_BYTES) -> Incoming:
    """Read several files as one: official documents come one procedure each.

    A file that cannot be read is refused by its name; the others stay.
    """
    found: list[Incoming] = []
    unread: list[Refusal] = []
    for number, (name, data) in enumerate(files, start=1):
        try:
            found.append(read_procedures(data, name, max_bytes=max_bytes))
        except ImportRejected as error:
            unread.append(Refusal(number, "", str(error)))
    if not found:
        raise ImportRejected(" ".join(refusal.reason for refusal in unread) or "Không có tệp nào.")
    if len(files) == 1:
        return found[0]
    digest = hashlib.sha256("".join(one.digest for one in found).encode()).hexdigest()
    name = f"{found[0].filename} và {len(files) - 1} tệp khác"
    whole = Incoming(name, digest, refused=unread)
    for one in found:
        for key in ("rows", "refused", "repairs", "notes", "ignored_headers", "set_aside"):
            getattr(whole, key).extend(getattr(one, key))
    whole.notes = list(dict.fromkeys(whole.notes))
    whole.ignored_headers = list(dict.fromkeys(whole.ignored_headers))
    _refuse_doubles(whole)
    return whole


def read_code(cell: Cell) -> str:
    """Return a code as text; spreadsheets turn 1.000110 into 1.00011 or, in Vietnamese, 1000110."""
    if isinstance(cell, bool) or cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.6f}"
    if isinstance(cell, int) and 1_000_000 <= cell <= 9_999_999:
        return f"{cell // 1_000_000}.{cell % 1_000_000:06d}"
    return clean_text(str(cell))


def explain_code(code: str, name: str = "") -> str:
    """Say what is wrong with a code, and which one may be meant."""
    if not code:
        return f"Thiếu mã của thủ tục «{name[:60]}»." if name else "Thiếu mã thủ tục."
    shown = " ".join(code.split())[:40]
    if re.fullmatch(r"\d\.\d{1,5}", code):
        return f"Mã «{shown}» thiếu chữ số; có thể là {code.ljust(8, '0')} bị mất số 0 ở cuối."
    return f"Mã «{shown}» không đúng dạng: một chữ số, dấu chấm, sáu chữ số, ví dụ 1.001193."


def clean_section(text: str) -> str:
    """Return the field named by a section heading: "II. Lĩnh vực Hộ tịch (39 TTHC)" is Hộ tịch."""
    plain = _SECTION.sub("", _SECTION.sub("", clean_text(text), count=1), count=1)
    return _COUNT.sub("", plain).strip(" :.")


def _refuse_doubles(found: Incoming) -> None:
    """Refuse rows that share a code: when they differ, no one can know which is right."""
    by_code = gather((row.cells["code"], row) for row in found.rows)
    kept = []
    for row in found.rows:
        same = by_code[row.cells["code"]]
        others = [str(other.number) for other in same if other is not row]
        if not others or (row is same[0] and all(other.cells == row.cells for other in same)):
            kept.append(row)
        else:
            lines = ", ".join(others[:5])
            reason = f"Mã {row.cells['code']} còn đứng ở dòng {lines}; hãy giữ một dòng."
            found.refused.append(Refusal(row.number, row.cells["code"], reason))
    found.rows = kept
    found.refused.sort(key=lambda item: item.number)


def import_files(
    session: AnySession, files: Sequence[tuple[str, bytes]], actor: Actor
) -> tuple[dict[str, Any], str]:
    """Read and accept files at once, as one batch that can be undone; the caller commits.

    Returns the batch's summary, and in words the counts and, each once, the reasons of refused
    rows and what was set aside.
    """
    incoming = read_many(files)
    done = apply_batch(session, open_batch(session, incoming, actor), actor)
    refused = [Refusal(*item) for item in done["refused"]]
    counts = f"Thêm {done['new']}, sửa {done['changed']}, giữ nguyên {done['unchanged']}"
    lines = [f"{counts}, từ chối {len(refused)} dòng.", *group_refusals(refused)]
    lines += group_set_aside(incoming.set_aside)
    lines += [f"  {note}" for note in incoming.notes]
    if incoming.ignored_headers:
        lines.append(f"  Không dùng các cột: {'; '.join(incoming.ignored_headers)}.")
    if codes := [one for one in incoming.repairs if one.header == HEADERS["code"]]:
        lines.append(
            f"  Đã chữa {len(codes)} mã, ví dụ «{codes[0].before}» thành {codes[0].after}."
        )
    return done, "\n".join(lines)


# One procedure out of words: the source text of a row, or an official document. The national
# database hands out each as ``ChiTietTTHC_<mã>.docx``: labels with their text, and tables of ways
# to submit, papers and legal documents.
_PORTAL = re.compile(r"https://(?:www\.)?dichvucong\.gov\.vn/[^\s()<>\"']+")
_BRACKET = re.compile(r"\(([^()]*)\)")
_DECISION = re.compile(r"(?:^|;)\s*(?:QĐ|Quyết định(?: số)?)\s+([^;]*\d[^;]*)", re.IGNORECASE)
_LEVEL = re.compile(r"(?:^|;)\s*cấp:\s*([^;]+)", re.IGNORECASE)
_COPIES = re.compile(r"ban (chinh|sao)\s*:?\s*(\d{1,3})")
_CASE_MARK = re.compile(r"^\s*(?:[-+*•]|\(?\d{1,2}[.)]|[a-zđ]\))\s*")

# label of the official document -> column; "" = a heading whose text is not kept
_LABELS = {fold(label): key for label, key in read_table("official.csv")}
_NOTHING = frozenset({"khong co thong tin", "khong", "khong co"})


def read_source(text: str) -> Cells:
    """Return the cells the source states; nothing is concluded from what it leaves out."""
    found: Cells = {}
    portal = _PORTAL.search(text)
    if portal:
        found["portal_link"] = portal[0].rstrip(".,;")
    for bracket in _BRACKET.findall(text):
        decision, level = _DECISION.search(bracket), _LEVEL.search(bracket)
        if decision:
            found["decision_number"] = decision[1].strip()
        if level:
            found["level"] = level[1].strip()
            if "cap xa" in fold(level[1]):
                # the national database names the commune among the levels that carry it out
                found["decided_here"] = "Có"
    return found


def read_detail(document: Document) -> Cells | None:
    """Return the cells of an official document of one procedure; None when it is none."""
    texts: dict[str, list[str]] = defaultdict(list)
    cells: Cells = {}
    papers: list[str] = []
    key, heading, last_line = "", "", ""
    for block in document.blocks:
        if isinstance(block, Grid):
            _read_table(block, cells, papers, last_line if heading == "thanh phan ho so" else "")
            continue
        for line in clean_text(block).splitlines():
            head, mark, rest = line.partition(":")
            label = fold(head)
            if label in _LABELS and (mark or label == fold(line)):
                key, heading, last_line = _LABELS[label], label, ""
                line = rest.strip()
            elif heading == "thanh phan ho so":
                last_line = line
            if key and line and fold(line) not in _NOTHING:
                texts[key].append(line)
    if not texts["code"] or not texts["name"]:
        return None
    cells |= {key: "\n".join(lines) for key, lines in texts.items() if lines}
    if papers:
        cells["components"] = "\n".join(papers)
    return cells


def _read_table(grid: Grid, cells: Cells, papers: list[str], case: str) -> None:
    rows = [[clean_text(cell_text(cell)) for cell in row] for row in grid.rows]
    if not rows:
        return
    heads = [fold(cell) for cell in rows[0]]

    def column(*names: str) -> int:
        return next((n for n, head in enumerate(heads) if head.startswith(names)), -1)

    def at(row: list[str], place: int) -> str:
        return row[place] if 0 <= place < len(row) else ""

    way, paper, number = column("hinh thuc nop"), column("ten giay to"), column("so ky hieu")
    if way >= 0:
        places = column("thoi han", "thoi gian"), column("phi", "le phi"), column("mo ta")
        known = [(kind, row) for row in rows[1:] if (kind := find_channel(at(row, way)))]
        cells["channels"] = "; ".join(kind.label for kind, _row in known)
        for key, place in zip(CHANNEL_CELLS, places, strict=True):
            said = tuple((kind, " ".join(at(row, place).split())) for kind, row in known)
            cells[key] = join_channels(said) if known else ""
    elif paper >= 0:
        form, count = column("mau don", "to khai"), column("so luong")
        case = _CASE_MARK.sub("", case).rstrip(" :.")
        case = "" if fold(case) == "bao gom" else case  # "the papers are:" is no case
        for row in rows[1:]:
            counts = dict(_COPIES.findall(fold(at(row, count)).replace(":", " ")))
            numbers = [counts.get("chinh", ""), counts.get("sao", "")]
            name = _CASE_MARK.sub("", at(row, paper))
            if name:
                parts = [name, at(row, form), *numbers, case]
                papers.append(" | ".join(map(clean_part, parts)).rstrip(" |"))
    elif number >= 0:
        found = number, column("trich yeu"), column("ngay ban hanh"), column("co quan ban hanh")
        lines = [[clean_part(at(row, place)) for place in found] for row in rows[1:]]
        cells["legal_bases"] = "\n".join(" | ".join(line).rstrip(" |") for line in lines if line[0])
