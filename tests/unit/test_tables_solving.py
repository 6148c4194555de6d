"""What solving must never do, for any table, any gap and any order."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_sheets import ADDING, base_keys, consistent, full_row, names_of, sheet_from

from cchc_public.tables.language import Table
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import TOTAL_KEY, Rate, Row, Sheet, solve
from cchc_public.tables.solving import Origin

HO_SO = get_form("ho-so")


def values_of(solved):
    return {
        (row.key, key): value
        for row in solved.all_rows
        for key, value in row.values.items()
        if isinstance(value, int)
    }


@st.composite
def reduced(draw):
    """A consistent sheet, and a part of its cells."""
    form, cells = draw(consistent(ADDING))
    kept = draw(st.sets(st.sampled_from(sorted(cells)), max_size=len(cells)))
    return form, cells, {place: cells[place] for place in cells if place in kept}


@given(reduced())
def test_gaps_never_contradict_invent_or_change_a_value(case):
    form, cells, kept = case
    solved = solve(form, sheet_from(form, kept, names=names_of(cells)))
    assert solved.facts == ()
    truth = values_of(solve(form, sheet_from(form, cells)))
    for place, value in values_of(solved).items():
        if solved.row(place[0]).origin(place[1]) is not Origin.STAND_IN:
            assert value == truth[place], place
    for place, value in kept.items():
        assert solved.figure(place[1], place[0]) == value
        assert solved.row(place[0]).origin(place[1]) is Origin.GIVEN


@given(reduced(), st.randoms())
def test_the_order_of_rows_and_identities_changes_nothing(case, shuffler: random.Random):
    form, cells, kept = case
    names = names_of(cells)
    one = solve(form, sheet_from(form, kept, names=names))
    sums = list(form.table.sums)
    shuffler.shuffle(names)
    shuffler.shuffle(sums)
    table: Table = replace(form.table, sums=tuple(sums))
    other = solve(replace(form, table=table), sheet_from(form, kept, names=names))
    assert {row.key: row.values for row in one.all_rows} == {
        row.key: row.values for row in other.all_rows
    }
    assert {row.key: row.origins for row in one.all_rows} == {
        row.key: row.origins for row in other.all_rows
    }


@given(consistent([HO_SO, get_form("ho-so", "tt-02-2017")]), st.data())
def test_one_wrong_cell_of_a_full_table_is_one_fact_at_that_cell(case, data):
    form, cells = case
    place = data.draw(st.sampled_from(sorted(cells)))
    wrong = data.draw(st.integers(0, 5000).filter(lambda n: n != cells[place]))
    solved = solve(form, sheet_from(form, {**cells, place: wrong}))
    (fact,) = solved.facts
    assert (fact.cell, fact.found, fact.expected) == (place, wrong, cells[place])
    row = solved.row(place[0])
    assert row.figure(place[1]) == wrong
    assert row.expected == {place[1]: cells[place]}
    others = {p: v for p, v in values_of(solved).items() if p != place}
    truth = values_of(solve(form, sheet_from(form, cells)))
    assert others == {p: v for p, v in truth.items() if p != place}


@given(reduced(), st.data())
def test_a_wrong_cell_is_always_among_the_suspects_and_facts_name_given_cells(case, data):
    form, cells, kept = case
    if not kept:
        return
    place = data.draw(st.sampled_from(sorted(kept)))
    wrong = data.draw(st.integers(0, 5000).filter(lambda n: n != cells[place]))
    given_cells = {**kept, place: wrong}
    solved = solve(form, sheet_from(form, given_cells, names=names_of(cells)))
    for fact in solved.facts:
        assert place in fact.suspects
        assert all(given_cells[term.place] == term.value for term in fact.terms)
        assert fact.places <= set(given_cells)
    assert all(value >= 0 for value in values_of(solved).values())
    if not solved.facts:
        assert all(not row.expected for row in solved.all_rows)


@given(reduced())
def test_sums_hold_wherever_they_are_known(case):
    form, cells, kept = case
    solved = solve(form, sheet_from(form, kept, names=names_of(cells)))
    for row in solved.all_rows:
        for identity in form.table.sums:
            known = [row.known(part) for part in identity.parts]
            whole = row.known(identity.whole)
            if whole is not None and None not in known:
                assert sum(known) == whole


def one_row(**cells):
    return solve(HO_SO, Sheet("ho-so", HO_SO.edition, rows=(Row("a", "A", cells=cells),)))


def test_totals_with_gaps_contradict_once_each():
    solved = one_row(
        received=10455,
        received_direct=10133,
        carried_over=612,
        resolved=9986,
        resolved_in_term=9143,
        resolved_overdue=743,
        pending=844,
    )
    intake, resolved = solved.facts
    assert intake.is_bound
    assert sorted(t.value * t.sign for t in intake.terms) == [-10133, -612, 10455]
    assert sorted(t.value * t.sign for t in resolved.terms) == [-9143, -743, 9986]
    row = solved.rows[0]
    assert row.figure("received") == 10455
    assert row.figure("unresolved") == 469
    assert row.figure("pending") == 844
    assert "received" in row.unconfirmed


def test_pending_is_never_derived_by_balance_but_the_unresolved_stand_in():
    row = one_row(received=692, resolved=651).rows[0]
    assert (row.figure("pending"), row.origin("pending")) == (41, Origin.STAND_IN)
    assert row.known("pending") is None
    assert row.origin("unresolved") is Origin.BY_DIFFERENCE
    split = one_row(received=692, resolved=651, pending_in_time=30, pending_overdue=4).rows[0]
    assert (split.figure("pending"), split.origin("pending")) == (34, Origin.SUMMED)


def test_zeros_fill_an_exhausted_sum():
    row = one_row(resolved=5, resolved_overdue=5).rows[0]
    assert (row.figure("resolved_early"), row.origin("resolved_early")) == (0, Origin.ZERO)


def test_a_total_restores_its_single_missing_row_and_groups_count_once():
    rows = (
        Row("a", "A", "I", cells={"received": 3}),
        Row("b", "B", "I"),
        Row("c", "C", "II", cells={"received": 5}),
        Row("d", "D", cells={"received": 1}),
    )
    groups = (Row("I", "Một", cells={"received": 10}), Row("II", "Hai"))
    details = (Row("d-1", "D 1", "d"),)
    sheet = Sheet("ho-so", HO_SO.edition, rows=rows, groups=groups, details=details)
    solved = solve(HO_SO, sheet)
    assert solved.figure("received", "b") == 7
    assert solved.figure("received", "II") == 5
    assert solved.figure("received", "d-1") == 1
    assert solved.figure("received") == 16
    assert [row.key for row in solved.rows] == ["a", "b", "c", "d"]
    assert [row.key for row in solved.groups] == ["I", "II"]


def test_what_only_the_source_states_is_told_from_what_others_bear_out():
    rows = (Row("a", "A", cells={"received": 3}), Row("b", "B"))
    total = Row(TOTAL_KEY, "", cells={"received": 10, "resolved": 4})
    solved = solve(HO_SO, Sheet("ho-so", HO_SO.edition, rows=rows, total=total))
    assert solved.total.unconfirmed == {"received", "resolved"}
    assert solved.figure("received", "b") == 7
    full = one_row(received=3, received_online=1, received_direct=2, carried_over=0)
    assert full.rows[0].unconfirmed == frozenset()


def test_a_balance_that_holds_bears_out_what_it_counts():
    row = one_row(received=134, resolved=125, pending=8, returned=1).rows[0]
    assert row.unconfirmed == frozenset()
    assert one_row(received=134, resolved=125, pending=8).rows[0].unconfirmed == {
        "received", "resolved", "pending",
    }  # fmt: skip


@pytest.mark.parametrize(("count", "least"), [(2, 90), (3, 75)])
def test_several_wrong_figures_of_a_full_table_are_told_each_at_its_cell(count, least):
    named = 0
    for seed in range(100):
        chance = random.Random(seed)  # noqa: S311 - the same table for the same seed
        bases = [{key: chance.randint(0, 300) for key in base_keys(HO_SO.table)} for _ in "12345"]
        rows = [full_row(HO_SO.table, base) for base in bases]
        keys = [key for key in HO_SO.by_key if key in rows[0]]
        cells = {(f"r{n}", key): row[key] for n, row in enumerate(rows) for key in keys}
        cells |= {(TOTAL_KEY, key): sum(row[key] for row in rows) for key in keys}
        wrong = chance.sample(sorted(cells), count)
        slips = {p: cells[p] + n for p, n in zip(wrong, (90, 7, 31), strict=False)}
        solved = solve(HO_SO, sheet_from(HO_SO, cells | slips))
        named += {fact.cell for fact in solved.facts} == set(wrong)
    assert named >= least


def test_two_wrong_figures_that_several_pairs_explain_are_still_two_facts():
    rows = (
        Row("a", "A", cells={"resolved": 9, "resolved_in_term": 5, "resolved_overdue": 3}),
        Row("b", "B", cells={"resolved": 7, "resolved_in_term": 5, "resolved_overdue": 1}),
    )
    total = Row(TOTAL_KEY, "", cells={"resolved": 16})
    one, other = solve(HO_SO, Sheet("ho-so", HO_SO.edition, rows=rows, total=total)).facts
    assert {place[0] for place in one.suspects} == {"a"}
    assert {place[0] for place in other.suspects} == {"b"}


def test_a_given_figure_without_a_column_gets_its_own():
    form = one_row(received_in_period=3, returned=1, on_time_rate=99).form
    keys = [column.key for column in form.columns]
    assert keys[: keys.index("resolved")] == [
        "received",
        "received_online",
        "received_direct",
        "received_in_period",
        "carried_over",
    ]
    assert keys[-2:] == ["returned", "on_time_rate"]


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(19999, 20000, "99.995"), (1, 30000, "0.003"), (20000, 20000, "100.00"), (1, 3, "33.33")],
)
def test_a_hundred_per_cent_is_all_and_nought_is_nothing(part, whole, percent):
    assert str(Rate(part, whole).percent) == percent
