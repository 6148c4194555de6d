"""Late, pinned, corrected, withdrawn: a page says how its figures stand."""

from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import event

from cchc_public.releases.published import compare
from cchc_public.releases.reading import newest_release
from cchc_public.reports.drafting import get_report, get_sheet, save_sheet, sheet_version
from cchc_public.reports.publishing import preview, withdraw
from cchc_public.reports.review import find_findings, give_reason, reasons_by_key
from tests.integration.reports import (
    AUTHORITY,
    CHAIR,
    CLERK,
    SLUG,
    change,
    open_filled,
    publish,
    publish_new,
)

ATOM = "{http://www.w3.org/2005/Atom}"
PERIOD = f"/ky/{SLUG}"
REASON = "Nhập thiếu một hồ sơ <b>đất đai</b>."

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def corrected(session, app):
    """A period with two releases; the second changes 10 online dossiers to 11."""
    report, _ = publish_new(session)
    change(session, report, online=11, resolved=13)
    publish(session, report, CHAIR, authority=AUTHORITY, reason=REASON)
    session.commit()
    return report


@pytest.mark.usefixtures("demo")
def test_the_late_notice_comes_the_day_after_the_promise(citizen, prefix, clock):
    clock.set(2023, 9, 20, 16, 59)  # 23:59 in Vietnam, still the promised day
    page = citizen.get(f"{prefix}/")
    assert "Số liệu kỳ sau: trước 20/09/2023." in page.text
    assert "Số liệu kỳ sau chậm" not in page.text
    clock.advance(minutes=1)
    known = {"If-None-Match": page.headers.get("ETag", "")}  # none in a host's frame
    late = citizen.get(f"{prefix}/", headers=known)
    assert late.status_code == 200
    assert "Số liệu kỳ sau chậm" in late.text
    assert "cchc-is-late" in citizen.get(f"{prefix}/ky/2023-6-thang/ho-so").text


def test_only_the_newest_period_is_ever_late(citizen, prefix, session, clock):
    clock.set(2023, 7, 1)
    publish_new(session, "2022-6-thang")
    publish_new(session, SLUG)
    clock.set(2030, 1, 1)
    assert "chậm" not in citizen.get(f"{prefix}/ky/2022-6-thang").text


def test_a_month_published_later_hides_no_late_half_year(citizen, prefix, session, clock, app):
    def publish_with(slug, due=None):
        report = open_filled(session, slug)
        # as many are carried over as the period before left
        change(session, report, resolved=13, pending_in_time=1)
        report.due_on = due
        session.flush()
        publish(session, report, CHAIR, authority=AUTHORITY)
        session.commit()

    def told(address):
        return "Số liệu kỳ sau chậm" in citizen.get(f"{prefix}{address}").text

    def late_in_list():
        items = citizen.get(f"{prefix}/ky").text.split("<li>")
        slugs = (SLUG, "2023-thang-07", "2023-thang-08")
        return {s for s in slugs for item in items if f'/ky/{s}"' in item and "chậm" in item}

    def count_queries():
        assert told(PERIOD)  # reads the settings, once after each commit
        app.extensions["cchc_public"].page_cache.clear()
        asked.clear()
        assert told(PERIOD)
        return len(asked)

    asked = []
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    event.listen(engine, "before_cursor_execute", lambda *details: asked.append(details[2]))
    clock.set(2023, 9, 1)
    publish_with(SLUG, date(2023, 9, 20))
    publish_with("2023-thang-07", date(2023, 9, 15))
    clock.set(2023, 9, 21)
    assert told("/")  # the half-year leads
    assert told("/ky/2023-thang-07/ho-so")
    assert late_in_list() == {SLUG, "2023-thang-07"}
    publish_with("2023-thang-08")
    assert not told("/ky/2023-thang-07")
    assert late_in_list() == {SLUG}
    few = count_queries()
    for month in range(1, 7):
        publish_with(f"2023-thang-{month:02}")
    assert count_queries() == few


@pytest.mark.usefixtures("corrected")
class TestCorrected:
    def test_the_period_says_so_and_shows_the_new_figure(self, citizen, prefix):
        text = citizen.get(f"{prefix}{PERIOD}/ho-so").text
        assert "Số liệu đã đính chính" in text
        assert "Nhập thiếu một hồ sơ &lt;b&gt;đất đai&lt;/b&gt;." in text
        assert f'href="{prefix}/dinh-chinh#{SLUG}-ban-2"' in text

    def test_the_log_shows_old_new_reason_and_who(self, citizen, prefix):
        text = citizen.get(f"{prefix}/dinh-chinh").text
        assert f'id="{SLUG}-ban-2"' in text
        assert "<td><del>10</del></td><td><ins>11</ins></td>" in text
        assert CHAIR.name in text
        assert "&lt;b&gt;" in text

    @pytest.mark.everywhere
    def test_the_feed_is_atom_and_escapes_the_reason(self, citizen, prefix):
        response = citizen.get(f"{prefix}/dinh-chinh.atom")
        assert response.mimetype == "application/atom+xml"
        feed = ET.fromstring(response.text)  # noqa: S314 our own
        entry = feed.find(f"{ATOM}entry")
        summary = entry.find(f"{ATOM}summary").text
        assert REASON in summary
        assert "10 → 11" in summary
        address = entry.find(f"{ATOM}link").get("href")
        assert address == f"http://localhost{prefix}/dinh-chinh#{SLUG}-ban-2"

    def test_a_feed_address_never_comes_from_another_readers_host(self, citizen, prefix):
        citizen.get(f"{prefix}/dinh-chinh.atom", headers={"Host": "evil.example"})
        assert "evil.example" not in citizen.get(f"{prefix}/dinh-chinh.atom").text

    @pytest.mark.everywhere
    def test_a_pinned_release_keeps_its_figures_and_names_the_newer(self, citizen, prefix):
        old = citizen.get(f"{prefix}{PERIOD}/ho-so?ban=1")
        assert "Đã có bản mới hơn." in old.text
        assert '<meta name="robots" content="noindex">' in old.text
        assert f'href="{prefix}{PERIOD}/ho-so.csv?ban=1"' in old.text
        rows = citizen.get(f"{prefix}{PERIOD}/ho-so.csv?ban=1").text.splitlines()
        assert rows[1].startswith("Đất đai,14,10,")
        newest = citizen.get(f"{prefix}{PERIOD}/ho-so.csv").text.splitlines()
        assert newest[1].startswith("Đất đai,15,11,")

    def test_a_file_tells_its_release_in_headers(self, citizen, prefix):
        old = citizen.get(f"{prefix}{PERIOD}/ho-so.csv?ban=1")
        assert old.headers["Cchc-Release"] == "1"
        assert 'rel="latest-version"' in ", ".join(old.headers.getlist("Link"))
        new = citizen.get(f"{prefix}{PERIOD}/ho-so.csv")
        assert new.headers["Cchc-Correction"] == f"{prefix}/dinh-chinh#{SLUG}-ban-2"
        assert f"{SLUG}-ho-so-ban-2.csv" in new.headers["Content-Disposition"]

    def test_all_releases_are_listed(self, citizen, prefix):
        text = citizen.get(f"{prefix}{PERIOD}").text
        assert f'href="{prefix}{PERIOD}?ban=1"' in text
        assert f'href="{prefix}{PERIOD}?ban=2"' in text

    @pytest.mark.everywhere
    def test_withdrawn_figures_are_gone_everywhere(self, citizen, prefix, session):
        withdraw(session, SLUG, CHAIR, "Lộ tên người dân.")
        session.commit()
        page = citizen.get(f"{prefix}{PERIOD}")
        assert page.status_code == 200
        assert "Số liệu kỳ này đã được thu hồi" in page.text
        assert "Lộ tên người dân." in page.text
        for path in ("/ho-so", "/ho-so?ban=1", "/ho-so.csv", "/ho-so.json", "/ho-so.csv?ban=2"):
            gone = citizen.get(f"{prefix}{PERIOD}{path}")
            assert gone.status_code == 410, path
            assert "Đất đai" not in gone.text
        assert "Đã thu hồi" in citizen.get(f"{prefix}/ky").text
        overview = citizen.get(f"{prefix}/").text
        assert "Hiện không có kỳ số liệu nào" in overview
        assert "Số liệu 6 tháng đầu năm 2023 đã được thu hồi ngày" in overview
        assert "Lộ tên người dân." in overview
        assert f'href="{prefix}{PERIOD}"' in overview
        assert "Chưa công bố kỳ số liệu nào" not in overview
        assert "Đất đai" not in overview
        assert 'class="cchc-figure"' not in overview
        for path in ("/nhung/ho-so", "/nhung/ho-so.html"):
            widget = citizen.get(f"{prefix}{path}")
            assert widget.status_code == 410, path
            assert "Đất đai" not in widget.text
        assert "Thu hồi" in citizen.get(f"{prefix}/dinh-chinh").text


def test_the_overview_compares_with_the_same_period_a_year_before(citizen, prefix, session):
    publish_new(session, "2022-6-thang")
    report = open_filled(session, SLUG)
    change(session, report, online=11, resolved=15, pending_in_time=0)
    # the period opened with last year's pending as carried over; here it is entered anew
    publish(session, report, CHAIR, authority=AUTHORITY)
    session.commit()
    text = citizen.get(f"{prefix}/").text
    assert "tăng 10,53 điểm phần trăm so với 6 tháng đầu năm 2022" in text
    assert "Chưa có số liệu cùng kỳ" not in text
    # the small line names its first and its last figure
    assert "<b>89,47\u00a0%</b> 6T\u00a02022" in text
    assert "<b>100\u00a0%</b> 6T\u00a02023" in text


def test_hostile_words_are_shown_and_never_run(citizen, prefix, session):
    report = open_filled(session)
    sheet = get_sheet(report, "ho-so")
    evil = "<script>alert('x')</script>\"'>&{{7*7}}"
    rows = (replace(sheet.rows[0], label=evil), *sheet.rows[1:])
    version = sheet_version(report, "ho-so")
    save_sheet(session, report, replace(sheet, rows=rows), version=version, actor=CLERK)
    publish(session, report, CHAIR, authority=AUTHORITY)
    session.commit()
    for path in ("/", PERIOD, f"{PERIOD}/ho-so", "/dinh-chinh"):
        text = citizen.get(prefix + path).text
        assert "<script>" not in text
        assert ">49" not in text
    assert "&lt;script&gt;alert(" in citizen.get(f"{prefix}{PERIOD}/ho-so").text


@pytest.mark.hosts("standalone")
@pytest.mark.usefixtures("demo")
def test_a_table_out_in_and_out_again_brings_no_noise_into_the_log_and_tells_changed_rates(
    run, app, citizen, session, tmp_path
):
    app.config["CCHC_REQUIRE_SECOND_PERSON"] = False
    for code in ("so-hoa", "van-ban"):
        table = tmp_path / f"{code}.csv"
        text = citizen.get(f"{PERIOD}/{code}.csv").text
        if code == "so-hoa":
            assert "673,527,522,77.56,146," in text
            text = text.replace("673,527,522,77.56,146,", "673,527,523,77.71,146,")
        table.write_text(text, encoding="utf-8")
        assert "Đã lưu" in run("import", "sheet", SLUG, code, table)
    report = get_report(session, SLUG)
    for finding in find_findings(session, report):
        if finding.blocks(reasons_by_key(report)):
            give_reason(
                session, report, finding.key, "Sổ ghi như vậy, đã đối chiếu.", CLERK, place={}
            )
    session.commit()
    run("publish", SLUG, "--reason", "Chuyển một hồ sơ sang trực tuyến.")
    feed = ET.fromstring(citizen.get("/dinh-chinh.atom").text)  # noqa: S314 our own
    lines = feed.find(f"{ATOM}entry/{ATOM}summary").text.strip().splitlines()[1:]
    # the words that name a changed figure changed with it: said, not repeated
    words = [line for line in lines if line.startswith("Lời báo cáo")]
    assert all(line.endswith(": Lời đã đổi") for line in words)
    figures = [line for line in lines if "số hóa" in line.casefold() and line not in words]
    assert [line.rpartition(": ")[2] for line in figures if "Giải trình" not in line] == [
        "522 → 523",
        "77,56\u00a0% (522 trên 673) → 77,71\u00a0% (523 trên 673)",
    ]
    assert not [line for line in lines if "theo nguồn" in line or "Văn bản" in line]
    assert feed.find(f"{ATOM}id").text.startswith("urn:cchc_public:")
    other = citizen.get("/dinh-chinh.atom", headers={"Host": "ten-khac.example"}).text
    assert ET.fromstring(other).find(f"{ATOM}id").text == feed.find(f"{ATOM}id").text  # noqa: S314


@pytest.mark.hosts("standalone")
@pytest.mark.usefixtures("demo")
def test_every_table_out_and_in_again_changes_nothing(run, citizen, session, tmp_path):
    last = newest_release(session, SLUG)
    for table in last.tables:
        for ending in ("csv", "csv?dang=excel", "xlsx"):
            file = tmp_path / f"{table.code}.{ending[:4].rstrip('?')}"
            file.write_bytes(citizen.get(f"{PERIOD}/{table.code}.{ending}").data)
            run("import", "sheet", SLUG, table.code, file)
    session.expire_all()
    coming = preview(session, get_report(session, SLUG), CHAIR, authority=last.authority)
    assert compare(last, coming) == ()
