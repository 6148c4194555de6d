"""The reception rule of the 2023 report (II.8), days off that never move, a sample desk.

The source names neither hours nor telephone of the desk, so these are invented and marked.
"""

from __future__ import annotations

from datetime import date

from cchc_public.desk.one_stop import Desk, load_desk, save_desk
from cchc_public.desk.reception import find_rule, save_holiday, save_rule
from cchc_public.store.actor import Actor, AnySession

# Bộ luật Lao động 2019 Điều 112; Tết and Giỗ Tổ follow the moon and are entered by staff.
FIXED_HOLIDAYS = (
    (1, 1, "Tết Dương lịch"),
    (4, 30, "Ngày Chiến thắng"),
    (5, 1, "Ngày Quốc tế lao động"),
    (9, 2, "Quốc khánh"),
)
THURSDAY = 3
_DAY = "7 giờ 30 – 11 giờ 30 và 13 giờ 30 – 17 giờ"
DEMO_DESK = Desk(
    name="Bộ phận một cửa, UBND xã Kim Thạch",
    place="Thôn Mẫu, xã Kim Thạch",
    telephones=("0233 000 000",),
    hours=(*(_DAY,) * 5, "", ""),
    is_sample=True,
)


def load_demo_reception(session: AnySession, today: date, actor: Actor) -> None:
    """Store the demo rule and the fixed holidays of this year and the next; once only."""
    if find_rule(session, today):
        return
    save_rule(
        session,
        {
            "valid_from": date(2023, 1, 1),
            "weekdays": [THURSDAY],
            "month_days": [25],
            "receiver": "Chủ tịch Ủy ban nhân dân xã",
            "place": "Phòng tiếp công dân, trụ sở Ủy ban nhân dân xã Kim Thạch",
            "hours": "Trong giờ làm việc (báo cáo nguồn không nêu giờ cụ thể)",
            "note": "",
        },
        0,
        actor,
    )
    for year in (today.year, today.year + 1):
        for month, day, name in FIXED_HOLIDAYS:
            save_holiday(session, date(year, month, day), name, actor)


def load_demo_desk(session: AnySession, actor: Actor) -> None:
    """Store the sample desk when there is none; the caller commits."""
    if load_desk(session).version == 0:
        save_desk(session, DEMO_DESK, 0, actor, {})
