"""Reads one table out of a document: finds it, binds columns and rows, asks what is not certain."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from cchc_public.files.grid import Cell, Document, Grid, Shape, build_grid, cell_text
from cchc_public.reading.arranging import arrange, read_by_order, side_by_side
from cchc_public.reading.columns import Binding
from cchc_public.reading.heads import (
    MAX_TITLE,
    Segment,
    find_segments,
    fit,
    names_other_time,
    narrow,
    repeated_blocks,
)
from cchc_public.reading.lists import (
    FRACTION,
    NOTE,
    PAIRS,
    ask_table,
    read_list,
    read_pairs,
    read_tasks,
)
from cchc_public.reading.questions import (
    AS_PRINTED,
    Context,
    Draft,
    Reading,
    refused,
)
from cchc_public.reading.rows import read_rows
from cchc_public.reading.words import (
    ORDINALS,
    OTHER_PERIODS,
    Lexicon,
    as_number,
    looks_like_figure,
    marked_key,
    period_tag,
    period_words,
    timeless,
    without_period,
)
from cchc_public.tables.language import Form
from cchc_public.tables.registry import task_key
from cchc_public.tables.sheet import Row, Value
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import fold

_BEFORE = marked_key("kỳ trước")
_PROSE = re.compile(r"%|[.;]$|\b(?:tỷ lệ|tỉ lệ|không|đạt|đánh giá)\b", re.IGNORECASE)
MAX_LINES = 2_000  # of one table
MOST_QUANTITIES = 80  # lines of a table turned over: each names what is counted


def read_table(document: Document, form: Form, context: Context) -> Reading:
    """Read ``form``'s table out of a document; the result says whether it is read or asked."""
    draft = Draft(form, context)
    for words in document.notes:
        draft.tell(words)
    if not form.shape.has_labels:
        draft.remembered = context.remembered(form.code, PAIRS)
        if found := read_pairs(document, draft):
            return found
    segments = list_candidates(document, draft)
    if not segments:  # figures alone may tell the printed order, as one question
        if form.shape.has_sections:
            is_found = read_task_lines(document, draft)
        else:
            is_found = any(read_by_order(grid, draft) for grid in document.grids)
            is_found = is_found or side_by_side(document, draft)
        return draft.result() if is_found else refused(draft.no_table, form.code)
    for one in segments:
        earlier = context.remembered(form.code, one.fingerprint)
        draft.remembered = {**draft.remembered, **earlier}
    segment = choose_table(segments, draft)
    if segment is None:
        return draft.result()
    rest = next((b for b in document.blocks[segment.origin + 1 :] if isinstance(b, Grid)), None)
    if rest and rest.width == segment.grid.width and not find_segments(rest):
        figures = sum(any(map(looks_like_figure, row)) for row in rest.rows)
        if figures:
            draft.complain(
                f"Sau bảng này có một bảng không tiêu đề ({figures} dòng có số), có thể là phần "
                "tiếp theo; chưa đọc. Hãy gộp hai bảng làm một."
            )
    return _read_segment(segment, draft)


def list_candidates(document: Document, draft: Draft) -> list[Segment]:
    """Return the tables whose words fit; hidden sheets are named, and read only when told to."""
    found: list[tuple[int, Segment]] = []
    hidden: list[tuple[int, Segment]] = []
    for place, title, block in document.titled:
        for segment in find_segments(block, title):
            across = [segment, turn_over(segment, draft.lexicon) or segment]
            score = max(fit(one, draft.lexicon) for one in across)
            entry = (score, replace(segment, origin=place))
            (hidden if block.is_hidden else found).append(entry)
    best = max((score for score, _ in found), default=0)
    unseen = max((score for score, _ in hidden), default=0)
    if unseen >= max(2, best):
        names = ", ".join(dict.fromkeys(f"«{s.grid.name}»" for score, s in hidden if score >= 2))
        answer = draft.ask(
            "trang-an",
            "hidden-sheet",
            f"Tệp có trang tính ẩn {names} cũng chứa biểu này. Đọc trang nào?",
            (("hien", "Trang đang hiện"), ("an", "Trang ẩn")),
        )
        if answer == "an":
            found, best = hidden, unseen
    needed = max(2, best * 3 // 5) if best > 1 else 1
    return [segment for score, segment in found if score >= needed]


def choose_table(segments: list[Segment], draft: Draft) -> Segment | None:
    """Several tables of one kind: which is meant is asked, with titles and first figures."""
    first = [
        next(
            filter(looks_like_figure, (one.text(r, c) for r in one.lines for c in one.columns)), ""
        )
        for one in segments
    ]
    shown = [(one, figure) for one, figure in zip(segments, first, strict=True) if figure]
    shown = shown or [(one, "") for one in segments]
    names = []
    for number, (segment, figure) in enumerate(shown, 1):
        title = segment.title or segment.grid.name or f"bảng {number}"
        names.append(f"«{title[:60]}»" + (f" ({figure} …)" if figure else ""))
    titles = {str(n): timeless(segment.title) for n, (segment, _) in enumerate(shown, 1)}
    is_told_apart = len({*titles.values()}) == len(titles)
    chosen = ask_table(draft, names, lasting="bang" if is_told_apart else "", names=titles)
    return None if chosen is None else shown[chosen][0]


def choose_period(segment: Segment, columns: list[int], draft: Draft) -> list[int] | None:
    """Columns of two periods side by side: which one is meant is asked; a common tag is none."""
    blocks = repeated_blocks(segment, draft.lexicon)
    tags: dict[int, str] = {}
    shown: dict[str, str] = {}
    named = {c: next(filter(period_tag, segment.paths[c]), "") for c in columns}
    # 2025 beside 2026 are two of one kind
    several = Counter(map(period_tag, {*map(period_words, named.values())}))
    for column, said in named.items():
        kind = period_tag(said)
        words = period_words(said) if several[kind] > 1 else kind
        tags[column] = tag = blocks.get(column) or words
        if tag:
            shown.setdefault(tag, tag if column in blocks else said)
    before = {c: t for c in columns for t in segment.paths[c] if marked_key(t) == _BEFORE}
    if len(before) > 1 and "kỳ này" in shown:  # figures of that period, nothing carried over
        for column, said in before.items():
            tags[column] = shown.setdefault(said, said)
            segment.paths[column] = tuple(t for t in segment.paths[column] if t != said)
    answer = next(iter(shown), "")
    if answer in OTHER_PERIODS and len(shown) == 1 and "" in tags.values():
        draft.tell(f"Không lấy nhóm cột “{shown[answer]}”.")
        answer = ""
    elif answer in OTHER_PERIODS and len(shown) == 1 and not draft.is_of_period(shown[answer]):
        return None
    elif len(shown) > 1:
        groups = " và ".join(f"“{words}”" for words in shown.values())
        text = f"Bảng có các nhóm cột {groups}: lấy nhóm nào?"
        answer = draft.ask("ky", "which-period", text, shown.items())
        if not answer:
            return None
        left = ", ".join(f"“{words}”" for tag, words in shown.items() if tag != answer)
        draft.tell(f"Không lấy nhóm cột {left}.")
    for column, path in segment.paths.items() if shown else ():
        within = path[1:] if column in blocks and len(shown) > 1 else path
        segment.paths[column] = without_period(within)
    return [column for column, tag in tags.items() if tag in ("", answer)]


def turn_over(segment: Segment, lexicon: Lexicon) -> Segment | None:
    """Rows that name quantities under columns that name fields: turn the table over."""
    if len(segment.lines) > MOST_QUANTITIES:
        return None
    label = segment.naming
    named = [segment.text(row, label) for row in segment.lines]
    known = [text for text in named if text and lexicon.understand((text,)).keys]
    across = sum(bool(lexicon.understand(segment.paths[c]).keys) for c in segment.columns)
    if len(known) < 3 or across * 2 > len(known) or not lexicon.table.sums:
        return None
    columns = [c for c in segment.paths if c not in (label, segment.ordinal)]
    rows: list[list[Cell]] = [["Lĩnh vực", *named]]
    for column in columns:
        name = " ".join(segment.paths[column])
        rows.append([name, *(segment.cell(row, column) for row in segment.lines)])
    found = find_segments(build_grid(rows, segment.grid.name), segment.title)
    return found[0] if found else None


def _read_segment(segment: Segment, draft: Draft) -> Reading:
    form = draft.form
    if len(segment.lines) > MAX_LINES:
        return refused(
            f"Bảng có hơn {format_number(MAX_LINES)} dòng, nhiều hơn một biểu của xã. Hãy chỉ chép "
            "bảng cần nhập.",
            form.code,
        )
    fingerprint, origin = segment.fingerprint, segment.origin
    draft.remembered = draft.context.remembered(form.code, fingerprint)
    if form.shape.is_list:
        (read_tasks if form.shape.has_sections else read_list)(segment, draft)
        return draft.result(fingerprint=fingerprint, title=segment.title, origin=origin)
    segment = turn_over(segment, draft.lexicon) or segment
    body = narrow(segment, draft)
    head = "" if segment.label is not None or body.label is None else body.said(body.label)
    row_header = form.row_header
    if head and form.shape.has_total and marked_key(head) != marked_key(row_header):
        # words under a strange head (months, officers) may be no fields
        answer = draft.ask(
            "ten-dong",
            "row-names",
            f"Cột «{head[:80]}» có phải là tên các dòng của biểu ({row_header.lower()}) không?",
            (("dung", "Phải"), ("khong", "Không phải: không đọc bảng này")),
            column=(body.label or 0) + 1,
        )
        if answer == "khong":
            return draft.result()
    is_sure = arrange(segment, body, draft) if segment.has_lost_spans else True
    columns = choose_period(segment, body.columns, draft)
    if columns is None:
        return draft.result(fingerprint=fingerprint)
    paths = {c: segment.paths[c] for c in columns}
    if is_sure:
        binding = Binding(draft, paths, body.figures(columns)).bind()
    else:
        binding = Binding(draft, paths, asked={*paths})
    if not _is_of_all(body, binding):
        return draft.result()
    _tell_unread(body, binding)
    read_rows(body, binding, draft)
    return draft.result(
        fingerprint=fingerprint,
        title=segment.title,
        columns={key: segment.said(c) for c, key in binding.columns.items()},
        origin=origin,
        places={c + 1: key for c, key in binding.columns.items()},
        asked={
            c + 1: {line + 1: body.text(line, c) for line in body.lines}
            for c in sorted(binding.asked)
        },
    )


def _is_of_all(body: Segment, binding: Binding) -> bool:
    """Ask about a title that names one part («hồ sơ trực tuyến») of the totals below it.

    A title of another period is asked too, and the name of the only row.
    """
    draft, bound = binding.draft, {*binding.columns.values()}
    title = body.title if len(body.title) <= MAX_TITLE else ""
    named = [] if _PROSE.search(title) else binding.lexicon.parts_named(title)
    said = title if names_other_time(title) else ""
    if len(named) == 1 and bound and not named[0] & bound:
        said = title
    rows = [*filter(body.has_figures, body.lines)]
    if len(rows) == 1 and not draft.form.shape.has_labels:
        words = " ".join(body.text(rows[0], column) for column in body.paths)
        said = said or (words if names_other_time(words) else "")
    return not said or draft.is_of_period(said)


def _tell_unread(body: Segment, binding: Binding) -> None:
    """Columns without a place are told; words where figures should stand are a problem."""
    draft, paths = binding.draft, binding.paths
    for column in {*paths} - {*binding.columns} - binding.asked:
        texts = [text for row in body.lines if (text := body.text(row, column))]
        if not texts:
            continue
        said = body.said(column) or f"Cột {column + 1}"
        figures = (as_number(body.cell(row, column)) for row in body.lines)
        is_pair = any(map(FRACTION.fullmatch, texts))  # 12/15: two figures
        if is_pair or draft.lexicon.understand(paths[column]).keys and not any(figures):
            draft.complain(f"Cột «{said}»: không có số nào đọc được («{texts[0][:40]}» …).")
        elif said not in " ".join(draft.told):
            draft.tell(f"Cột «{said}» không có trong biểu; không đọc.")


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
    units: list[str] = field(default_factory=list)  # the lines of its units

    @property
    def key(self) -> str:
        """Its section and number."""
        return task_key(self.section[0], self.number)

    @property
    def name(self) -> str:
        """Where it stands, for sentences."""
        return f"Dòng {self.line + 1}, nhiệm vụ {self.key}"

    def take(self, key: str, size: int) -> None:
        """Take the last lines of the words as a unit."""
        self.cells[key] = _joined(self.words[-size:])
        self.units += self.words[-size:]
        del self.words[-size:]


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
    endings = Counter(words for task in tasks for words in _endings(task))
    found: list[tuple[str, ...]] = []
    for task in tasks:
        unit: tuple[str, ...] = ()
        for words in _endings(task):
            if endings[words] < max(2, endings[unit] * share):
                break
            unit = words
        found.append(unit)
    own = Counter(found)
    for task, unit in zip(tasks, found, strict=True):
        if unit and own[unit] > 1:  # else it is only the end of what others say at length
            task.take(key, len(unit))


def _endings(task: _LineTask) -> Iterator[tuple[str, ...]]:
    """Yield the ends of a task's words that may be a unit: a few lines from a capital letter on."""
    for size in range(1, min(MOST_UNIT_LINES + 1, len(task.words))):
        if task.words[-size][:1].isupper():
            yield tuple(map(fold, task.words[-size:]))


def _ask_leads(tasks: Sequence[_LineTask], draft: Draft) -> None:
    """Ask for the unit of tasks that no other task shares, where most tasks name one."""
    known = [task for task in tasks if task.units]
    if len(known) * 2 < len(tasks):
        draft.complain("Bảng nhiệm vụ: chưa tách được đơn vị thực hiện khỏi nội dung.")
        return
    width = max(len(line) for task in known for line in task.units)
    for task in tasks:
        if "lead_unit" in task.cells:
            continue
        ends = [task.words[-len(words) :] for words in _endings(task)]
        options = [lines for lines in ends if max(map(len, lines)) <= width]
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
            task.take("lead_unit", int(answer))
