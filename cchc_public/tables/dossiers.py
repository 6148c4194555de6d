"""Tables of dossiers: ``ho-so`` with the forms that print it, ``so-hoa``."""

from datetime import date

from cchc_public.tables.language import BY_FIELD, SINGLE, Agreement, Balance, Form, Table
from cchc_public.tables.notation import keys, read_blocks, read_identities, read_quantities

RECEIVED = "Số lượng hồ sơ tiếp nhận"
ALL = "Tổng số"

DOSSIERS = Table(
    code="ho-so",
    title="Tình hình, kết quả giải quyết thủ tục hành chính",
    short_title="Hồ sơ theo lĩnh vực",
    unit="hồ sơ",
    blocks=read_blocks(
        """
received: Số lượng hồ sơ tiếp nhận; Hồ sơ tiếp nhận; Số hồ sơ tiếp nhận;
  Số hồ sơ nhận giải quyết; Tiếp nhận; Đã tiếp nhận; Nhận giải quyết; Nhận
resolved: Số lượng hồ sơ đã giải quyết; Hồ sơ đã giải quyết; Số hồ sơ đã giải quyết;
  Đã giải quyết; Đã xử lý; Đã trả kết quả; Đã trả; Trả kết quả; Kết quả giải quyết; Giải quyết;
  Trả
pending: Số lượng hồ sơ đang giải quyết; Hồ sơ đang giải quyết; Số hồ sơ đang giải quyết;
  Đang giải quyết; Đang xử lý; Chưa giải quyết; Chuyển kỳ sau; Tồn cuối kỳ
received received_in_period resolved pending: Tổng; Cộng; Tổng cộng; Tổng số
resolved resolved_in_term resolved_early resolved_on_time resolved_overdue
  pending pending_in_time pending_overdue: Kết quả giải quyết; Kết quả xử lý
received_in_period received_online received_direct received_counter received_post: Trong kỳ;
  Mới; Mới tiếp nhận; Tiếp nhận mới; Số mới tiếp nhận trong kỳ; Tiếp nhận trong kỳ; Phát sinh;
  Phát sinh mới; Nhận mới
received_online: Trực tuyến; Qua mạng; Nộp trực tuyến; Online
received_direct received_counter: Trực tiếp; Nộp trực tiếp
received_direct received_post: Bưu chính; Dịch vụ bưu chính; BCCI; Bưu chính công ích
? resolved_on_time resolved_in_term: Đúng hạn; Đúng thời hạn; Đúng hạn định; Đúng hẹn
pending_in_time resolved_in_term: Trong hạn; Còn trong hạn
resolved_overdue pending_overdue: Quá hạn; Trễ hạn; Chậm hạn; Trễ hẹn; Quá hẹn
"""
    ),
    quantities=read_quantities(
        """
received | tiep_nhan_tong_so | block=received > Số lượng hồ sơ tiếp nhận > Tổng số
= Tổng; Tổng cộng; Tổng số tiếp nhận; Tổng tiếp nhận
received_in_period | trong_ky_tong_so | block=received
> Số lượng hồ sơ tiếp nhận > Trong kỳ > Tổng số
= Mới tiếp nhận; Số mới tiếp nhận; Tiếp nhận trong kỳ; Phát sinh mới
received_online | trong_ky_truc_tuyen | block=received
> Số lượng hồ sơ tiếp nhận > Trong kỳ > Trực tuyến
= Nộp trực tuyến; Qua mạng; Online
received_direct | trong_ky_truc_tiep_buu_chinh | block=received
> Số lượng hồ sơ tiếp nhận > Trong kỳ > Trực tiếp, dịch vụ bưu chính
= Trực tiếp, bưu chính; Trực tiếp, BCCI; Trực tiếp hoặc bưu chính
received_counter | trong_ky_truc_tiep | block=received
> Số lượng hồ sơ tiếp nhận > Trong kỳ > Trực tiếp
= Nộp trực tiếp; Tại quầy
received_post | trong_ky_buu_chinh | block=received
> Số lượng hồ sơ tiếp nhận > Trong kỳ > Dịch vụ bưu chính
= Bưu chính; BCCI; Bưu chính công ích; Qua bưu điện
carried_over | tu_ky_truoc | block=received | from=pending > Số lượng hồ sơ tiếp nhận > Từ kỳ trước
= Kỳ trước; Kỳ trước chuyển sang; Kỳ trước chuyển qua; Số kỳ trước chuyển qua; Tồn trước
= Tồn kỳ trước
resolved | da_giai_quyet_tong_so | block=resolved > Số lượng hồ sơ đã giải quyết > Tổng số
= Tổng; Tổng cộng; Tổng đã giải quyết
resolved_in_term | truoc_va_dung_han | block=resolved
> Số lượng hồ sơ đã giải quyết > Trước và đúng hạn
= Trước hạn và đúng hạn; Trả đúng thời hạn; Trả đúng hạn; Trong hạn
resolved_early | truoc_han | block=resolved > Số lượng hồ sơ đã giải quyết > Trước hạn
= Sớm hạn; Giải quyết trước hạn
resolved_on_time | dung_han | block=resolved > Số lượng hồ sơ đã giải quyết > Đúng hạn
= Giải quyết đúng hạn
resolved_overdue | qua_han | block=resolved > Số lượng hồ sơ đã giải quyết > Quá hạn
= Trễ hạn; Trả quá hạn; Giải quyết quá hạn
pending | dang_giai_quyet_tong_so | block=pending | stand-in=unresolved
> Số lượng hồ sơ đang giải quyết > Tổng số
= Tổng; Tổng cộng; Tổng đang giải quyết
pending_in_time | dang_giai_quyet_trong_han | block=pending
> Số lượng hồ sơ đang giải quyết > Trong hạn
= Chưa đến hạn; Còn hạn
pending_overdue | dang_giai_quyet_qua_han | block=pending > Số lượng hồ sơ đang giải quyết > Quá hạn
= Trễ hạn; Đã quá hạn
unresolved | chua_giai_quyet_xong > Chưa giải quyết xong
# tiếp nhận trừ đã giải quyết
returned | tra_lai > Hồ sơ kết thúc hoặc dừng không có kết quả > Trả lại, từ chối
= Trả lại; Từ chối
withdrawn | xin_rut > Hồ sơ kết thúc hoặc dừng không có kết quả > Xin rút
= Rút hồ sơ; Công dân rút
awaiting | cho_bo_sung > Hồ sơ kết thúc hoặc dừng không có kết quả > Chờ bổ sung
= Yêu cầu bổ sung; Tạm dừng; Chờ bổ sung hồ sơ
other | khac > Hồ sơ kết thúc hoặc dừng không có kết quả > Khác
= Hồ sơ khác; Chuyển cơ quan khác
on_time_rate | ty_le_dung_han | rate > Tỷ lệ trước và đúng hạn
= Tỷ lệ đúng hạn; Tỷ lệ giải quyết đúng hạn; Tỷ lệ trả đúng hạn
online_rate | ty_le_truc_tuyen | rate > Tỷ lệ nộp trực tuyến
= Tỷ lệ hồ sơ trực tuyến
"""
    ),
    **read_identities(
        """
received = received_in_period + carried_over
received_in_period = received_online + received_direct
received_direct = received_counter + received_post
resolved = resolved_in_term + resolved_overdue
resolved_in_term = resolved_early + resolved_on_time
pending = pending_in_time + pending_overdue
received = resolved + [unresolved]
on_time_rate = resolved_in_term / resolved
online_rate = received_online / received_in_period | received
"""
    ),
    balances=(
        Balance(
            "received", ("resolved", "pending"), ("returned", "withdrawn", "awaiting", "other")
        ),
    ),
    flows=keys(
        "received received_in_period received_online received_direct resolved resolved_in_term "
        "resolved_early resolved_on_time resolved_overdue"
    ),
    chart_columns=("resolved_early", "resolved_on_time", "resolved_overdue", "pending"),
    key_figures=("received", "resolved", "resolved_overdue", "on_time_rate", "pending"),
    counting_rule=(
        "Nơi nào tính hồ sơ trả lại hoặc xin rút vào cột “Đúng hạn” thì tỷ lệ đúng hạn cao hơn "
        "thực tế; nguồn số liệu không nêu xã có tính như vậy hay không. "
        "Lĩnh vực không có hồ sơ trong kỳ có thể không được liệt kê."
    ),
    notes=(
        "Tổng số nguồn không ghi thì do trang tính từ các cột khác.",
        "Cột “Đang giải quyết” không có số thì ghi số chưa giải quyết xong (tiếp nhận trừ đã trả).",
        "Số hồ sơ đang giải quyết của kỳ này là số “Từ kỳ trước” của kỳ sau.",
    ),
)

_column = DOSSIERS.column
_HEAD = ("Lĩnh vực, công việc giải quyết theo cấp", "linh_vuc")
_COLUMNS_06A = (
    _column("received", RECEIVED, ALL, number="(3)", note="(3) = (4) + (5) + (6)"),
    _column("received_online", number="(4)"),
    _column("received_direct", number="(5)"),
    _column("carried_over", number="(6)"),
    _column("resolved", number="(7)", note="(7) = (8) + (9) + (10)"),
    _column("resolved_early", number="(8)"),
    _column("resolved_on_time", number="(9)"),
    _column("resolved_overdue", number="(10)"),
    _column("pending", number="(11)", note="(11) = (3) − (7)"),
    _column("pending_in_time", number="(12)"),
    _column("pending_overdue", number="(13)"),
)
_CIRCULAR_2020 = "Thông tư số 01/2020/TT-VPCP ngày 21/10/2020 của Văn phòng Chính phủ"


def _form_06a(edition: str, name: str, groups: tuple[tuple[str, str], ...] = ()) -> Form:
    """Return the form of 2020, as it is or with its rows under the groups communes print."""
    return Form(
        DOSSIERS,
        edition,
        BY_FIELD,
        _COLUMNS_06A,
        name=name,
        form_code="Biểu số II.06a/VPCP/KSTT",
        legal_source=_CIRCULAR_2020,
        valid_from=date(2021, 1, 1),
        is_standard=not groups,
        row_header=_HEAD[0],
        row_name=_HEAD[1],
        row_number="(2)",
        ordinal_header="TT",
        ordinal_number="(1)",
        groups=groups,
    )


FORM_06A = _form_06a("tt-01-2020", "Biểu II.06a")
FORM_BY_LEVEL = _form_06a(
    "hai-cap",
    "Biểu II.06a, chia theo cấp giải quyết (A, B)",
    (("A", "Thủ tục cấp tỉnh tiếp nhận tại xã"), ("B", "Thủ tục thuộc thẩm quyền cấp xã")),
)
FORM_BY_PLACE = _form_06a(
    "noi-tiep-nhan",
    "Biểu II.06a, chia theo nơi tiếp nhận",
    (("I", "Tiếp nhận tại Trung tâm Phục vụ hành chính công"), ("II", "Tiếp nhận tại nơi khác")),
)

_IN_TERM_CHART = ("resolved_in_term", "resolved_overdue", "pending")
_TAKEN = "Số hồ sơ nhận giải quyết"
_RESULT = "Kết quả giải quyết"
_DONE = "Số hồ sơ đã giải quyết"
_OPEN = "Số hồ sơ đang giải quyết"
FORM_07A = Form(
    DOSSIERS,
    "tt-02-2017",
    BY_FIELD,
    (
        _column("received", _TAKEN, ALL, number="(3)", note="(3) = (4) + (5)"),
        _column("carried_over", _TAKEN, "Trong đó", "Số kỳ trước chuyển qua", number="(4)"),
        _column("received_in_period", _TAKEN, "Trong đó", "Số mới tiếp nhận", number="(5)"),
        _column("resolved", _RESULT, _DONE, ALL, number="(6)", note="(6) = (7) + (8)"),
        _column("resolved_in_term", _RESULT, _DONE, "Trả đúng thời hạn", number="(7)"),
        _column("resolved_overdue", _RESULT, _DONE, "Trả quá hạn", number="(8)"),
        _column("pending", _RESULT, _OPEN, ALL, number="(9)", note="(9) = (10) + (11)"),
        _column("pending_in_time", _RESULT, _OPEN, "Chưa đến hạn", number="(10)"),
        _column("pending_overdue", _RESULT, _OPEN, "Quá hạn", number="(11)"),
    ),
    name="Biểu 07a",
    form_code="Biểu số 07a/VPCP/KSTT",
    legal_source="Thông tư số 02/2017/TT-VPCP ngày 31/10/2017 của Văn phòng Chính phủ",
    valid_to=date(2020, 12, 31),
    chart=_IN_TERM_CHART,
    row_header="Lĩnh vực công việc giải quyết theo cấp",
    row_name=_HEAD[1],
    row_number="(2)",
    ordinal_header="STT",
    ordinal_number="(1)",
)

_NEW = "Mới tiếp nhận"
_SOFTWARE = "Bảng tổng hợp xuất từ phần mềm một cửa điện tử"
FORM_ONE_STOP = Form(
    DOSSIERS,
    "mot-cua",
    BY_FIELD,
    (
        _column("received", "Tổng số tiếp nhận"),
        _column("carried_over", "Tồn trước"),
        _column("received_online", _NEW, "Trực tuyến"),
        _column("received_counter", _NEW, "Trực tiếp"),
        _column("received_post", _NEW, "Bưu chính công ích", aliases=("BCCI",)),
        _column("resolved", "Đã xử lý", "Tổng"),
        _column("resolved_early", "Đã xử lý", "Trước hạn"),
        _column("resolved_on_time", "Đã xử lý", "Đúng hạn"),
        _column("resolved_overdue", "Đã xử lý", "Trễ hạn"),
        _column("pending", "Đang xử lý", "Tổng"),
        _column("pending_in_time", "Đang xử lý", "Trong hạn"),
        _column("pending_overdue", "Đang xử lý", "Trễ hạn"),
    ),
    name="Bảng của phần mềm một cửa",
    legal_source=_SOFTWARE,
    is_standard=False,
    row_header="Lĩnh vực",
    row_name=_HEAD[1],
    ordinal_header="STT",
)
FORM_TOTALS = Form(
    DOSSIERS,
    "tong-hop",
    BY_FIELD,
    (
        _column("received", "Tiếp nhận"),
        _column("resolved", "Đã giải quyết"),
        _column("resolved_in_term", "Trước và đúng hạn"),
        _column("resolved_overdue", "Quá hạn"),
        _column("pending", "Đang giải quyết"),
    ),
    name="Bảng chỉ có số tổng hợp",
    chart=_IN_TERM_CHART,
    legal_source="Lời báo cáo của xã",
    is_standard=False,
    row_header="Lĩnh vực",
    row_name=_HEAD[1],
    ordinal_header="STT",
)
DOSSIER_FORMS = (FORM_07A, FORM_06A, FORM_BY_LEVEL, FORM_BY_PLACE, FORM_ONE_STOP, FORM_TOTALS)


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
    **read_identities(
        """
received = digitized_any + [not_digitized]
resolved = result_digitized + [result_not_digitized]
full_rate = fully_digitized / received
result_rate = result_digitized / resolved
fully_digitized <= digitized_any
"""
    ),
    agreements=(
        Agreement(
            "received-agrees",
            ("received",),
            "ho-so",
            ("received_in_period",),
            "hồ sơ tiếp nhận trong kỳ",
        ),
        Agreement("resolved-agrees", ("resolved",), "ho-so", ("resolved",), "hồ sơ đã giải quyết"),
    ),  # fmt: skip
    flows=("received", "digitized_any", "fully_digitized", "resolved", "result_digitized"),
    chart_columns=("fully_digitized", "not_digitized"),
    counting_rule=(
        "Tỷ lệ số hóa khi tiếp nhận tính trên hồ sơ mới tiếp nhận trong kỳ, không gồm hồ sơ từ kỳ "
        "trước chuyển sang; tỷ lệ số hóa kết quả tính trên mọi hồ sơ đã giải quyết trong kỳ, "
        "gồm cả hồ sơ từ kỳ trước. Hai tỷ lệ có mẫu số khác nhau nên không gộp làm một."
    ),
)
_ASKED_FROM_ABOVE = "Mẫu báo cáo cải cách hành chính định kỳ do UBND cấp trên yêu cầu"
DIGITIZATION_FORMS = (
    Form(
        DIGITIZATION,
        "theo-linh-vuc",
        BY_FIELD,
        DIGITIZATION.columns(),
        name="Theo lĩnh vực",
        legal_source=_ASKED_FROM_ABOVE,
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
        legal_source=_ASKED_FROM_ABOVE,
        ordinal_header="STT",
    ),
)
