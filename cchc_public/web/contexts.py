"""The declared context of every public page: a template gets exactly these fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from flask import g
from markupsafe import Markup

from cchc_public.present.charts import Chart
from cchc_public.present.headlines import Headline
from cchc_public.present.side_by_side import SideBySide
from cchc_public.present.tables import TableView
from cchc_public.releases.published import (
    Correction,
    PublishedFinding,
    PublishedRelease,
    PublishedTable,
    ReleaseSummary,
)
from cchc_public.web.framing import render_page

Link = tuple[str, str]  # words, address
Fact = tuple[str, str]  # label, text


@dataclass(frozen=True)
class Standing:
    """How a release stands among those of its period, and whether the next figures are late."""

    newest_number: int
    is_pinned: bool = False  # the address names a release
    is_late: bool = False
    is_preview: bool = False  # the back office shows what would be published
    is_fresh: bool = True  # a correction is told on the page only for a while after it

    def is_outdated(self, release: PublishedRelease) -> bool:
        """Tell whether a newer release of the period exists."""
        return release.number < self.newest_number


@dataclass(frozen=True)
class Entrance:
    """The ways in to the procedures: what is done most, events of a life, the fields."""

    popular: tuple[Any, ...]
    needs: tuple[Any, ...]
    procedures: int
    fields: int


@dataclass(frozen=True)
class NextReception:
    """The next session in which the chairman receives people."""

    day: date
    month: str
    weekday: str
    is_today: bool
    hours: str
    place: str


@dataclass(frozen=True)
class OverviewPage:
    """``/``: the newest figures; ``release`` is None before the first publication."""

    release: PublishedRelease | None
    standing: Standing
    sentence: str
    headlines: tuple[Headline, ...]
    has_earlier: bool  # there is a comparable earlier period
    chart: Chart | None
    chart_links: tuple[Link, ...]
    notes: tuple[PublishedFinding, ...]
    note_count: int
    summary: str
    entrance: Entrance | None = None  # the ways in to the procedures; None in a preview
    reception: NextReception | None = None
    extra: ReleaseSummary | None = None  # a month or quarter that ends later
    withdrawn: ReleaseSummary | None = None  # newer figures that were taken back


@dataclass(frozen=True)
class PeriodsPage:
    """``/ky``: every period with its newest release, by year, newest first; trends of like ones."""

    years: tuple[tuple[int, tuple[ReleaseSummary, ...]], ...]
    trends: tuple[tuple[Chart, tuple[Link, ...]], ...]
    late: str = ""  # the newest standing period, when the figures it promised did not come


@dataclass(frozen=True)
class PeriodPage:
    """``/ky/<period>``: everything one release says."""

    release: PublishedRelease
    standing: Standing
    sentence: str
    headlines: tuple[Headline, ...]
    has_earlier: bool  # there is a comparable earlier period
    sides: SideBySide
    notes: tuple[tuple[PublishedFinding, str], ...]  # with the address of the table
    releases: tuple[ReleaseSummary, ...]
    facts: tuple[Fact, ...]
    downloads: tuple[Link, ...]
    summary: str
    table_links: Mapping[str, Link]  # by code, for tables that the words place


@dataclass(frozen=True)
class TablePage:
    """``/ky/<period>/<table>``: one table, its picture, its notes, where it comes from."""

    release: PublishedRelease
    standing: Standing
    table: PublishedTable
    view: TableView
    caption: str
    chart: Chart | None
    chart_links: tuple[Link, ...]
    sides: SideBySide  # the like periods before, none when there are none
    facts: tuple[Fact, ...]
    downloads: tuple[Link, ...]
    citation: str
    neighbours: tuple[Link, ...]
    summary: str
    structured: Markup  # schema.org Dataset


@dataclass(frozen=True)
class WithdrawnPage:
    """A period whose figures were taken back."""

    release: PublishedRelease


@dataclass(frozen=True)
class SatisfactionEntry:
    """One period's satisfaction."""

    title: str
    address: str
    headline: Headline
    slips: str
    target: str


@dataclass(frozen=True)
class SatisfactionPage:
    """``/hai-long``: satisfaction through the periods, newest first."""

    entries: tuple[SatisfactionEntry, ...]
    chart: Chart | None
    withdrawn: ReleaseSummary | None = None  # newer figures that were taken back
    release: PublishedRelease | None = None  # the newest that stands
    standing: Standing = Standing(0)


@dataclass(frozen=True)
class CorrectionsPage:
    """``/dinh-chinh``: what was published wrongly and what stands now."""

    corrections: tuple[Correction, ...]


@dataclass(frozen=True)
class AboutPage:
    """``/ve-so-lieu``: where the figures come from and how they are counted."""

    release: PublishedRelease | None
    rules: tuple[Fact, ...]


@dataclass(frozen=True)
class ErrorPage:
    """Any refusal: what is wrong and where to go on."""

    title: str
    advice: str
    code: int


def render(template: str, page: Any) -> str:
    """Render ``template`` with the declared fields of ``page``."""
    g.cchc_refused = isinstance(page, ErrorPage | WithdrawnPage)
    names: Sequence[str] = [field.name for field in fields(page)]
    return render_page(template, **{name: getattr(page, name) for name in names})
