"""Who works here and what they did: accounts, links, sessions; the trail in words, as page, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import wraps
from importlib import resources
from typing import Any

from flask import abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, or_, select
from wtforms import BooleanField, SelectField, StringField

from cchc_public import host
from cchc_public.office import frame
from cchc_public.office.frame import View, notify
from cchc_public.present.wording import rate_text
from cchc_public.state import get_state
from cchc_public.store import LARGEST_INTEGER, AuditEntry
from cchc_public.store.writing import read_value, record, verify_trail
from cchc_public.tables.registry import FORMS
from cchc_public.tables.sheet import Rate
from cchc_public.vietnamese.dates import format_date, parse_period, read_date
from cchc_public.vietnamese.numbers import format_number
from cchc_public.web.jinja import cchc_datetime
from cchc_public.web.rendering import read_argument, read_page_number
from cchc_public.web.routes import absolute, file_answer

_WORDS: dict[str, dict[str, str]] = {}
with resources.files(__package__).joinpath("trail.csv").open(encoding="utf-8") as _file:
    for _line in csv.DictReader(_file):
        _WORDS.setdefault(_line["kind"], {})[_line["key"]] = _line["words"]
# deeds by their stable names; what stands before the number of what a line is about; further parts
# of a line by the names that it keeps them under; codes among their values
DEEDS, SUBJECTS, DETAILS, VALUES = (_WORDS[kind] for kind in ("deed", "subject", "detail", "value"))


def subject_text(subject: str) -> str:
    """Return what a line of the trail is about: a period and its table by their titles."""
    first, _slash, rest = subject.partition("/")
    if not rest and first in SUBJECTS:
        return ""  # the deed says it
    if period := parse_period(first):
        return f"{period.title}, {_titles().get(rest, rest)}" if rest else period.title
    return f"{SUBJECTS.get(first, first)} {rest}".strip()


def _titles() -> dict[str, str]:
    return {form.code: form.short_title for form in FORMS}


def detail_text(detail: Mapping[str, Any]) -> str:
    """Return what a line says besides who, when and what: changed cells first."""
    changes = [
        f"{change.get('row_label') or ''} {DETAILS.get(label := change['column_label'], label)}: "
        f"{change_text(change['old'])} → {change_text(change['new'])}".strip()
        for change in detail.get("changes", ())
    ]
    rest = [
        f"{DETAILS.get(key, key)}: {VALUES.get(str(value)) or change_text(value)}"
        for key, value in detail.items()
        if key not in ("changes", "address") and value not in (None, "", [], {}, False)
    ]
    return "; ".join((*changes, *rest))


def deed_text(action: str) -> str:
    """Return a deed of the trail in words; one that a later version wrote by its name."""
    return DEEDS.get(action, action)


def change_text(value: Any) -> str:
    """Return an old or new value as words: numbers and days the Vietnamese way, never empty."""
    if isinstance(value, Mapping) and "number" not in value:  # whole sheets, by their codes
        return ", ".join(_titles().get(key, str(key)) for key in value)
    value = read_value(value)
    if isinstance(value, Rate):
        return "chưa có" if value.percent is None else rate_text(value)
    if value is True:
        return "có"
    if value is False or value in (None, ""):
        return "chưa có"
    if isinstance(value, int | Decimal):
        return format_number(value)
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, list | tuple):
        return "; ".join(str(part) for part in value if part) or "chưa có"
    if len(text := str(value)) == 10:
        with suppress(ValueError):
            return format_date(date.fromisoformat(text))
    return text


screen = frame.Screens()
PAGE_SIZE = 50
MOST_LINES = 50_000  # of one CSV file
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
GROUPS = {
    "so-lieu": (
        "Số liệu",
        ("report.", "sheet.", "reason.", "release.", "paper.", "hand-in.", "preview."),
    ),
    "thu-tuc": ("Thủ tục, một cửa", ("procedure", "reception.", "desk.")),
    "nguoi": ("Đăng nhập, tài khoản", ("sign-", "account.")),
    "trang": ("Thiết lập, sao lưu, máy chủ", ("settings.", "database.", "audit.", "export.")),
}


@screen("/nhat-ky", "audit", "administer")
def show_trail() -> ResponseReturnValue:
    """Show the deeds, newest first, narrowed by person, kind, thing and days."""
    session, wanted = get_state().session, _narrowed()
    total = session.scalar(wanted.with_only_columns(func.count(AuditEntry.id)).order_by(None)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(read_page_number(), pages)
    rows = session.scalars(wanted.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)).all()
    people = session.execute(select(AuditEntry.actor_name).distinct().limit(200)).scalars()
    return render_template(
        "cchc/office/audit.html",
        rows=rows,
        total=total,
        page=page,
        pages=pages,
        groups={key: words for key, (words, _actions) in GROUPS.items()},
        people=sorted(filter(None, people)),
        chosen={key: read_argument(key) for key in ("ai", "loai", "viec", "tu", "den")},
        faults=list(verify_trail(session)) if request.args.get("kiem") == "1" else None,
    )


def _narrowed() -> Select[Any]:
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    if person := read_argument("ai"):
        query = query.where(AuditEntry.actor_name == person)
    if group := GROUPS.get(read_argument("loai")):
        starts = (AuditEntry.action.startswith(start, autoescape=True) for start in group[1])
        query = query.where(or_(*starts))
    if words := read_argument("viec"):
        known = [action for action, text in DEEDS.items() if words.lower() in text.lower()]
        subject = AuditEntry.subject.contains(words, autoescape=True)
        subjects = get_state().session.scalars(select(AuditEntry.subject).distinct())
        spoken = [one for one in subjects if words.lower() in subject_text(one).lower()]
        found = or_(subject, AuditEntry.subject.in_(spoken[:10_000]), AuditEntry.action.in_(known))
        query = query.where(found)
    for name, later in (("tu", 0), ("den", 1)):
        if isinstance(day := read_date(read_argument(name)), date):
            midnight = datetime.combine(day, time.min, get_state().zone).astimezone(UTC)
            edge = midnight + timedelta(days=later)
            query = query.where(AuditEntry.at < edge if later else AuditEntry.at >= edge)
    return query


@screen("/nhat-ky.csv", "audit_csv", "administer")
def send_trail() -> ResponseReturnValue:
    """Send the same lines as CSV for Vietnamese Excel; that they were taken is a deed too."""
    state = get_state()
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";")
    writer.writerow(("Lúc", "Ai", "Việc", "Mã việc", "Đối tượng", "Từ địa chỉ", "Chi tiết"))
    for row in state.session.scalars(_narrowed().limit(MOST_LINES)):
        cells = (
            cchc_datetime(row.at),
            row.actor_name,
            deed_text(row.action),
            row.action,
            row.subject,
            row.detail.get("address", ""),
            detail_text(row.detail),
        )
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    with frame.saving_form():
        record(state.session, state.actor(), "export.audit", "audit", query=dict(request.args))
    return file_answer("nhat-ky.csv", "\ufeff" + target.getvalue())


own_screen = frame.Screens()  # served where the accounts are our own
_ACCOUNT = f"/tai-khoan/<int(max={LARGEST_INTEGER}):number>"
ROLES = {
    "clerk": "Cán bộ nhập: nhập và sửa số liệu",
    "publisher": "Người công bố: nhập, công bố, đính chính, thu hồi",
    "admin": "Quản trị: nhập, quản lý tài khoản và thiết lập",
}


class AccountForm(frame.OfficeForm):
    """A new account; who gets it chooses a password through a one-time link."""

    refused_as = 422
    full_name = frame.words("Họ và tên", 200, frame.needed())
    email = StringField("Địa chỉ thư điện tử", [frame.needed(), frame.at_most(200)])
    role = SelectField("Vai trò", choices=frame.as_choices(ROLES))
    by_mail = BooleanField("Gửi liên kết qua thư điện tử", default=True)


def confirmed(view: View) -> View:
    """Let a view run only soon after its user gave the password; what was posted is kept."""

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if not host.has_own_accounts(current_app):  # a host asks its people as it likes
            return view(*args, **kwargs)
        from cchc_public.accounts.signing_in import FRESH, VERIFY_ENDPOINT

        # whoever filled in a form within the time is not asked while sending it
        allowed = FRESH if request.method == "GET" else 3 * FRESH
        if datetime.now(UTC).timestamp() - session.get("fs_paa", 0) < allowed.total_seconds():
            return view(*args, **kwargs)
        if request.method == "POST":
            return frame.rescue()
        address = request.script_root + request.full_path.rstrip("?")
        return redirect(url_for(VERIFY_ENDPOINT, next=address))

    return asked


@own_screen("/tai-khoan", "accounts", "administer", methods=frame.BOTH)
@confirmed
def manage_accounts() -> ResponseReturnValue:
    """List the accounts; add one when posted."""
    from cchc_public.accounts import people as accounts  # needs the ``site`` extra

    form, database = AccountForm.opened(), get_state().session
    if form.validate_on_submit():
        role = form.role.data
        with frame.saving_form(form) as saved:
            user = accounts.add_user(database, form.email.data, form.full_name.data, (role,), None)
            token = accounts.make_link(database, user)
            _note("account.add", user, role=role)
        if not saved.error:
            return _hand_out(user, token, by_mail=form.by_mail.data)
    return _page(form)


def _hand_out(user: Any, token: str, *, by_mail: bool) -> ResponseReturnValue:
    """Send a one-time link by mail, or show it this once: also where the mail does not go."""
    from cchc_public.accounts import people
    from cchc_public.accounts.signing_in import PASSWORD_LINK

    link = absolute(PASSWORD_LINK, token=token)
    if by_mail and people.can_mail():
        try:
            people.mail_link(user, link, people.LINK_DAYS)
        except people.MailFailed as error:
            notify(f"{error} Liên kết hiện ở dưới để trao tận tay.", "warn")
        else:
            return frame.leave("accounts", f"Đã gửi liên kết đặt mật khẩu tới {user.email}.")
    return _page(AccountForm(None), (user.full_name or user.email, user.email, link))


def _page(form: AccountForm, secret: tuple[str, str, str] | None = None) -> ResponseReturnValue:
    from cchc_public.accounts import people

    if not people.can_mail():
        del form.by_mail
    return frame.show(
        "accounts",
        form,
        users=people.list_users(get_state().session),
        roles=ROLES,
        secret=secret,
        days=people.LINK_DAYS,
        can_mail=people.can_mail(),
    )


@own_screen(_ACCOUNT, "account", "administer", methods=frame.POST, back="accounts")
@confirmed
def change_account(number: int) -> ResponseReturnValue:
    """Change the role, lock or unlock, hand out a link, forget a lost second factor."""
    from cchc_public.accounts import User
    from cchc_public.accounts import people as accounts

    database, deed = get_state().session, request.form.get("do", "")
    by_mail, deed, role = deed == "mail", deed.replace("mail", "link"), request.form.get("role", "")
    user = database.get(User, number)
    if user is None:
        abort(404, description="Không có tài khoản này.")
    deeds: dict[str, Callable[[], Any]] = {
        "role": lambda: accounts.set_roles(database, user, (role,)),
        "lock": lambda: accounts.set_active(database, user, False),
        "unlock": lambda: accounts.set_active(database, user, True),
        "link": lambda: accounts.make_link(database, user),
        "second-factor": lambda: accounts.drop_second_factor(database, user),
    }
    if deed not in deeds:
        abort(400)
    with frame.saving_form() as saved:
        token = deeds[deed]()
        _note(f"account.{deed}", user, **({"role": role} if deed == "role" else {}))
    if not saved.error and token:
        return _hand_out(user, token, by_mail=by_mail)
    return frame.leave("accounts", saved.error or f"Đã đổi tài khoản {user.email}.")


@own_screen("/toi", "me", methods=frame.BOTH)
def show_own_account() -> ResponseReturnValue:
    """Show where one is signed in; end every session but this one."""
    from cchc_public import accounts
    from cchc_public.accounts.signing_in import SESSION_TOKEN

    state, current = get_state(), session.get(SESSION_TOKEN, "")
    user: Any = state.user
    opened = accounts.list_sessions(state.session, user)
    if request.method != "POST":
        return render_template("cchc/office/me.html", user=user, sessions=opened, current=current)
    with frame.saving_form():
        for one in opened:
            if one.token != current:
                accounts.close_session(state.session, one.token)
        _note("account.end-sessions", user)
    return frame.leave("me", "Đã đăng xuất khỏi mọi nơi khác.")


def _note(deed: str, user: Any, **detail: Any) -> None:
    """Write the deed into the audit trail, never the password."""
    state = get_state()
    record(state.session, state.actor(), deed, f"account/{user.id}", email=user.email, **detail)
