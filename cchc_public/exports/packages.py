"""Office files (zip packages) without the clock of the machine that wrote them."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # zip knows none before


def freeze_package(data: bytes, made_at: datetime) -> bytes:
    """Return the package with ``made_at`` on every part, so that equal content is equal bytes."""
    stamp = max(made_at.astimezone(UTC).timetuple()[:6], _FIRST_DAY)
    frozen = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(frozen, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            part = zipfile.ZipInfo(name, stamp)
            part.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(part, source.read(name))
    return frozen.getvalue()
