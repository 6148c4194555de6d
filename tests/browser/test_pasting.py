"""What the clipboard holds, pasted into the office by a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

DATA = Path(__file__).parents[1] / "data" / "reading"
SHEET = "/quan-tri/ky/2023-6-thang/ho-so"
# as a browser does it when somebody presses Ctrl+V: an event with both kinds, then the text
PASTE = """(area, [html, text]) => {
  const data = new DataTransfer();
  if (html) data.setData("text/html", html);
  data.setData("text/plain", text);
  const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  area.focus();
  area.dispatchEvent(event);
  area.value = text;
  area.dispatchEvent(new InputEvent("input", {inputType: "insertFromPaste", bubbles: true}));
}"""


def paste(page, site, html, text):
    page.goto(f"{site.url}{SHEET}/dan")
    page.locator("#text").evaluate(PASTE, [html, text])
    page.get_by_role("button", name="Xem sẽ thay đổi gì", exact=True).first.click()


def test_a_table_of_writer_is_read_with_its_merged_cells(site, sign_in):
    page = sign_in("can-bo")
    html = (DATA / "24-libreoffice-writer-clipboard.html").read_text("utf-8")
    text = (DATA / "24-libreoffice-writer-plain.txt").read_text("utf-8")
    paste(page, site, html, text)
    main = page.locator("main")
    expect(main).to_contain_text("Đọc được cả bảng")
    expect(main.locator("table")).to_contain_text("354")


def test_plain_text_alone_is_asked_and_the_answer_applies(site, sign_in):
    page = sign_in("can-bo")
    paste(page, site, "", (DATA / "01-word-merged-header.tsv").read_text("utf-8"))
    main = page.locator("main")
    expect(main).to_contain_text("Còn 1 chỗ phải chọn")
    choice = page.get_by_label("ô gộp ở tiêu đề bị mất")
    expect(choice).to_have_value("dung")  # sums confirm it, so it is proposed
    page.get_by_role("button", name="Trả lời rồi xem lại").click()
    expect(page.locator("main")).to_contain_text("Đã nhập vào biểu")
    page.get_by_role("button", name="Hoàn tác lần nhập gần nhất").click()
    expect(page.locator("main")).to_contain_text("Đã hoàn tác")
