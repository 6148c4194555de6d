"""The look-up screen in a real Chromium: fingers only, left alone, without a server, all day."""

import re
import signal
import unicodedata

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

BIRTH = "1.001193"
QUESTIONS = [
    "Mang theo giấy tờ gì",
    "Bao lâu",
    "Bao nhiêu tiền",
    "Nộp ở đâu, khi nào",
    "Cần biết thêm",
]
SMALLEST_KEY = 44  # CSS pixels
SETTLED = "Promise.all(document.getAnimations().map((one) => one.finished)).then(() => true)"
MARKS = {"huyền": "0300", "sắc": "0301", "hỏi": "0309", "ngã": "0303", "nặng": "0323"}


@pytest.fixture
def screen(site, open_page):
    """Open an address of the kiosk on a touch screen and wait until it keeps its copy."""

    def open_screen(path="", width=1280, height=720, at: Site = site, **options) -> Page:
        page = open_page(width, height, has_touch=True, **options)
        page.clock.install()
        go(page, f"{at.url}/man-hinh{path}")
        return page

    return open_screen


def go(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("body[data-ready]")


def touch_keys(page: Page, *keys: str) -> None:
    """Touch keys of the screen's keyboard: letters, or the name of a tone mark."""
    for key in keys:
        mark = MARKS.get(key)
        chosen = f'[data-mark="{mark}"]' if mark else f'[data-key="{key}"]'
        page.tap(f".cchc-keys {chosen}")


def expect_view(page: Page, view: str) -> None:
    expect(page.locator("body")).to_have_attribute("data-view", view)


def test_look_up_by_touch_only(screen):
    page = screen()
    page.tap("#tim")
    touch_keys(page, *"dang ky khai sinh")
    expect(page.locator("#tim")).to_have_value("dang ky khai sinh")
    expect_view(page, "list")  # while typing, before any button
    page.tap('.cchc-keys [data-do="search"]')
    expect(page.locator(".cchc-keys")).to_be_hidden()
    first = page.locator(".cchc-results a").first
    expect(first).to_have_attribute("href", re.compile(rf"/man-hinh/thu-tuc/{BIRTH}$"))
    first.tap()
    expect(page.locator("h1")).to_have_text("Đăng ký khai sinh")
    expect(page.locator("article section h2")).to_have_text(QUESTIONS)
    expect(page.locator("aside svg")).to_be_visible()
    page.tap("[data-back]")
    expect(page.locator(".cchc-results a").first).to_be_visible()
    expect(page.locator("h1")).to_contain_text("Tìm thấy")


def test_marks_letters_and_digits_are_composed_to_nfc(screen):
    page = screen()
    page.tap("#tim")
    touch_keys(page, *"đăng ky", "sắc", *" khai sinh")
    typed = page.input_value("#tim")
    assert typed == "đăng ký khai sinh"
    assert unicodedata.is_normalized("NFC", typed)
    expect(page.locator(".cchc-results a b").first).to_have_text("Đăng ký khai sinh")
    page.tap('.cchc-keys [data-do="erase"]')
    expect(page.locator("#tim")).to_have_value("đăng ký khai sin")
    page.tap('.cchc-keys [data-do="clear"]')
    expect_view(page, "start")
    touch_keys(page, *BIRTH)
    expect(page.locator(".cchc-results a")).to_have_count(1)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("hoa huyền", "hòa"),
        ("thuy hỏi", "thủy"),
        ("toan sắc", "toán"),
        ("quy sắc", "quý"),
        ("gia huyền", "già"),
        ("gi huyền", "gì"),
        ("ngoai huyền", "ngoài"),
        ("nguyên ngã", "nguyễn"),
        ("đươc nặng", "được"),
        ("ngươi huyền", "người"),
        ("khuya hỏi", "khuỷa"),
        ("giây sắc", "giấy"),
        ("mia sắc", "mía"),
        ("tiêng sắc", "tiếng"),
        ("thuê sắc", "thuế"),
        ("nghia ngã", "nghĩa"),
        ("xoong sắc", "xoóng"),
        ("ba sắc", "bá"),
        ("ba sắc sắc", "ba"),
        ("ba sắc nặng", "bạ"),
        ("xyz2 sắc", "xyz2"),
        ("tr sắc", "tr"),
        ("sắc", ""),
    ],
)
def test_a_tone_mark_finds_its_letter(ready_page, typed, expected):
    letters, *marks = typed.split() if typed.split()[0] not in MARKS else ("", *typed.split())
    text = letters
    for mark in marks:
        tone = chr(int(MARKS[mark], 16))
        text = ready_page.evaluate("([a, b]) => cchcKiosk.keyboard.addTone(a, b)", [text, tone])
    assert text == expected


@pytest.fixture(scope="module")
def ready_page(site, browser):
    """The first page with its copy, for tests that only ask its programs."""
    page = browser.new_page()
    go(page, f"{site.url}/man-hinh")
    yield page
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1280, 720), (1920, 1080)])
def test_every_target_is_large_enough_for_a_finger(screen, width, height):
    page = screen("/tim?q=khai+sinh", width, height)
    assert not small_targets(page)
    page.tap("#tim")
    assert not small_targets(page)
    bottom = page.locator(".cchc-keys").bounding_box()
    assert bottom["y"] + bottom["height"] <= height + 1
    assert page.locator(".cchc-results a").first.bounding_box()["y"] < bottom["y"]


def small_targets(page: Page) -> list[str]:
    targets = page.locator("main a, form button, form input, header a, .cchc-keys button")
    boxes = [(one, one.bounding_box()) for one in targets.locator("visible=true").all()]
    small = [one for one, box in boxes if min(box["width"], box["height"]) < SMALLEST_KEY]
    return [one.inner_text() for one in small]


def test_keyboard_is_one_stop_for_the_tabulator(screen):
    page = screen()
    page.get_by_role("button", name="Bàn phím").tap()
    assert page.locator('.cchc-keys button[tabindex="0"]').count() == 1
    page.locator('.cchc-keys [data-key="1"]').focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#tim")).to_have_value("2")
    assert page.locator(".cchc-keys button:not([aria-label])").evaluate_all(
        "keys => keys.every((key) => key.textContent.trim())"
    )


def test_left_alone_it_warns_returns_to_the_start_and_shows_the_figures(screen):
    page = screen()
    page.tap("#tim")
    touch_keys(page, *"khai tu")
    expect_view(page, "list")
    page.clock.fast_forward(45_000)
    expect(page.locator("#sap-ve-dau")).to_be_visible()
    page.tap("h1")
    expect(page.locator("#sap-ve-dau")).to_be_hidden()
    page.clock.fast_forward(45_000)
    expect_view(page, "list")
    page.clock.fast_forward(20_000)
    expect_view(page, "start")
    expect(page.locator("#tim")).to_have_value("")
    expect(page.locator(".cchc-keys")).to_be_hidden()
    page.clock.fast_forward(35_000)
    expect_view(page, "figures")
    page.tap(".cchc-slides")
    expect_view(page, "start")


def test_figures_loop_slowly_and_can_be_paused(screen):
    page = screen("/so-lieu")
    shown = page.locator(".cchc-slides > li:visible")
    titles = []
    for _ in range(page.locator(".cchc-slides > li").count() + 1):
        expect(shown).to_have_count(1)
        titles.append(shown.locator("h2").inner_text())
        if re.search(r"\d\s%", shown.locator(".cchc-figure").inner_text()):
            assert re.search(r"\d trên \d|theo báo cáo", shown.locator(".cchc-basis").inner_text())
        page.clock.fast_forward(11_000)
    assert len(set(titles)) == len(titles) - 1
    assert titles[0] == titles[-1]
    page.get_by_role("button", name="Tạm dừng").tap()
    before = shown.locator("h2").inner_text()
    page.clock.fast_forward(30_000)
    assert shown.locator("h2").inner_text() == before
    page.get_by_role("button", name="Số sau").tap()
    assert shown.locator("h2").inner_text() != before
    expect(page.get_by_role("button", name="Chạy tiếp")).to_be_visible()
    page.clock.fast_forward(65_000)
    expect_view(page, "start")  # whoever paused it has left


def test_reduced_motion_shows_all_figures_at_once(screen):
    page = screen("/so-lieu", reduced_motion="reduce")
    slides = page.locator(".cchc-slides > li")
    assert slides.count() > 5
    page.clock.fast_forward(15_000)
    assert slides.locator("visible=true").count() == slides.count()


def test_nothing_leads_away(screen):
    page = screen()
    page.evaluate(
        """() => document.querySelector("h1").insertAdjacentHTML(
             "afterend", '<p><a id="ra" href="https://example.org/">ra</a></p>')"""
    )
    page.tap("#ra")
    page.tap(".cchc-needs a >> nth=3")
    expect_view(page, "list")
    assert page.url.split("/man-hinh")[0] == page.evaluate("location.origin")
    assert page.evaluate("history.length") <= 2  # about:blank and the screen: no way back out
    assert page.context.cookies() == []


def test_axe_finds_nothing(screen, site):
    page = screen()
    found = {"start": faults(page)}
    page.tap("#tim")
    found["keyboard"] = faults(page)
    for path in ("/tim?q=khai+sinh", "/tim?q=zzzz", f"/thu-tuc/{BIRTH}", "/thu-tuc/9.999999"):
        go(page, f"{site.url}/man-hinh{path}")
        found[path] = faults(page)
    go(page, f"{site.url}/man-hinh/so-lieu")
    page.evaluate(SETTLED)  # a slide appears slowly
    found["figures"] = faults(page)
    assert not any(found.values()), found


def test_a_phone_reads_it_without_scrolling_sideways(screen, site):
    page = screen(width=360, height=740)
    page.tap("#tim")
    expect(page.locator(".cchc-keys")).to_be_hidden()  # the phone brings its own
    for path in ("", "/tim?q=khai+sinh", f"/thu-tuc/{BIRTH}", "/so-lieu"):
        go(page, f"{site.url}/man-hinh{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        page.evaluate(SETTLED)
        assert not faults(page), path


def test_without_javascript_it_is_a_plain_site(site, open_page):
    page = open_page(java_script_enabled=False)
    page.goto(f"{site.url}/man-hinh")
    expect(page.get_by_role("button", name="Bàn phím")).to_be_hidden()
    page.fill("#tim", "khai sinh")
    page.get_by_role("button", name="Tìm", exact=True).click()
    page.locator(".cchc-results a").first.click()
    assert page.url == f"{site.url}/man-hinh/thu-tuc/{BIRTH}"
    page.get_by_role("link", name="Về màn hình đầu").click()
    page.locator(".cchc-needs a").first.click()
    expect(page.locator("h1")).to_contain_text("Tìm thấy")


def test_a_day_of_use_leaves_nothing_behind(screen):
    page = screen()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    for _ in range(5):
        pass_an_hour(page)  # whatever is made once is made now
    before = weigh(devtools)
    for _ in range(24):
        pass_an_hour(page)
    after = weigh(devtools)
    # Chromium may hold on to the page before for a while; one kept per visit would be thousands
    assert after["Nodes"] <= before["Nodes"] + 300, (before, after)
    assert after["JSEventListeners"] <= before["JSEventListeners"] + 5, (before, after)
    assert after["Documents"] <= before["Documents"] + 1, (before, after)
    assert after["JSHeapUsedSize"] <= before["JSHeapUsedSize"] * 1.1, (before, after)


def pass_an_hour(page: Page) -> None:
    """Let someone look something up and leave, then nobody come."""
    page.tap("#tim")
    touch_keys(page, *"khai")
    expect_view(page, "list")
    page.locator(".cchc-results a").first.tap()
    expect_view(page, "procedure")
    page.clock.fast_forward(61_000)
    expect_view(page, "start")
    page.clock.fast_forward(31_000)
    expect_view(page, "figures")
    for _ in range(12):
        page.clock.fast_forward(11_000)
    page.tap(".cchc-slides")
    expect_view(page, "start")


def weigh(devtools) -> dict[str, float]:
    for _ in range(3):
        devtools.send("HeapProfiler.collectGarbage")
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: metric["value"] for metric in metrics}


def test_without_a_server_content_stays_and_look_up_goes_on(start_site, screen):
    site = start_site()
    page = screen(at=site)
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    page.reload()  # from now on the worker rules the page
    page.wait_for_selector("body[data-ready]")
    tiles = page.locator(".cchc-needs a").count()
    site.stop(kill=True)

    look_up(page)
    expect(page.locator("#mat-ket-noi")).to_be_visible()
    assert not faults(page)
    page.clock.fast_forward(61_000)
    expect_view(page, "start")
    assert page.locator(".cchc-needs a").count() == tiles
    page.tap(".cchc-needs a >> nth=5")
    expect(page.locator(".cchc-results a").first).to_be_visible()
    start_again(page, site, tiles)
    come_back(page, site)


def look_up(page: Page) -> None:
    page.tap("#tim")
    touch_keys(page, *"đăng ky khai sinh")
    page.tap('.cchc-keys [data-do="search"]')
    first = page.locator(".cchc-results a").first
    expect(first.locator("b")).to_have_text("Đăng ký khai sinh")
    first.tap()
    expect(page.locator("h1")).to_have_text("Đăng ký khai sinh")
    expect(page.locator("article section h2")).to_have_text(QUESTIONS)
    expect(page.locator("aside svg path")).to_have_attribute("d", re.compile("^M0 0h7v1"))


def start_again(page: Page, site: Site, tiles: int) -> None:
    """A power cut while the server is gone: the screen starts, at any of its addresses."""
    go(page, f"{site.url}/man-hinh")
    assert page.locator(".cchc-needs a").count() == tiles
    go(page, f"{site.url}/man-hinh/thu-tuc/{BIRTH}")
    expect(page.locator("h1")).to_have_text("Đăng ký khai sinh")
    go(page, f"{site.url}/man-hinh/tim?q=khai+tu")
    expect(page.locator(".cchc-results a").first).to_contain_text("khai tử")
    go(page, f"{site.url}/man-hinh/so-lieu")
    expect(page.locator(".cchc-slides > li:visible .cchc-say")).to_contain_text("651 trong 692")
    expect(page.locator("#mat-ket-noi")).to_be_visible()


def come_back(page: Page, site: Site) -> None:
    site.start()
    page.clock.fast_forward(11_000)
    expect(page.locator("#mat-ket-noi")).to_be_hidden()


def test_a_server_that_hangs_counts_as_gone(screen, site):
    page = screen()
    site.server.send_signal(signal.SIGSTOP)
    try:
        page.tap("#tim")
        touch_keys(page, *"khai sinh")
        expect(page.locator(".cchc-results a").first).to_be_visible(timeout=15_000)
        expect(page.locator("#mat-ket-noi")).to_be_visible()
    finally:
        site.server.send_signal(signal.SIGCONT)
    page.tap('.cchc-keys [data-do="search"]')
    expect(page.locator("#mat-ket-noi")).to_be_hidden()


def test_page_and_copy_give_the_same_procedure(screen, site):
    page = screen(f"/thu-tuc/{BIRTH}")
    told = page.locator("main").inner_text()
    drawn = page.locator("aside path").get_attribute("d")
    copied = page.evaluate(
        "(path) => { const { main } = cchcKiosk.offline.render(path);"
        " document.getElementById('noi-dung').replaceWith(main); return true; }",
        f"/man-hinh/thu-tuc/{BIRTH}",
    )
    assert copied
    assert page.locator("main").inner_text() == told
    assert page.locator("aside path").get_attribute("d") == drawn


def test_search_without_a_server_folds_as_the_server_does(ready_page):
    for query in ("Đăng Kí KHAI SINH", "dang ky khai sinh", "đăng ký khai sinh"):
        first = ready_page.evaluate(
            "(q) => cchcKiosk.offline.render('/man-hinh/tim?q=' + encodeURIComponent(q))"
            ".main.querySelector('.cchc-results a').getAttribute('href')",
            query,
        )
        assert first == f"/man-hinh/thu-tuc/{BIRTH}", query


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("giấy khai sanh", BIRTH),
        ("làm lại giấy khai sinh bị mất ở đâu", "1.004884"),
        ("người chết", "1.000656"),
        ("birth certificate", BIRTH),
        ("marriage registration", "1.000894"),
    ],
)
def test_search_without_a_server_knows_what_people_say(ready_page, query, code):
    found = ready_page.evaluate(
        "(q) => [...cchcKiosk.offline.render('/man-hinh/tim?q=' + encodeURIComponent(q))"
        ".main.querySelectorAll('.cchc-results a')].map((a) => a.getAttribute('href'))",
        query,
    )
    assert f"/man-hinh/thu-tuc/{code}" in found[:3]


def test_search_without_a_server_sends_elsewhere_and_follows_events_of_a_life(ready_page):
    render = "(a) => cchcKiosk.offline.render('/man-hinh/tim?' + a).main.textContent"
    assert "Công an" in ready_page.evaluate(render, "q=l%C3%A0m+c%C4%83n+c%C6%B0%E1%BB%9Bc")
    assert "Sinh con: Tìm thấy 11" in ready_page.evaluate(render, "viec=sinh-con")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1080, 1920)])
def test_everything_asked_for_most_is_in_reach_without_scrolling(screen, width, height):
    page = screen(width=width, height=height)
    expect(page.locator(".cchc-desk")).to_contain_text("Bộ phận một cửa")
    tiles = page.locator(".cchc-ways a")
    assert tiles.count() == 16
    for tile in tiles.all():
        box = tile.bounding_box()
        assert box["height"] >= 48
        assert box["y"] + box["height"] <= height
