"""Nothing typed is lost: a closed tab, a killed browser, a stopped server, an ended session."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.interrupting import interrupt_typing

pytestmark = pytest.mark.browser
SHEET = "/quan-tri/ky/2023-6-thang/ho-so"
CELL = "input.cchc-num >> nth={}"
ROUNDS = 50  # the long form of 50 is part of make faults


@pytest.fixture
def context(browser):
    """A browser of one person: its tabs may go, what it keeps stays."""
    opened = browser.new_context(viewport={"width": 1280, "height": 800}, locale="vi-VN")
    yield opened
    opened.close()


def enter(page, site, who="can-bo"):
    email = f"{who}@kimthach.example"
    page.goto(f"{site.url}/quan-tri/")
    if page.locator("#email").count():
        page.fill("#email", email)
        page.fill("#password", site.passwords[email])
        page.get_by_role("button", name="Đăng nhập").click()
        page.wait_for_url(f"{site.url}/quan-tri/")


def take_back(page):
    page.get_by_role("button", name="Lấy lại").click()
    expect(page.locator(".cchc-unsaved")).to_contain_text("Đã lấy lại")


def test_a_closed_tab_loses_nothing_and_a_save_clears_it(site, context):
    page = context.new_page()
    enter(page, site)
    page.goto(site.url + SHEET)
    before = page.locator(CELL.format(1)).input_value()
    page.locator(CELL.format(1)).fill("4321")
    expect(page.locator(".cchc-unsaved")).to_contain_text("đã giữ trên máy này")
    page.close()
    page = context.new_page()
    page.goto(site.url + SHEET)
    assert page.locator(CELL.format(1)).input_value() == before
    expect(page.locator(".cchc-kept")).to_contain_text("1 chỗ khác")
    take_back(page)
    assert page.locator(CELL.format(1)).input_value() == "4321"
    page.get_by_role("button", name="Lưu", exact=True).last.click()
    page.wait_for_load_state()
    expect(page.locator(".cchc-banner").first).to_contain_text("Đã lưu")
    page.goto(site.url + SHEET)
    assert page.locator(".cchc-kept").count() == 0
    page.locator(CELL.format(1)).fill(before)
    page.get_by_role("button", name="Lưu", exact=True).last.click()
    expect(page.locator(".cchc-banner").first).to_contain_text("Đã lưu")


def test_back_and_reload_bring_the_typing_along(site, context):
    page = context.new_page()
    enter(page, site)
    page.goto(site.url + SHEET)
    page.locator(CELL.format(2)).fill("77")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{site.url}/quan-tri/")
    page.go_back()
    expect(page.locator(CELL.format(2))).to_have_value("77")
    page.reload()
    expect(page.locator(CELL.format(2))).to_have_value("77")


def test_another_person_on_the_same_machine_sees_nothing_of_it(site, context):
    page = context.new_page()
    enter(page, site)
    page.goto(site.url + SHEET)
    page.locator(CELL.format(2)).fill("78")
    context.clear_cookies()
    page.on("dialog", lambda dialog: dialog.accept())
    enter(page, site, "lanh-dao")
    page.goto(site.url + SHEET)
    assert page.locator(".cchc-kept").count() == 0


def test_signing_out_clears_this_machine_after_asking(site, context):
    page = context.new_page()
    enter(page, site)
    page.goto(site.url + SHEET)
    page.locator(CELL.format(2)).fill("79")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url(f"{site.url}/")
    assert "1 chỗ gõ dở" in asked[0]
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_a_save_without_a_server_says_so_and_goes_on_trying(start_site, context):
    site = start_site()
    page = context.new_page()
    enter(page, site)
    page.goto(site.url + SHEET)
    page.locator(CELL.format(1)).fill("5555")
    site.stop(kill=True)
    page.get_by_role("button", name="Lưu", exact=True).last.click()
    expect(page.locator(".cchc-unsaved")).to_contain_text("không tới được máy chủ")
    assert page.locator(CELL.format(1)).input_value() == "5555"
    site.start()
    expect(page.locator(".cchc-banner").first).to_contain_text("Đã lưu", timeout=30_000)
    assert page.locator(CELL.format(1)).input_value() in ("5555", "5.555")


def test_a_session_that_ended_loses_nothing(site, context):
    page = context.new_page()
    enter(page, site)
    page.goto(site.url + SHEET)
    page.locator(CELL.format(2)).fill("81")
    context.clear_cookies()
    page.get_by_role("button", name="Lưu", exact=True).last.click()
    page.wait_for_url(re.compile("dang-nhap"))
    page.fill("#email", "can-bo@kimthach.example")
    page.fill("#password", site.passwords["can-bo@kimthach.example"])
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(re.compile("ho-so"))
    assert page.locator(CELL.format(2)).input_value() == "81"


def test_random_ends_of_typing_lose_no_keystroke(site, chromium, tmp_path):
    """A tab closed, a line cut, the session gone or the browser killed: all letters come back."""
    result = interrupt_typing(site, chromium, tmp_path / "profile", ROUNDS)
    assert result["lost"] == []
    assert result["rounds"] == sum(result["ends"].values()) == ROUNDS
    assert len(result["ends"]) == 4
