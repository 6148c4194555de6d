"""Pages for when the database fails; nothing here asks it, not even who reads."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from flask import current_app, request

from cchc_public.i18n import _
from cchc_public.state import get_state

log = logging.getLogger(__name__)
_MISSING = {"42P01", "42703"}  # PostgreSQL: no such table, no such column


def log_outage(what: str, error: Exception) -> None:
    """Log why ``what`` failed: a sentence where the migrations were not run, else the whole."""
    if is_unmigrated(error):
        log.error("%s: our tables are missing or of an older version; run: cchc db upgrade", what)
    else:
        log.error(what, exc_info=error)


def is_unmigrated(error: Exception) -> bool:
    """Tell whether a table or column is missing: the migrations were not run."""
    origin = getattr(error, "orig", None)
    is_missing = str(origin).startswith(("no such table", "no such column"))
    return is_missing or getattr(origin, "sqlstate", "") in _MISSING


def describe_outage(error: Exception) -> tuple[str, str]:
    """Return heading and advice for readers while the database cannot serve."""
    if is_unmigrated(error):
        return _("Trang chưa cài đặt xong"), _(
            "Xin quay lại sau. Người quản trị: hãy tạo bảng bằng lệnh cchc db upgrade "
            "(trong trang chủ: flask cchc db upgrade)."
        )
    advice = _("Số liệu đã công bố không mất. Xin thử lại sau ít phút.")
    return _("Trang tạm thời chưa mở được"), advice


def render_alone(template: str, **context: Any) -> str:
    """Render without context processors: these may ask the database who reads, and it fails."""
    get_state().office_settings.stay()
    return current_app.jinja_env.get_template(template).render(request=request, **context)


def outage_page(
    title: str,
    advice: str,
    *,
    fields: Sequence[tuple[str, str]] = (),
    has_files: bool = False,
) -> str:
    """Return the page that says so; with ``fields`` a button sends them once more.

    It stands in our own frame everywhere: a host's frame may ask who is signed in.
    """
    return render_alone(
        "cchc/errors/outage.html",
        title=title,
        advice=advice,
        fields=fields,
        has_files=has_files,
        may_reload=request.method in ("GET", "HEAD"),
    )
