"""What pages of a release show: how it stands, its links, its words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from flask import abort, url_for

from cchc_public.errors import NotFound
from cchc_public.i18n import (
    SOURCE,
    _,
    as_vietnamese,
    format_date,
    format_number,
    format_percent,
    page_language,
)
from cchc_public.present.charts import build_chart
from cchc_public.present.headlines import (
    SideBySide,
    SideGroup,
    build_headlines,
    compare_rows,
    compare_wholes,
)
from cchc_public.present.tables import build_view
from cchc_public.present.wording import (
    form_text,
    lower_first,
    period_mark,
    period_title,
    rate_text,
    say_plainly,
    summary_text,
    table_name,
    upper_first,
    value_text,
)
from cchc_public.releases.published import (
    PaperFacts,
    PublishedRelease,
    PublishedTable,
    ReleaseSummary,
)
from cchc_public.releases.reading import (
    DIFFERS,
    MATCHES,
    find_comparable,
    find_facts,
    find_withdrawn,
    get_release,
    last_withdrawal,
    list_beside,
    list_like,
    list_periods,
    newest_release,
    with_facts,
)
from cchc_public.state import get_state
from cchc_public.store.base import local, today, utc_now
from cchc_public.tables.language import ValueKind
from cchc_public.tables.registry import list_forms
from cchc_public.tables.sheet import Rate, SolvedTable
from cchc_public.vietnamese.dates import PeriodKind, parse_period
from cchc_public.web.caching import changes_at
from cchc_public.web.jinja import cchc_datetime, cchc_has
from cchc_public.web.routes import absolute, describe_dataset

Link = tuple[str, str]  # words, address
MOST_DIGITS = 6  # of a release number
STRIP_DAYS = 30  # after a correction, pages speak of it


@dataclass(frozen=True)
class Standing:
    """A release as it is shown: how it stands among those of its period, whether the next is late.

    Its addresses are pinned like the page it stands on.
    """

    release: PublishedRelease
    newest_number: int = 0  # where the release may be another
    is_pinned: bool = False  # the address names a release
    is_preview: bool = False  # the back office shows what would be published

    @cached_property
    def is_late(self) -> bool:
        """Tell whether the figures that the release promised did not come."""
        may_be = is_overdue(self.release) and not self.is_preview
        return may_be and self.release.slug in find_late(list_periods(get_state().session))

    @property
    def is_fresh(self) -> bool:
        """Tell whether a correction is still news; the correction log tells of it for ever."""
        until = self.release.published_at + timedelta(days=STRIP_DAYS)
        if not self.release.is_correction or utc_now() >= until:
            return False
        changes_at(until)
        return True

    def is_outdated(self, release: PublishedRelease) -> bool:
        """Tell whether a newer release of the period exists."""
        return release.number < self.newest_number

    @property
    def pins(self) -> dict[str, Any]:
        """Return the values of addresses below the period's."""
        return {"slug": self.release.slug, "ban": self.release.number if self.is_pinned else None}

    def address(self, code: str, endpoint: str = "cchc.table") -> str:
        """Return the page or file of a table."""
        return url_for(endpoint, code=code, **self.pins)

    def downloads(self, code: str) -> tuple[Link, ...]:
        """Return the files of one table that this app offers."""
        pins = {**self.pins, "code": code}
        offers: tuple[tuple[str, str, dict[str, Any]], ...] = (
            (_("Tải CSV"), "cchc.table_csv", pins),
            (_("CSV cho Excel"), "cchc.table_csv", {**pins, "dang": "excel"}),
            (_("Excel"), "cchc.table_xlsx", pins),
            (_("JSON"), "cchc.table_json", pins),
            (_("Nhúng vào trang khác"), "cchc_embed.builder", {}),
        )
        return tuple((words, url_for(end, **more)) for words, end, more in offers if cchc_has(end))


def find_standing(slug: str, pinned: str = "") -> Standing:
    """Return the release of a period; 404 when there is none, 410 when it was withdrawn.

    ``pinned`` is the text after ``?ban=``; empty asks for the newest.
    """
    session = get_state().session
    newest = (newest_release(session, slug) if parse_period(slug) else None) or abort(404)
    # A withdrawal takes back every release before it, also those addressed by number.
    if newest.is_withdrawal:
        abort(410)
    release = newest
    if pinned:
        is_number = pinned.isascii() and pinned.isdigit() and len(pinned) <= MOST_DIGITS
        try:
            release = get_release(session, slug, int(pinned) if is_number else 0)
        except NotFound:
            abort(404)
        # what was withdrawn stays withdrawn, also after figures were published anew
        if release.number <= last_withdrawal(session, slug):
            abort(410)
    release = with_facts(release, find_facts(session, release.id))
    return Standing(release, newest.number, is_pinned=bool(pinned))


def is_overdue(release: ReleaseSummary) -> bool:
    """Tell whether the day has passed on which newer figures were promised."""
    return release.due_on is not None and today() > release.due_on


def find_late(periods: Iterable[ReleaseSummary]) -> set[str]:
    """Return the periods whose next figures were promised for an earlier day and did not come.

    Only the newest standing period of its kind can be late: its promise is about the next of that
    kind, months, quarters and longer periods apart. ``periods`` are all, newest first.
    """
    newest: dict[PeriodKind, ReleaseSummary] = {}
    for release in periods:
        if not release.is_withdrawal:
            newest.setdefault(release.period.promised_kind, release)
    return {release.slug for release in newest.values() if is_overdue(release)}


def withdrawn_notice(shown: PublishedRelease | None) -> ReleaseSummary | None:
    """Return what a page without the newest figures must tell: they were withdrawn."""
    return find_withdrawn(get_state().session, shown)


def cite(release: PublishedRelease, table: PublishedTable) -> str:
    """Return how to cite a table: who, when, what, which release, where, under which terms."""
    return _(
        "%(who)s (%(year)s). %(table)s, %(period)s, công bố lần %(number)s ngày %(day)s. "
        "%(address)s. %(license)s.",
        who=release.authority.name,
        year=release.published_at.year,
        table=table_name(table.definition),
        period=lower_first(period_title(release.period)),
        number=release.number,
        day=format_date(local(release.published_at).date()),
        address=absolute("cchc.table", slug=release.slug, code=table.code, ban=release.number),
        license=get_state().config["OPEN_DATA_LICENSE"],
    )


DIGEST_SHOWN = 16


def key_line(table: SolvedTable) -> str:
    """Say the main figures of a table in one line, whatever its shape."""
    shape = table.form.shape
    if not shape.has_ordinal and shape.has_labels:
        first = table.form.columns[0]
        return " · ".join(
            f"{form_text(row.label)}: {value_text(row.values[first.key])}" for row in table.rows
        )
    if shape.is_list:
        return _(
            "%(count)s %(what)s",
            count=len(table.rows),
            what=_(table.form.unit) if table.form.shape.has_sections else _("chỉ tiêu"),
        )
    # name the first count and the last computable rate of the total or the only row
    row = table.total or next(iter(table.rows), None)
    if row is None:
        return _("chưa có số liệu")
    counts, rates = [], []
    for column in table.form.columns:
        value, label = row.values.get(column.key), lower_first(form_text(column.header[-1]))
        if column.kind is ValueKind.COUNT and isinstance(value, int | Decimal):
            counts.append(f"{form_text(column.header[0])}: {format_number(value)}")
        elif isinstance(value, Rate) and value.percent is not None:
            rates.append(f"{label}: {rate_text(value)}")
        elif isinstance(value, Rate) and (stated := row.stated.get(column.key)) is not None:
            claim = format_percent(stated)  # the source's, named as a claim
            rates.append(_("%(label)s: %(value)s theo báo cáo", label=label, value=claim))
    return "; ".join([*counts[:1], *rates[-1:]]) or _("chưa có số liệu")


def caption(table: PublishedTable) -> str:
    """Say what stands above the columns: form, unit, what the page computes."""
    form = table.definition
    is_computed = any(column.formula for column in form.columns)
    computed = _("Tỷ lệ, và tổng số nguồn không ghi, do trang tính") if is_computed else ""
    parts = (form.form_code, _("Đơn vị: %(unit)s", unit=_(form.unit)), computed)
    return ". ".join(filter(None, parts)) + "."


def window_text(table: PublishedTable | PublishedRelease) -> str:
    """Write ``từ 15/12/2022 đến 12/06/2023``."""
    return _(
        "từ %(first)s đến %(last)s",
        first=format_date(table.data_from),
        last=format_date(table.data_to),
    )


def release_facts(release: PublishedRelease) -> tuple[tuple[str, str], ...]:
    """Return who published what and when; how the signed copy stands to it, and what it claims."""
    paper, copy, signed = release.paper or PaperFacts(), "", ""
    signatory = " ".join((*paper.signatory_title.split(), paper.signatory)).strip()
    issued = _("ngày %(day)s", day=format_date(paper.issued)) if paper.issued else ""
    document = ", ".join(filter(None, (paper.document_number, issued, signatory)))
    if paper.copy_digest:
        verdicts = {
            MATCHES: _("mã kiểm tra trên bản ký khớp số liệu này"),
            DIFFERS: _("mã kiểm tra trên bản ký khác số liệu này"),
        }
        verdict = verdicts.get(paper.verdict, _("không đối chiếu được với số liệu này"))
        copy = f"{verdict}; SHA-256 {paper.copy_digest[:DIGEST_SHOWN]}…"
        if names := "; ".join(paper.signatures):
            signed = _("%(names)s (chưa được kiểm tra)", names=names)
    published = _(
        "lần %(number)s, lúc %(when)s, người công bố: %(who)s",
        number=release.number,
        when=cchc_datetime(release.published_at),
        who=release.published_by,
    )
    due = format_date(release.due_on) if release.due_on else ""
    facts = (
        (_("Số liệu"), window_text(release)),
        (_("Văn bản"), as_vietnamese(document or str(release.head.get("document_number") or ""))),
        (_("Bản đã ký"), copy),
        (_("Chữ ký số"), signed),
        (_("Công bố"), published),
        (_("Chịu trách nhiệm"), as_vietnamese(release.authority.name)),
        (_("Số liệu kỳ sau"), _("trước %(day)s", day=due) if due else ""),
        (_("Mã kiểm tra"), f"SHA-256 {release.digest[:DIGEST_SHOWN]}…"),
    )
    return tuple((label, text) for label, text in facts if text)


def speak(release: PublishedRelease) -> str:
    """Say the release in sentences, for search engines, shared links and screen readers.

    In Vietnamese they are those of the loudspeaker.
    """
    figures = summary_text(release) if page_language() == SOURCE else ""
    if not figures:
        known = [item for item in build_headlines(release) if item.value is not None]
        told = "; ".join(f"{lower_first(i.title)}: {i.figure}, {i.basis}" for i in known)
        figures = upper_first(told)
    return _(
        "%(name)s, %(period)s, số liệu %(window)s. %(figures)s.",
        name=release.authority.name,
        period=lower_first(period_title(release.period)),
        window=window_text(release),
        figures=figures.removesuffix("."),
    )


NOTES_ON_OVERVIEW = 3


def build_overview(release: PublishedRelease) -> dict[str, Any]:
    """Return what the overview says of the release it leads with."""
    standing = Standing(release)
    dossiers = release.table("ho-so")
    links: tuple[Link, ...] = ()
    if dossiers:
        links = (
            (_("Xem bảng, so với kỳ trước"), standing.address("ho-so")),
            (_("Tải hình (SVG)"), standing.address("ho-so", "cchc.table_svg")),
            *standing.downloads("ho-so")[:1],
        )
    return {
        **_main_points(standing),
        "chart": build_chart(dossiers.evaluated) if dossiers else None,
        "chart_links": links,
        "notes": release.findings[:NOTES_ON_OVERVIEW],
        "note_count": len(release.findings),
    }


def _main_points(standing: Standing) -> dict[str, Any]:
    """Return what overview and period say alike: the release in a sentence and in headlines."""
    session, release = get_state().session, standing.release
    earlier = find_comparable(session, release)
    return {
        "release": release,
        "standing": standing,
        "sentence": say_plainly(release),
        "headlines": build_headlines(release, earlier, list_like(session, release)),
        "has_earlier": earlier is not None,
        "summary": speak(release),
    }


def build_period(standing: Standing, releases: tuple[ReleaseSummary, ...] = ()) -> dict[str, Any]:
    """Return what ``period.html`` shows, every table beside the periods it is compared with."""
    release = standing.release
    beside = list_beside(get_state().session, release)
    links = {
        table.code: (table_name(table.definition), standing.address(table.code))
        for table in release.tables
    }
    groups = []
    for table in release.tables:
        name, address = links[table.code]
        whole = compare_wholes(table.evaluated, [one.evaluated(table.code) for one in beside])
        groups.append(SideGroup(name, whole, table.code, address, len(table.findings)))
    for code in release.empty_codes:
        editions = list_forms(code)
        groups.append(SideGroup(table_name(editions[-1]) if editions else code, ()))
    files = [
        (_("Báo cáo PDF"), "cchc.report_pdf"),
        (_("Báo cáo Word"), "cchc.report_docx"),
        (_("Bản đã ký (PDF)"), "cchc.signed_copy"),
        (_("Cả kỳ trong một tệp Excel"), "cchc.period_xlsx"),
        (_("Bản đọc trên loa"), "cchc.loudspeaker"),
    ]
    if release.paper is None or not release.paper.copy_digest:
        del files[2]
    downloads = [(words, url_for(end, **standing.pins)) for words, end in files if cchc_has(end)]
    return {
        **_main_points(standing),
        "sides": SideBySide(_marks(release, *beside), tuple(groups)),
        "notes": [(finding, links.get(finding.table, ("", ""))[1]) for finding in release.findings],
        "releases": releases,
        "facts": release_facts(release),
        "downloads": downloads,
        "table_links": links,
    }


def _marks(*releases: PublishedRelease) -> tuple[str, ...]:
    return tuple(period_mark(shown.period) for shown in releases)


def build_table_page(standing: Standing, table: PublishedTable) -> dict[str, Any]:
    """Return what ``table.html`` shows: a table, its picture, where it comes from, its like."""
    release = standing.release
    # where the figures of a table come from and how they are counted
    definition = table.definition
    source = ", ".join(part for part in (definition.form_code, definition.legal_source) if part)
    counting = " ".join((definition.counting_rule, *definition.notes)).strip()
    own = [(_("Biểu mẫu"), as_vietnamese(source)), (_("Cách tính"), as_vietnamese(counting))]
    if get_state().config["NOTE_SMALL_COUNTS"] and table.evaluated.has_small_counts:
        words = _("Có ô chỉ đếm từ 1 đến 4 người hoặc vụ việc. Xin đừng suy ra từng người.")
        own.append((_("Số nhỏ"), words))
    own += [(_("Số liệu"), window_text(table)), *release_facts(release)[1:]]
    name = f"{table_name(definition)}, {lower_first(period_title(release.period))}"
    summary = f"{name}: {key_line(table.evaluated)}. {release.authority.name}."
    # the tables before and after this one, and the same one of the periods before
    place = release.tables.index(table)
    chart = build_chart(table.evaluated)
    picture = standing.address(table.code, "cchc.table_svg")
    neighbours = []
    for words, step in ((_("Biểu trước: %(title)s"), -1), (_("Biểu sau: %(title)s"), 1)):
        if 0 <= place + step < len(release.tables):
            other = release.tables[place + step]
            words %= {"title": table_name(other.definition)}
            neighbours.append((words, standing.address(other.code)))
    sides = SideBySide(())
    beside = [r for r in list_beside(get_state().session, release) if r.table(table.code)]
    if beside:  # rows by field
        solved = (table.evaluated, [one.evaluated(table.code) for one in beside])
        by_row = definition.shape.has_total
        groups = compare_rows(*solved) if by_row else (SideGroup("", compare_wholes(*solved)),)
        sides = SideBySide(_marks(release, *beside), groups)
    return {
        "release": release,
        "standing": standing,
        "table": table,
        "view": build_view(table.evaluated, notes=table.findings),
        "caption": caption(table),
        "chart": chart,
        "chart_links": ((_("Tải hình (SVG)"), picture),) if chart else (),
        "sides": sides,
        "facts": [fact for fact in own if fact[1]],
        "downloads": standing.downloads(table.code),
        "citation": cite(release, table),
        "neighbours": neighbours,
        "summary": summary,
        "structured": describe_dataset(release, table, summary),
    }
