"""The outline of a reform report (I to V, as communes send it): its parts, and old words in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cchc_public.releases.prose import TablePlace, Tables, read_blocks, resolve
from cchc_public.vietnamese.text import fold

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
# The gate asks about these; a closing sentence has a usual form.
EXPECTED = tuple(part for part in WRITTEN if part.key != CLOSING)
PLACED_TABLES = {code: part.key for part in OUTLINE for code in part.tables}


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

    @property
    def is_settled(self) -> bool:
        """True when the part was written, or declared to have nothing this time."""
        return bool(self.text.strip()) or self.is_confirmed


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
    """Return the parts that somebody must still write, or declare to have nothing this time."""
    return tuple(
        section
        for section in arrange(narrative)
        if not section.is_settled and (section.part is None or section.part in EXPECTED)
    )


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
        if "." in section.key and chapter in within:
            within.discard(chapter)
            frozen.append(_frozen(find_part(chapter), "", "", ""))
        text, _problems = resolve(section.text, tables)
        frozen.append(_frozen(section.part, section.title, text, section.text))
    return frozen


def _frozen(part: Part | None, title: str, text: str, source: str) -> dict[str, str]:
    return {
        "key": part.key if part else "",
        "number": part.number if part else "",
        "title": part.title if part else title,
        "text": text,
        "source": source,
    }


def list_unknown_figures(
    narrative: Sequence[Mapping[str, Any]], tables: Tables
) -> tuple[tuple[Section, str], ...]:
    """Return each name in the words that stands for no figure, with the part it stands in."""
    return tuple(
        (section, problem)
        for section in arrange(narrative)
        for problem in list_problems(section.text, tables)
    )


def list_problems(text: str, tables: Tables) -> tuple[str, ...]:
    """Return what one text asks for and does not get, as sentences."""
    return resolve(text, tables)[1]


def placed_tables(text: str) -> tuple[str, ...]:
    """Return the tables that a text places itself."""
    return tuple(block.code for block in read_blocks(text) if isinstance(block, TablePlace))
