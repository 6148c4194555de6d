import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pypdf
import pytest

from cchc_public.exports.pdf import (
    Leaf,
    PrintOrder,
    leaflet_pdf,
    posting_pdf,
    posting_widths,
    qr_png,
)
from cchc_public.procedures import (
    Channel,
    ChannelKind,
    Component,
    Exemption,
    OnlineLevel,
    ProcedureRecord,
    ProcedureStatus,
)
from cchc_public.procedures.description import Description

COUNCIL = "Miễn phí (Mức lệ phí cụ thể do Hội đồng nhân dân tỉnh quyết định)"
RECORD = ProcedureRecord(
    code="1.001193",
    name="Thủ tục đăng ký khai sinh",
    field="Hộ tịch",
    decision_number="163/QĐ-BTP",
    hours="7 giờ 30 đến 11 giờ 30",
    result="Giấy khai sinh",
    online_level=OnlineLevel.FULL,
    channels=(
        Channel(ChannelKind.IN_PERSON, "Trong ngày", COUNCIL),
        Channel(ChannelKind.ONLINE, "Trong ngày", "không nêu trong nguồn"),
    ),
    components=(
        Component("Giấy chứng sinh", originals=1),
        Component("Tờ khai đăng ký khai sinh", form="theo mẫu", copies=0),
    ),
    exemptions=(Exemption("Người nộp trực tuyến", "0 đồng", "23/2026/NQ-HĐND", date(2026, 1, 1)),),
    source="Cổng Dịch vụ công quốc gia",
)
ADDRESS = "https://kimthach.gov.vn/thu-tuc/1.001193"
CHANGED = datetime(2026, 7, 1, 20, tzinfo=UTC)  # the second of July in Vietnam
TODAY = date(2026, 11, 25)
AUTHORITY = "Ủy ban nhân dân xã Kim Thạch"


def make_order(*records: ProcedureRecord) -> PrintOrder:
    printed = tuple(Leaf(Description(record, TODAY), ADDRESS) for record in records)
    desk = f"Bộ phận tiếp nhận và trả kết quả (một cửa), {AUTHORITY}"
    address = "https://kimthach.gov.vn/thu-tuc"
    return PrintOrder(AUTHORITY, printed, CHANGED, desk, field="Hộ tịch", address=address)


def read(data: bytes) -> tuple[list[str], list[tuple[int, int]]]:
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    sizes = [
        (round(p.mediabox.width / 72 * 25.4), round(p.mediabox.height / 72 * 25.4)) for p in pages
    ]
    return [" ".join(page.extract_text().split()) for page in pages], sizes


def test_leaflet_is_one_a5_page_that_says_everything_needed():
    pages, sizes = read(leaflet_pdf(make_order(RECORD)))
    assert sizes == [(148, 210)]
    for words in (
        "Thủ tục đăng ký khai sinh",
        "1.001193",
        "Trong ngày",
        "Mức lệ phí cụ thể do Hội đồng nhân dân tỉnh quyết định",
        "Hỏi mức thu trước khi nộp",
        "Xã chưa ghi",
        "Giấy chứng sinh (1 bản chính)",
        "Tờ khai đăng ký khai sinh (theo mẫu)",
        "Người nộp trực tuyến: 0 đồng (theo 23/2026/NQ-HĐND, từ 01/01/2026)",
        "7 giờ 30 đến 11 giờ 30",
        "Giấy khai sinh",
        "Toàn trình",
        "163/QĐ-BTP",
        ADDRESS,
        "cập nhật đến 02/07/2026",
    ):
        assert words in pages[0], words


def test_leaflet_carries_the_qr_code_as_a_picture():
    page = pypdf.PdfReader(io.BytesIO(leaflet_pdf(make_order(RECORD)))).pages[0]
    assert len(page.images) == 1
    picture = page.images[0].image
    assert picture is not None
    assert picture.size[0] == picture.size[1] >= 200
    assert qr_png(ADDRESS) != qr_png(ADDRESS + "x")


def test_each_leaflet_of_a_field_begins_on_its_own_page():
    pages, _ = read(
        leaflet_pdf(make_order(RECORD, replace(RECORD, code="1.000656", name="Khai tử")))
    )
    assert len(pages) == 2
    assert "Khai tử" in pages[1]
    assert "Khai tử" not in pages[0]


def test_a_missing_fee_is_never_shown_as_free():
    record = replace(RECORD, channels=(Channel(ChannelKind.ANY, "", ""),), exemptions=())
    for render in (leaflet_pdf, posting_pdf):
        pages, _ = read(render(make_order(record)))
        assert "Miễn phí" not in " ".join(pages)
    assert Description(record, TODAY).fees[0].is_missing


def test_repealed_procedure_warns():
    record = replace(
        RECORD,
        status=ProcedureStatus.REPEALED,
        repealed_on=date(2026, 7, 1),
        status_decision="QĐ 9",
    )
    pages, _ = read(leaflet_pdf(make_order(record)))
    assert "Đã bãi bỏ từ ngày 01/07/2026 theo QĐ 9" in pages[0]


def test_channels_that_say_the_same_share_a_line():
    printed = Description(RECORD, TODAY)
    assert [said.label for said in printed.times] == [""]
    assert [said.label for said in printed.fees] == ["Trực tiếp", "Trực tuyến"]


def test_posting_sheet_has_every_column_header_and_page_number_on_each_page():
    records = [replace(RECORD, code=f"1.{i:06}", name=f"Thủ tục số {i} của xã") for i in range(40)]
    pages, sizes = read(posting_pdf(make_order(*records)))
    assert len(pages) > 2
    assert set(sizes) == {(297, 210)}
    heads = (
        "TT",
        "Mã số",
        "Tên thủ tục",
        "Cách nộp, trực tuyến",
        "Thời hạn",
        "Phí, lệ phí",
        "Thành phần hồ sơ",
        "Nơi tiếp nhận, giờ",
        "Kết quả",
        "Quyết định, căn cứ",
    )
    for number, page in enumerate(pages, start=1):
        assert all(head in page for head in heads)
        assert f"trang {number}/{len(pages)}" in page
    text = " ".join(pages)
    assert all(record.code in text for record in records)


def test_posting_widths_fill_the_sheet_whatever_the_texts():
    for records in ((), (RECORD,), (replace(RECORD, name="Rất dài " * 200),)):
        assert sum(posting_widths(make_order(*records).procedures)) == pytest.approx(100, abs=0.1)


def test_same_procedures_give_the_same_bytes():
    assert leaflet_pdf(make_order(RECORD)) == leaflet_pdf(make_order(RECORD))
    assert posting_pdf(make_order(RECORD)) == posting_pdf(make_order(RECORD))


def test_hostile_words_are_only_words(caplog):
    evil = "<pdf:nextpage><img src='/etc/passwd'>{{ 7*7 }}</style>" + "Ộ" * 300
    record = replace(
        RECORD,
        name=evil,
        result=evil,
        hours=evil,
        channels=(Channel(ChannelKind.ANY, evil, evil * 3),),
        components=(Component(evil),),
    )
    for render in (leaflet_pdf, posting_pdf):
        pages, _ = read(render(make_order(record)))
        assert "{{ 7*7 }}" in " ".join(pages)
    assert not [r for r in caplog.records if "refused" in r.getMessage()]


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        (
            "Cổng DVCQG https://dichvucong.gov.vn/x (QĐ 1), bản lưu github:a/b",
            "Cổng DVCQG",
        ),
        ("ChiTietTTHC.doc (CSDLQG), bản trích github:a/b", "ChiTietTTHC.doc (CSDLQG)"),
        ("github:a/b js/data.js", ""),
        ("Quyết định 163/QĐ-BTP", "Quyết định 163/QĐ-BTP"),
    ],
)
def test_paper_names_the_source_without_the_trail_of_its_copies(source, printed):
    record = replace(RECORD, source=source)
    origin = f"Nguồn: {printed}. " if printed else ""
    assert Description(record, TODAY).origin == f"{origin}Xin đối chiếu trước khi dùng."
