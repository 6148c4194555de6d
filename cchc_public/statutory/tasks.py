"""Table ``nhiem-vu``: progress of the reform tasks in the commune's yearly plan, by section."""

from cchc_public.statutory.table import Column, RowKind, StatutoryTable, ValueKind

TEXT = ValueKind.TEXT

TASKS = StatutoryTable(
    code="nhiem-vu",
    edition="2023",
    title="Tiến độ thực hiện các nhiệm vụ cải cách hành chính",
    short_title="Nhiệm vụ cải cách hành chính",
    row_kind=RowKind.BY_TASK,
    unit="nhiệm vụ",
    legal_source="Phụ lục tiến độ kèm báo cáo cải cách hành chính của xã",
    ordinal_header="TT",
    row_header="Nội dung",
    row_name="noi_dung",
    columns=(
        Column("lead_unit", ("Đơn vị thực hiện",), "don_vi_thuc_hien", TEXT, is_carried=True),
        Column("supporting_units", ("Đơn vị phối hợp",), "don_vi_phoi_hop", TEXT, is_carried=True),
        Column("due", ("Thời gian hoàn thành",), "thoi_gian_hoan_thanh", TEXT, is_carried=True),
        Column("progress", ("Đã thực hiện",), "da_thuc_hien", TEXT),
        Column("deliverable", ("Sản phẩm đầu ra",), "san_pham_dau_ra", TEXT),
        Column(
            "completion",
            ("Tỷ lệ hoàn thành nhiệm vụ",),
            "ty_le_hoan_thanh",
            ValueKind.NUMBER,
            unit="%",
            note="Do đơn vị thực hiện tự đánh giá, không tính từ số liệu khác",
            is_summed=False,
        ),
        Column(
            "target",
            ("Chỉ tiêu phải đạt",),
            "chi_tieu_phai_dat",
            TEXT,
            note="Điền khi nhiệm vụ có con số phải đạt",
            is_carried=True,
        ),
        Column("measured", ("Kết quả đo được",), "ket_qua_do_duoc", TEXT),
    ),
    chart_columns=("completion",),
    counting_rule=(
        "Tỷ lệ hoàn thành do đơn vị thực hiện tự đánh giá theo từng nhiệm vụ; trang không cộng "
        "hay lấy trung bình các tỷ lệ này."
    ),
)
