import io

import pypdf
import pytest

from cchc_public.demo import PUBLISHER
from cchc_public.present.tables import print_table
from cchc_public.releases.reading import newest_release
from cchc_public.reports.publishing import withdraw
from tests.papers import open_pdf, pieces

SLUG = "2023-6-thang"
PATH = f"/ky/{SLUG}/bao-cao.pdf"


def body_of(data: bytes) -> str:
    """Text without page numbers and the line at the foot, which cut paragraphs in two."""
    found = [piece for page in open_pdf(data).pages for piece in pieces(page)]
    return squeeze("".join(p.text for p in found if p.size > 9 and not (p.top < 20)))


# an official paper never speaks of a website, nor of how its source was printed
NOT_ON_PAPER = (
    "trang này", "trang tính", "do trang", "trên trang", "bấm", "nhấp", "đường dẫn", "website",
    "báo cáo gốc", "gốc in", "tải về", "biểu đồ", "http", "đăng nhập tại",
)  # fmt: skip

only_sqlite = pytest.mark.databases("sqlite")


def squeeze(text: str) -> str:
    return "".join(text.split())


def text_of(data: bytes) -> str:
    reader = pypdf.PdfReader(io.BytesIO(data))
    return squeeze(" ".join(page.extract_text() for page in reader.pages))


@only_sqlite
@pytest.mark.usefixtures("demo")
def test_every_figure_of_every_table_is_in_the_report(citizen, prefix, session):
    answer = citizen.get(prefix + PATH)
    text = text_of(answer.data)
    release = newest_release(session)
    assert len(release.tables) == 8
    for table in release.tables:
        assert squeeze(table.definition.title) in text
        for row in print_table(table.evaluated).rows:
            line = [squeeze(cell.text + cell.detail) for cell in row.cells]
            missing = [words for words in line if words not in text]
            assert not missing, (table.code, row.cells[0].text)
    for finding in release.findings:
        assert squeeze(finding.reason) in text
    text = body_of(answer.data)
    for section in release.narrative:
        assert squeeze(section.heading) in text
        for block in section.blocks:
            assert block.kind == "place" or squeeze(block.text) in text
    assert not [word for word in NOT_ON_PAPER if squeeze(word) in text]


@pytest.mark.everywhere
@pytest.mark.usefixtures("demo")
def test_report_is_made_once(app, citizen, prefix, tmp_path, caplog):
    first = citizen.get(prefix + PATH)
    assert first.status_code == 200
    assert first.mimetype == "application/pdf"
    assert "Set-Cookie" not in first.headers
    assert "Tổngcộng692" in text_of(first.data)
    kept = list((tmp_path / "pdf").iterdir())
    assert len(kept) == 1
    assert kept[0].read_bytes() == first.data
    # what is kept is what is sent: a mark in the kept file comes through
    kept[0].write_bytes(first.data.replace(b"%%EOF", b"% mark\n%%EOF"))
    assert b"% mark" in citizen.get(prefix + PATH).data
    again = citizen.get(prefix + PATH, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.data
    assert not [r for r in caplog.records if "No font" in r.getMessage()]


@only_sqlite
@pytest.mark.usefixtures("demo")
def test_word_document_is_sent_and_kept_like_the_paper(citizen, prefix, tmp_path):
    first = citizen.get(f"{prefix}/ky/{SLUG}/bao-cao.docx")
    assert first.status_code == 200
    assert "wordprocessingml" in first.mimetype
    assert "lan-1.docx" in first.headers["Content-Disposition"]
    assert [f.suffix for f in (tmp_path / "pdf").iterdir()] == [".docx"]
    assert citizen.get(f"{prefix}/ky/{SLUG}/bao-cao.docx?ban=1").data == first.data
    assert "bao-cao.docx" in citizen.get(f"{prefix}/ky/{SLUG}").text


@pytest.mark.everywhere
@only_sqlite
@pytest.mark.usefixtures("demo")
def test_drafts_are_for_staff_only(citizen, clerk, app):
    staff = app.config["CCHC_URL_PREFIX"] + "/quan-tri"
    drafts = {}
    for ending in ("pdf", "docx"):
        address = f"{staff}/ky/{SLUG}/du-thao.{ending}"
        answer = drafts[ending] = clerk.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert app.test_client().get(address).status_code in (302, 403)
    assert "DỰTHẢO" in text_of(drafts["pdf"].data)


@only_sqlite
@pytest.mark.usefixtures("demo")
def test_pinned_release_is_the_same_file(citizen, prefix):
    newest = citizen.get(prefix + PATH)
    assert citizen.get(f"{prefix}{PATH}?ban=1").data == newest.data
    assert "lan-1.pdf" in newest.headers["Content-Disposition"]
    for wrong in ("2", "0", "-1", "x", "1" * 40, "١"):
        assert citizen.get(f"{prefix}{PATH}?ban={wrong}").status_code == 404
    assert citizen.get(f"{prefix}/ky/2022-6-thang/bao-cao.pdf").status_code == 404
    assert citizen.get(f"{prefix}/ky/khong-co/bao-cao.pdf").status_code == 404


@only_sqlite
@pytest.mark.usefixtures("demo")
def test_withdrawn_report_is_gone_though_its_file_is_kept(citizen, prefix, session):
    assert citizen.get(prefix + PATH).status_code == 200
    withdraw(session, SLUG, PUBLISHER, "Số liệu sai nguồn.")
    session.commit()
    for query in ("", "?ban=1", "?ban=2"):
        answer = citizen.get(prefix + PATH + query)
        assert answer.status_code == 410
        assert answer.mimetype == "text/html"  # opened by people, who want a way on
        assert "Số liệu sai nguồn." in answer.text


@pytest.mark.hosts("full")
@only_sqlite
@pytest.mark.usefixtures("demo")
def test_host_may_lay_its_own_letterhead_over_ours(app, citizen, prefix, tmp_path):
    ours = citizen.get(prefix + PATH)
    folder = tmp_path / "templates" / "cchc" / "report"
    folder.mkdir(parents=True)
    (folder / "_head.html").write_text("<p>ĐẦU ĐỀ RIÊNG CỦA XÃ</p>", encoding="utf-8")
    app.extensions["cchc_public"].memory.clear()  # a restart
    app.jinja_env.cache.clear()
    theirs = citizen.get(prefix + PATH)
    assert squeeze("ĐẦU ĐỀ RIÊNG CỦA XÃ") in text_of(theirs.data)
    assert theirs.headers["ETag"] != ours.headers["ETag"]


@pytest.mark.hosts("standalone")
@only_sqlite
def test_pdf_can_be_switched_off(build_app):
    app = build_app("standalone", CCHC_ENABLE_PDF=False)
    assert app.test_client().get(PATH).status_code == 404


@only_sqlite
@pytest.mark.usefixtures("demo")
def test_the_text_for_loudspeakers_is_served_with_every_number_in_words(citizen, prefix, session):
    address = f"{prefix}/ky/{SLUG}/ban-doc.txt"
    answer = citizen.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert "sáu trăm chín mươi hai hồ sơ" in answer.text
    assert "sáu trăm năm mươi mốt hồ sơ" in answer.text
    assert not any(char.isdigit() for char in answer.text)
    assert "ban-doc.txt" in citizen.get(f"{prefix}/ky/{SLUG}").text
    withdraw(session, SLUG, PUBLISHER, "Số liệu sai nguồn.")
    session.commit()
    assert citizen.get(address).status_code == 410
