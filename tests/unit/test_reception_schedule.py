from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.desk import (
    check_schedule,
    is_working_day,
    list_sessions,
    working_days_between,
)
from cchc_public.store import ReceptionChange, ReceptionRule

# The rule of the 2023 report, II.8: every Thursday and the 25th of the month.


def rule(weekdays, month_days=(), valid_from=date.min):
    return ReceptionRule(weekdays=weekdays, month_days=month_days, valid_from=valid_from)


def change_of(day, moved_to, reason, announced_on=date(2023, 1, 1)):
    return ReceptionChange(day=day, moved_to=moved_to, reason=reason, announced_on=announced_on)


RULES = [rule((3,), (25,))]
TET = {date(2023, 1, day): "Tết Nguyên đán" for day in range(20, 27)}


def days(first, last, holidays=None, changes=()):
    return [s.day for s in list_sessions(RULES, first, last, holidays or {}, changes)]


@pytest.mark.parametrize(
    ("month", "expected"),
    [(2, 27), (3, 27), (11, 27)],  # the 25th is a Saturday; "ngày kế tiếp" would be a Sunday
)
def test_saturday_the_25th_moves_to_monday(month, expected):
    assert date(2023, month, expected) in days(date(2023, month, 20), date(2023, month, 28))
    assert date(2023, month, 26) not in days(date(2023, month, 20), date(2023, month, 28))


def test_sunday_the_25th_moves_to_monday():
    assert date(2023, 6, 26) in days(date(2023, 6, 24), date(2023, 6, 27))


def test_25th_on_a_thursday_is_one_session():
    assert days(date(2023, 5, 22), date(2023, 5, 28)) == [date(2023, 5, 25)]


def test_may_2023_has_four_sessions_and_june_six():
    assert len(days(date(2023, 5, 1), date(2023, 5, 31))) == 4
    assert len(days(date(2023, 6, 1), date(2023, 6, 30))) == 6


def test_tet_moves_sessions_behind_the_holidays_and_merges_them():
    sessions = list_sessions(RULES, date(2023, 1, 20), date(2023, 1, 31), TET)
    assert [s.day for s in sessions] == [date(2023, 1, 27)]
    assert "Tết Nguyên đán" in sessions[0].note


def test_moved_session_tells_from_where_and_why():
    change = change_of(date(2023, 6, 15), date(2023, 6, 16), "họp Hội đồng nhân dân")
    sessions = list_sessions(RULES, date(2023, 6, 12), date(2023, 6, 18), {}, [change])
    assert [(s.day, s.is_cancelled, s.note) for s in sessions] == [
        (date(2023, 6, 15), True, "Chuyển sang ngày 16/06/2023: họp Hội đồng nhân dân"),
        (date(2023, 6, 16), False, "Chuyển từ ngày 15/06/2023: họp Hội đồng nhân dân"),
    ]


def test_session_moved_onto_another_one_stays_held():
    change = change_of(date(2023, 6, 15), date(2023, 6, 22), "họp")
    sessions = list_sessions(RULES, date(2023, 6, 12), date(2023, 6, 23), {}, [change])
    assert [(s.day.day, s.is_cancelled) for s in sessions] == [(15, True), (22, False)]


def test_latest_rule_that_has_begun_plans_a_day():
    rules = [rule((1,), (), date(2023, 7, 1)), rule((3,), (), date(2023, 1, 1))]
    found = [s.day for s in list_sessions(rules, date(2023, 6, 26), date(2023, 7, 9), {})]
    assert found == [date(2023, 6, 29), date(2023, 7, 4)]


def test_nothing_is_planned_before_the_first_rule():
    rules = [rule((3,), (), date(2023, 7, 1))]
    assert list_sessions(rules, date(2023, 6, 1), date(2023, 7, 1), {}) == ()


def test_cancelled_session_stays_visible_with_its_reason():
    change = change_of(date(2023, 6, 15), None, "bão số 2")
    (session,) = list_sessions(RULES, date(2023, 6, 12), date(2023, 6, 18), {}, [change])
    assert session.is_cancelled
    assert "bão số 2" in session.note


def test_session_moved_in_from_before_the_range_is_listed():
    change = change_of(date(2023, 6, 29), date(2023, 7, 3), "tập huấn")
    assert date(2023, 7, 3) in days(date(2023, 7, 1), date(2023, 7, 5), changes=[change])


def test_session_moved_in_from_long_before_the_range_is_listed():
    moved = change_of(date(2023, 1, 5), date(2023, 5, 9), "dự hội nghị")
    held = list_sessions(RULES, date(2023, 5, 8), date(2023, 5, 14), {}, [moved])
    assert [s.day for s in held] == [date(2023, 5, 9), date(2023, 5, 11)]


def test_week_without_session_is_a_finding():
    change = change_of(date(2023, 6, 15), None, "bão số 2")
    found = check_schedule(RULES, date(2023, 6, 12), date(2023, 6, 18), {}, [change])
    assert [f.rule for f in found] == ["reception-week-empty"]
    assert not [*check_schedule(RULES, date(2023, 6, 12), date(2023, 6, 18), {})]


def test_week_of_holidays_only_is_no_finding():
    holidays = {date(2023, 1, day): "Tết" for day in range(23, 28)}
    weekly = [rule((3,))]
    rules = [f.row for f in check_schedule(weekly, date(2023, 1, 23), date(2023, 1, 29), holidays)]
    assert rules == []


@pytest.mark.parametrize(
    ("announced", "late"), [(date(2023, 6, 8), False), (date(2023, 6, 9), True)]
)
def test_change_needs_five_working_days_of_notice(announced, late):
    change = change_of(date(2023, 6, 15), date(2023, 6, 16), "họp", announced)
    found = check_schedule(RULES, date(2023, 6, 12), date(2023, 6, 18), {}, [change])
    assert [f.rule for f in found] == (["reception-posted-late"] if late else [])


def test_calendar_without_tet_is_a_finding_until_tet_is_entered():
    first, last = date(2022, 12, 26), date(2023, 3, 5)
    assert "reception-tet-missing" in {f.rule for f in check_schedule(RULES, first, last, {})}
    assert "reception-tet-missing" not in {f.rule for f in check_schedule(RULES, first, last, TET)}


def test_working_days_skip_weekend_and_holiday():
    assert working_days_between(date(2023, 4, 27), date(2023, 5, 4), {date(2023, 5, 1): "1/5"}) == 4


@given(
    first=st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    length=st.integers(0, 120),
    weekdays=st.sets(st.integers(0, 6)),
    month_days=st.sets(st.integers(1, 31)),
)
def test_sessions_are_ordered_unique_working_days_inside_the_range(
    first, length, weekdays, month_days
):
    last = first + timedelta(days=length)
    rules = [rule(tuple(sorted(weekdays)), tuple(sorted(month_days)))]
    found = [s.day for s in list_sessions(rules, first, last, {})]
    assert found == sorted(set(found))
    assert all(first <= day <= last and is_working_day(day, {}) for day in found)
