"""``cchc serve``: a production server on this machine; put a proxy with HTTPS before it."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext


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
    click.echo(f"Đang phục vụ tại http://{host}:{port}/  (Ctrl+C để dừng)")
    waitress.serve(app, host=host, port=port, threads=threads, ident="cchc")
