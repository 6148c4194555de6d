"""Lays out tables whose head lost its merged cells (Word's plain text, a PDF) or that have none.

By place alone nothing is ever bound; an arrangement that words and sums confirm is proposed as one
question, to be compared with the paper.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from cchc_public.files.grid import Cell, Document, Fault, Grid, Shape, build_grid, cell_text
from cchc_public.reading.columns import (
    Binding,
    Figures,
    confirmed_columns,
    sums_held,
    test_sums,
)
from cchc_public.reading.heads import Segment, find_segments, narrow, path_of
from cchc_public.reading.questions import AS_PRINTED, Draft, short_digest
from cchc_public.reading.rows import read_rows
from cchc_public.reading.words import (
    ORDINAL,
    as_number,
    forms_of,
    is_total_label,
    looks_like_figure,
    period_tag,
    read_cell,
    without_period,
)
from cchc_public.tables.language import Form
from cchc_public.tables.registry import SINGLE_KEY, SINGLE_LABEL
from cchc_public.tables.sheet import Row

Paths = Mapping[int, tuple[str, ...]]  # the words above each column

MOST_ARRANGEMENTS = 600  # of a head that lost its merged cells
MOST_TESTED = 40  # rows on which each is tried
_FIGURE = re.compile(r"[0-9][0-9.,]{0,20}%?|[-–—…]")


def arrange(segment: Segment, body: Segment, draft: Draft) -> bool:
    """Try the arrangements of a head that lost its merged cells; the one that fits is proposed.

    False while nobody has compared with the paper one that sums do not confirm.
    """
    found = _find_arrangement(segment, draft, body.figures(segment.columns))
    if found is not None:
        best, is_confirmed = found
        why = "cộng đúng" if is_confirmed else "hợp với các từ ở tiêu đề"
        answer = draft.ask(
            "xep-cot",
            "alignment",
            f"Khi dán từ Word, ô gộp ở tiêu đề bị mất. Đây là cách xếp duy nhất {why}; xin so "
            "với bản giấy rồi bấm “Đúng như bản giấy”.",
            AS_PRINTED,
            proposed="dung" if is_confirmed else "",
            lasting=f"xep:{short_digest(*map('/'.join, best.values()))}",
        )
        if answer != "sai":
            segment.paths.update(best)
            return answer == "dung" or is_confirmed
    draft.tell(
        "Khi dán từ Word dạng chữ thường, ô gộp ở tiêu đề bị mất. Dán lại bằng Ctrl+V vào ô dán "
        "(giữ bảng), hoặc tải tệp .docx lên, thì không phải hỏi."
    )
    for column in segment.columns:
        leaf = segment.text(segment.worded[-1], column)
        segment.paths[column] = ("ô gộp bị mất", leaf) if leaf else ()
    return True


def _find_arrangement(
    segment: Segment, draft: Draft, figures: Figures
) -> tuple[Paths, bool] | None:
    """Return the one arrangement of a head without spans that fits best, and if sums confirm it."""
    grid, columns = segment.grid, segment.columns
    lines = [
        [cell_text(cell) for cell in grid.rows[r][: grid.widths[r]]]
        for r in segment.worded
        if grid.widths[r]
    ]
    fixed = max((c for c in (segment.ordinal, segment.label) if c is not None), default=-1) + 1
    found: dict[tuple[tuple[str, ...], ...], tuple[int, int, int, int]] = {}
    few = {column: values[:MOST_TESTED] for column, values in figures.items()}
    for count, levels in enumerate(_expand(lines, max(grid.widths), fixed)):
        if count == MOST_ARRANGEMENTS:
            return None  # too many to say that one of them is the only one
        laid = tuple(path_of([level[c] for level in levels]) for c in columns)
        understood = [draft.lexicon.understand(without_period(path)) for path in laid]
        # where most words stay strange there is no reading to confirm
        is_known = sum(bool(u.keys) for u in understood) * 2 >= len(understood)
        if laid not in found and is_known and not any(u.is_contradictory for u in understood):
            found[laid] = _score(draft.form, dict(zip(columns, laid, strict=True)), few)
    best = max(found.values(), default=(0, 0, 0, 0))
    fitting = [laid for laid, score in found.items() if score == best]
    if len(fitting) != 1:
        return None
    return dict(zip(columns, fitting[0], strict=True)), best[2] > 0


def _score(form: Form, paths: Paths, figures: Figures) -> tuple[int, int, int, int]:
    """Return columns bound, questions, columns that sums prove, columns under the same words."""
    by_period: dict[str, dict[int, tuple[str, ...]]] = {}
    for column, path in paths.items():
        tag = next((tag for text in path if (tag := period_tag(text))), "")
        by_period.setdefault(tag, {})[column] = without_period(path)
    bound = asked = proved = 0
    for part in by_period.values():
        binding = Binding(Draft(form), part, figures).bind()
        bound += len(binding.columns)
        asked += len(binding.draft.questions)
        proved += len(confirmed_columns(form.table, binding.columns, figures) or ())
    return bound, -asked, proved, len(set(paths.values())) - len(paths)


def _expand(
    lines: list[list[str]], width: int, fixed: int, below: list[str] | None = None
) -> Iterator[list[list[str]]]:
    """Yield every way to widen the cells of short rows over the row below, bottom up."""
    if not lines:
        yield []
        return
    last = lines[-1]
    is_full = below is None or len(last) >= width
    rows = [(last + [""] * width)[:width]] if is_full else _widen(last, below or [], fixed)
    for row in rows:
        for upper in _expand(lines[:-1], width, fixed, row):
            yield [*upper, row]


def _widen(cells: list[str], below: list[str], fixed: int) -> Iterator[list[str]]:
    """Yield the ways in which cells cover those below; the first ``fixed`` are never wide."""
    if not cells:
        yield from [] if below else [[]]
        return
    most = 1 if fixed > 0 or not cells[0] else len(below) - len(cells) + 1
    for span in range(1, most + 1):
        if span > 1 and not all(below[:span]):
            break
        for rest in _widen(cells[1:], below[span:], fixed - 1):
            yield cells[:1] * span + rest


def read_by_order(grid: Grid, draft: Draft) -> bool:
    """Propose the printed order under which the sums of columns without a head hold.

    Nothing is proposed when the words above name a quantity that the order does not print.
    """
    lines = [cell_text(row[0]) if row else "" for row in grid.rows]
    is_flat = grid.shape is Shape.LINES  # one cell a line, or figures at the end of each
    laid = _cell_a_line(lines) or _figures_at_end(lines) if is_flat else grid
    segment = _headless(laid) if laid and not find_segments(grid) else None
    if segment is None:
        return False
    body = narrow(segment, draft)
    columns, figures = body.columns, body.figures(body.columns)
    orders: dict[tuple[str, ...], tuple[Form, int]] = {}
    for form in (draft.form, *forms_of(draft.form.table)):
        printed = [column.key for column in form.columns]
        # forms print all their columns, or only those that nothing else gives
        base = [key for key in printed if not any(s.whole == key for s in form.table.sums)]
        for order in (tuple(keys[: len(columns)]) for keys in (printed, base)):
            if len(order) < len(columns) or order in orders:
                continue
            places = dict(zip(order, columns, strict=True))
            held, is_proved = sums_held(form.table, places, figures)
            if is_proved:
                orders[order] = (form, held)
    if not orders:
        return False
    found = [*orders]
    options = []
    for number, (bound, (form, _held)) in enumerate(orders.items(), 1):
        heads = ", ".join(form.table.column(key).header[-1] for key in bound)
        options.append((str(number), f"{form.form_code or form.name or form.title}: {heads}"))
    held = orders[found[0]][1]
    filled = (n for n, row in enumerate(body.grid.rows) if any(map(looks_like_figure, row)))
    first = next(filled, 0)
    above = " ".join(cell_text(row[0]) for row in grid.rows[max(0, first - 6) : first] if row)
    is_denied = draft.lexicon.names_others(above, found[0])
    is_proposed = len(found) == 1 and not is_denied
    beside = f" Chữ phía trên bảng: «{above[-120:]}»." if is_denied else ""
    answer = draft.ask(
        "thu-tu",
        "no-head",
        f"Bảng không có dòng tiêu đề. Xếp theo {options[0][1]} thì {held}/{held} phép cộng "
        f"đúng. Đúng không?{beside}",
        (*options, ("khong", "Không đúng")),
        proposed="1" if is_proposed else "",
    )
    if answer == "khong":
        return False
    if answer or is_proposed:
        taken = dict(zip(columns, found[int(answer or 1) - 1], strict=True))
        read_rows(body, Binding(draft, columns=taken), draft)
    else:
        read_rows(body, Binding(draft, asked={*columns}), draft)
    return True


def _figures_at_end(lines: Sequence[str]) -> Grid | None:
    parsed: list[tuple[str, str, list[str]]] = []
    waiting = -1
    for line in lines:
        words = line.replace(" %", "%").split()[:200]
        start = len(words)
        while start and _FIGURE.fullmatch(words[start - 1]):
            start -= 1
        is_numbered = start > 1 and ORDINAL.fullmatch(words[0])
        ordinal = words[0] if is_numbered else ""
        label, figures = " ".join(words[bool(ordinal) : start]), words[start:]
        if waiting >= 0 and figures and label and not ordinal:
            # a long name that a PDF broke: «5 Đăng ký hộ» above «kinh doanh 12 3 0»
            number, begun, _none = parsed[waiting]
            parsed[waiting] = (number, f"{begun} {label}", figures)
            ordinal, label, figures = "", "", []
        waiting = len(parsed) if ordinal and label and not figures else -1
        parsed.append((ordinal, label, figures))
    counts = Counter(len(figures) for _, label, figures in parsed if figures and label)
    wide = {count: times for count, times in counts.items() if count >= 2}
    if not wide:
        return None
    width = max(wide, key=lambda count: (wide[count], count))
    full = [index for index, (_, _, figures) in enumerate(parsed) if len(figures) == width]
    rows: list[list[Cell]] = []
    faults: list[Fault] = []
    for index, (ordinal, label, figures) in enumerate(parsed):
        rows.append([ordinal, label, *figures] if len(figures) == width else [])
        is_row = figures and label and (ordinal or is_total_label(label))
        is_within = full[0] < index <= full[-1] + 1
        is_above = index < full[0] and bool(ordinal) and len(figures) > 1
        if is_row and not rows[-1] and (is_within or is_above):
            rows[-1] = [ordinal, label]
            why = f"«{lines[index][:80]}» không có đúng {width} số như các dòng khác; chưa đọc"
            faults.append(Fault(index, 2, why))
    return replace(build_grid(rows, faults=faults), shape=Shape.LINES)


def _cell_a_line(lines: Sequence[str]) -> Grid | None:
    """LibreOffice puts each cell of a Writer table on a line of its own."""
    starts: list[int] = []
    for index, (number, name, figure) in enumerate(zip(lines, lines[1:], lines[2:], strict=False)):
        is_row = name and not _FIGURE.fullmatch(name) and _FIGURE.fullmatch(figure)
        # figures before words that are not next in turn are the ends of rows
        if is_row and number == str(len(starts) + 1):
            starts.append(index)
    if len(starts) < 2:
        return None
    stride = min(after - before for before, after in pairwise(starts))
    rows: list[list[Cell]] = [[*lines[index : index + stride]] for index in starts]
    rest = lines[starts[-1] + stride :]
    if rest and rest[0] and not _FIGURE.fullmatch(rest[0]):
        figures = rest[1 : stride - 1]
        if len(figures) == stride - 2 and all(map(_FIGURE.fullmatch, figures)):
            rows.append(["", rest[0], *figures])
    return replace(build_grid(rows), shape=Shape.LINES)


def _headless(grid: Grid) -> Segment | None:
    """Return a grid without head as a table whose first words name the rows."""
    rows = [i for i, row in enumerate(grid.rows) if any(cell_text(cell) for cell in row)]
    texts = {
        c: [text for r in rows if (text := cell_text(grid.rows[r][c]))] for c in range(grid.width)
    }
    wordy = []
    for column, cells in texts.items():
        words = [c for c in cells if not _FIGURE.fullmatch(c) and not ORDINAL.fullmatch(c)]
        if len(words) * 2 > len(cells):
            wordy.append(column)
    if not wordy:
        return None
    label = wordy[-1] if wordy[-1] < 3 else wordy[0]
    columns = [c for c in range(label + 1, grid.width) if texts[c]]
    paths: dict[int, tuple[str, ...]] = dict.fromkeys((*range(label + 1), *columns), ())
    return Segment(grid, (-1,), paths, label - 1 if label else None, label, lines=tuple(rows))


def side_by_side(document: Document, draft: Draft) -> bool:
    """Read the line that holds exactly the figures a form prints, when sums do not deny it."""
    form = draft.form
    width, known = len(form.columns), form.known_rows if form.shape.has_labels else ()
    parts = 1 if form.shape.is_open else max(1, len(known))
    places = {column.key: place for place, column in enumerate(form.columns)}
    found: dict[str, tuple[int, list[str]]] = {}
    for grid in document.grids:
        for index, row in enumerate(grid.rows if grid.shape is not Shape.SPANS else ()):
            words = " ".join(cell_text(cell) for cell in row).replace(" %", "%").split()
            if parts == 1 and len(words) == width + 1:
                words = words[1:]
            if len(words) != width * parts or not all(map(looks_like_figure, words)):
                continue
            figures = {c: [*map(as_number, words[c::width])] for c in range(width)}
            if not any(result.failed for _sum, result in test_sums(form.table, places, figures)):
                found[str(index + 1)] = (index, words)
    if not found:
        return False
    names = ", ".join(column.header[-1] for column in form.columns)
    options = [(n, f"Dòng {n}: {' '.join(words[:6])} …") for n, (_, words) in found.items()]
    answer = draft.ask(
        "thu-tu",
        "no-head",
        f"Không đọc được tiêu đề của biểu «{form.short_title}». Dòng nào chứa {width} số theo "
        f"thứ tự in: {names}?",
        (*options, ("khong", "Không có dòng nào đúng")),
        row=next(iter(found.values()))[0] + 1,
    )
    if answer == "khong":
        return False
    index, words = found[answer or options[0][0]]
    for part in range(parts):
        source = dict(zip((c.key for c in form.columns), words[part * width :], strict=False))
        reads = {c.key: read_cell(c.quantity, source[c.key]).value for c in form.columns}
        cells = {k: value for k, value in reads.items() if value is not None} if answer else {}
        key, name = (known[part].key, known[part].label) if known else (SINGLE_KEY, SINGLE_LABEL)
        draft.add(Row(key, name, cells=cells), index + 1, source)
    return True
