"""Pages of published figures: overview, periods, tables, satisfaction, corrections, the report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from typing import TypeVar

from flask import Response, abort, render_template, request, url_for

from cchc_public.exports.data import render_csv, render_json
from cchc_public.i18n import _, as_vietnamese
from cchc_public.present.charts import Chart, build_chart, draw
from cchc_public.present.headlines import build_headlines, build_trends
from cchc_public.present.wording import loudspeaker_text, period_title, table_name, value_text
from cchc_public.public.services import build_entrance, next_reception
from cchc_public.releases.published import PublishedRelease, PublishedTable
from cchc_public.releases.reading import (
    find_copy,
    leading_release,
    list_corrections,
    list_like,
    list_newest_releases,
    list_periods,
    list_releases,
    newest_release,
)
from cchc_public.state import get_state
from cchc_public.tables.registry import get_form, table_codes
from cchc_public.web.assets import make_report, send_paper
from cchc_public.web.caching import skip_page_cache
from cchc_public.web.release_pages import (
    Standing,
    build_overview,
    build_period,
    build_table_page,
    cite,
    find_late,
    find_standing,
    window_text,
    withdrawn_notice,
)
from cchc_public.web.rendering import render_page
from cchc_public.web.routes import Routes, absolute, file_answer, owner

routes = Routes()
papers = Routes()  # served where PDFs are switched on
Maker = TypeVar("Maker", bound=Callable[..., str | bytes])


def get_standing(slug: str) -> Standing:
    """Return the release of the address; 404 without one, 410 when the period was withdrawn."""
    return find_standing(slug, request.args.get("ban", ""))


@routes("/", "overview")
def show_overview() -> str:
    """Show the ways in and the leading release, or say that nothing was published yet."""
    session = get_state().session
    newest = newest_release(session)
    release = leading_release(session, newest) if newest else None
    return render_page(
        "cchc/public/overview.html",
        **(build_overview(release) if release else {"release": None}),
        entrance=build_entrance(),
        reception=next_reception(),
        # a month or quarter that ends later
        extra=newest if newest and release and newest.slug != release.slug else None,
        withdrawn=withdrawn_notice(release),
    )


@routes("/ky", "periods")
def show_periods() -> str:
    """List every published period, newest first, under its year; trends of the leading kind."""
    periods = list_periods(get_state().session)
    by_year = groupby(periods, key=lambda release: release.period.year)
    words, trends = _("Tải hình (SVG)"), _trends_to(leading_release(get_state().session))
    return render_page(
        "cchc/public/periods.html",
        years=[(year, list(found)) for year, found in by_year],
        trends=[
            (chart, ((words, url_for("cchc.trend_svg", name=chart.name)),)) for chart in trends
        ],
        late=find_late(periods),
    )


def _trends_to(release: PublishedRelease | None) -> tuple[Chart, ...]:
    """Return the trends that join the release with those like it, nothing else."""
    if release is None:
        return ()
    periods = (*list_like(get_state().session, release), (release.period, release))
    return build_trends(periods, lambda period: url_for("cchc.period", slug=period.slug))


@routes("/ky/<name>.svg", "trend_svg")
def send_trend(name: str) -> Response:
    """Send one trend as a picture."""
    trends = _trends_to(leading_release(get_state().session))
    chart = next((chart for chart in trends if chart.name == name), None) or abort(404)
    picture = draw(chart, (get_state().config["AUTHORITY_NAME"],))
    return file_answer(f"{name}.svg", picture)


@routes("/ky/<slug>", "period")
def show_period(slug: str) -> str:
    """Show one release of a period, the newest unless the address pins another."""
    page = build_period(get_standing(slug), list_releases(get_state().session, slug))
    return render_page("cchc/public/period.html", **page)


@routes("/ky/<slug>/<code>", "table")
def show_table(slug: str, code: str) -> str:
    """Show one table of a release."""
    return render_page("cchc/public/table.html", **build_table_page(*_get_asked_table(slug, code)))


def table_file(ending: str) -> Callable[[Maker], Maker]:
    """Send what the function below makes of a table, under the table's address and ``ending``."""

    def note(make: Maker) -> Maker:
        @routes(f"/ky/<slug>/<code>.{ending}", f"table_{ending}")
        def send(slug: str, code: str) -> Response:
            standing, table = _get_asked_table(slug, code)
            release = standing.release
            # a CSV holds figures and no words
            sample = "trinh-dien-" if release.is_demo and ending == "csv" else ""
            name = f"{sample}{slug}-{code}-ban-{release.number}.{ending}"
            return _tell_release(file_answer(name, make(release, table)), standing, code)

        return make

    return note


@table_file("csv")
def make_csv(_release: PublishedRelease, table: PublishedTable) -> str:
    """Write the figures, JSON tells their meaning; ``?dang=excel`` as Vietnamese Excel reads it."""
    return render_csv(table.evaluated, for_excel=request.args.get("dang") == "excel")


@table_file("xlsx")
def make_xlsx(release: PublishedRelease, *tables: PublishedTable) -> bytes:
    """Write forms as a workbook, with release, source and notes on a sheet of their own."""
    from cchc_public.exports.workbooks import render_xlsx  # only who asks waits

    return render_xlsx(release, *tables, zone=get_state().zone)


@table_file("svg")
def make_svg(release: PublishedRelease, table: PublishedTable) -> str:
    """Draw the chart of a table, as a picture that says where it comes from."""
    chart = build_chart(table.evaluated) or abort(404)
    place = f"{period_title(release.period)}, {window_text(table)}."
    return draw(chart, (place, cite(release, table)))


@routes("/ky/<slug>.xlsx", "period_xlsx")
def send_period_xlsx(slug: str) -> Response:
    """Send every table of the period in one workbook."""
    standing = get_standing(slug)
    release = standing.release
    body = make_xlsx(release, *release.tables)
    return _tell_release(file_answer(f"{slug}-ban-{release.number}.xlsx", body), standing)


@routes("/ky/<slug>/<code>.json", "table_json")
def send_json(slug: str, code: str) -> Response:
    """Send the figures with everything one needs to understand them."""
    standing, table = _get_asked_table(slug, code)
    response = Response(render_json(standing.release, table), mimetype="application/json")
    # public figures: any web page may read them
    response.headers["Access-Control-Allow-Origin"] = "*"
    return _tell_release(response, standing, code)


def _get_asked_table(slug: str, code: str) -> tuple[Standing, PublishedTable]:
    standing = get_standing(slug)
    return standing, standing.release.table(code) or abort(404)


def _tell_release(response: Response, standing: Standing, code: str = "") -> Response:
    """Name release and fingerprint in headers: a file has no room for a notice.

    ``code`` is of the table that the file holds; without it the file is of the whole period.
    """
    headers, release, slug = response.headers, standing.release, standing.release.slug
    headers.update({"Cchc-Release": str(release.number), "Cchc-Digest": release.digest})
    newest = url_for("cchc.period", slug=slug)
    if code:
        newest = url_for("cchc.table", slug=slug, code=code)
        sidecar = standing.address(code, "cchc.table_json")
        headers.add("Link", f'<{sidecar}>; rel="describedby"; type="application/json"')
    if release.is_correction:
        anchor = f"{slug}-ban-{release.number}"
        headers["Cchc-Correction"] = url_for("cchc.corrections", _anchor=anchor)
    if standing.is_outdated(release):
        headers.add("Link", f'<{newest}>; rel="latest-version"')
    return response


CODE = "hai-long"
MOST_PERIODS = 12


@routes("/hai-long", "satisfaction")
def show_satisfaction() -> str:
    """Show the newest periods that carry satisfaction figures."""
    releases = list_newest_releases(get_state().session, MOST_PERIODS)
    entries, leading = [], None  # the newest period with slips leads the trend
    for release in releases:
        if (table := release.table(CODE)) is None:
            continue
        headline = next(i for i in build_headlines(release) if i.key == "satisfaction")
        leading = leading or (release if headline.share else None)
        values = table.evaluated.rows[0].values if table.evaluated.rows else {}
        entries.append(
            {
                "title": period_title(release.period),
                "address": url_for("cchc.table", slug=release.slug, code=CODE),
                "headline": headline,
                "slips": value_text(values.get("slips")),
                "target": value_text(values.get("coverage_target"), unit="%"),
            }
        )
    charts = (chart for chart in _trends_to(leading) if chart.name.endswith("satisfaction"))
    shown = releases[0] if releases else None
    return render_page(
        "cchc/public/satisfaction.html",
        entries=entries,
        chart=next(charts, None),
        withdrawn=withdrawn_notice(shown),
        release=shown,
        standing=Standing(shown) if shown else None,
    )


MOST_IN_FEED = 30
NEVER = datetime(2020, 1, 1, tzinfo=UTC)


@routes("/dinh-chinh", "corrections")
def show_corrections() -> str:
    """List every correction and withdrawal, newest first."""
    corrections = list_corrections(get_state().session)
    return render_page("cchc/public/corrections.html", corrections=corrections)


@routes("/dinh-chinh.atom", "corrections_feed")
def send_feed() -> Response:
    """Send the newest corrections as an Atom feed."""
    corrections = list_corrections(get_state().session, limit=MOST_IN_FEED)
    body = render_template(
        "cchc/public/corrections.xml",
        owner=owner(),
        corrections=corrections,
        # a feed must carry a time; without entries it has never changed
        updated=max((one.release.published_at for one in corrections), default=NEVER).isoformat(),
        home=absolute("cchc.corrections"),
        feed=absolute("cchc.corrections_feed"),
    )
    return Response(body, mimetype="application/atom+xml")


@routes("/ve-so-lieu", "about")
def show_about() -> str:
    """Explain the figures with the counting rules of the newest release's forms."""
    release = newest_release(get_state().session)
    tables = release.tables if release else ()
    forms = [table.definition for table in tables] or [get_form(code) for code in table_codes()]
    rules = []
    for form in forms:
        source = ", ".join(filter(None, (form.form_code, form.legal_source)))
        words = " ".join(filter(None, (form.counting_rule, source and f"{source}.")))
        rules.append((table_name(form), as_vietnamese(words)))
    return render_page("cchc/public/about.html", release=release, rules=rules)


@routes("/ky/<slug>/ban-doc.txt", "loudspeaker")
def show_loudspeaker(slug: str) -> Response:
    """Send the release as words to be read out over the commune's loudspeakers."""
    standing = get_standing(slug)
    release = standing.release
    name = f"ban-doc-{slug}-lan-{release.number}.txt"
    response = file_answer(name, loudspeaker_text(release))
    return _tell_release(response, standing)


@papers("/ky/<slug>/bao-cao.pdf", "report_pdf")
@papers("/ky/<slug>/bao-cao.docx", "report_docx")
def show_report(slug: str) -> Response:
    """Send the report of the newest release, or of the one pinned by ``?ban=``, as a paper."""
    standing = get_standing(slug)
    release = standing.release
    kind = request.path.rpartition(".")[2]
    # everything that is printed: the release, and what was said of its paper since
    key = f"report {release.digest} {release.paper.entry_id if release.paper else ''} {kind}"
    name = f"bao-cao-{slug}-lan-{release.number}.{kind}"
    paper = send_paper(key, name, lambda: make_report(release, kind))
    return _tell_release(paper, standing)


@routes("/ky/<slug>/ban-ky.pdf", "signed_copy")
def show_signed_copy(slug: str) -> Response:
    """Send the signed copy of the release's paper, as it was handed over."""
    release = get_standing(slug).release
    digest = release.paper.copy_digest if release.paper else ""
    body = (find_copy(get_state().session, digest) if digest else None) or abort(404)
    skip_page_cache()  # a scan would push the pages out of memory
    response = file_answer(f"ban-ky-{slug}.pdf", body)
    response.headers["Content-Security-Policy"] = "sandbox; frame-ancestors 'none'"
    response.set_etag(digest)
    response.make_conditional(request)
    return response
