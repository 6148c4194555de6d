"""One table of states and addresses: every face tells the state that concerns it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cchc_public.reports.publishing import approve, hand_in, publish, withdraw
from tests.integration.reports import AUTHORITY, CHAIR, CLERK, SLUG, change, open_filled
from tests.pages import CheckedClient

pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.hosts("standalone")]

REASON = "Nhập thiếu một hồ sơ đất đai."
WHY = "Số liệu sai nguồn, đang đối chiếu."
WIDGETS = ("tong-quan", "ho-so", "so-hoa", "hai-long", "dich-vu-cong")
PERIOD_FILES = (
    f"/ky/{SLUG}",
    f"/ky/{SLUG}/ho-so",
    f"/ky/{SLUG}/ho-so.csv",
    f"/ky/{SLUG}/ho-so.json",
    f"/ky/{SLUG}/ho-so.xlsx",
    f"/ky/{SLUG}.xlsx",
    f"/ky/{SLUG}/bao-cao.pdf",
    f"/ky/{SLUG}/bao-cao.docx",
)
FRAMES = tuple(f"/nhung/{code}{kind}" for code in WIDGETS for kind in ("", ".html", ".svg"))
SUMMARIES = ("/", "/ky", "/hai-long", "/dinh-chinh", "/dinh-chinh.atom", "/man-hinh/so-lieu")
OTHERS = ("/nhung", "/man-hinh", "/tiep-cong-dan", "/thu-tuc")


def draft(session):
    return open_filled(session)


def handed_in(session):
    report = draft(session)
    hand_in(session, report, CLERK, authority=AUTHORITY)
    return report


def scheduled(session):
    report = handed_in(session)
    at = datetime(2023, 7, 9, tzinfo=UTC)
    approve(session, report, CHAIR, authority=AUTHORITY, publish_at=at)
    return report


def published(session):
    report = draft(session)
    publish(session, report, CHAIR, authority=AUTHORITY)
    return report


def corrected(session):
    report = published(session)
    change(session, report, online=11, resolved=13)
    publish(session, report, CHAIR, authority=AUTHORITY, reason=REASON)
    return report


def withdrawn(session):
    report = published(session)
    withdraw(session, SLUG, CHAIR, WHY)
    return report


def republished(session):
    report = withdrawn(session)
    change(session, report, online=11, resolved=13)
    publish(session, report, CHAIR, authority=AUTHORITY, reason="Đã đối chiếu, công bố lại.")
    return report


@pytest.fixture
def look(citizen: CheckedClient, session, clock):
    """Bring the period into a state, then return what an address answers."""
    clock.set(2023, 7, 1, 2)

    def enter(state):
        state(session)
        session.commit()
        return lambda address: citizen.get(address)

    return enter


def text_of(answer) -> str:
    return answer.get_data(as_text=False).decode("utf-8", "replace")


@pytest.mark.parametrize("state", [draft, handed_in, scheduled])
def test_what_is_not_published_is_nowhere(look, state):
    get = look(state)
    for address in PERIOD_FILES:
        assert get(address).status_code == 404, address
    for address in FRAMES:
        answer = get(address)
        assert answer.status_code == 404, address
        assert "thu hồi" not in text_of(answer)
    for address in (*SUMMARIES, *OTHERS):
        answer = get(address)
        assert answer.status_code == 200, address
        assert SLUG not in text_of(answer), address
    assert get(f"/ky/{SLUG}/ban-ky.pdf").status_code == 404


def test_published_figures_stand_everywhere_without_a_strip(look):
    get = look(published)
    for address in (*PERIOD_FILES, *FRAMES, *SUMMARIES, *OTHERS):
        answer = get(address)
        assert answer.status_code == 200, address
        said = text_of(answer)
        assert "Đã đính chính" not in said, address
        assert "Số liệu đã đính chính" not in said, address
        assert "đã được thu hồi" not in said, address


CORRECTED = ("/", f"/ky/{SLUG}", f"/ky/{SLUG}/ho-so", "/man-hinh/so-lieu", *FRAMES)


def test_a_correction_is_told_for_thirty_days_and_in_the_log_for_ever(look, clock):
    get = look(corrected)
    for address in CORRECTED:
        assert "đính chính" in text_of(get(address)).lower(), address
    assert get(f"/ky/{SLUG}/ho-so.csv").headers["Cchc-Correction"]
    assert REASON in text_of(get(f"/ky/{SLUG}/ho-so.json"))
    clock.set(2023, 7, 31, 3)
    for address in CORRECTED:
        assert "đã đính chính" not in text_of(get(address)).lower(), address
    assert REASON in text_of(get("/dinh-chinh"))
    assert REASON in text_of(get("/dinh-chinh.atom"))


def test_a_superseded_release_names_the_newer_one(look):
    get = look(corrected)
    for address in (f"/ky/{SLUG}?ban=1", f"/ky/{SLUG}/ho-so?ban=1"):
        assert "Đã có bản mới hơn" in text_of(get(address)), address
    for code in WIDGETS:
        said = text_of(get(f"/nhung/{code}?ky={SLUG}&ban=1"))
        assert "đã được thay bằng lần công bố 2" in said, code
    assert 'rel="latest-version"' in get(f"/ky/{SLUG}/ho-so.csv?ban=1").headers.get_all("Link")[1]


def test_withdrawn_figures_are_gone_and_every_face_says_so(look):
    get = look(withdrawn)
    for address in (*PERIOD_FILES, *(f"{a}?ban=1" for a in PERIOD_FILES)):
        answer = get(address)
        # the period's own address stays a page one may land on
        assert answer.status_code == (200 if address == f"/ky/{SLUG}" else 410), address
        assert WHY in text_of(answer), address
    for address in (*FRAMES, *(f"{a}?ky={SLUG}&ban=1" for a in FRAMES)):
        answer = get(address)
        assert answer.status_code == 410, address
        assert "thu hồi" in text_of(answer), address
    for address in ("/", "/hai-long", "/man-hinh/so-lieu", "/nhung"):
        said = text_of(get(address))
        assert "đã được thu hồi ngày 01/07/2023" in said, address
        assert "kỳ báo cáo đầu tiên" not in said, address
    for address in ("/dinh-chinh", "/dinh-chinh.atom"):
        assert WHY in text_of(get(address)), address


def test_older_figures_do_not_hide_that_newer_ones_were_withdrawn(look, session):
    def older_and_withdrawn(session):
        older = open_filled(session, "2022-6-thang")
        publish(session, older, CHAIR, authority=AUTHORITY)
        withdrawn(session)

    get = look(older_and_withdrawn)
    for address in (
        "/",
        "/man-hinh/so-lieu",
        "/nhung/ho-so",
        "/nhung/tong-quan",
        "/nhung/ho-so.svg",
    ):
        answer = get(address)
        assert answer.status_code == 200, address
        said = text_of(answer)
        assert "2022" in said, address
        assert "thu hồi" in said, address
    # a frame that names its period is asked for that period only
    assert "thu hồi" not in text_of(get("/nhung/ho-so?ky=2022-6-thang&ban=1"))


def test_what_was_withdrawn_stays_withdrawn_after_a_republication(look):
    get = look(republished)
    for address in PERIOD_FILES:
        assert get(address).status_code == 200, address
        assert get(f"{address}?ban=3").status_code == 200, address
        for pinned in (1, 2):
            assert get(f"{address}?ban={pinned}").status_code == 410, (address, pinned)
    assert get(f"/nhung/ho-so?ky={SLUG}&ban=1").status_code == 410
    assert "đã được thu hồi" not in text_of(get("/"))


def test_late_figures_are_told_where_figures_stand(look, clock):
    def due(session):
        report = draft(session)
        report.due_on = datetime(2023, 7, 5).date()  # noqa: DTZ001
        session.flush()
        publish(session, report, CHAIR, authority=AUTHORITY)

    get = look(due)
    clock.set(2023, 7, 6, 2)
    for address in ("/", f"/ky/{SLUG}", f"/ky/{SLUG}/ho-so"):
        assert "chậm" in text_of(get(address)), address
    for code in WIDGETS:
        assert "Chậm cập nhật" in text_of(get(f"/nhung/{code}")), code
        assert "Chậm cập nhật" not in text_of(get(f"/nhung/{code}?ky={SLUG}&ban=1")), code


def test_a_period_never_published_is_not_found_in_words(look):
    get = look(published)
    for address in PERIOD_FILES:
        answer = get(address.replace(SLUG, "2021-6-thang"))
        assert answer.status_code == 404, address
    assert get("/nhung/ho-so?ky=2021-6-thang").status_code == 404
