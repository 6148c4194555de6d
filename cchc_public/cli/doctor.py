"""``cchc doctor``: looks at everything that goes wrong silently, and says the remedy."""

from __future__ import annotations

import difflib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
from flask import current_app, render_template_string, url_for
from flask.cli import with_appcontext
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.exc import SQLAlchemyError

from cchc_public import host
from cchc_public.errors import UNNAMED
from cchc_public.health import examine_figures, find_lost_releases
from cchc_public.migrations import runner
from cchc_public.paths import PACKAGE, find_folder
from cchc_public.state import get_state

MARKER, TITLE = "cchc-doctor-marker", "cchc-doctor-title"


class Verdict(NamedTuple):
    """One examined thing: what, whether it is well, the remedy when it is not.

    A note (``is_note``) tells what is left undone; nothing is broken by it.
    """

    subject: str
    is_well: bool
    remedy: str = ""
    is_note: bool = False


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Khám trang: cơ sở dữ liệu, các lần công bố, khung trang, phông chữ, quyền tệp."""
    ill = 0
    for examine in (examine_data, examine_people, examine_pages, examine_place):
        for subject, is_well, remedy, is_note in examine():
            click.echo(f"{'tốt' if is_well else 'lưu ý' if is_note else 'HỎNG'}  {subject}")
            if not is_well:
                ill += not is_note
                click.echo(f"      {remedy}")
    if ill:
        raise click.ClickException(f"{ill} chỗ cần sửa.")
    click.echo("Mọi thứ đều tốt.")


def examine_data() -> Iterator[Verdict]:
    """Has the commune a name; is the database there, and in it what was published?"""
    config = get_state().config
    name, address = config["AUTHORITY_NAME"], config["CANONICAL_URL"]
    yield Verdict(f"Tên cơ quan: {name}", name != UNNAMED, "Đặt CCHC_AUTHORITY_NAME.")
    yield Verdict(
        f"Địa chỉ chính thức: {address or '(chưa đặt)'}",
        bool(address),
        "Chưa đặt CCHC_CANONICAL_URL nên tờ rơi, bảng niêm yết không in mã QR và địa chỉ trang.",
        is_note=True,
    )
    try:
        with get_state().engine.connect() as connection:
            is_current = runner.is_current(connection)
    except (SQLAlchemyError, OSError) as error:
        yield Verdict(f"Cơ sở dữ liệu: {error}", False, "Kiểm tra địa chỉ và máy chủ.")
        return
    yield Verdict("Cơ sở dữ liệu trả lời", True)
    yield Verdict(f"Bảng ở bản {runner.head()}", is_current, "Chạy: flask cchc db upgrade")
    try:
        session = get_state().session
        found = (*examine_figures(session), *find_lost_releases(session))
    except (SQLAlchemyError, OSError):  # not migrated: said already
        return
    yield Verdict(
        "Mọi lần công bố khớp mã kiểm tra, nhật ký và chốt chống sửa",
        not found,
        f"{'; '.join(found)}. Khôi phục từ bản sao lưu.",
    )


def examine_people() -> Iterator[Verdict]:
    """In a host: who is who, do the named pages exist, would its migrations drop our tables?"""
    arguments = host.find_migrate_arguments(current_app)
    if arguments is not None:
        table = Table("cchc_report", MetaData(), Column("id"))
        by_object, by_name = arguments.get("include_object"), arguments.get("include_name")
        yield Verdict(
            "Flask-Migrate của trang chủ bỏ qua các bảng cchc_",
            bool(by_object and not by_object(table, table.name, "table", True, None))
            or bool(by_name and not by_name(table.name, "table", {})),
            "Viết Migrate(app, db, include_object=include_object), với include_object lấy từ "
            "cchc_public.migrations.host_filter; nếu không, flask db migrate sẽ xóa bảng cchc_.",
        )
    state = get_state()
    if not state.config["ENABLE_STAFF"] or host.is_site(current_app):
        return
    if state.permission is not host.allow_signed_in or state.knows_people:
        yield Verdict("Biết ai đang đọc (khu quản trị)", state.knows_people, host.NOBODY)
    yield Verdict(
        "permission trả lời được",
        state.permission is not host.allow_nobody,
        "permission là hàm async nên không ai vào được khu quản trị; hãy đưa một hàm thường.",
    )
    if state.knows_people:
        yield Verdict("SECRET_KEY", bool(current_app.secret_key), "Đặt SECRET_KEY của trang chủ.")
    for name in ("LOGIN_ENDPOINT", "LOGOUT_ENDPOINT", "PASSWORD_ENDPOINT"):
        if endpoint := state.config[name]:
            near = difflib.get_close_matches(endpoint, current_app.view_functions, n=1)
            hint = f" Có phải ý là {near[0]}?" if near else ""
            is_known = endpoint in current_app.view_functions
            remedy = f"Không có endpoint {endpoint}.{hint}"
            yield Verdict(f"CCHC_{name} = {endpoint}", is_known, remedy)


def examine_pages() -> Iterator[Verdict]:
    """Are addresses ours alone; do frames show content and title, and others embed widgets?"""
    clashes = "; ".join(host.find_clashes(current_app))
    remedy = f"Trùng: {clashes}. Đổi CCHC_URL_PREFIX."
    yield Verdict("Không trùng địa chỉ với trang chủ", not clashes, remedy)
    state = get_state()
    frames = [("BASE_TEMPLATE", "cchc/page.html", "cchc.about")]
    if state.config["ENABLE_STAFF"] and state.knows_people:
        frames.append(("STAFF_BASE_TEMPLATE", "cchc/office/page.html", "cchc_staff.periods"))
    for key, page, endpoint in frames:
        frame = state.config[key]
        source = f"{{% extends '{page}' %}}{{% block cchc_title %}}{TITLE}{{% endblock %}}"
        source += f"{{% block cchc_main %}}{MARKER}{{% endblock %}}"
        with current_app.test_request_context(_address(endpoint)):
            try:
                current_app.preprocess_request()  # frames use what the host prepares there
                text = render_template_string(source, title=TITLE)
            except Exception as error:  # whatever a host's frame may raise is the finding
                yield Verdict(f"Khung trang {frame}", False, f"Khung trang báo lỗi: {error!r}.")
                continue
        yield Verdict(
            f"Khung trang {frame}",
            MARKER in text,
            f"Khung trang không có khối content. Chép {page} vào templates/cchc/ của trang chủ và "
            "sửa tên khối.",
        )
        title = re.search(r"<title>(.*?)</title>", text, re.S)
        yield Verdict(
            f"Tên trang trong {frame}",
            bool(title and TITLE in title[1]),
            "Khung trang không có khối title trong <title>, nên mọi trang mang cùng một tên.",
        )
    if not state.config["ENABLE_EMBED"] or not runner.is_current(state.engine):
        return
    try:
        answer = current_app.test_client().get(_address("cchc_embed.widget", code="tong-quan"))
    except Exception as error:  # a host under test passes on what its hooks raise
        yield Verdict("Tiện ích nhúng", False, f"Trang chủ báo lỗi: {error!r}.")
        return
    policy = answer.headers.get("Content-Security-Policy", "")
    yield Verdict(
        "Cổng khác nhúng được tiện ích",
        "X-Frame-Options" not in answer.headers and "frame-ancestors" in policy,
        "Trang chủ đặt X-Frame-Options hoặc Content-Security-Policy cho mọi trang. Hãy chừa các "
        "endpoint cchc_embed.*; xem README, phần Talisman và nginx.",
    )


def _address(endpoint: str, **values: Any) -> str:
    with current_app.test_request_context():
        return url_for(endpoint, **values)


def examine_place() -> Iterator[Verdict]:
    """Is the package whole; can the site write, keep its secrets, and send mail?"""
    for name in ("templates", "translations"):
        try:
            yield Verdict(f"Thư mục {find_folder(name)}", True)
        except RuntimeError as error:
            yield Verdict(f"Thư mục {name}", False, str(error))
    config = get_state().config
    if config["ENABLE_PDF"]:
        fonts = any((PACKAGE / "static" / "fonts").glob("*.ttf"))
        yield Verdict("Phông chữ Tinos cho PDF", fonts, "Cài lại gói cchc_public.")
    if not host.is_site(current_app):
        return
    folder = Path(current_app.instance_path)
    is_writable = os.access(folder, os.W_OK)
    yield Verdict(f"Ghi được vào {folder}", is_writable, "Cho người chạy trang quyền ghi.")
    secret, proxy = folder / "secret-key", folder / "proxy-seen"
    if secret.exists() and os.name == "posix":
        is_closed = not stat.S_IMODE(secret.stat().st_mode) & 0o077
        yield Verdict(f"Khóa bí mật {secret}", is_closed, f"chmod 600 {secret}")
    if proxy.exists() and not config["TRUSTED_PROXIES"]:
        yield Verdict(
            "Có máy chủ chuyển tiếp đứng trước trang",
            False,
            "Đặt CCHC_TRUSTED_PROXIES = 1 (số máy chủ chuyển tiếp), nếu không mọi người chung một "
            "địa chỉ và một người lạ gõ sai mật khẩu sẽ chặn đăng nhập của tất cả. Nếu không có, "
            f"xóa tệp {proxy}.",
        )
    if config["MAIL_URL"]:
        from cchc_public.accounts import people

        try:
            with people.mail_server():
                pass
            yield Verdict("Máy chủ thư trả lời", True)
        except people.MailFailed as error:
            yield Verdict(str(error), False, "Sửa CCHC_MAIL_URL; liên kết vẫn in ra được.")
