"""The words of the demo report, told anew and shortened; figures stay in the tables."""

from __future__ import annotations

NARRATIVE: tuple[tuple[str, str], ...] = (
    (
        "Chỉ đạo, điều hành",
        (
            "Xã tự kiểm tra công tác cải cách hành chính 5 tháng đầu năm theo Quyết định số "
            "83/QĐ-UBND ngày 22/5/2023 và đã có Báo cáo số 40/BC-UBND ngày 09/6/2023 về việc "
            "khắc phục hạn chế. Cải cách hành chính được tuyên truyền trong hai cuộc họp của "
            "UBND xã và bốn lần trên hệ thống truyền thanh."
        ),
    ),
    (
        "Cải cách thể chế",
        (
            "Xã đã ban hành kế hoạch theo dõi thi hành pháp luật, phổ biến giáo dục pháp luật, "
            "xây dựng xã đạt chuẩn tiếp cận pháp luật, rà soát và kiểm tra văn bản quy phạm "
            "pháp luật năm 2023. Trong quý I, xã chưa phát sinh văn bản quy phạm pháp luật."
        ),
    ),
    (
        "Cải cách thủ tục hành chính",
        (
            "Từ 15/12/2022 đến 12/6/2023, xã tiếp nhận 692 hồ sơ và giải quyết 651 hồ sơ, không "
            "có hồ sơ trả quá hạn. Còn 41 hồ sơ đang giải quyết, trong đó 36 hồ sơ đất đai; báo "
            "cáo in không nêu con số này."
        ),
    ),
    (
        "Tổ chức bộ máy và công vụ",
        (
            "Không có cán bộ, công chức bị kỷ luật. Một công chức dự tập huấn theo dõi thi hành "
            "pháp luật và xử phạt vi phạm hành chính, hai người đăng ký bồi dưỡng đạo đức công "
            "vụ, hai người dự lớp trung cấp chính trị."
        ),
    ),
    (
        "Chính quyền điện tử, chính quyền số",
        (
            "Văn bản được xử lý trên hệ thống quản lý văn bản và hồ sơ công việc của tỉnh; xã "
            "có trang thông tin điện tử riêng và tiếp tục áp dụng hệ thống quản lý chất lượng "
            "TCVN ISO 9001:2015."
        ),
    ),
    (
        "Tiếp công dân",
        (
            "Chủ tịch UBND xã tiếp công dân vào thứ Năm hằng tuần và ngày 25 hằng tháng. Trong "
            "kỳ không có vụ khiếu nại, tố cáo; xã đã trả lời một đơn phản ánh do UBND huyện "
            "chuyển đến."
        ),
    ),
    (
        "Khó khăn",
        (
            "Cổng dịch vụ công trực tuyến có lúc chậm hoặc không đăng nhập được. Máy tính, máy "
            "quét đã dùng nhiều năm; còn thiếu hai máy quét và màn hình tra cứu thủ tục."
        ),
    ),
    (
        "Kiến nghị",
        (
            "Đề nghị cấp trên tập huấn kỹ năng sử dụng phần mềm và thanh toán trực tuyến, bố "
            "trí kinh phí mua thiết bị cho bộ phận tiếp nhận và trả kết quả, và xem xét hỗ trợ "
            "người làm việc tại bộ phận này."
        ),
    ),
)
