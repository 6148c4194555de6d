"""``cchc user …``: staff accounts of the stand-alone site."""

from __future__ import annotations

import click
from flask import current_app

from cchc_public.cli.frame import CchcGroup, require_site
from cchc_public.state import get_state

ROLES = ("clerk", "publisher", "admin")
user_group = CchcGroup("user", help="Tài khoản cán bộ của trang độc lập.")


@user_group.command("add")
@click.argument("email")
@click.option("--name", "full_name", default="", help="Họ và tên, in trong nhật ký.")
@click.option("--role", "roles", type=click.Choice(ROLES), multiple=True, default=("clerk",))
@click.option("--password", default=None, help="Bỏ trống: tạo ngẫu nhiên và in ra một lần.")
def add(email: str, full_name: str, roles: tuple[str, ...], password: str | None) -> None:
    """Thêm một tài khoản."""
    require_site()
    from cchc_public.accounts import people as accounts

    session = get_state().session
    chosen = password or accounts.make_password()
    user = accounts.add_user(session, email, full_name, roles, chosen)
    session.commit()
    click.echo(f"Đã thêm {user.email} ({', '.join(roles)}).")
    if password is None:
        click.echo(f"Mật khẩu (chỉ in lần này): {chosen}")


@user_group.command("list")
def show() -> None:
    """Liệt kê tài khoản."""
    require_site()
    from cchc_public.accounts import people as accounts

    for user in accounts.list_users(get_state().session):
        roles = ", ".join(sorted(role.name for role in user.roles))
        mark = "" if user.active else "  [đã khóa]"
        click.echo(f"{user.email}  {user.full_name}  ({roles}){mark}")


@user_group.command("password")
@click.argument("email")
@click.option("--password", default=None, help="Bỏ trống: tạo ngẫu nhiên và in ra một lần.")
def change_password(email: str, password: str | None) -> None:
    """Đặt lại mật khẩu; mọi phiên đang mở của tài khoản kết thúc."""
    require_site()
    from cchc_public.accounts import people as accounts

    session = get_state().session
    chosen = password or accounts.make_password()
    accounts.set_password(session, accounts.get_user(session, email), chosen)
    session.commit()
    click.echo(f"Đã đặt lại mật khẩu của {email}.")
    if password is None:
        click.echo(f"Mật khẩu (chỉ in lần này): {chosen}")


@user_group.command("disable")
@click.argument("email")
@click.option("--undo", is_flag=True, help="Mở lại tài khoản.")
def disable(email: str, undo: bool) -> None:
    """Khóa một tài khoản; nhật ký vẫn giữ tên."""
    require_site()
    from cchc_public.accounts import people as accounts

    session = get_state().session
    accounts.set_active(session, accounts.get_user(session, email), active=undo)
    session.commit()
    click.echo(f"Đã {'mở lại' if undo else 'khóa'} {email} ({current_app.name}).")
