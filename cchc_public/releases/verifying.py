"""Verifies every stored release against its digest and its predecessor; for the doctor command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from cchc_public.i18n import _
from cchc_public.releases.content import digest_of
from cchc_public.store import Release
from cchc_public.store.actor import AnySession


@dataclass(frozen=True)
class Damage:
    """One release that is not what was published, or does not follow on from the one before."""

    slug: str
    number: int
    message: str


def verify_releases(session: AnySession) -> tuple[Damage, ...]:
    """Return all damage, in order of period and number; empty when every release is sound.

    Someone who rewrites a release together with its digest still breaks the chain: the next
    release of the period names the digest of the one before.
    """
    query = select(
        Release.period_slug, Release.number, Release.kind, Release.digest, Release.content
    ).order_by(Release.period_slug, Release.number)
    return tuple(_damages(session.execute(query.execution_options(yield_per=20))))


def _damages(rows: Any) -> Iterator[Damage]:
    before: dict[str, tuple[int, str]] = {}  # last number and digest by period
    for row in rows:
        number, digest = before.get(row.period_slug, (0, ""))
        if row.number != number + 1:
            missing = _("thiếu lần công bố số %(number)s", number=number + 1)
            yield Damage(row.period_slug, row.number, missing)
        if digest_of(row.content) != row.digest:
            yield Damage(row.period_slug, row.number, _("nội dung không khớp mã kiểm tra"))
        elif not _follows(row, digest):
            yield Damage(row.period_slug, row.number, _("không nối tiếp lần công bố trước"))
        before[row.period_slug] = (row.number, row.digest)


def _follows(row: Any, digest: str) -> bool:
    data = json.loads(row.content)
    said = (data["period"]["slug"], data["release"]["number"], data["release"]["kind"])
    stored = (row.period_slug, row.number, row.kind)
    return said == stored and data["release"]["previous_digest"] == digest
