"""Verifies what was published: content, copied columns, succession, and the audit lines of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from cchc_public.releases.content import digest_of, period_order
from cchc_public.store import AuditEntry, Release
from cchc_public.store.audit import verify_trail
from cchc_public.store.base import AnySession
from cchc_public.vietnamese.dates import parse_period


@dataclass(frozen=True)
class Damage:
    """One thing that is not what was published; ``slug`` is "" for the audit trail itself."""

    slug: str
    number: int
    message: str

    def __str__(self) -> str:
        """Return the damage in words."""
        return f"{self.slug} lần {self.number}: {self.message}" if self.slug else self.message


def verify_releases(session: AnySession) -> tuple[Damage, ...]:
    """Return all damage, in order of period and number; empty when everything is sound.

    A release is told three times: by its content, by the digest that its successor names, and by
    the line of the audit trail, which is chained itself. Who rewrites one is found by the others.
    """
    return (*_damages(session), *(Damage("", 0, found) for found in verify_trail(session)))


def _damages(session: AnySession) -> Iterator[Damage]:
    # the audit line of each release
    told_query = select(*AuditEntry.__table__.columns).where(
        AuditEntry.action.startswith("release.")
    )
    told = {
        (line.subject, line.detail["number"]): line
        for line in session.execute(told_query)
        if "digest" in line.detail and "number" in line.detail
    }
    # columns, not objects: the session may hold a release as it was before
    query = select(*Release.__table__.columns).order_by(Release.period_slug, Release.number)
    last: dict[str, tuple[int, str]] = {}  # last number and digest by period
    for release in session.execute(query.execution_options(yield_per=20)):
        slug = release.period_slug
        number, digest = last.get(slug, (0, ""))
        if release.number != number + 1:
            yield Damage(slug, release.number, f"thiếu lần công bố số {number + 1}")
        for message in _faults(release, digest, told.pop((slug, release.number), None)):
            yield Damage(slug, release.number, message)
        last[slug] = (release.number, release.digest)
    for slug, number in sorted(told):
        yield Damage(slug, number, "có trong nhật ký nhưng đã mất")


def _faults(release: Any, previous: str, line: Any | None) -> Iterator[str]:
    if digest_of(release.content) != release.digest:
        yield "nội dung không khớp mã kiểm tra"
        return
    data = json.loads(release.content)
    if data["release"]["previous_digest"] != previous:
        yield "không nối tiếp lần công bố trước"
    # what the columns must say that were copied out of the content
    period, note = data["period"], data["release"]
    known = parse_period(period["slug"])
    days = {name: period[name] for name in ("data_from", "data_to", "due_on")}
    said = {
        "period_slug": period["slug"],
        **{name: note[name] for name in ("number", "kind", "reason")},
        "published_by_name": note["published_by"],
        "published_at": datetime.fromisoformat(note["published_at"]),
        "period_order": period_order(known) if known else "",
        **{name: date.fromisoformat(day) if day else None for name, day in days.items()},
    }
    wrong = [name for name in said if said[name] != getattr(release, name)]
    if wrong:
        yield f"cột {', '.join(wrong)} không khớp nội dung"
    if line is None:
        yield "không có dòng nhật ký"
        return
    if line.detail["digest"] != release.digest:
        yield "mã kiểm tra không khớp nhật ký"
    if (line.actor_id, line.action) != (release.published_by_id, f"release.{release.kind}"):
        yield "người công bố không khớp nhật ký"
