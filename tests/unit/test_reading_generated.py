"""Nasty generated tables: never wrong in silence, whatever staff and software did to the form."""

import random

import pytest

from cchc_public.files.grid import read_pasted_text
from cchc_public.reading.questions import ASK, READ, Context
from cchc_public.reading.reader import read_table
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import solve
from tests.unit.table_maker import STRANGE_WORDS, Made, make

FORM = get_form("ho-so")


def faults(made, reading):
    """Return what a reading has wrong or lost; a blank for 0 is not known, not wrong."""
    rows = {row.label: row for row in reading.rows if row.kind == "row"}
    found = []
    for name, truth in made.truth.items():
        row = rows.pop(name, None)
        if row is None:
            found.append(f"lost {name}")
            continue
        wrong = {key: value for key, value in row.cells.items() if truth.get(key) != value}
        lost = [key for key, value in truth.items() if value and key not in row.cells]
        found += [f"{name}: {wrong} {lost}"] * bool(wrong or lost)
    totals = [row.cells for row in reading.rows if row.kind == "total"]
    found += [f"total {t}" for t in totals if any(made.total.get(k) != v for k, v in t.items())]
    return found + [f"a row nobody printed: {name}" for name in rows]


@pytest.mark.parametrize("seed", range(0, 200, 10))
def test_what_is_read_without_a_question_is_the_truth(seed):
    for number in range(seed, seed + 10):
        made = make(number, strange=0.3 * (number % 3 == 0))
        for shape in (made.excel, made.spans, made.word):
            reading = read_table(shape(), FORM, Context())
            if reading.outcome == READ:
                assert faults(made, reading) == [], (number, shape.__name__)


def test_half_of_the_tables_with_known_words_need_no_question():
    outcomes = [read_table(make(n).excel(), FORM, Context()).outcome for n in range(200, 300)]
    assert outcomes.count(READ) >= 50


@pytest.mark.parametrize("seed", range(300, 320))
def test_the_same_table_in_another_shape_gives_the_same_cells(seed):
    made = make(seed)
    one, *others = (
        read_table(shape(), FORM, Context())
        for shape in (made.spans, made.excel, made.html, made.xlsx)
    )
    for other in others:
        assert (one.outcome, one.rows) == (other.outcome, other.rows)
    text = read_table(made.word(), FORM, Context())
    assert text.outcome != READ or [r.cells for r in text.rows] == [r.cells for r in one.rows]


@pytest.mark.parametrize("seed", range(320, 340))
def test_a_nonsense_word_over_a_column_is_never_read_as_that_column(seed):
    made = make(seed)
    row = next(i for i, cells in enumerate(made.grid) if "TT" in cells) + 1
    if "two" not in made.traits:
        return
    column = 3
    made.grid[row][column] = STRANGE_WORDS[seed % len(STRANGE_WORDS)]
    reading = read_table(made.excel(), FORM, Context())
    if made.grid[row - 1][column] or any(made.grid[row - 1][2:column]):
        assert reading.outcome == ASK


@pytest.mark.parametrize("seed", range(340, 360))
def test_known_fields_change_questions_never_cells(seed):
    made = make(seed)
    plain = read_table(made.excel(), FORM, Context())
    known = read_table(made.excel(), FORM, Context(known=list(made.truth)))
    if plain.outcome == known.outcome == READ:
        assert [row.cells for row in plain.rows] == [row.cells for row in known.rows]


def of_fields(reading):
    return {row.label: row.cells for row in reading.rows if row.kind == "row"}


def permuted(made, chance):
    """Return the table with its blocks, and the columns in each, in another order."""
    top = next(i for i, cells in enumerate(made.grid) if "TT" in cells)
    heads = {left: right for first, left, _low, right in made.merges if first == top}
    groups, column = [], 2
    while column < len(made.grid[0]):
        groups.append(list(range(column, heads.get(column, column) + 1)))
        column = groups[-1][-1] + 1
    starts = {column: group[0] for group in groups for column in group}
    chance.shuffle(groups)
    order = [0, 1]
    merges = [merge for merge in made.merges if merge[1] < 2]
    for group in groups:
        low = next((m[2] for m in made.merges if m[0] == top and m[1] == group[0]), top)
        merges += [(top, len(order), low, len(order) + len(group) - 1)]
        chance.shuffle(group)
        order += group
    grid = []
    for index, row in enumerate(made.grid):
        cells = [row[c] for c in order]
        if index == top:  # the words of a block stand in its first column
            cells = [row[starts.get(c, c)] if c > 1 else row[c] for c in order]
            inner = {c for _a, left, _b, right in merges for c in range(left + 1, right + 1)}
            cells = ["" if c in inner else text for c, text in enumerate(cells)]
        grid.append(list(row) if row[0] in ("(1)", "A") else cells)
    return Made(grid, [m for m in merges if m[0] < m[2] or m[1] < m[3]], made.truth, made.total)


@pytest.mark.parametrize("seed", range(360, 400))
def test_blocks_and_columns_may_stand_in_any_order(seed):
    made = make(seed)
    if "two" not in made.traits or "lost" in made.traits:
        return
    one = read_table(made.spans(), FORM, Context())
    other = read_table(permuted(made, random.Random(seed)).spans(), FORM, Context())  # noqa: S311
    assert other.outcome == one.outcome
    if one.outcome == READ:
        assert of_fields(other) == of_fields(one)


PLAIN = "\n".join(
    "\t".join(row)
    for row in (
        ["TT", "Lĩnh vực", "Tiếp nhận", "", "", "", "Đã giải quyết", "", "", "",
         "Đang giải quyết", "", ""],
        ["", "", "Tổng số", "Trực tuyến", "Trực tiếp, dịch vụ bưu chính", "Từ kỳ trước", "Tổng số",
         "Trước hạn", "Đúng hạn", "Quá hạn", "Tổng số", "Trong hạn", "Quá hạn"],
        ["1", "Hộ tịch", *["257", "240", "11", "6", "250", "239", "8", "3", "7", "5", "2"]],
        ["2", "Đất đai", *["350", "9", "305", "36", "315", "290", "12", "13", "35", "30", "5"]],
        ["3", "Bảo trợ xã hội", *["90", "20", "61", "9", "81", "70", "10", "1", "9", "8", "1"]],
        ["", "Tổng cộng", *["697", "269", "377", "51", "646", "599", "30", "17", "51", "43", "8"]],
    )
)  # fmt: skip


@pytest.mark.parametrize("one", range(2, 13))
def test_figures_that_stand_under_another_block_are_asked_or_found(one):
    block = {column: 2 if column < 6 else 6 if column < 10 else 10 for column in range(2, 13)}
    for other in range(one + 1, 13):
        lines = [line.split("\t") for line in PLAIN.splitlines()]
        for cells in lines[2:]:
            cells[one], cells[other] = cells[other], cells[one]
        text = "\n".join(map("\t".join, lines))
        reading = read_table(read_pasted_text(text), FORM, Context())
        if block[one] != block[other] and reading.outcome == READ:
            assert solve(FORM, reading.sheet).facts


def test_what_stands_around_the_rows_changes_none_of_them():
    lines = PLAIN.splitlines()
    plain = read_table(read_pasted_text(PLAIN), FORM, Context())
    assert plain.outcome == READ
    numbers = "\t".join(f"({n})" for n in range(1, 14))
    letters = "\t".join(["A", "B", *(str(n) for n in range(1, 12))])
    sums = "\tCộng trang 1\t607\t249\t316\t42\t565\t529\t20\t16\t42\t35\t7"
    for around in (
        [*lines[:2], numbers, *lines[2:]],
        [*lines[:2], letters, *lines[2:]],
        ["BIỂU TỔNG HỢP KẾT QUẢ GIẢI QUYẾT", "", *lines],
        [*lines, "(Số liệu lấy từ ngày 15/12/2022 đến ngày 14/6/2023)"],
        [*lines, "Ghi chú: không có hồ sơ trả lại.", "NGƯỜI LẬP BIỂU"],
        [*lines[:4], sums, *lines[4:]],
        [*lines[:2], "I\tThủ tục thuộc thẩm quyền cấp xã", *lines[2:]],
    ):
        reading = read_table(read_pasted_text("\n".join(around)), FORM, Context())
        assert (reading.outcome, of_fields(reading)) == (READ, of_fields(plain)), around[:3]


def truthful(question, made):
    """Return what a person with the paper answers; '' where one has to look at the preview."""
    values = [value for value, _words in question.options]
    if question.code == "column":
        key = made.keys[question.column - 1]
        return key if key in values else "bo"
    if question.code == "inclusion":
        return made.keys[question.column - 1]
    if question.code == "column-twice":
        key = question.id.removeprefix("hai-cot-")
        return str(made.keys.index(key) + 1) if key in made.keys else "bo"
    if question.code == "row-kind":
        return "row" if any(f"«{name}»" in question.text for name in made.truth) else "total"
    return {"systematic": "ban-goc", "alignment": ""}.get(question.code, values[-1])


@pytest.mark.parametrize("seed", range(400, 500, 10))
def test_true_answers_end_in_the_truth(seed):
    for number in range(seed, seed + 10):
        made = make(number, strange=0.3 * (number % 3 == 0))
        for shape in (made.excel, made.word):
            answers = {}
            for _ in range(8):
                reading = read_table(shape(), FORM, Context(answers=answers))
                if reading.outcome != ASK:
                    break
                for question in reading.questions:
                    answers[question.id] = truthful(question, made)
                    if question.code == "alignment":
                        tried = {**answers, question.id: "dung"}
                        seen = read_table(shape(), FORM, Context(answers=tried))
                        is_right = not any(wrong_cells(made, seen))
                        answers[question.id] = "dung" if is_right else "sai"
            assert reading.outcome != ASK, (number, reading.questions)
            if reading.outcome == READ:
                assert not any(wrong_cells(made, reading)), (number, shape.__name__)


def wrong_cells(made, reading):
    """Yield what a reading says otherwise than the paper."""
    for row in reading.rows:
        truth = made.truth.get(row.label, {}) if row.kind == "row" else made.total
        if row.kind in ("row", "total"):
            yield from (key for key, value in row.cells.items() if truth.get(key) != value)
