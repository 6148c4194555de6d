"""``cchc user …``: staff accounts of the stand-alone site."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import current_app

from cchc_public import host
from cchc_public.cli import OPERATOR, CchcGroup, committed
from cchc_public.state import get_state
from cchc_public.store.audit import record

ROLES = ("clerk", "publisher", "admin")
user_group = CchcGroup("user", help="Tài khoản cán bộ của trang độc lập.")
EMAIL = click.argument("email")
PASSWORD = click.option(
    "--password", default=None, help="Bỏ trống: tạo ngẫu nhiên và in ra một lần."
)


@user_group.command("add")
@EMAIL
@click.option("--name", "full_name", default="", help="Họ và tên, in trong nhật ký.")
@click.option("--role", "roles", type=click.Choice(ROLES), multiple=True, default=("clerk",))
@PASSWORD
@click.option("--link", "by_link", is_flag=True, help="In liên kết một lần để tự đặt mật khẩu.")
def add(
    email: str, full_name: str, roles: tuple[str, ...], password: str | None, by_link: bool
) -> None:
    """Thêm một tài khoản."""
    accounts = load_accounts()
    chosen = None if by_link else password or accounts.make_password()
    with committed() as session:
        user = accounts.add_user(session, email, full_name, roles, chosen)
        note("account.add", user, role=", ".join(roles))
        token = accounts.make_link(session, user) if by_link else ""
    click.echo(f"Đã thêm {user.email} ({', '.join(roles)}).")
    if by_link:
        print_link(token)
    elif password is None:
        click.echo(f"Mật khẩu (chỉ in lần này): {chosen}")


@user_group.command("link")
@EMAIL
@click.option("--mail", "by_mail", is_flag=True, help="Gửi qua thư điện tử thay vì in ra.")
def link(email: str, by_mail: bool) -> None:
    """In liên kết một lần để tự đặt mật khẩu; mọi phiên đang mở của tài khoản kết thúc."""
    accounts = load_accounts()
    if by_mail and not accounts.can_mail():
        raise click.ClickException("Chưa đặt CCHC_MAIL_URL nên không gửi thư được.")
    with changed(email, "account.link") as user:
        token = accounts.make_link(get_state().session, user)
    if by_mail:
        accounts.mail_link(user, link_address(token), accounts.LINK_DAYS)
        click.echo(f"Đã gửi liên kết đặt mật khẩu tới {user.email}.")
    else:
        print_link(token)


@user_group.command("first")
def first() -> None:
    """In liên kết một lần để tạo tài khoản quản trị đầu tiên; không làm gì khi đã có tài khoản."""
    accounts = load_accounts()
    if accounts.list_users(get_state().session):
        return
    with committed() as session:
        token = accounts.make_first_link(session)
        record(session, OPERATOR, "account.first-link", "account")
    click.echo("Trang chưa có tài khoản nào.")
    print_link(token)


@user_group.command("list")
def show() -> None:
    """Liệt kê tài khoản."""
    for user in load_accounts().list_users(get_state().session):
        roles = ", ".join(sorted(role.name for role in user.roles))
        mark = "" if user.active else "  [đã khóa]"
        click.echo(f"{user.email}  {user.full_name}  ({roles}){mark}")


@user_group.command("password")
@EMAIL
@PASSWORD
def change_password(email: str, password: str | None) -> None:
    """Đặt lại mật khẩu; mọi phiên đang mở của tài khoản kết thúc."""
    accounts = load_accounts()
    chosen = password or accounts.make_password()
    with changed(email, "account.password") as user:
        accounts.set_password(get_state().session, user, chosen)
    click.echo(f"Đã đặt lại mật khẩu của {email}.")
    if password is None:
        click.echo(f"Mật khẩu (chỉ in lần này): {chosen}")


@user_group.command("disable")
@EMAIL
@click.option("--undo", is_flag=True, help="Mở lại tài khoản.")
def disable(email: str, undo: bool) -> None:
    """Khóa một tài khoản; nhật ký vẫn giữ tên."""
    with changed(email, "account.unlock" if undo else "account.lock") as user:
        load_accounts().set_active(get_state().session, user, active=undo)
    click.echo(f"Đã {'mở lại' if undo else 'khóa'} {email} ({current_app.name}).")


def load_accounts() -> Any:
    """Return the room of accounts, which a host does not have."""
    if not host.is_site(current_app):
        raise click.ClickException(
            "Lệnh này chỉ dành cho trang độc lập; ở đây trang chủ tự quản lý tài khoản."
        )
    from cchc_public.accounts import people

    return people


@contextmanager
def changed(email: str, deed: str) -> Iterator[Any]:
    """Commit what the block did to an account, with its line in the trail."""
    with committed() as session:
        user = load_accounts().get_user(session, email)
        yield user
        note(deed, user)


def note(deed: str, user: Any, **detail: Any) -> None:
    """Write a deed of the operator into the trail."""
    subject = f"account/{user.id}"
    record(get_state().session, OPERATOR, deed, subject, email=user.email, **detail)


def link_address(token: str) -> str:
    """Return the address of a one-time link."""
    config = get_state().config
    origin = config["CANONICAL_URL"] or f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
    return f"{origin}{config['URL_PREFIX']}/quan-tri/mat-khau/{token}"


def print_link(token: str) -> None:
    """Print a one-time link: it is stored nowhere."""
    click.echo("Liên kết đặt mật khẩu, dùng một lần, trong 3 ngày (chỉ in lần này):")
    click.echo(f"  {link_address(token)}")
