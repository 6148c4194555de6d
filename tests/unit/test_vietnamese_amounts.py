"""A figure is read as the unit beside it asks."""

from decimal import Decimal

import pytest

from cchc_public.vietnamese.numbers import Ambiguous, Missing, Reading, Unreadable, read_amount


@pytest.mark.parametrize(
    ("text", "unit", "value", "named"),
    [
        ("2.838 hồ sơ", "", 2838, "hồ sơ"),
        ("2.838", "hồ sơ", 2838, "hồ sơ"),
        ("15,82/18 điểm", "", "15.82", "điểm"),
        ("-1,25 %", "", "-1.25", "%"),
        ("97,5%", "", "97.5", "%"),
        ("97,5", "%", "97.5", "%"),
        ("1.250.000 đồng", "", 1250000, "đồng"),
        ("367", "văn bản", 367, "văn bản"),
        ("12", "", 12, ""),
    ],
)
def test_the_unit_decides_what_a_dot_means(text, unit, value, named):
    outcome, found = read_amount(text, unit)
    assert isinstance(outcome, Reading)
    assert (outcome.value, found) == (Decimal(value), named)


@pytest.mark.parametrize("unit", ["", "%", "điểm"])
def test_what_is_measured_or_has_no_unit_is_never_guessed(unit):
    assert isinstance(read_amount("2.838", unit)[0], Ambiguous)


def test_words_are_no_figure_and_nothing_stays_nothing():
    assert isinstance(read_amount("không rõ", "hồ sơ")[0], Unreadable)
    assert isinstance(read_amount("", "hồ sơ")[0], Missing)
    assert isinstance(read_amount("1/2/3 điểm")[0], Unreadable)
