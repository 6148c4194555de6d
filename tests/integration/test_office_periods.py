from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event

from cchc_public.releases.prose import Section, find_part
from cchc_public.reports.drafting import (
    find_report,
    get_sheet,
    head_of,
    list_reports,
    save_narrative,
    save_sheet,
    sheet_version,
)
from cchc_public.tables.sheet import Row
from tests.integration.reports import CLERK, OTHER_CLERK, SLUG, open_filled, publish_new
from tests.office_forms import fill, read_form, words
from tests.pages import read_inputs

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def office(prefix) -> str:
    return f"{prefix}/quan-tri"


@pytest.mark.everywhere
def test_the_first_period_opens_with_the_statutory_window(clerk, office, session) -> None:
    page = f"{office}/ky/moi?kind=6-thang&year=2023"
    assert read_form(clerk.get(page).text, "/ky/moi")["data_from"] == "15/12/2022"
    answer = fill(clerk, page, "/ky/moi", data_to="12/6/2023")
    assert answer.status_code == 302
    report = find_report(session, SLUG)
    assert (str(report.data_from), str(report.data_to)) == ("2022-12-15", "2023-06-12")


def test_a_new_period_takes_over_fields_and_pending_dossiers(clerk, office, session) -> None:
    open_filled(session)
    session.commit()
    page = f"{office}/ky/moi?kind=6-thang&year=2024"
    assert "chép từ 6 tháng đầu năm 2023" in words(clerk.get(page).text)
    fill(clerk, page, "/ky/moi", data_from="15/6/2023")
    rows = get_sheet(find_report(session, "2024-6-thang"), "ho-so").rows
    assert [row.label for row in rows] == ["Đất đai", "Hộ tịch"]
    assert [row.cells.get("carried_over") for row in rows] == [2, 0]


def test_the_next_period_is_suggested(clerk, office, session) -> None:
    open_filled(session)
    session.commit()
    assert "9 tháng đầu năm 2023" in words(clerk.get(f"{office}/ky/moi").text)


def test_a_period_opens_once(clerk, office, session) -> None:
    page = f"{office}/ky/moi?kind=6-thang&year=2023"
    fields = read_form(clerk.get(page).text, "/ky/moi")
    assert clerk.post(page, data=fields).status_code == 302
    again = clerk.post(page, data=fields)
    assert again.status_code in (200, 422)
    assert "đã mở rồi" in words(again.text)
    assert len(list_reports(session)) == 1


@pytest.mark.everywhere
def test_a_period_opened_by_mistake_can_be_dropped_and_its_trail_is_kept(
    clerk, office, session
) -> None:
    open_filled(session)
    session.commit()
    desk = f"{office}/ky/{SLUG}"
    assert f"{desk}/bo" in clerk.get(desk).text
    asked = clerk.get(f"{desk}/bo")
    assert "Đã có số liệu ở: Hồ sơ" in words(asked.text)
    answer = clerk.post(f"{desk}/bo", data=read_form(asked.text, "/bo"))
    assert answer.status_code == 302
    assert clerk.get(desk).status_code == 404
    fill(clerk, f"{office}/ky/moi?kind=6-thang&year=2023", "/ky/moi")
    assert "xóa kỳ" in words(clerk.get(f"{desk}/lich-su").text)


def test_a_published_period_offers_no_dropping_and_refuses_it(clerk, office, session) -> None:
    publish_new(session)
    desk = f"{office}/ky/{SLUG}"
    assert f"{desk}/bo" not in clerk.get(desk).text
    assert "đã công bố nên không bỏ được" in words(clerk.get(f"{desk}/bo").text)
    token = read_inputs(clerk.get(f"{office}/ky/moi").text, hidden=True)
    answer = clerk.post(f"{desk}/bo", data=token)
    assert answer.status_code == 409
    assert "đã công bố" in words(answer.text)
    assert clerk.get(desk).status_code == 200


def test_a_window_that_ends_before_it_begins_is_refused_at_the_field(clerk, office) -> None:
    page = f"{office}/ky/moi?kind=6-thang&year=2023"
    answer = fill(clerk, page, "/ky/moi", data_from="15/12/2023", data_to="12/6/2023")
    assert answer.status_code == 422
    assert "Ngày cuối ở trước ngày đầu" in words(answer.text)


def test_the_list_tells_state_completeness_and_lateness(clerk, office, session, clock) -> None:
    clock.set(2023, 6, 20)
    report, _release = publish_new(session)
    report.due_on = date(2023, 6, 1)
    open_filled(session, "2023-9-thang")
    session.commit()
    page = words(clerk.get(f"{office}/").text)
    assert "Đã công bố lần 1" in page
    assert "Nháp, chưa công bố" in page
    assert "1 trên 8 biểu có số liệu" in page
    assert "Quá hạn: đã hẹn công bố 01/06/2023" in page
    assert "Nguyễn Thị Lan" in page
    assert report.slug in clerk.get(f"{office}/").text


@pytest.mark.everywhere
def test_head_words_and_signature_are_saved(clerk, office, session) -> None:
    open_filled(session)
    session.commit()
    answer = fill(
        clerk, f"{office}/ky/{SLUG}/bao-cao", "/bao-cao",
        document_number="40/BC-UBND", issued_on="12/6/2023", due_on="20/9/2023",
        recipients="UBND huyện\nLưu: VP",
    )  # fmt: skip
    assert answer.status_code == 302, words(answer.text)
    session.expire_all()
    head = head_of(find_report(session, SLUG))
    assert head.head["recipients"] == ["UBND huyện", "Lưu: VP"]
    assert head.head["issued_on"] == "2023-06-12"
    assert str(head.due_on) == "2023-09-20"


def test_words_are_written_in_the_outline_with_figures_in_place(clerk, office, session) -> None:
    open_filled(session).narrative = []  # no part settled yet
    session.commit()
    page = f"{office}/ky/{SLUG}/loi-bao-cao"
    opened = clerk.get(page)
    assert "II.8. Công tác tiếp công dân" in words(opened.text)
    first = "Đã nhận {{ ho-so.tong.received }} hồ sơ."
    answer = fill(clerk, page, "/loi-bao-cao", **{"parts-1-text": first, "parts-2-confirmed": "y"})
    assert answer.status_code == 302, words(answer.text)
    session.expire_all()
    found = {s.key: s for s in head_of(find_report(session, SLUG)).narrative}
    assert found["I"].text == first
    assert found["II.1"].is_confirmed
    assert not found["II.2"].text
    assert not found["II.2"].is_confirmed
    # shown resolved beside the words as they were written
    assert "Sẽ in: Đã nhận 19 hồ sơ." in words(clerk.get(page).text)
    wrong = fill(clerk, page, "/loi-bao-cao", **{"parts-1-text": "{{ ho-so.tong.nhan }}"})
    assert wrong.status_code == 422
    assert "không có “nhan”" in words(wrong.text)


def test_words_that_did_not_arrive_are_not_taken_for_empty_ones(clerk, office, session) -> None:
    report = open_filled(session)
    sections = (Section("I", "Đã họp một lần.", find_part("I")),)
    save_narrative(session, report, sections, version=report.version, actor=CLERK)
    session.commit()
    page = f"{office}/ky/{SLUG}/loi-bao-cao"
    fields = read_form(clerk.get(page).text, "/loi-bao-cao")
    for lost in ("parts-", "parts-1-", "parts-14-"):
        cut = {name: text for name, text in fields.items() if not name.startswith(lost)}
        assert cut != fields
        refused = clerk.post(page, data=cut)
        assert refused.status_code == 422
        assert "thiếu phần" in words(refused.text)
    session.expire_all()
    kept = {one.key: one.text for one in head_of(find_report(session, SLUG)).narrative}
    assert kept["I"] == "Đã họp một lần."


def test_a_new_period_shows_the_last_words_and_takes_them_over(clerk, office, session) -> None:
    report = open_filled(session)
    sections = (Section("I", "Đã họp **một** lần.", find_part("I")), Section("Lễ hội", "Đông."))
    save_narrative(session, report, sections, version=report.version, actor=CLERK)
    open_filled(session, "2023-9-thang")
    session.commit()
    page = f"{office}/ky/2023-9-thang/loi-bao-cao"
    text = words(clerk.get(page).text)
    assert "Lời kỳ trước: Đã họp một lần." in text
    assert "Phần riêng" in text
    fill(clerk, page, "/loi-bao-cao", **{"parts-1-reused": "y"})
    session.expire_all()
    kept = head_of(find_report(session, "2023-9-thang")).narrative
    assert kept[1].text == "Đã họp **một** lần."
    assert kept[-2].title == "Lễ hội"
    assert kept[-2].text == ""


def test_two_editors_of_the_head_see_each_other(clerk, office, session) -> None:
    from dataclasses import replace

    from cchc_public.reports.drafting import save_report_head

    report = open_filled(session)
    session.commit()
    page = f"{office}/ky/{SLUG}/bao-cao"
    mine = read_form(clerk.get(page).text, "/bao-cao") | {"signatory": "Trần Văn Đức"}
    theirs = replace(head_of(report), head={"signatory": "Lê Thị Hoa"})
    save_report_head(session, report, theirs, version=report.version, actor=OTHER_CLERK)
    session.commit()
    answer = clerk.post(page, data=mine)
    assert answer.status_code == 409
    assert "Lê Thị Hoa" in words(answer.text)
    fields = read_form(answer.text, "/bao-cao")
    assert fields["signatory"] == "Trần Văn Đức"
    assert clerk.post(page, data=fields).status_code == 302
    session.expire_all()
    assert head_of(find_report(session, SLUG)).head["signatory"] == "Trần Văn Đức"


def test_a_promised_period_that_nobody_opened_is_amber(clerk, office, session, clock) -> None:
    clock.set(2023, 6, 20)
    report, _release = publish_new(session)
    report.due_on = date(2023, 6, 1)
    session.commit()
    assert "Kỳ sau hẹn 01/06/2023, chưa mở" in words(clerk.get(f"{office}/").text)


def test_each_table_knows_when_it_is_due_next(clerk, office, session, clock) -> None:
    clock.set(2023, 6, 20)
    report, _release = publish_new(session)
    report.due_on = date(2023, 9, 20)
    publish_new(session, "2023-thang-06")  # without a promise: the law closes figures on the 14th
    session.commit()
    first = words(clerk.get(f"{office}/").text)
    assert "Chốt số liệu 14/07/2023: Tháng 7 năm 2023 (chưa mở), các biểu Hồ sơ" in first
    assert "Hẹn công bố 20/09/2023: 9 tháng đầu năm 2023 (chưa mở)" in first
    page = words(clerk.get(f"{office}/ky/{SLUG}").text)
    assert page.count("Hạn kế tiếp 14/07/2023 (Tháng 7 năm 2023)") == 1  # that had figures
    calendar = clerk.get(f"{office}/lich-hen.ics").text
    assert calendar.count("BEGIN:VEVENT") == 2
    open_filled(session, "2023-9-thang")
    session.commit()
    clock.set(2023, 9, 21)
    assert "Đã quá hạn 20/09/2023: 9 tháng đầu năm 2023, " in words(clerk.get(f"{office}/").text)


def test_what_is_carried_over_is_not_yet_entered(clerk, office, session) -> None:
    report = open_filled(session)
    done = {"lead_unit": "Văn phòng", "progress": "Đã ban hành", "completion": 100}
    rows = (Row("I.1", "Ban hành kế hoạch", "I", "Chỉ đạo", done), Row("I.2", "Rà soát", "I"))
    sheet = replace(get_sheet(report, "nhiem-vu"), rows=rows)
    save_sheet(session, report, sheet, version=sheet_version(report, "nhiem-vu"), actor=CLERK)
    session.commit()
    fill(clerk, f"{office}/ky/moi?kind=9-thang&year=2023", "/ky/moi")
    desk, tasks = f"{office}/ky/2023-9-thang", f"{office}/ky/2023-9-thang/nhiem-vu"
    page = words(clerk.get(desk).text)
    assert "Chưa nhập số liệu nào để soát" in page
    assert "cảnh báo" not in page
    assert "Đã ban hành" in clerk.get(tasks).text
    fill(clerk, tasks, "/nhiem-vu", **{"r1.c.progress": "Đang làm"})
    assert "chưa có tỷ lệ hoàn thành" in words(clerk.get(desk).text)


def test_the_list_asks_no_more_queries_for_more_periods(app, clerk, office, session) -> None:
    def count_queries() -> int:
        with app.app_context():
            engine = app.extensions["sqlalchemy"].engine
        asked = []
        listener = lambda *details: asked.append(details[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listener)
        assert clerk.get(f"{office}/").status_code == 200
        event.remove(engine, "before_cursor_execute", listener)
        return len(asked)

    for month in range(1, 3):
        open_filled(session, f"2023-thang-{month:02}")
    session.commit()
    few = count_queries()
    for month in range(3, 13):
        open_filled(session, f"2023-thang-{month:02}")
    session.commit()
    assert count_queries() == few
