"""Nasty generated tables: never wrong in silence, whatever staff and software did to the form."""

import pytest

from cchc_public.reading.building import Context
from cchc_public.reading.questions import ASK, READ
from cchc_public.reading.reader import read_table
from cchc_public.tables.registry import get_form
from tests.unit.table_maker import STRANGE_WORDS, make

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
    one, other = (read_table(shape(), FORM, Context()) for shape in (made.spans, made.excel))
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
