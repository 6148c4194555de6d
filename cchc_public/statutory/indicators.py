"""Table ``chi-tieu``: single indicators of the report's text, worded by the commune."""

from cchc_public.statutory.table import (
    Column,
    KnownRow,
    Ratio,
    RowKind,
    StatutoryTable,
    ValueKind,
)

TASKS_DONE = "tasks-done"
APOLOGIES = "apologies"
SATISFACTION_CLAIM = "satisfaction-claim"

INDICATORS = StatutoryTable(
    code="chi-tieu",
    edition="2023",
    title="Các chỉ tiêu khác trong báo cáo cải cách hành chính",
    short_title="Chỉ tiêu khác",
    row_kind=RowKind.FREE_LIST,
    unit="theo từng chỉ tiêu",
    legal_source="Lời báo cáo cải cách hành chính định kỳ của xã",
    row_header="Chỉ tiêu",
    row_name="chi_tieu",
    known_rows=(
        KnownRow(
            TASKS_DONE,
            "Nhiệm vụ CCHC đã thực hiện tốt",
            aliases=("Nhiệm vụ cải cách hành chính đã hoàn thành", "Nhiệm vụ CCHC đã hoàn thành"),
            section="I",
        ),
        KnownRow(
            APOLOGIES,
            "Văn bản xin lỗi khi quá hạn",
            aliases=("Văn bản xin lỗi", "Số văn bản xin lỗi", "Phiếu xin lỗi"),
            section="II.2",
        ),
        KnownRow(
            SATISFACTION_CLAIM,
            "Mức độ hài lòng của người dân",
            aliases=("Tỷ lệ người dân hài lòng", "Mức độ hài lòng của người dân, tổ chức"),
            section="II.2",
        ),
    ),
    columns=(
        Column("section_code", ("Mục",), "muc", ValueKind.TEXT, is_carried=True),
        Column("value", ("Giá trị",), "gia_tri", ValueKind.NUMBER),
        Column("numerator", ("Phân số", "Tử số"), "tu_so"),
        Column("denominator", ("Phân số", "Mẫu số"), "mau_so"),
        Column(
            "rate",
            ("Phân số", "Tỷ lệ"),
            "ty_le",
            ValueKind.RATE,
            unit="%",
            formula=Ratio(("numerator",), ("denominator",)),
        ),
        Column("unit", ("Đơn vị",), "don_vi", ValueKind.TEXT, is_carried=True),
        Column("note", ("Ghi chú",), "ghi_chu", ValueKind.TEXT),
    ),
    chart_columns=("rate",),
    counting_rule=(
        "Giá trị ghi đúng như lời báo cáo. Chỉ tiêu có tử số và mẫu số thì tỷ lệ do trang tính; "
        "chỉ tiêu phần trăm không có mẫu số là con số báo cáo tự nêu."
    ),
)
