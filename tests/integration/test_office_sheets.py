from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from cchc_public.reports.drafting import (
    create_report,
    get_report,
    get_sheet,
    save_sheet,
    sheet_version,
)
from cchc_public.reports.review import reasons_by_key
from cchc_public.store import AuditEntry, SheetRecord
from cchc_public.tables.registry import table_codes
from cchc_public.vietnamese.dates import parse_period
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


@pytest.mark.everywhere
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


def test_a_finding_about_the_whole_table_stands_once_on_its_screen(clerk, sheet) -> None:
    page = words(clerk.get(sheet).text)
    assert page.count("không nêu số văn bản xin lỗi") == 0
    fill(clerk, sheet, "/ho-so", r0__c__resolved_on_time="10", r0__c__resolved_overdue="2")
    assert words(clerk.get(sheet).text).count("không nêu số văn bản xin lỗi") == 1


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


@pytest.mark.everywhere
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


@pytest.mark.everywhere
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


@pytest.mark.everywhere
def test_the_record_names_the_signed_in_clerk(clerk, sheet, session) -> None:
    fill(clerk, sheet, "/ho-so", r0__c__received_online="11")
    session.expire_all()
    record = session.scalars(select(SheetRecord).where(SheetRecord.table_code == "ho-so")).one()
    assert record.edited_by_name == STAFF["clerk"][1]
    assert PASSWORD not in record.edited_by_id


def clash(clerk, page):
    """Type figures that a printed total contradicts; return the fields of its answer."""
    fill(clerk, page, "/ho-so", r0__c__resolved_early="51")
    fields = read_form(clerk.get(page).text, "/ho-so")
    return fields, [name.removesuffix(".was") for name in fields if name.endswith(".was")]


def test_every_printed_column_can_be_typed_and_what_follows_stands_in_grey(clerk, sheet, session):
    fill(clerk, sheet, "/ho-so", r2__label="Chứng thực", r2__c__received="9", total__c__resolved="")
    assert stored(session).row("chung-thuc").cells == {"received": 9}
    page = clerk.get(sheet).text
    total = find(page, "total-received_online")
    assert total.get("value") == ""
    assert find(page, "r0-received").get("placeholder")
    assert find(page, "r2-received").get("value") == "9"


def test_a_printed_total_is_given_and_compared(clerk, sheet, session):
    fill(clerk, sheet, "/ho-so", total__c__resolved_on_time="999")
    assert stored(session).total.cells["resolved_on_time"] == 999
    page = clerk.get(sheet).text
    assert find(page, "total-resolved_on_time").get("aria-invalid") == "true"
    assert "999" in words(page)


def test_a_contradiction_is_mended_at_its_place(demo, clerk, prefix, session):
    page = f"{prefix}/quan-tri/ky/{SLUG}/ho-so"
    fields, answers = clash(clerk, page)
    assert answers, "the printed total of the row contradicts"
    told = clerk.get(page).text
    fixable = next(name for name in answers if f'name="{name}" value="fix"' in told)
    clerk.post(page, data=fields | {fixable: "fix"})
    remaining = [n for n in read_form(clerk.get(page).text, "/ho-so") if n == f"{fixable}.was"]
    assert remaining == []


def test_a_contradiction_stands_with_a_reason_that_is_long_enough(demo, clerk, prefix, session):
    page = f"{prefix}/quan-tri/ky/{SLUG}/ho-so"
    fields, answers = clash(clerk, page)
    figures = {answers[0]: "keep", f"{answers[0]}.why": "sổ 2023: 1.234.567"}
    assert clerk.post(page, data=fields | figures).status_code == 422  # as publishing judges it
    keep = {answers[0]: "keep", f"{answers[0]}.why": "ngắn quá"}
    refused = clerk.post(page, data=fields | keep)
    assert refused.status_code == 422
    assert "ít nhất 15 chữ" in words(refused.text)
    assert read_form(refused.text, "/ho-so")[f"{answers[0]}.why"] == "ngắn quá"
    keep[f"{answers[0]}.why"] = "Số in ở báo cáo gốc của xã, đang hỏi lại"
    assert clerk.post(page, data=fields | keep).status_code == 302
    reasons = reasons_by_key(get_report(session, SLUG))
    assert reasons[answers[0].removeprefix("answer.")].text.startswith("Số in ở báo cáo gốc")
    assert "Đã giải trình" in words(clerk.get(page).text)


def test_an_answer_never_overwrites_what_was_typed_meanwhile(demo, clerk, prefix, session):
    page = f"{prefix}/quan-tri/ky/{SLUG}/ho-so"
    fields, answers = clash(clerk, page)
    told = clerk.get(page).text
    fixable = next(name for name in answers if f'name="{name}" value="fix"' in told)
    typed = {key: "7" for key in fields if key.startswith("r0.c.resolved")}
    clerk.post(page, data=fields | typed | {fixable: "fix"})
    session.expire_all()
    cells = stored(session).rows[0].cells
    assert cells["resolved"] == cells["resolved_early"] == 7


def test_the_period_before_stands_in_grey_under_each_cell(clerk, report, prefix, session):
    create_report(session, parse_period("2024-6-thang"), OTHER_CLERK)
    session.commit()
    page = clerk.get(f"{prefix}/quan-tri/ky/2024-6-thang/ho-so").text
    assert "6 tháng đầu năm 2023" in words(page)
    cell = find(page, "r0-received_online")
    told = find(page, cell.get("aria-describedby").split()[-1])
    assert "".join(told.itertext()) == "kỳ trước 10"


def test_tasks_stand_open_in_three_columns(demo, clerk, prefix):
    page = clerk.get(f"{prefix}/quan-tri/ky/{SLUG}/nhiem-vu").text
    assert page.count("cchc-taskgrid") == 1
    assert page.count("<tr data-row") == 33  # 32 tasks and a blank one
    assert (
        "<details" not in page.partition('id="bang"')[2].partition('<details class="cchc-help"')[0]
    )


@pytest.mark.parametrize("code", table_codes())
def test_no_other_page_stands_at_the_address_of_a_table(app, code, prefix):
    adapter = app.url_map.bind("localhost")
    endpoint, _arguments = adapter.match(f"{prefix}/quan-tri/ky/{SLUG}/{code}")
    assert endpoint == "cchc_staff.sheet"


def test_a_contradiction_with_another_period_or_table_leads_there_too(clerk, prefix, session):
    open_filled(session, "2023-quy-1")
    later = create_report(session, parse_period("2023-quy-2"), OTHER_CLERK)
    change(session, later, online=11)
    digitized = get_sheet(later, "so-hoa")
    row = replace(digitized.rows[0], cells={"received": 77})
    version = sheet_version(later, "so-hoa")
    sheet = replace(digitized, rows=(row,))
    save_sheet(session, later, sheet, version=version, actor=OTHER_CLERK)
    session.commit()
    home = f"{prefix}/quan-tri/ky"
    page = clerk.get(f"{home}/2023-quy-2/ho-so").text
    assert f'{home}/2023-quy-1/ho-so">đính chính kỳ trước' in page
    assert f'href="{home}/2023-quy-2/ho-so">biểu «' in clerk.get(f"{home}/2023-quy-2/so-hoa").text
