"""Addresses around one release: its pages, its files, pinned like the page they stand on."""

from __future__ import annotations

from flask import url_for

from cchc_public.i18n import _
from cchc_public.present.wording import table_name
from cchc_public.releases.published import PublishedRelease, PublishedTable
from cchc_public.web.contexts import Link, Standing
from cchc_public.web.jinja import cchc_has


def table_address(
    release: PublishedRelease, code: str, standing: Standing, endpoint: str = "cchc.table"
) -> str:
    """Return the page or file of a table, pinned like the page it stands on."""
    return url_for(endpoint, slug=release.slug, code=code, ban=_pin(release, standing))


def _pin(release: PublishedRelease, standing: Standing) -> int | None:
    return release.number if standing.is_pinned else None


def table_downloads(release: PublishedRelease, code: str, standing: Standing) -> tuple[Link, ...]:
    """Return the files of one table that this app offers."""
    offers = (
        (_("Tải CSV"), "cchc.table_csv"),
        (_("Excel"), "cchc.table_xlsx"),
        (_("JSON"), "cchc.table_json"),
    )
    files = [
        (words, table_address(release, code, standing, endpoint))
        for words, endpoint in offers
        if cchc_has(endpoint)
    ]
    return (*files, *_embed_link())


def period_downloads(release: PublishedRelease, standing: Standing) -> tuple[Link, ...]:
    """Return the files of a whole period that this app offers."""
    offers = (
        (_("Báo cáo PDF"), "cchc.report_pdf"),
        (_("Báo cáo Word"), "cchc.report_docx"),
        (_("Cả kỳ trong một tệp zip"), "cchc.period_zip"),
    )
    return tuple(
        (words, url_for(endpoint, slug=release.slug, ban=_pin(release, standing)))
        for words, endpoint in offers
        if cchc_has(endpoint)
    )


def overview_downloads(release: PublishedRelease) -> tuple[Link, ...]:
    """Return the links below the overview's table."""
    standing = Standing(release.number)
    if release.table("ho-so") is None:
        return period_downloads(release, standing)
    details = (_("Xem đủ cột"), table_address(release, "ho-so", standing))
    files = table_downloads(release, "ho-so", standing)
    return (details, *files, *period_downloads(release, standing))


def _embed_link() -> tuple[Link, ...]:
    if not cchc_has("cchc_embed.builder"):
        return ()
    return ((_("Nhúng vào trang khác"), url_for("cchc_embed.builder")),)


def neighbour_links(
    release: PublishedRelease, table: PublishedTable, standing: Standing
) -> tuple[Link, ...]:
    """Return the tables before and after this one."""
    place = release.tables.index(table)
    return tuple(
        (
            _("Biểu sau: %(title)s", title=table_name(other.definition))
            if step > 0
            else _("Biểu trước: %(title)s", title=table_name(other.definition)),
            table_address(release, other.code, standing),
        )
        for step in (-1, 1)
        if 0 <= place + step < len(release.tables)
        for other in [release.tables[place + step]]
    )
