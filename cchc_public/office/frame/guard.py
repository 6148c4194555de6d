"""Guards every office form against forgery, and never lets a guard swallow what someone typed.

A post that comes too late (session over, token too old) is kept as a form draft when it carries a
*ticket*: our signature under the id of the user who opened the form. So only someone who was
signed in can store anything, and only the same person gets it back, after signing in."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from flask import Blueprint, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, generate_csrf, validate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response
from wtforms import ValidationError

from cchc_public import host
from cchc_public.office.frame.notices import notify
from cchc_public.office.frame.refusals import show_outage
from cchc_public.state import get_state
from cchc_public.store.form_drafts import find_draft, keep_draft, take_draft
from cchc_public.store.locking import Saving, saving

BLUEPRINT = "cchc_staff"
KEYLESS = "Trang chưa có SECRET_KEY nên chưa ai đăng nhập được. Hãy đặt khóa đó rồi chạy lại."
TICKET = "cchc_ticket"
DRAFT = "ban-nhap"  # the query parameter that names a kept form
TICKET_SECONDS = 7 * 24 * 3600
COPY = "cchc_copy"  # names the copy of what was typed that the browser keeps
SAVED = "cchc_saved"  # in the session: the copy that was saved last, for the browser to forget
_NEVER_KEPT = {TICKET, DRAFT, COPY}
_FIELD = Markup('<input type="hidden" name="{}" value="{}">')


def register_guard(blueprint: Blueprint) -> None:
    """Check every post to ``blueprint``, whether or not the host runs CSRFProtect."""
    blueprint.before_request(close_office)
    blueprint.before_request(check_token)
    blueprint.after_request(note_saved_copy)
    blueprint.register_error_handler(CSRFError, rescue)
    tools = {
        "cchc_form_fields": form_fields,
        "cchc_keeping": keeping,
        "cchc_token_field": token_field,
    }
    blueprint.context_processor(lambda: tools)


def check_token() -> None:
    """Refuse a post without our token; the host's CSRFProtect may have checked it already."""
    checked = request.method != "POST" or g.get("csrf_valid", False)
    if checked or not current_app.config.get("WTF_CSRF_ENABLED", True):
        return
    try:
        validate_csrf(request.form.get(token_name()))
    except ValidationError as error:
        raise CSRFError(str(error)) from error


def form_fields() -> Markup:
    """Return the hidden fields that every office form carries."""
    fields = {TICKET: _signer().dumps(get_state().actor().id)}
    fields |= {name: value for name in (DRAFT, COPY) if (value := request.values.get(name))}
    return token_field() + Markup("").join(_FIELD.format(*pair) for pair in fields.items())


def keeping() -> Markup:
    """Return what the script needs to keep typing in this browser, each account's apart."""
    owner = hmac.new(
        str(current_app.secret_key).encode(), get_state().actor().id.encode(), "sha256"
    )
    copy = ""
    with suppress(HTTPException):  # a form that was too large is not read once more
        copy = request.form.get(COPY, "")[:60]
    return Markup(
        '<div id="cchc-keeping" hidden data-owner="{}" data-saved="{}" data-copy="{}"'
        ' data-ping="{}" data-token="{}"></div>'
    ).format(
        owner.hexdigest()[:16],
        session.pop(SAVED, ""),
        copy,
        url_for("cchc.healthz"),
        token_name(),
    )


def token_field() -> Markup:
    """Return the hidden token alone: for posts in which nobody types anything."""
    return _FIELD.format(token_name(), generate_csrf())


def token_name() -> str:
    """Return what the host calls the token's field; its CSRFProtect looks nowhere else."""
    return str(current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token"))


def read_ticket(ticket: str) -> str:
    """Return whose ticket it is; empty when it is forged or older than a week."""
    try:
        return str(_signer().loads(ticket, max_age=TICKET_SECONDS))
    except BadData:
        return ""


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="cchc-form-ticket")


def rescue(_error: Exception | None = None) -> Response:
    """Keep what was posted, then lead through the sign-in page back to the same form."""
    try:
        address = here()
        owner = read_ticket(request.form.get(TICKET, ""))
        passing = {*_NEVER_KEPT, token_name()}
        fields = [pair for pair in request.form.items(multi=True) if pair[0] not in passing]
        if owner and fields:
            state = get_state()
            days = state.config["DRAFT_DAYS"]
            with saving(state.session):
                token = keep_draft(state.session, request.path, fields, owner, days)
            address = here(**{DRAFT: token})
        if is_signed_out() and (page := sign_in_address(address)):
            return redirect(page)
        if not owner:
            notify("Trang để mở quá lâu nên chưa lưu được. Xin nhập lại rồi bấm lưu.", "warn")
        return redirect(address)
    except SQLAlchemyError as error:  # Flask looks for no handler of what a handler raises
        return show_outage(error)


def kept_input() -> MultiDict[str, str] | None:
    """Return what this person typed before the session ended, when the address names it."""
    token = request.args.get(DRAFT, "")
    if not token or request.method != "GET":
        return None
    state = get_state()
    draft = find_draft(state.session, token, state.actor().id)
    if draft is None or draft.path != request.path:
        notify("Không tìm thấy bản nhập dở, hoặc bản đó của người khác.", "warn")
        return None
    notify(
        "Đã lấy lại những gì bạn nhập trước khi hết phiên làm việc. Chưa lưu: xin bấm lưu.",
        "warn",
    )
    return MultiDict(draft.fields)


def forget_kept_input() -> None:
    """Forget the kept form that the present post was made from; part of what is saved."""
    if token := request.form.get(DRAFT):
        state = get_state()
        take_draft(state.session, token, state.actor().id)
    g.cchc_saved = request.form.get(COPY, "")[:60]


def note_saved_copy(response: Response) -> Response:
    """Tell the browser with the next page which copy it may forget; a failed save redirects not."""
    if response.status_code in (302, 303) and (copy := g.pop(SAVED, "")):
        session[SAVED] = copy
    return response


@contextmanager
def saving_form() -> Iterator[Saving]:
    """Save what a posted form asks for and forget its kept copy, or undo it; see ``saving``."""
    with saving(get_state().session) as outcome:
        yield outcome
        forget_kept_input()
    if outcome.error is not None:
        g.pop(SAVED, None)


def here(**more: str) -> str:
    """Return the address of the present page with its query and ``more``."""
    query = {**request.args.to_dict(), **more}
    return url_for(str(request.endpoint), **{**query, **(request.view_args or {})})


def is_signed_out() -> bool:
    """Return whether nobody is signed in."""
    return get_state().user is None


def sign_in_address(next_address: str) -> str | None:
    """Return the host's sign-in page that leads back to ``next_address``; None without one."""
    endpoint = get_state().config["LOGIN_ENDPOINT"]
    return host.sign_in_address(current_app, BLUEPRINT, endpoint, next_address)


def close_office() -> ResponseReturnValue | None:
    """Answer for an office that cannot be open: nobody can be named, or no session be signed.

    Login and Babel may join the app after us, so this is asked for each request.
    """
    state = get_state()
    if not state.knows_people:
        if not state.permission("enter", None) and (
            address := sign_in_address(request.script_root + request.path)
        ):
            return redirect(address)
        return NotFound().get_response(request.environ)
    if not current_app.secret_key:
        abort(503, description=KEYLESS)
    host.set_login_view(current_app, BLUEPRINT, state.config["LOGIN_ENDPOINT"])
    return None
