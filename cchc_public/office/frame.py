"""What all screens of the office share: who may, forms and their guard, notices, refusals, outages.

A post that comes too late (session over, token too old) is kept as a form draft when it carries a
*ticket*: our signature under the id of the user who opened the form. So only someone who was
signed in can store anything, and only the same person gets it back, after signing in."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from functools import partial, wraps
from itertools import accumulate
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError, generate_csrf, validate_csrf
from markupsafe import Markup
from sqlalchemy.exc import DataError, SQLAlchemyError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import Forbidden, HTTPException, NotFound, RequestEntityTooLarge
from wtforms import StringField, ValidationError
from wtforms.fields.choices import SelectFieldBase
from wtforms.validators import DataRequired, Length

from cchc_public import errors, host
from cchc_public.state import get_state, read_signed, signer
from cchc_public.store.base import SENTENCES, FileLost, refuse_lost_file
from cchc_public.store.remembered import find_draft, keep_draft, take_draft
from cchc_public.store.writing import Conflict, Saving, find_conflict, saving
from cchc_public.vietnamese.dates import format_date, read_date
from cchc_public.vietnamese.text import clean_text
from cchc_public.web.caching import describe_outage, outage_page
from cchc_public.web.page_store import is_unmigrated, log_outage
from cchc_public.web.routes import Routes

_KEY = "cchc_notices"
_LIMIT = 12
# letters: the session is a cookie, more would not fit beside the host's own values
_ROOM = 900


def notify(said: str | errors.CchcError, kind: str = "done") -> None:
    """Say on top of the next office page what was done, or what to mind (``warn``): any refusal."""
    kind, text = "warn" if isinstance(said, errors.CchcError) else kind, str(said)
    shown = text if len(text) <= _ROOM else f"{text[:_ROOM]}…"
    newest_first = [{"text": shown, "kind": kind}, *reversed(session.get(_KEY, []))]
    session[_KEY] = fitting(newest_first, lambda entry: len(entry["text"]))[::-1]


def leave(
    endpoint: str, said: str | errors.CchcError, kind: str = "done", /, **values: Any
) -> ResponseReturnValue:
    """Lead to a page of the office that says on top what was done, or what refused it."""
    notify(said, kind)
    return redirect(url_for(f".{endpoint}", **values))


def take_notices() -> list[dict[str, str]]:
    """Return and forget the waiting messages: text and kind."""
    return list(session.pop(_KEY, []))


def fitting(entries: list[Any], size: Callable[[Any], int]) -> list[Any]:
    """Return the first entries that fit into the cookie; the first always does."""
    count = sum(room <= _ROOM for room in accumulate(map(size, entries)))
    return entries[: min(max(count, 1), _LIMIT)]


REFUSALS = {
    Forbidden: ("Không được phép", "Tài khoản của bạn không được làm việc này."),
    NotFound: ("Không có trang này", "Địa chỉ có thể đã cũ hoặc gõ thiếu."),
    RequestEntityTooLarge: (
        "Nội dung quá lớn",
        (
            "Nội dung gửi lên quá lớn nên chưa lưu gì. Hãy quay lại trang trước, chia nhỏ bảng "
            "hoặc tải tệp nhỏ hơn."
        ),
    ),
}


def register_refusals(blueprint: Blueprint) -> None:
    """Answer 403, 404 and 413 in words."""
    for refusal, words in REFUSALS.items():
        blueprint.register_error_handler(refusal, partial(show_refusal, *words))


def show_refusal(title: str, advice: str, error: HTTPException) -> tuple[str, int]:
    """Say what is refused and where to go on."""
    if error.description not in (None, type(error).description):
        advice = str(error.description)
    page = render_template("cchc/office/refusal.html", title=title, advice=advice)
    return page, error.code or 500


def show_outage(error: SQLAlchemyError) -> ResponseReturnValue:
    """Say that nothing was saved; a button sends the same form once more."""
    log_outage(f"cannot answer {request.method} {request.path}", error)
    with suppress(SQLAlchemyError):
        get_state().session.rollback()
    is_refused = isinstance(error, DataError)  # the database works, a value cannot be kept
    is_post = request.method == "POST"
    if is_refused:
        advice = (
            "Có ký tự hoặc con số mà cơ sở dữ liệu không nhận nên chưa lưu gì. Xin quay lại trang "
            "trước và nhập lại."
        )
    elif isinstance(error, FileLost):
        advice = SENTENCES[error.problem]
    elif is_post:
        advice = (
            "Lần này chưa lưu được gì; những gì đã lưu trước đó không mất. Hãy để nguyên trang "
            "này, chờ một lát rồi bấm gửi lại. Nếu vẫn không được, xin báo người quản trị."
        )
    elif is_unmigrated(error):
        advice = describe_outage(error)[1]
    else:
        advice = "Những gì đã lưu không mất. Xin thử lại sau ít phút, hoặc báo người quản trị."
    page = outage_page(
        "Chưa lưu được" if is_post else "Trang tạm thời chưa mở được",
        advice,
        fields=[*request.form.items(multi=True)] if is_post and not is_refused else (),
        has_files=bool(request.files),
    )
    return (page, 400) if is_refused else (page, 503, {"Retry-After": "60"})


BLUEPRINT = "cchc_staff"
KEYLESS = "Trang chưa có SECRET_KEY nên chưa ai đăng nhập được. Hãy đặt khóa đó rồi chạy lại."
TICKET = "cchc_ticket"
DRAFT = "ban-nhap"  # the query parameter that names a kept form
TICKET_DAYS = 7
COPY = "cchc_copy"  # names the copy of what was typed that the browser keeps
SAVED = "cchc_saved"  # in the session: the copy that was saved last, for the browser to forget
_NEVER_KEPT = {TICKET, DRAFT, COPY}
_FIELD = Markup('<input type="hidden" name="{}" value="{}">')


def register_guard(blueprint: Blueprint) -> None:
    """Check every post to ``blueprint``, also in a host without CSRFProtect; refuse in words."""
    blueprint.before_request(close_office)
    blueprint.before_request(check_token)
    blueprint.before_request(lambda: refuse_lost_file(get_state().session))
    blueprint.after_request(note_saved_copy)
    blueprint.register_error_handler(CSRFError, rescue)
    blueprint.register_error_handler(SQLAlchemyError, show_outage)
    register_refusals(blueprint)
    tools = {
        "cchc_form_fields": form_fields,
        "cchc_keeping": keeping,
        "cchc_notices": take_notices,
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
    fields = {TICKET: signer("form-ticket").dumps(get_state().actor().id)}
    fields |= {name: value for name in (DRAFT, COPY) if (value := request.values.get(name))}
    return token_field() + Markup("").join(_FIELD.format(*pair) for pair in fields.items())


def keeping() -> Markup:
    """Return what the script needs to keep typing in this browser, each account's apart."""
    key, identity = str(current_app.secret_key), get_state().actor().id
    owner = hmac.new(key.encode(), identity.encode(), "sha256").hexdigest()[:16]
    copy = ""
    with suppress(HTTPException):  # a form that was too large is not read once more
        copy = request.form.get(COPY, "")[:60]
    return Markup(
        '<div id="cchc-keeping" hidden data-owner="{}" data-saved="{}" data-copy="{}"'
        ' data-ping="{}" data-token="{}"></div>'
    ).format(owner, session.pop(SAVED, ""), copy, url_for("cchc.healthz"), token_name())


def token_field() -> Markup:
    """Return the hidden token alone: for posts in which nobody types anything."""
    return _FIELD.format(token_name(), generate_csrf())


def token_name() -> str:
    """Return what the host calls the token's field; its CSRFProtect looks nowhere else."""
    return str(current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token"))


def rescue(_error: Exception | None = None) -> ResponseReturnValue:
    """Keep what was posted, then lead through the sign-in page back to the same form."""
    try:
        query = request.args.to_dict()
        # nobody's is a ticket that is forged or too old
        owner = str(read_signed("form-ticket", request.form.get(TICKET, ""), TICKET_DAYS) or "")
        passing = {*_NEVER_KEPT, token_name()}
        fields = [pair for pair in request.form.items(multi=True) if pair[0] not in passing]
        if owner and fields:
            state = get_state()
            days = state.config["DRAFT_DAYS"]
            with saving(state.session):
                token = keep_draft(state.session, request.path, fields, owner, days)
            query[DRAFT] = token
        # by hand: url_for would take ``?_external=1`` or ``?endpoint=x`` for an order
        address = quote(request.script_root + request.path)
        address += f"?{urlencode(query)}" if query else ""
        if get_state().user is None and (page := sign_in_address(address)):
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
    words = "Đã lấy lại những gì bạn nhập trước khi hết phiên làm việc. Chưa lưu: xin bấm lưu."
    notify(words, "warn")
    return MultiDict(draft.fields)


def note_saved_copy(response: Response) -> Response:
    """Tell the browser with the next page which copy it may forget; a failed save redirects not."""
    if response.status_code in (302, 303) and (copy := g.pop(SAVED, "")):
        session[SAVED] = copy
    return response


@contextmanager
def saving_form(form: OfficeForm | None = None) -> Iterator[Saving]:
    """Save what a posted form asks for and forget its kept copy, or undo it; see ``saving``.

    What refuses it is said above ``form``.
    """
    state = get_state()
    with saving(state.session) as outcome:
        yield outcome
        if token := request.form.get(DRAFT):
            take_draft(state.session, token, state.actor().id)
    if outcome.error is None:
        g.cchc_saved = request.form.get(COPY, "")[:60]
    elif form is not None:
        form.form_errors.append(str(outcome.error))


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


View = Callable[..., ResponseReturnValue]
Found = TypeVar("Found")


def permitted(view: View, action: str) -> View:
    """Let a view run only for users who may ``action``; marks it for the test over all routes."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        return view(*args, **kwargs) if get_state().may(action) else refuse(action)

    guarded.cchc_requires = action  # type: ignore[attr-defined]
    return guarded


class Screens(Routes):
    """The addresses of one module's screens, noted beside their views with what each needs."""

    def __call__(  # type: ignore[override]
        self,
        rule: str,
        endpoint: str,
        action: str = "enter",
        methods: Sequence[str] = ("GET",),
        back: str = "",
    ) -> Callable[[View], View]:
        """Note the address of the view below, for users who may ``action``.

        What is only posted to leads ``back`` when it is opened: signing in again leads here.
        """
        add = super().__call__

        def note(view: View) -> View:
            add(rule, endpoint, methods)(permitted(view, action))
            if back:
                add(rule, f"{endpoint}_back")(permitted(partial(lead_to, back), action))
            return view

        return note


BOTH = ("GET", "POST")
POST = ("POST",)


def get_or_404(get: Callable[..., Found], *args: Any) -> Found:
    """Return what an address names, 404 in the words of ``NotFound`` when there is none."""
    try:
        return get(*args)
    except errors.NotFound as error:
        abort(404, description=str(error))


def lead_to(endpoint: str, **values: Any) -> ResponseReturnValue:
    """Lead to a page of the office, with those values of the address that it takes."""
    endpoint = f"{BLUEPRINT}.{endpoint}"
    expects = current_app.url_map.is_endpoint_expecting
    return redirect(url_for(endpoint, **{k: v for k, v in values.items() if expects(endpoint, k)}))


def refuse(action: str) -> ResponseReturnValue:  # noqa: RET503 - abort never returns
    """Lead a stranger to the sign-in page with what he posted; tell a colleague what he lacks."""
    if get_state().user is None:
        if request.method == "POST":
            return rescue()
        if (answer := host.answer_stranger(current_app, BLUEPRINT)) is not None:
            return answer  # type: ignore[no-any-return]
        if address := sign_in_address(request.script_root + request.full_path.rstrip("?")):
            return redirect(address)
    words = {
        "enter": "Tài khoản của bạn chưa được phép nhập số liệu.",
        "publish": "Tài khoản của bạn chưa được phép công bố, đính chính hoặc thu hồi số liệu.",
        "administer": "Chỉ người quản trị mới mở được trang này.",
    }
    abort(403, description=words[action])


def as_choices(options: Mapping[Any, Any]) -> Any:
    """Return words by value, or such mappings by group, in the shape this WTForms wants.

    The newest takes them as they are and warns of pairs; those before 3.3 take pairs only.
    """
    if hasattr(SelectFieldBase, "_is_shorthand_dict"):
        return options
    grouped = {
        label: list(words.items()) for label, words in options.items() if isinstance(words, Mapping)
    }
    return grouped or list(options.items())


class OfficeForm(FlaskForm):  # type: ignore[misc]
    """A form without a token of its own: every office form carries ``cchc_form_fields()``."""

    conflict: Conflict | None = None  # with who saved since the form was opened
    refused_as = 409  # how a deed is answered that was well asked for and refused

    class Meta:
        """The blueprint's guard checks the token, in a host and alone."""

        csrf = False

    @classmethod
    def opened(cls, **stored: Any) -> Self:
        """Return the form as posted, as kept when a session had ended, or as stored."""
        return cls(request.form or kept_input(), data=stored)

    @property
    def status(self) -> int:
        """Return how the request is answered: refused, not understood, or as asked."""
        if self.conflict:
            return 409
        return self.refused_as if self.form_errors else 422 if self.errors else 200

    def clash(
        self, error: errors.CchcError, edited_at: datetime, theirs: Mapping[str, Any], **mine: Any
    ) -> None:
        """Show what a colleague saved meanwhile beside what was typed; a second save is knowing.

        ``mine`` tells what was typed in the form in which ``theirs`` stands, where that differs.
        """
        kept, typed = type(self)(None, data=theirs), type(self)(None, data=mine) if mine else self
        self.version.data = typed.version.data = kept.version.data
        places = ((f.label.text, f.id, _spoken(typed[f.name]), _spoken(f)) for f in kept)
        self.conflict = find_conflict(error, edited_at, places)


def _spoken(field: Any) -> str:
    """Return what a field holds in words: of several the words that were chosen."""
    if not isinstance(field.data, list):
        return str(field.data or "")
    return ", ".join(dict(field.choices)[value] for value in sorted(field.data))


def show(screen: str, form: OfficeForm, **shown: Any) -> tuple[str, int]:
    """Return the page of a form, with the status that says how it went."""
    shown = {"form": form, "conflict": form.conflict, **shown}
    return render_template(f"cchc/office/{screen}.html", **shown), form.status


def needed() -> DataRequired:
    """Require the field, in our words."""
    return DataRequired("Xin điền chỗ này.")


def at_most(count: int) -> Length:
    """Limit the field's length, in our words."""
    return Length(max=count, message=f"Dài quá {count} chữ.")


def clean_words(value: str | None) -> str:
    """Free what was typed from hidden characters: a filter for fields of words."""
    return clean_text(value or "")


def words(
    label: str, most: int, *checks: Any, kind: type[StringField] = StringField
) -> StringField:
    """Return a field of words, freed from hidden characters, of at most so many letters."""
    return kind(label, [*checks, at_most(most)], filters=[clean_words])


class DayField(StringField):  # type: ignore[misc]
    """A day as people write it: 12/6/2023; ``day`` is None while it cannot be read."""

    def process_data(self, value: Any) -> None:
        """Show a day, also one kept as 2023-06-12, as people write it."""
        found = read_date(value)
        super().process_data(format_date(found) if isinstance(found, date) else value)

    @property
    def day(self) -> date | None:
        """Return the day that was typed."""
        found = read_date(self.data or "")
        return found if isinstance(found, date) else None


def readable_day(form: OfficeForm, field: DayField) -> None:
    """Refuse what is not a day of the calendar."""
    if field.data and field.day is None:
        raise ValidationError("Không đọc được ngày này. Xin viết ngày/tháng/năm, ví dụ 12/06/2026.")


def read_number(text: str | None) -> int:
    """Return the number that a form or an address names, 0 for anything that is none."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,8}", text) else 0
