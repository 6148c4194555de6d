"""The first run without a browser: the checklist, the shipped list by field, promised days."""

from datetime import date

import pytest
from icalendar import Calendar
from sqlalchemy import func, select

from cchc_public.demo import load_demo_desk, load_demo_reception
from cchc_public.office.reports.periods import suggest_period
from cchc_public.reports.drafting import create_report, get_report, get_sheet
from cchc_public.store import Procedure
from cchc_public.vietnamese.dates import parse_period
from tests.integration.reports import CLERK, SLUG
from tests.pages import read_inputs

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.everywhere
def test_an_empty_site_leads_to_the_checklist(clerk, prefix):
    answer = clerk.get(f"{prefix}/quan-tri/")
    assert answer.location.endswith("/quan-tri/bat-dau")
    page = clerk.get(answer.location).text
    assert "Mở kỳ báo cáo đầu tiên" in page
    assert "Đặt tên cơ quan, người ký, nơi nhận <span" in page  # no link that she may not open


def test_the_checklist_stays_on_the_first_screen_until_all_is_done(
    demo, procedures, clerk, prefix, session
):
    page = f"{prefix}/quan-tri/"
    assert "Các việc để bắt đầu" in clerk.get(page).text  # published, but no desk yet
    load_demo_desk(session, CLERK)
    load_demo_reception(session, date(2026, 11, 26), CLERK)
    session.commit()
    assert "Các việc để bắt đầu" not in clerk.get(page).text


def test_fields_are_chosen_from_the_shipped_list(clerk, prefix, session):
    page = f"{prefix}/quan-tri/bat-dau"
    token = read_inputs(clerk.get(page).text, hidden=True)
    clerk.post(page, data={**token, "do": "fields", "field": ["Hộ tịch"]})
    names = session.scalars(select(Procedure)).all()
    assert len(names) > 20
    assert {row.field.name for row in names} == {"Hộ tịch"}
    refused = clerk.post(page, data={**token, "do": "fields"}, follow_redirects=True)
    assert "Chưa chọn lĩnh vực nào" in refused.text
    assert session.scalar(select(func.count(Procedure.id))) == len(names)


def test_starter_rows_carry_words_and_no_figures(clerk, prefix, session):
    create_report(session, parse_period(SLUG), CLERK)
    session.commit()
    page = f"{prefix}/quan-tri/bat-dau"
    token = read_inputs(clerk.get(page).text, hidden=True)
    clerk.post(page, data={**token, "do": "rows"})
    session.expire_all()
    sheet = get_sheet(get_report(session, SLUG), "nhiem-vu")
    assert len(sheet.rows) == 32
    assert not any(row.given for row in sheet.rows)
    clerk.post(page, data={**token, "do": "rows"})
    session.expire_all()
    assert get_sheet(get_report(session, SLUG), "nhiem-vu") == sheet


@pytest.mark.everywhere
def test_promised_days_stand_on_the_first_screen_and_in_a_calendar(demo, clerk, prefix):
    page = clerk.get(f"{prefix}/quan-tri/").text
    assert "Đã quá hạn" in page
    calendar = Calendar.from_ical(clerk.get(f"{prefix}/quan-tri/lich-hen.ics").data)
    (event,) = calendar.walk("VEVENT")
    assert event["summary"] == "Hạn công bố số liệu 9 tháng đầu năm 2023"
    assert "Nhiệm vụ" in event["description"]


def test_the_guide_names_every_step(clerk, prefix):
    page = clerk.get(f"{prefix}/quan-tri/cach-lam").text
    for words in ("Mở kỳ", "Đưa số liệu vào", "Xem chỗ lệch", "Trình, duyệt, công bố", "Ctrl+Z"):
        assert words in page


@pytest.mark.parametrize(
    ("day", "slug"),
    [
        (date(2026, 11, 26), "2026-9-thang"),
        (date(2026, 7, 1), "2026-6-thang"),
        (date(2026, 1, 5), "2025-ca-nam"),
    ],
)
def test_the_first_period_is_the_one_closed_last(day, slug):
    assert suggest_period((), day).slug == slug
