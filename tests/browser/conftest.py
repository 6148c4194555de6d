"""A real site in its own process, and a real Chromium. A missing browser fails, it never skips."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    StorageState,
    expect,
    sync_playwright,
)

from tests.conftest import CCHC

expect.set_options(timeout=20_000)  # a busy machine is slow; who is in time waits for nothing
# the same engine without the windows and buttons around it takes half of the time of a whole one
CHROMIUM = ("chromium-headless-shell", "chromium", "chrome")
# The browser's own errands would try to reach hosts that tests must not need.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Site:
    """The stand-alone site as an operator runs it: own instance folder, demo data, waitress."""

    instance: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    signed_in: dict[str, StorageState] = field(default_factory=dict)  # cookies by e-mail
    server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *command: str) -> str:
        """Run a ``cchc`` command on this site's instance."""
        result = subprocess.run(
            [CCHC, *command], env=self._env, check=True, capture_output=True, text=True
        )
        return result.stdout

    def start(self) -> None:
        """Start serving; returns when the site answers."""
        self.server = subprocess.Popen(
            [CCHC, "serve", "--port", str(self.port)], env=self._env, stdout=subprocess.DEVNULL
        )
        for _ in range(1200):  # a busy machine is slow
            assert self.server.poll() is None, "the server ended"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError("the site did not start")

    def stop(self, *, kill: bool = False) -> None:
        """Stop serving; with ``kill`` as a power cut would."""
        if self.server:
            (self.server.kill if kill else self.server.terminate)()
            self.server.wait(timeout=60)
            self.server = None

    @property
    def _env(self) -> dict[str, str]:
        return {**os.environ, **self.environment, "CCHC_INSTANCE_PATH": str(self.instance)}


def find_chromium() -> str:
    """Return the Chromium that takes the least time of those that are installed."""
    places = (os.environ.get("TEST_CHROMIUM"), *map(shutil.which, CHROMIUM))
    found = next(filter(None, places), None)
    assert found, "Chromium is missing: make packages, or set TEST_CHROMIUM"
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def demo_site(demo_folder) -> Site:
    """The demo as its commands leave it, never served: every site starts as a copy."""
    said = (demo_folder / "said").read_text(encoding="utf-8")
    passwords = dict(re.findall(r"(\S+@\S+)\s+(\S+)", said))
    return Site(demo_folder / "instance", 0, passwords=passwords)


@pytest.fixture(scope="module")
def start_site(demo_site, tmp_path_factory) -> Iterator[Callable[..., Site]]:
    """Start sites with the demo loaded: ``start_site(CCHC_KEY="value")``."""
    started: list[Site] = []

    def start(**environment: str) -> Site:
        folder = tmp_path_factory.mktemp("instance")
        shutil.copytree(demo_site.instance, folder, dirs_exist_ok=True)
        site = Site(folder, free_port(), environment, passwords=demo_site.passwords)
        started.append(site)
        site.start()
        return site

    yield start
    for site in started:
        site.stop()


@pytest.fixture(scope="module")
def site(start_site) -> Site:
    """One site a module, so that a journey may go on where the last test left it."""
    return start_site()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium lies; ``TEST_CHROMIUM`` names another one."""
    return find_chromium()


@pytest.fixture(scope="session")
def browser(chromium) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield opened
        opened.close()


def is_fault(line: ConsoleMessage) -> bool:
    """Errors of a page; that an address answers 404 or 503 is the test's own matter."""
    return line.type == "error" and not line.text.startswith("Failed to load resource")


@pytest.fixture
def open_page(browser) -> Iterator[Callable[..., Page]]:
    """Open a page in a context of its own; its console must stay free of errors."""
    opened: list[Page] = []
    errors: list[str] = []

    def open_one(width: int = 1280, height: int = 800, **options: object) -> Page:
        viewport = {"width": width, "height": height}
        page = browser.new_context(viewport=viewport, locale="vi-VN", **options).new_page()
        page.on("console", lambda line: errors.append(line.text) if is_fault(line) else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        opened.append(page)
        return page

    yield open_one
    for page in opened:
        page.context.close()
    assert not errors, errors


@pytest.fixture
def browser_page(open_page) -> Page:
    """A page at 1280 × 800."""
    return open_page()


@pytest.fixture
def sign_in(site, open_page) -> Callable[..., Page]:
    """Sign a demo account in: ``sign_in("can-bo")``; through the form, later by its cookie."""

    def go(who: str, width: int = 1280, **options: object) -> Page:
        email = f"{who}@kimthach.example"
        page = open_page(width, storage_state=site.signed_in.get(email), **options)
        page.goto(f"{site.url}/quan-tri/")
        if page.locator("#email").count():
            page.fill("#email", email)
            page.fill("#password", site.passwords[email])
            page.get_by_role("button", name="Đăng nhập").click()
            page.wait_for_url(f"{site.url}/quan-tri/")
            site.signed_in[email] = page.context.storage_state()
        return page

    return go
