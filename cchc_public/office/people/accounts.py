"""Accounts of the stand-alone site: add, change the role, lock, hand out one-time links."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import (
    abort,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, SelectField, StringField

from cchc_public import host
from cchc_public.office.frame import (
    BOTH,
    POST,
    OfficeForm,
    Screens,
    View,
    as_choices,
    at_most,
    clean_words,
    kept_input,
    needed,
    notify,
    rescue,
    saving_form,
)
from cchc_public.state import get_state
from cchc_public.store import LARGEST_INTEGER
from cchc_public.store.audit import record
from cchc_public.web.addresses import absolute

screen = Screens()  # served where the accounts are our own
ROLES = {
    "clerk": "Cán bộ nhập: nhập và sửa số liệu",
    "publisher": "Người công bố: nhập, công bố, đính chính, thu hồi",
    "admin": "Quản trị: nhập, quản lý tài khoản và thiết lập",
}


class AccountForm(OfficeForm):
    """A new account; who gets it chooses a password through a one-time link."""

    full_name = StringField("Họ và tên", [needed(), at_most(200)], filters=[clean_words])
    email = StringField("Địa chỉ thư điện tử", [needed(), at_most(200)])
    role = SelectField("Vai trò", choices=as_choices(ROLES))
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
        if time.time() - session.get("fs_paa", 0) < allowed.total_seconds():
            return view(*args, **kwargs)
        if request.method == "POST":
            return rescue()
        address = request.script_root + request.full_path.rstrip("?")
        return redirect(url_for(VERIFY_ENDPOINT, next=address))

    return asked


@screen("/tai-khoan", "accounts", "administer", methods=BOTH)
@confirmed
def manage_accounts() -> ResponseReturnValue:
    """List the accounts; add one when posted."""
    if request.method == "GET":
        return _page(AccountForm(kept_input()))
    form = AccountForm(request.form)
    if not form.validate():
        return _page(form), 422
    from cchc_public.accounts import people as accounts  # needs the ``site`` extra

    database, role = get_state().session, form.role.data
    with saving_form() as saved:
        user = accounts.add_user(database, form.email.data, form.full_name.data, (role,), None)
        token = accounts.make_link(database, user)
        _note("account.add", user, role=role)
    if saved.error:
        form.form_errors.append(str(saved.error))
        return _page(form), 422
    return _hand_out(user, token, by_mail=form.by_mail.data)


def _hand_out(user: Any, token: str, *, by_mail: bool) -> ResponseReturnValue:
    """Send a one-time link by mail, or show it this once: also where the mail does not go."""
    from cchc_public.accounts import mail, people
    from cchc_public.accounts.signing_in import PASSWORD_LINK

    link = absolute(PASSWORD_LINK, token=token)
    if by_mail and mail.can_mail():
        try:
            mail.mail_link(user, link, people.LINK_DAYS)
        except mail.MailFailed as error:
            notify(f"{error} Liên kết hiện ở dưới để trao tận tay.", "warn")
        else:
            notify(f"Đã gửi liên kết đặt mật khẩu tới {user.email}.")
            return redirect(url_for(".accounts"))
    return _page(AccountForm(None), (user.full_name or user.email, user.email, link))


def _page(form: AccountForm, secret: tuple[str, str, str] | None = None) -> str:
    from cchc_public.accounts import mail, people

    if not mail.can_mail():
        del form.by_mail
    return render_template(
        "cchc/office/accounts.html",
        form=form,
        users=people.list_users(get_state().session),
        roles=ROLES,
        secret=secret,
        days=people.LINK_DAYS,
        can_mail=mail.can_mail(),
    )


@screen(
    f"/tai-khoan/<int(max={LARGEST_INTEGER}):number>",
    "account",
    "administer",
    methods=POST,
    back="accounts",
)
@confirmed
def change_account(number: int) -> ResponseReturnValue:
    """Change the role, lock or unlock, hand out a link, forget a lost second factor."""
    from cchc_public.accounts import people as accounts
    from cchc_public.accounts.models import User

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
    with saving_form() as saved:
        token = deeds[deed]()
        _note(f"account.{deed}", user, **({"role": role} if deed == "role" else {}))
    if saved.error:
        notify(str(saved.error), "warn")
    elif token:
        return _hand_out(user, token, by_mail=by_mail)
    else:
        notify(f"Đã đổi tài khoản {user.email}.")
    return redirect(url_for(".accounts"))


@screen("/toi", "me", methods=BOTH)
def show_own_account() -> ResponseReturnValue:
    """Show where one is signed in; end every session but this one."""
    from cchc_public.accounts import attempts
    from cchc_public.accounts.signing_in import SESSION_TOKEN

    state, current = get_state(), session.get(SESSION_TOKEN, "")
    user: Any = state.user
    opened = attempts.list_sessions(state.session, user)
    if request.method == "GET":
        return render_template("cchc/office/me.html", user=user, sessions=opened, current=current)
    with saving_form():
        for one in opened:
            if one.token != current:
                attempts.close_session(state.session, one.token)
        _note("account.end-sessions", user)
    notify("Đã đăng xuất khỏi mọi nơi khác.")
    return redirect(url_for(".me"))


def _note(deed: str, user: Any, **detail: Any) -> None:
    """Write the deed into the audit trail, never the password."""
    state = get_state()
    record(state.session, state.actor(), deed, f"account/{user.id}", email=user.email, **detail)
