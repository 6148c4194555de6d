"""One procedure in the words people read: page, kiosk, leaflet, posting sheet and data block.

Says everything once: what is the same for all ways to submit is one sentence, what the source
does not state is gathered in ``missing``. Texts of the source stay verbatim; only money is
written our way (``8,000 VNĐ`` is ``8.000 đồng``) and a number without a unit is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from cchc_public.i18n import (
    SOURCE,
    _,
    as_here,
    format_date,
    mark,
    ngettext,
    page_language,
)
from cchc_public.procedures import (
    Bring,
    Channel,
    Component,
    OnlineLevel,
    ProcedureRecord,
    ProcedureStatus,
    gather,
    read_fee,
    read_time,
)
from cchc_public.vietnamese.text import fold

LONG_NAME = 120  # letters; longer names are set smaller
LONGEST_NAME = 200  # in lists; the longest real one has 919 letters
_LONGEST_SOURCE = 160
_DO = {
    Bring.HAND_IN: mark("nộp"),
    Bring.SHOW: mark("xuất trình rồi cầm về"),
    Bring.ONLINE: mark("điền trực tuyến"),
}
# the source lists the way and says no more: to people it is a way
_ONLINE = {
    **{level: level.label for level in OnlineLevel},
    OnlineLevel.UNSPECIFIED: mark("Nộp được trên Cổng Dịch vụ công quốc gia"),
}
# papers of one way to submit are no special case: everybody brings them or fills them in
_OF_A_WAY = re.compile(r"(?:nop|gui)(?: ho so)?(?: qua)? (?:truc tiep|buu chinh|truc tuyen).*")
# where a copy of the record lies says nothing to people
_TRAIL = re.compile(r"(?:bản (?:lưu|trích) )?(?:https?://|github:)")


@dataclass(frozen=True)
class Said:
    """One answer and the ways to submit it holds for; no label when it holds for all."""

    label: str
    text: str
    note: str = ""
    is_missing: bool = False


_AMOUNT = re.compile(r"(\d{1,3}(?:\.\d{3})*) đồng")  # that stands alone
SPOKEN = frozenset(
    {
        mark("Ngay trong ngày"),
        mark("Ngay trong ngày làm việc"),
        mark("Trong ngày làm việc"),
        mark("Trả theo Phiếu hẹn"),
    }
)
_MISSING = Said("", mark("Xã chưa ghi"), is_missing=True)


@dataclass(frozen=True)
class Paper:
    """One paper: its name, what to do with it, how many, and what else is to know."""

    name: str
    do: str = ""
    is_shown: bool = False  # looked at and given back
    count: str = ""
    note: str = ""

    @property
    def words(self) -> str:
        """Return everything in one line, for lists without columns."""
        parts = ", ".join(part for part in (self.do, self.count) if part)
        told = ". ".join(part for part in (parts, self.note) if part)
        return f"{self.name} ({told})" if told else self.name


@dataclass(frozen=True)
class Case:
    """The papers that only some people need."""

    title: str
    papers: tuple[Paper, ...]


class Description:
    """One procedure as people are told, on a day: what is over by then is left out.

    "" and empty tuples: nothing to say.
    """

    def __init__(self, record: ProcedureRecord, on: date) -> None:
        self.code, self.name, self.field = record.code, record.name, record.field
        self.title = short_title(record.name)
        self.is_long = len(record.name) > LONG_NAME  # needs smaller letters
        self.status = _(record.status_on(on).label)
        self.is_repealed = record.status_on(on) is ProcedureStatus.REPEALED
        self.warning = _warning(record, on)
        self.times = _by_way(record.channels, _time)
        self.fees = _by_way(record.channels, _fee)
        self.papers, self.cases = _papers(record.components)
        self.sets = record.dossier_sets
        self.exemptions = _exemptions(record, on)
        self.remarks, self.steps = record.remarks, record.steps
        ways = [(_(channel.kind.label), channel.note) for channel in record.channels]
        if len(ways) > 1 and len({note for _way, note in ways}) == 1:
            # the same for all: told once, under no name
            note = ways[0][1]
            ways = [(way, "") for way, _note in ways] + ([("", note)] if note else [])
        self.ways = tuple(ways)  # way to submit, what is special about it
        self.place = record.address  # "" = the commune's one-stop desk
        self.hours = record.hours
        self.online = _(_ONLINE[record.online_level]) if record.online_level else ""
        self.online_reason = ""
        if record.online_level is OnlineLevel.PARTIAL:
            self.online_reason = (
                _("Lý do chỉ trực tuyến một phần: %(reason)s", reason=record.partial_reason)
                if record.partial_reason
                else _("Chưa nêu lý do chỉ trực tuyến một phần.")
            )
        self.portal_link = record.portal_link
        self.result, self.conditions = record.result, record.conditions
        self.bases = tuple(f"{b.number} {b.title}".strip() for b in record.legal_bases)
        self.decision = record.decision_number
        if self.decision and record.decision_on:
            self.decision += " " + _("ngày %(day)s", day=format_date(record.decision_on))
        if self.decision and record.decision_by:
            self.decision += f", {record.decision_by}"
        self.origin = _origin(record)  # where it comes from, and whether the commune checked it
        facts = (
            (_("giấy tờ"), self.papers or self.cases),
            (_("thời hạn"), not all(said.is_missing for said in self.times)),
            (_("phí, lệ phí"), not all(said.is_missing for said in self.fees)),
        )
        self.missing = tuple(name for name, is_known in facts if not is_known)

    def __repr__(self) -> str:
        """Return all that is said: two papers of the same words are one in the cache."""
        return f"Description({vars(self)})"


def short_title(name: str) -> str:
    """Return a name without the "Thủ tục" that many sources put before it."""
    rest = re.sub(r"^thủ tục\s+(?=\S)", "", name, count=1, flags=re.IGNORECASE)
    return rest[:1].upper() + rest[1:]


def short_name(name: str) -> str:
    """Return a name for lists."""
    title = short_title(name)
    if len(title) <= LONGEST_NAME:
        return title
    return title[:LONGEST_NAME].rsplit(" ", 1)[0].rstrip(",;") + "…"


def short_facts(record: ProcedureRecord, tell: Callable[[str], str] = str) -> list[str]:
    """Return time and fee for lists, as far as the source states them.

    ``tell`` may mark the words of the source; what we say around them stays outside.
    """
    found: list[str] = []
    for answers in (_by_way(record.channels, _time), _by_way(record.channels, _fee)):
        texts = dict.fromkeys(tell(a.text) for a in answers if not a.is_missing)
        if len(texts) == 1 and not any(answer.is_missing for answer in answers):
            found.append(next(iter(texts)))
        elif texts:
            found.append(_("%(one)s, tùy cách nộp", one=next(iter(texts))))
    return found


def _by_way(channels: tuple[Channel, ...], tell: Callable[[Channel], Said]) -> tuple[Said, ...]:
    """Return each different answer once, with the ways to submit it holds for."""
    labels = gather((tell(channel), _(channel.kind.label)) for channel in channels)
    found = labels or {_MISSING: []}
    named = (
        replace(said, label=", ".join(names)) if len(labels) > 1 else said
        for said, names in found.items()
    )
    return tuple(replace(said, text=_(said.text)) if said.is_missing else said for said in named)


def _time(channel: Channel) -> Said:
    time = read_time(channel.time_limit)
    if time is None:
        return _MISSING
    text, n = _(time.text) if time.text in SPOKEN else time.text, time.value
    if n is not None and page_language() != SOURCE:
        text = {
            "giờ làm việc": ngettext("%(n)s giờ làm việc", "%(n)s giờ làm việc", n, n=n),
            "giờ": ngettext("%(n)s giờ", "%(n)s giờ", n, n=n),
            "phút": ngettext("%(n)s phút", "%(n)s phút", n, n=n),
            "ngày làm việc": ngettext("%(n)s ngày làm việc", "%(n)s ngày làm việc", n, n=n),
            "ngày": ngettext("%(n)s ngày", "%(n)s ngày", n, n=n),
            "tháng": ngettext("%(n)s tháng", "%(n)s tháng", n, n=n),
        }[time.unit]
        if not time.text[0].isdigit():  # "không quá 5 ngày"
            text = _("tối đa %(time)s", time=text)
    return Said("", text, time.note)


def _fee(channel: Channel) -> Said:
    money = read_fee(channel.fee)
    if money.kind == "unstated":
        return _MISSING
    if money.kind == "free":
        return Said("", _("Miễn phí"))
    if money.kind == "conditional":
        # "Miễn phí (mức do HĐND quyết định)" is not free: the brackets say who sets the fee
        note = _("Nguồn ghi: %(words)s", words=money.text)
        return Said("", _("Hỏi mức thu trước khi nộp"), note)
    amount = _AMOUNT.fullmatch(money.text)
    text = _("%(n)s đồng", n=as_here(amount[1])) if amount else money.text
    return Said("", text, money.note)


def _papers(components: Iterable[Component]) -> tuple[tuple[Paper, ...], tuple[Case, ...]]:
    """Return the papers of everybody and those of special cases, in the order of the source.

    A form that is filled in online is the other shape of the paper form, not one paper more.
    """
    everybody: list[Paper] = []
    cases: dict[str, list[Paper]] = {}
    online: list[Paper] = []
    form = -1  # place of the paper form among the papers of everybody
    for item in components:
        is_shown, counts = item.bring is Bring.SHOW, []
        # a paper that is only looked at is not left behind, whatever number the source has
        if item.originals and not is_shown:
            counts.append(_("%(n)s bản chính", n=item.originals))
        if item.copies and not is_shown:
            counts.append(_("%(n)s bản sao", n=item.copies))
        is_other_form = item.form and fold(item.form) not in fold(item.name)
        notes = (item.form if is_other_form else "", item.note)
        note = ". ".join(note.rstrip(".") for note in notes if note)
        do = _(_DO[item.bring]) if item.bring else ""
        paper = Paper(item.name, do, is_shown, ", ".join(counts), note)
        is_of_way = bool(_OF_A_WAY.fullmatch(fold(item.case)))
        if item.bring is Bring.ONLINE and (is_of_way or not item.case):
            online.append(paper)
        elif is_of_way or not item.case:
            if form < 0 and (item.form or is_of_way):
                form = len(everybody)
            everybody.append(paper)
        else:
            cases.setdefault(item.case, []).append(paper)
    for paper in online:
        if form < 0:
            everybody.insert(0, paper)
        else:
            said = _("Nộp trực tuyến thì điền ngay trên mạng")
            note = ". ".join(part for part in (everybody[form].note, said) if part)
            everybody[form] = replace(everybody[form], note=note)
    return tuple(everybody), tuple(Case(title, tuple(found)) for title, found in cases.items())


def _exemptions(record: ProcedureRecord, on: date) -> tuple[str, ...]:
    """Return what holds on a day: who, how much, under which document, for how long."""
    found = []
    for item in record.exemptions:
        amount = f": {item.amount}" if item.amount else ""
        days = []
        if item.valid_from:
            days.append(_("từ %(day)s", day=format_date(item.valid_from)))
        if item.valid_to:
            days.append(_("đến %(day)s", day=format_date(item.valid_to)))
        under = _("theo %(document)s", document=item.document_number)
        told = ", ".join(filter(None, (under, " ".join(days))))
        if item.is_valid(on):
            found.append(f"{item.beneficiary}{amount} ({told})")
    return tuple(found)


def _warning(record: ProcedureRecord, on: date) -> str:
    status = record.status_on(on)
    is_ending = record.status is ProcedureStatus.REPEALED and status is not record.status
    if status is ProcedureStatus.IN_FORCE and not is_ending:
        return ""
    words = [_("Sẽ bãi bỏ") if is_ending else _(status.label)]
    if day := record.status_since:
        words.append(_("từ ngày %(day)s", day=format_date(day)))
    if record.status_decision:
        words.append(_("theo %(document)s", document=record.status_decision))
    advice = {
        ProcedureStatus.NOT_YET: _("Xin hỏi bộ phận một cửa trước khi nộp."),
        ProcedureStatus.REPEALED: _("Xin không nộp hồ sơ theo nội dung dưới đây."),
    }.get(status, "")
    return f"{' '.join(words)}. {advice}".strip()


def _origin(record: ProcedureRecord) -> str:
    """Return where the record comes from and whether the commune checked it."""
    source = _TRAIL.split(record.source, maxsplit=1)[0].rstrip(" ,;(")
    if len(source) > _LONGEST_SOURCE:
        source = source.partition(" (")[0].partition(";")[0]
    source = source.rstrip(".")
    day = f" ({format_date(record.source_on)})" if record.source_on else ""
    parts = [_("Nguồn: %(source)s.", source=source + day)] if source else []
    if record.checked_on:
        parts.append(_("Xã đã đối chiếu ngày %(day)s.", day=format_date(record.checked_on)))
    else:
        parts.append(_("Xin đối chiếu trước khi dùng."))
    return " ".join(parts)
