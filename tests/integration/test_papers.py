"""Facts of the paper: added after publication, in their own log, never a correction."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from cchc_public.exports.pdf import FONT_FACE_CSS, render_pdf
from cchc_public.files.opening import read_signed
from cchc_public.releases.reading import list_corrections, newest_release
from cchc_public.store import PaperEntry, Release
from tests.integration.reports import SLUG, publish_new
from tests.office_forms import fill, read_form, words
from tests.papers import text_of

PAGE = f"/quan-tri/ky/{SLUG}"
pytestmark = pytest.mark.databases("sqlite")
FACTS = {
    "document_number": "41/BC-UBND",
    "issued_on": "16/6/2023",
    "signatory_title": "KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH",
    "signatory": "Lê Văn Ẩn",
}


@pytest.fixture
def published(session):
    publish_new(session)
    return newest_release(session)


def made(words):
    faces = f"<style>{FONT_FACE_CSS} body {{ font-family: Tinos }}</style>"
    html = f"{faces}<p>{words}</p>"
    return render_pdf(html, made_at=datetime(2023, 6, 1, tzinfo=UTC), identity=words)


def upload(client, desk, data, **facts):
    fields = read_form(client.get(f"{desk}/ban-ky").text, "/ban-ky") | FACTS | facts
    fields["copy"] = (io.BytesIO(data), "ban ký.pdf")
    return client.post(f"{desk}/ban-ky", data=fields, content_type="multipart/form-data")


@pytest.mark.hosts("standalone", "full")
def test_number_and_signed_copy_are_added_without_a_correction(
    citizen, clerk, prefix, session, published
):
    desk = prefix + PAGE
    paper = citizen.get(f"{prefix}/ky/{SLUG}/bao-cao.pdf").data
    assert "41/BC-UBND" not in text_of(paper)
    answer = upload(clerk, desk, paper)
    assert answer.status_code == 302, words(answer.text)
    session.expire_all()
    assert [r.number for r in session.scalars(select(Release))] == [1]
    assert list_corrections(session) == ()
    page = citizen.get(f"{prefix}/ky/{SLUG}")
    told = words(page.text)
    assert "41/BC-UBND, ngày 16/06/2023, KT. CHỦ TỊCH PHÓ CHỦ TỊCH Lê Văn Ẩn" in told
    assert "mã kiểm tra trên bản ký khớp số liệu này" in told
    assert "đính chính ngày" not in told
    copy = citizen.get(f"{prefix}/ky/{SLUG}/ban-ky.pdf")
    assert copy.data == paper
    assert "sandbox" in copy.headers["Content-Security-Policy"]
    printed = text_of(citizen.get(f"{prefix}/ky/{SLUG}/bao-cao.pdf").data)
    assert "41/BC-UBND" in printed
    assert "gày16tháng6năm2023" in printed
    assert "KT.CHỦTỊCHPHÓCHỦTỊCH" in printed
    widget = citizen.get(f"{prefix}/nhung/ho-so")
    assert "đính chính" not in widget.text
    assert "41/BC-UBND" in words(clerk.get(f"{desk}/ban-ky").text)


@pytest.mark.hosts("standalone")
def test_another_paper_is_told_and_a_scan_cannot_be_compared(clerk, citizen, session, published):
    other = made("Mã kiểm tra 0123456789ab")
    assert upload(clerk, PAGE, other).status_code == 302
    assert "KHÁC số liệu đã công bố" in words(clerk.get(f"{PAGE}/ban-ky").text)
    scan = made("Bản quét")
    assert upload(clerk, PAGE, scan).status_code == 302
    assert "không đối chiếu được" in words(clerk.get(f"{PAGE}/ban-ky").text)
    assert "không đối chiếu được với số liệu này" in words(citizen.get(f"/ky/{SLUG}").text)
    assert len(list(session.scalars(select(PaperEntry)))) == 2


@pytest.mark.hosts("standalone")
def test_what_is_no_pdf_and_what_is_not_new_is_refused_in_words(app, clerk, published):
    refused = upload(clerk, PAGE, b"MZ not a pdf")
    assert refused.status_code == 422
    assert "phải là tệp PDF" in words(refused.text)
    assert fill(clerk, f"{PAGE}/ban-ky", "/ban-ky", **FACTS).status_code == 302
    again = fill(clerk, f"{PAGE}/ban-ky", "/ban-ky", **FACTS)
    assert again.status_code == 422
    assert "Không có gì mới" in words(again.text)
    app.config["CCHC_SIGNED_COPY_MAX_BYTES"] = 5000
    assert upload(clerk, PAGE, b"%PDF-" + b"x" * 9000).status_code == 413


@pytest.mark.hosts("standalone")
def test_the_log_of_a_paper_is_written_once(clerk, session, published):
    fill(clerk, f"{PAGE}/ban-ky", "/ban-ky", **FACTS)
    for statement in (
        "UPDATE cchc_paper_entry SET entered_by_name = 'x'",
        "DELETE FROM cchc_paper_entry",
    ):
        with pytest.raises(DatabaseError, match="written once"):
            session.execute(text(statement))
        session.rollback()


def test_broken_files_say_nothing_and_stop_nobody():
    assert read_signed(b"%PDF-1.7 broken").marks == ()
    deep = b"%PDF-1.4\n1 0 obj\n" + b"[" * 200_000 + b"\nendobj\n%%EOF"
    assert read_signed(deep).signatures == ()


def test_signatures_are_read_as_the_file_says():
    pytest.importorskip("pyhanko", reason="the extra that reads signatures")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nguyễn Như Thanh")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    chest = serialization.pkcs12.serialize_key_and_certificates(
        b"x", key, certificate, None, serialization.NoEncryption()
    )
    signer = signers.SimpleSigner.load_pkcs12_data(chest, [])
    plain = made("Mã kiểm tra 0123456789ab")
    signed = io.BytesIO()
    with ThreadPoolExecutor(1) as pool:  # pyHanko wants a thread without a running loop
        pool.submit(
            signers.sign_pdf,
            IncrementalPdfFileWriter(io.BytesIO(plain)),
            signers.PdfSignatureMetadata(field_name="Ky"),
            signer=signer,
            output=signed,
        ).result()
    found = read_signed(signed.getvalue())
    assert found.marks == ("0123456789ab",)
    assert found.signatures[0].startswith("Nguyễn Như Thanh")
