import io

import pypdf
import pytest

from cchc_public.demo import CLERK
from cchc_public.paths import PACKAGE
from cchc_public.procedures.importing import import_files

pytestmark = pytest.mark.databases("sqlite")
REAL = PACKAGE / "demo" / "procedures.csv"


@pytest.fixture
def listed(app, session):
    import_files(session, [(REAL.name, REAL.read_bytes())], CLERK)
    session.commit()


def text_of(data: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


@pytest.mark.usefixtures("listed")
def test_leaflet_and_its_link(app, citizen, prefix):
    app.config["CCHC_CANONICAL_URL"] = "https://kimthach.gov.vn"
    answer = citizen.get(f"{prefix}/thu-tuc/1.001193/to-roi.pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert "Set-Cookie" not in answer.headers
    assert f"https://kimthach.gov.vn{prefix}/thu-tuc/1.001193" in text_of(answer.data)
    assert "Quétđểxemđầyđủ" in text_of(answer.data)
    address = f'href="{prefix}/thu-tuc/1.001193/to-roi.pdf"'
    assert address in citizen.get(f"{prefix}/thu-tuc/1.001193").text
    etag = {"If-None-Match": answer.headers["ETag"]}
    assert citizen.get(f"{prefix}/thu-tuc/1.001193/to-roi.pdf", headers=etag).status_code == 304


@pytest.mark.usefixtures("listed")
@pytest.mark.databases("sqlite")
@pytest.mark.hosts("standalone")
def test_paper_without_an_official_host_carries_no_code_and_office_and_doctor_say_why(
    app, citizen, clerk
):
    headers = {"Host": "may-cua-toi.local:8000"}
    for name in ("1.001193/to-roi.pdf", "linh-vuc/chung-thuc/niem-yet.pdf"):
        data = citizen.get(f"/thu-tuc/{name}", headers=headers).data
        assert "Quétđểxem" not in text_of(data)
        assert "Bảnmớinhất" not in text_of(data)
        assert "http" not in text_of(data)
        assert not pypdf.PdfReader(io.BytesIO(data)).pages[0].images
    why = "chưa đặt CCHC_CANONICAL_URL"
    told = app.test_cli_runner().invoke(args=["cchc", "doctor"]).output
    assert "lưu ý  Địa chỉ chính thức: (chưa đặt)" in told
    assert why in told.lower().replace("cchc_canonical_url", "CCHC_CANONICAL_URL")
    assert why in clerk.get("/quan-tri/thu-tuc").text
    app.config["CCHC_CANONICAL_URL"] = "https://kimthach.gov.vn"
    posting = citizen.get("/thu-tuc/linh-vuc/chung-thuc/niem-yet.pdf", headers=headers).data
    assert pypdf.PdfReader(io.BytesIO(posting)).pages[0].images
    assert why not in clerk.get("/quan-tri/thu-tuc").text


@pytest.mark.usefixtures("listed")
def test_field_as_posting_sheet_and_as_leaflets(citizen, prefix):
    page = citizen.get(f"{prefix}/thu-tuc?linh-vuc=chung-thuc").text
    for name, pages in (("niem-yet.pdf", None), ("to-roi.pdf", 12)):
        address = f"{prefix}/thu-tuc/linh-vuc/chung-thuc/{name}"
        assert f'href="{address}"' in page
        answer = citizen.get(address)
        assert answer.status_code == 200
        found = pypdf.PdfReader(io.BytesIO(answer.data)).pages
        assert pages is None or len(found) == pages


@pytest.mark.usefixtures("listed")
@pytest.mark.hosts("standalone")
def test_what_does_not_exist_is_404(citizen):
    for address in (
        "/thu-tuc/9.999999/to-roi.pdf",
        "/thu-tuc/linh-vuc/khong-co/niem-yet.pdf",
        "/thu-tuc/linh-vuc/khong-co/to-roi.pdf",
    ):
        assert citizen.get(address).status_code == 404
