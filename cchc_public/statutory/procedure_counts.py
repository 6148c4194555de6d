"""Table ``so-luong-thu-tuc``: procedures promulgated, posted, and in the commune's jurisdiction."""

from cchc_public.statutory.table import Column, RowKind, StatutoryTable, Sum

PROCEDURE_COUNTS = StatutoryTable(
    code="so-luong-thu-tuc",
    edition="2023",
    title="Số lượng thủ tục hành chính được công bố, công khai",
    short_title="Số lượng thủ tục",
    row_kind=RowKind.SINGLE,
    unit="thủ tục",
    legal_source="Mẫu báo cáo cải cách hành chính định kỳ do UBND cấp trên yêu cầu",
    columns=(
        Column(
            "promulgated",
            ("TTHC được công bố", "Tổng số"),
            "duoc_cong_bo",
            formula=Sum(("in_jurisdiction", "other")),
            aliases=("TTHC được công bố", "Tổng số TTHC được công bố"),
        ),
        Column(
            "in_jurisdiction",
            ("TTHC được công bố", "Thuộc thẩm quyền giải quyết của xã"),
            "thuoc_tham_quyen",
            aliases=("TTHC thuộc thẩm quyền giải quyết của xã",),
        ),
        Column(
            "other",
            ("TTHC được công bố", "Còn lại"),
            "con_lai",
            note="Phối hợp với cơ quan khác hoặc không phát sinh ở địa bàn xã",
            aliases=("TTHC còn lại (phối hợp với huyện sở hoặc không phát sinh)",),
        ),
        Column(
            "posted",
            ("TTHC được công khai",),
            "duoc_cong_khai",
            aliases=("TTHC được công khai",),
        ),
        Column("field_count", ("Số lĩnh vực",), "so_linh_vuc", unit="lĩnh vực"),
    ),
    chart_columns=("in_jurisdiction", "other"),
    counting_rule=(
        "“Công bố” là thủ tục có quyết định công bố của cơ quan có thẩm quyền; “công khai” là thủ "
        "tục xã đã niêm yết hoặc đăng tải. Chỉ thủ tục đã công bố mới được công khai."
    ),
)
