"""From the bytes of a spreadsheet to incoming procedures; decides nothing about the list itself."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import Cell, Document, Grid, cell_text
from cchc_public.files.limited import MAX_BYTES, read_file
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
    Cells,
    Header,
    UnreadableCell,
    clean_part,
    find_header,
    from_cells,
    get_header,
    spread,
)
from cchc_public.procedures.record import (
    CHANNEL_LABELS,
    CODE,
    find_channel,
    find_faults,
    join_channels,
)
from cchc_public.store.base import Actor, AnySession
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import clean_text, fold

MAX_ROWS = 20_000
_CODE_HEADER = "Mã thủ tục"
_TOTAL = re.compile(r"(tong|cong|tong cong|tong so)\b.*")
_SECTION = re.compile(
    r"^\s*(?:[IVXLC]+|[A-ZĐ]|\d+)\s*[.)\-–:]\s*|^\s*lĩnh vực\s*:?\s+", re.IGNORECASE
)
_COUNT = re.compile(r"\s*\(\s*\d+\s*(?:tthc|thủ tục)?[^()]*\)\s*$", re.IGNORECASE)


# one-stop software prints the identifier of the province behind the code
_PROVINCE_TAIL = re.compile(r"(\d\.\d{6})(?:\.\d{2,3}){0,4}\.[A-Z]\d{1,3}")


def _find_fault(cells: Cells) -> str:
    """Return why cells cannot be read, "" when they can."""
    try:
        return " ".join(find_faults(from_cells(cells)))
    except UnreadableCell as error:
        return str(error)


class _Reader:
    """Reads the rows of one sheet; remembers the section heading and what was refused."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._section = ""
        self.rows: list[IncomingRow] = []
        self.refused: list[Refusal] = []
        self.repairs: list[Repair] = []
        self.set_aside: list[SetAside] = []

    def read(self, number: int, row: tuple[Cell, ...]) -> None:
        """Take one row: a procedure, a heading, a total, or something to refuse."""
        cells = self._cells(row)
        if not any(cells.values()):
            self._note_section(row)
            return
        raw = next(row[p] for p, target in self._header.targets.items() if target.key == "code")
        code = self.read_code(number, raw)
        said = [str(cell).strip() for cell in row if cell is not None]
        is_total = any(_TOTAL.fullmatch(fold(text)) for text in said)
        is_lone = len(said) <= 2 and sum(len(fold(text)) > 3 for text in said) == 1
        if not re.search(r"\d", code) and (is_total or is_lone):
            if not is_total:
                self._note_section(row)
            return
        if not CODE.fullmatch(code):
            self.refused.append(
                Refusal(number, code[:40], explain_code(code, cells.get("name", "")))
            )
            return
        cells["code"] = code
        self._pair_lines(row, cells)
        cells = self.keep_readable(number, cells)
        if not cells.get("field") and self._section:
            cells["field"] = self._section
        self.rows.append(IncomingRow(number, cells))

    def keep_readable(self, number: int, cells: Cells) -> Cells:
        """Set aside what cannot be read beside code, name and field: the row stays."""
        sound, kept = {"code": "1.000001", "name": "x", "field": "x"}, dict(cells)
        if not _find_fault({**sound, **{key: text for key, text in cells.items() if text}}):
            return cells
        for key, text in cells.items():
            if key not in sound and text and (reason := _find_fault({**sound, key: text})):
                del kept[key]
                self.set_aside.append(SetAside(number, get_header(key), text[:200], reason))
        return kept

    def _pair_lines(self, row: tuple[Cell, ...], cells: Cells) -> None:
        """Bind the lines of parallel lists: ways to submit, and beside them times, fees, notes."""
        raw = {
            target.key: str(row[place] or "").strip("\r")
            for place, target in self._header.targets.items()
            if target.channel is None and place < len(row)
        }
        kinds = [find_channel(line) for line in raw.get("channels", "").splitlines()]
        if len(kinds) < 2 or None in kinds:
            return
        cells["channels"] = "; ".join(CHANNEL_LABELS[kind] for kind in kinds if kind)
        for key in ("time_limit", "fee", "channel_notes"):
            lines = raw.get(key, "").split("\n")
            if len(lines) == len(kinds):
                said = ((kind, clean_text(line)) for kind, line in zip(kinds, lines, strict=True))
                cells[key] = join_channels(tuple((kind, text) for kind, text in said if kind))

    def _cells(self, row: tuple[Cell, ...]) -> Cells:
        found: Cells = {}
        split: dict[str, list[str]] = defaultdict(list)
        for position, target in self._header.targets.items():
            text = self._text(row[position] if position < len(row) else None)
            if target.channel is None:
                found[target.key] = text
            elif text:
                split[target.key].append(f"{CHANNEL_LABELS[target.channel]}: {text}")
        for key, texts in split.items():
            found[key] = "; ".join(texts)
        return found

    def _text(self, cell: Cell) -> str:
        if isinstance(cell, bool):
            return "Có" if cell else "Không"
        if isinstance(cell, date | datetime):
            return format_date(cell if not isinstance(cell, datetime) else cell.date())
        # the mark our CSV export puts before formulas is gone already: see csv_text
        return clean_text("" if cell is None else str(cell))

    def read_code(self, number: int, cell: Cell) -> str:
        text = read_code(cell)
        tail = _PROVINCE_TAIL.fullmatch(text)
        if tail:
            text = tail[1]
        if (tail or isinstance(cell, int | float)) and CODE.fullmatch(text):
            self.repairs.append(Repair(number, _CODE_HEADER, str(cell), text))
        return text

    def _note_section(self, row: tuple[Cell, ...]) -> None:
        wordy = [str(cell) for cell in row if cell is not None and len(fold(str(cell))) > 3]
        if len(wordy) == 1:
            self._section = clean_section(wordy[0])


def read_procedures(data: bytes, filename: str, *, max_bytes: int = MAX_BYTES) -> Incoming:
    """Read a file into incoming rows; ``ImportRejected`` when it holds no procedures."""
    name = clean_text(PurePath(filename.replace("\\", "/")).name) or "tệp"
    book = read_file(data, name, max_bytes=max_bytes)
    digest = hashlib.sha256(data).hexdigest()
    detail = read_detail(book)
    if detail is not None:
        return _read_one(detail, name, digest, book)
    tables = [(sheet, header) for sheet in book.grids if (header := find_header(sheet))]
    if not tables:
        raise ImportRejected(
            f"Không thấy danh mục thủ tục trong tệp «{book.name}»: cần một dòng tiêu đề có cột "
            "«Mã thủ tục» và ít nhất một cột khác như «Tên thủ tục», «Lĩnh vực»."
        )
    sheet, header = max(tables, key=lambda pair: (len(pair[1].targets), len(pair[0].rows)))
    if len(sheet.rows) - header.first_row > MAX_ROWS:
        limit = format_number(MAX_ROWS)
        raise ImportRejected(f"Tệp «{name}» có hơn {limit} dòng; hãy chia nhỏ.")
    reader = _Reader(header)
    lines = spread(sheet)
    for index in range(header.first_row, len(lines)):
        reader.read(index + 1, tuple(lines[index]))
    rows, refused = _drop_duplicates(reader.rows)
    if not rows and not refused and not reader.refused:
        raise ImportRejected(f"Tệp «{name}» có tiêu đề nhưng không có thủ tục nào bên dưới.")
    return Incoming(
        filename=name,
        digest=digest,
        # what the source text itself states stands where the file has no column for it
        rows=tuple(
            IncomingRow(row.number, {**read_source(row.cells.get("source", "")), **row.cells})
            for row in rows
        ),
        refused=tuple(sorted((*reader.refused, *refused), key=lambda item: item.number)),
        repairs=(*_word_repairs(book), *reader.repairs),
        notes=book.notes,
        ignored_headers=header.ignored,
        set_aside=tuple(reader.set_aside),
    )


def read_many(files: Sequence[tuple[str, bytes]], *, max_bytes: int = MAX_BYTES) -> Incoming:
    """Read several files as one: official documents come one procedure each.

    A file that cannot be read is refused by its name; the others stay.
    """
    if len(files) == 1:
        return read_procedures(files[0][1], files[0][0], max_bytes=max_bytes)
    found: list[Incoming] = []
    refused: list[Refusal] = []
    for number, (name, data) in enumerate(files, start=1):
        try:
            found.append(read_procedures(data, name, max_bytes=max_bytes))
        except ImportRejected as error:
            refused.append(Refusal(number, "", str(error)))
    if not found:
        raise ImportRejected(" ".join(refusal.reason for refusal in refused) or "Không có tệp nào.")

    def all_of(name: str) -> list[Any]:
        return [one for incoming in found for one in getattr(incoming, name)]

    rows, doubled = _drop_duplicates(all_of("rows"))
    return Incoming(
        filename=f"{found[0].filename} và {len(files) - 1} tệp khác",
        digest=hashlib.sha256("".join(one.digest for one in found).encode()).hexdigest(),
        rows=tuple(rows),
        refused=(*refused, *all_of("refused"), *doubled),
        repairs=tuple(all_of("repairs")),
        notes=tuple(dict.fromkeys(all_of("notes"))),
        ignored_headers=tuple(dict.fromkeys(all_of("ignored_headers"))),
        set_aside=tuple(all_of("set_aside")),
    )


def _read_one(detail: Cells, name: str, digest: str, book: Document) -> Incoming:
    """Return the one procedure of an official document."""
    reader = _Reader(Header(0, {}, ()))
    code = reader.read_code(1, detail["code"].strip())
    if not CODE.fullmatch(code):
        raise ImportRejected(f"Tệp «{name}»: {explain_code(code, detail['name'])}")
    source = {"source": f"Cơ sở dữ liệu quốc gia về thủ tục hành chính, tệp {name}"}
    cells = reader.keep_readable(1, {**source, **detail, "code": code})
    return Incoming(
        filename=name,
        digest=digest,
        rows=(IncomingRow(1, cells),),
        repairs=(*_word_repairs(book), *reader.repairs),
        notes=book.notes,
        set_aside=tuple(reader.set_aside),
    )


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
    shown = code[:40]
    if re.fullmatch(r"\d\.\d{1,5}", code):
        return f"Mã «{shown}» thiếu chữ số; có thể là {code.ljust(8, '0')} bị mất số 0 ở cuối."
    return f"Mã «{shown}» không đúng dạng: một chữ số, dấu chấm, sáu chữ số, ví dụ 1.001193."


def clean_section(text: str) -> str:
    """Return the field named by a section heading: "II. Lĩnh vực Hộ tịch (39 TTHC)" is Hộ tịch."""
    plain = _SECTION.sub("", _SECTION.sub("", clean_text(text), count=1), count=1)
    return _COUNT.sub("", plain).strip(" :.")


def _drop_duplicates(rows: list[IncomingRow]) -> tuple[list[IncomingRow], list[Refusal]]:
    """Refuse rows that share a code: when they differ, no one can know which is right."""
    by_code: dict[str, list[IncomingRow]] = defaultdict(list)
    for row in rows:
        by_code[row.cells["code"]].append(row)
    kept, refused = [], []
    for row in rows:
        same = by_code[row.cells["code"]]
        others = [other.number for other in same if other is not row]
        if not others or (row is same[0] and all(other.cells == row.cells for other in same)):
            kept.append(row)
        else:
            lines = ", ".join(str(number) for number in others[:5])
            reason = f"Mã {row.cells['code']} còn đứng ở dòng {lines}; hãy giữ một dòng."
            refused.append(Refusal(row.number, row.cells["code"], reason))
    return kept, refused


def _word_repairs(book: Document) -> tuple[Repair, ...]:
    return tuple(Repair(0, change.encoding, change.before, change.after) for change in book.changes)


@dataclass(frozen=True)
class ImportSummary:
    """What one import did; ``str()`` is the sentence for the command line."""

    new: int
    changed: int
    unchanged: int
    refused: tuple[Refusal, ...]
    set_aside: tuple[SetAside, ...] = ()
    repairs: tuple[Repair, ...] = ()

    def __str__(self) -> str:
        """Return the counts, the reasons of refused rows and what was set aside, each once."""
        counts = f"Thêm {self.new}, sửa {self.changed}, giữ nguyên {self.unchanged}"
        lines = [f"{counts}, từ chối {len(self.refused)} dòng.", *group_refusals(self.refused)]
        lines += group_set_aside(self.set_aside)
        codes = [repair for repair in self.repairs if repair.header == _CODE_HEADER]
        if codes:
            lines.append(
                f"  Đã chữa {len(codes)} mã, ví dụ «{codes[0].before}» thành {codes[0].after}."
            )
        return "\n".join(lines)


def import_file(session: AnySession, data: bytes, filename: str, actor: Actor) -> ImportSummary:
    """Read and accept a file at once, as one batch that can be undone; the caller commits."""
    return import_files(session, [(filename, data)], actor)


def import_files(
    session: AnySession, files: Sequence[tuple[str, bytes]], actor: Actor
) -> ImportSummary:
    """Read and accept files at once, as one batch; the caller commits."""
    incoming = read_many(files)
    batch = open_batch(session, incoming, actor)
    done = apply_batch(session, batch, actor)
    refused = tuple(Refusal(*item) for item in done["refused"])
    return ImportSummary(
        done["new"],
        done["changed"],
        done["unchanged"],
        refused,
        incoming.set_aside,
        incoming.repairs,
    )


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
_LABELS = {
    "ma thu tuc": "code",
    "so quyet dinh": "decision_number",
    "ten thu tuc": "name",
    "cap thuc hien": "level",
    "loai thu tuc": "kind",
    "linh vuc": "field",
    "trinh tu thuc hien": "steps",
    "cach thuc thuc hien": "",
    "thanh phan ho so": "",
    "doi tuong thuc hien": "target_group",
    "co quan thuc hien": "authority",
    "co quan co tham quyen": "",
    "dia chi tiep nhan hs": "address",
    "dia chi tiep nhan ho so": "address",
    "co quan duoc uy quyen": "",
    "co quan phoi hop": "",
    "ket qua thuc hien": "result",
    "can cu phap ly": "",
    "yeu cau dieu kien thuc hien": "conditions",
    "tu khoa": "keywords",
    "mo ta": "",
    "thu tuc hanh chinh lien quan": "",
}
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
        cells["channels"] = "; ".join(CHANNEL_LABELS[kind] for kind, _row in known)
        for key, place in zip(("time_limit", "fee", "channel_notes"), places, strict=True):
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
