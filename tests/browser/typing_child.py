"""Types into a sheet and ends it at random: run by test_keeping, since it kills its browser.

Prints how many rounds ran and what was lost. After a killed process a browser may lack what it had
not written to disk: so each round waits for as long as Chromium takes, 10 seconds at most.
"""

from __future__ import annotations

import json
import random
import sys
import time
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Playwright, sync_playwright

SHEET = "/quan-tri/ky/2023-6-thang/ho-so"
SETTLE = 3.0  # seconds that a killed process may be behind; 10 are allowed


def open_browser(playwright: Playwright, given: dict[str, Any]) -> BrowserContext:
    return playwright.chromium.launch_persistent_context(
        given["profile"],
        executable_path=given["chromium"],
        args=given["arguments"],
        locale="vi-VN",
        viewport={"width": 1280, "height": 800},
    )


def enter(page: Page, given: dict[str, Any]) -> None:
    page.goto(given["url"] + SHEET)
    if page.locator("#email").count():
        page.fill("#email", "can-bo@kimthach.example")
        page.fill("#password", given["password"])
        page.get_by_role("button", name="Đăng nhập").click()
        page.wait_for_url("**/ho-so**")


def take_back(page: Page) -> None:
    button = page.get_by_role("button", name="Lấy lại")
    try:
        button.wait_for(timeout=2000)
    except Error:
        return
    button.click()


def kill(context: BrowserContext, page: Page) -> None:
    """End the whole browser as a power cut would."""
    session = context.new_cdp_session(page)
    try:
        session.send("Browser.crash")
    except Error:
        return


def main() -> None:
    given = json.load(sys.stdin)
    chance = random.Random(given["seed"])  # noqa: S311
    lost: list[dict[str, Any]] = []
    with sync_playwright() as playwright:
        context = open_browser(playwright, given)
        for number in range(given["rounds"]):
            page = context.new_page()
            page.on("dialog", lambda dialog: dialog.accept())
            enter(page, given)
            take_back(page)
            cell = page.locator("input.cchc-num").nth(chance.randrange(40))
            text = str(chance.randrange(10**6, 10**9))[: chance.randint(1, 9)]
            name = cell.get_attribute("name")
            cell.fill("")
            cell.press_sequentially(text, delay=chance.randrange(20))
            end = "kill" if number % 4 == 3 else chance.choice(["close", "session"])
            if end == "close":
                page.close()
            elif end == "session":
                context.clear_cookies()
                page.close()
            else:
                time.sleep(SETTLE)
                kill(context, page)
                context.close()
                context = open_browser(playwright, given)
            page = context.new_page()
            page.on("dialog", lambda dialog: dialog.accept())
            enter(page, given)
            take_back(page)
            found = page.locator(f'[name="{name}"]').input_value()
            if found != text:
                lost.append({"round": number, "end": end, "typed": text, "found": found})
            page.close()
        context.close()
    json.dump({"rounds": given["rounds"], "lost": lost}, sys.stdout)


main()
