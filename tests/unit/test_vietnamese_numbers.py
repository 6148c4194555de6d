from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.vietnamese.numbers import (
    Ambiguous,
    Missing,
    Reading,
    Unreadable,
    format_number,
    format_percent,
    read_count,
    read_decimal,
)

counts = st.integers(min_value=0, max_value=10**12)
decimals = st.decimals(min_value=0, max_value=10**9, places=2)


@pytest.mark.parametrize("text", ["0", "56", "1714", " 1714 ", "\u00a01714\u00a0"])
def test_plain_count_needs_no_note(text):
    assert read_count(text) == Reading(int(text.strip()))


def test_leading_zero_is_how_papers_write_small_numbers():
    assert read_count("09") == Reading(9)


@pytest.mark.parametrize(
    ("text", "value", "word"),
    [
        ("1.714", 1714, "dấu chấm"),
        ("1 714", 1714, "khoảng trắng"),
        ("1\u00a0714", 1714, "khoảng trắng"),
        ("1\u202f714", 1714, "khoảng trắng"),
        ("1.234.567", 1234567, "dấu chấm"),
        ("1,234,567", 1234567, "dấu phẩy"),
        ("56,0", 56, "phần thập phân bằng 0"),
        ("1.714,00", 1714, "phần thập phân bằng 0"),
    ],
)
def test_count_with_separator_says_how_it_was_read(text, value, word):
    reading = read_count(text)
    assert isinstance(reading, Reading)
    assert reading.value == value
    assert word in reading.note


def test_what_a_formula_leaves_far_behind_the_comma_is_no_figure():
    assert read_count(691.9999999999999).value == 692
    assert read_decimal(99.3855606758833).value == Decimal("99.385561")
    assert read_decimal(0.1 + 0.2).value == Decimal("0.3")
    assert isinstance(read_count(10.5), Unreadable)


@pytest.mark.parametrize("source", ["1,714", 1.714])
def test_comma_in_a_count_is_ambiguous_with_both_readings(source):
    outcome = read_count(source)
    assert isinstance(outcome, Ambiguous)
    assert [reading.value for reading in outcome.readings] == [1714, Decimal("1.714")]
    assert "1.714" in outcome.message


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("77,56", "thập phân"),
        ("77.56", "thập phân"),
        (77.56, "thập phân"),
        ("-3", "âm"),
        ("−3", "âm"),
        (-3, "âm"),
        (Decimal("-3"), "âm"),
        ("(3)", "âm"),
        ("10 %", "tỷ lệ"),
        ("không có", "gõ 0"),
        ("x", "gõ 0"),
        ("56 hồ sơ", "số đếm"),
        ("12.34.567", "số đếm"),
        ("1,714,5", "số đếm"),
        ("1.714.5", "số đếm"),
        ("1.714.", "số đếm"),
        ("=1+1", "số đếm"),
        ("1e3", "số đếm"),
        ("10²", "số đếm"),
        ("9" * 16, "quá lớn"),
        (10**20, "quá lớn"),
        (float("nan"), "lỗi tính toán"),
        (float("inf"), "lỗi tính toán"),
        (True, "TRUE"),
        ("1" * 100, "con số"),
    ],
)
def test_count_refuses_in_words(text, word):
    outcome = read_count(text)
    assert isinstance(outcome, Unreadable)
    assert word in outcome.message


@pytest.mark.parametrize("read", [read_count, read_decimal])
@pytest.mark.parametrize("text", [None, "", "  ", "-", "–", "…", "...", "Chưa có số liệu"])
def test_nothing_given_is_missing_and_not_zero(read, text):
    assert read(text) == Missing()


@pytest.mark.parametrize("source", [56, 56.0, Decimal("56"), Decimal("56.00")])
def test_count_from_a_spreadsheet_cell(source):
    assert read_count(source) == Reading(56)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("77,56", "77.56"),
        ("77.56", "77.56"),
        ("10,7 %", "10.7"),
        ("100%", "100"),
        ("1.714,5", "1714.5"),
        ("1,714.5", "1714.5"),
        ("1 714,5", "1714.5"),
        ("0.714", "0.714"),
        ("1,714", "1.714"),
        ("1.234.567", "1234567"),
        (77.56, "77.56"),
        (0.1, "0.1"),
        (Decimal("99.39"), "99.39"),
        (100, "100"),
    ],
)
def test_decimal_is_read_with_comma_or_dot(text, value):
    reading = read_decimal(text)
    assert isinstance(reading, Reading)
    assert reading.value == Decimal(value)
    assert isinstance(reading.value, Decimal)


@pytest.mark.parametrize("text", ["1,714,5", "1.714.5", "1 714 5"])
def test_one_mark_is_never_both_thousands_and_decimals(text):
    assert isinstance(read_decimal(text), Unreadable)


def test_decimal_point_is_noted_and_comma_is_not():
    assert read_decimal("77,56") == Reading(Decimal("77.56"))
    assert "dấu chấm" in read_decimal("77.56").note


def test_lone_dot_before_three_digits_is_ambiguous_in_a_decimal():
    outcome = read_decimal("1.714")
    assert isinstance(outcome, Ambiguous)
    assert [reading.value for reading in outcome.readings] == [1714, Decimal("1.714")]


@pytest.mark.parametrize(
    "text", ["-5", "(5)", "%", "5 %%", "1.2.3", "12,34,5", "abc", "5-6", ",5", "5,"]
)
def test_decimal_refuses_in_words(text):
    outcome = read_decimal(text)
    assert isinstance(outcome, Unreadable)
    assert outcome.message


def test_negative_decimal_only_where_allowed():
    assert read_decimal("-5,5", allow_negative=True) == Reading(Decimal("-5.5"))
    assert read_decimal(-5, allow_negative=True) == Reading(Decimal("-5"))
    outcome = read_decimal("-1.714", allow_negative=True)
    assert isinstance(outcome, Ambiguous)
    assert outcome.readings[0].value == -1714
    assert isinstance(read_decimal("--5", allow_negative=True), Unreadable)


@given(counts)
def test_count_survives_format_and_read(value):
    reading = read_count(format_number(value))
    assert isinstance(reading, Reading)
    assert reading.value == value


@given(decimals)
def test_decimal_survives_format_and_read(value):
    reading = read_decimal(format_number(value))
    assert isinstance(reading, Reading)
    assert reading.value == value


@given(st.integers(min_value=0, max_value=10**9))
def test_whole_decimal_is_among_its_readings(value):
    outcome = read_decimal(format_number(value))
    readings = outcome.readings if isinstance(outcome, Ambiguous) else (outcome,)
    assert value in [reading.value for reading in readings]


@given(decimals)
def test_percent_survives_format_and_read(value):
    outcome = read_decimal(format_percent(value))
    readings = outcome.readings if isinstance(outcome, Ambiguous) else (outcome,)
    assert value in [reading.value for reading in readings]


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.text("0123456789.,- %()")))
def test_no_input_breaks_the_readers(source):
    for outcome in (read_count(source), read_decimal(source)):
        assert isinstance(outcome, Reading | Ambiguous | Unreadable | Missing)
        if isinstance(outcome, Reading):
            assert outcome.value >= 0


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0, None, "0"),
        (1714, None, "1.714"),
        (-1714, None, "-1.714"),
        (1234567, None, "1.234.567"),
        (Decimal("77.56"), None, "77,56"),
        (Decimal("1714.50"), None, "1.714,50"),
        (Decimal("1E+3"), None, "1.000"),
        (Decimal("77.565"), 2, "77,57"),
        (Decimal("-0.001"), 2, "0,00"),
        (5, 1, "5,0"),
        (Decimal("77.56"), 0, "78"),
    ],
)
def test_format_number(value, digits, expected):
    assert format_number(value, digits) == expected


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (Decimal("77.56"), None, "77,56\u00a0%"),
        (Decimal("100.00"), None, "100\u00a0%"),
        (Decimal("10.70"), None, "10,7\u00a0%"),
        (Decimal("0.00"), None, "0\u00a0%"),
        (Decimal("10.7"), 2, "10,70\u00a0%"),
        (60, None, "60\u00a0%"),
    ],
)
def test_format_percent(value, digits, expected):
    assert format_percent(value, digits) == expected
