"""Table ``so-hoa``: digitised dossiers at reception and digitised results, whole or by field."""

from cchc_public.tables.language import BY_FIELD, SINGLE, Agreement, Form, Limit, Ratio, Sum, Table
from cchc_public.tables.notation import read_quantities

DIGITIZATION = Table(
    code="so-hoa",
    title="Số hóa hồ sơ, giấy tờ, kết quả giải quyết thủ tục hành chính",
    short_title="Số hóa hồ sơ và kết quả",
    unit="hồ sơ",
    quantities=read_quantities(
        """
received | ho_so_tiep_nhan > Số hoá hồ sơ TTHC khi Tiếp nhận > Số hồ sơ tiếp nhận
digitized_any | co_so_hoa_thanh_phan
> Số hoá hồ sơ TTHC khi Tiếp nhận > Số hồ sơ có số hoá thành phần HS
fully_digitized | so_hoa_day_du_thanh_phan
> Số hoá hồ sơ TTHC khi Tiếp nhận > Số hồ sơ số hoá đầy đủ thành phần hồ sơ
full_rate | ty_le_so_hoa_day_du | rate
> Số hoá hồ sơ TTHC khi Tiếp nhận > Tỷ lệ số hoá đầy đủ thành phần HS khi tiếp nhận
= Tỷ lệ
# Số hồ sơ số hóa đầy đủ trên số hồ sơ tiếp nhận
not_digitized | chua_so_hoa_thanh_phan > Số hoá hồ sơ TTHC khi Tiếp nhận > Số hồ sơ chưa số hoá TPHS
resolved | ho_so_da_giai_quyet > Số hoá kết quả giải quyết TTHC > Số hồ sơ đã giải quyết
result_digitized | co_so_hoa_ket_qua > Số hoá kết quả giải quyết TTHC > Số hồ sơ có số hoá kết quả
result_rate | ty_le_so_hoa_ket_qua | rate
> Số hoá kết quả giải quyết TTHC > Tỷ lệ số hoá kết quả hồ sơ
= Tỷ lệ
# Số hồ sơ có số hóa kết quả trên số hồ sơ đã giải quyết
result_not_digitized | chua_so_hoa_ket_qua
> Số hoá kết quả giải quyết TTHC > Số hồ sơ chưa số hoá kết quả TTHC
"""
    ),
    sums=(
        Sum("received", ("digitized_any", "not_digitized"), computes="not_digitized"),
        Sum("resolved", ("result_digitized", "result_not_digitized"), "result_not_digitized"),
    ),
    ratios=(
        Ratio("full_rate", ("fully_digitized",), ("received",)),
        Ratio("result_rate", ("result_digitized",), ("resolved",)),
    ),
    limits=(Limit("fully_digitized", "digitized_any"),),
    agreements=(
        Agreement(
            "received-agrees",
            ("received",),
            "ho-so",
            ("received_in_period",),
            "hồ sơ tiếp nhận trong kỳ",
        ),
        Agreement("resolved-agrees", ("resolved",), "ho-so", ("resolved",), "hồ sơ đã giải quyết"),
    ),
    flows=("received", "digitized_any", "fully_digitized", "resolved", "result_digitized"),
    chart_columns=("fully_digitized", "not_digitized"),
    counting_rule=(
        "Tỷ lệ số hóa khi tiếp nhận tính trên hồ sơ mới tiếp nhận trong kỳ, không gồm hồ sơ từ kỳ "
        "trước chuyển sang; tỷ lệ số hóa kết quả tính trên mọi hồ sơ đã giải quyết trong kỳ, "
        "gồm cả hồ sơ từ kỳ trước. Hai tỷ lệ có mẫu số khác nhau nên không gộp làm một."
    ),
)
_SOURCE = "Mẫu báo cáo cải cách hành chính định kỳ do UBND cấp trên yêu cầu"
FORMS = (
    Form(
        DIGITIZATION,
        "theo-linh-vuc",
        BY_FIELD,
        DIGITIZATION.columns(),
        name="Theo lĩnh vực",
        legal_source=_SOURCE,
        is_standard=False,
        row_header="Lĩnh vực",
        row_name="linh_vuc",
        ordinal_header="STT",
    ),
    Form(
        DIGITIZATION,
        "2023",
        SINGLE,
        DIGITIZATION.columns(),
        name="Toàn xã",
        legal_source=_SOURCE,
        ordinal_header="STT",
    ),
)
