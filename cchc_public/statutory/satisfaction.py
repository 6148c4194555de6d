"""Table ``hai-long``: satisfaction slips in three levels; no rate without its number of slips."""

from cchc_public.statutory.table import Column, Ratio, RowKind, StatutoryTable, Sum, ValueKind

LEVELS = "Số phiếu theo mức độ"

SATISFACTION = StatutoryTable(
    code="hai-long",
    edition="2018",
    title="Mức độ hài lòng của tổ chức, cá nhân khi giải quyết thủ tục hành chính",
    short_title="Mức độ hài lòng",
    row_kind=RowKind.SINGLE,
    unit="phiếu",
    legal_source="Thông tư số 01/2018/TT-VPCP của Văn phòng Chính phủ, chương III",
    columns=(
        Column("slips", ("Tổng số phiếu",), "tong_so_phieu", aliases=("Số phiếu khảo sát",)),
        Column("very_satisfied", (LEVELS, "Rất hài lòng"), "rat_hai_long"),
        Column("satisfied", (LEVELS, "Hài lòng"), "hai_long"),
        Column(
            "dissatisfied", (LEVELS, "Không hài lòng"), "khong_hai_long", aliases=("Chưa hài lòng",)
        ),
        Column(
            "satisfied_total",
            ("Rất hài lòng và hài lòng",),
            "tong_hai_long",
            formula=Sum(("very_satisfied", "satisfied")),
        ),
        Column(
            "satisfaction_rate",
            ("Tỷ lệ hài lòng",),
            "ty_le_hai_long",
            ValueKind.RATE,
            unit="%",
            formula=Ratio(("satisfied_total",), ("slips",)),
            note="Số phiếu rất hài lòng và hài lòng trên tổng số phiếu",
            aliases=("Mức độ hài lòng của người dân",),
        ),
        Column(
            "coverage_target",
            ("Chỉ tiêu tỷ lệ phiếu khảo sát",),
            "chi_tieu_ty_le_phieu",
            ValueKind.NUMBER,
            unit="%",
            note="Số phiếu phải đạt trên số hồ sơ đã giải quyết, theo kế hoạch của xã",
            is_summed=False,
            is_carried=True,
        ),
    ),
    chart_columns=("very_satisfied", "satisfied", "dissatisfied"),
    counting_rule=(
        "Tỷ lệ hài lòng tính trên số phiếu thu được; người không gửi phiếu không được coi là "
        "hài lòng. Không có số phiếu thì trang chỉ nhắc lại con số của báo cáo, ghi rõ là "
        "không có số phiếu, không vẽ biểu đồ và không so sánh."
    ),
)
