from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.vietnamese.dates import format_date, format_long_date, read_date
from cchc_public.vietnamese.numbers import Missing, Unreadable

REPORT_DAY = date(2023, 6, 12)
days = st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "12/6/2023",
        "12/06/2023",
        " 12/6/2023 ",
        "12-6-2023",
        "12.6.2023",
        "2023-06-12",
        "2023-06-12 00:00:00",
        "ngày 12 tháng 6 năm 2023",
        "Ngày 12 tháng 06 năm 2023",
        "ngày 12 tháng  6 năm 2023",
        "12 tháng 6 năm 2023",
    ],
)
def test_every_writing_of_a_day(text):
    assert read_date(text) == REPORT_DAY


def test_spreadsheet_dates_pass_through():
    assert read_date(REPORT_DAY) == REPORT_DAY
    assert read_date(datetime(2023, 6, 12, 9, 30, tzinfo=UTC)) == REPORT_DAY


@pytest.mark.parametrize("text", [None, "", "  ", "-", "…"])
def test_missing_date(text):
    assert read_date(text) == Missing()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("12/6/23", "bốn chữ số"),
        ("29/2/2023", "không có ngày 29"),
        ("31/4/2023", "không có ngày 31"),
        ("6/15/2023", "ngày trước, tháng sau"),
        ("0/1/2023", "không có ngày 0"),
        ("1/1/0203", "năm 203"),
        ("tháng 6", "ngày/tháng/năm"),
        ("12/6", "ngày/tháng/năm"),
        ("x" * 500, "ngày/tháng/năm"),
    ],
)
def test_impossible_date_is_refused_in_words(text, word):
    outcome = read_date(text)
    assert isinstance(outcome, Unreadable)
    assert word in outcome.message
    assert len(outcome.message) < 200


def test_leap_day():
    assert read_date("29/02/2024") == date(2024, 2, 29)


@given(days)
def test_dates_survive_format_and_read(day):
    assert read_date(format_date(day)) == day
    assert read_date(format_long_date(day)) == day
    assert read_date(day.isoformat()) == day


@given(st.text())
def test_no_text_breaks_the_reader(text):
    assert isinstance(read_date(text), date | Unreadable | Missing)


def test_written_forms():
    assert format_date(date(2023, 6, 5)) == "05/06/2023"
    assert format_long_date(REPORT_DAY) == "ngày 12 tháng 6 năm 2023"
    assert format_long_date(date(2023, 2, 5)) == "ngày 05 tháng 02 năm 2023"
