"""Reads one procedure out of words: the source text of a row, or an official document.

The national database hands out each procedure as ``ChiTietTTHC_<mã>.docx``: labels with their
text, and tables of ways to submit, papers and legal documents.
"""

from __future__ import annotations

import re
from collections import defaultdict

from cchc_public.files.grid import Document, Grid, cell_text
from cchc_public.procedures.cells import Cells, clean_part
from cchc_public.procedures.record import CHANNEL_LABELS
from cchc_public.procedures.wording import find_channel, join_channels
from cchc_public.vietnamese.cleaning import clean_text
from cchc_public.vietnamese.fold import fold

_PORTAL = re.compile(r"https://(?:www\.)?dichvucong\.gov\.vn/[^\s()<>\"']+")
_BRACKET = re.compile(r"\(([^()]*)\)")
_DECISION = re.compile(r"(?:^|;)\s*(?:QĐ|Quyết định(?: số)?)\s+([^;]*\d[^;]*)", re.IGNORECASE)
_LEVEL = re.compile(r"(?:^|;)\s*cấp:\s*([^;]+)", re.IGNORECASE)
_COUNT = re.compile(r"ban (chinh|sao)\s*:?\s*(\d{1,3})")
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
        case = "" if fold(case) == "bao gom" else case
        for row in rows[1:]:
            counts = dict(_COUNT.findall(fold(at(row, count)).replace(":", " ")))
            numbers = [counts.get("chinh", ""), counts.get("sao", "")]
            name = _CASE_MARK.sub("", at(row, paper))
            if name:
                parts = [
                    name,
                    at(row, form),
                    *numbers,
                    "" if fold(case) in ("", "bao gom") else case,
                ]
                papers.append(" | ".join(map(clean_part, parts)).rstrip(" |"))
    elif number >= 0:
        found = number, column("trich yeu"), column("ngay ban hanh"), column("co quan ban hanh")
        lines = [[clean_part(at(row, place)) for place in found] for row in rows[1:]]
        cells["legal_bases"] = "\n".join(" | ".join(line).rstrip(" |") for line in lines if line[0])
