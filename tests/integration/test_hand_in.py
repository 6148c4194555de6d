"""From a draft to citizens: handed in, returned, approved, scheduled, published; preview links."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from cchc_public.errors import ReportFrozen
from cchc_public.reports.drafting import get_report
from cchc_public.store import Release
from tests.hosts import STAFF
from tests.integration.reports import (
    AUTHORITY,
    CHAIR,
    OTHER_CLERK,
    SLUG,
    change,
    open_filled,
    publish,
)
from tests.office_forms import (
    answer_warnings,
    decide,
    fill,
    find_form,
    hand_in,
    read_form,
    words,
)
from tests.papers import text_of

PAGE = f"/quan-tri/ky/{SLUG}"
only_sqlite = pytest.mark.databases("sqlite")
alone = pytest.mark.hosts("standalone")


@pytest.fixture
def report(session):
    opened = open_filled(session)
    session.commit()
    return opened


@pytest.fixture
def desk(report, prefix) -> str:
    return prefix + PAGE


def releases(session) -> list[Release]:
    session.expire_all()
    return list(session.scalars(select(Release).order_by(Release.number)))


@pytest.mark.everywhere
def test_the_way_from_figures_to_citizens(clerk, publisher, citizen, desk, prefix, session) -> None:
    hand_in(clerk, desk)
    answer = decide(publisher, desk)
    assert answer.status_code == 302, words(answer.text)
    assert [one.published_by_name for one in releases(session)] == [STAFF["publisher"][1]]
    page = citizen.get(f"{prefix}/ky/{SLUG}/ho-so")
    assert page.status_code == 200
    assert "Đất đai" in page.text

    change(session, get_report(session, SLUG), online=11, pending_in_time=3)
    session.commit()
    answer_warnings(clerk, desk)
    assert "Đã sửa sau công bố" in words(publisher.get(desk).text)
    refused = fill(clerk, f"{desk}/trinh", "/trinh", reason="")
    assert refused.status_code == 409
    assert "lý do đính chính" in words(refused.text)
    hand_in(clerk, desk, reason="Nhập nhầm một hồ sơ")
    told = words(publisher.get(f"{desk}/cong-bo").text)
    assert "10 → 11" in told
    assert "Lý do đính chính: Nhập nhầm một hồ sơ" in told
    assert decide(publisher, desk).status_code == 302
    assert [one.kind for one in releases(session)] == ["first", "correction"]
    assert "Nhập nhầm một hồ sơ" in words(citizen.get(f"{prefix}/dinh-chinh").text)
    compared = words(clerk.get(f"{desk}/so-sanh").text)
    assert "10 → 11" in compared
    assert "Nhập nhầm một hồ sơ" in compared


@only_sqlite
def test_the_board_tells_how_far_the_period_is(clerk, publisher, desk) -> None:
    answer_warnings(clerk, desk)
    assert "Trình duyệt" in words(clerk.get(desk).text)
    hand_in(clerk, desk)
    told = words(clerk.get(desk).text)
    assert "Đã trình, chờ duyệt" in told
    assert "Kỳ này đang khóa sửa" in told
    decide(publisher, desk)
    for person in (clerk, publisher):
        told = words(person.get(desk).text)
        assert "Đã công bố lần 1; từ đó chưa sửa gì." in told
        assert "Chưa công bố được" not in told


@only_sqlite
def test_a_form_sent_twice_is_one_release(clerk, publisher, desk, session) -> None:
    hand_in(clerk, desk)
    fields = read_form(publisher.get(f"{desk}/cong-bo").text, "/cong-bo")
    undecided = {name: value for name, value in fields.items() if name != "decision"}
    assert undecided != fields
    answer = publisher.post(f"{desk}/cong-bo", data=undecided)
    assert (answer.status_code, releases(session)) == (422, [])
    unseen = {name: value for name, value in fields.items() if name != "seen"}
    answer = publisher.post(f"{desk}/cong-bo", data=unseen)
    assert (answer.status_code, releases(session)) == (409, [])
    first = publisher.post(f"{desk}/cong-bo", data=fields)
    second = publisher.post(f"{desk}/cong-bo", data=fields)
    assert (first.status_code, second.status_code) == (302, 409)
    assert len(releases(session)) == 1


@only_sqlite
def test_what_was_handed_in_is_frozen_and_what_is_typed_meanwhile_is_kept(
    clerk, publisher, desk, session
) -> None:
    page = f"{desk}/ho-so"
    late = read_form(clerk.get(page).text, "/ho-so")
    name = next(n for n in late if n.endswith(".received_online"))
    hand_in(clerk, desk)
    answer = clerk.post(page, data=late | {name: "77"})
    assert answer.status_code == 302
    assert "khóa sửa" in words(clerk.get(page).text)
    with pytest.raises(ReportFrozen):
        change(session, get_report(session, SLUG), OTHER_CLERK, online=11, pending_in_time=3)
    session.rollback()
    opened = read_form(publisher.get(f"{desk}/cong-bo").text, "/cong-bo")
    clerk.post(f"{desk}/thu-lai", data=read_form(clerk.get(desk).text, "/thu-lai"))
    assert read_form(clerk.get(answer.location).text, "/ho-so")[name] == "77"
    late = publisher.post(f"{desk}/cong-bo", data=opened)
    assert late.status_code == 409
    assert "chưa được trình" in words(late.text)
    assert releases(session) == []


@pytest.mark.everywhere
@only_sqlite
def test_who_handed_in_or_edited_cannot_approve_and_is_told_why(publisher, desk, session) -> None:
    fill(publisher, f"{desk}/ho-so", "/ho-so", r0__c__received_online="11")
    fill(publisher, f"{desk}/ho-so", "/ho-so", r0__c__pending_in_time="3")
    hand_in(publisher, desk)
    page = publisher.get(f"{desk}/cong-bo")
    assert "Người trình không tự duyệt được" in words(page.text)
    assert "phải là một người khác" in words(page.text)
    fields = read_form(page.text, "/cong-bo")
    assert publisher.post(f"{desk}/cong-bo", data=fields | {"decision": "now"}).status_code == 409
    assert releases(session) == []


@only_sqlite
def test_the_approver_sees_what_changed_and_then_the_paper_to_sign(
    clerk, publisher, desk, prefix, session
) -> None:
    hand_in(clerk, desk)
    told = words(publisher.get(f"{desk}/cong-bo").text)
    assert "1. Có gì đổi" in told
    assert "chưa có gì để so" in told
    last_year, last_month = "2022-6-thang", "2023-thang-05"
    for slug in (last_year, last_month):
        report = open_filled(session, slug)
        change(session, report, online=4, resolved=6)
        publish(session, report, CHAIR, authority=AUTHORITY)
    session.commit()
    told = words(publisher.get(f"{desk}/cong-bo").text)
    # like only with like: a month says nothing about half a year
    assert "Kỳ này6 tháng đầu năm 2022Chênh" in told
    assert "Tháng 5" not in told
    assert "Xem đủ 1 biểu cạnh 6 tháng đầu năm 2022" in told
    assert "Trong kỳ – Trực tuyến159+6" in told
    assert "Trả lại người trình" in told
    assert "PDF dự thảo" in told
    decide(publisher, desk, "later")
    assert "PDF để in ký" in words(publisher.get(desk).text)
    paper = text_of(publisher.get(f"{desk}/du-thao.pdf").data)
    assert "DỰTHẢO" not in paper
    decide(publisher, desk, "now")
    assert f'href="{prefix}/ky/{SLUG}/bao-cao.pdf"' in publisher.get(desk).text
    published = text_of(publisher.get(f"{prefix}/ky/{SLUG}/bao-cao.pdf").data)
    mark = paper.partition("Mãkiểmtra")[2][:12]
    # the paper signed before is the paper of what was published
    assert f"Mãkiểmtra{mark}" in published


@only_sqlite
def test_returned_with_a_remark_at_a_cell_and_mended(clerk, publisher, desk, session) -> None:
    hand_in(clerk, desk, note="Xin duyệt trước thứ sáu")
    page = publisher.get(f"{desk}/cong-bo").text
    assert "Xin duyệt trước thứ sáu" in words(page)
    place = {"place": "o|ho-so|dat-dai|pending", "text": "Đối chiếu sổ"}
    fields = read_form(page, "/nhan-xet") | place
    assert publisher.post(f"{desk}/nhan-xet", data=fields).status_code == 302
    assert decide(publisher, desk, "back", message="").status_code == 302
    board = words(clerk.get(desk).text)
    assert "Đã trả lại để sửa" in board
    assert "Đất đai › Số lượng hồ sơ đang giải quyết" in board
    assert "Đối chiếu sổ" in board
    change(session, get_report(session, SLUG), online=11, pending_in_time=3)
    session.commit()
    hand_in(clerk, desk)
    assert decide(publisher, desk).status_code == 302
    assert len(releases(session)) == 1


@only_sqlite
def test_nothing_is_returned_without_a_word(clerk, publisher, desk) -> None:
    hand_in(clerk, desk)
    answer = decide(publisher, desk, "back", message=" ")
    assert answer.status_code == 409
    assert "lời nhắn" in words(answer.text)


@only_sqlite
@alone
def test_published_at_the_set_time_by_the_serving_process(
    clerk, publisher, citizen, desk, session, clock
) -> None:
    clock.set(2023, 6, 20, 1)
    hand_in(clerk, desk)
    assert decide(publisher, desk, "at", day="", hour="8:00").status_code == 422
    past = decide(publisher, desk, "at", day="20/6/2023", hour="7:59")
    assert past.status_code == 422
    assert "07:59 ngày 20/06/2023 đã qua" in words(past.text)
    answer = decide(publisher, desk, "at", day="21/6/2023", hour="8:00")
    assert answer.status_code == 302, words(answer.text)
    assert "công bố lúc" in words(publisher.get(desk).text)
    assert citizen.get(f"/ky/{SLUG}").status_code == 404
    # no kept page outlives the instant at which the next report appears
    clock.set(2023, 6, 21, 0, 59, 30)
    lifetime = citizen.get("/").headers["Cache-Control"]
    assert int(lifetime.partition("max-age=")[2].partition(",")[0]) <= 30
    clock.set(2023, 6, 21, 1)
    session.commit()
    citizen.application.extensions["cchc_public"].page_cache.clock.expire()
    citizen.get(f"/ky/{SLUG}")  # the look of the clock publishes; the next answer shows it
    assert citizen.get(f"/ky/{SLUG}").status_code == 200
    assert [one.number for one in releases(session)] == [1]


@only_sqlite
@alone
def test_the_timer_publishes_what_is_due_and_an_edit_in_between_voids_it(
    app, clerk, publisher, desk, session, clock
) -> None:
    clock.set(2023, 6, 20, 1)
    hand_in(clerk, desk)
    decide(publisher, desk, "at", day="21/6/2023", hour="8:00")
    run = app.test_cli_runner().invoke(args=["cchc", "publish-due"])
    assert "Kỳ hẹn tiếp theo: 08:00 ngày 21/06/2023" in run.output
    report = get_report(session, SLUG)
    report.data_to = report.data_to.replace(day=13)  # behind the lock, as no screen can
    session.commit()
    clock.set(2023, 6, 21, 2)
    run = app.test_cli_runner().invoke(args=["cchc", "publish-due"])
    assert "Không còn kỳ nào hẹn giờ" in run.output
    assert releases(session) == []
    assert "Duyệt hết hiệu lực" in words(clerk.get(desk).text)


@pytest.mark.everywhere
@only_sqlite
def test_a_preview_link_shows_the_draft_until_it_is_revoked_or_old(
    app, clerk, desk, prefix, clock
) -> None:
    def make_link() -> tuple[str, str]:
        clerk.post(f"{desk}/lien-ket", data=read_form(clerk.get(desk).text, "/lien-ket"))
        shown = clerk.get(desk).text
        secret = shown.partition("/xem-truoc/")[2].partition("<")[0].split()[0]
        return shown, f"{prefix}/xem-truoc/{secret}"

    guest = app.test_client()
    _, address = make_link()
    page = guest.get(address)
    assert page.status_code == 200
    assert "người dân chưa thấy trang này" in words(page.text)
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["Cache-Control"] == "no-store"
    table = guest.get(f"{address}/ho-so").text
    assert "người dân chưa thấy trang này" in words(table)
    assert "quan-tri" not in table  # who reads by a link has no way into the office
    assert "DỰTHẢO" in text_of(guest.get(f"{address}/du-thao.pdf").data)
    assert guest.get(f"{address}x").status_code == 404
    clock.advance(days=14, seconds=1)
    assert guest.get(address).status_code == 404
    shown, address = make_link()
    assert guest.get(address).status_code == 200
    end = shown.partition('name="end" value="')[2].partition('"')[0]
    clerk.post(f"{desk}/lien-ket", data=read_form(shown, "/lien-ket") | {"end": end})
    assert guest.get(address).status_code == 404


@only_sqlite
def test_the_gate_refuses_with_reasons(clerk, desk, session, clock) -> None:
    clock.set(2023, 6, 1)
    report = get_report(session, SLUG)
    report.declared_empty, report.narrative = [], []
    session.commit()
    answer_warnings(clerk, desk)
    told = words(clerk.get(f"{desk}/trinh").text)
    assert "là ngày chưa tới" in told
    assert "Biểu chưa có số liệu" in told
    assert "Phần lời chưa viết" in told
    assert "đính chính" not in told
    refused = fill(clerk, f"{desk}/trinh", "/trinh")
    assert refused.status_code == 409
    assert "Chưa có số liệu: Số hóa" in words(refused.text)
    clock.set(2023, 7, 1)
    names = [item.get("name") or "" for item in find_form(refused.text, "/trinh").iter()]
    ticked = {name: "1" for name in names if name.startswith("empty.")}
    fields = read_form(refused.text, "/trinh") | ticked | {"confirm_parts": "y"}
    assert clerk.post(f"{desk}/trinh", data=fields).status_code == 302


@alone
@only_sqlite
def test_a_decision_that_nobody_offered_decides_nothing(clerk, publisher, desk, session) -> None:
    hand_in(clerk, desk)
    answer = decide(publisher, desk, "nonsense")
    assert answer.status_code == 422
    assert "Hãy chọn" in words(answer.text)
    assert "chờ duyệt" in words(publisher.get(desk).text)
    assert releases(session) == []
