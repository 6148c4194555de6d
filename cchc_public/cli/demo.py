"""``cchc demo``: the real report of Kim Thạch, its procedure list, and three accounts to try."""

from __future__ import annotations

import sys

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from cchc_public import host
from cchc_public.cli.frame import OPERATOR, committed
from cchc_public.demo import report
from cchc_public.demo.loading import (
    CLERK,
    PUBLISHER,
    demo_authority,
    load_demo,
    load_demo_desk,
    load_demo_procedures,
    load_demo_reception,
)
from cchc_public.reports.drafting import list_reports
from cchc_public.state import get_state
from cchc_public.store.actor import Actor
from cchc_public.store.audit import record
from cchc_public.store.clock import today
from cchc_public.store.release import Release
from cchc_public.store.settings import load_settings, save_settings

# local part, name, role
STAFF = (
    ("can-bo", "Cán bộ trình diễn", "clerk"),
    ("lanh-dao", "Lãnh đạo trình diễn", "publisher"),
    ("quan-tri", "Quản trị trình diễn", "admin"),
)
MARK = "trình diễn"  # stands in the name of everybody who published demo figures
DOMAIN = "kimthach.example"  # a name that no mail server can ever have


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Không làm gì khi đã có kỳ báo cáo.")
@click.option("--yes", is_flag=True, help="Không hỏi lại, kể cả khi đã công bố số liệu.")
@with_appcontext
def demo(if_empty: bool, yes: bool) -> None:
    """Nạp số liệu thật 6 tháng đầu năm 2023 của xã Kim Thạch, người công bố ghi “trình diễn”."""
    session = get_state().session
    if if_empty and list_reports(session):
        return
    if not yes:
        ask_first()
    passwords: dict[str, str] = {}
    clerk, publisher = CLERK, PUBLISHER
    if host.is_site(current_app):
        clerk, publisher = add_staff(passwords)
        name_the_site()
    # in a host somebody else's name stands around the figures: they say whose they are
    authority = demo_authority(is_sample=not host.is_site(current_app))
    with committed():
        release = load_demo(session, authority, clerk=clerk, publisher=publisher)
        load_demo_reception(session, today(), OPERATOR)
        load_demo_desk(session, OPERATOR)
        load_demo_procedures(session, OPERATOR)
    title = report.PERIOD.title
    click.echo(f"Đã nạp {title}." if release else f"{title} đã có, không nạp lại.")
    print_passwords(passwords)


def ask_first() -> None:
    """Refuse among real figures; on a terminal ask before anything is written."""
    session = get_state().session
    query = select(Release.period_slug, Release.published_by_name).distinct()
    real = {
        name
        for slug, name in session.execute(query)
        # the site's demo accounts may have been given real names since
        if slug != report.PERIOD.slug or (MARK not in name and not host.is_site(current_app))
    }
    if real:
        raise click.ClickException(
            f"Ở đây đã có số liệu do {', '.join(sorted(real))} công bố; số liệu trình diễn sẽ "
            "lẫn vào. Hãy thử ở một cơ sở dữ liệu khác, hoặc thêm --yes."
        )
    if sys.stdin.isatty():
        where = get_state().engine.url.render_as_string(hide_password=True)
        click.confirm(f"Nạp số liệu trình diễn của xã Kim Thạch vào {where}?", abort=True)


def add_staff(passwords: dict[str, str]) -> tuple[Actor, Actor]:
    """Add the demo accounts that are missing; return who enters and who publishes."""
    from cchc_public.accounts import people as accounts

    session = get_state().session
    actors: dict[str, Actor] = {}
    for local_part, name, role in STAFF:
        email = f"{local_part}@{DOMAIN}"
        user = accounts.find_user(session, email)
        if user is None:
            passwords[email] = accounts.make_password()
            user = accounts.add_user(session, email, name, (role,), passwords[email])
            record(session, OPERATOR, "account.add", f"account/{user.id}", email=email, role=role)
        actors[role] = get_state().describe_actor(user)
    return actors["clerk"], actors["publisher"]


def name_the_site() -> None:
    """Set the commune's name as an administrator would, unless somebody set anything before."""
    state = get_state()
    if load_settings(state.session).version:
        return
    names = {
        "AUTHORITY_NAME": report.AUTHORITY_NAME,
        "PARENT_AUTHORITY_NAME": report.PARENT_AUTHORITY_NAME,
        "PLACE": report.PLACE,
    }
    free = {name: value for name, value in names.items() if not state.config.is_fixed(name)}
    save_settings(state.session, free, version=0, actor=OPERATOR)
    state.office_settings.forget()


def print_passwords(passwords: dict[str, str]) -> None:
    """Print new passwords; they are stored nowhere but as hashes."""
    if not passwords:
        return
    click.echo("Tài khoản thử (mật khẩu chỉ in lần này):")
    for email, password in passwords.items():
        click.echo(f"  {email:<28} {password}")
