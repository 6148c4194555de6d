"""Accounts of the stand-alone site: add, change the role, lock, give a new password once."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField

from cchc_public import host
from cchc_public.i18n import _, lazy, mark
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.form_base import OfficeForm, at_most, clean_words, needed
from cchc_public.office.frame.guard import kept_input, saving_form
from cchc_public.office.frame.notices import notify
from cchc_public.state import get_state
from cchc_public.store import LARGEST_INTEGER
from cchc_public.store.audit import record

ROLES = {
    "clerk": mark("Cán bộ nhập: nhập và sửa số liệu"),
    "publisher": mark("Người công bố: nhập, công bố, đính chính, thu hồi"),
    "admin": mark("Quản trị: nhập, quản lý tài khoản và thiết lập"),
}


def role_names() -> list[tuple[str, str]]:
    """Return the roles with their words in the reader's language."""
    return [(role, _(words)) for role, words in ROLES.items()]


class AccountForm(OfficeForm):
    """A new account; its password is made by the site."""

    full_name = StringField(lazy("Họ và tên"), [needed(), at_most(200)], filters=[clean_words])
    email = StringField(lazy("Địa chỉ thư điện tử"), [needed(), at_most(200)])
    role = SelectField(lazy("Vai trò"), choices=role_names)


def register_account_routes(blueprint: Blueprint) -> None:
    """Add the page, but only in an app that has our own accounts: a host looks after its own."""
    blueprint.record(_add_where_ours)


def _add_where_ours(setup: BlueprintSetupState) -> None:
    if not host.has_own_accounts(setup.app):
        return
    setup.add_url_rule("/tai-khoan", "accounts", manage_accounts, methods=["GET", "POST"])
    rule = f"/tai-khoan/<int(max={LARGEST_INTEGER}):number>"
    setup.add_url_rule(rule, "account", change_account, methods=["POST"])
    setup.add_url_rule(rule, "account_back", lead_back)


@requires("administer")
def manage_accounts() -> ResponseReturnValue:
    """List the accounts; add one when posted."""
    if request.method == "GET":
        return _page(AccountForm(kept_input()))
    form = AccountForm(request.form)
    if not form.validate():
        return _page(form), 422
    return _add(form)


def _add(form: AccountForm) -> ResponseReturnValue:
    from cchc_public.accounts import people as accounts  # needs the ``site`` extra

    state = get_state()
    password = accounts.make_password()
    with saving_form() as saved:
        user = accounts.add_user(
            state.session, form.email.data, form.full_name.data, (form.role.data,), password
        )
        _note("account.add", user, role=form.role.data)
    if saved.error:
        form.form_errors.append(str(saved.error))
        return _page(form), 422
    return _page(AccountForm(None), secret=(user.full_name, user.email, password))


def _page(form: AccountForm, secret: tuple[str, str, str] | None = None) -> str:
    from cchc_public.accounts import people as accounts

    return render_template(
        "cchc/office/accounts.html",
        form=form,
        users=accounts.list_users(get_state().session),
        roles=role_names(),
        secret=secret,
    )


@requires("administer")
def change_account(number: int) -> ResponseReturnValue:
    """Change the role, lock or unlock, or give a new password."""
    from cchc_public.accounts import people as accounts
    from cchc_public.accounts.models import User

    state = get_state()
    user = state.session.get(User, number)
    if user is None:
        abort(404, description=_("Không có tài khoản này."))
    with saving_form() as saved:
        secret = _change(accounts, user, request.form.get("do", ""))
    if saved.error:
        notify(str(saved.error), "warn")
        return redirect(url_for(".accounts"))
    if secret:
        return _page(AccountForm(None), secret=(user.full_name, user.email, secret))
    notify(_("Đã đổi tài khoản %(email)s.", email=user.email))
    return redirect(url_for(".accounts"))


def _change(accounts: ModuleType, user: Any, deed: str) -> str:
    """Do one of the four deeds and write it down; return the new password, if one was made."""
    session = get_state().session
    role, password = request.form.get("role", ""), ""
    if deed == "role":
        accounts.set_roles(session, user, (role,))
        _note("account.role", user, role=role)
        return ""
    if deed in ("lock", "unlock"):
        accounts.set_active(session, user, deed == "unlock")
    elif deed == "password":
        password = accounts.make_password()
        accounts.set_password(session, user, password)
    else:
        abort(400)
    _note(f"account.{deed}", user)
    return password


@requires("administer")
def lead_back(number: int) -> ResponseReturnValue:
    """Lead to the list whoever comes back here after signing in."""
    return redirect(url_for(".accounts"))


def _note(deed: str, user: Any, **detail: Any) -> None:
    """Write the deed into the audit trail, never the password."""
    state = get_state()
    record(state.session, state.actor(), deed, f"account/{user.id}", email=user.email, **detail)
