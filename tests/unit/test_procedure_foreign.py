"""Procedure lists as others write them: what cannot be read is set aside, the row stays."""

import io
from pathlib import Path

import pytest
from docx import Document

from cchc_public.errors import ImportRejected
from cchc_public.procedures import Bring, ChannelKind, OnlineLevel
from cchc_public.procedures.batches import Refusal, group_refusals, group_set_aside
from cchc_public.procedures.cells import read_cells
from cchc_public.procedures.importing import read_many, read_procedures

DATA = Path(__file__).parents[1] / "data" / "citizen"


def read(name):
    return read_procedures((DATA / name).read_bytes(), name)


def records(incoming):
    return {row.cells["code"]: read_cells(row.cells)[0] for row in incoming.rows}


def test_a_flattened_cell_is_set_aside_and_told_once_per_column():
    incoming = read("13-procedures-flattened-channels.csv")
    assert incoming.refused == []
    found = records(incoming)
    assert found["1.900001"].channels == ()
    assert [channel.kind for channel in found["1.900002"].channels] == [ChannelKind.IN_PERSON]
    (told,) = group_set_aside(incoming.set_aside)
    assert "Cột «Cách nộp»: 1 ô không đọc được" in told
    assert "dòng 2" in told


def test_what_was_set_aside_is_told_in_the_order_of_the_file():
    heads = "Mã thủ tục,Tên thủ tục,Lĩnh vực,Trạng thái,Tiếp nhận tại đây,Ngày sửa đổi"
    text = f"{heads}\n1.900001,Khai sinh,Hộ tịch,lạ,có lẽ,31/02/2023\n"
    aside = read_procedures(text.encode(), "a.csv").set_aside
    assert ",".join(one.header for one in aside) == heads.partition("Lĩnh vực,")[2]


def test_partial_without_a_reason_and_information_only_are_levels():
    incoming = read("14-procedures-partial-no-reason.csv")
    assert (incoming.refused, incoming.set_aside) == ([], [])
    levels = [record.online_level for record in records(incoming).values()]
    assert levels == [OnlineLevel.PARTIAL, OnlineLevel.INFORMATION, OnlineLevel.FULL]


def test_the_tail_of_the_province_is_taken_off_and_told():
    incoming = read("15-procedures-long-codes.csv")
    assert incoming.refused == []
    assert list(records(incoming)) == ["1.900006", "1.900007", "1.900008"]
    assert [(repair.before, repair.after) for repair in incoming.repairs] == [
        ("1.900006.000.00.00.H99", "1.900006"),
        ("1.900007.H99", "1.900007"),
    ]


def test_parallel_lines_belong_together():
    (record,) = records(read("channels-parallel-lines.csv")).values()
    assert [(c.kind, c.time_limit, c.fee, c.note) for c in record.channels] == [
        (
            ChannelKind.IN_PERSON,
            "Ngay trong ngày",
            "Miễn phí",
            "Nộp sau 15 giờ thì nhận kết quả ngày làm việc sau",
        ),
        (ChannelKind.ONLINE, "1 ngày làm việc", "Miễn phí", ""),
        (ChannelKind.POST, "3 ngày làm việc", "8.000 đồng", ""),
    ]
    brings = {paper.name: paper.bring for paper in record.components}
    assert brings["Căn cước của người đi đăng ký"] is Bring.SHOW
    married = record.components[-1]
    assert (married.bring, married.case) == (Bring.SHOW, "cha mẹ đã kết hôn")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("decision_on", "hôm nào đó"),
        ("online_level", "mức 7"),
        ("status", "lơ lửng"),
        ("portal_link", "javascript:alert(1)"),
        ("components", "Tờ khai | | nhiều"),
        ("exemptions", "Hộ nghèo | miễn"),
        ("level", "x" * 201),
    ],
)
def test_no_optional_cell_refuses_its_row(key, text):
    data = f"code,name,field,{key}\n1.900001,Thử,Hộ tịch,{text}\n".encode()
    incoming = read_procedures(data, "x.csv")
    assert incoming.refused == []
    assert [(cell.number, cell.text) for cell in incoming.set_aside] == [(2, text[:200])]
    assert read_cells(incoming.rows[0].cells)[0].name == "Thử"


def test_reasons_are_told_once_with_some_rows():
    refused = [Refusal(n, "", f"Mã «1.{n}» không đúng dạng.") for n in range(2, 12)]
    (line,) = group_refusals(refused)
    assert line.startswith("  10 dòng (2, 3, 4, 5, 6…), ví dụ: Mã «1.2»")


def official(code="1.004222", name="Đăng ký thường trú", lead=("Nộp trực tiếp:",)):
    """An official document as the national database lays it out, in our own words."""
    paper = Document()
    paper.add_paragraph("CHI TIẾT THỦ TỤC HÀNH CHÍNH")
    for label, text in (
        ("Mã thủ tục:", code),
        ("Số quyết định:", "9354/QĐ-BCA"),
        ("Tên thủ tục:", name),
        ("Cấp thực hiện:", "Cấp Xã"),
        ("Loại thủ tục:", "TTHC được luật giao quy định chi tiết"),
        ("Lĩnh vực:", "Đăng ký, quản lý cư trú"),
    ):
        paper.add_paragraph(f"{label} {text}")
    paper.add_paragraph("Trình tự thực hiện:")
    paper.add_paragraph("- Bước 1: Chuẩn bị hồ sơ.")
    paper.add_paragraph("- Bước 2: Nộp hồ sơ tại Công an cấp xã.")
    paper.add_paragraph("Cách thức thực hiện:")
    add_table(
        paper,
        ("Hình thức nộp", "Thời hạn giải quyết", "Phí, lệ phí", "Mô tả"),
        ("Trực tiếp", "7 Ngày làm việc", "20.000 Đồng", "Nộp hồ sơ tại trụ sở"),
        ("Trực tuyến", "7 Ngày làm việc", "10.000 Đồng", ""),
    )
    paper.add_paragraph("Thành phần hồ sơ:")
    for line in lead:
        paper.add_paragraph(line)
    add_table(
        paper,
        ("Tên giấy tờ", "Mẫu đơn, tờ khai", "Số lượng"),
        ("Tờ khai thay đổi thông tin cư trú", "CT01.docx", "Bản chính: 1\nBản sao: 0"),
        ("- Giấy tờ chứng minh chỗ ở", "", "Bản chính: 0\nBản sao: 1"),
    )
    paper.add_paragraph("Đối tượng thực hiện: Công dân Việt Nam")
    paper.add_paragraph("Kết quả thực hiện: Thông báo kết quả")
    paper.add_paragraph("Căn cứ pháp lý:")
    add_table(
        paper,
        ("Số ký hiệu", "Trích yếu", "Ngày ban hành", "Cơ quan ban hành"),
        ("68/2020/QH14", "Luật Cư trú", "13-11-2020", "Quốc hội"),
    )
    paper.add_paragraph("Yêu cầu, điều kiện thực hiện: Không có thông tin")
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def add_table(paper, *rows):
    table = paper.add_table(len(rows), len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text


def test_an_official_document_is_one_procedure():
    incoming = read_procedures(official(), "ChiTietTTHC_1.004222.docx")
    assert (incoming.refused, incoming.set_aside) == ([], [])
    (record,) = records(incoming).values()
    assert (record.code, record.name, record.field) == (
        "1.004222",
        "Đăng ký thường trú",
        "Đăng ký, quản lý cư trú",
    )
    assert (record.decision_number, record.target_group) == ("9354/QĐ-BCA", "Công dân Việt Nam")
    assert [(c.kind, c.time_limit, c.fee) for c in record.channels] == [
        (ChannelKind.IN_PERSON, "7 Ngày làm việc", "20.000 Đồng"),
        (ChannelKind.ONLINE, "7 Ngày làm việc", "10.000 Đồng"),
    ]
    first, second = record.components
    assert (first.name, first.form, first.originals, first.copies, first.case) == (
        "Tờ khai thay đổi thông tin cư trú",
        "CT01.docx",
        1,
        0,
        "Nộp trực tiếp",
    )
    assert (second.name, second.originals, second.copies) == ("Giấy tờ chứng minh chỗ ở", 0, 1)
    assert len(record.steps) == 2
    (basis,) = record.legal_bases
    assert (basis.number, str(basis.issued_on), basis.issued_by) == (
        "68/2020/QH14",
        "2020-11-13",
        "Quốc hội",
    )
    assert record.conditions == ""
    assert "Cơ sở dữ liệu quốc gia" in record.source


def test_many_documents_are_one_batch_and_a_broken_one_is_named():
    incoming = read_many(
        [
            ("a.docx", official()),
            ("b.docx", official("1.004194", "Đăng ký tạm trú")),
            ("c.docx", b"PK\x03\x04 no document"),
            ("d.docx", official("x", "Mã hỏng")),
        ]
    )
    assert list(records(incoming)) == ["1.004222", "1.004194"]
    assert [refusal.number for refusal in incoming.refused] == [3, 4]
    assert "c.docx" in incoming.refused[0].reason
    with pytest.raises(ImportRejected, match=r"c\.docx"):
        read_many([("c.docx", b"PK\x03\x04 no document"), ("e.docx", b"")])
