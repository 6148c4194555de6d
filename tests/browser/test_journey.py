"""The main job in a real browser: enter, be told, mend, publish, read, correct."""

import re

import pytest
from playwright.sync_api import expect

from tests.papers import text_of

pytestmark = pytest.mark.browser

PERIOD = "2023-9-thang"
# 9 months after the 6 of the demo: what was open on 15/12/2022 stays the same.
FIGURES = {
    # field: online, direct, early, on time, overdue
    "Bảo trợ xã hội": (4, 80, 80, 0, 0),
    "Chứng thực": (240, 90, 330, 0, 0),
    "Hộ tịch": (230, 6, 236, 0, 0),
    "Người có công": (0, 25, 26, 0, 0),
    "Đất đai": (3, 330, 300, 8, 0),
}
COLUMNS = (
    "Số lượng hồ sơ tiếp nhận – Trong kỳ – Trực tuyến",
    "Số lượng hồ sơ tiếp nhận – Trong kỳ – Trực tiếp, dịch vụ bưu chính",
    "Số lượng hồ sơ đã giải quyết – Trước hạn",
    "Số lượng hồ sơ đã giải quyết – Đúng hạn",
    "Số lượng hồ sơ đã giải quyết – Quá hạn",
)
LAND_EARLY = f"Đất đai: {COLUMNS[2]}"


def save(page):
    """Press the button and stay until the server has answered: the page asks for a line first."""
    with page.expect_navigation():
        page.get_by_role("button", name="Lưu", exact=True).last.click()


def enter_dossiers(page, figures):
    for field, numbers in figures.items():
        for column, number in zip(COLUMNS, numbers, strict=True):
            page.get_by_label(f"{field}: {column}", exact=True).fill(str(number))
    save(page)


def explain(page, site):
    """Say why the tasks that are not finished have no figure yet."""
    page.goto(f"{site.url}/quan-tri/ky/{PERIOD}/giai-trinh")
    for box in page.locator("main textarea").all():
        box.fill("Nhiệm vụ chưa tới hạn đánh giá trong kỳ này.")
    with page.expect_navigation():
        page.get_by_role("button", name="Lưu giải trình").click()


def hand_in(page, site, reason=""):
    """Declare what is empty and hand the period in, as the clerk."""
    page.goto(f"{site.url}/quan-tri/ky/{PERIOD}/trinh")
    for box in page.get_by_role("checkbox").all():
        box.check()
    if reason:
        page.get_by_label(re.compile("Lý do")).fill(reason)
    page.get_by_role("button", name="Trình duyệt").click()
    expect(page.locator("#cong-bo")).to_contain_text("đang khóa sửa")


def decide(page, site, decision="Công bố ngay"):
    """Decide as the approver."""
    page.goto(f"{site.url}/quan-tri/ky/{PERIOD}/cong-bo")
    page.get_by_label(decision).check()
    page.get_by_role("button", name="Thực hiện").click()


def test_clerk_is_told_at_the_cell_and_mends_it(site, sign_in):
    clerk = sign_in("can-bo")
    clerk.goto(f"{site.url}/quan-tri/ky/moi")
    clerk.get_by_role("button", name="Mở kỳ").click()
    clerk.goto(f"{site.url}/quan-tri/ky/{PERIOD}/ho-so")
    # One wrong cell: more land dossiers resolved than were received.
    wrong = {**FIGURES, "Đất đai": (3, 330, 3000, 8, 0)}
    enter_dossiers(clerk, wrong)
    row = clerk.locator("tr", has=clerk.get_by_label("Tên dòng 5"))
    remark = row.locator("xpath=following-sibling::tr[1]")
    expect(remark).to_contain_text("Lỗi")
    expect(remark).to_contain_text("3.008")
    clerk.get_by_label(LAND_EARLY, exact=True).fill("300")
    save(clerk)
    expect(clerk.locator("main")).not_to_contain_text("3.008")
    expect(clerk.get_by_label(LAND_EARLY, exact=True)).to_have_value("300")


def test_a_cell_that_cannot_be_read_stands_out_and_says_why(site, sign_in):
    clerk = sign_in("can-bo")
    clerk.goto(f"{site.url}/quan-tri/ky/{PERIOD}/so-hoa")
    cells = {"digitized_any": "77,56 %", "received": "673"}
    for name, text in cells.items():
        clerk.fill(f"#r0-{name}", text)
    save(clerk)
    expect(clerk.locator("#r0-digitized_any")).to_have_attribute("aria-invalid", "true")
    expect(clerk.locator("main")).to_contain_text("«77,56 %» là tỷ lệ; ô này là số đếm")
    look = "cell => getComputedStyle(cell).borderTopColor"
    wrong, right = (clerk.locator(f"#r0-{name}").evaluate(look) for name in cells)
    assert wrong != right
    for name in cells:
        clerk.fill(f"#r0-{name}", "")
    save(clerk)


def test_returned_with_a_remark_at_a_cell_mended_signed_and_published(site, sign_in, open_page):
    clerk = sign_in("can-bo")
    # one task reached: from then on the others are asked about
    clerk.goto(f"{site.url}/quan-tri/ky/{PERIOD}/nhiem-vu")
    reached = clerk.locator("[id$=-completion]").first
    reached.evaluate("box => box.closest('details') && (box.closest('details').open = true)")
    reached.fill("50")
    save(clerk)
    explain(clerk, site)
    hand_in(clerk, site)
    chairman = sign_in("lanh-dao")
    chairman.goto(f"{site.url}/quan-tri/ky/{PERIOD}/cong-bo")
    expect(chairman.locator("main")).to_contain_text("1. Có gì đổi")
    chairman.get_by_text("Thêm nhận xét tại một ô").click()
    cell = chairman.locator(
        "#nx-cho option", has_text="Đất đai › Số lượng hồ sơ đã giải quyết"
    ).first
    chairman.select_option("#nx-cho", value=cell.get_attribute("value"))
    chairman.fill("#nx-loi", "Đối chiếu số này với sổ địa chính.")
    chairman.get_by_role("button", name="Ghi nhận xét").click()
    decide(chairman, site, "Trả lại người trình")
    clerk.goto(f"{site.url}/quan-tri/ky/{PERIOD}")
    expect(clerk.locator("#cong-bo")).to_contain_text("Đối chiếu số này với sổ địa chính.")
    expect(clerk.locator("main")).to_contain_text("Đã trả lại để sửa")
    clerk.goto(f"{site.url}/quan-tri/ky/{PERIOD}/ho-so")
    clerk.get_by_label(LAND_EARLY, exact=True).fill("299")
    save(clerk)
    clerk.get_by_label(LAND_EARLY, exact=True).fill("300")
    save(clerk)
    hand_in(clerk, site)
    draft = chairman.request.get(f"{site.url}/quan-tri/ky/{PERIOD}/du-thao.pdf").body()
    assert "DỰTHẢO" in text_of(draft)
    decide(chairman, site, "Duyệt, in ký trước")
    signed = chairman.request.get(f"{site.url}/quan-tri/ky/{PERIOD}/du-thao.pdf").body()
    assert "DỰTHẢO" not in text_of(signed)
    decide(chairman, site)
    chairman.goto(f"{site.url}/quan-tri/ky/{PERIOD}/ban-ky")
    chairman.get_by_label("Số, ký hiệu").fill("57/BC-UBND")
    copy = {"name": "ban-ky.pdf", "mimeType": "application/pdf", "buffer": signed}
    chairman.get_by_label("Bản đã ký (PDF)").set_input_files(copy)
    chairman.get_by_role("button", name="Ghi", exact=True).click()
    expect(chairman.locator("main")).to_contain_text("khớp số liệu đã công bố")
    reader = open_page(360)
    reader.goto(f"{site.url}/ky/{PERIOD}")
    expect(reader.locator("main")).to_contain_text("57/BC-UBND")
    expect(reader.locator("main")).not_to_contain_text("Số liệu đã đính chính")
    reader.goto(f"{site.url}/nhung/ho-so")
    expect(reader.locator("body")).not_to_contain_text("ính chính")


def test_what_the_chairman_published_is_read_by_citizens(site, open_page):
    citizen = open_page(360)
    citizen.goto(f"{site.url}/ky/{PERIOD}/ho-so")
    expect(citizen.locator("h1")).to_have_text("Hồ sơ theo lĩnh vực")
    expect(citizen.locator("tfoot")).to_contain_text(
        "1.027"
    )  # 477 online + 531 direct + 19 carried
    citizen.goto(site.url)
    figures = citizen.locator(f"main a[href='/ky/{PERIOD}']").first
    expect(figures).to_be_visible()
    expect(citizen.locator("main")).to_contain_text("9 tháng đầu năm 2023")
    expect(citizen.locator("main")).not_to_contain_text("6 tháng đầu năm 2023")
    assert not citizen.context.cookies()


def test_a_correction_follows_and_shows(site, sign_in, open_page):
    clerk = sign_in("can-bo")
    clerk.goto(f"{site.url}/quan-tri/ky/{PERIOD}/ho-so")
    clerk.get_by_label(LAND_EARLY, exact=True).fill("301")
    save(clerk)
    hand_in(clerk, site, "Sót một hồ sơ đất đai đã trả.")
    decide(sign_in("lanh-dao"), site)
    citizen = open_page(360)
    citizen.goto(f"{site.url}/dinh-chinh")
    page_text = citizen.locator("main")
    for words in ("Sót một hồ sơ đất đai đã trả.", "300", "301", "Lãnh đạo trình diễn"):
        expect(page_text).to_contain_text(words)
    citizen.goto(f"{site.url}/ky/{PERIOD}/ho-so?ban=1")
    expect(citizen.locator("main")).to_contain_text("bản mới hơn")
    citizen.goto(f"{site.url}/nhung/ho-so")
    expect(citizen.locator("body")).to_contain_text("ính chính")


def test_two_clicks_publish_once(site, sign_in):
    clerk = sign_in("can-bo")
    clerk.goto(f"{site.url}/quan-tri/ky/{PERIOD}/ho-so")
    clerk.get_by_label(LAND_EARLY, exact=True).fill("302")
    save(clerk)
    hand_in(clerk, site, "Thêm một hồ sơ.")
    publisher = sign_in("lanh-dao")
    publisher.goto(f"{site.url}/quan-tri/ky/{PERIOD}/cong-bo")
    publisher.get_by_label("Công bố ngay").check()
    publisher.get_by_role("button", name="Thực hiện").dblclick()
    # the page of the period, or the refusal of the second click when it was answered last
    publisher.wait_for_load_state("networkidle")
    publisher.goto(f"{site.url}/quan-tri/ky/{PERIOD}")
    expect(publisher.locator("#cong-bo")).to_contain_text("Lần 3")
    expect(publisher.locator("#cong-bo")).not_to_contain_text("Lần 4")


def test_kill_9_loses_nothing_that_was_acknowledged(site, sign_in, open_page):
    clerk = sign_in("can-bo")
    clerk.goto(f"{site.url}/quan-tri/ky/{PERIOD}/ho-so")
    clerk.get_by_label(LAND_EARLY, exact=True).fill("303")
    save(clerk)
    expect(clerk.get_by_label(LAND_EARLY, exact=True)).to_have_value("303")
    site.stop(kill=True)
    site.start()
    clerk.goto(f"{site.url}/quan-tri/ky/{PERIOD}/ho-so")
    expect(clerk.get_by_label(LAND_EARLY, exact=True)).to_have_value("303")
    citizen = open_page(360)
    citizen.goto(f"{site.url}/ky/{PERIOD}/ho-so")
    expect(citizen.locator("tbody")).to_contain_text("302")


def test_session_that_ends_while_typing_loses_nothing(site, sign_in):
    clerk = sign_in("can-bo")
    clerk.goto(f"{site.url}/quan-tri/ky/{PERIOD}/ho-so")
    clerk.get_by_label(LAND_EARLY, exact=True).fill("304")
    clerk.context.clear_cookies()
    save(clerk)
    email = "can-bo@kimthach.example"
    clerk.fill("#email", email)
    clerk.fill("#password", site.passwords[email])
    clerk.get_by_role("button", name="Đăng nhập").click()
    expect(clerk.get_by_label(LAND_EARLY, exact=True)).to_have_value("304")
    expect(clerk.locator("main")).to_contain_text("Chưa lưu")
