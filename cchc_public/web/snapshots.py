"""Public pages without the database: rendered from the snapshot by the same code, and saying so."""

from __future__ import annotations

import logging
from contextlib import suppress

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from cchc_public.i18n import _
from cchc_public.state import EXTENSION_KEY, State, get_state
from cchc_public.store import clock
from cchc_public.web.clock import read_stamp
from cchc_public.web.page_store import PageStore

log = logging.getLogger(__name__)


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
    g.cchc_version = store.version("", clock.utc_now().astimezone(state.zone).date())
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
        time=clock.clock_text(at) if at else "",
    )
