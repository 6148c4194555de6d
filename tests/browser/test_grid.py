"""The grid of a sheet in a real browser: keys, blocks, undo, live sums, place after a save."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
KY = "/quan-tri/ky/2023-6-thang"
SHEET = f"{KY}/ho-so"
DATA = Path(__file__).parents[1] / "data" / "reading"
CLIPBOARD = """async ([html, text]) => {
  const parts = {"text/plain": new Blob([text], {type: "text/plain"})};
  if (html) parts["text/html"] = new Blob([html], {type: "text/html"});
  await navigator.clipboard.write([new ClipboardItem(parts)]);
}"""


@pytest.fixture
def page(site, sign_in):
    page = sign_in("can-bo", 1024)
    page.set_viewport_size({"width": 1024, "height": 768})
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(site.url + SHEET)
    yield page
    page.evaluate("localStorage.clear(); indexedDB.deleteDatabase('cchc-kept')")


def put(page, cell, text, html=""):
    """Lay something on the clipboard and press Ctrl+V in a cell."""
    # the page that writes it is ours, and its policy forbids styles; a table needs none
    page.evaluate(
        CLIPBOARD, [re.sub(r' style="[^"]*"|<style.*?</style>', "", html, flags=re.S), text]
    )
    page.locator(cell).focus()
    page.keyboard.press("Control+V")


def value(page, cell):
    return page.locator(cell).input_value()


def focused(page):
    return page.evaluate("document.activeElement.id")


def test_keys_walk_and_mark_and_sums_follow(page):
    page.locator("#r0-received_online").focus()
    page.keyboard.press("End")
    for key, cell in (
        ("ArrowRight", "r0-received_direct"),
        ("ArrowDown", "r1-received_direct"),
        ("Enter", "r2-received_direct"),
        ("Shift+Enter", "r1-received_direct"),
        ("ArrowUp", "r0-received_direct"),
        ("ArrowLeft", "r0-received_online"),
    ):
        page.keyboard.press(key)
        assert focused(page) == cell
    page.fill("#r0-received", "")
    page.fill("#r0-received_online", "10")
    assert page.locator("#r0-received").get_attribute("placeholder") == "66"
    expect(page.locator(".cchc-clashes")).to_contain_text("chỗ lệch")  # the printed total says 692
    assert "các số khác cho" in page.locator("#total-received_online").get_attribute("title")


def test_a_block_is_copied_pasted_undone_and_done_again(page):
    before = [value(page, f"#r{n}-resolved_overdue") for n in (0, 1)]
    page.locator("#r0-received_online").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+C")
    page.locator("#r0-resolved_on_time").focus()
    page.keyboard.press("Control+V")
    cells = [f"#r{r}-{c}" for r in (0, 1) for c in ("resolved_on_time", "resolved_overdue")]
    assert [value(page, cell) for cell in cells] == ["0", "56", "159", "58"]
    page.keyboard.press("Control+Z")  # one step takes the whole block back
    assert [value(page, f"#r{n}-resolved_overdue") for n in (0, 1)] == before
    page.keyboard.press("Control+Y")
    assert value(page, "#r1-resolved_overdue") == "58"
    page.get_by_role("button", name="Hoàn tác", exact=True).click()
    assert [value(page, f"#r{n}-resolved_overdue") for n in (0, 1)] == before


def test_what_does_not_fit_is_asked_and_nothing_is_cut_off(page):
    before = value(page, "#r4-pending_overdue")
    put(page, "#r4-pending_overdue", "1\t2\t3\n4\t5\t6")
    question = page.get_by_role("alertdialog")
    expect(question).to_contain_text("2 dòng × 3 cột")
    assert value(page, "#r4-pending_overdue") == before  # nothing yet
    question.get_by_role("button", name="Thôi, không dán").click()
    assert value(page, "#r4-pending_overdue") == before
    put(page, "#r3-pending_overdue", "\t".join(map(str, range(1, 12))))
    page.get_by_role("button", name="Dán từ cột đầu của dòng này").click()
    assert [value(page, f"#r3-{c}") for c in ("received", "pending_overdue")] == ["1", "11"]
    page.keyboard.press("Control+Z")
    assert value(page, "#r3-received") != "1"


def test_figures_whose_columns_nobody_can_know_are_asked_before_they_land(page):
    before = value(page, "#r1-received_online")
    put(page, "#r1-received_online", "7\t8")
    question = page.get_by_role("alertdialog")
    assert value(page, "#r1-received_online") == before  # nothing yet
    question.get_by_role("button", name="từ cột «Trực tuyến (4)» đến cột").click()
    assert [value(page, f"#r1-{c}") for c in ("received_online", "received_direct")] == ["7", "8"]
    page.keyboard.press("Control+Z")
    put(page, "#r1-received_online", "7\n8")  # one column says it all, a whole row too
    assert [value(page, f"#r{n}-received_online") for n in (1, 2)] == ["7", "8"]
    put(page, "#r1-received", "\t".join(map(str, range(1, 12))))
    assert value(page, "#r1-pending_overdue") == "11"
    expect(page.get_by_role("alertdialog")).to_have_count(0)


def test_a_table_on_the_clipboard_goes_through_the_reader_with_its_merged_cells(page, site):
    html = (DATA / "24-libreoffice-writer-clipboard.html").read_text("utf-8")
    text = (DATA / "24-libreoffice-writer-plain.txt").read_text("utf-8")
    put(page, "#r0-received_online", text, html)
    page.wait_for_url("**/dan")
    expect(page.locator("main")).to_contain_text("Đọc được cả bảng")
    page.goto(site.url + SHEET)
    put(page, "#r0-received_online", (DATA / "01-word-merged-header.tsv").read_text("utf-8"))
    page.wait_for_url("**/dan")
    expect(page.locator("main")).to_contain_text("ô gộp ở tiêu đề bị mất")
    page.goto(f"{site.url}{SHEET}/dan")  # the same by hand, into the box for tables
    put(page, "#text", text, html)
    page.get_by_role("button", name="Xem sẽ thay đổi gì", exact=True).first.click()
    expect(page.locator("main")).to_contain_text("Đọc được cả bảng")
    page.goto(f"{site.url}{SHEET}/dan")
    put(page, "#text", text)
    page.get_by_role("button", name="Xem sẽ thay đổi gì", exact=True).first.click()
    expect(page.locator("main")).not_to_contain_text("Đọc được cả bảng")


def test_the_sheet_fits_its_screen_and_place_and_focus_stay_after_a_save(page):
    box = page.locator("#r0-received").bounding_box()
    assert box["y"] + box["height"] < 768
    wide = "s => s.scrollWidth - s.clientWidth"
    assert page.locator(".cchc-scroll").evaluate(wide) == 0
    head = page.locator(".cchc-grid thead")
    page.set_viewport_size({"width": 1024, "height": 560})
    page.locator(".cchc-scroll").evaluate("s => { s.scrollTop = s.scrollHeight; }")
    assert head.bounding_box()["y"] >= page.locator(".cchc-scroll").bounding_box()["y"] - 1
    page.locator("#r3-received_direct").fill("15")
    place = page.locator(".cchc-scroll").evaluate("s => s.scrollTop")
    with page.expect_navigation():
        page.keyboard.press("Control+S")
    expect(page.locator(".cchc-banner").first).to_contain_text("Đã lưu")
    assert focused(page) == "r3-received_direct"
    assert abs(page.locator(".cchc-scroll").evaluate("s => s.scrollTop") - place) < 120
    page.locator("#r3-received_direct").fill("16")
    with page.expect_navigation():
        page.keyboard.press("Control+S")
    expect(page.locator(".cchc-banner").first).to_contain_text("Đã lưu")


def test_a_preview_needs_no_sideways_scroll(page, site):
    html = (DATA / "24-libreoffice-writer-clipboard.html").read_text("utf-8")
    put(page, "#r0-received_online", "Lĩnh vực\tTổng số", html)
    page.wait_for_url("**/dan")
    assert page.locator(".cchc-scroll").evaluate("s => s.scrollWidth - s.clientWidth") == 0


def test_all_tasks_stand_open_and_paragraphs_stay_in_their_cell(page, site):
    page.goto(f"{site.url}{KY}/nhiem-vu")
    rows = page.locator("tr[data-row]")
    assert rows.count() >= 32
    assert page.locator("thead th").all_inner_texts() == ["Nhiệm vụ", "Số", "Lời"]
    assert rows.nth(31).locator("textarea").first.is_visible()
    cell = rows.nth(0).locator('[data-col="progress"]')
    name = "#" + cell.get_attribute("id")
    cell.fill("")
    put(page, name, "Đã ban hành.\nĐã gửi huyện.")
    assert value(page, name) == "Đã ban hành.\nĐã gửi huyện."
    put(page, name, "một\thai")
    expect(page.get_by_role("alertdialog")).to_contain_text("1 dòng × 2 cột")
    page.get_by_role("button", name="Dán vào 2 ô từ đây").click()
    assert value(page, name) == "một"
    page.keyboard.press("Control+Z")
    assert value(page, name) == "Đã ban hành.\nĐã gửi huyện."


def test_the_last_period_stands_grey_below_each_figure(page, site):
    page.goto(f"{site.url}/quan-tri/ky/moi")
    page.get_by_role("button", name="Mở kỳ").click()
    slug = page.url.rpartition("/")[2]
    page.goto(f"{site.url}/quan-tri/ky/{slug}/ho-so")
    assert page.locator("#r0-received_online-b").inner_text().split()[-1] == "0"
    assert page.locator("#r1-received_online-b").inner_text().split()[-1] == "159"
