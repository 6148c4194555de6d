"""axe finds nothing on any page, light or dark; nothing scrolls sideways at 360 px."""

import pytest

from cchc_public.tables.registry import table_codes
from tests.browser.axe import faults

pytestmark = pytest.mark.browser

PERIOD = "/ky/2023-6-thang"
PUBLIC = (
    "/",
    "/ky",
    PERIOD,
    *(f"{PERIOD}/{code}" for code in table_codes()),
    f"{PERIOD}/ho-so?ban=1",
    "/hai-long",
    "/dinh-chinh",
    "/ve-so-lieu",
    "/thu-tuc",
    "/thu-tuc?q=khai+sinh",
    "/thu-tuc?q=kh%C3%B4ng+c%C3%B3+g%C3%AC",
    "/thu-tuc/1.001193",
    "/tiep-cong-dan",
    "/nhung",
    "/nhung/ho-so",
    "/nhung/tong-quan",
    "/khong-co-trang-nay",
    *("/mot-cua", "/gop-y?trang=/ky&da-ghi=1"),
    *(f"/nhung/{code}?gon=1" for code in ("ho-so", "so-hoa", "thu-tuc", "tiep-cong-dan")),
    *("/en/", "/en/ky", f"/en{PERIOD}", f"/en{PERIOD}/ho-so", f"/en{PERIOD}/nhiem-vu"),
    *("/en/hai-long", "/en/dinh-chinh", "/en/ve-so-lieu", "/en/mot-cua", "/en/tiep-cong-dan"),
    *("/en/thu-tuc", "/en/thu-tuc?q=birth", "/en/thu-tuc/1.001193", "/en/nhung"),
    *("/en/nhung/thu-tuc", "/en/man-hinh", "/en/gop-y", "/en/khong-co-trang-nay"),
)
OFFICE_PERIOD = "/quan-tri/ky/2023-6-thang"
OFFICE = (
    "/quan-tri/",
    "/quan-tri/ky/moi",
    OFFICE_PERIOD,
    *(f"{OFFICE_PERIOD}/{code}" for code in table_codes()),
    f"{OFFICE_PERIOD}/ho-so/dan",
    f"{OFFICE_PERIOD}/phan-dau",
    f"{OFFICE_PERIOD}/giai-trinh",
    f"{OFFICE_PERIOD}/xem-truoc",
    f"{OFFICE_PERIOD}/lich-su",
    f"{OFFICE_PERIOD}/cong-bo",
    f"{OFFICE_PERIOD}/thu-hoi",
    "/quan-tri/thu-tuc",
    "/quan-tri/thu-tuc/1.001193",
    "/quan-tri/thu-tuc/nhap",
    "/quan-tri/tiep-cong-dan",
    "/quan-tri/mot-cua",
    "/quan-tri/bat-dau",
    "/quan-tri/cach-lam",
)
ADMIN = (
    "/quan-tri/tai-khoan",
    "/quan-tri/thiet-lap",
    "/quan-tri/nhat-ky",
    "/quan-tri/sao-luu",
    "/quan-tri/toi",
)


def examine(page, address):
    page.goto(address)
    found = faults(page)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("the page scrolls sideways")
    return [f"{address}: {fault}" for fault in found]


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_public_pages(site, open_page, width, scheme):
    page = open_page(width, color_scheme=scheme)
    wrong = [fault for path in PUBLIC for fault in examine(page, site.url + path)]
    assert not wrong, "\n".join(wrong)


READ = (*(path for path in PUBLIC if not path.startswith("/nhung/")), "/mot-cua", "/man-hinh")


@pytest.mark.parametrize("width", [320, 360])
def test_letters_twice_as_large_never_scroll_sideways(site, open_page, width):
    page = open_page(width)
    wrong = []
    for path in READ:
        page.goto(site.url + path)
        page.evaluate("document.documentElement.style.fontSize = '32px'")
        reached = page.evaluate("document.documentElement.scrollWidth")
        if reached > width:
            wrong.append(f"{path}: {reached} px")
    assert not wrong, "\n".join(wrong)


def test_forced_colors_keep_the_current_menu_item_apart(site, open_page):
    page = open_page(forced_colors="active")
    page.goto(f"{site.url}/ky")
    edges = page.eval_on_selector_all(
        ".cchc-nav li:not(.cchc-menu) a",
        "all => all.map(a => [a.hasAttribute('aria-current'), getComputedStyle(a).borderColor])",
    )
    current = {edge for is_current, edge in edges if is_current}
    assert len(current) == 1
    assert not current & {edge for is_current, edge in edges if not is_current}


def test_what_old_fingers_touch_is_44_pixels_high(site, open_page):
    page = open_page(360, has_touch=True)
    for path in ("/", "/ky", PERIOD, f"{PERIOD}/ho-so", "/thu-tuc/1.001193"):
        page.goto(site.url + path)
        small = page.eval_on_selector_all(
            "button, summary, header a, .cchc-life a, .cchc-pop a, .cchc-links a, .cchc-crumbs a",
            "all => all.map(e => [e.textContent.trim(), e.getBoundingClientRect().height])"
            ".filter(([, height]) => height && height < 44)",
        )
        assert not small, (path, small)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_office_pages(site, sign_in, width, scheme):
    page = sign_in("lanh-dao", width, color_scheme=scheme)
    wrong = [fault for path in OFFICE for fault in examine(page, site.url + path)]
    assert not wrong, "\n".join(wrong)


def test_admin_pages_and_sign_in(site, sign_in, open_page):
    stranger = open_page()
    wrong = examine(stranger, f"{site.url}/quan-tri/")
    page = sign_in("quan-tri")
    wrong += [fault for path in ADMIN for fault in examine(page, site.url + path)]
    assert not wrong, "\n".join(wrong)
