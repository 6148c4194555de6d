from __future__ import annotations

import pytest
from sqlalchemy import select

from cchc_public.reports.drafting import get_report
from cchc_public.reports.sheets import get_sheet, save_sheet, sheet_version
from cchc_public.store import AuditEntry, SheetRecord
from tests.hosts import PASSWORD, STAFF
from tests.integration.reports import OTHER_CLERK, SLUG, change, open_filled
from tests.office_forms import fill, read_form, words
from tests.pages import HTML, parse

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def report(session):
    opened = open_filled(session)
    session.commit()
    return opened


@pytest.fixture
def sheet(report, prefix) -> str:
    return f"{prefix}/quan-tri/ky/{SLUG}/ho-so"


def stored(session, code="ho-so"):
    session.expire_all()
    return get_sheet(get_report(session, SLUG), code)


def find(text: str, identity: str):
    return next(item for item in parse(text).iter() if item.get("id") == identity)


def test_a_wrong_cell_is_saved_and_its_finding_stands_beside_it(clerk, sheet, session) -> None:
    answer = fill(clerk, sheet, "/ho-so", r0__c__resolved_on_time="99")
    assert answer.status_code == 302
    assert stored(session).row("dat-dai").cells["resolved_on_time"] == 99
    page = clerk.get(sheet).text
    described = [
        item.get("aria-describedby")
        for item in parse(page).iter()
        if item.get("aria-describedby") and item.get("data-col")
    ]
    assert described
    sentence = "".join(find(page, described[0].split()[0]).itertext())
    assert "Lỗi" in sentence
    summary = find(page, "can-xem")
    assert "xem lại" in "".join(summary.itertext())


def test_mending_the_cell_takes_the_finding_away(clerk, sheet) -> None:
    fill(clerk, sheet, "/ho-so", r0__c__resolved_on_time="99")
    fill(clerk, sheet, "/ho-so", r0__c__resolved_on_time="12")
    assert "can-xem" not in clerk.get(sheet).text


def test_text_that_is_no_number_comes_back_with_its_sentence(clerk, sheet, session) -> None:
    fill(clerk, sheet, "/ho-so", r0__c__received_online="mười")
    page = clerk.get(sheet).text
    assert read_form(page, "/ho-so")["r0.c.received_online"] == "mười"
    cell = find(page, "r0-received_online")
    assert cell.get("aria-invalid") == "true"
    sentence = "".join(find(page, cell.get("aria-describedby").split()[0]).itertext())
    assert "mười" in sentence
    assert stored(session).row("dat-dai").unread == {"received_online": "mười"}


def test_a_number_tells_once_how_it_was_read(clerk, sheet) -> None:
    fill(clerk, sheet, "/ho-so", r0__c__received_direct="1.714")
    first, second = clerk.get(sheet).text, clerk.get(sheet).text
    assert "Đọc «1.714» là 1714" in words(first)
    assert "Đọc «1.714»" not in words(second)
    assert read_form(second, "/ho-so")["r0.c.received_direct"] == "1.714"


def test_an_ambiguous_number_offers_both_readings(clerk, sheet, prefix, session) -> None:
    survey = f"{prefix}/quan-tri/ky/{SLUG}/hai-long"
    fill(clerk, survey, "/hai-long", r0__c__coverage_target="1.714")
    page = clerk.get(survey).text
    offered = [
        item.get("value")
        for item in parse(page).iter(f"{HTML}input")
        if item.get("name") == "r0.pick.coverage_target"
    ]
    assert offered == ["1714", "1,714"]
    fill(clerk, survey, "/hai-long", r0__pick__coverage_target="1714")
    assert stored(session, "hai-long").rows[0].cells["coverage_target"] == 1714


def test_rows_are_added_without_losing_what_was_typed(clerk, sheet, session) -> None:
    page = clerk.get(sheet).text
    typed = read_form(page, "/ho-so") | {"r0.c.received_online": "77", "do": "add"}
    answer = clerk.post(sheet, data=typed)
    assert answer.status_code == 200
    fields = read_form(answer.text, "/ho-so")
    assert fields["r0.c.received_online"] == "77"
    assert stored(session).row("dat-dai").cells["received_online"] == 10
    fields |= {"r2.label": "Chứng thực", "r2.c.received_online": "3"}
    clerk.post(sheet, data=fields)
    assert stored(session).row("chung-thuc").cells["received_online"] == 3


def test_a_row_is_removed_only_when_ticked(clerk, sheet, session) -> None:
    fill(clerk, sheet, "/ho-so", r1__remove="1")
    assert [row.key for row in stored(session).rows] == ["dat-dai"]


def test_a_row_without_name_is_not_saved_and_nothing_typed_is_lost(clerk, sheet, session) -> None:
    answer = fill(clerk, sheet, "/ho-so", r2__label="", r2__c__received_online="8")
    assert answer.status_code == 422
    assert read_form(answer.text, "/ho-so")["r2.c.received_online"] == "8"
    assert "#r2-label" in answer.text
    assert len(stored(session).rows) == 2


def test_save_and_go_on_leads_to_the_next_sheet(clerk, sheet) -> None:
    answer = fill(clerk, sheet, "/ho-so", do="next")
    assert answer.location.endswith("/so-hoa")


def test_the_window_of_a_sheet_is_typed_as_people_write_days(clerk, sheet, session) -> None:
    fill(clerk, sheet, "/ho-so", data_to="12/6/2023")
    assert stored(session).data_to.isoformat() == "2023-06-12"
    answer = fill(clerk, sheet, "/ho-so", data_to="31/6/2023")
    assert answer.status_code == 422
    assert "31/6/2023" in read_form(answer.text, "/ho-so")["data_to"]


def test_two_editors_see_both_values_and_decide(clerk, sheet, session) -> None:
    mine = read_form(clerk.get(sheet).text, "/ho-so") | {"r0.c.received_online": "11"}
    report = get_report(session, SLUG)
    change(session, report, OTHER_CLERK, online=20, resolved=13)
    session.commit()

    answer = clerk.post(sheet, data=mine)
    assert answer.status_code == 409
    said = words(answer.text)
    assert "Hồ Văn Bình đã lưu" in said
    fields = read_form(answer.text, "/ho-so")
    assert fields["r0.c.received_online"] == "11"
    # what I did not touch is ticked to stay as the colleague saved it, what I typed is not
    assert "r0.theirs.resolved_on_time" in fields
    assert "r0.theirs.received_online" not in fields
    assert stored(session).row("dat-dai").cells["received_online"] == 20

    assert clerk.post(sheet, data=fields).status_code == 302
    cells = stored(session).row("dat-dai").cells
    assert (cells["received_online"], cells["resolved_on_time"]) == (11, 13)


def test_a_row_a_colleague_added_meanwhile_stays(clerk, sheet, session) -> None:
    mine = read_form(clerk.get(sheet).text, "/ho-so") | {"r0.c.received_online": "11"}
    report = get_report(session, SLUG)
    grown = stored(session)
    extra = type(grown.rows[0])("chung-thuc", "Chứng thực", cells={"received_online": 5})
    grown = type(grown)(**{**grown.__dict__, "rows": (*grown.rows, extra)})
    version = sheet_version(report, "ho-so")
    save_sheet(session, report, grown, version=version, actor=OTHER_CLERK)
    session.commit()
    answer = clerk.post(sheet, data=mine)
    assert answer.status_code == 409
    clerk.post(sheet, data=read_form(answer.text, "/ho-so"))
    keys = [row.key for row in stored(session).rows]
    assert keys == ["dat-dai", "ho-tich", "chung-thuc"]
    assert stored(session).row("dat-dai").cells["received_online"] == 11


def test_the_same_form_sent_twice_is_one_revision(clerk, sheet, session) -> None:
    fields = read_form(clerk.get(sheet).text, "/ho-so") | {"r0.c.received_online": "11"}
    assert clerk.post(sheet, data=fields).status_code == 302
    assert clerk.post(sheet, data=fields).status_code == 302
    saves = select(AuditEntry).where(AuditEntry.action == "sheet.save")
    assert len(session.scalars(saves).all()) == 2  # the one of the fixture, and ours


def test_a_sheet_of_ten_thousand_rows_is_refused_politely(clerk, sheet, session) -> None:
    hidden = {k: v for k, v in read_form(clerk.get(sheet).text, "/ho-so").items() if "." not in k}
    many = hidden | {f"r{n}.label": f"D{n}" for n in range(600)}
    answer = clerk.post(sheet, data=many, follow_redirects=True)
    assert "600 dòng" in words(answer.text)
    huge = hidden | {f"r{n}.c.received_online": "1" * 50 for n in range(10_000)}
    answer = clerk.post(sheet, data=huge, follow_redirects=True)
    assert "10.000 dòng" in words(answer.text)
    assert len(stored(session).rows) == 2


def test_a_body_above_the_limit_of_the_app_is_refused_in_words(app, clerk, sheet) -> None:
    fields = read_form(clerk.get(sheet).text, "/ho-so")
    app.config["MAX_CONTENT_LENGTH"] = 10_000
    answer = clerk.post(sheet, data=fields | {"r0.label": "x" * 20_000})
    assert answer.status_code == 413
    assert "quá lớn" in words(answer.text)


def test_hostile_words_stay_words(clerk, sheet) -> None:
    fill(clerk, sheet, "/ho-so", r2__label="<script>alert(1)</script>{{ config }}")
    page = clerk.get(sheet)
    assert "<script>alert" not in page.text
    assert read_form(page.text, "/ho-so")["r2.label"] == "<script>alert(1)</script>{{ config }}"


def test_another_edition_keeps_the_common_columns(clerk, report, prefix, session) -> None:
    page = f"{prefix}/quan-tri/ky/{SLUG}/dich-vu-cong"
    answer = fill(clerk, page, "/mau-bieu", edition="2022-tro-ve-truoc")
    assert answer.status_code == 302
    assert "2022-tro-ve-truoc" not in words(clerk.get(page).text)
    assert stored(session, "dich-vu-cong").edition == "2022-tro-ve-truoc"
    assert "MĐ 3" in clerk.get(page).text


def test_history_tells_old_and_new_of_each_cell(clerk, sheet) -> None:
    fill(clerk, sheet, "/ho-so", r0__c__received_online="11")
    page = words(clerk.get(sheet.replace("/ho-so", "/lich-su?bieu=ho-so")).text)
    assert STAFF["clerk"][1] in page
    assert "10 → 11" in page


def test_the_record_names_the_signed_in_clerk(clerk, sheet, session) -> None:
    fill(clerk, sheet, "/ho-so", r0__c__received_online="11")
    session.expire_all()
    record = session.scalars(select(SheetRecord).where(SheetRecord.table_code == "ho-so")).one()
    assert record.edited_by_name == STAFF["clerk"][1]
    assert PASSWORD not in record.edited_by_id


def test_printed_totals_that_no_longer_fit_are_dropped_with_one_click(
    demo, clerk, prefix, session
) -> None:
    page = f"{prefix}/quan-tri/ky/{SLUG}/ho-so"
    fill(clerk, page, "/ho-so", r0__c__resolved_on_time="1", r0__c__resolved_early="51")
    assert "số in ở nguồn khác với số tính lại" in words(clerk.get(page).text)
    fill(clerk, page, "/ho-so", do="unstate")
    assert "nguồn in" not in words(clerk.get(page).text)
    assert "resolved" not in stored(session).rows[0].cells
