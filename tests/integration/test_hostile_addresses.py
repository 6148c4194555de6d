"""Whatever stands in an address, the answer is one of ours: no failure, no stack trace."""

from __future__ import annotations

import pytest

from cchc_public.reports.drafting import get_report
from tests.hostile import WORDS, hostile_addresses, plain_client
from tests.integration.reports import AUTHORITY, CHAIR, SLUG, change, publish, publish_new

PARAMETERS = ("ban", "tu", "den", "trang", "q", "linh-vuc", "ky", "ban-nhap", "vua", "year")


@pytest.fixture
def corrected(session) -> None:
    """Two releases, so that there is something to compare."""
    publish_new(session)
    report = get_report(session, SLUG)
    change(session, report, online=11, pending_in_time=3)
    publish(session, report, CHAIR, authority=AUTHORITY, reason="Nhập nhầm")
    session.commit()


@pytest.mark.everywhere
@pytest.mark.hosts("standalone")
@pytest.mark.usefixtures("corrected")
def test_no_address_makes_the_site_fail(app, admin, database_kind) -> None:
    person = plain_client(admin)
    known = {200, 302, 303, 308, 403, 404, 405, 410}
    # the databases differ over NUL and large numbers only, and the English twins ask the same
    words, twins = (WORDS, "") if database_kind == "sqlite" else (WORDS[:7], "/en")
    answers = {}
    for address in dict.fromkeys(hostile_addresses(app, PARAMETERS, words)):
        if twins and address.startswith(twins):
            continue
        answer = person.get(address)
        answers[address] = answer.status_code
        assert b"<script>alert(1)" not in answer.data, address
        assert "Set-Cookie: x" not in str(answer.headers), address
    assert len(answers) > 300
    assert {address: code for address, code in answers.items() if code not in known} == {}


def test_a_number_too_large_for_the_database_names_no_deed(clerk, prefix) -> None:
    assert clerk.get(f"{prefix}/quan-tri/thu-tuc?vua={10**30}").status_code == 200


@pytest.mark.everywhere
@pytest.mark.parametrize("path", ["/thu-tuc/%00", "/ky/%00", "/nhung/a%00b", "/_cchc/%00"])
@pytest.mark.usefixtures("corrected")
def test_an_impossible_address_is_answered_in_words(citizen, prefix, path) -> None:
    answer = citizen.get(prefix + path)
    assert answer.status_code == 404
    assert "Không có trang này" in answer.text or "Chưa có số liệu" in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("corrected")
def test_invented_queries_and_hosts_never_fill_the_memory(app, citizen) -> None:
    cache = app.extensions["cchc_public"].page_cache
    for shelf in (cache._pages, cache._invented):  # noqa: SLF001 - what must stay bounded
        shelf.capacity = 300_000
    person = plain_client(citizen)
    for number in range(60):
        person.get(f"/?x={number}")
        person.get("/ky", headers={"Host": f"may-{number}.example"})
        person.get(f"/thu-tuc?q={WORDS[2]}{number}")
    assert 0 < cache._pages.size <= 300_000  # noqa: SLF001
    assert 0 < cache._invented.size <= 300_000  # noqa: SLF001


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("corrected")
@pytest.mark.parametrize("canonical", ["", "https://kimthach.example"])
def test_a_strangers_host_never_reaches_the_next_reader(build_app, canonical) -> None:
    app = build_app("standalone", CCHC_CANONICAL_URL=canonical)
    pages = ("/", "/nhung", "/nhung/ho-so", "/nhung/ho-so.html", "/dinh-chinh.atom", "/man-hinh")
    stranger = app.test_client()
    for page in pages:
        stranger.get(page, headers={"Host": "evil.example"})
    for page in pages:
        answer = app.test_client().get(page)
        assert answer.status_code == 200
        assert "evil.example" not in answer.text, page


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE"])
def test_a_method_no_page_takes_is_refused_with_the_ones_it_takes(citizen, method) -> None:
    answer = citizen.open("/thu-tuc", method=method)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
