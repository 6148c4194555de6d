"""From an empty site to the first publication: clicks, screens and fields counted."""

import re
from dataclasses import dataclass, field

import pytest
from passlib.totp import TOTP
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, free_port

pytestmark = pytest.mark.browser
MOST_CLICKS = 60
PASSWORD = "sông hồ bút dép"
# as copied out of a spreadsheet: fields and the columns in which figures stand
BLOCK = "Chứng thực\t12\t34\nHộ tịch\t5\t6\nĐất đai\t0\t21"


@dataclass
class Person:
    """Does what a person does, and counts it."""

    page: Page
    clicks: int = 0
    fields: int = 0
    screens: set[str] = field(default_factory=set)

    def see(self) -> None:
        self.screens.add(re.sub(r"\?.*|#.*", "", self.page.url))

    def click(self, target) -> None:
        self.clicks += 1
        target.click()
        self.page.wait_for_load_state()
        self.see()

    def fill(self, selector: str, text: str) -> None:
        self.fields += 1
        self.page.fill(selector, text)

    def button(self, name, **options) -> None:
        self.click(self.page.get_by_role("button", name=name, **options).last)

    def link(self, name) -> None:
        self.click(self.page.get_by_role("link", name=name).first)


@pytest.fixture
def empty_site(tmp_path):
    site = Site(tmp_path / "instance", free_port(), {"PORT": "0"})
    site.run("db", "upgrade")
    site.environment["PORT"] = str(site.port)
    yield site
    site.stop()


def enrol(person: Person, site: Site) -> None:
    """Make the account from its link, sign in, and take the second factor."""
    page = person.page
    for name, text in (
        ("full_name", "Nguyễn Văn An"),
        ("email", "an@kimthach.gov.vn"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ):
        person.fill(f"#{name}", text)
    person.button("Tạo tài khoản")
    assert site.run("user", "first") == "", "the link works once"
    person.fill("#email", "an@kimthach.gov.vn")
    person.fill("#password", PASSWORD)
    person.button("Đăng nhập")
    person.button("Bắt đầu")
    phone = TOTP(key=page.locator(".cchc-secret").inner_text().replace("-", ""))
    person.fill("#code", phone.generate().token)
    person.button("Xong")
    person.button("Tạo mã mới")
    assert page.locator("li.cchc-secret").count() == 8
    person.link("Về khu quản trị")
    expect(page.locator("h1")).to_have_text("Bắt đầu")
    expect(page.locator(".cchc-steps")).to_contain_text("chưa")


def test_an_empty_site_leads_to_the_first_publication(empty_site, open_page):
    site = empty_site
    link = site.run("user", "first").strip().splitlines()[-1].strip()
    assert "chưa có tài khoản" in site.run("user", "first")
    site.start()
    person = Person(open_page(1280))
    page = person.page
    page.goto(link)
    person.see()
    enrol(person, site)

    person.link("Đặt tên cơ quan")
    person.fill("#AUTHORITY_NAME", "Ủy ban nhân dân xã Kim Thạch")
    person.fill("#PLACE", "Kim Thạch")
    person.clicks += 1
    page.uncheck("#REQUIRE_SECOND_PERSON")
    person.button("Xem trước thay đổi")
    person.button("Lưu thiết lập")

    page.goto(f"{site.url}/quan-tri/bat-dau")
    person.button("Lấy các thủ tục này")
    expect(page.locator(".cchc-banner").first).to_contain_text("thủ tục")
    person.link("Mở kỳ báo cáo đầu tiên")
    person.button("Mở kỳ")
    slug = page.url.rpartition("/")[2]
    page.goto(f"{site.url}/quan-tri/bat-dau")
    person.button("Lấy danh sách mẫu vào kỳ đang mở")
    expect(page.locator(".cchc-banner").first).to_contain_text("nhiệm vụ")

    page.goto(f"{site.url}/quan-tri/ky/{slug}/ho-so")
    person.see()
    for index, line in enumerate(BLOCK.split("\n")):
        label, online, direct = line.split("\t")
        page.locator("textarea[id$='-label']").last.fill(label)
        row = page.locator("tr[data-level='r']").last.get_attribute("id").removesuffix("-row")
        person.fill(f"#{row}-received_online", online)
        person.fill(f"#{row}-received_direct", direct)
        person.fill(f"#{row}-carried_over", "0")
        person.fill(f"#{row}-resolved", str(int(online) + int(direct)))
        if index < 2:
            person.button("Thêm dòng trống")
            expect(page.locator("tr[data-level='r']")).to_have_count(index + 2)
    expect(page.locator("#total-received")).to_have_attribute("placeholder", "78")
    person.button("Lưu", exact=True)
    expect(page.locator(".cchc-banner").first).to_contain_text("Đã lưu")

    page.goto(f"{site.url}/quan-tri/ky/{slug}/trinh")
    person.see()
    for box in page.get_by_role("checkbox").all():
        person.clicks += 1
        box.check()
    person.button("Trình duyệt")
    page.goto(f"{site.url}/quan-tri/ky/{slug}/cong-bo")
    person.see()
    person.clicks += 1
    page.get_by_label("Công bố ngay").check()
    person.button("Thực hiện")
    page.goto(f"{site.url}/ky/{slug}")
    expect(page.locator("main")).to_contain_text("78")
    page.goto(f"{site.url}/quan-tri/bat-dau")
    assert page.locator(".cchc-steps .cchc-is-good").count() >= 6
    counted = f"{person.clicks} clicks, {len(person.screens)} screens, {person.fields} fields"
    assert person.clicks <= MOST_CLICKS, counted
