"""Procedure records for tests: a small one by default, any part replaced."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from cchc_public.procedures import (
    Basis,
    Bring,
    Channel,
    ChannelKind,
    Component,
    Exemption,
    OnlineLevel,
    ProcedureRecord,
    ProcedureStatus,
)

SMALL = ProcedureRecord(code="1.001193", name="Thủ tục đăng ký khai sinh", field="Hộ tịch")
FULL = replace(
    SMALL,
    level="Cấp xã",
    kind="TTHC không được luật giao",
    status=ProcedureStatus.AMENDED,
    in_force_from=date(2025, 7, 1),
    amended_on=date(2026, 3, 1),
    status_decision="12/QĐ-UBND",
    decision_number="858/QĐ-BTP",
    decision_on=date(2026, 2, 28),
    decision_by="Bộ Tư pháp",
    received_here=True,
    decided_here=False,
    authority="Ủy ban nhân dân cấp xã",
    address="Bộ phận một cửa, tầng 1",
    hours="Thứ Hai đến thứ Sáu, 7:30–11:30",
    target_group="Công dân Việt Nam",
    result="Giấy khai sinh",
    conditions="Trẻ em sinh tại xã.\nCha, mẹ cư trú tại xã.",
    dossier_sets="01 bộ",
    keywords="giấy khai sinh, trẻ em",
    online_level=OnlineLevel.PARTIAL,
    partial_reason="Phải nộp bản chính giấy chứng sinh.",
    portal_link="https://dichvucong.gov.vn/thu-tuc-hanh-chinh/1",
    source="Cổng DVCQG",
    source_on=date(2026, 7, 1),
    channels=(
        Channel(ChannelKind.IN_PERSON, "1 ngày", "8.000 đồng", "Nhận sau 15 giờ: trả hôm sau"),
        Channel(ChannelKind.ONLINE, "1 ngày", "không nêu"),
    ),
    components=(
        Component("Tờ khai đăng ký khai sinh", "Mẫu số 01", 1, 0),
        Component("Giấy chứng sinh", "", 1, None, "Sinh tại cơ sở y tế"),
    ),
    steps=("Nộp hồ sơ.", "Nhận kết quả."),
    legal_bases=(Basis("60/2014/QH13", "Luật Hộ tịch", date(2014, 11, 20), "Quốc hội"),),
    exemptions=(
        Exemption("Người thuộc hộ nghèo", "Miễn", "23/2026/NQ-HĐND", date(2026, 1, 1), None),
    ),
)

# with what the second edition knows more
WHOLE = replace(
    FULL,
    checked_on=date(2026, 8, 1),
    components=(
        *FULL.components,
        Component("Căn cước", case="Đi thay; ủy quyền", bring=Bring.SHOW, note="Chỉ cần số"),
        Component("Giấy kết hôn", note="Nếu có"),
    ),
    remarks=("Làm trong 60 ngày từ ngày sinh",),
)


def make(**parts: Any) -> ProcedureRecord:
    """Return the small record with other parts."""
    return replace(SMALL, **parts)
