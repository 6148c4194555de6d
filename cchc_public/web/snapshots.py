"""Public pages when the database fails: from the snapshot, by the same code, and saying so.

Where there is none, a page that asks nobody, not even who reads.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from cchc_public.i18n import _
from cchc_public.state import EXTENSION_KEY, State, get_state
from cchc_public.store import base
from cchc_public.web.journal import is_unmigrated
from cchc_public.web.page_store import PageStore, read_stamp

log = logging.getLogger(__name__)


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


def read_snapshot(state: State) -> None:
    """Let the present request read the snapshot in the database's place."""
    if "cchc_snapshot" not in g:
        g.cchc_snapshot = state.page_cache.snapshot.open()
        state.office_settings.forget()


def close_snapshot() -> None:
    """Give back what the request read."""
    if (opened := g.pop("cchc_snapshot", None)) is not None:
        opened.close()


def render_from_snapshot(error: Exception) -> Response | None:
    """Answer the present request anew from the snapshot; None when that cannot be."""
    state = get_state()
    store: PageStore = state.page_cache
    is_gone = isinstance(error, SQLAlchemyError | OSError) and "cchc_snapshot" not in g
    if not is_gone or not store.snapshot.stamp or request.endpoint is None:
        return None
    log.warning("answering %s from the snapshot: %s", request.path, error)
    store.clock.lose_sight()
    with suppress(SQLAlchemyError):
        state.session.rollback()
    read_snapshot(state)
    g.cchc_version = store.version("", base.utc_now().astimezone(state.zone).date())
    view = current_app.ensure_sync(current_app.view_functions[request.endpoint])
    try:
        answer = view(**(request.view_args or {}))
    except HTTPException as refusal:
        answer = current_app.handle_user_exception(refusal)
    except (SQLAlchemyError, OSError):
        log.exception("the snapshot fails too")
        return None
    return current_app.make_response(answer)


def refresh_snapshot(app: Flask) -> None:
    """Bring the snapshot up to what is public now; the database being gone is no failure."""
    state: State = app.extensions[EXTENSION_KEY]
    snapshot = state.page_cache.snapshot
    with app.app_context(), suppress(SQLAlchemyError, OSError):
        stamp = read_stamp(state)
        if stamp != snapshot.stamp:
            with state.engine.connect() as connection:
                snapshot.write(connection, stamp)


def refresh_afterwards(response: Response) -> Response:
    """Bring the snapshot up to date once the reader has the answer."""
    state = get_state()
    store: PageStore = state.page_cache
    if "cchc_snapshot" in g or store.clock.is_blind or not store.snapshot.is_kept:
        return response
    if store.clock.current(lambda: read_stamp(state)) != store.snapshot.stamp:
        app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
        response.call_on_close(lambda: refresh_snapshot(app))
    return response


def snapshot_notice() -> str:
    """Return the words on a page that was made without the database, else nothing."""
    if "cchc_snapshot" not in g:
        return ""
    at = get_state().page_cache.snapshot.written_at
    return _(
        "Cơ sở dữ liệu tạm thời không trả lời. Đây là nội dung công khai đã lưu lúc %(time)s.",
        time=base.clock_text(at) if at else "",
    )
