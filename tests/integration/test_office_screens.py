from __future__ import annotations

import pytest

SLUG = "2023-6-thang"
TABLES = (
    "ho-so", "so-hoa", "hai-long", "dich-vu-cong",
    "van-ban", "so-luong-thu-tuc", "nhiem-vu", "chi-tieu",
)  # fmt: skip
CLERK_PAGES = (
    "/", "/ky/moi", f"/ky/{SLUG}", f"/ky/{SLUG}/bao-cao", f"/ky/{SLUG}/giai-trinh",
    f"/ky/{SLUG}/lich-su", f"/ky/{SLUG}/so-sanh", f"/ky/{SLUG}/xem-truoc",
    *(f"/ky/{SLUG}/{code}" for code in TABLES),
    *(f"/ky/{SLUG}/{code}/dan" for code in TABLES),
    *(f"/ky/{SLUG}/xem-truoc/{code}" for code in TABLES),
)  # fmt: skip
PUBLISHER_PAGES = (f"/ky/{SLUG}/cong-bo", f"/ky/{SLUG}/thu-hoi")


@pytest.mark.databases("sqlite")
def test_every_screen_of_the_real_report_is_a_valid_page(demo, clerk, publisher, prefix) -> None:
    for client, pages in ((clerk, CLERK_PAGES), (publisher, PUBLISHER_PAGES)):
        for page in pages:
            response = client.get(f"{prefix}/quan-tri{page}")
            assert response.status_code == 200, (page, response.status, response.text[:500])
            assert response.headers["Cache-Control"] == "no-store", page
            assert "noindex" in response.text, page
