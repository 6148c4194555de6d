"""Reads one table out of a document: finds it, binds columns and rows, asks what is not certain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cchc_public.files.grid import Cell, Document, Shape, build_grid, cell_text
from cchc_public.reading.building import (
    MAX_LINES,
    Body,
    Context,
    is_wordy,
    no_table,
    read_rows,
    result_of,
)
from cchc_public.reading.columns import Binding, bind_columns
from cchc_public.reading.figures import as_number, looks_like_figure
from cchc_public.reading.heads import (
    Head,
    Segment,
    arrange_by_form,
    arrange_head,
    column_numbers,
    find_segments,
    headless,
    lines_to_grid,
)
from cchc_public.reading.lists import (
    FRACTION,
    PairList,
    choose_column,
    choose_list,
    find_pairs,
    fixed_rows,
    read_list,
    read_pairs,
    side_by_side,
)
from cchc_public.reading.plans import read_task_lines, read_tasks
from cchc_public.reading.questions import Notes, Reading, refused, short_digest
from cchc_public.reading.words import (
    Lexicon,
    forms_of,
    lexicon_for,
    marked_key,
    period_tag,
    timeless,
    without_period,
)
from cchc_public.tables.language import Form
from cchc_public.vietnamese.numbers import format_number

MOST_QUANTITIES = 80  # lines of a table turned over: each names what is counted
_PAIRS = short_digest("name and figure")  # what lists without a head are remembered by


def read_table(document: Document, form: Form, context: Context) -> Reading:
    """Read ``form``'s table out of a document; the result says whether it is read or asked."""
    notes = Notes(answers=context.answers)
    for words in document.notes:
        notes.tell(words)
    lexicon = lexicon_for(form.table)
    if not form.shape.has_labels:
        notes.remembered = context.remembered(form.code, _PAIRS)
        if found := _read_pairs(document, form, lexicon, notes):
            return replace(found, fingerprint=_PAIRS)
    segments = list_candidates(document, lexicon, notes)
    if not segments:
        return _read_headless(document, form, context, notes)
    for one in segments:
        notes.remembered = {
            **notes.remembered, **context.remembered(form.code, fingerprint_of(one))
        }  # fmt: skip
    segment = choose_table(segments, lexicon, notes)
    if segment is None:
        return result_of(form, notes)
    return _read_segment(segment, form, lexicon, context, notes)


def _read_pairs(document: Document, form: Form, lexicon: Lexicon, notes: Notes) -> Reading | None:
    """A form of one row may be printed as a list of a name and its figure."""
    lists: list[PairList] = []
    across, title = 0, ""
    for place, grid in enumerate(document.blocks):
        if isinstance(grid, str):
            title = grid
            continue
        if grid.is_hidden:
            continue
        laid = grid
        if grid.shape is Shape.LINES:  # the last word of each line is its figure
            laid = build_grid(
                cell_text(row[0]).rsplit(maxsplit=1) if row else [] for row in grid.rows
            )
        lists.append(PairList(laid, find_pairs(laid, lexicon), title or grid.name, place))
        across = max([across, *(fit(s, lexicon) for s in find_segments(grid))])
        title = ""
    most = max((len(one.pairs) for one in lists), default=0)
    if not most or most <= across:
        return None
    best = choose_list([one for one in lists if len(one.pairs) * 5 >= most * 4], notes)
    chosen = choose_column(best.grid, best.pairs, notes) if best else None
    if best is None or chosen is None:
        return result_of(form, notes)
    found = read_pairs(best.grid, best.pairs, chosen, form, notes)
    return replace(result_of(form, notes, *found), origin=best.origin)


def list_candidates(document: Document, lexicon: Lexicon, notes: Notes) -> list[Segment]:
    """Return the tables whose words fit; hidden sheets are named, and read only when told to."""
    found: list[tuple[int, Segment]] = []
    hidden: list[tuple[int, Segment]] = []
    title = ""
    for place, block in enumerate(document.blocks):
        if isinstance(block, str):
            title = block
            continue
        for segment in find_segments(block, title or block.name):
            entry = (fit(segment, lexicon), replace(segment, origin=place))
            (hidden if block.is_hidden else found).append(entry)
        title = ""
    best = max((score for score, _ in found), default=0)
    unseen = max((score for score, _ in hidden), default=0)
    if unseen >= max(2, best) or (unseen >= 2 and not best):
        names = ", ".join(dict.fromkeys(f"«{s.grid.name}»" for score, s in hidden if score >= 2))
        answer = notes.put(
            "trang-an",
            "hidden-sheet",
            f"Tệp có trang tính ẩn {names} cũng chứa biểu này. Đọc trang nào?",
            (("hien", "Trang đang hiện"), ("an", "Trang ẩn")),
            place="Trang ẩn",
        )
        if answer == "an":
            found, best = hidden, unseen
    needed = max(2, best * 3 // 5) if best > 1 else 1
    return [segment for score, segment in found if score >= needed and best]


def fit(segment: Segment, lexicon: Lexicon) -> int:
    """Return how many columns of a table this lexicon understands."""
    head = segment.head
    blocks = repeated_blocks(head, lexicon)
    paths = [without_period(head.paths[c][c in blocks :]) for c in head.figure_columns]
    score = sum(bool(lexicon.understand(path).keys) for path in paths)
    if head.has_lost_spans:
        rows = (segment.grid.rows[r] for r in head.rows)
        words = (cell_text(cell) for row in rows for cell in row if cell_text(cell))
        known = sum(bool(lexicon.understand((text,)).keys) for text in words)
        score = max(score, min(known, len(head.figure_columns)))
    return score


def choose_table(segments: list[Segment], lexicon: Lexicon, notes: Notes) -> Segment | None:
    """Several tables of one kind: which is meant is asked, with titles and first figures."""
    first = [
        next((text for text in map(cell_text, cells) if looks_like_figure(text)), "")
        for cells in (
            [s.cell(r, c) for r in s.body for c in s.head.figure_columns] for s in segments
        )
    ]
    if any(first):
        segments = [segment for segment, figure in zip(segments, first, strict=True) if figure]
        first = [figure for figure in first if figure]
    if len(segments) == 1:
        return segments[0]
    options = []
    for number, (segment, figure) in enumerate(zip(segments, first, strict=True), 1):
        title = segment.title or segment.grid.name or f"bảng {number}"
        options.append((str(number), f"«{title[:60]}»" + (f" ({figure} …)" if figure else "")))
    titles = {str(n): timeless(segment.title) for n, segment in enumerate(segments, 1)}
    is_told_apart = len({*titles.values()}) == len(titles)
    answer = notes.put(
        "bang",
        "which-table",
        f"Có {len(segments)} bảng cùng loại: {'; '.join(words for _, words in options)}. "
        "Lấy bảng nào?",
        tuple(options),
        place="Bảng",
        lasting="bang" if is_told_apart else "",
        names=titles,
    )
    return segments[int(answer) - 1] if answer else None


def fingerprint_of(segment: Segment) -> str:
    """Return the short digest of a head's words; which month they name makes no difference."""
    paths = segment.head.paths.values()
    return short_digest(*("/".join(marked_key(timeless(t)) for t in path) for path in paths))


def repeated_blocks(head: Head, lexicon: Lexicon) -> dict[int, str]:
    """Return by column the unknown word on top of blocks that repeat the same known columns.

    «Cấp xã» and «Cấp tỉnh» over the same heads: no quantity is in these words.
    """
    below: dict[str, list[tuple[str, ...]]] = {}
    paths = {c: head.paths[c] for c in head.figure_columns if head.paths[c]}
    for path in paths.values():
        below.setdefault(path[0], []).append(path[1:])
    rests = {tuple(sorted(rest)) for rest in below.values()}
    if len(below) < 2 or len(rests) > 1 or any(map(period_tag, below)):
        return {}
    if any(lexicon.understand((top,)).keys for top in below):
        return {}
    known = all(lexicon.understand(path).has_block for rest in rests for path in rest)
    return {c: path[0] for c, path in paths.items()} if known else {}


def choose_period(
    segment: Segment, columns: list[int], lexicon: Lexicon, notes: Notes
) -> list[int] | None:
    """Columns of two periods side by side: which one is meant is asked; a common tag is none."""
    tags: dict[int, str] = {}
    blocks = repeated_blocks(segment.head, lexicon)
    for column in columns:
        said = (period_tag(text) for text in segment.head.paths[column])
        tags[column] = blocks.get(column) or next((tag for tag in said if tag), "")
    shown: dict[str, str] = {}
    for column, tag in tags.items():
        if tag and tag not in shown:
            said = (text for text in segment.head.paths[column] if period_tag(text))
            shown[tag] = tag if column in blocks else next(said)
    if len(shown) < 2:
        if shown:
            _drop_tags(segment)
        return columns
    answer = notes.put(
        "ky",
        "which-period",
        "Bảng có các nhóm cột "
        + " và ".join(f"“{words}”" for words in shown.values())
        + ": lấy nhóm nào?",
        tuple(shown.items()),
        place="Nhóm cột",
        lasting="ky",
    )
    if not answer:
        return None
    left = [words for tag, words in shown.items() if tag != answer]
    notes.tell(f"Không lấy nhóm cột {', '.join(f'“{words}”' for words in left)}.")
    for column in blocks:
        segment.head.paths[column] = segment.head.paths[column][1:]
    _drop_tags(segment)
    return [column for column, tag in tags.items() if tag in ("", answer)]


def _drop_tags(segment: Segment) -> None:
    for column, path in segment.head.paths.items():
        segment.head.paths[column] = without_period(path)


def turn_over(segment: Segment, lexicon: Lexicon) -> Segment | None:
    """Rows that name quantities under columns that name fields: turn the table over."""
    head = segment.head
    if len(segment.body) > MOST_QUANTITIES:
        return None
    label = head.label if head.label is not None else min(head.paths, default=0)
    named = [cell_text(segment.cell(row, label)) for row in segment.body]
    known = [text for text in named if text and lexicon.understand((text,)).keys]
    across = sum(bool(lexicon.understand(head.paths[c]).keys) for c in head.figure_columns)
    if len(known) < 3 or across * 2 > len(known) or not lexicon.table.sums:
        return None
    columns = [c for c in head.paths if c not in (label, head.ordinal)]
    rows: list[list[Cell]] = [["Lĩnh vực", *named]]
    for column in columns:
        name = " ".join(head.paths[column])
        rows.append([name, *(segment.cell(row, column) for row in segment.body)])
    found = find_segments(build_grid(rows, segment.grid.name), segment.title)
    return found[0] if found else None


def _read_segment(
    segment: Segment, form: Form, lexicon: Lexicon, context: Context, notes: Notes
) -> Reading:
    if len(segment.body) > MAX_LINES:
        return refused(
            f"Bảng có hơn {format_number(MAX_LINES)} dòng, nhiều hơn một biểu của xã. Hãy chỉ chép "
            "bảng cần nhập.",
            form.code,
        )
    fingerprint = fingerprint_of(segment)
    notes.remembered = context.remembered(form.code, fingerprint)
    if form.shape.is_list:
        read = read_tasks if form.shape.has_sections else read_list
        reading = result_of(form, notes, *read(segment, form, lexicon, notes))
        return replace(reading, fingerprint=fingerprint, title=segment.title, origin=segment.origin)
    origin = segment.origin
    transposed = turn_over(segment, lexicon)
    if transposed is not None:
        segment = transposed
    body = _body(segment, notes)
    if not _names_rows(body, form, notes):
        return result_of(form, notes)
    is_sure = True
    if segment.head.has_lost_spans:
        is_sure = _arrange(segment, lexicon, body, notes)
    columns = choose_period(segment, body.columns, lexicon, notes)
    if columns is None:
        return replace(result_of(form, notes), fingerprint=fingerprint)
    paths = {c: segment.head.paths[c] for c in columns}
    figures = body.figures(columns)
    binding = bind_columns(lexicon, paths, figures, notes) if is_sure else Binding(asked={*paths})
    _tell_unread(body, paths, binding, lexicon, notes)
    reading = read_rows(body, binding, form, context, notes)
    if not form.shape.is_open and form.shape.has_labels and reading.sheet:
        sheet, rows = fixed_rows(reading.sheet, list(reading.rows), form, notes)
        reading = result_of(form, notes, sheet, rows)
    words = {key: " – ".join(paths[c]) for c, key in binding.columns.items() if c in paths}
    return replace(
        reading,
        fingerprint=fingerprint,
        title=segment.title,
        columns=words,
        origin=origin,
        places={c + 1: key for c, key in binding.columns.items()},
        asked={
            c + 1: {line + 1: cell_text(segment.cell(line, c)) for line in body.lines}
            for c in sorted(binding.asked)
        },
    )


def _names_rows(body: Body, form: Form, notes: Notes) -> bool:
    """Words under a strange head (months, officers) are no fields: that is asked."""
    head = body.segment.head
    said = " ".join(head.paths.get(body.label, ())) if body.label is not None else ""
    is_known = head.label is not None or marked_key(said) == marked_key(form.row_header)
    if is_known or not said or not form.shape.has_total:
        return True
    answer = notes.put(
        "ten-dong",
        "row-names",
        f"Cột «{said[:80]}» có phải là tên các dòng của biểu ({form.row_header.lower()}) không?",
        (("dung", "Phải"), ("khong", "Không phải: không đọc bảng này")),
        place=f"Cột {(body.label or 0) + 1}",
        column=(body.label or 0) + 1,
        lasting="ten-dong",
    )
    return answer != "khong"


def _tell_unread(
    body: Body,
    paths: Mapping[int, tuple[str, ...]],
    binding: Binding,
    lexicon: Lexicon,
    notes: Notes,
) -> None:
    """Columns without a place are told; words where figures should stand are a problem."""
    for column in {*paths} - {*binding.columns} - binding.asked:
        cells = (body.segment.cell(row, column) for row in body.lines)
        found = [cell for cell in cells if cell_text(cell)]
        if not found:
            continue
        said = " – ".join(paths[column]) or f"Cột {column + 1}"
        is_pair = any(FRACTION.fullmatch(cell_text(cell)) for cell in found)  # 12/15: two figures
        if is_pair or lexicon.understand(paths[column]).keys and not any(map(as_number, found)):
            first = cell_text(found[0])[:40]
            notes.complain(f"Cột «{said}»: không có số nào đọc được («{first}» …).")
        elif said not in " ".join(notes.told):
            notes.tell(f"Cột «{said}» không có trong biểu; không đọc.")


def _body(segment: Segment, notes: Notes) -> Body:
    head = segment.head
    repeated = {tuple(map(cell_text, segment.grid.rows[r])) for r in head.rows if r >= 0}
    shown = [
        row
        for row in segment.body
        if (cells := tuple(map(cell_text, segment.grid.rows[row]))) not in repeated
        and any(cells)
        and row not in segment.repeated
        and not column_numbers(segment.grid.rows[row])
    ]
    lines = [row for row in shown if row not in segment.grid.hidden_rows]
    hidden = [row for row in shown if row in segment.grid.hidden_rows]
    columns = head.figure_columns
    label = head.label
    if label is None:
        label = next((c for c in columns if is_wordy(segment, lines, c)), None)
    columns = [c for c in columns if c != label]
    body = Body(segment, lines, label, head.ordinal, columns)
    if any(body.has_figures(row) for row in hidden):
        places = ", ".join(str(row + 1) for row in hidden[:8])
        answer = notes.put(
            "dong-an",
            "hidden-rows",
            f"Nguồn có dòng bị ẩn (dòng {places}) chứa số liệu. Đọc cả các dòng đó không?",
            (("doc", "Đọc cả"), ("bo", "Bỏ qua")),
            place="Dòng ẩn",
        )
        if answer == "doc":
            body.lines = sorted([*lines, *hidden])
    for fault in segment.grid.faults:
        if fault.row in lines and fault.column in columns:
            notes.complain(f"Ô {fault.place}: {fault.message}.")
    if unseen := segment.grid.hidden_columns & set(columns):
        places = ", ".join(str(column + 1) for column in sorted(unseen))
        notes.complain(f"Cột {places} của nguồn đang bị ẩn mà vẫn được đọc; xin xem lại.")
    return body


def _arrange(segment: Segment, lexicon: Lexicon, body: Body, notes: Notes) -> bool:
    """Try the arrangements of a head that lost its merged cells; the one that fits is proposed.

    False while nobody has compared with the paper one that sums do not confirm.
    """
    paths = segment.head.paths
    found = arrange_head(segment, lexicon, body.figures(segment.head.figure_columns))
    if found is not None:
        best, is_confirmed = found
        why = "cộng đúng" if is_confirmed else "hợp với các từ ở tiêu đề"
        answer = notes.put(
            "xep-cot",
            "alignment",
            f"Khi dán từ Word, ô gộp ở tiêu đề bị mất. Đây là cách xếp duy nhất {why}; xin so "
            "với bản giấy rồi bấm “Đúng như bản giấy”.",
            (("dung", "Đúng như bản giấy"), ("sai", "Không đúng")),
            place="Tiêu đề",
            proposed="dung" if is_confirmed else "",
            lasting=f"xep:{short_digest(*map('/'.join, best.values()))}",
        )
        if answer != "sai":
            paths.update(best)
            return answer == "dung" or is_confirmed
    notes.tell(
        "Khi dán từ Word dạng chữ thường, ô gộp ở tiêu đề bị mất. Dán lại bằng Ctrl+V vào ô dán "
        "(giữ bảng), hoặc tải tệp .docx lên, thì không phải hỏi."
    )
    last = [r for r in segment.head.rows if not column_numbers(segment.grid.rows[r])][-1]
    for column in segment.head.figure_columns:
        leaf = cell_text(segment.cell(last, column))
        paths[column] = ("ô gộp bị mất", leaf) if leaf else ()
    return True


def _read_headless(document: Document, form: Form, context: Context, notes: Notes) -> Reading:
    """No head that fits: figures alone may tell the printed order, as one question."""
    if form.shape.has_sections:
        plan = read_task_lines(document, form, notes)
        return result_of(form, notes, *plan) if plan else refused(no_table(form), form.code)
    for grid in document.grids:
        laid = lines_to_grid(grid) if grid.shape is Shape.LINES else grid
        segment = headless(laid) if laid is not None and not find_segments(grid) else None
        if segment is None:
            continue
        filled = (n for n, row in enumerate(segment.grid.rows) if any(map(looks_like_figure, row)))
        first = next(filled, 0)
        above = " ".join(cell_text(row[0]) for row in grid.rows[max(0, first - 6) : first] if row)
        reading = _read_by_order(segment, above, form, context, notes)
        if reading is not None:
            return reading
    if (found := side_by_side(document, form, notes)) is not None:
        return result_of(form, notes, *found)
    return refused(no_table(form), form.code)


def _read_by_order(
    segment: Segment, above: str, form: Form, context: Context, notes: Notes
) -> Reading | None:
    """Propose the printed order under which the sums of columns without a head hold.

    Nothing is proposed when the words above name a quantity that the order does not print.
    """
    body = _body(segment, notes)
    forms = [form, *(f for f in forms_of(form.table) if f is not form)]
    found = arrange_by_form(forms, body.columns, body.figures(body.columns))
    if not found:
        return None
    options = []
    for number, (one, bound, _held) in enumerate(found, 1):
        heads = ", ".join(one.table.column(key).header[-1] for key in bound.values())
        options.append((str(number), f"{one.form_code or one.name or one.title}: {heads}"))
    held = found[0][2]
    is_denied = lexicon_for(form.table).names_others(above, found[0][1].values())
    is_proposed = len(found) == 1 and not is_denied
    beside = f" Chữ phía trên bảng: «{above[-120:]}»." if is_denied else ""
    answer = notes.put(
        "thu-tu",
        "no-head",
        f"Bảng không có dòng tiêu đề. Xếp theo {options[0][1]} thì {held}/{held} phép cộng "
        f"đúng. Đúng không?{beside}",
        (*options, ("khong", "Không đúng")),
        place="Tiêu đề",
        proposed="1" if is_proposed else "",
    )
    if answer == "khong":
        return None
    bound = found[int(answer or 1) - 1][1] if answer or is_proposed else {}
    binding = Binding(dict(bound), asked=set() if bound else set(body.columns))
    return read_rows(body, binding, form, context, notes)
