"""Reads one table out of a document: finds it, binds columns and rows, asks what is not certain."""

from __future__ import annotations

from dataclasses import replace

from cchc_public.files.grid import Cell, Document, build_grid
from cchc_public.reading.arranging import arrange, read_headless
from cchc_public.reading.columns import Binding
from cchc_public.reading.heads import Segment, find_segments, fit, narrow, repeated_blocks
from cchc_public.reading.lists import FRACTION, ask_table, read_list, read_pairs, read_tasks
from cchc_public.reading.questions import Context, Draft, Reading, ReadRow, refused, short_digest
from cchc_public.reading.rows import read_rows
from cchc_public.reading.words import (
    Lexicon,
    as_number,
    looks_like_figure,
    marked_key,
    period_tag,
    timeless,
    without_period,
)
from cchc_public.tables.language import Form
from cchc_public.tables.sheet import Row
from cchc_public.vietnamese.numbers import format_number

MAX_LINES = 2_000  # of one table
MOST_QUANTITIES = 80  # lines of a table turned over: each names what is counted
_PAIRS = short_digest("name and figure")  # what lists without a head are remembered by


def read_table(document: Document, form: Form, context: Context) -> Reading:
    """Read ``form``'s table out of a document; the result says whether it is read or asked."""
    draft = Draft(form, context)
    for words in document.notes:
        draft.tell(words)
    if not form.shape.has_labels:
        draft.remembered = context.remembered(form.code, _PAIRS)
        if found := read_pairs(document, draft):
            return replace(found, fingerprint=_PAIRS)
    segments = list_candidates(document, draft)
    if not segments:
        return read_headless(document, draft)
    for one in segments:
        earlier = context.remembered(form.code, one.fingerprint)
        draft.remembered = {**draft.remembered, **earlier}
    segment = choose_table(segments, draft)
    return _read_segment(segment, draft) if segment else draft.result()


def list_candidates(document: Document, draft: Draft) -> list[Segment]:
    """Return the tables whose words fit; hidden sheets are named, and read only when told to."""
    found: list[tuple[int, Segment]] = []
    hidden: list[tuple[int, Segment]] = []
    title = ""
    for place, block in enumerate(document.blocks):
        if isinstance(block, str):
            title = block
            continue
        for segment in find_segments(block, title or block.name):
            entry = (fit(segment, draft.lexicon), replace(segment, origin=place))
            (hidden if block.is_hidden else found).append(entry)
        title = ""
    best = max((score for score, _ in found), default=0)
    unseen = max((score for score, _ in hidden), default=0)
    if unseen >= max(2, best) or (unseen >= 2 and not best):
        names = ", ".join(dict.fromkeys(f"«{s.grid.name}»" for score, s in hidden if score >= 2))
        answer = draft.ask(
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
    tags: dict[int, str] = {}
    blocks = repeated_blocks(segment, draft.lexicon)
    for column in columns:
        said = (period_tag(text) for text in segment.paths[column])
        tags[column] = blocks.get(column) or next((tag for tag in said if tag), "")
    shown: dict[str, str] = {}
    for column, tag in tags.items():
        if tag and tag not in shown:
            said = (text for text in segment.paths[column] if period_tag(text))
            shown[tag] = tag if column in blocks else next(said)
    if len(shown) < 2:
        if shown:
            _drop_tags(segment)
        return columns
    answer = draft.ask(
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
    draft.tell(f"Không lấy nhóm cột {', '.join(f'“{words}”' for words in left)}.")
    for column in blocks:
        segment.paths[column] = segment.paths[column][1:]
    _drop_tags(segment)
    return [column for column, tag in tags.items() if tag in ("", answer)]


def _drop_tags(segment: Segment) -> None:
    for column, path in segment.paths.items():
        segment.paths[column] = without_period(path)


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
        return draft.listed(fingerprint=fingerprint, title=segment.title, origin=origin)
    segment = turn_over(segment, draft.lexicon) or segment
    body = narrow(segment, draft)
    if segment.label is None and not _names_rows(body, draft):
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
    _tell_unread(body, binding)
    reading = fix_rows(read_rows(body, binding, draft), draft)
    words = {key: " – ".join(paths[c]) for c, key in binding.columns.items() if c in paths}
    return replace(
        reading,
        fingerprint=fingerprint,
        title=segment.title,
        columns=words,
        origin=origin,
        places={c + 1: key for c, key in binding.columns.items()},
        asked={
            c + 1: {line + 1: body.text(line, c) for line in body.lines}
            for c in sorted(binding.asked)
        },
    )


def fix_rows(reading: Reading, draft: Draft) -> Reading:
    """Name the rows of a form that fixes them (đến, đi); others are told."""
    sheet, known_rows = reading.sheet, draft.form.known_rows
    if draft.form.shape.is_open or not draft.form.shape.has_labels or sheet is None:
        return reading
    kept: dict[str, Row] = {}
    named: list[ReadRow] = []
    for row in reading.rows:
        known = next((k for k in known_rows if k.is_meant_by(row.label)), None)
        match = next((r for r in sheet.rows if r.label == row.label), None)
        if known is None or match is None or row.kind != "row":
            if row.cells:
                draft.complain(f"Dòng {row.line} «{row.label}» không có trong biểu; đã bỏ qua.")
            named.append(replace(row, kind="left_out", cells={}))
            continue
        kept[known.key] = replace(match, key=known.key, label=known.label, section="")
        named.append(replace(row, label=known.label))
    ordered = tuple(kept.get(k.key, Row(k.key, k.label)) for k in known_rows)
    return draft.result(replace(sheet, rows=ordered, groups=(), details=()), named)


def _names_rows(body: Segment, draft: Draft) -> bool:
    """Words under a strange head (months, officers) are no fields: that is asked."""
    said = "" if body.label is None else " ".join(body.paths.get(body.label, ()))
    is_known = marked_key(said) == marked_key(draft.form.row_header)
    if is_known or not said or not draft.form.shape.has_total:
        return True
    row_header = draft.form.row_header.lower()
    answer = draft.ask(
        "ten-dong",
        "row-names",
        f"Cột «{said[:80]}» có phải là tên các dòng của biểu ({row_header}) không?",
        (("dung", "Phải"), ("khong", "Không phải: không đọc bảng này")),
        column=(body.label or 0) + 1,
        lasting="ten-dong",
    )
    return answer != "khong"


def _tell_unread(body: Segment, binding: Binding) -> None:
    """Columns without a place are told; words where figures should stand are a problem."""
    draft, paths = binding.draft, binding.paths
    for column in {*paths} - {*binding.columns} - binding.asked:
        texts = [text for row in body.lines if (text := body.text(row, column))]
        if not texts:
            continue
        said = " – ".join(paths[column]) or f"Cột {column + 1}"
        figures = (as_number(body.cell(row, column)) for row in body.lines)
        is_pair = any(map(FRACTION.fullmatch, texts))  # 12/15: two figures
        if is_pair or draft.lexicon.understand(paths[column]).keys and not any(figures):
            draft.complain(f"Cột «{said}»: không có số nào đọc được («{texts[0][:40]}» …).")
        elif said not in " ".join(draft.told):
            draft.tell(f"Cột «{said}» không có trong biểu; không đọc.")
