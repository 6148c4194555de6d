"""What an operator keeps: the tables, their copies, the accounts, the demo.

``cchc db``, ``user``, ``backup``, ``restore``, ``demo``. A host's tables and accounts stay as
they are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import select

from cchc_public import demo, host
from cchc_public.cli import FILE, OPERATOR, committed, group
from cchc_public.copies import (
    SUM,
    checked_twin,
    copies_path,
    drop_old_copies,
    foresee,
    is_whole_file_ours,
    keep_present,
    make_copy,
    put_back,
    read_checksum,
    refuse_when_served,
)
from cchc_public.migrations import runner
from cchc_public.reports.drafting import list_reports
from cchc_public.state import get_state
from cchc_public.store import Release
from cchc_public.store.base import Actor, today
from cchc_public.store.remembered import load_settings, save_settings
from cchc_public.store.writing import record
from cchc_public.vietnamese.numbers import format_number

YES = click.option("--yes", is_flag=True, help="Không hỏi lại.")
EMAIL = click.argument("email")
PASSWORD = click.option(
    "--password", default=None, help="Bỏ trống: tạo ngẫu nhiên và in ra một lần."
)


@group.group("db")
def database_group() -> None:
    """Bảng của phần này trong cơ sở dữ liệu."""


@database_group.command("upgrade")
@click.argument("target", default="head")
def upgrade(target: str) -> None:
    """Tạo bảng hoặc nâng lên bản mới."""
    _move("upgrade", target)


@database_group.command("downgrade")
@click.argument("target")
@YES
def downgrade(target: str, yes: bool) -> None:
    """Lùi về một bản cũ; base xóa mọi bảng của phần này, không đụng bảng khác."""
    if not yes:
        click.confirm(f"Lùi về {target} có thể xóa số liệu. Tiếp tục?", abort=True)
    kept = keep_present(get_state().engine, "truoc-khi-lui")
    click.echo(f"Bản đang dùng đã giữ lại ở {kept}." if kept else "Không có bản nào để giữ lại.")
    _note_move("downgrade", target)  # before: the trail may go with its table
    _move("downgrade", target)


@database_group.command("stamp")
@click.argument("target", default="head")
def stamp(target: str) -> None:
    """Ghi nhận bảng đã ở bản nào, không sửa bảng."""
    _move("stamp", target)


@database_group.command("current")
def current() -> None:
    """In bản hiện tại và bản cần có."""
    found = runner.current(get_state().engine)
    click.echo(f"{found or 'chưa có bảng'} (cần {runner.head()})")


@database_group.command("check")
def check() -> None:
    """So bảng với mã nguồn; thoát 1 khi khác."""
    engine = get_state().engine
    if not runner.is_current(engine):
        raise click.ClickException("Cơ sở dữ liệu chưa ở bản mới nhất: cchc db upgrade.")
    if differences := runner.check(engine):
        raise click.ClickException("Bảng khác mã nguồn:\n" + "\n".join(differences))
    click.echo("Bảng khớp với mã nguồn.")


def _move(how: str, target: str) -> None:
    """Bring the tables to ``target`` and note where they stood before."""
    engine = get_state().engine
    before = runner.current(engine)
    try:
        getattr(runner, how)(engine, target)
    except CommandError as error:
        raise click.ClickException(f"Không chạy được: {error}.") from error
    click.echo(f"Cơ sở dữ liệu ở bản {runner.current(engine) or 'rỗng'}.")
    if how != "downgrade":
        _note_move(how, before)


def _note_move(how: str, other: str | None) -> None:
    """Write into the trail between which revisions the tables moved, where it can be written."""
    now = runner.current(get_state().engine)
    if now == runner.head() and other not in (None, now):
        with committed() as session:
            record(session, OPERATOR, f"database.{how}", "database", now=now, other=other)


@group.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Chép cơ sở dữ liệu ra một tệp SQLite, trong khi trang vẫn chạy."""
    if file.exists():
        raise click.ClickException(f"{file} đã có; hãy chọn tên khác.")
    make_copy(file)
    # the nightly copies are looked after as those of the office
    gone = drop_old_copies() if file.absolute().parent == copies_path().absolute() else []
    with committed() as session:
        record(session, OPERATOR, "database.backup", "database", file=file.name, dropped=gone)
    size = format_number(file.stat().st_size)
    click.echo(f"Đã chép ra {file} ({size} byte); mã kiểm tra ở {file.name}{SUM}, hãy giữ cả hai.")


@group.command("restore")
@click.argument("file", type=FILE)
@YES
@click.option(
    "--without-checksum", is_flag=True, help="Bản chép cũ không có tệp mã kiểm tra đi kèm."
)
def restore(file: Path, yes: bool, without_checksum: bool) -> None:
    """Lấy lại cơ sở dữ liệu từ một bản chép đã kiểm; bản đang dùng được giữ bên cạnh."""
    digest = read_checksum(file, may_miss=without_checksum)
    engine = get_state().engine
    with checked_twin(file) as twin:
        for sentence in foresee(twin, engine):
            click.echo(sentence)
        if not yes:
            click.confirm(f"Thay toàn bộ số liệu đang dùng bằng {file}?", abort=True)
        engine.dispose()  # our own connections
        refuse_when_served(engine)
        if not is_whole_file_ours(engine):
            runner.upgrade(engine)  # rows go into tables that stand
        kept = keep_present(engine, "truoc-khi-lay-lai")
        if kept:
            click.echo(f"Bản đang dùng đã giữ lại ở {kept}.")
        name = kept.name if kept else ""
        put_back(twin, engine, OPERATOR, {"file": file.name, "sha256": digest, "kept": name})
    click.echo("Đã lấy lại và kiểm xong. Hãy khởi động lại trang.")


# local part, name, role
STAFF = (
    ("can-bo", "Cán bộ trình diễn", "clerk"),
    ("lanh-dao", "Lãnh đạo trình diễn", "publisher"),
    ("quan-tri", "Quản trị trình diễn", "admin"),
)
MARK = "trình diễn"  # stands in the name of everybody who published demo figures
DOMAIN = "kimthach.example"  # a name that no mail server can ever have


@group.command("demo")
@click.option("--if-empty", is_flag=True, help="Không làm gì khi đã có kỳ báo cáo.")
@click.option("--yes", is_flag=True, help="Không hỏi lại, kể cả khi đã công bố số liệu.")
def load_demo(if_empty: bool, yes: bool) -> None:
    """Nạp số liệu thật 6 tháng đầu năm 2023 của xã Kim Thạch, người công bố ghi “trình diễn”."""
    session = get_state().session
    if if_empty and list_reports(session):
        return
    if not yes:
        ask_first()
    passwords: dict[str, str] = {}
    is_site = host.is_site(current_app)
    clerk, publisher = prepare_site(passwords) if is_site else (demo.CLERK, demo.PUBLISHER)
    # in a host somebody else's name stands around the figures: they say whose they are
    authority = demo.demo_authority(is_sample=not is_site)
    with committed():
        release = demo.load_demo(session, authority, clerk=clerk, publisher=publisher)
        demo.load_demo_reception(session, today(), OPERATOR)
        demo.load_demo_desk(session, OPERATOR)
        demo.load_demo_procedures(session, OPERATOR)
    title = demo.PERIOD.title
    click.echo(f"Đã nạp {title}." if release else f"{title} đã có, không nạp lại.")
    if passwords:  # stored nowhere but as hashes
        click.echo("Tài khoản thử (mật khẩu chỉ in lần này):")
    for email, password in passwords.items():
        click.echo(f"  {email:<28} {password}")


def ask_first() -> None:
    """Refuse among real figures; on a terminal ask before anything is written."""
    state = get_state()
    query = select(Release.period_slug, Release.published_by_name).distinct()
    real = {
        name
        for slug, name in state.session.execute(query)
        # the site's demo accounts may have been given real names since
        if slug != demo.PERIOD.slug or (MARK not in name and not host.is_site(current_app))
    }
    if real:
        raise click.ClickException(
            f"Ở đây đã có số liệu do {', '.join(sorted(real))} công bố; số liệu trình diễn sẽ "
            "lẫn vào. Hãy thử ở một cơ sở dữ liệu khác, hoặc thêm --yes."
        )
    if sys.stdin.isatty():
        where = state.engine.url.render_as_string(hide_password=True)
        click.confirm(f"Nạp số liệu trình diễn của xã Kim Thạch vào {where}?", abort=True)


def prepare_site(passwords: dict[str, str]) -> tuple[Actor, Actor]:
    """Name the site unless somebody set anything before; add the demo accounts that are missing.

    Returns who enters and who publishes.
    """
    state, accounts = get_state(), load_accounts()
    session = state.session
    actors: dict[str, Actor] = {}
    for local_part, name, role in STAFF:
        email = f"{local_part}@{DOMAIN}"
        user = accounts.find_user(session, email)
        if user is None:
            passwords[email] = accounts.make_password()
            user = accounts.add_user(session, email, name, (role,), passwords[email])
            record(session, OPERATOR, "account.add", f"account/{user.id}", email=email, role=role)
        actors[role] = state.describe_actor(user)
    if not load_settings(session).version:
        names = ("AUTHORITY_NAME", "PARENT_AUTHORITY_NAME", "PLACE")
        free = {name: getattr(demo, name) for name in names if not state.config.is_fixed(name)}
        save_settings(session, free, version=0, actor=OPERATOR)
        state.office_settings.forget()
    return actors["clerk"], actors["publisher"]


def load_accounts() -> Any:
    """Return the room of accounts, which a host does not have."""
    if not host.is_site(current_app):
        raise click.ClickException(
            "Lệnh này chỉ dành cho trang độc lập; ở đây trang chủ tự quản lý tài khoản."
        )
    from cchc_public.accounts import people

    return people


@group.group("user")
def user_group() -> None:
    """Tài khoản cán bộ của trang độc lập."""


@user_group.command("add")
@EMAIL
@click.option("--name", "full_name", default="", help="Họ và tên, in trong nhật ký.")
@click.option(
    "--role",
    "roles",
    type=click.Choice(("clerk", "publisher", "admin")),
    multiple=True,
    default=("clerk",),
)
@PASSWORD
@click.option("--link", "by_link", is_flag=True, help="In liên kết một lần để tự đặt mật khẩu.")
def add_user(
    email: str, full_name: str, roles: tuple[str, ...], password: str | None, by_link: bool
) -> None:
    """Thêm một tài khoản."""
    accounts, said = load_accounts(), ", ".join(roles)
    chosen = None if by_link else password or accounts.make_password()
    with committed() as session:
        user = accounts.add_user(session, email, full_name, roles, chosen)
        subject = f"account/{user.id}"
        record(session, OPERATOR, "account.add", subject, email=user.email, role=said)
        token = accounts.make_link(session, user) if by_link else ""
    click.echo(f"Đã thêm {user.email} ({said}).")
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


@contextmanager
def changed(email: str, deed: str) -> Iterator[Any]:
    """Commit what the block did to an account, with its line in the trail."""
    with committed() as session:
        user = load_accounts().get_user(session, email)
        yield user
        record(session, OPERATOR, deed, f"account/{user.id}", email=user.email)


def link_address(token: str) -> str:
    """Return the address of a one-time link."""
    config = get_state().config
    origin = config["CANONICAL_URL"] or f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
    return f"{origin}{config['URL_PREFIX']}/quan-tri/mat-khau/{token}"


def print_link(token: str) -> None:
    """Print a one-time link: it is stored nowhere."""
    days = load_accounts().LINK_DAYS
    click.echo(f"Liên kết đặt mật khẩu, dùng một lần, trong {days} ngày (chỉ in lần này):")
    click.echo(f"  {link_address(token)}")
