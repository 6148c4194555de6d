"""Table ``dich-vu-cong``: online public services, in the taxonomy of levels 3, 4 and in today's."""

from datetime import date

from cchc_public.statutory.table import Column, Ratio, RowKind, StatutoryTable, Sum, ValueKind

TITLE = "Kết quả cung cấp dịch vụ công trực tuyến"
CODE = "dich-vu-cong"
SOURCE_FORM = "mẫu báo cáo cải cách hành chính định kỳ do UBND cấp trên yêu cầu"
RATE = ValueKind.RATE
# NĐ 42/2022 took the four levels away; reports kept printing them for a while afterwards.
LEVELS_ABOLISHED = date(2022, 8, 15)

ONLINE_SERVICES_BY_LEVEL = StatutoryTable(
    code=CODE,
    edition="2022-tro-ve-truoc",
    title=f"{TITLE} mức độ 3, 4",
    short_title="Dịch vụ công trực tuyến",
    row_kind=RowKind.SINGLE,
    unit="dịch vụ, hồ sơ",
    legal_source=f"Phân loại 4 mức độ trước Nghị định số 42/2022/NĐ-CP; {SOURCE_FORM}",
    valid_to=date(2022, 8, 14),
    columns=(
        Column(
            "services_l3",
            ("Tổng số DVC TT MĐ 3",),
            "dich_vu_muc_3",
            unit="dịch vụ",
            aliases=("Tổng số DVCTT mức độ 3",),
        ),
        Column(
            "services_l4",
            ("Tổng số DVC TT MĐ 4",),
            "dich_vu_muc_4",
            unit="dịch vụ",
            aliases=("Tổng số DVCTT mức độ 4",),
        ),
        Column(
            "services_total",
            ("Tổng số DVC TT MĐ 3,4",),
            "dich_vu_muc_3_4",
            unit="dịch vụ",
            formula=Sum(("services_l3", "services_l4")),
            aliases=("Tổng số DVCTT mức độ 3, 4",),
        ),
        Column(
            "with_dossiers_l3",
            ("Số DVC TT MĐ 3 phát sinh HS",),
            "dich_vu_muc_3_co_ho_so",
            unit="dịch vụ",
            aliases=("Số DVCTT mức độ 3 phát sinh hồ sơ",),
        ),
        Column(
            "with_online_l3",
            ("Số DVC TT MĐ 3 phát sinh HS online",),
            "dich_vu_muc_3_co_ho_so_online",
            unit="dịch vụ",
            aliases=("Số DVCTT mức độ 3 phát sinh hồ sơ online",),
        ),
        Column(
            "with_dossiers_l4",
            ("Số DVC TT MĐ 4 phát sinh HS",),
            "dich_vu_muc_4_co_ho_so",
            unit="dịch vụ",
            aliases=("Số DVCTT mức độ 4 phát sinh hồ sơ",),
        ),
        Column(
            "with_online_l4",
            ("Số DVC TT MĐ 4 phát sinh HS online",),
            "dich_vu_muc_4_co_ho_so_online",
            unit="dịch vụ",
            aliases=("Số DVCTT mức độ 4 phát sinh hồ sơ online",),
        ),
        Column(
            "with_online_rate",
            ("Tỉ lệ DVC TT MĐ 3,4 phát sinh HS online",),
            "ty_le_dich_vu_co_ho_so_online",
            RATE,
            unit="%",
            formula=Ratio(("with_online_l3", "with_online_l4"), ("services_l3", "services_l4")),
            note="Số dịch vụ mức độ 3, 4 phát sinh hồ sơ online trên tổng số dịch vụ mức độ 3, 4",
            aliases=("Tỉ lệ DVCTT mức độ 3, 4 phát sinh hồ sơ online (%)",),
        ),
        Column(
            "online_l3",
            ("Tổng số HS online MĐ 3",),
            "ho_so_online_muc_3",
            unit="hồ sơ",
            aliases=("Tổng số hồ sơ online mức độ 3",),
        ),
        Column(
            "dossiers_l3",
            ("Tổng HS cả trực tiếp và online MĐ 3",),
            "ho_so_muc_3",
            unit="hồ sơ",
            aliases=("Tổng hồ sơ cả trực tiếp và online mức độ 3",),
        ),
        Column(
            "online_rate_l3",
            ("Tỉ lệ % HS online MĐ 3",),
            "ty_le_ho_so_online_muc_3",
            RATE,
            unit="%",
            formula=Ratio(("online_l3",), ("dossiers_l3",)),
            aliases=("Tỉ lệ % hồ sơ online mức độ 3",),
        ),
        Column(
            "online_l4",
            ("Tổng số HS online MĐ 4",),
            "ho_so_online_muc_4",
            unit="hồ sơ",
            aliases=("Tổng số hồ sơ online mức độ 4",),
        ),
        Column(
            "dossiers_l4",
            ("Tổng HS cả trực tiếp và online MĐ 4",),
            "ho_so_muc_4",
            unit="hồ sơ",
            aliases=("Tổng hồ sơ cả trực tiếp và online mức độ 4",),
        ),
        Column(
            "online_rate_l4",
            ("Tỉ lệ % HS online MĐ 4",),
            "ty_le_ho_so_online_muc_4",
            RATE,
            unit="%",
            formula=Ratio(("online_l4",), ("dossiers_l4",)),
            aliases=("Tỉ lệ % hồ sơ online mức độ 4",),
        ),
        Column(
            "all_levels",
            ("Tổng số HS 1,2,3,4",),
            "ho_so_muc_1_2_3_4",
            unit="hồ sơ",
            aliases=("Tổng số hồ sơ mức độ 1, 2, 3, 4",),
        ),
        Column(
            "online_rate",
            ("Tỉ lệ % HS online",),
            "ty_le_ho_so_online",
            RATE,
            unit="%",
            formula=Ratio(
                ("online_l3", "online_l4"),
                ("all_levels",),
                alternatives=(("dossiers_l3", "dossiers_l4"),),
            ),
            note="Hồ sơ online mức độ 3, 4 trên tổng số hồ sơ mức độ 1, 2, 3, 4",
            aliases=("Tỉ lệ % hồ sơ online",),
        ),
    ),
    chart_columns=("online_l3", "online_l4"),
    counting_rule=(
        "Trang tính tỷ lệ hồ sơ online trên tổng số hồ sơ mức độ 1, 2, 3, 4; nguồn có thể tính "
        "chỉ trên hồ sơ mức độ 3, 4 nên con số in trong nguồn cao hơn. "
        "“Mức độ 3, 4” là cách phân loại trước năm 2022; nay là “toàn trình” và “một phần”."
    ),
    notes=(
        "DVC TT: dịch vụ công trực tuyến. MĐ: mức độ. HS: hồ sơ. online: nộp trực tuyến.",
        "Hai cách phân loại không tương đương từng dịch vụ nên trang không quy đổi.",
    ),
)

FULL = "Toàn trình"
PARTIAL = "Một phần"

ONLINE_SERVICES = StatutoryTable(
    code=CODE,
    edition="2022-2026",
    title=TITLE,
    short_title="Dịch vụ công trực tuyến",
    row_kind=RowKind.SINGLE,
    unit="dịch vụ, hồ sơ",
    legal_source=(
        "Phân loại toàn trình, một phần theo Nghị định số 42/2022/NĐ-CP, từ 01/7/2026 theo "
        f"Nghị định số 224/2026/NĐ-CP; {SOURCE_FORM}"
    ),
    valid_from=LEVELS_ABOLISHED,  # open end: NĐ 224/2026 keeps the two kinds
    columns=(
        Column("services_full", (FULL, "Tổng số dịch vụ"), "dich_vu_toan_trinh", unit="dịch vụ"),
        Column(
            "with_online_full",
            (FULL, "Số dịch vụ phát sinh hồ sơ trực tuyến"),
            "dich_vu_toan_trinh_co_ho_so_truc_tuyen",
            unit="dịch vụ",
        ),
        Column(
            "online_full",
            (FULL, "Số hồ sơ trực tuyến"),
            "ho_so_truc_tuyen_toan_trinh",
            unit="hồ sơ",
        ),
        Column(
            "dossiers_full",
            (FULL, "Tổng số hồ sơ"),
            "ho_so_toan_trinh",
            unit="hồ sơ",
            note="Cả trực tuyến, trực tiếp và qua dịch vụ bưu chính",
        ),
        Column(
            "online_rate_full",
            (FULL, "Tỷ lệ hồ sơ trực tuyến"),
            "ty_le_ho_so_truc_tuyen_toan_trinh",
            RATE,
            unit="%",
            formula=Ratio(("online_full",), ("dossiers_full",)),
        ),
        Column(
            "services_partial", (PARTIAL, "Tổng số dịch vụ"), "dich_vu_mot_phan", unit="dịch vụ"
        ),
        Column(
            "with_online_partial",
            (PARTIAL, "Số dịch vụ phát sinh hồ sơ trực tuyến"),
            "dich_vu_mot_phan_co_ho_so_truc_tuyen",
            unit="dịch vụ",
        ),
        Column(
            "online_partial",
            (PARTIAL, "Số hồ sơ trực tuyến"),
            "ho_so_truc_tuyen_mot_phan",
            unit="hồ sơ",
        ),
        Column(
            "dossiers_partial",
            (PARTIAL, "Tổng số hồ sơ"),
            "ho_so_mot_phan",
            unit="hồ sơ",
            note="Cả trực tuyến, trực tiếp và qua dịch vụ bưu chính",
        ),
        Column(
            "online_rate_partial",
            (PARTIAL, "Tỷ lệ hồ sơ trực tuyến"),
            "ty_le_ho_so_truc_tuyen_mot_phan",
            RATE,
            unit="%",
            formula=Ratio(("online_partial",), ("dossiers_partial",)),
        ),
        Column(
            "services_total",
            ("Chung", "Tổng số dịch vụ công trực tuyến"),
            "dich_vu_truc_tuyen",
            unit="dịch vụ",
            formula=Sum(("services_full", "services_partial")),
        ),
        Column(
            "with_online_rate",
            ("Chung", "Tỷ lệ dịch vụ phát sinh hồ sơ trực tuyến"),
            "ty_le_dich_vu_co_ho_so_truc_tuyen",
            RATE,
            unit="%",
            formula=Ratio(("with_online_full", "with_online_partial"), ("services_total",)),
        ),
        Column(
            "all_levels",
            ("Chung", "Tổng số hồ sơ của mọi thủ tục"),
            "tong_ho_so",
            unit="hồ sơ",
            note="Hồ sơ mới tiếp nhận trong kỳ, kể cả thủ tục không có dịch vụ công trực tuyến",
        ),
        Column(
            "online_rate",
            ("Chung", "Tỷ lệ hồ sơ trực tuyến"),
            "ty_le_ho_so_truc_tuyen",
            RATE,
            unit="%",
            formula=Ratio(
                ("online_full", "online_partial"),
                ("all_levels",),
                alternatives=(("dossiers_full", "dossiers_partial"),),
            ),
            note="Hồ sơ trực tuyến trên tổng số hồ sơ của mọi thủ tục",
        ),
    ),
    chart_columns=("online_full", "online_partial"),
    counting_rule=(
        "Tỷ lệ hồ sơ trực tuyến tính trên tổng số hồ sơ tiếp nhận trong kỳ của mọi thủ tục, "
        "kể cả thủ tục chưa có dịch vụ công trực tuyến."
    ),
)
