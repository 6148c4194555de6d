"""One table of states and addresses: every face tells the state that concerns it."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime

import pytest

from cchc_public.reports.publishing import approve, hand_in, withdraw
from tests.integration.reports import AUTHORITY, CHAIR, CLERK, SLUG, change, open_filled, publish
from tests.pages import CheckedClient
from tests.papers import open_pdf

pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.hosts("standalone")]

REASON = "Nhập thiếu một hồ sơ đất đai."
WHY = "Số liệu sai nguồn, đang đối chiếu."
PERIOD = f"/ky/{SLUG}"
WIDGETS = ("tong-quan", "ho-so", "so-hoa", "hai-long", "dich-vu-cong")
FACES = {
    "overview": ("/",),
    "periods": ("/ky",),
    "period": (PERIOD,),
    "table": (f"{PERIOD}/ho-so",),
    "data": (
        *(f"{PERIOD}/ho-so.{ending}" for ending in ("csv", "json", "xlsx", "svg")),
        f"{PERIOD}.xlsx",
        f"{PERIOD}/ban-doc.txt",
    ),
    "paper": (f"{PERIOD}/bao-cao.pdf", f"{PERIOD}/bao-cao.docx"),
    "signed": (f"{PERIOD}/ban-ky.pdf",),
    "satisfaction": ("/hai-long",),
    "log": ("/dinh-chinh", "/dinh-chinh.atom"),
    "wall": ("/man-hinh/so-lieu",),
    "kiosk": ("/man-hinh",),
    "builder": ("/nhung",),
    "widget": tuple(f"/nhung/{code}{kind}" for code in WIDGETS for kind in ("", ".svg")),
    # a copy that its owner pastes: it never changes, so lateness is not said in it
    "pasted": tuple(f"/nhung/{code}.html" for code in WIDGETS),
}
# . answers 200 and tells of nothing; c corrected; n a newer one exists; w withdrawn; l late;
# x 404; g 410 and withdrawn; - there is no such address
TABLE = """
face          draft handed_in scheduled published corrected aged superseded withdrawn pinned republished once_withdrawn late never
overview      .     .         .         .         c         .    -          w         -      c           -              l    -
periods       .     .         .         .         c         c    -          w         -      c           -              l    -
period        x     x         x         .         c         .    n          w         g      c           g              l    x
table         x     x         x         .         c         .    n          g         g      c           g              l    x
data          x     x         x         .         c         c    n          g         g      c           g              .    x
paper         x     x         x         .         c         c    n          g         g      c           g              .    x
signed        x     x         x         x         x         x    x          g         g      x           g              x    x
satisfaction  .     .         .         .         c         .    -          w         -      c           -              l    -
log           .     .         .         .         c         c    -          w         -      cw          -              .    -
wall          .     .         .         .         c         .    -          w         -      c           -              l    -
kiosk         .     .         .         .         .         .    -          w         -      .           -              .    -
builder       .     .         .         .         c         .    -          w         -      c           -              .    -
widget        x     x         x         .         c         .    n          g         g      c           g              l    x
pasted        x     x         x         .         c         .    n          g         g      c           g              .    x
"""  # noqa: E501 - a table
# what says nothing of figures, in whatever state they are
OTHERS = (
    *(f"/nhung/{code}{kind}" for code in ("thu-tuc", "tiep-cong-dan") for kind in ("", ".html")),
    "/tiep-cong-dan",
    "/tiep-cong-dan.ics",
    "/thu-tuc",
    "/mot-cua",
    "/ve-so-lieu",
    "/man-hinh/tim",
)
MARKS = {
    # on pages, on paper, in the list of periods, of a file, in the log and its feed
    "c": (
        *("đã đính chính", "bản đính chính, công bố", ">có đính chính<", "cchc-correction"),
        *("<del>", "đính chính lần"),
    ),
    "n": ("đã có bản mới hơn", "đã được thay bằng", "latest-version"),
    "w": ("thu hồi",),
    "l": ("chậm",),
}


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


def late(session):
    report = draft(session)
    report.due_on = date(2023, 7, 5)
    session.flush()
    publish(session, report, CHAIR, authority=AUTHORITY)


# how a column of the table comes about: what is done, what addresses end in, the day of the look
STATES = {
    "draft": (draft, "", 1),
    "handed_in": (handed_in, "", 1),
    "scheduled": (scheduled, "", 1),
    "published": (published, "", 1),
    "corrected": (corrected, "", 1),
    "aged": (corrected, "", 31),
    "superseded": (corrected, "ban=1", 1),
    "withdrawn": (withdrawn, "", 1),
    "pinned": (withdrawn, "ban=1", 1),
    "republished": (republished, "", 1),
    "once_withdrawn": (republished, "ban=1", 1),
    "late": (late, "", 6),
    "never": (published, "never", 1),
}


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
    """What a face says, whatever the kind of the file, with its headers."""
    data = answer.get_data()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            data = b"".join(package.read(n) for n in package.namelist() if n.endswith(".xml"))
    if data.startswith(b"%PDF"):
        pages = open_pdf(data).pages
        data = " ".join(" ".join(p.extract_text().split()) for p in pages).encode()
    return f"{answer.headers} {data.decode()}"


def marks_in(text: str) -> str:
    said = text.lower()
    return "".join(mark for mark, words in MARKS.items() if any(word in said for word in words))


def address_of(face: str, address: str, suffix: str) -> str:
    is_widget = face in ("widget", "pasted")
    if suffix == "never":
        other = "2021-6-thang"
        return f"{address}?ky={other}" if is_widget else address.replace(SLUG, other)
    if not suffix:
        return address
    return f"{address}?ky={SLUG}&{suffix}" if is_widget else f"{address}?{suffix}"


@pytest.mark.parametrize("state", STATES)
def test_every_face_tells_its_state_and_no_other(look, clock, state):
    make, suffix, day = STATES[state]
    get = look(make)
    clock.set(2023, 7, day, 3)
    columns, *lines = (line.split() for line in TABLE.strip().splitlines())
    expected = {line[0]: line[columns.index(state)] for line in lines}
    assert {*expected} == {*FACES}
    for face, told in expected.items():
        for address in (address_of(face, one, suffix) for one in FACES[face] if told != "-"):
            answer = get(address)
            said = text_of(answer)
            assert answer.status_code == {"x": 404, "g": 410}.get(told, 200), address
            assert marks_in(said) == told.strip(".x").replace("g", "w"), address
            is_public = told not in "x-" and state not in ("draft", "handed_in", "scheduled")
            assert is_public or SLUG not in said.replace(address, ""), address
    for address in OTHERS:
        assert marks_in(text_of(get(address))) == "", address


def test_every_public_address_has_its_line(app):
    spoken_for = {*OTHERS, *(address for faces in FACES.values() for address in faces)}
    matched = {app.url_map.bind("").match(address)[0] for address in spoken_for}
    # without figures: files of the site, the record of a procedure, its papers; and, told by
    # their own test, the trends that need several periods
    others = {
        *("asset", "healthz", "helpful", "sitemap", "kiosk_copy", "kiosk_worker"),
        *("procedure", "procedure_leaflet", "field_posting", "field_leaflets"),
        *("kiosk_procedure", "trend_svg"),
    }
    rules = {rule.endpoint for rule in app.url_map.iter_rules()}
    ours = {name for name in rules if name.startswith(("cchc.", "cchc_embed."))}
    assert ours - matched == {f"cchc.{name}" for name in others}


def test_reasons_are_told_where_there_is_room(look, clock):
    get = look(corrected)
    assert REASON in text_of(get(f"{PERIOD}/ho-so.json"))
    clock.set(2023, 8, 31, 3)
    for address in ("/dinh-chinh", "/dinh-chinh.atom"):
        assert REASON in text_of(get(address)), address


def test_a_withdrawal_says_why_and_is_not_taken_for_a_beginning(look):
    get = look(withdrawn)
    for face in ("period", "table", "data", "paper", "signed", "log", "satisfaction"):
        for address in FACES[face]:
            assert WHY in text_of(get(address)), address
    for address in ("/", "/man-hinh/so-lieu", "/nhung"):
        said = text_of(get(address))
        assert "đã được thu hồi ngày 01/07/2023" in said, address
        assert "kỳ báo cáo đầu tiên" not in said, address


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
