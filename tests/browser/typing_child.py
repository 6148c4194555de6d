"""Types into a sheet and ends it at random: run by test_keeping, since it kills its browser.

Prints how many rounds ran, by what they ended, and what was lost. After a killed process a browser
may lack what it had not written to disk: what was typed in the last 10 seconds is not asked for.
"""

from __future__ import annotations

import json
import random
import socket
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Playwright, sync_playwright

SHEET = "/quan-tri/ky/2023-6-thang/ho-so"
SETTLE = 10.0  # seconds that a killed process may be behind
ENDS = ("tab", "line", "session", "kill")


class Line:
    """The line between browser and site: it can be cut, and laid again."""

    def __init__(self, target: int) -> None:
        self.target, self.port = target, 0
        self.open: list[socket.socket] = []
        self.door: socket.socket | None = None
        self.lay()

    def lay(self) -> None:
        self.door = socket.create_server(("127.0.0.1", self.port))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._serve, args=(self.door,), daemon=True).start()

    def cut(self) -> None:
        for one in (self.door, *self.open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self.open = []

    def _serve(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                here, _address = door.accept()
                there = socket.create_connection(("127.0.0.1", self.target))
                self.open += [here, there]
                for pair in ((here, there), (there, here)):
                    threading.Thread(target=self._pump, args=pair, daemon=True).start()

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


class Clerk:
    """Somebody who types, is interrupted, and comes back."""

    def __init__(self, playwright: Playwright, given: dict[str, Any]) -> None:
        self.playwright, self.given = playwright, given
        self.line = Line(given["port"])
        self.context = self.open_browser()

    def open_browser(self) -> BrowserContext:
        return self.playwright.chromium.launch_persistent_context(
            self.given["profile"],
            executable_path=self.given["chromium"],
            args=self.given["arguments"],
            locale="vi-VN",
            viewport={"width": 1280, "height": 800},
        )

    def enter(self, patience: float) -> Page:
        """Open the sheet, and take back what is offered within ``patience`` milliseconds."""
        page = self.context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(f"http://127.0.0.1:{self.line.port}{SHEET}")
        self.sign_in(page)
        with suppress(Error):
            page.get_by_role("button", name="Lấy lại").click(timeout=patience)
        return page

    def sign_in(self, page: Page) -> None:
        if page.locator("#email").count():
            page.fill("#email", "can-bo@kimthach.example")
            page.fill("#password", self.given["password"])
            page.get_by_role("button", name="Đăng nhập").click()
            page.wait_for_url(f"**{SHEET}**")

    def interrupt(self, page: Page, end: str) -> None:
        save = page.get_by_role("button", name="Lưu", exact=True).last
        if end == "line":
            self.line.cut()
            save.click()
            page.get_by_text("không tới được máy chủ").wait_for()
        elif end == "session":
            self.context.clear_cookies()
            save.click()
            page.wait_for_selector("#email")
        if end == "kill":
            time.sleep(SETTLE)
            with suppress(Error):  # as a power cut would
                self.context.new_cdp_session(page).send("Browser.crash")
            with suppress(Error):
                self.context.close()
            self.context = self.open_browser()
        else:
            page.close()
        if end == "line":
            self.line.lay()


def main() -> None:
    given = json.load(sys.stdin)
    chance = random.Random(given["seed"])  # noqa: S311
    lost: list[dict[str, Any]] = []
    ends: Counter[str] = Counter()
    with sync_playwright() as playwright:
        clerk = Clerk(playwright, given)
        for number in range(given["rounds"]):
            page, typed = clerk.enter(1500), {}
            for _cell in range(chance.randint(1, 4)):
                cell = page.locator("input.cchc-num").nth(chance.randrange(40))
                text = str(chance.randrange(10**6, 10**9))[: chance.randint(1, 9)]
                cell.fill("")
                cell.press_sequentially(text, delay=chance.randrange(20))
                typed[cell.get_attribute("name")] = text
            end = ENDS[number % 4] if number < 4 else chance.choice(ENDS)
            ends[end] += 1
            clerk.interrupt(page, end)
            page = clerk.enter(15_000)
            found = {name: page.locator(f'[name="{name}"]').input_value() for name in typed}
            if found != typed:
                lost.append({"round": number, "end": end, "typed": typed, "found": found})
            page.close()
        clerk.context.close()
    json.dump({"rounds": given["rounds"], "ends": ends, "lost": lost}, sys.stdout)


main()
