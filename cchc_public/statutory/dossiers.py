"""Table ``ho-so``: dossiers received, resolved and pending by procedure field (Biểu II.06a)."""

from cchc_public.statutory.table import Column, Difference, RowKind, StatutoryTable, Sum

RECEIVED = "Số lượng hồ sơ tiếp nhận"
RESOLVED = "Số lượng hồ sơ đã giải quyết"
PENDING = "Số lượng hồ sơ đang giải quyết"
IN_PERIOD = "Trong kỳ"

DOSSIERS = StatutoryTable(
    code="ho-so",
    edition="tt-01-2020",
    title="Tình hình, kết quả giải quyết thủ tục hành chính",
    short_title="Hồ sơ theo lĩnh vực",
    row_kind=RowKind.BY_FIELD,
    unit="hồ sơ",
    form_code="Biểu số II.06a/VPCP/KSTT",
    legal_source="Thông tư số 01/2020/TT-VPCP ngày 21/10/2020 của Văn phòng Chính phủ",
    ordinal_header="TT",
    ordinal_number="(1)",
    row_header="Lĩnh vực, công việc giải quyết theo cấp",
    row_number="(2)",
    row_name="linh_vuc",
    columns=(
        Column(
            "received",
            (RECEIVED, "Tổng số"),
            "tiep_nhan_tong_so",
            number="(3)",
            formula=Sum(("received_online", "received_direct", "carried_over")),
            note="(3) = (4) + (5) + (6)",
        ),
        Column(
            "received_online",
            (RECEIVED, IN_PERIOD, "Trực tuyến"),
            "trong_ky_truc_tuyen",
            number="(4)",
        ),
        Column(
            "received_direct",
            (RECEIVED, IN_PERIOD, "Trực tiếp, dịch vụ bưu chính"),
            "trong_ky_truc_tiep_buu_chinh",
            number="(5)",
        ),
        Column(
            "carried_over",
            (RECEIVED, "Từ kỳ trước"),
            "tu_ky_truoc",
            number="(6)",
            carried_from="pending",
        ),
        Column(
            "resolved",
            (RESOLVED, "Tổng số"),
            "da_giai_quyet_tong_so",
            number="(7)",
            formula=Sum(("resolved_early", "resolved_on_time", "resolved_overdue")),
            note="(7) = (8) + (9) + (10)",
        ),
        Column("resolved_early", (RESOLVED, "Trước hạn"), "truoc_han", number="(8)"),
        Column("resolved_on_time", (RESOLVED, "Đúng hạn"), "dung_han", number="(9)"),
        Column("resolved_overdue", (RESOLVED, "Quá hạn"), "qua_han", number="(10)"),
        Column(
            "pending",
            (PENDING, "Tổng số"),
            "dang_giai_quyet_tong_so",
            number="(11)",
            formula=Difference("received", ("resolved",)),
            note="(11) = (3) − (7)",
        ),
        Column(
            "pending_in_time", (PENDING, "Trong hạn"), "dang_giai_quyet_trong_han", number="(12)"
        ),
        Column("pending_overdue", (PENDING, "Quá hạn"), "dang_giai_quyet_qua_han", number="(13)"),
    ),
    chart_columns=("resolved_early", "resolved_on_time", "resolved_overdue", "pending"),
    counting_rule=(
        "Nơi nào tính hồ sơ trả lại hoặc xin rút vào cột “Đúng hạn” thì tỷ lệ đúng hạn cao hơn "
        "thực tế; nguồn số liệu không nêu xã có tính như vậy hay không. "
        "Lĩnh vực không có hồ sơ trong kỳ có thể không được liệt kê."
    ),
    notes=(
        "Tổng số và số hồ sơ đang giải quyết do trang tính từ các cột gốc.",
        "Số hồ sơ đang giải quyết của kỳ này là số “Từ kỳ trước” của kỳ sau.",
    ),
)
