"""Tables of dossiers: handled, digitized, paid for online, and how content people were."""

from dataclasses import replace
from datetime import date
from typing import Any

from cchc_public.tables.language import BY_FIELD, Form, Table
from cchc_public.tables.notation import keys, read_blocks, read_facts

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
    **read_facts(
        """
>> Số lượng hồ sơ tiếp nhận | block=received
received | tiep_nhan_tong_so > Tổng số
= Tổng; Tổng cộng; Tổng số tiếp nhận; Tổng tiếp nhận
received_in_period | trong_ky_tong_so > Trong kỳ > Tổng số
= Mới tiếp nhận; Số mới tiếp nhận; Tiếp nhận trong kỳ; Phát sinh mới
received_online | trong_ky_truc_tuyen > Trong kỳ > Trực tuyến
= Nộp trực tuyến; Qua mạng; Online
received_direct | trong_ky_truc_tiep_buu_chinh > Trong kỳ > Trực tiếp, dịch vụ bưu chính
= Trực tiếp, bưu chính; Trực tiếp, BCCI; Trực tiếp hoặc bưu chính
received_counter | trong_ky_truc_tiep > Trong kỳ > Trực tiếp
= Nộp trực tiếp; Tại quầy
received_post | trong_ky_buu_chinh > Trong kỳ > Dịch vụ bưu chính
= Bưu chính; BCCI; Bưu chính công ích; Qua bưu điện
carried_over | tu_ky_truoc | carried-from=pending > Từ kỳ trước
= Kỳ trước; Kỳ trước chuyển sang; Kỳ trước chuyển qua; Số kỳ trước chuyển qua; Tồn trước
= Tồn kỳ trước
>> Số lượng hồ sơ đã giải quyết | block=resolved
resolved | da_giai_quyet_tong_so > Tổng số
= Tổng; Tổng cộng; Tổng đã giải quyết
resolved_in_term | truoc_va_dung_han > Trước và đúng hạn
= Trước hạn và đúng hạn; Trả đúng thời hạn; Trả đúng hạn; Trong hạn
resolved_early | truoc_han > Trước hạn
= Sớm hạn; Giải quyết trước hạn
resolved_on_time | dung_han > Đúng hạn
= Giải quyết đúng hạn
resolved_overdue | qua_han > Quá hạn
= Trễ hạn; Trả quá hạn; Giải quyết quá hạn
>> Số lượng hồ sơ đang giải quyết | block=pending
pending | dang_giai_quyet_tong_so | stand-in=unresolved > Tổng số
= Tổng; Tổng cộng; Tổng đang giải quyết
pending_in_time | dang_giai_quyet_trong_han > Trong hạn
= Chưa đến hạn; Còn hạn
pending_overdue | dang_giai_quyet_qua_han > Quá hạn
= Trễ hạn; Đã quá hạn
>>
unresolved | chua_giai_quyet_xong > Chưa giải quyết xong
# tiếp nhận trừ đã giải quyết
>> Hồ sơ kết thúc hoặc dừng không có kết quả
returned | tra_lai > Trả lại, từ chối
= Trả lại; Từ chối
withdrawn | xin_rut > Xin rút
= Rút hồ sơ; Công dân rút
awaiting | cho_bo_sung > Chờ bổ sung
= Yêu cầu bổ sung; Tạm dừng; Chờ bổ sung hồ sơ
other | khac > Khác
= Hồ sơ khác; Chuyển cơ quan khác
>>
on_time_rate | ty_le_dung_han | rate > Tỷ lệ trước và đúng hạn
= Tỷ lệ đúng hạn; Tỷ lệ giải quyết đúng hạn; Tỷ lệ trả đúng hạn
online_rate | ty_le_truc_tuyen | rate > Tỷ lệ nộp trực tuyến
= Tỷ lệ hồ sơ trực tuyến

received = received_in_period + carried_over
received_in_period = received_online + received_direct
received_direct = received_counter + received_post
resolved = resolved_in_term + resolved_overdue
resolved_in_term = resolved_early + resolved_on_time
pending = pending_in_time + pending_overdue
received = resolved + [unresolved]
received ~ resolved + pending + [returned] + [withdrawn] + [awaiting] + [other]
on_time_rate = resolved_in_term / resolved
online_rate = received_online / received_in_period | received
"""
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
_BY_FIELD: dict[str, Any] = {
    "row_header": "Lĩnh vực",
    "row_name": "linh_vuc",
    "ordinal_header": "STT",
}
FORM_06A = Form(
    DOSSIERS,
    "tt-01-2020",
    BY_FIELD,
    (
        _column(
            "received",
            "Số lượng hồ sơ tiếp nhận",
            "Tổng số",
            number="(3)",
            note="(3) = (4) + (5) + (6)",
        ),
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
    ),
    name="Biểu II.06a",
    form_code="Biểu số II.06a/VPCP/KSTT",
    legal_source="Thông tư số 01/2020/TT-VPCP ngày 21/10/2020 của Văn phòng Chính phủ",
    valid_from=date(2021, 1, 1),
    row_header="Lĩnh vực, công việc giải quyết theo cấp",
    row_name="linh_vuc",
    row_number="(2)",
    ordinal_header="TT",
    ordinal_number="(1)",
)


def _grouped(edition: str, by: str, *groups: tuple[str, str]) -> Form:
    """Return the form of 2020 with its rows under groups, as many communes print it."""
    name = f"{FORM_06A.name}, chia theo {by}"
    return replace(FORM_06A, edition=edition, name=name, is_standard=False, groups=groups)


_IN_TERM_CHART = ("resolved_in_term", "resolved_overdue", "pending")
_TAKEN, _RESULT = "Số hồ sơ nhận giải quyết", "Kết quả giải quyết"
_DONE, _OPEN = "Số hồ sơ đã giải quyết", "Số hồ sơ đang giải quyết"
_NEW = "Mới tiếp nhận"

DIGITIZATION = Table(
    code="so-hoa",
    title="Số hóa hồ sơ, giấy tờ, kết quả giải quyết thủ tục hành chính",
    short_title="Số hóa hồ sơ và kết quả",
    unit="hồ sơ",
    **read_facts(
        """
>> Số hoá hồ sơ TTHC khi Tiếp nhận
received | ho_so_tiep_nhan > Số hồ sơ tiếp nhận
digitized_any | co_so_hoa_thanh_phan > Số hồ sơ có số hoá thành phần HS
fully_digitized | so_hoa_day_du_thanh_phan > Số hồ sơ số hoá đầy đủ thành phần hồ sơ
full_rate | ty_le_so_hoa_day_du | rate > Tỷ lệ số hoá đầy đủ thành phần HS khi tiếp nhận
= Tỷ lệ
# Số hồ sơ số hóa đầy đủ trên số hồ sơ tiếp nhận
not_digitized | chua_so_hoa_thanh_phan > Số hồ sơ chưa số hoá TPHS
>> Số hoá kết quả giải quyết TTHC
resolved | ho_so_da_giai_quyet > Số hồ sơ đã giải quyết
result_digitized | co_so_hoa_ket_qua > Số hồ sơ có số hoá kết quả
result_rate | ty_le_so_hoa_ket_qua | rate > Tỷ lệ số hoá kết quả hồ sơ
= Tỷ lệ
# Số hồ sơ có số hóa kết quả trên số hồ sơ đã giải quyết
result_not_digitized | chua_so_hoa_ket_qua > Số hồ sơ chưa số hoá kết quả TTHC

received = digitized_any + [not_digitized]
resolved = result_digitized + [result_not_digitized]
full_rate = fully_digitized / received
result_rate = result_digitized / resolved
fully_digitized <= digitized_any
received ~ ho-so.received_in_period; received-agrees; hồ sơ tiếp nhận trong kỳ
resolved ~ ho-so.resolved; resolved-agrees; hồ sơ đã giải quyết
"""
    ),
    flows=("received", "digitized_any", "fully_digitized", "resolved", "result_digitized"),
    chart_columns=("fully_digitized", "not_digitized"),
    counting_rule=(
        "Tỷ lệ số hóa khi tiếp nhận tính trên hồ sơ mới tiếp nhận trong kỳ, không gồm hồ sơ từ kỳ "
        "trước chuyển sang; tỷ lệ số hóa kết quả tính trên mọi hồ sơ đã giải quyết trong kỳ, "
        "gồm cả hồ sơ từ kỳ trước. Hai tỷ lệ có mẫu số khác nhau nên không gộp làm một."
    ),
)
ASKED = "Mẫu báo cáo cải cách hành chính định kỳ do UBND cấp trên yêu cầu"

PAYMENTS = Table(
    code="thanh-toan",
    title="Thanh toán trực tuyến phí, lệ phí, nghĩa vụ tài chính",
    short_title="Thanh toán trực tuyến",
    unit="hồ sơ",
    **read_facts(
        """
>> Thủ tục | unit=thủ tục
payable | thu_tuc_co_nghia_vu > Có phí, lệ phí, nghĩa vụ tài chính
payable_online | thu_tuc_thanh_toan_truc_tuyen > Cung cấp thanh toán trực tuyến
with_payments | thu_tuc_co_giao_dich > Có giao dịch trực tuyến
>> Hồ sơ
dossiers_due | ho_so_phai_nop > Phải nộp phí, lệ phí
dossiers_paid | ho_so_nop_truc_tuyen > Nộp trực tuyến
dossiers_cash | ho_so_nop_truc_tiep > Nộp trực tiếp
paid_rate | ty_le_nop_truc_tuyen | rate > Tỷ lệ nộp trực tuyến
>> Số tiền | number | unit=đồng
amount_online | so_tien_truc_tuyen > Nộp trực tuyến
amount | so_tien > Tổng số đã thu

dossiers_due = dossiers_paid + dossiers_cash
paid_rate = dossiers_paid / dossiers_due
payable_online <= payable
with_payments <= payable_online
amount_online <= amount
"""
    ),
    flows=keys("dossiers_due dossiers_paid dossiers_cash amount_online amount"),
    chart_columns=("dossiers_paid", "dossiers_cash"),
    counting_rule=(
        "Tỷ lệ tính trên hồ sơ phải nộp phí, lệ phí hoặc nghĩa vụ tài chính trong kỳ; hồ sơ được "
        "miễn không tính vào mẫu số."
    ),
)
SINCE_2025 = date(2025, 7, 1)  # communes of the two-level order

SATISFACTION = Table(
    code="hai-long",
    title="Mức độ hài lòng của tổ chức, cá nhân khi giải quyết thủ tục hành chính",
    short_title="Mức độ hài lòng",
    unit="phiếu",
    blocks=read_blocks(
        """
slips very_satisfied satisfied neutral dissatisfied very_dissatisfied
  satisfied_total unsatisfied_total: Số phiếu; Phiếu
"""
    ),
    **read_facts(
        """
slips | tong_so_phieu > Tổng số phiếu
= Số phiếu khảo sát; Số phiếu
very_satisfied | rat_hai_long > Số phiếu theo mức độ > Rất hài lòng
satisfied | hai_long > Số phiếu theo mức độ > Hài lòng
neutral | binh_thuong > Số phiếu theo năm mức độ > Bình thường
dissatisfied | khong_hai_long > Số phiếu theo mức độ > Không hài lòng
= Chưa hài lòng
very_dissatisfied | rat_khong_hai_long > Số phiếu theo năm mức độ > Rất không hài lòng
satisfied_total | tong_hai_long > Rất hài lòng và hài lòng
= Số phiếu hài lòng; Hài lòng trở lên
unsatisfied_total | tong_chua_hai_long > Chưa hài lòng trở xuống
satisfaction_rate | ty_le_hai_long | rate > Tỷ lệ hài lòng
= Mức độ hài lòng của người dân
# Số phiếu rất hài lòng và hài lòng trên tổng số phiếu
coverage_target | chi_tieu_ty_le_phieu | number | unit=% | carried | unsummed
> Chỉ tiêu tỷ lệ phiếu khảo sát
# Số phiếu phải đạt trên số hồ sơ đã giải quyết, theo kế hoạch của xã

satisfied_total = very_satisfied + satisfied
slips == satisfied_total + unsatisfied_total
unsatisfied_total == neutral + dissatisfied + very_dissatisfied
satisfaction_rate = satisfied_total / slips; claim_rule=satisfaction-without-slips
"""
    ),
    flows=("slips", "very_satisfied", "satisfied", "dissatisfied"),
    about_people=("dissatisfied", "very_dissatisfied", "unsatisfied_total"),
    chart_columns=("very_satisfied", "satisfied", "dissatisfied"),
    counting_rule=(
        "Tỷ lệ hài lòng tính trên số phiếu thu được; người không gửi phiếu không được coi là "
        "hài lòng. Không có số phiếu thì trang chỉ nhắc lại con số của báo cáo, ghi rõ là "
        "không có số phiếu, không vẽ biểu đồ và không so sánh."
    ),
)
_THREE = "very_satisfied satisfied dissatisfied"
_FIVE = "very_satisfied satisfied neutral dissatisfied very_dissatisfied"
_NOW = (
    "Nghị định số 118/2025/NĐ-CP, Nghị định số 367/2025/NĐ-CP, "
    "Thông tư số 03/2025/TT-VPCP, Thông tư số 04/2025/TT-VPCP"
)
_ONLY_FIVE = ("neutral", "very_dissatisfied")


def _survey(edition: str, counted: str, **facts: Any) -> Form:
    """Return a form of the survey: all begin and end alike."""
    columns = f"slips {counted} satisfied_total satisfaction_rate coverage_target"
    facts = {"legal_source": _NOW, "columns": SATISFACTION.columns(*keys(columns)), **facts}
    return Form(SATISFACTION, edition, **facts)


FORMS = (
    Form(
        DOSSIERS,
        "tt-02-2017",
        BY_FIELD,
        (
            _column("received", _TAKEN, "Tổng số", number="(3)", note="(3) = (4) + (5)"),
            _column("carried_over", _TAKEN, "Trong đó", "Số kỳ trước chuyển qua", number="(4)"),
            _column("received_in_period", _TAKEN, "Trong đó", "Số mới tiếp nhận", number="(5)"),
            _column("resolved", _RESULT, _DONE, "Tổng số", number="(6)", note="(6) = (7) + (8)"),
            _column("resolved_in_term", _RESULT, _DONE, "Trả đúng thời hạn", number="(7)"),
            _column("resolved_overdue", _RESULT, _DONE, "Trả quá hạn", number="(8)"),
            _column("pending", _RESULT, _OPEN, "Tổng số", number="(9)", note="(9) = (10) + (11)"),
            _column("pending_in_time", _RESULT, _OPEN, "Chưa đến hạn", number="(10)"),
            _column("pending_overdue", _RESULT, _OPEN, "Quá hạn", number="(11)"),
        ),
        name="Biểu 07a",
        form_code="Biểu số 07a/VPCP/KSTT",
        legal_source="Thông tư số 02/2017/TT-VPCP ngày 31/10/2017 của Văn phòng Chính phủ",
        valid_to=date(2020, 12, 31),
        chart=_IN_TERM_CHART,
        row_header="Lĩnh vực công việc giải quyết theo cấp",
        row_name="linh_vuc",
        row_number="(2)",
        ordinal_header="STT",
        ordinal_number="(1)",
    ),
    FORM_06A,
    _grouped(
        "hai-cap",
        "cấp giải quyết (A, B)",
        ("A", "Thủ tục cấp tỉnh tiếp nhận tại xã"),
        ("B", "Thủ tục thuộc thẩm quyền cấp xã"),
    ),
    _grouped(
        "noi-tiep-nhan",
        "nơi tiếp nhận",
        ("I", "Tiếp nhận tại Trung tâm Phục vụ hành chính công"),
        ("II", "Tiếp nhận tại nơi khác"),
    ),
    Form(
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
        legal_source="Bảng tổng hợp xuất từ phần mềm một cửa điện tử",
        is_standard=False,
        **_BY_FIELD,
    ),
    Form(
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
        **_BY_FIELD,
    ),
    Form(
        DIGITIZATION,
        "theo-linh-vuc",
        BY_FIELD,
        name="Theo lĩnh vực",
        legal_source=ASKED,
        is_standard=False,
        **_BY_FIELD,
    ),
    Form(DIGITIZATION, "2023", name="Toàn xã", legal_source=ASKED, ordinal_header="STT"),
    _survey("nam-muc", _FIVE, name="Năm mức độ", is_standard=False, chart=keys(_FIVE)),
    _survey(
        "tong-hop",
        "",
        name="Chỉ có số phiếu và số hài lòng",
        is_standard=False,
        chart=("satisfied_total",),
    ),
    _survey(
        "theo-hinh-thuc",
        _THREE,
        shape=BY_FIELD,
        name="Theo hình thức khảo sát",
        is_standard=False,
        row_header="Hình thức khảo sát",
        row_name="hinh_thuc",
        ordinal_header="STT",
        absent=_ONLY_FIVE,
    ),
    _survey(
        "2018",
        _THREE,
        name="Ba mức độ",
        legal_source="Thông tư số 01/2018/TT-VPCP của Văn phòng Chính phủ, chương III",
        valid_to=date(2025, 6, 30),
        absent=_ONLY_FIVE,
    ),
    _survey("2025", _THREE, name="Ba mức độ", valid_from=SINCE_2025, absent=_ONLY_FIVE),
)
