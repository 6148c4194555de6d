from __future__ import annotations

import re

import pytest

from cchc_public.checks import run
from cchc_public.checks.run import check_solved
from cchc_public.reports import review
from cchc_public.tables.sheet import solve

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


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("page", ["", "/cong-bo", "/giai-trinh"])
def test_a_request_solves_and_checks_a_report_once(publisher, prefix, monkeypatch, page) -> None:
    solved: list[str] = []
    checked: list[object] = []

    def counted(form, sheet):
        solved.append(form.code)
        return solve(form, sheet)

    def noted(tables, **how):
        checked.append(tables)
        return check_solved(tables, **how)

    monkeypatch.setattr(run, "solve", counted)
    monkeypatch.setattr(review, "check_solved", noted)
    assert publisher.get(f"{prefix}/quan-tri/ky/{SLUG}{page}").status_code == 200
    assert sorted(solved) == sorted(set(solved))
    assert len(solved) == 8
    assert len(checked) == 1


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
def test_a_finding_leads_to_its_place_on_the_sheet(demo, clerk, prefix) -> None:
    page = clerk.get(f"{prefix}/quan-tri/ky/{SLUG}").text
    links = set(re.findall(rf'href="({prefix}/quan-tri/ky/{SLUG}/[a-z-]+)#([\w-]+)"', page))
    sheets = {(address, place) for address, place in links if address.rpartition("/")[2] in TABLES}
    assert len(sheets) > 8
    assert any(place not in ("bang", "can-xem") for _address, place in sheets)
    for address, place in sheets:
        assert f'id="{place}"' in clerk.get(address).text, (address, place)
