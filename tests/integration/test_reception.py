"""Citizen reception: page, calendar file, office screens, freshness of kept pages."""

from collections import Counter
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from cchc_public import desk
from cchc_public.demo import load_demo_reception
from cchc_public.errors import StaleRevision
from cchc_public.store import AuditEntry, ReceptionChange, utc_now
from cchc_public.store.base import Actor
from tests.hosts import PASSWORD, STAFF, sign_in_path
from tests.pages import read_inputs

pytestmark = pytest.mark.databases("sqlite")
WHO = Actor("1", "Nguyễn Thị Lan")
RULE = {
    "valid_from": date(2023, 7, 1),
    "weekdays": [1],
    "month_days": [],
    "receiver": "Chủ tịch",
    "place": "Nhà văn hóa thôn Đông",
    "hours": "Buổi sáng",
    "note": "",
}


@pytest.fixture
def rule(app, session, clock):
    load_demo_reception(session, date(2023, 6, 13), WHO)
    session.commit()


@pytest.fixture
def office(prefix):
    return f"{prefix}/quan-tri/tiep-cong-dan"


def page(client, prefix):
    answer = client.get(f"{prefix}/tiep-cong-dan")
    assert answer.status_code == 200
    return answer.text


def events(client, prefix):
    answer = client.get(f"{prefix}/tiep-cong-dan.ics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"  # once
    return list(Calendar.from_ical(answer.data).walk("VEVENT"))


def change_day(session, day, moved_to, reason, announced=date(2023, 6, 13)):
    change = ReceptionChange(day=day, moved_to=moved_to, reason=reason, announced_on=announced)
    desk.save_change(session, change, WHO)
    session.commit()


def test_page_says_who_where_when_and_the_next_session(citizen, prefix, rule):
    text = page(citizen, prefix)
    for words in ("Thứ Năm hằng tuần và ngày 25 hằng tháng", "Chủ tịch Ủy ban nhân dân xã"):
        assert words in text
    assert "Thứ Năm, 15/06/2023" in text.split("Buổi gần nhất:")[1][:80]
    # the 25th is a Sunday
    assert "Thứ Hai, 26/06/2023" in text
    assert "Set-Cookie" not in citizen.get(f"{prefix}/tiep-cong-dan").headers


@pytest.mark.hosts("standalone", "full", "bare")
def test_without_a_rule_the_page_says_so_and_there_is_no_calendar(citizen, prefix, engine):
    assert "chưa được đăng" in page(citizen, prefix)
    assert citizen.get(f"{prefix}/tiep-cong-dan.ics").status_code == 404


@pytest.mark.everywhere
def test_calendar_lists_the_sessions_of_the_page_under_lasting_identifiers(citizen, prefix, rule):
    found = events(citizen, prefix)
    days = [event.decoded("dtstart") for event in found]
    assert days[:4] == [date(2023, 6, 15), date(2023, 6, 22), date(2023, 6, 26), date(2023, 6, 29)]
    assert all(count == 1 for count in Counter(str(event["uid"]) for event in found).values())
    assert {str(event["status"]) for event in found} == {"CONFIRMED"}
    assert "Kim Thạch" in str(found[0]["summary"])
    assert "trụ sở" in str(found[0]["location"])


def test_cancelled_session_stays_on_page_and_in_calendar_with_its_reason(
    citizen, prefix, session, rule
):
    before = {event.decoded("dtstart"): str(event["uid"]) for event in events(citizen, prefix)}
    change_day(session, date(2023, 6, 15), None, "bão số 2")
    text = page(citizen, prefix)
    assert "<del>Thứ Năm, 15/06/2023</del>" in text
    assert "Hủy: bão số 2" in text
    cancelled = [e for e in events(citizen, prefix) if str(e["status"]) == "CANCELLED"]
    assert [str(event["uid"]) for event in cancelled] == [before[date(2023, 6, 15)]]
    assert "bão số 2" in str(cancelled[0]["description"])


def test_moved_session_keeps_its_identifier_and_is_told_on_both_days(
    citizen, prefix, session, rule
):
    before = {event.decoded("dtstart"): str(event["uid"]) for event in events(citizen, prefix)}
    change_day(session, date(2023, 6, 15), date(2023, 6, 16), "họp Hội đồng nhân dân")
    text = page(citizen, prefix)
    assert "Chuyển sang ngày 16/06/2023: họp Hội đồng nhân dân" in text
    assert "Chuyển từ ngày 15/06/2023: họp Hội đồng nhân dân" in text
    after = {str(event["uid"]): event.decoded("dtstart") for event in events(citizen, prefix)}
    assert after[before[date(2023, 6, 15)]] == date(2023, 6, 16)
    assert len(after) == len(before)


@pytest.mark.hosts("standalone")
def test_rule_of_a_later_day_is_announced_and_leaves_the_sessions_before_it(
    citizen, prefix, session, rule
):
    desk.save_rule(session, dict(RULE), 0, WHO)
    session.commit()
    text = page(citizen, prefix)
    assert "Từ 01/07/2023:" in text
    assert "Thứ Ba hằng tuần" in text
    days = {event.decoded("dtstart"): event for event in events(citizen, prefix)}
    assert date(2023, 6, 29) in days
    assert date(2023, 7, 6) not in days
    assert "Nhà văn hóa" in str(days[date(2023, 7, 4)]["location"])
    assert "trụ sở" in str(days[date(2023, 6, 29)]["location"])


def test_kept_page_changes_with_the_schedule_and_with_the_day(
    citizen, prefix, session, rule, clock
):
    assert "16/06/2023" not in page(citizen, prefix)
    change_day(session, date(2023, 6, 15), date(2023, 6, 16), "họp")
    assert "16/06/2023" in page(citizen, prefix)
    desk.save_holiday(session, date(2023, 6, 22), "Ngày lễ của xã", WHO)
    session.commit()
    assert "Ngày lễ của xã" in page(citizen, prefix)
    clock.advance(days=4)
    assert "Thứ Sáu, 23/06/2023" in page(citizen, prefix).split("Buổi gần nhất:")[1][:80]


def save_rule(clerk, office, **fields):
    values = {
        "valid_from": "01/06/2023",
        "weekdays": ["3"],
        "month_days": "",
        "receiver": "Chủ tịch",
        "place": "Phòng 1",
        "hours": "7 giờ 30 – 11 giờ 30",
        "note": "",
    }
    return clerk.post_form(f"{office}/quy-dinh", **{**values, **fields})


def save_day(clerk, office, day, moved_to="", reason="họp"):
    return clerk.post_form(f"{office}/thay-doi", day=day, moved_to=moved_to, reason=reason)


@pytest.mark.everywhere
def test_clerk_saves_a_rule_and_citizens_see_it(clerk, citizen, prefix, office, clock):
    answer = save_rule(clerk, office, weekdays=["1", "3"], month_days="25; 5")
    assert answer.status_code == 302
    assert "Đã lưu quy định tiếp công dân." in clerk.get(office).text
    text = page(citizen, prefix)
    assert "Thứ Ba, Thứ Năm hằng tuần và ngày 5, 25 hằng tháng" in text
    assert "7 giờ 30 – 11 giờ 30" in text


def test_the_office_leads_to_the_screen(clerk, office, rule):
    assert f'href="{office}"' in clerk.get(office).text


@pytest.mark.hosts("standalone")
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"valid_from": "32/13/2023"}, "Không đọc được ngày này"),
        ({"valid_from": ""}, "Xin điền chỗ này"),
        ({"month_days": "0"}, "từ 1 đến 31"),
        ({"month_days": "1e9"}, "từ 1 đến 31"),
        ({"month_days": "00015555"}, "từ 1 đến 31"),
        ({"month_days": "٣"}, "từ 1 đến 31"),
        ({"weekdays": []}, "ít nhất một thứ trong tuần"),
        ({"weekdays": ["9"]}, "chọn lại thứ"),
        ({"weekdays": ["thứ năm"]}, "chọn lại thứ"),
        ({"receiver": "x" * 201}, "Dài quá 200 chữ"),
        ({"place": "\u200b \x00"}, "Xin điền chỗ này"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused_in_words(clerk, office, rule, fields, words):
    answer = save_rule(clerk, office, **fields)
    assert answer.status_code == 422
    assert words in answer.text


def test_words_of_the_office_are_only_words_on_the_page(clerk, citizen, prefix, office, clock):
    hostile = "<script>alert(1)</script>{{ 7*7 }}"
    assert save_rule(clerk, office, place=hostile, note=hostile).status_code == 302
    assert save_day(clerk, office, "15/06/2023", "16/06/2023", hostile).status_code == 302
    text = page(citizen, prefix)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in text
    calendar = citizen.get(f"{prefix}/tiep-cong-dan.ics").data
    assert Calendar.from_ical(calendar).walk("VEVENT")


@pytest.mark.hosts("standalone")
def test_identifiers_of_new_sessions_name_no_host_and_known_ones_keep_theirs(
    citizen, prefix, rule, clock
):
    known = {str(event["uid"]) for event in events(citizen, prefix)}
    assert all(uid.endswith("@localhost") for uid in known)
    clock.set(2027, 2, 1)
    new = [event for event in events(citizen, prefix) if event["dtstart"].dt.year == 2027]
    assert new
    assert not any("localhost" in str(event["uid"]) for event in new)


@pytest.mark.hosts("standalone")
def test_line_ends_in_words_cannot_break_the_calendar(citizen, prefix, session, rule):
    change_day(session, date(2023, 6, 15), None, "bão\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR")
    calendar = citizen.get(f"{prefix}/tiep-cong-dan.ics").text
    assert calendar.count("\r\nBEGIN:VCALENDAR") == 0
    assert len(events(citizen, prefix)) > 10


def test_second_editor_is_told_and_may_save_knowingly(signed_in, office, rule):
    clerk, publisher = signed_in("clerk"), signed_in("publisher")
    opened = read_inputs(clerk.get(office).text, hidden=True)
    assert save_rule(publisher, office, valid_from="01/01/2023", place="Phòng 2").status_code == 302
    mine = {
        **opened,
        "valid_from": "01/01/2023",
        "weekdays": ["3"],
        "month_days": "25",
        "receiver": "Chủ tịch",
        "place": "Phòng 3",
        "hours": "Buổi sáng",
        "note": "",
    }
    answer = clerk.post(f"{office}/quy-dinh", data=mine)
    assert answer.status_code == 409
    assert "Phòng 2" in answer.text
    assert "Phòng 3" in answer.text
    again = {**mine, "version": read_inputs(answer.text)["version"]}
    assert clerk.post(f"{office}/quy-dinh", data=again).status_code == 302
    assert "Phòng 3" in clerk.get(office).text


def test_a_button_pressed_twice_saves_once(clerk, session, office, rule):
    fields = {
        **read_inputs(clerk.get(office).text, hidden=True),
        "valid_from": "01/09/2023",
        "weekdays": ["3"],
        "receiver": "Chủ tịch",
        "place": "Phòng 1",
        "hours": "Sáng",
    }
    change = {**fields, "day": "15/06/2023", "moved_to": "", "reason": "bão"}
    holiday = {**fields, "holiday": "02/09/2023", "name": "Quốc khánh"}
    for address, data in (("quy-dinh", fields), ("thay-doi", change), ("ngay-nghi", holiday)):
        answers = [clerk.post(f"{office}/{address}", data=data).status_code for _ in range(2)]
        assert answers == [302, 302]
    query = select(AuditEntry.action).where(AuditEntry.actor_name.in_(("Nguyễn Thị Lan", WHO.name)))
    made = Counter(session.scalars(query.where(AuditEntry.at >= utc_now())))
    assert made["reception.rule"] == 2  # the demo's and ours
    assert made["reception.change"] == 1


@pytest.mark.hosts("standalone")
def test_late_change_is_saved_with_the_law_beside_it(clerk, citizen, prefix, office, rule):
    assert save_day(clerk, office, "15/06/2023", "16/06/2023").status_code == 302
    text = clerk.get(office).text
    assert "niêm yết trước 2 ngày làm việc; luật yêu cầu ít nhất 5" in text
    assert "niêm yết trước 2" not in page(citizen, prefix)


@pytest.mark.hosts("standalone")
def test_early_change_raises_no_warning_and_an_old_one_no_more(clerk, office, rule, clock):
    assert save_day(clerk, office, "29/06/2023", "30/06/2023").status_code == 302
    assert "luật yêu cầu ít nhất 5" not in clerk.get(office).text
    assert save_day(clerk, office, "15/06/2023").status_code == 302
    assert "luật yêu cầu ít nhất 5" in clerk.get(office).text
    assert "không có buổi tiếp công dân nào" not in clerk.get(office).text.split("12/06/2023")[0]
    clock.advance(days=20)
    assert "luật yêu cầu ít nhất 5" not in clerk.get(office).text


@pytest.mark.hosts("standalone")
def test_week_without_a_session_is_named(clerk, office, rule):
    assert save_day(clerk, office, "06/07/2023", "", "tập huấn").status_code == 302
    assert "Tuần từ 03/07/2023 không có buổi tiếp công dân nào" in clerk.get(office).text


@pytest.mark.hosts("standalone")
@pytest.mark.parametrize(
    ("day", "moved_to", "reason", "words"),
    [
        ("14/06/2023", "", "họp", "không có buổi tiếp công dân"),
        ("15/06/2023", "15/6/2023", "họp", "Ngày mới trùng ngày cũ"),
        ("15/06/2023", "", "", "Xin điền chỗ này"),
        ("ngày mai", "", "họp", "Không đọc được ngày này"),
        ("15/06/2023", "x" * 5000, "họp", "Không đọc được ngày này"),
    ],
)
def test_a_change_that_means_nothing_is_refused(clerk, office, rule, day, moved_to, reason, words):
    answer = save_day(clerk, office, day, moved_to, reason)
    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.hosts("standalone")
def test_moving_to_a_day_off_is_questioned(clerk, office, rule):
    assert save_day(clerk, office, "15/06/2023", "17/06/2023").status_code == 302
    assert "Ngày 17/06/2023 là ngày nghỉ" in clerk.get(office).text


def test_a_change_and_a_day_off_are_taken_back(clerk, citizen, prefix, office, rule):
    save_day(clerk, office, "15/06/2023", "16/06/2023")
    clerk.post_form(f"{office}/ngay-nghi", holiday="22/6/2023", name="Ngày lễ của xã")
    text = page(citizen, prefix)
    assert "16/06/2023" in text
    assert "Ngày lễ của xã" in text
    for address, day in (("thay-doi/xoa", "15/06/2023"), ("ngay-nghi/xoa", "22/06/2023")):
        token = read_inputs(clerk.get(office).text)["csrf_token"]
        answer = clerk.post(f"{office}/{address}", data={"day": day, "csrf_token": token})
        assert answer.status_code == 302
    text = page(citizen, prefix)
    assert "16/06/2023" not in text
    assert "Ngày lễ của xã" not in text


@pytest.mark.hosts("standalone")
def test_days_of_tet_are_entered_at_once(clerk, citizen, prefix, office, rule, clock):
    clock.set(2023, 12, 1, 3)
    assert "chưa có Tết Nguyên đán 2024" in clerk.get(office).text
    assert "Thứ Năm, 08/02/2024" in page(citizen, prefix)
    tet = {"holiday": "08/02/2024", "until": "14/02/2024", "name": "Tết Nguyên đán"}
    assert clerk.post_form(f"{office}/ngay-nghi", **tet).status_code == 302
    assert "chưa có Tết" not in clerk.get(office).text
    # the session of the 8th falls on the next working day, which is a Thursday already
    assert "08/02/2024" not in page(citizen, prefix)


@pytest.mark.hosts("standalone")
@pytest.mark.parametrize(
    ("until", "words"), [("01/01/2024", "trước ngày đầu"), ("08/02/2094", "Nhiều nhất 20 ngày")]
)
def test_a_mistyped_row_of_days_off_is_refused(clerk, office, rule, until, words):
    fields = {"holiday": "08/02/2024", "until": until, "name": "Tết"}
    answer = clerk.post_form(f"{office}/ngay-nghi", **fields)
    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.everywhere
def test_what_was_typed_survives_the_end_of_the_session(app, signed_in, office, rule):
    clerk = signed_in("clerk")
    fields = read_inputs(clerk.get(office).text, hidden=True)
    clerk.delete_cookie(app.config["SESSION_COOKIE_NAME"])
    clerk.delete_cookie("remember_token")
    typed = {**fields, "day": "15/06/2023", "moved_to": "16/06/2023", "reason": "họp dân"}
    answer = clerk.post(f"{office}/thay-doi", data=typed)
    assert answer.status_code == 302
    clerk.sign_in(answer.location, STAFF["clerk"][0], PASSWORD)
    kept = parse_qs(urlsplit(answer.location).query)["next"][0]
    text = clerk.get(kept).text
    assert 'value="họp dân"' in text
    assert "Chưa lưu" in text


@pytest.mark.everywhere
def test_a_stranger_is_led_to_the_sign_in_page(app, client, office):
    for address in ("", "/quy-dinh", "/thay-doi", "/thay-doi/xoa", "/ngay-nghi", "/ngay-nghi/xoa"):
        answer = client.get(office + address)
        assert answer.status_code == 302
        assert answer.location.startswith(sign_in_path(app))


@pytest.mark.everywhere
@pytest.mark.hosts("standalone")
def test_two_machines_that_begin_the_same_rule_do_not_both_win(app, session, engine, clock):
    with Session(engine) as other:
        desk.save_rule(session, dict(RULE), 0, WHO)
        session.commit()
        with pytest.raises(StaleRevision):
            desk.save_rule(other, {**RULE, "place": "Phòng 9"}, 0, WHO)
        other.rollback()
    assert desk.find_rule(session, date(2023, 7, 2)).place == RULE["place"]
