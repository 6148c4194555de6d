from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheet_makers import dossier_row, sheet_of, single

from cchc_public.demo import demo_sheets
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import Rate, solve

counts = st.integers(min_value=0, max_value=10**9)
BASE = [c.key for c in get_form("ho-so").base_columns]


@pytest.fixture(scope="module")
def dossiers():
    return solve(get_form("ho-so"), demo_sheets()["ho-so"])


def test_the_real_dossiers_add_up(dossiers):
    total = {
        "received": 692,
        "received_online": 319,
        "received_direct": 354,
        "carried_over": 19,
        "resolved": 651,
        "resolved_early": 650,
        "resolved_on_time": 1,
        "resolved_overdue": 0,
        "pending": 41,
    }
    assert {key: dossiers.figure(key) for key in total} == total
    pending = [dossiers.figure("pending", row.key) for row in dossiers.rows]
    assert pending == [3, 0, 0, 2, 36]


def test_what_was_never_counted_stays_unknown_in_the_total(dossiers):
    assert dossiers.figure("pending_in_time") is None
    assert dossiers.figure("pending_overdue") is None


def test_rates_keep_their_fraction():
    sheet = demo_sheets()["dich-vu-cong"]
    rate = solve(get_form("dich-vu-cong", sheet.edition), sheet).rate("online_rate")
    assert (rate.numerator, rate.denominator, rate.percent) == (319, 448, Decimal("71.21"))


def test_a_rate_over_nothing_has_no_percent():
    assert Rate(0, 0).percent is None
    assert Rate(None, 5).percent is None
    assert Rate(1, 3).percent == Decimal("33.33")
    assert Rate(1, 8).percent == Decimal("12.50")
    assert Rate(1, 800).percent == Decimal("0.13")


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(BASE, counts)), min_size=1, max_size=6))
def test_the_total_is_the_sum_of_the_rows(figures):
    rows = [dossier_row(f"r{n}", f"Lĩnh vực {n}", **cells) for n, cells in enumerate(figures)]
    table = get_form("ho-so")
    evaluated = solve(table, sheet_of("ho-so", *rows))
    for column in table.columns:
        values = [evaluated.figure(column.key, row.key) for row in evaluated.rows]
        assert evaluated.figure(column.key) == sum(values)


@given(st.sampled_from(BASE))
def test_one_unknown_cell_makes_every_sum_over_it_unknown(key):
    rows = (dossier_row("a", "A"), dossier_row("b", "B", **{key: None}))
    evaluated = solve(get_form("ho-so"), sheet_of("ho-so", *rows))
    assert evaluated.figure(key) is None
    assert evaluated.figure(key, "a") is not None
    whole = key.partition("_")[0] if key != "carried_over" else "received"
    assert evaluated.rows[1].known(whole) is None


def test_zero_is_known():
    table = get_form("so-hoa")
    evaluated = solve(table, single("so-hoa", received=0, fully_digitized=0))
    assert evaluated.figure("received") == 0
    assert evaluated.figure("resolved") is None
