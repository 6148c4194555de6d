from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.vietnamese.dates import PeriodKind, ReportingPeriod, parse_period

years = st.integers(min_value=1902, max_value=2198)
periods = st.one_of(
    st.builds(ReportingPeriod, st.just(PeriodKind.MONTH), years, st.integers(1, 12)),
    st.builds(ReportingPeriod, st.just(PeriodKind.QUARTER), years, st.integers(1, 4)),
    st.builds(
        ReportingPeriod,
        st.sampled_from([PeriodKind.FIRST_HALF, PeriodKind.NINE_MONTHS, PeriodKind.YEAR]),
        years,
    ),
)


@pytest.mark.parametrize(
    ("slug", "title", "first", "last"),
    [
        ("2023-thang-01", "Tháng 1 năm 2023", date(2022, 12, 15), date(2023, 1, 14)),
        ("2023-thang-05", "Tháng 5 năm 2023", date(2023, 4, 15), date(2023, 5, 14)),
        ("2024-thang-03", "Tháng 3 năm 2024", date(2024, 2, 15), date(2024, 3, 14)),
        ("2023-thang-12", "Tháng 12 năm 2023", date(2023, 11, 15), date(2023, 12, 14)),
        ("2023-quy-1", "Quý I năm 2023", date(2022, 12, 15), date(2023, 3, 14)),
        ("2023-quy-2", "Quý II năm 2023", date(2023, 3, 15), date(2023, 6, 14)),
        ("2023-quy-4", "Quý IV năm 2023", date(2023, 9, 15), date(2023, 12, 14)),
        ("2023-6-thang", "6 tháng đầu năm 2023", date(2022, 12, 15), date(2023, 6, 14)),
        ("2023-9-thang", "9 tháng đầu năm 2023", date(2022, 12, 15), date(2023, 9, 14)),
        ("2023-ca-nam", "Năm 2023", date(2022, 12, 15), date(2023, 12, 14)),
    ],
)
def test_name_and_statutory_window(slug, title, first, last):
    period = parse_period(slug)
    assert period is not None
    assert (period.slug, period.title) == (slug, title)
    assert period.preset_window == (first, last)


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "2023",
        "2023-thang-5",
        "2023-thang-00",
        "2023-thang-13",
        "2023-quy-0",
        "2023-quy-5",
        "2023-quy-02",
        "2023-3-thang",
        "23-ca-nam",
        "0000-ca-nam",
        "2023-6-thang\n",
        "2023-6-thang/ho-so",
        "２０２３-6-thang",
    ],
)
def test_other_words_name_no_period(slug):
    assert parse_period(slug) is None


@given(periods)
def test_slug_round_trip(period):
    assert parse_period(period.slug) == period


@given(st.text())
def test_no_text_breaks_the_parser(text):
    period = parse_period(text)
    assert period is None or period.slug == text


@given(periods)
def test_neighbours_are_inverse(period):
    assert period.following.previous == period == period.previous.following
    assert period.previous.sort_key < period.sort_key < period.following.sort_key


@given(periods)
def test_months_and_quarters_leave_no_day_out(period):
    first, last = period.preset_window
    assert first.day == 15
    assert last.day == 14
    if period.kind in (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR):
        assert period.following.preset_window[0] - last == timedelta(days=1)


def test_earlier_periods():
    january = ReportingPeriod(PeriodKind.MONTH, 2023, 1)
    assert january.previous == ReportingPeriod(PeriodKind.MONTH, 2022, 12)
    assert january.comparable_earlier == ReportingPeriod(PeriodKind.MONTH, 2022, 1)
    half = ReportingPeriod(PeriodKind.FIRST_HALF, 2023)
    assert half.comparable_earlier == half.previous == ReportingPeriod(PeriodKind.FIRST_HALF, 2022)


def test_periods_ending_together_are_ordered_by_length():
    slugs = ["2023-6-thang", "2023-thang-06", "2023-quy-2"]
    found = [parse_period(slug) for slug in slugs]
    ordered = sorted((p for p in found if p), key=lambda p: p.sort_key)
    assert [p.slug for p in ordered] == ["2023-thang-06", "2023-quy-2", "2023-6-thang"]


@pytest.mark.parametrize(
    ("kind", "year", "ordinal"),
    [
        (PeriodKind.MONTH, 2023, 0),
        (PeriodKind.MONTH, 2023, 13),
        (PeriodKind.QUARTER, 2023, 5),
        (PeriodKind.YEAR, 2023, 1),
        (PeriodKind.YEAR, 99, 0),
    ],
)
def test_impossible_period_is_a_wrong_program(kind, year, ordinal):
    with pytest.raises(ValueError, match="no such period"):
        ReportingPeriod(kind, year, ordinal)
