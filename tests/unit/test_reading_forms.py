"""Every form of every table, printed with its merged head, reads back; strange words are asked."""

import random

import pytest

from cchc_public.files.grid import Document, build_grid
from cchc_public.present.tables import header_rows
from cchc_public.reading.questions import ASK, READ, Context
from cchc_public.reading.sources import read_source
from cchc_public.tables.language import ValueKind
from cchc_public.tables.registry import FORMS
from cchc_public.tables.sheet import Rate, Row, Sheet, solve

NAMES = [f"{form.code} {form.edition}" for form in FORMS]
# figures of five levels are free of each other here, so their sum is rightly doubted
SOUND = [form for form in FORMS if (form.code, form.edition) != ("hai-long", "nam-muc")]


def printed_head(form):
    """Return the rows of the head and their merged cells, as renderers print them."""
    levels = header_rows(form.columns)
    lead = ["TT"] * bool(form.ordinal_header) + [form.row_header or "Tên"] * form.shape.has_labels
    grid = [[""] * (len(lead) + len(form.columns)) for _level in levels]
    spans = [(0, place, len(levels) - 1, place) for place in range(len(lead))]
    grid[0][: len(lead)] = lead
    covered = {}
    for row, level in enumerate(levels):
        place = len(lead)
        for cell in level:
            while covered.get(place, -1) >= row:
                place += 1
            grid[row][place] = cell.text
            low, right = row + cell.rowspan - 1, place + cell.colspan - 1
            spans.append((row, place, low, right))
            covered |= dict.fromkeys(range(place, right + 1), low)
            place = right + 1
    return grid, spans, len(lead)


def figures(form, chance):
    """Return one row of consistent figures: counts by key and what each column shows."""
    base = [c for c in form.columns if c.is_base and c.kind in (ValueKind.COUNT, ValueKind.NUMBER)]
    cells = {column.key: chance.randint(1, 60) for column in base}
    row = solve(form, Sheet(form.code, form.edition, rows=(Row("a", "a", cells=cells),))).rows[0]
    shown = []
    for column in form.columns:
        value = row.values.get(column.key)
        if isinstance(value, Rate):
            value = value.percent
            text = "" if value is None else f"{value:.2f}%".replace(".", ",")
        else:
            text = "chữ" if column.kind is ValueKind.TEXT else "" if value is None else str(value)
        shown.append(text)
    return {k: v for k, v in row.values.items() if isinstance(v, int) and k in form.by_key}, shown


def printed(form):
    chance = random.Random(form.edition)  # noqa: S311 - the same figures every run
    grid, spans, lead = printed_head(form)
    labels = [known.label for known in form.known_rows] if not form.shape.is_open else []
    names = labels or (["Hộ tịch", "Đất đai", "Chứng thực"] if form.shape.is_open else [""])
    truth = []
    for number, name in enumerate(names, 1):
        counts, shown = figures(form, chance)
        opening = [str(number)] * bool(form.ordinal_header) + [name] * form.shape.has_labels
        grid.append(opening + shown)
        truth.append(counts)
    return grid, spans, lead, truth


@pytest.mark.parametrize("form", SOUND, ids=lambda form: f"{form.code} {form.edition}")
def test_a_form_reads_back_as_it_is_printed(form):
    grid, spans, _lead, truth = printed(form)
    document = Document("x", (build_grid(grid, spans=spans),))
    reading = read_source(document, form, Context())
    assert (reading.outcome, reading.questions) == (READ, ())
    rows = [row.cells for row in reading.rows if row.kind == "row"]
    assert len(rows) == len(truth)
    for cells, counts in zip(rows, truth, strict=True):
        assert {key: cells.get(key) for key in counts} == counts


@pytest.mark.parametrize("form", SOUND, ids=lambda form: f"{form.code} {form.edition}")
def test_a_column_under_a_strange_word_is_never_filled(form):
    grid, spans, lead, _truth = printed(form)
    head = len(header_rows(form.columns))
    for column in (c for c in form.columns if c.kind is ValueKind.COUNT):
        place = lead + form.columns.index(column)
        if not any(row[place] for row in grid[head:]):
            continue  # nothing stands below it
        level = max(row for row in range(head) if grid[row][place])
        kept, grid[level][place] = grid[level][place], "Xyz lạ lùng"
        document = Document("x", (build_grid([list(row) for row in grid], spans=spans),))
        reading = read_source(document, form, Context())
        grid[level][place] = kept
        filled = any(column.key in row.cells for row in reading.rows)
        assert not filled, column.key
        assert reading.outcome == ASK or form.shape.is_list, column.key
