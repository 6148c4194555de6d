"""The words of a report: their little markup, figures by name, the outline I to V they stand in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cchc_public.tables.language import Column
from cchc_public.tables.sheet import Rate, SolvedRow, SolvedTable
from cchc_public.vietnamese.numbers import NBSP, format_number, format_percent
from cchc_public.vietnamese.text import fold

TABLE_WORD, TOTAL_WORD = "bang", "tong"
LEVELS = {"-": 1, "+": 2}
FORMS = ("phan-so", "ty-le", "hai-so")
_PLACE = re.compile(r"\{\{([^{}\n]{1,200})\}\}")
_SPACES = re.compile(rf"[^\S{NBSP}]+")
_TABLE_LINE = re.compile(r"\{\{\s*" + TABLE_WORD + r"\.([a-z0-9-]{1,40})\s*\}\}")

Tables = Mapping[str, SolvedTable]


@dataclass(frozen=True)
class Run:
    """Words in one weight."""

    text: str
    is_bold: bool = False


@dataclass(frozen=True)
class Block:
    """One paragraph (``level`` 0), or one item of a list: 1 ``-``, 2 ``+``."""

    runs: tuple[Run, ...]
    level: int = 0
    kind = "words"

    @property
    def mark(self) -> str:
        """The sign that papers print before an item."""
        return ("", "- ", "+ ")[self.level]

    @property
    def text(self) -> str:
        """The words without their weight, the sign of the list before them."""
        return self.mark + "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class TablePlace:
    """Where the text wants a whole table to stand."""

    code: str
    kind = "place"


def read_blocks(text: str) -> tuple[Block | TablePlace, ...]:
    """Return the text as blocks; every text has a reading, nothing is refused here."""
    blocks: list[Block | TablePlace] = []
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = _SPACES.sub(" ", raw).strip(" ")
        if found := _TABLE_LINE.fullmatch(line):
            blocks.append(TablePlace(found[1]))
        elif line:
            level = LEVELS.get(line[0], 0) if line[1:2] == " " else 0
            # cut at ``**``; a mark without its partner is two asterisks
            parts = (line[2:] if level else line).split("**")
            if len(parts) % 2 == 0:
                parts[-2:] = ["**".join(parts[-2:])]
            blocks.append(
                Block(
                    tuple(Run(part, place % 2 == 1) for place, part in enumerate(parts) if part),
                    level,
                )
            )
    return tuple(blocks)


def resolve(text: str, tables: Tables) -> tuple[str, tuple[str, ...]]:
    """Return the text with every figure in place, and what could not be placed, as sentences.

    A name that stands for nothing stays as it was typed, so that the reader of a draft sees it.
    """
    problems: list[str] = []

    def replace(found: re.Match[str]) -> str:
        if _TABLE_LINE.fullmatch(found[0]):
            return found[0]
        text, problem = _find_figure(found[1], tables)
        if problem:
            problems.append(problem)
        return text or found[0]

    return _PLACE.sub(replace, text), tuple(problems)


def _find_figure(name: str, tables: Tables) -> tuple[str, str]:
    """Return one figure as papers write it, else why there is none and how to mend it."""
    address, _bar, form = (part.strip() for part in name.partition("|"))
    parts = address.split(".")
    if len(parts) < 2 or (form and form not in FORMS):
        return "", (
            f"“{{{{ {name.strip()} }}}}”: hãy viết biểu.dòng.cột, ví dụ ho-so.tong.resolved; "
            f"sau dấu “|” chỉ dùng {', '.join(FORMS)}."
        )
    table = tables.get(parts[0])
    if table is None:
        return "", f"“{address}”: kỳ này không có số liệu ở biểu “{parts[0]}”."
    place = ".".join(parts[1:-1])
    row = table.whole if place in ("", TOTAL_WORD) else table.row(place)
    column = next((c for c in table.form.columns if c.key == parts[-1]), None)
    if row is None or column is None:
        missing = place if row is None else parts[-1]
        return "", f"“{address}”: biểu “{table.form.short_title}” không có “{missing}”."
    if words := _worded(row, column, form):
        return words, ""
    return "", f"“{address}”: ô này chưa có số liệu nên chưa đưa vào lời được."


def _worded(row: SolvedRow, column: Column, form: str) -> str | None:
    value, stated = row.values.get(column.key), row.stated.get(column.key)
    if isinstance(value, Rate):
        if value.percent is None or value.numerator is None or value.denominator is None:
            return None if stated is None else format_percent(stated)
        # a percentage never travels alone unless the author says so: 77,56 % (522/673)
        fraction = f"{format_number(value.numerator)}/{format_number(value.denominator)}"
        percent = format_percent(value.percent)
        return {"phan-so": fraction, "ty-le": percent}.get(form, f"{percent} ({fraction})")
    if isinstance(value, str) or value is None:
        return None
    if form == "hai-so" and isinstance(value, int):
        return f"{value:02}"
    return format_percent(value) if column.unit == "%" else format_number(value)


def list_figures(tables: Tables) -> tuple[tuple[str, str, str], ...]:
    """Return what an author can name: address, words, present text; totals and single rows."""
    found = []
    for code, table in tables.items():
        rows = [table.total] if table.total else table.rows[:1]
        for row in rows:
            for column in table.form.columns:
                text = _worded(row, column, "")
                if text is not None:
                    place = TOTAL_WORD if table.total else row.key
                    found.append((f"{code}.{place}.{column.key}", column.label, text))
    return tuple(found)


_NUMBER = re.compile(r"^\s*(?:[IVX]{1,5}|[0-9]{1,2})(?:\.[0-9]{1,2})*\s*[.)/]\s*")


@dataclass(frozen=True)
class Part:
    """One part of the outline; ``tables`` stand at its end unless its words place them.

    ``is_heading`` parts have no words of their own. ``others`` are further titles under which
    drafts of the first edition kept the same words.
    """

    key: str
    title: str
    hint: str = ""
    tables: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    is_heading: bool = False

    @property
    def level(self) -> int:
        """0 for the opening and the closing, 1 for I to V, 2 for the parts within."""
        return 0 if self.key in (OPENING, CLOSING) else 1 + ("." in self.key)

    @property
    def number(self) -> str:
        """What papers print before the title: ``II``, ``8``; nothing before opening, closing."""
        return self.key.rpartition(".")[2] if self.level else ""

    @property
    def heading(self) -> str:
        """Number and title as printed; empty for the opening and the closing."""
        return f"{self.number}. {self.title}" if self.level else ""


OPENING, CLOSING = "mo-dau", "ket-thuc"
OUTLINE: tuple[Part, ...] = (
    Part(OPENING, "Mở đầu", "Căn cứ, văn bản yêu cầu báo cáo."),
    Part(
        "I",
        "Công tác chỉ đạo, điều hành cải cách hành chính",
        "Hội nghị, tiến độ kế hoạch, kiểm tra, tuyên truyền, nhiệm vụ được giao.",
        tables=("chi-so-766",),
        others=("Chỉ đạo, điều hành", "Chỉ đạo điều hành", "Công tác chỉ đạo, điều hành"),
    ),
    Part("II", "Kết quả thực hiện công tác cải cách hành chính", is_heading=True),
    Part("II.1", "Cải cách thể chế"),
    Part(
        "II.2",
        "Cải cách thủ tục hành chính",
        tables=("so-luong-thu-tuc", "ho-so", "so-hoa", "phan-anh", "hai-long"),
    ),
    Part(
        "II.3",
        "Cải cách tổ chức bộ máy hành chính",
        others=("Cải cách tổ chức bộ máy", "Tổ chức bộ máy", "Tổ chức bộ máy và công vụ"),
    ),
    Part("II.4", "Cải cách chế độ công vụ", others=("Công vụ", "Chế độ công vụ")),
    Part("II.5", "Cải cách tài chính công", others=("Tài chính công",)),
    Part(
        "II.6",
        "Xây dựng và phát triển chính quyền điện tử, chính quyền số",
        tables=("van-ban", "dich-vu-cong", "thanh-toan"),
        others=("Chính quyền điện tử, chính quyền số", "Chính quyền điện tử", "Chính quyền số"),
    ),
    Part(
        "II.7",
        "Nâng cao chỉ số hiệu quả quản trị và hành chính công (PAPI)",
        others=("PAPI", "Chỉ số PAPI"),
    ),
    Part(
        "II.8",
        "Công tác tiếp công dân, giải quyết khiếu nại, tố cáo và phòng, chống tham nhũng",
        tables=("ket-qua-tiep-dan",),
        others=("Tiếp công dân", "Tiếp công dân, khiếu nại, tố cáo"),
    ),
    Part("III", "Đánh giá chung", is_heading=True),
    Part("III.1", "Mặt tích cực", others=("Ưu điểm", "Kết quả đạt được")),
    Part(
        "III.2",
        "Những tồn tại, hạn chế",
        others=("Khó khăn", "Tồn tại, hạn chế", "Khó khăn, vướng mắc", "Hạn chế"),
    ),
    Part(
        "IV",
        "Phương hướng, nhiệm vụ cải cách hành chính trong thời gian tới",
        others=("Phương hướng", "Phương hướng, nhiệm vụ", "Nhiệm vụ trong thời gian tới"),
    ),
    Part("V", "Kiến nghị, đề xuất", others=("Kiến nghị", "Đề xuất")),
    Part(CLOSING, "Kết thúc", "Câu kết của báo cáo; để trống thì in câu kết thường dùng."),
)
WRITTEN = tuple(part for part in OUTLINE if not part.is_heading)


@dataclass(frozen=True)
class Section:
    """One part with its words as an author wrote them; ``part`` is None for a part of its own.

    ``is_confirmed`` says that somebody declared that there is nothing to write this time.
    """

    title: str
    text: str = ""
    part: Part | None = None
    is_confirmed: bool = False

    @property
    def key(self) -> str:
        """The part's key, empty for a part of its own."""
        return self.part.key if self.part else ""


def find_part(key: str) -> Part | None:
    """Return the part of a key."""
    return next((part for part in OUTLINE if part.key == key), None)


def _folded(title: str) -> str:
    # "II. Kết quả", "3) Tiếp công dân" of old drafts: the number is not the title
    return fold(_NUMBER.sub("", title, count=1))


def arrange(narrative: Sequence[Mapping[str, Any]]) -> tuple[Section, ...]:
    """Return the stored words in the outline, every part once; others before the closing.

    Two old parts that belong to one new part are joined; nothing is lost.
    """
    titles = {_folded(title): part for part in WRITTEN for title in (part.title, *part.others)}
    texts: dict[str, list[str]] = {}
    confirmed: set[str] = set()
    own: list[Section] = []
    for stored in narrative:
        title, text = str(stored.get("title") or "").strip(), str(stored.get("text") or "").strip()
        part = find_part(str(stored.get("key") or "")) or titles.get(_folded(title))
        if part is None:
            own.append(Section(title, text, None, bool(stored.get("confirmed"))))
            continue
        if text:
            texts.setdefault(part.key, []).append(text)
        if stored.get("confirmed"):
            confirmed.add(part.key)
    known = [
        Section(part.title, "\n".join(texts.get(part.key, ())), part, part.key in confirmed)
        for part in WRITTEN
    ]
    return (*known[:-1], *(s for s in own if s.title or s.text), known[-1])


def open_parts(narrative: Sequence[Mapping[str, Any]]) -> tuple[Section, ...]:
    """Return the parts that somebody must still write, or declare to have nothing this time.

    A closing sentence has a usual form.
    """
    unsaid = (s for s in arrange(narrative) if not s.text.strip() and not s.is_confirmed)
    return tuple(section for section in unsaid if section.key != CLOSING)


def as_stored(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Return sections as kept in a report; the inverse of ``arrange``."""
    return [
        {"key": s.key, "title": s.title, "text": s.text.strip(), "confirmed": s.is_confirmed}
        for s in sections
    ]


def freeze(narrative: Sequence[Mapping[str, Any]], tables: Tables) -> list[dict[str, str]]:
    """Return the words as a release keeps them: with every figure in place, and as written.

    A part without words stays out, unless a filled table stands in it. A release of figures
    alone has no outline at all.
    """
    sections = arrange(narrative)
    if not any(section.text for section in sections):
        return []
    kept = [s for s in sections if s.text or (s.part and any(t in tables for t in s.part.tables))]
    within = {s.key.partition(".")[0] for s in kept if "." in s.key}
    frozen: list[dict[str, str]] = []
    for section in kept:
        chapter = section.key.partition(".")[0]
        text, _problems = resolve(section.text, tables)
        parts = [(section.part, text, section.text)]
        if "." in section.key and chapter in within:
            within.discard(chapter)
            parts.insert(0, (find_part(chapter), "", ""))
        for part, said, source in parts:
            title = part.title if part else section.title
            place = {"key": part.key, "number": part.number} if part else {"key": "", "number": ""}
            frozen.append({**place, "title": title, "text": said, "source": source})
    return frozen
