"""Widgets in a real portal page of another origin: they load, fit their frame, keep no cookie."""

import itertools
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import make_server

from cchc_public.demo import CLERK, load_demo_reception
from cchc_public.embed.figures import WIDGETS
from cchc_public.store import utc_now

pytestmark = [
    pytest.mark.browser,
    pytest.mark.hosts("standalone"),
    pytest.mark.databases("sqlite"),
]
CODES = [widget.code for widget in WIDGETS]
# heights in columns of 320, 600 and 900 px that were handed out before one code fitted all
PASTED = {
    "tong-quan": {320: 670, 600: 450, 900: 390},
    "ho-so": {320: 830, 600: 550, 900: 510},
    "so-hoa": {320: 790, 600: 700, 900: 640},
    "hai-long": {320: 660, 600: 580, 900: 550},
    "dich-vu-cong": {320: 1180, 600: 930, 900: 870},
}


@contextmanager
def serve(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    # it looks twice a second whether it shall stop; here a hundred servers come and go
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def page(browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    assert not context.cookies()
    context.close()


@pytest.fixture
def published(demo, procedures, session) -> None:
    """The real report, the list and the reception days stand in the database."""
    load_demo_reception(session, utc_now().date(), CLERK)
    session.commit()


def make_portal(html: str, width: int) -> Flask:
    """A portal of another origin whose editor let ``html`` through, in a column of ``width``."""
    portal = Flask("portal")
    document = f'<!doctype html><title>Cổng</title><div style="width:{width}px">{html}</div>'
    portal.add_url_rule("/", "home", lambda: document)
    return portal


def snippet(page: Page, site: str, code: str, kind: str) -> str:
    page.goto(f"{site}/nhung?tien-ich={code}")
    return page.locator(f"#{kind}").input_value()


@pytest.mark.usefixtures("published")
def test_one_frame_loads_in_a_portal_and_fits_every_column_without_scrolling(build_app, page):
    with serve(build_app("standalone")) as site:
        for code in CODES:
            html = snippet(page, site, code, "khung")
            height = int(re.search(r'height="(\d+)"', html)[1])
            needed = [show(page, html, width, height) for width in (280, 320, 360, 600, 900)]
            # as high as the narrowest column needs, and little more
            assert max(needed) <= height <= max(needed) * 1.2, (code, needed, height)


@pytest.mark.usefixtures("published")
def test_no_word_of_a_picture_runs_over_its_edge(build_app, page):
    with serve(build_app("standalone")) as site:
        for code, language in itertools.product(CODES, ("", "/en")):
            page.goto(f"{site}{language}/nhung/{code}.svg")
            edges = page.evaluate(
                "[...document.querySelectorAll('text')].map(t => [t.textContent, t.getBBox().x +"
                " t.getBBox().width])"
            )
            assert edges, code
            assert not [edge for edge in edges if edge[1] > 360], (code, edges)


@pytest.mark.usefixtures("published")
def test_frames_pasted_before_still_fit_their_heights(build_app, page):
    with serve(build_app("standalone")) as site:
        for code, heights in PASTED.items():
            for width, height in heights.items():
                style = f"border:0;max-width:{width}px"
                size = f'width="100%" height="{height}" loading="lazy" style="{style}"'
                html = f'<iframe src="{site}/nhung/{code}" title="Số liệu" {size}></iframe>'
                needed = show(page, html, width, height)
                assert needed <= height <= needed * 1.2, (code, width, needed, height)


def show(page: Page, html: str, width: int, height: int) -> float:
    """Show a frame in a portal's column; return the height that its content needs."""
    with serve(make_portal(html, width)) as portal:
        page.set_viewport_size({"width": width + 40, "height": 900})
        page.goto(portal)
        frame = page.frames[1]
        frame.wait_for_selector("h1")
        needed, wide, shown = frame.evaluate(
            "[document.documentElement.getBoundingClientRect().height,"
            " document.documentElement.scrollWidth, window.innerWidth]"
        )
        assert wide <= shown, (html, width)
        return float(needed)


@pytest.mark.usefixtures("published")
def test_a_portal_that_is_not_allowed_is_refused(build_app, page):
    app = build_app("standalone", CCHC_EMBED_ANCESTORS=("https://cong.example",))
    with serve(app) as site:
        html = snippet(page, site, "ho-so", "khung")
        with serve(make_portal(html, 600)) as portal:
            refusals = []
            page.on("console", lambda message: refusals.append(message.text))
            page.goto(portal)
            page.wait_for_timeout(500)
            assert any("frame-ancestors" in text for text in refusals)
        # the preview on our own page works all the same
        page.goto(f"{site}/nhung")
        page.locator("summary").first.click()
        page.frame_locator("iframe").first.locator("h1").wait_for()


@pytest.mark.usefixtures("published")
def test_picture_shows_in_a_portal_and_widget_breaks_no_rule_of_its_policy(build_app, page):
    with serve(build_app("standalone")) as site:
        html = snippet(page, site, "ho-so", "anh")
        with serve(make_portal(html, 320)) as portal:
            page.goto(portal)
            width = page.locator("img").evaluate("image => image.naturalWidth")
            assert width == 360
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        for code in CODES:
            for suffix in ("", ".html", ".svg"):
                page.goto(f"{site}/nhung/{code}{suffix}")
        assert not [text for text in complaints if "Content Security Policy" in text]


@pytest.mark.usefixtures("published")
def test_copy_button_and_phone_width_of_the_builder(build_app, page):
    with serve(build_app("standalone")) as site:
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(f"{site}/nhung")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        # a browser with windows gives this to whoever has just pressed a button
        page.context.grant_permissions(["clipboard-write"], origin=site)
        button = page.get_by_role("button", name="Chép").first
        button.click()
        page.get_by_role("button", name="Đã chép").wait_for()
