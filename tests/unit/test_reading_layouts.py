"""43 layouts in nine shapes: nothing is read wrongly, and what is asked ends in the truth."""

from collections import Counter
from functools import cache

import pytest

from cchc_public.reading.questions import ASK, READ, Context
from cchc_public.reading.reader import read_table
from cchc_public.tables.registry import get_form
from tests.unit.layout_shapes import LAYOUTS, NAMES, SHAPES, faults

FORM = get_form("ho-so")
# What a person who holds the paper answers; the second of two tables and periods is meant.
TRUE_ANSWERS = {
    "xep-cot": "dung", "thu-tu": "1", "bang": "2", "ky": "lũy kế", "ten-7": "cu",
    "cot-14": "resolved_overdue",
}  # fmt: skip


@cache
def opened(name, shape):
    layout = LAYOUTS[NAMES.index(name)]
    return SHAPES[shape](layout)


def read(layout, shape, answers=None):
    known = list(layout["truth"]) if "alias" in layout else []
    return read_table(opened(layout["name"], shape), FORM, Context(known, answers or {}))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("layout", LAYOUTS, ids=NAMES)
def test_nothing_is_wrong_and_every_question_leads_to_the_truth(layout, shape):
    first = read(layout, shape)
    if first.outcome == READ:
        assert faults(layout, first) == []
        return
    assert first.outcome == ASK
    assert len(first.questions) <= 2
    reading = first
    for _ in range(4):
        if reading.outcome != ASK:
            break
        ids = {question.id for question in reading.questions}
        assert ids <= set(TRUE_ANSWERS), ids
        reading = read(layout, shape, TRUE_ANSWERS)
    assert reading.outcome == READ
    assert faults(layout, reading) == []


@pytest.mark.parametrize(
    ("shape", "least"),
    [(shape, 3 if shape == "word-text" else 39) for shape in SHAPES],
)
def test_most_layouts_are_read_without_a_question_where_spans_are_kept(shape, least):
    # on a site without fields yet: one of other words than ours is a new one, not a question
    outcomes = Counter(read_table(opened(name, shape), FORM, Context()).outcome for name in NAMES)
    assert outcomes[READ] >= least
    assert outcomes[READ] + outcomes[ASK] == len(LAYOUTS)
