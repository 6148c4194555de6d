"""The declared context of every public page: a template gets exactly these fields."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from math import ceil
from typing import Any, Generic, TypeVar

from flask import current_app, g, render_template, request, session
from jinja2 import BaseLoader, Environment, UndefinedError
from jinja2.runtime import Context
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from cchc_public.config import OWN_FRAME
from cchc_public.i18n import _
from cchc_public.paths import find_folder
from cchc_public.present.charts import Chart
from cchc_public.present.headlines import Headline, SideBySide
from cchc_public.present.tables import TableView
from cchc_public.procedures.asking import EVERYDAY_NAMES, NEEDS
from cchc_public.procedures.description import short_facts, short_name
from cchc_public.procedures.record import ProcedureRecord, ProcedureStatus
from cchc_public.procedures.saving import list_rows
from cchc_public.procedures.searching import Catalogue, ListFilter
from cchc_public.releases.published import (
    Correction,
    PublishedFinding,
    PublishedRelease,
    PublishedTable,
    ReleaseSummary,
)
from cchc_public.state import State, get_state
from cchc_public.vietnamese.text import clean_text
from cchc_public.web.page_store import Fragment
from cchc_public.web.snapshots import render_alone

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


MOST_LETTERS = 200
MOST_DIGITS = 5
MOST_POPULAR = 6
T = TypeVar("T")


@dataclass(frozen=True)
class ListPart(Generic[T]):
    """One page of a list: its items, its number, how many pages there are."""

    items: Sequence[T]
    number: int
    count: int


def read_argument(key: str) -> str:
    """Return the words after ``?key=``, bounded and clean."""
    return clean_text(request.args.get(key, "")[:MOST_LETTERS])


def read_page_number() -> int:
    """Return the number after ``?trang=``; 1 for anything that is none."""
    text = request.args.get("trang", "1")
    is_number = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return max(1, int(text)) if is_number else 1


def cut_page(found: Sequence[T], size: int) -> ListPart[T]:
    """Return the page of ``found`` that the address asks for, the last one beyond the end."""
    count = max(1, ceil(len(found) / size))
    number = min(read_page_number(), count)
    return ListPart(found[(number - 1) * size : number * size], number, count)


@dataclass(frozen=True)
class ListItem:
    """One procedure in the list."""

    code: str
    name: str
    field: str
    facts: str  # time and fee in one line, "" when neither is stated
    is_repealed: bool


def list_item(record: ProcedureRecord) -> ListItem:
    """Return one procedure as lists show it."""
    return ListItem(
        record.code,
        short_name(record.name),
        record.field,
        short_facts(record),
        record.status is ProcedureStatus.REPEALED,
    )


def list_popular(catalogue: Catalogue, most: int = MOST_POPULAR) -> tuple[ListItem, ...]:
    """Return what is done most of what is posted here, with time and fee."""
    wanted = ListFilter(status="current", posted=True, need=NEEDS[0])
    codes = catalogue.search(wanted).codes[:most]
    items = (list_item(record) for record in list_rows(get_state().session, codes))
    return tuple(
        replace(item, name=_(EVERYDAY_NAMES[item.code])) if item.code in EVERYDAY_NAMES else item
        for item in items
    )


log = logging.getLogger(__name__)
_PAGE, _COLLECTOR, _BETWEEN = "cchc/page.html", "cchc/parts.html", secrets.token_hex(16)
# stands for our part while the frame is rendered: letters of both cases, so that a filter shows
_MAIN = "cchcA" + secrets.token_hex(16)


def is_frame_live(state: State) -> bool:
    """Tell whether public pages stand in a frame that may differ from reader to reader."""
    return state.config["BASE_TEMPLATE"] != OWN_FRAME and not state.config["FRAME_IS_PUBLIC"]


def render_page(template: str, **context: Any) -> str:
    """Render a public page; in a host's frame leave its fragment in ``g`` for the page cache."""
    state = get_state()
    g.cchc_live_frame = is_frame_live(state)
    if g.cchc_live_frame and "cchc_version" in g:
        fragment = _collect(state, template, context)
        if fragment is not None:
            g.cchc_fragment = fragment
            return render_frame(fragment).decode()
    return render_template(template, **context)


def render_frame(fragment: Fragment) -> bytes:
    """Put a fragment into the host's frame for this reader; into ours when that one fails."""
    state = get_state()
    if "own-page" not in state.memory:  # page.html is ours, not overridden by the host
        file = current_app.jinja_env.get_template(_PAGE).filename or ""
        is_own = file.startswith(str(find_folder("templates")))
        state.memory["own-page"] = is_own and not current_app.jinja_env.is_async
    try:
        if state.memory["own-page"] and "cchc_snapshot" not in g:
            head, *feet = _render_around(state.config["BASE_TEMPLATE"], fragment).split(_MAIN)
            if len(feet) == 1:
                foot = f"\n</div>\n{feet[0]}".encode()
                return b"".join((head.encode(), fragment.before, fragment.body, foot))
        # the frame passes its content through a filter, has a page.html of its own, or a notice
        context = {"cchc_parts": fragment, "title": fragment.title, "cchc_main": fragment.main}
        return render_template("cchc/framed_page.html", **context).encode()
    except SQLAlchemyError as error:  # the frame asks who reads, and the database is gone
        log.warning("the host's frame needs the database: %s", error)
        state.session.rollback()
        return render_alone("cchc/errors/kept.html", cchc_parts=fragment).encode()


def _render_around(frame: str, fragment: Fragment) -> str:
    """Return a host's frame with our parts in its blocks, as ``page.html`` fills them.

    Straight into the blocks: a template that extends the frame takes a sixth longer.
    """
    values: dict[str, Any] = {"title": fragment.title}
    current_app.update_template_context(values)
    template = current_app.jinja_env.get_template(frame)
    context = template.new_context(values)

    def head(context: Context) -> Iterator[str]:
        for own in context.blocks["head"][1:2]:
            yield from own(context)
        yield fragment.head

    ours: dict[str, Callable[[Context], Iterator[str]]] = {
        "title": lambda _: iter((fragment.heading,)),
        "head": head,
        "content": lambda _: iter((_MAIN,)),
    }
    for name, block in ours.items():
        context.blocks.setdefault(name, []).insert(0, block)
    return current_app.jinja_env.concat(template.root_render_func(context))


class _Collecting(BaseLoader):
    """Gives the collector in place of the page, so that a template yields its parts."""

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        name = _COLLECTOR if template == _PAGE else template
        return self._loader.get_source(environment, name)


def _collect(state: State, template: str, context: dict[str, Any]) -> Fragment | None:
    """Return the parts of a page; None when they depend on the reader.

    A host may override any template. One that looks at the session, needs a context processor or
    does not stand on our page is rendered whole for each reader and never kept.
    """
    environment: Environment | None = state.memory.get("framing")
    if environment is None:
        host_environment = current_app.jinja_env
        environment = host_environment.overlay(loader=_Collecting(host_environment.loader))  # type: ignore[arg-type]
        state.memory["framing"] = environment
    readers = session._get_current_object()  # type: ignore[attr-defined]  # a proxy by nature
    was_accessed, readers.accessed = readers.accessed, False
    try:
        text = environment.get_template(template).render(**context, cchc_between=_BETWEEN)
    except UndefinedError:
        return None
    finally:
        is_touched, readers.accessed = readers.accessed, was_accessed or readers.accessed
    if is_touched or text.count(_BETWEEN) != 4:
        return None
    title, authority, head, opening, body = map(Markup, text.split(_BETWEEN))
    return Fragment(title, authority, head, opening, body.encode())
