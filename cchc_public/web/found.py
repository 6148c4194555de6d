"""How pages are found and shared: one address each, their twin, data blocks, the list of all."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from flask import Response, current_app, request, url_for
from markupsafe import Markup

from cchc_public.i18n import ENGLISH, SOURCE, _, page_language
from cchc_public.procedures.searching import ListFilter, get_catalogue
from cchc_public.releases.published import PublishedRelease, PublishedTable
from cchc_public.releases.reading import list_periods, newest_release
from cchc_public.state import get_state
from cchc_public.web.routes import LANGUAGE, absolute, is_found, origin, other_path, page_path

# what makes another page of an address; whatever else stands behind it (?fbclid=) does not
_NARROWING = {
    "q", "viec", "linh-vuc", "kenh", "phi", "trang-thai", "trang", "ban", "tien-ich", "ghim", "ky",
}  # fmt: skip
_LICENSE = re.compile(r"CC (BY|BY-SA|0) (\d\.\d)")
_LISTED = (
    "overview", "procedures", "periods", "satisfaction", "corrections", "about", "desk",
    "reception",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """The one address of a page and of its twin; none where search engines should not look."""

    address: str
    twins: tuple[tuple[str, str], ...]  # language, address


def cchc_found() -> Found:
    """Return how the present page is found."""
    if not is_found() or _NARROWING & request.args.keys():
        return Found("", ())
    here, other = f"{origin()}{page_path()}", other_path()
    if other is None:
        return Found(here, ())
    there = f"{origin()}{other}"
    vietnamese, english = (here, there) if page_language() == SOURCE else (there, here)
    return Found(here, ((SOURCE, vietnamese), (ENGLISH, english), ("x-default", vietnamese)))


def data_block(data: dict[str, Any]) -> Markup:
    """Return schema.org data for ``<script type="application/ld+json">``.

    Browsers do not run such a block, so no content policy has to name it.
    """
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False)
    # the only way out of a data block is a "<"
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704


def describe_dataset(release: PublishedRelease, table: PublishedTable, summary: str) -> Markup:
    """Return a table as ``Dataset``: who answers for it, for which days, in which files."""
    license_of = get_state().config["OPEN_DATA_LICENSE"]
    known = _LICENSE.search(license_of)
    kind = {"0": "publicdomain/zero"}.get(known[1], f"licenses/{known[1].lower()}") if known else ""
    pins = {"slug": release.slug, "code": table.code}
    organization = {"@type": "GovernmentOrganization", "name": release.authority.name}
    files = (
        ("text/csv", "cchc.table_csv"),
        ("application/json", "cchc.table_json"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "cchc.table_xlsx"),
    )
    return data_block(
        {
            "@type": "Dataset",
            "name": f"{table.title}, {release.period.title}, {release.authority.name}",
            "description": summary,
            "url": absolute("cchc.table", **pins),
            "identifier": f"sha256:{release.digest}",
            "version": str(release.number),
            "datePublished": release.published_at.date().isoformat(),
            "temporalCoverage": f"{table.data_from}/{table.data_to}",
            "spatialCoverage": {"@type": "AdministrativeArea", "name": release.authority.name},
            "creator": organization,
            "publisher": organization,
            "inLanguage": SOURCE,
            "isAccessibleForFree": True,
            "license": f"https://creativecommons.org/{kind}/{known[2]}/" if known else license_of,
            "variableMeasured": [column.label for column in table.definition.columns],
            "distribution": [
                {
                    "@type": "DataDownload",
                    "encodingFormat": kind_of_file,
                    "contentUrl": absolute(endpoint, **pins),
                }
                for kind_of_file, endpoint in files
            ],
        }
    )


def send_sitemap() -> Response:
    """Send the addresses of all pages worth finding, in both languages, with their days."""
    state = get_state()
    periods = [found for found in list_periods(state.session) if not found.is_withdrawal]
    codes = get_catalogue(state.session).search(ListFilter(status="current", posted=True)).codes
    has_twins = current_app.url_map.is_endpoint_expecting("cchc.periods", LANGUAGE)
    pages: list[tuple[str, date | None]] = []
    for language in sorted(state.config["LANGUAGES"], reverse=True) if has_twins else ("",):
        chosen: dict[str, Any] = {LANGUAGE: language} if language else {}
        pages += [(absolute(f"cchc.{endpoint}", **chosen), None) for endpoint in _LISTED]
        for period in periods:
            values, day = {"slug": period.slug, **chosen}, period.published_at.date()
            pages.append((absolute("cchc.period", **values), day))
            release = newest_release(state.session, period.slug)
            for table in release.tables if release else ():
                pages.append((absolute("cchc.table", code=table.code, **values), day))
        start = origin() + url_for("cchc.procedures", **chosen)
        pages += [(f"{start}/{code}", None) for code in codes]  # no route is built for thousands
    entries = "".join(
        f"<url><loc>{escape(address, quote=False)}</loc>"
        f"{f'<lastmod>{day}</lastmod>' if day else ''}</url>\n"
        for address, day in pages
    )
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{space}">\n{entries}</urlset>\n'
    return Response(text, mimetype="application/xml")


def share_words() -> str:
    """Return what a page says of itself where it has no better words."""
    name = get_state().config["AUTHORITY_NAME"]
    return _("%(name)s: thủ tục hành chính và kết quả giải quyết, công khai theo kỳ.", name=name)
