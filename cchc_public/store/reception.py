"""The one-stop desk; citizen reception: the rule, days off, moved or cancelled sessions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cchc_public.store.base import Base, UtcDateTime, utc_now


class ReceptionRule(Base):
    """The one rule in force from ``valid_from`` (Luật Tiếp công dân 2013 Điều 15, 24)."""

    __tablename__ = "cchc_reception_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(unique=True)
    weekdays: Mapped[list[Any]] = mapped_column(default=list)  # 0 = Monday … 6
    month_days: Mapped[list[Any]] = mapped_column(default=list)  # 1 … 31
    receiver: Mapped[str] = mapped_column(String(200))  # who receives, by office, not a citizen
    place: Mapped[str] = mapped_column(String(300))
    hours: Mapped[str] = mapped_column(String(200))  # as posted: "7 giờ 30 – 11 giờ 30; …"
    note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    edited_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    __mapper_args__ = {"version_id_col": version}


class ReceptionChange(Base):
    """A session moved or cancelled, with the reason that is published (Điều 24)."""

    __tablename__ = "cchc_reception_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(unique=True)
    moved_to: Mapped[date | None]  # None = cancelled
    reason: Mapped[str] = mapped_column(Text)
    announced_on: Mapped[date]


class PublicHoliday(Base):
    """A day off by law or by decision; data, because Tết and bridge days differ each year."""

    __tablename__ = "cchc_public_holiday"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))


class OneStopDesk(Base):
    """The commune's one-stop desk: one row, its values as JSON (see desk/one_stop.py)."""

    __tablename__ = "cchc_desk"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)  # optimistic lock
    edited_by_id: Mapped[str] = mapped_column(String(64), default="")
    edited_by_name: Mapped[str] = mapped_column(String(200), default="")
    edited_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    __mapper_args__ = {"version_id_col": version}
