"""From releases to files; never reads sheets."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

FONT = "Times New Roman"  # of office files: NĐ 30/2020 Phụ lục I
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # zip knows none before


def freeze_package(
    data: bytes,
    made_at: datetime,
    rewrite: Callable[[str, bytes], bytes] = lambda _name, part: part,
) -> bytes:
    """Return an office file without the clock of the machine: equal content is equal bytes.

    ``made_at`` stands on every part; ``rewrite`` may change one, given its name.
    """
    stamp = max(made_at.astimezone(UTC).timetuple()[:6], _FIRST_DAY)
    frozen = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(frozen, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            part = zipfile.ZipInfo(name, stamp)
            part.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(part, rewrite(name, source.read(name)))
    return frozen.getvalue()
