"""What administrators set in the office: one row for the whole app, and the pictures it names.

Everybody reads it through ``get_state().config``; nobody else writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from cchc_public.errors import StaleRevision
from cchc_public.store.audit import cell_change, differences, record
from cchc_public.store.base import Actor, AnySession, Base, UtcDateTime, utc_now
from cchc_public.store.locking import begin_writing, write_once
from cchc_public.store.models import Edited

_ONLY = 1  # the id of the one row
LOGO = "LOGO"  # the one setting that is no key of the configuration: the digest of a picture


class SettingsRecord(Edited, Base):
    """All values set in the office; a name that is missing has its default."""

    __tablename__ = "cchc_settings"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)  # key without prefix: value
    version: Mapped[int] = mapped_column(default=1)  # optimistic lock

    __mapper_args__ = {"version_id_col": version}


class Picture(Base):
    """A picture by the digest of its bytes: never changed, only replaced."""

    __tablename__ = "cchc_picture"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256, hex
    mimetype: Mapped[str] = mapped_column(String(40))
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


@dataclass(frozen=True)
class StoredSettings:
    """The row as read: its values, and what a form sends back to be sure it saw them."""

    values: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0  # 0: nothing was ever set
    edited_by: str = ""
    edited_at: datetime | None = None


def load_settings(session: AnySession) -> StoredSettings:
    """Return what was set, empty before the first time; asks one row and nothing of the ORM."""
    columns = SettingsRecord.content, SettingsRecord.version
    query = select(*columns, SettingsRecord.edited_by_name, SettingsRecord.edited_at)
    row = session.execute(query.where(SettingsRecord.id == _ONLY)).one_or_none()
    return StoredSettings(*row) if row else StoredSettings()


def settings_stamp(session: AnySession) -> str:
    """Return a text that changes whenever the settings do: public pages show them."""
    query = select(SettingsRecord.version, SettingsRecord.edited_at)
    row = session.execute(query.where(SettingsRecord.id == _ONLY)).one_or_none()
    return f"{row[0]}@{row[1].isoformat()}" if row else ""


def save_settings(
    session: AnySession,
    changes: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
    labels: Mapping[str, str] | None = None,
) -> None:
    """Set ``changes`` (None: back to the default); StaleRevision when ``version`` is an old one.

    The trail names each changed setting by ``labels`` with its old and new value.
    """
    begin_writing(session)
    found = session.get(SettingsRecord, _ONLY, populate_existing=True, with_for_update=True)
    if (found.version if found else 0) != version:
        raise StaleRevision(
            "Người khác vừa đổi thiết lập. Chưa lưu gì cả: hãy xem lại rồi lưu.",
            edited_by=found.edited_by_name if found else "",
            edited_at=found.edited_at if found else None,
        )
    old = dict(found.content) if found else {}
    new = {name: value for name, value in {**old, **changes}.items() if value is not None}
    if new == old:
        return
    with write_once(session):
        if found is None:
            found = SettingsRecord(id=_ONLY)
            session.add(found)
        found.content, found.edited_at = new, utc_now()
        found.edited_by_id, found.edited_by_name = actor.id, actor.name
    words = labels or {}
    lines = [
        cell_change(name, words.get(name, name), before, after)
        for name, before, after in differences(old, new)
    ]
    record(session, actor, "settings.save", "settings", changes=lines)
    session.execute(delete(Picture).where(Picture.digest != new.get(LOGO, "")))
    session.flush()


def keep_picture(session: AnySession, digest: str, mimetype: str, body: bytes) -> None:
    """Keep a picture until the settings that name it are saved."""
    if session.get(Picture, digest) is None:
        session.add(Picture(digest=digest, mimetype=mimetype, body=body))
        session.flush()


def find_picture(session: AnySession, digest: str) -> tuple[str, bytes] | None:
    """Return type and bytes of a picture; None when it is gone."""
    query = select(Picture.mimetype, Picture.body).where(Picture.digest == digest)
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None
