from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from cchc_public.desk import Desk, clock_words, find_opening, read_spans, write_spans

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = "7:30-11:30, 13:30-17:00"
WEEK = Desk(hours=(*(DAY,) * 5, "", "")).week
MORNING, AFTERNOON = (time(7, 30), time(11, 30)), (time(13, 30), time(17))


def at(*parts):
    return datetime(*parts, tzinfo=ZONE)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    "text",
    [
        "7:30-11:30, 13:30-17:00",
        "7h30 – 11h30; 13h30 - 17h",
        "7 giờ 30 – 11 giờ 30 và 13 giờ 30 – 17 giờ",
        "7 giờ 30 phút đến 11 giờ 30, 13.30 đến 17.00",
    ],
)
def test_hours_are_read_in_every_usual_writing(text):
    assert read_spans(text) == (MORNING, AFTERNOON)


@pytest.mark.parametrize(
    "text",
    [
        "sáng", "7:30", "25:00-26:00", "7:61-8:00", "11:30-7:30", "13:30-17:00, 7:30-11:30",
        "7:30-12:00, 11:00-17:00", "7:30-11:30 trừ lễ", "cả ngày 7:30-11:30",
    ],
)  # fmt: skip
def test_hours_that_cannot_be_understood_are_refused(text):
    assert read_spans(text) is None


def test_what_is_written_is_read_back():
    assert read_spans(write_spans((MORNING, AFTERNOON))) == (MORNING, AFTERNOON)
    assert read_spans("") == ()
    assert plain(clock_words(time(7, 5))) == "7 giờ 05"


@pytest.mark.parametrize(
    ("now", "said", "next_said", "changes_at"),
    [
        (at(2026, 11, 26, 8), "Đang mở đến 11 giờ 30", "mở lại 13 giờ 30",
         at(2026, 11, 26, 11, 30)),
        (at(2026, 11, 26, 11, 30), "Đang đóng cửa", "mở lại 13 giờ 30", at(2026, 11, 26, 13, 30)),
        (at(2026, 11, 26, 16, 59), "Đang mở đến 17 giờ", "ngày mai mở 7 giờ 30",
         at(2026, 11, 26, 17)),
        (at(2026, 11, 26, 17), "Đang đóng cửa", "ngày mai mở 7 giờ 30", at(2026, 11, 27, 7, 30)),
        # over the weekend, and a Monday that is a day off
        (at(2026, 11, 27, 18), "Đang đóng cửa", "Thứ Ba mở 7 giờ 30", at(2026, 12, 1, 7, 30)),
    ],
)  # fmt: skip
def test_whether_the_desk_is_open_holds_until_it_changes(now, said, next_said, changes_at):
    opening = find_opening(WEEK, {date(2026, 11, 30)}, now)
    assert plain(opening.now_words) == said
    assert plain(opening.next_words) == next_said
    assert opening.changes_at == changes_at


def test_a_desk_without_hours_says_nothing_of_now():
    assert find_opening(Desk().week, (), at(2026, 11, 26, 8)) is None


def test_a_desk_closed_for_long_names_no_day():
    every_day = {date(2026, 11, day) for day in range(1, 31)} | {
        date(2026, 12, day) for day in range(1, 32)
    }
    opening = find_opening(WEEK, every_day, at(2026, 11, 26, 8))
    assert (opening.is_open, opening.next_words, opening.changes_at) == (False, "", None)


def test_equal_days_are_named_together():
    hours = (DAY, DAY, "7:30-11:30", DAY, DAY, "", "")
    assert plain(Desk(hours=hours).hours_in_words) == (
        "Thứ Hai – Thứ Ba: 7 giờ 30 – 11 giờ 30 và 13 giờ 30 – 17 giờ; "
        "Thứ Tư: 7 giờ 30 – 11 giờ 30; "
        "Thứ Năm – Thứ Sáu: 7 giờ 30 – 11 giờ 30 và 13 giờ 30 – 17 giờ"
    )
