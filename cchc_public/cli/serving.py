"""``cchc serve``: a production server on this machine; put a proxy with HTTPS before it."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from cchc_public.migrations import runner
from cchc_public.state import get_state


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Địa chỉ lắng nghe.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="Cổng.")
@click.option("--threads", default=8, show_default=True, help="Số yêu cầu phục vụ cùng lúc.")
@with_appcontext
def serve(host: str, port: int, threads: int) -> None:
    """Chạy máy chủ waitress."""
    try:
        import waitress
    except ImportError as error:
        raise click.ClickException('Thiếu waitress: pip install "cchc_public[site]".') from error
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    if not runner.is_current(get_state().engine):
        raise click.ClickException("Cơ sở dữ liệu chưa ở bản mới nhất: cchc db upgrade.")
    click.echo(f"Đang phục vụ tại http://{host}:{port}/  (Ctrl+C để dừng)")
    try:
        waitress.serve(app, host=host, port=port, threads=threads, ident="cchc")
    except OSError as error:
        raise click.ClickException(f"Không mở được cổng {port}: {error}.") from error
