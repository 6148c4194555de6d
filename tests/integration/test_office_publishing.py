from __future__ import annotations

import pytest
from sqlalchemy import select

from cchc_public.reports.review import find_findings
from cchc_public.store import Release
from cchc_public.tables.sheet import Row, Sheet
from tests.integration.reports import OTHER_CLERK, SLUG, open_filled
from tests.office_forms import answer_warnings, decide, fill, hand_in, read_form, words

PAGE = f"/quan-tri/ky/{SLUG}"


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


@pytest.mark.databases("sqlite")
@pytest.mark.hosts("standalone")
def test_a_commune_with_one_clerk_may_switch_the_second_person_off(
    app, clerk, publisher, desk, session
) -> None:
    app.config["CCHC_REQUIRE_SECOND_PERSON"] = False
    fill(publisher, f"{desk}/ho-so", "/ho-so", r0__c__received_online="11")
    fill(publisher, f"{desk}/ho-so", "/ho-so", r0__c__pending_in_time="3")
    answer_warnings(publisher, desk)
    assert decide(publisher, desk).status_code == 302
    assert len(releases(session)) == 1


@pytest.mark.databases("sqlite")
def test_an_error_forbids_publication_and_is_named(clerk, publisher, desk) -> None:
    fill(clerk, f"{desk}/ho-so", "/ho-so", r0__c__resolved_on_time="99")
    assert "lỗi phải sửa trước khi công bố" in words(publisher.get(f"{desk}/cong-bo").text)


@pytest.mark.databases("sqlite")
def test_reasons_are_kept_with_the_warning_they_answer(clerk, desk, session, demo_warning) -> None:
    page = clerk.get(f"{desk}/giai-trinh")
    key = f"reason.{demo_warning}"
    assert key in read_form(page.text, "/giai-trinh")
    fill(clerk, f"{desk}/giai-trinh", "/giai-trinh", **{key.replace(".", "__"): "Vì thế"})
    assert read_form(clerk.get(f"{desk}/giai-trinh").text, "/giai-trinh")[key] == "Vì thế"
    long = fill(clerk, f"{desk}/giai-trinh", "/giai-trinh", **{key.replace(".", "__"): "x" * 1001})
    assert long.status_code == 422


@pytest.mark.databases("sqlite")
def test_two_reasons_for_one_warning_are_shown_side_by_side_and_the_second_save_is_knowing(
    clerk, publisher, desk, demo_warning, report, session
) -> None:
    name = f"reason__{demo_warning}"
    form = read_form(clerk.get(f"{desk}/giai-trinh").text, "/giai-trinh")
    fill(publisher, f"{desk}/giai-trinh", "/giai-trinh", **{name: "Lời của đồng nghiệp"})
    late = clerk.post(f"{desk}/giai-trinh", data=form | {name.replace("__", "."): "Lời tôi"})
    assert late.status_code == 409
    told = words(late.text)
    assert "Trần Văn Đức đã lưu phần này lúc" in told
    assert "Lời tôiLời của đồng nghiệp" in told
    again = read_form(late.text, "/giai-trinh")
    assert clerk.post(f"{desk}/giai-trinh", data=again).status_code == 302
    assert "Lời tôi" in clerk.get(f"{desk}/giai-trinh").text


@pytest.fixture
def demo_warning(report, session) -> str:
    from cchc_public.reports.drafting import get_sheet, save_sheet, sheet_version

    blank = get_sheet(report, "so-luong-thu-tuc")
    cells = {"posted": 138, "field_count": 27, "in_jurisdiction": 125, "other": 9}
    row = Row(blank.rows[0].key, blank.rows[0].label, cells=cells)
    sheet = Sheet(blank.table_code, blank.edition, blank.data_from, blank.data_to, (row,))
    version = sheet_version(report, blank.table_code)
    save_sheet(session, report, sheet, version=version, actor=OTHER_CLERK)
    session.commit()
    warnings = [f for f in find_findings(session, report) if f.severity == "warning"]
    return next(f.key for f in warnings if f.table == "so-luong-thu-tuc")


@pytest.mark.everywhere
@pytest.mark.databases("sqlite")
def test_withdrawal_needs_a_reason_and_empties_the_public_page(
    clerk, publisher, citizen, desk, prefix, session
) -> None:
    hand_in(clerk, desk)
    decide(publisher, desk)
    assert fill(publisher, f"{desk}/thu-hoi", "/thu-hoi", reason=" ").status_code == 422
    assert fill(publisher, f"{desk}/thu-hoi", "/thu-hoi", reason="Sai kỳ").status_code == 302
    assert [one.kind for one in releases(session)] == ["first", "withdrawal"]
    page = words(citizen.get(f"{prefix}/ky/{SLUG}").text)
    assert "thu hồi" in page
    assert "Sai kỳ" in page
    assert "Đã thu hồi" in words(clerk.get(desk).text)


@pytest.mark.everywhere
@pytest.mark.databases("sqlite")
def test_the_preview_shows_what_citizens_will_see_and_only_to_staff(
    clerk, citizen, desk, prefix
) -> None:
    seen = clerk.get(f"{desk}/xem-truoc/ho-so")
    assert "người dân chưa thấy trang này" in words(seen.text)
    assert "noindex" in seen.text
    assert "Đất đai" in seen.text
    assert citizen.get(f"{desk}/xem-truoc").status_code == 302
    assert citizen.get(f"{prefix}/ky/{SLUG}").status_code == 404


@pytest.mark.databases("sqlite")
def test_the_preview_equals_the_page_after_publication(
    clerk, publisher, citizen, desk, prefix
) -> None:
    hand_in(clerk, desk)
    before = clerk.get(f"{desk}/xem-truoc/ho-so").text
    decide(publisher, desk)
    after = citizen.get(f"{prefix}/ky/{SLUG}/ho-so").text
    table = [text.partition("<table")[2].partition("</table>")[0] for text in (before, after)]
    assert table[0]
    assert table[0] == table[1]


@pytest.mark.databases("sqlite")
def test_a_thin_reason_is_refused_and_an_old_one_offered_again(clerk, desk, demo_warning) -> None:
    key = f"reason__{demo_warning}"
    fill(clerk, f"{desk}/giai-trinh", "/giai-trinh", **{key: "Đúng."})
    assert "giải trình quá ngắn" in words(clerk.get(f"{desk}/trinh").text)
    said = "Còn 4 thủ tục đã bãi bỏ, đang gỡ xuống."
    fill(clerk, f"{desk}/giai-trinh", "/giai-trinh", **{key: said})
    fill(clerk, f"{desk}/so-luong-thu-tuc", "/so-luong-thu-tuc", r0__c__posted="137")
    form = read_form(clerk.get(f"{desk}/giai-trinh").text, "/giai-trinh")
    assert said in [text for name, text in form.items() if name.startswith("reason.")]
    # offered is not given: somebody must look at the new figure
    assert "cảnh báo chưa có giải trình" in words(clerk.get(f"{desk}/trinh").text)
