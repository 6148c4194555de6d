"""Searches and filters the list in memory, alike on every database.

The folded columns of a few thousand procedures fit in some megabytes, so one process keeps them,
keyed by a stamp that every change of the list moves; nothing depends on functions of a database.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from heapq import nlargest
from threading import Lock
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from cchc_public.checks.rules import RULES, Finding
from cchc_public.i18n import mark
from cchc_public.procedures import (
    STATUS_DAY,
    ChannelKind,
    OnlineLevel,
    ProcedureStatus,
    gather,
)
from cchc_public.procedures.asking import Elsewhere, Need
from cchc_public.procedures.ranking import Ranker, Ranking, SearchText
from cchc_public.procedures.saving import list_fields
from cchc_public.releases.published import PublishedRelease
from cchc_public.store import (
    LARGEST_INTEGER,
    Procedure,
    ProcedureField,
    ProcedureRevision,
    UnansweredQuery,
)
from cchc_public.store.base import AnySession, today
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import search_key

OFFLINE = (None, OnlineLevel.NONE.value, OnlineLevel.INFORMATION.value)
log = logging.getLogger(__name__)

MAX_NOTED = 80  # letters of a search without an answer
MOST_NOTED = 300  # such searches kept
MOST_DIGITS = 6  # a telephone number, an identity number
ASKED_OFTEN = 3
MOST_PLAIN = 40  # lists without words that are kept ready: what the pages themselves link to
NOTE_SECONDS = 30.0  # between two writes
MAX_QUERY = 200  # letters; longer text is cut, not refused

# address word -> value, label; the address stays Vietnamese without marks
CHANNEL_FILTER = {
    "truc-tiep": ("in-person", mark("Trực tiếp")),
    "truc-tuyen": ("online", mark("Trực tuyến")),
    "buu-chinh": ("post", mark("Bưu chính")),
}
FEE_FILTER = {
    "mien-phi": ("free", mark("Miễn phí")),
    "co-thu": ("amount", mark("Có thu")),
    "co-dieu-kien": ("conditional", mark("Có điều kiện, do HĐND quyết định")),
    "khong-neu": ("unstated", mark("Không nêu trong nguồn")),
}
STATUS_FILTER = {
    "": ("current", mark("Chưa bãi bỏ")),
    "con-hieu-luc": ("in-force", mark("Còn hiệu lực")),
    "sua-doi": ("amended", mark("Được sửa đổi, bổ sung")),
    "chua-hieu-luc": ("not-yet", mark("Chưa có hiệu lực")),
    "bai-bo": ("repealed", mark("Đã bãi bỏ")),
    "tat-ca": ("", mark("Tất cả")),
}


@dataclass(frozen=True)
class ListFilter:
    """What a list is narrowed to; "" = no limit. ``status`` "current" = all but repealed."""

    query: str = ""
    field: str = ""
    channel: str = ""
    fee: str = ""
    status: str = ""
    posted: bool | None = None
    need: Need | None = None  # an event of a life: its procedures, in its order


class Entry(SearchText):
    """What lists, filters and counts need of one procedure beside what is searched."""

    def __init__(self, row: Any, of_field: ProcedureField, day: date) -> None:
        super().__init__(row.code, row.name, f"{of_field.folded} {row.text_folded}".strip())
        self.field_slug = of_field.slug
        status = ProcedureStatus(row.status)
        since = getattr(row, STATUS_DAY[status])
        self.status = status.on(day, since and date.fromisoformat(since))
        self.is_posted: bool = row.is_posted
        self.received_here: bool | None = row.received_here
        self.decided_here: bool | None = row.decided_here
        kinds = {ChannelKind(kind) for kind in row.channel_kinds.split()} - {ChannelKind.ANY}
        if row.online_level not in OFFLINE:
            kinds.add(ChannelKind.ONLINE)
        self.channels = kinds
        self.fees = set(row.fee_classes.split())

    def has_status(self, status: str) -> bool:
        """Tell whether the status is the one asked for; "current" is all but repealed."""
        if status == "current":
            return self.status is not ProcedureStatus.REPEALED
        return self.status.value == status

    def fits(self, wanted: ListFilter) -> bool:
        """Tell whether a list narrowed so, its field aside, holds the procedure."""
        # free only when every way to submit is free; the other classes when one way is
        has_fee = self.fees == {"free"} if wanted.fee == "free" else wanted.fee in self.fees
        return (
            (wanted.posted is None or self.is_posted is wanted.posted)
            and (not wanted.channel or wanted.channel in self.channels)
            and (not wanted.fee or has_fee)
            and (not wanted.status or self.has_status(wanted.status))
        )


@dataclass(frozen=True)
class Found:
    """Codes in their order, and how many of them each field holds when no field is chosen."""

    codes: tuple[str, ...]
    per_field: dict[str, int]
    elsewhere: Elsewhere | None = None  # what was asked for is done by another body


@dataclass(eq=False)
class Catalogue:
    """All procedures at one stamp."""

    stamp: str
    entries: tuple[Entry, ...]
    fields: dict[str, str]  # address word -> name, by name
    _ranker: Ranker | None = field(default=None, repr=False)
    _making: Lock = field(default_factory=Lock, repr=False)
    _plain: dict[ListFilter, Found] = field(default_factory=dict, repr=False)

    @cached_property
    def counts(self) -> ProcedureCounts:
        """Return the figures of the list; each page that names a count asks."""
        return ProcedureCounts(self)

    def field_slug(self, name: str) -> str:
        """Return the address word of a field, "" when there is none."""
        return next((slug for slug, known in self.fields.items() if known == name), "")

    @cached_property
    def _by_field(self) -> dict[str, list[tuple[frozenset[str], Entry]]]:
        """Return what the public may see of each field, with the words of the names."""
        return gather(
            (entry.field_slug, (frozenset(search_key(entry.name).split()), entry))
            for entry in self.entries
            if entry.is_posted and entry.has_status("current")
        )

    def neighbours(self, code: str, name: str, field_slug: str, most: int) -> list[Entry]:
        """Return procedures of a field that share most of a name's words; rare words tell more."""
        words, others = set(search_key(name).split()), self._by_field.get(field_slug, [])
        known = Counter(word for held, _entry in others for word in held & words)
        near = [
            (sum(1 / known[word] for word in held & words) / len(held | words), -number, entry)
            for number, (held, entry) in enumerate(others)
            if entry.code != code and held & words
        ]
        return [entry for _share, _number, entry in nlargest(most, near)]

    def rank(self, query: str) -> Ranking:
        """Return the entries' numbers, best first; the word lists are made at the first query."""
        with self._making:
            if self._ranker is None:
                self._ranker = Ranker(self.entries)
        return self._ranker.rank(query[:MAX_QUERY])

    def search(self, wanted: ListFilter) -> Found:
        """Return what fits; by rank with a query, else by field and name."""
        if wanted.query.strip():
            return self._narrow(self.rank(wanted.query), wanted)
        if wanted not in self._plain:
            if len(self._plain) >= MOST_PLAIN:
                self._plain.clear()
            numbers = tuple(range(len(self.entries)))
            if wanted.need:
                places = {entry.code: number for number, entry in enumerate(self.entries)}
                numbers = tuple(places[code] for code in wanted.need.codes if code in places)
            self._plain[wanted] = self._narrow(Ranking(numbers), wanted)
        return self._plain[wanted]

    def _narrow(self, ranking: Ranking, wanted: ListFilter) -> Found:
        entries = (self.entries[number] for number in ranking.numbers)
        fitting = [entry for entry in entries if entry.fits(wanted)]
        per_field = Counter(entry.field_slug for entry in fitting)
        chosen = (e.code for e in fitting if not wanted.field or e.field_slug == wanted.field)
        return Found(tuple(chosen), per_field, ranking.elsewhere)


class ProcedureCounts:
    """Figures of the list without repealed procedures; the ``unstated_…`` are in neither side."""

    def __init__(self, catalogue: Catalogue) -> None:
        current = [entry for entry in catalogue.entries if entry.has_status("current")]
        posted = Counter(entry.field_slug for entry in current if entry.is_posted)
        decided = Counter(entry.decided_here for entry in current)
        received = Counter(entry.received_here for entry in current)
        self.posted = posted.total()
        self.decided_here, self.unstated_decided = decided[True], decided[None]
        self.received_here, self.unstated_received = received[True], received[None]
        # address word, name, how many are posted
        fields = ((slug, name, posted[slug]) for slug, name in catalogue.fields.items())
        self.per_field = tuple(field for field in fields if field[2])
        self.field_count = len(self.per_field)


@dataclass
class _Shelf:
    """The catalogue of one database; one thread builds the next, the others read the last."""

    catalogue: Catalogue | None = None
    building: Lock = field(default_factory=Lock)


_shelves: WeakKeyDictionary[Engine, _Shelf] = WeakKeyDictionary()
_lock = Lock()


def get_catalogue(session: AnySession) -> Catalogue:
    """Return the list; built again by one thread when the stamp has moved.

    Whoever comes while it is built reads the list before the change: its ``stamp`` tells.
    """
    engine = session.get_bind().engine
    with _lock:
        shelf = _shelves.setdefault(engine, _Shelf())
    stamp = list_stamp(session)
    known = shelf.catalogue
    if known is not None and (known.stamp == stamp or shelf.building.locked()):
        return known
    with shelf.building:
        known = shelf.catalogue
        if known is None or known.stamp != stamp:
            known = shelf.catalogue = _build(session, stamp)
    return known


def list_stamp(session: AnySession) -> str:
    """Return a text that no two states of the list share: one query.

    The count notices a transaction that committed an earlier number later; the random token one
    that was rolled back and whose number was given again. A status may begin with the day.
    """
    newest = select(ProcedureRevision.token).order_by(ProcedureRevision.id.desc()).limit(1)
    query = select(func.count(ProcedureRevision.id), newest.scalar_subquery())
    count, token = session.execute(query).one()
    return f"{count}-{token or ''}-{today()}"


def _build(session: AnySession, stamp: str) -> Catalogue:
    fields = {row.id: row for row in list_fields(session)}
    columns = [column for column in Procedure.__table__.columns if column.key != "details"]
    # of the details only the days on which a status begins
    days = (Procedure.details[key].as_string().label(key) for key in {*STATUS_DAY.values()})
    rows: Iterable[Any] = session.execute(select(*columns, *days))
    rows = sorted(rows, key=lambda r: (fields[r.field_id].folded, r.name_folded, r.code))
    day = today()
    entries = tuple(Entry(row, fields[row.field_id], day) for row in rows)
    return Catalogue(stamp, entries, {row.slug: row.name for row in fields.values()})


@dataclass
class Unanswered:
    """Counts searches that found nothing, and writes them down now and then.

    Bounded in memory and in the database. Whatever holds six digits or an @ may be about a person
    and is not kept; clerks see only what was asked ``ASKED_OFTEN`` times.
    """

    counts: Counter[str] = field(default_factory=Counter)
    next_write: float = 0.0
    lock: Lock = field(default_factory=Lock)

    def note(self, query: str, engine: Engine, day: date) -> None:
        """Count one search; losing some of them matters to nobody, so nothing is raised."""
        words = search_key(query)[:MAX_NOTED].strip()
        if "@" in query or sum(char.isdigit() for char in query) >= MOST_DIGITS or not words:
            return
        with self.lock:
            if words in self.counts or len(self.counts) < MOST_NOTED:
                self.counts[words] += 1
            if monotonic() < self.next_write:
                return
            self.next_write = monotonic() + NOTE_SECONDS
            counts, self.counts = self.counts, Counter()
        try:
            with Session(engine) as session, session.begin():
                _write_unanswered(session, counts, day)
        except SQLAlchemyError:
            log.warning("searches without an answer were not written down", exc_info=True)


def list_unanswered(session: AnySession, most: int = 20) -> tuple[tuple[str, int], ...]:
    """Return what was often searched without an answer, most asked first."""
    query = (
        select(UnansweredQuery.query, UnansweredQuery.count)
        .where(UnansweredQuery.count >= ASKED_OFTEN)
        .order_by(UnansweredQuery.count.desc(), UnansweredQuery.query)
    )
    return tuple((words, count) for words, count in session.execute(query.limit(most)))


def _write_unanswered(session: Session, counts: Counter[str], day: date) -> None:
    for words, count in counts.items():
        row = session.get(UnansweredQuery, words)
        if row is None:
            session.add(UnansweredQuery(query=words, count=count, last_on=day))
        else:
            row.count, row.last_on = min(row.count + count, LARGEST_INTEGER), day
    session.flush()
    kept = select(UnansweredQuery.query).order_by(
        # what is often asked stays; of the rest the newest, so that a full table still learns
        (UnansweredQuery.count >= ASKED_OFTEN).desc(),
        UnansweredQuery.last_on.desc(),
        UnansweredQuery.count.desc(),
        UnansweredQuery.query,
    )
    names = session.scalars(kept.offset(MOST_NOTED)).all()
    session.execute(delete(UnansweredQuery).where(UnansweredQuery.query.in_(names)))


# columns of the sheet beside the figures of the list they should equal
_COMPARED = (
    ("posted", "thủ tục công khai", "posted"),
    ("field_count", "lĩnh vực", "field_count"),
    ("in_jurisdiction", "thủ tục thuộc thẩm quyền giải quyết", "decided_here"),
)


def compare_counts(counts: ProcedureCounts, release: PublishedRelease) -> tuple[Finding, ...]:
    """Return where the list and a release's sheet ``so-luong-thu-tuc`` disagree."""
    table = release.table("so-luong-thu-tuc")
    if table is None:
        return ()
    found = []
    for column, words, name in _COMPARED:
        stated, counted = table.evaluated.figure(column), getattr(counts, name)
        if stated is None or stated == counted or (name == "decided_here" and not counted):
            continue
        sentence = (
            f"Danh mục có {format_number(counted)} {words}; báo cáo {release.period.title} "
            f"ghi {format_number(stated)} (số liệu đến {format_date(table.data_to)})."
        )
        numbers = {"found": format_number(counted), "expected": format_number(stated)}
        found.append(RULES["procedure-count"].at(table.code, sentence, column=column, **numbers))
    return tuple(found)
