"""Why each warning of the demo report stands, in the words a clerk could have written."""

from __future__ import annotations

Place = tuple[str, str, str, str]  # rule, table, row, column

_UNRATED = "Phụ lục của báo cáo để trống tỷ lệ hoàn thành của nhiệm vụ này."
_ONGOING = (
    "Nhiệm vụ ghi thời gian “Thường xuyên” nên vẫn đang thực hiện; 100 % "
    "là mức tự đánh giá của đơn vị cho kỳ này."
)

REASONS: dict[Place, str] = {
    ("satisfaction-without-slips", "hai-long", "so-lieu", "satisfaction_rate"): (
        "Báo cáo nêu 100 % nhưng không nêu số phiếu. Chưa có số phiếu để bổ sung nên tỷ lệ này "
        "không được đem ra so sánh."
    ),
    ("received-agrees", "dich-vu-cong", "so-lieu", "all_levels"): (
        "Báo cáo ghi 448 ở biểu dịch vụ công và 673 hồ sơ trong kỳ ở biểu hồ sơ, không giải "
        "thích. Xã giữ cả hai số như đã ghi; chưa đối chiếu được với hệ thống."
    ),
    ("stated-rate", "dich-vu-cong", "so-lieu", "online_rate"): (
        "Báo cáo tính 319 hồ sơ trực tuyến trên 379 hồ sơ mức độ 3, 4. Ở đây tính trên tổng số "
        "hồ sơ ghi trong cùng biểu."
    ),
    ("signed-split", "van-ban", "den", "signed_within"): (
        "Nguồn ghi như vậy. Hai cột ký số chỉ tính văn bản nội tỉnh; báo cáo không nêu một "
        "văn bản còn lại thuộc loại nào."
    ),
    ("posted-over-promulgated", "so-luong-thu-tuc", "so-lieu", "posted"): (
        "Báo cáo ghi 138 thủ tục công khai và 134 thủ tục công bố. Xã giữ nguyên số đã ghi; "
        "chưa đối chiếu được với danh mục thủ tục."
    ),
    ("in-progress-complete", "nhiem-vu", "III.6", "completion"): _ONGOING,
    ("target-unmeasured", "nhiem-vu", "III.7", "measured"): (
        "Báo cáo chỉ nêu mức hoàn thành 90 %, không nêu kết quả đo của hai chỉ tiêu này."
    ),
    ("in-progress-complete", "nhiem-vu", "IV.2", "completion"): _ONGOING,
    ("in-progress-complete", "nhiem-vu", "IV.4", "completion"): _ONGOING,
    ("completion-missing", "nhiem-vu", "IV.6", "completion"): _UNRATED,
    ("in-progress-complete", "nhiem-vu", "V.2", "completion"): _ONGOING,
    ("completion-missing", "nhiem-vu", "V.3", "completion"): (
        f"{_UNRATED} Việc đánh giá, phân loại có thời hạn là cả năm 2023."
    ),
    ("completion-missing", "nhiem-vu", "VI.3", "completion"): (
        f"{_UNRATED} Báo cáo ghi: 6 tháng đầu năm chưa có thanh kiểm tra."
    ),
    ("task-claim", "chi-tieu", "tasks-done", "numerator"): (
        "Lời báo cáo nêu 27/32 và không nói đếm theo mức nào; phụ lục có 17 nhiệm vụ đạt 100 %. "
        "Cả hai số được giữ như đã ghi."
    ),
}
