"""Six everyday questions on a phone, from the first page: the answer, or honestly whom to ask."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# what a citizen types, the procedure meant: of different fields
ASKED = (
    ("khai sinh cho con", "1.001193"),
    ("dang ky ket hon", "1.000894"),
    ("sao y", "2.000815"),
    ("làm sổ đỏ", "1.013978"),
    ("nhập hộ khẩu", "1.004222"),
    ("mở quán ăn", "1.001612"),
    ("xin con nuôi", "2.001263"),
    ("xét hộ nghèo", "1.011607"),
    ("viếng mộ liệt sĩ", "1.013750"),  # without facts
    ("tiền mai táng", "1.001731"),  # without facts
)
HEAD_LIMIT, SEARCH_LIMIT = 60, 300  # px on a phone


@pytest.mark.parametrize(("query", "code"), ASKED)
def test_six_questions_are_answered_after_three_actions(site, open_page, query, code):
    page = open_page(360, 740)
    page.goto(site.url)  # one
    page.get_by_role("searchbox").fill(query)
    page.get_by_role("button", name="Tìm").click()  # two
    first = page.locator("main .cchc-list h3 a").first
    assert code in first.get_attribute("href")
    first.click()  # three
    box = page.locator(".cchc-brief")
    words = box.inner_text()
    missing = re.search(r"Xã chưa ghi ([^.]+)\. Xin hỏi (.+?)\.", words)
    unsaid = missing[1] if missing else ""
    # papers, how long, how much
    assert ("giấy tờ" in unsaid) != bool(box.locator(".cchc-papers").count())
    for title, name in (("Bao lâu", "thời hạn"), ("Phí, lệ phí", "phí, lệ phí")):
        answer = box.locator(".cchc-two > div", has_text=title).first
        assert (name in unsaid) != bool(answer.locator(".cchc-answer").count()), title
    # where, is it open, and whom to ask
    expect(box.get_by_text("Bộ phận một cửa").first).to_be_visible()
    assert re.search(r"Đang mở đến|Đang đóng cửa", words)
    assert "0233 000 000" in words
    if missing:
        assert "0233 000 000" in missing[2]
    # can I trust it: source, date, and that it must be compared
    told = page.locator("main").inner_text()
    assert "Nguồn: " in told
    assert "đối chiếu" in told
    # never: a number without its unit, the portal's way of money, addresses of crawls
    for bad in (r"Cổng không hiển thị", r"\d,\d{3} VN", r"github:", r"không nêu"):
        assert not re.search(bad, told, re.MULTILINE), bad
    assert "…" not in words  # nothing is cut
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_head_is_one_row_and_the_search_is_in_reach(site, open_page):
    page = open_page(360, 740)
    page.goto(site.url)
    assert page.locator(".cchc-header").bounding_box()["height"] <= HEAD_LIMIT
    search = page.get_by_role("searchbox").bounding_box()
    assert search["y"] + search["height"] <= SEARCH_LIMIT
    menu = page.locator("#menu")
    expect(menu).to_be_hidden()
    page.get_by_role("link", name="Menu", exact=True).click()
    expect(menu.get_by_role("link", name="Một cửa")).to_be_visible()
    menu.get_by_role("link", name="Đóng menu").click()
    expect(menu).to_be_hidden()


def test_events_of_a_life_lead_to_procedures(site, open_page):
    page = open_page(360, 740)
    page.goto(site.url)
    page.get_by_role("link", name="Sinh con").click()
    expect(page.locator("main .cchc-list h3 a").first).to_have_text("Đăng ký khai sinh")


def test_what_others_do_is_said_with_the_telephone(site, open_page):
    page = open_page(360, 740)
    page.goto(f"{site.url}/thu-tuc?q=mất+cccd")
    told = page.locator("main").inner_text()
    assert "không làm ở bộ phận một cửa của xã" in told
    assert "Công an" in told
    assert "0233 000 000" in told


# links in the middle of a sentence are as high as its letters, and notes' signs are smaller
SMALL = """() => {
  const isText = (node) => node.nodeType === 3 && node.data.trim().length > 2;
  const isInside = (one) => getComputedStyle(one).display === "inline" &&
    (one.closest("sup") || [...one.parentElement.childNodes].some(isText));
  return [...document.querySelectorAll("a, button, input, select, summary")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width && box.right > 0 && box.height < 43.5 && !isInside(one);
  }).map((one) => one.textContent.trim() || one.name);
}"""


@pytest.mark.parametrize(
    "path",
    ["/", "/thu-tuc", "/thu-tuc/1.001193", "/mot-cua", "/tiep-cong-dan", "/ky/2023-6-thang/ho-so"],
)
def test_old_fingers_find_what_they_touch(site, open_page, path):
    page = open_page(360, 740)
    page.goto(site.url + path)
    assert page.evaluate(SMALL) == []


def test_the_values_of_a_bar_answer_the_keyboard(site, open_page):
    page = open_page(1280, 900)
    page.goto(f"{site.url}/ky/2023-6-thang/ho-so")
    bar = page.locator(".cchc-bars > li").first
    weight = "one => getComputedStyle(one.querySelector('p')).fontWeight"
    plain = bar.evaluate(weight)
    bar.focus()
    assert bar.evaluate(weight) != plain
