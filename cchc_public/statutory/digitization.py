"""Table ``so-hoa``: digitised dossiers at reception and digitised results."""

from cchc_public.statutory.table import (
    Column,
    Difference,
    Ratio,
    RowKind,
    StatutoryTable,
    ValueKind,
)

AT_RECEPTION = "Số hoá hồ sơ TTHC khi Tiếp nhận"
RESULTS = "Số hoá kết quả giải quyết TTHC"

DIGITIZATION = StatutoryTable(
    code="so-hoa",
    edition="2023",
    title="Số hóa hồ sơ, giấy tờ, kết quả giải quyết thủ tục hành chính",
    short_title="Số hóa hồ sơ và kết quả",
    row_kind=RowKind.SINGLE,
    unit="hồ sơ",
    legal_source="Mẫu báo cáo cải cách hành chính định kỳ do UBND cấp trên yêu cầu",
    ordinal_header="STT",
    columns=(
        Column("received", (AT_RECEPTION, "Số hồ sơ tiếp nhận"), "ho_so_tiep_nhan"),
        Column(
            "digitized_any",
            (AT_RECEPTION, "Số hồ sơ có số hoá thành phần HS"),
            "co_so_hoa_thanh_phan",
        ),
        Column(
            "fully_digitized",
            (AT_RECEPTION, "Số hồ sơ số hoá đầy đủ thành phần hồ sơ"),
            "so_hoa_day_du_thanh_phan",
        ),
        Column(
            "full_rate",
            (AT_RECEPTION, "Tỷ lệ số hoá đầy đủ thành phần HS khi tiếp nhận"),
            "ty_le_so_hoa_day_du",
            ValueKind.RATE,
            unit="%",
            formula=Ratio(("fully_digitized",), ("received",)),
            note="Số hồ sơ số hóa đầy đủ trên số hồ sơ tiếp nhận",
        ),
        Column(
            "not_digitized",
            (AT_RECEPTION, "Số hồ sơ chưa số hoá TPHS"),
            "chua_so_hoa_thanh_phan",
            formula=Difference("received", ("digitized_any",)),
        ),
        Column("resolved", (RESULTS, "Số hồ sơ đã giải quyết"), "ho_so_da_giai_quyet"),
        Column("result_digitized", (RESULTS, "Số hồ sơ có số hoá kết quả"), "co_so_hoa_ket_qua"),
        Column(
            "result_rate",
            (RESULTS, "Tỷ lệ số hoá kết quả hồ sơ"),
            "ty_le_so_hoa_ket_qua",
            ValueKind.RATE,
            unit="%",
            formula=Ratio(("result_digitized",), ("resolved",)),
            note="Số hồ sơ có số hóa kết quả trên số hồ sơ đã giải quyết",
        ),
        Column(
            "result_not_digitized",
            (RESULTS, "Số hồ sơ chưa số hoá kết quả TTHC"),
            "chua_so_hoa_ket_qua",
            formula=Difference("resolved", ("result_digitized",)),
        ),
    ),
    chart_columns=("fully_digitized", "not_digitized"),
    counting_rule=(
        "Tỷ lệ số hóa khi tiếp nhận tính trên hồ sơ mới tiếp nhận trong kỳ, không gồm hồ sơ từ kỳ "
        "trước chuyển sang; tỷ lệ số hóa kết quả tính trên mọi hồ sơ đã giải quyết trong kỳ, "
        "gồm cả hồ sơ từ kỳ trước. Hai tỷ lệ có mẫu số khác nhau nên không gộp làm một."
    ),
)
