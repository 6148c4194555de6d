"""The one-stop desk: page, office screen, and that no kept page says "open" for too long."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from cchc_public.demo import DEMO_DESK, load_demo_desk
from cchc_public.desk import Desk, load_desk, save_desk, save_holiday
from cchc_public.errors import StaleRevision
from cchc_public.procedures.saving import create_procedure
from cchc_public.store import AuditEntry, OneStopDesk
from cchc_public.store.base import Actor
from cchc_public.store.remembered import load_only
from tests.office_forms import read_form
from tests.procedure_records import make

WHO = Actor("1", "Nguyễn Thị Lan")
DAY = "7:30-11:30, 13:30-17:00"


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def desk(session, clock):
    """A desk that is open, Tuesday 13/06/2023 at 8:00 in Vietnam."""
    desk = Desk(
        name="Một cửa xã",
        place="Thôn Đông",
        telephones=("0233 123 456",),
        hours=(*(DAY,) * 5, "", ""),
    )
    save_desk(session, desk, 0, WHO, {})
    create_procedure(session, make(), WHO)
    session.commit()
    return desk


def test_the_desk_is_stored_and_every_change_is_told(session):
    save_desk(session, DEMO_DESK, 0, WHO, {"place": "Địa chỉ"})
    session.commit()
    stored = load_only(session, OneStopDesk)
    assert (load_desk(session), stored.version, stored.edited_by) == (DEMO_DESK, 1, WHO.name)
    with pytest.raises(StaleRevision):
        save_desk(session, Desk(), 0, WHO, {})
    session.rollback()
    save_desk(session, DEMO_DESK, 1, WHO, {})
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.subject == "mot-cua"))
    changes = {change["column_label"]: change["new"] for change in entry.detail["changes"]}
    assert changes["Địa chỉ"] == "Thôn Mẫu, xã Kim Thạch"


@pytest.mark.everywhere
def test_the_page_says_where_when_and_whom_to_call(citizen, prefix, session, desk):
    save_holiday(session, date(2023, 6, 14), "Ngày hội", WHO)
    session.commit()
    page = plain(citizen.get(f"{prefix}/mot-cua").text)
    for said in ("Một cửa xã", "Thôn Đông", 'href="tel:0233123456"', "14/06/2023", "Ngày hội"):
        assert said in page
    assert "Đang mở đến 11 giờ 30" in page
    assert "mở lại 13 giờ 30" in page
    assert "mẫu để dùng thử" not in page


def test_a_sample_is_marked_and_is_no_data(citizen, prefix, session, clock):
    load_demo_desk(session, WHO)
    session.commit()
    page = citizen.get(f"{prefix}/mot-cua").text
    assert "số mẫu để dùng thử, không phải của xã" in page
    assert "GovernmentOffice" not in page


def test_a_desk_nobody_described_is_said(citizen, prefix, clock):
    assert "Xã chưa ghi nơi nộp, giờ làm việc" in citizen.get(f"{prefix}/mot-cua").text


def test_a_missing_fact_names_the_desk_and_its_telephone(citizen, prefix, desk):
    page = citizen.get(f"{prefix}/thu-tuc/1.001193").text
    assert "Xin hỏi Một cửa xã (0233 123 456)." in page


@pytest.mark.parametrize("path", ["/mot-cua", "/thu-tuc/1.001193"])
def test_no_page_says_open_after_the_desk_has_closed(citizen, prefix, desk, clock, path):
    assert "Đang mở đến" in citizen.get(prefix + path).text
    clock.advance(hours=3, minutes=29)
    assert "Đang mở đến" in citizen.get(prefix + path).text
    clock.advance(minutes=1)
    page = plain(citizen.get(prefix + path).text)
    assert "Đang đóng cửa" in page
    assert "mở lại 13 giờ 30" in page


@pytest.mark.databases("sqlite")
def test_a_stale_copy_tells_the_hours_only(app, citizen, prefix, desk, clock, monkeypatch):
    assert "Đang mở đến" in citizen.get(f"{prefix}/mot-cua").text

    def gone(_session):
        raise OperationalError("SELECT 1", {}, OSError("gone"))

    cache = app.extensions["cchc_public"].page_cache
    monkeypatch.setattr(cache, "stamps", [gone])
    clock.advance(hours=4)
    cache.clock.expire()
    page = plain(citizen.get(f"{prefix}/mot-cua").text)
    assert "Đang mở" not in page
    assert "mở lại" not in page
    assert "7 giờ 30 – 11 giờ 30 và 13 giờ 30 – 17 giờ" in page


def test_a_change_of_the_desk_shows_at_once(citizen, prefix, session, desk):
    citizen.get(f"{prefix}/mot-cua")
    save_desk(session, Desk(name="Trung tâm mới"), 1, WHO, {})
    session.commit()
    assert "Trung tâm mới" in citizen.get(f"{prefix}/mot-cua").text


def test_staff_edit_the_desk_in_a_plain_form(clerk, prefix, session, clock):
    address = f"{prefix}/quan-tri/mot-cua"
    form = read_form(clerk.get(address).text, "/mot-cua")
    answer = clerk.post(
        address,
        data={**form, "place": "Thôn Tây", "telephones": "0233 1\n0233 2", "day_0": "7h30 - 11h30"},
    )
    assert answer.status_code == 302
    stored = load_desk(session)
    assert (stored.place, stored.telephones) == ("Thôn Tây", ("0233 1", "0233 2"))
    assert plain(stored.hours[0]) == "7 giờ 30 – 11 giờ 30"


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("day_2", "cả ngày", "Không hiểu giờ này"),
        ("telephones", "gọi anh Ba", "Mỗi dòng một số"),
        ("map_link", "javascript:alert(1)", "https://"),
        ("email", "mot-cua", "thư điện tử chưa đúng"),
    ],
)
def test_what_cannot_be_understood_is_told_and_kept(clerk, prefix, session, key, typed, said):
    address = f"{prefix}/quan-tri/mot-cua"
    form = read_form(clerk.get(address).text, "/mot-cua")
    answer = clerk.post(address, data={**form, key: typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert typed in answer.text
    assert load_only(session, OneStopDesk).version == 0


@pytest.mark.everywhere
def test_a_colleagues_change_stands_beside_mine(clerk, prefix, session, desk):
    address = f"{prefix}/quan-tri/mot-cua"
    form = read_form(clerk.get(address).text, "/mot-cua")
    save_desk(session, Desk(place="Của đồng nghiệp"), 1, WHO, {})
    session.commit()
    answer = clerk.post(address, data={**form, "place": "Của tôi"})
    assert answer.status_code == 409
    assert "Của đồng nghiệp" in answer.text
    assert "Của tôi" in answer.text
    again = read_form(answer.text, "/mot-cua")
    assert clerk.post(address, data=again).status_code == 302
    session.expire_all()
    assert load_desk(session).place == "Của tôi"
