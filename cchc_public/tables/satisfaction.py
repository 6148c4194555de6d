"""Table ``hai-long``: satisfaction slips; no rate without its number of slips."""

from datetime import date

from cchc_public.tables.language import NONE, SINGLE, Form, Quantity, Ratio, Sum, Table, ValueKind

LEVELS = "Số phiếu theo mức độ"

SATISFACTION = Table(
    code="hai-long",
    title="Mức độ hài lòng của tổ chức, cá nhân khi giải quyết thủ tục hành chính",
    short_title="Mức độ hài lòng",
    unit="phiếu",
    quantities=(
        Quantity(
            "slips", "tong_so_phieu", ("Tổng số phiếu",), aliases=("Số phiếu khảo sát", "Số phiếu")
        ),
        Quantity("very_satisfied", "rat_hai_long", (LEVELS, "Rất hài lòng")),
        Quantity("satisfied", "hai_long", (LEVELS, "Hài lòng")),
        Quantity(
            "dissatisfied",
            "khong_hai_long",
            (LEVELS, "Không hài lòng"),
            aliases=("Chưa hài lòng",),
        ),
        Quantity("satisfied_total", "tong_hai_long", ("Rất hài lòng và hài lòng",)),
        Quantity(
            "satisfaction_rate",
            "ty_le_hai_long",
            ("Tỷ lệ hài lòng",),
            ValueKind.RATE,
            unit="%",
            note="Số phiếu rất hài lòng và hài lòng trên tổng số phiếu",
            aliases=("Mức độ hài lòng của người dân",),
        ),
        Quantity(
            "coverage_target",
            "chi_tieu_ty_le_phieu",
            ("Chỉ tiêu tỷ lệ phiếu khảo sát",),
            ValueKind.NUMBER,
            unit="%",
            note="Số phiếu phải đạt trên số hồ sơ đã giải quyết, theo kế hoạch của xã",
            is_summed=False,
            is_carried=True,
        ),
    ),
    sums=(
        Sum("satisfied_total", ("very_satisfied", "satisfied")),
        Sum("slips", ("satisfied_total", "dissatisfied"), computes=NONE),
    ),
    ratios=(
        Ratio(
            "satisfaction_rate",
            ("satisfied_total",),
            ("slips",),
            claim_rule="satisfaction-without-slips",
        ),
    ),
    flows=("slips", "very_satisfied", "satisfied", "dissatisfied"),
    chart_columns=("very_satisfied", "satisfied", "dissatisfied"),
    counting_rule=(
        "Tỷ lệ hài lòng tính trên số phiếu thu được; người không gửi phiếu không được coi là "
        "hài lòng. Không có số phiếu thì trang chỉ nhắc lại con số của báo cáo, ghi rõ là "
        "không có số phiếu, không vẽ biểu đồ và không so sánh."
    ),
)
FORMS = (
    Form(
        SATISFACTION,
        "2018",
        SINGLE,
        SATISFACTION.columns(),
        legal_source="Thông tư số 01/2018/TT-VPCP của Văn phòng Chính phủ, chương III",
        valid_to=date(2025, 6, 30),
    ),
    Form(
        SATISFACTION,
        "2025",
        SINGLE,
        SATISFACTION.columns(),
        legal_source=(
            "Nghị định số 118/2025/NĐ-CP, Nghị định số 367/2025/NĐ-CP, "
            "Thông tư số 03/2025/TT-VPCP, Thông tư số 04/2025/TT-VPCP"
        ),
        valid_from=date(2025, 7, 1),
    ),
)
