"""From an empty site to the first publication: clicks, screens and fields counted."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from passlib.totp import TOTP
from playwright.sync_api import Page, expect

from cchc_public.demo import demo_sheets
from cchc_public.tables.registry import get_form
from tests.browser.conftest import Site, free_port

pytestmark = pytest.mark.browser
MOST_CLICKS = 60
PASSWORD = "sông hồ bút dép"
MOST_CLICKS_OF_A_PERIOD = 25
FIRST_FIELDS = {
    label: {
        "received_online": online,
        "received_direct": direct,
        "carried_over": 0,
        "resolved_early": online + direct,
        "resolved_on_time": 0,
        "resolved_overdue": 0,
    }
    for label, online, direct in (("Chứng thực", 12, 34), ("Hộ tịch", 5, 6), ("Đất đai", 0, 21))
}


@dataclass
class Person:
    """Does what a person does, and counts it."""

    page: Page
    clicks: int = 0
    fields: int = 0
    screens: set[str] = field(default_factory=set)

    @property
    def counted(self) -> str:
        return f"{self.clicks} clicks, {len(self.screens)} screens, {self.fields} fields"

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


def test_an_empty_site_leads_to_the_first_publication(empty_site, open_page, tmp_path):
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

    person.link("Kỳ báo cáo")
    person.button("Lấy các thủ tục này")
    expect(page.locator(".cchc-banner").first).to_contain_text("thủ tục")
    person.link("Mở kỳ báo cáo đầu tiên")
    person.button("Mở kỳ")
    slug = page.url.rpartition("/")[2]
    take_workbook(person, tmp_path, {"ho-so": FIRST_FIELDS})
    expect(page.locator(".cchc-banner").first).to_contain_text("Đã nhập 1 biểu")
    person.link("Đánh dấu phần không có rồi trình")
    hand_in(person)
    person.link("Xem và duyệt")
    decide(person)
    page.goto(f"{site.url}/ky/{slug}")
    expect(page.locator("main")).to_contain_text("78")
    page.goto(f"{site.url}/quan-tri/bat-dau")
    assert page.locator(".cchc-steps .cchc-is-good").count() >= 6
    assert person.clicks <= MOST_CLICKS, person.counted


def take_workbook(person: Person, folder: Path, figures: dict[str, dict[str, dict]]) -> None:
    """Fetch the blank workbook of the period on the screen, fill it, hand it in, accept all."""
    page = person.page
    with page.expect_download() as fetched:
        person.clicks += 1
        page.get_by_role("link", name="Tải mẫu Excel để điền").click()
    path = folder / "mau.xlsx"
    fetched.value.save_as(path)
    book = openpyxl.load_workbook(path)
    for code, rows in figures.items():
        fill_sheet(book[code], rows)
    book.save(path)
    person.link("Dán hoặc tải cả báo cáo")
    person.clicks += 1
    page.set_input_files("#file", path)
    person.button("Xem có những bảng nào")
    person.button(re.compile("^Nhập"))


def fill_sheet(sheet: Worksheet, rows: dict[str, dict]) -> None:
    """Write figures below the words of their columns, in the rows of their fields."""
    marks = next(n for n in range(1, 40) if sheet.row_dimensions[n].hidden)
    columns = {cell.value: cell.column for cell in sheet[marks] if cell.value}
    label = columns.get("#ten")
    lines = {}
    for line in range(marks + 1, sheet.max_row + 1):
        lines.setdefault(sheet.cell(line, label).value if label else "", line)
    for name, cells in rows.items():
        line = lines.get(name) or lines.pop(None)  # a new field takes the next spare line
        if line == lines.get(None):
            lines[None] = line + 1
        if name not in lines and label:
            sheet.cell(line, label).value = name
            lines[None] = line + 1
        for key, value in cells.items():
            if key in columns:  # the form of that year may print other columns
                sheet.cell(line, columns[key]).value = value


def hand_in(clerk: Person) -> None:
    """Hand the period on the screen in; say of what is empty that it is."""
    for box in clerk.page.get_by_role("checkbox").all():
        clerk.clicks += 1
        box.check()
    clerk.button("Trình duyệt")
    expect(clerk.page.locator("#cong-bo")).to_contain_text("đang khóa sửa")


def decide(chairman: Person) -> None:
    """Publish the period on the screen."""
    chairman.clicks += 1
    chairman.page.get_by_label("Công bố ngay").check()
    chairman.button("Thực hiện")


def test_a_period_with_a_good_workbook_takes_few_clicks(site, sign_in, tmp_path):
    clerk = Person(sign_in("can-bo"), clicks=1)
    clerk.link("Mở kỳ mới")
    clerk.button("Mở kỳ")
    take_workbook(clerk, tmp_path, good_figures())
    expect(clerk.page.locator(".cchc-banner").first).to_contain_text("Đã nhập 8 biểu")
    clerk.link("Trình duyệt")
    hand_in(clerk)
    chairman = Person(sign_in("lanh-dao"), clicks=1)
    chairman.link("9 tháng")
    chairman.link("Xem và duyệt")
    decide(chairman)
    page = chairman.page
    page.goto(f"{site.url}/ky/2023-9-thang")
    expect(page.locator("main")).to_contain_text("9 tháng đầu năm 2023")
    clicks = clerk.clicks + chairman.clicks
    assert clicks <= MOST_CLICKS_OF_A_PERIOD, (clerk.counted, chairman.counted)


def good_figures() -> dict[str, dict[str, dict]]:
    """Return the figures of the demo's half year without what is doubtful in them."""
    figures = {}
    for code, sheet in demo_sheets().items():
        form = get_form(code, sheet.edition)
        named = form.shape.has_labels
        figures[code] = {
            row.label if named else "": {
                key: value
                for key, value in row.given.items()
                if key in form.by_key and form.column(key).is_base
            }
            for row in sheet.rows
        }
    # what checks ask about in the real ones
    figures["hai-long"][""] |= {"very_satisfied": 300, "satisfied": 100, "dissatisfied": 0}
    figures["dich-vu-cong"][""] |= {"all_levels": 673}
    figures["van-ban"]["Văn bản đến"]["unsigned_within"] = 243
    figures["so-luong-thu-tuc"][""]["posted"] = 134
    for cells in figures["nhiem-vu"].values():
        done = {"progress": "Đã thực hiện", "completion": 100, "measured": "Đạt"}
        cells |= {**done, "deliverable": "Báo cáo"}
    for cells in figures["chi-tieu"].values():
        if "numerator" in cells:
            cells |= {"numerator": 32, "denominator": 32}
    return figures
