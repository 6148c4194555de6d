"""Reads a plan of tasks from the bare lines of a PDF."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cchc_public.files.grid import Document, Shape, cell_text
from cchc_public.reading.lists import NOTE
from cchc_public.reading.questions import AS_PRINTED, Draft
from cchc_public.reading.words import ORDINALS, marked_key
from cchc_public.tables.registry import task_key
from cchc_public.tables.sheet import Row, Value
from cchc_public.vietnamese.text import fold

_PART = re.compile(r"([IVX]{1,5})\.?(?:\s+(\S.*))?")
_DONE = re.compile(r"\s*\b([0-9]{1,3}(?:[.,][0-9]{1,2})?)\s?%$")
_SAID = re.compile(
    r"\b(?:đã|đang|chưa|không) (?:ban hành|thực hiện|triển khai|hoàn thành|xây dựng|tổ chức|"
    r"phát sinh|báo cáo)\b",
    re.IGNORECASE,
)
_DUE = re.compile(r"(?:thường xuyên|tháng |quý |trong |năm 2|theo |trước |định kỳ)", re.IGNORECASE)
MOST_TASK_LINES = 4_000
MOST_UNIT_LINES = 6


@dataclass
class _LineTask:
    """One task as lines: what stands before its deadline, deadline, progress, product, rate."""

    line: int
    section: tuple[str, str]
    number: str
    words: list[str] = field(default_factory=list)
    cells: dict[str, Value] = field(default_factory=dict)
    units: list[list[str]] = field(default_factory=list)  # the lines of its units

    @property
    def key(self) -> str:
        """Its section and number."""
        return task_key(self.section[0], self.number)

    @property
    def name(self) -> str:
        """Where it stands, for sentences."""
        return f"Dòng {self.line + 1}, nhiệm vụ {self.key}"

    def take(self, key: str, lines: list[str]) -> None:
        """Take the last lines of the words as a unit."""
        self.cells[key] = _joined(lines)
        self.units.append(lines)
        del self.words[-len(lines) :]


def read_task_lines(document: Document, draft: Draft) -> bool:
    """Lay out a plan of tasks that a PDF gives line by line: one question for the whole of it.

    Numbers and sections are the frame; deadline, progress and rate are known by their words; a unit
    is what ends the words of several tasks alike. What cannot be parted stays together and is told.
    """
    lines = [cell_text(row[0]) for g in document.grids if g.shape is Shape.LINES for row in g.rows]
    tasks = _frame(lines[:MOST_TASK_LINES])
    if len(tasks) < 3:
        return False
    for task in tasks:
        _part_ends(task, draft)
    for key, share in (("supporting_units", 0.9), ("lead_unit", 0.5)):
        _part_units(tasks, key, share)
    parts = len({task.section for task in tasks})
    answer = draft.ask(
        "nhiem-vu",
        "task-lines",
        f"Bảng nhiệm vụ chép từ PDF không còn ô. Xếp theo số thứ tự được {len(tasks)} nhiệm vụ "
        f"trong {parts} mục; xin so với bản giấy. Đúng không?",
        AS_PRINTED,
        place="Bảng nhiệm vụ",
        row=tasks[0].line + 1,
    )
    if answer == "sai":
        return False
    _ask_leads(tasks, draft)
    for task in tasks:
        if "completion" not in task.cells and "%" in str(task.cells.get("deliverable", "")):
            draft.complain(f"{task.name}: chưa tách được tỷ lệ hoàn thành khỏi chữ bên cạnh.")
        for key in ("lead_unit", "supporting_units"):
            unit = str(task.cells.get(key, ""))
            longer = (str(other.cells.get(key, "")) for other in tasks)
            whole = next((text for text in longer if unit and text.startswith(f"{unit} ")), "")
            if whole:
                draft.complain(f"{task.name}: «{unit}» có thể thiếu chữ, nơi khác ghi «{whole}».")
        row = Row(task.key, _joined(task.words), *task.section, cells=task.cells)
        draft.add(row, task.line + 1)
    return True


def _frame(lines: Sequence[str]) -> list[_LineTask]:
    """Part the lines below the head of a plan by sections and running numbers."""
    heads = [
        index
        for index, line in enumerate(lines)
        if (words := marked_key(line).split()) and words[0] in ORDINALS
        and "ty le hoan" in fold(" ".join(lines[index : index + 25]))
    ]  # fmt: skip
    tasks: list[_LineTask] = []
    section, is_title = ("", ""), False
    for index in range(heads[-1] + 1 if heads else len(lines), len(lines)):
        line = lines[index]
        part = _PART.fullmatch(line)
        title = part[2] or "" if part else line
        is_first = not tasks or tasks[-1].section[0] != section[0]
        following = 1 if is_first else int(tasks[-1].number) + 1
        if part and title == title.upper():
            section, is_title = (part[1], title.strip()), True
        elif is_title and not line.isdecimal() and line == line.upper():
            section = (section[0], f"{section[1]} {line}".strip())
        elif section[0] and line == str(following):
            tasks.append(_LineTask(index, section, line))
            is_title = False
        elif tasks and line and not is_title and not NOTE.match(line):
            tasks[-1].words.append(line)
    for task in tasks:
        code, title = task.section
        task.section = (code, title[:1] + title[1:].lower())
    return tasks


def _part_ends(task: _LineTask, draft: Draft) -> None:
    """Take rate, progress, product and deadline off the end of a task's lines."""
    lines = task.words
    if lines and (rate := _DONE.search(lines[-1])):
        task.cells["completion"] = Decimal(rate[1].replace(",", "."))
        lines[-1] = lines[-1][: rate.start()].strip()
    said = next((i for i, text in enumerate(lines) if i and _SAID.search(text)), None)
    last = len(lines) if said is None else said + 1
    begins = next((i for i in range(last - 1, 0, -1) if _DUE.match(lines[i])), said)
    if begins is None:
        return
    if said is not None and said >= begins:
        found = _SAID.search(lines[said])
        assert found is not None  # noqa: S101 - the line was chosen by it
        due = [*lines[begins:said], lines[said][: found.start()]]
        product = [lines[said][found.end() :], *lines[said + 1 :]]
        texts = {"due": due, "progress": [found[0]], "deliverable": product}
    else:
        texts = {"due": lines[begins:]}
        if len(lines) - begins > 1:
            draft.complain(f"{task.name}: chưa tách được thời hạn khỏi chữ đứng sau.")
    for key, parts in texts.items():
        if text := _joined(parts):
            task.cells[key] = text
    task.words = [text for text in lines[:begins] if text]


def _joined(lines: Sequence[str]) -> str:
    """Join lines; a word that a narrow column broke at its hyphen is whole again."""
    return re.sub(r"(?<=\w-)\n(?=\w)", "", "\n".join(lines)).replace("\n", " ").strip()


def _part_units(tasks: Sequence[_LineTask], key: str, share: float) -> None:
    """Take the unit off the end of each task's words: lines with which several tasks end alike."""
    endings: Counter[tuple[str, ...]] = Counter(
        words for task in tasks for words in map(_folded, _endings(task))
    )
    found: dict[str, list[str]] = {}
    for task in tasks:
        before = 0
        for lines in _endings(task):
            count = endings[_folded(lines)]
            if count < 2 or count < before * share:
                break
            found[task.key], before = lines, count
    own = Counter(map(_folded, found.values()))
    for task in tasks:
        lines = found.get(task.key, [])
        if own[_folded(lines)] > 1:  # else it is only the end of what others say at length
            task.take(key, lines)


def _endings(task: _LineTask) -> Iterator[list[str]]:
    """Yield the ends of a task's words that may be a unit: a few lines from a capital letter on."""
    for size in range(1, min(MOST_UNIT_LINES + 1, len(task.words))):
        if task.words[-size][:1].isupper():
            yield task.words[-size:]


def _folded(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(fold, lines))


def _ask_leads(tasks: Sequence[_LineTask], draft: Draft) -> None:
    """Ask for the unit of tasks that no other task shares, where most tasks name one."""
    known = [task for task in tasks if task.units]
    if len(known) * 2 < len(tasks):
        draft.complain("Bảng nhiệm vụ: chưa tách được đơn vị thực hiện khỏi nội dung.")
        return
    width = max(len(line) for task in known for lines in task.units for line in lines)
    for task in tasks:
        if "lead_unit" in task.cells:
            continue
        options = [lines for lines in _endings(task) if max(map(len, lines)) <= width]
        answer = draft.ask(
            f"don-vi-{task.key}",
            "task-unit",
            f"Nhiệm vụ {task.key} «… {_joined(task.words[-8:])}»: đơn vị thực hiện là phần nào?",
            (
                *((str(len(lines)), f"«{_joined(lines)}»") for lines in reversed(options)),
                ("0", "Không có; tất cả là nội dung"),
            ),
            row=task.line + 1,
        )
        if answer not in ("", "0"):
            task.take("lead_unit", task.words[-int(answer) :])
