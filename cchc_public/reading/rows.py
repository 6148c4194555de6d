"""Tells rows from groups, totals, details, page sums and notes, and makes a sheet of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cchc_public.reading.columns import Binding, settle_choices
from cchc_public.reading.heads import Segment
from cchc_public.reading.questions import Draft
from cchc_public.reading.words import (
    CellRead,
    depth_of,
    is_page_sum,
    is_share,
    is_total_label,
    keys_of,
    looks_like_figure,
    period_tag,
    without_brackets,
)
from cchc_public.tables.language import ValueKind
from cchc_public.tables.registry import SINGLE_LABEL, row_key
from cchc_public.tables.sheet import Row, Value
from cchc_public.vietnamese.text import free_key, slugify

OF_ABOVE = keys_of("trong đó")
_FOOTNOTE = re.compile(r"\s*\([0-9]{1,2}\)$")
_FIELD_PREFIX = re.compile(r"^(?:lĩnh vực|các tthc lĩnh vực|nhóm tthc)\s+(?=\S)", re.IGNORECASE)
PART = "là tổng của một phần bảng; bỏ qua."
MIN_FIELDS = 3  # of fewer rows one always equals the sum of the others

GRAND_TOTALS = frozenset(
    map(keys_of, ("tổng cộng", "tổng số", "cộng", "tổng", "cộng chung", "toàn xã", "tổng chung"))
)  # nothing else can be meant: their wrong figures are findings


@dataclass
class SourceRow:
    """One row below a head: its number, its name and its figures by quantity."""

    line: int
    ordinal: str
    label: str
    reads: dict[str, CellRead] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)  # what its cells say there
    numbers: dict[str, Decimal] = field(default_factory=dict)
    kind: str = ""
    group: str = ""  # line of the group or row it stands in
    is_known: bool = False  # one of the fields already there

    @property
    def slug(self) -> str:
        """Its plain name as an address word."""
        return slugify(plain_label(self.label))

    @property
    def name(self) -> str:
        """Where it stands, for sentences."""
        return f"Dòng {self.line} «{self.label}»"

    @property
    def depth(self) -> int:
        """The level of its running number, -1 without one."""
        return depth_of(self.ordinal)

    def ask_kind(self, what: str, draft: Draft) -> str:
        """Ask whether it is ``what`` or a field; return total, row, left_out or nothing yet."""
        return draft.ask(
            f"dong-{self.line}",
            "row-kind",
            f"«{self.label or self.ordinal}» (dòng {self.line}): {what} hay một lĩnh vực?",
            (("total", "Dòng tổng"), ("row", "Một lĩnh vực"), ("left_out", "Bỏ qua")),
            row=self.line,
            lasting=f"dong:{slugify(self.label)[:80]}" if self.label else "",
        )


def _total_of(rows: Sequence[SourceRow], key: str) -> Decimal | None:
    values = [row.numbers.get(key) for row in rows]
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(values) else None


def agreement(row: SourceRow, parts: Sequence[SourceRow]) -> tuple[int, int, int]:
    """Return how many figures of ``row`` are the sums of ``parts``, are not, and say something."""
    held = failed = speaking = 0
    for key, value in row.numbers.items():
        total = _total_of(parts, key) if key else None  # no key: a figure of an asked column
        if total is None:
            continue
        if total == value:
            held += 1
            speaking += value != 0
        else:
            failed += 1
    return held, failed, speaking


def _is_sum(row: SourceRow, parts: Sequence[SourceRow]) -> bool:
    """True when figures bear out the sum; one slip of the source does not deny it."""
    held, failed, speaking = agreement(row, parts)
    return speaking >= 1 and (failed == 0 or (failed <= 2 and speaking >= 3 and failed * 3 < held))


def _sums_of_neighbors(fields: Sequence[SourceRow], least: int) -> list[SourceRow]:
    """Return the rows that add up all rows since the one before that does."""
    found: list[SourceRow] = []
    start = 0
    for index, row in enumerate(fields):
        if index - start >= least and _is_sum(row, fields[start:index]):
            found.append(row)
            start = index + 1
    return found


@dataclass
class Outline:
    """The rows of one table, while fields are told from groups, totals, parts and notes."""

    rows: list[SourceRow]
    draft: Draft

    def classify(self) -> None:
        """Give every row its kind; doubts become questions where rows add up to a total."""
        slugs = {*map(slugify, self.draft.context.known)}
        main = min((row.depth for row in self.rows if row.numbers and row.depth > 0), default=1)
        for row in self.rows:
            row.is_known = row.slug in slugs
            if not row.numbers and row.label and row.depth == main:
                row.kind = "row"  # a field of which the source says nothing
            elif not row.numbers:
                row.kind = "heading" if row.label and 0 <= row.depth < 2 else "left_out"
            elif is_page_sum(row.label):
                self.leave(row, "là dòng cộng trang; không tính hai lần.")
            else:
                row.kind = "total" if is_total_label(row.label) else "row"
        if self.draft.form.shape.has_total:
            self._arrange()
            self._check_strangers()
            self._check_parts()
            self._check_groups()
            self._check_totals()
            self._check_unnamed()
            self._check_twice()
        elif self.draft.form.shape.has_labels:
            self._check_fixed()
            self._check_twice()

    def of(self, kind: str) -> list[SourceRow]:
        """Return the rows of one kind."""
        return [row for row in self.rows if row.kind == kind]

    def leave(self, row: SourceRow, why: str) -> None:
        """Leave a row out, and say why."""
        row.kind = "left_out"
        self.draft.tell(f"{row.name} {why}")

    def _arrange(self) -> None:
        """Rows numbered deeper than others stand in them; a group closes where the next opens."""
        levels = sorted({row.depth for row in self.of("row") if row.depth >= 0})
        if len(levels) < 2 and all(row.depth for row in self.of("heading")):
            return
        main = 1 if 1 in levels else levels[0] if levels else 0
        group = field_ = ""
        for row in self.rows:
            if row.kind == "heading":
                group = str(row.line)
            elif row.kind != "row":
                continue
            elif 0 <= row.depth < main:
                row.kind, group, field_ = "group", str(row.line), ""
            elif row.depth > main and field_:
                row.kind, row.group = "detail", field_
            else:
                row.group, field_ = group, str(row.line)

    def _check_strangers(self) -> None:
        """Shares, figures of other periods and what stands below the grand total are no fields."""
        fields = [row for row in self.of("row") if row.label and not row.is_known]
        total = next(reversed(self.of("total")), None)
        end = total.line if total else 0
        is_closed = total and _is_sum(total, [row for row in self.of("row") if row.line < end])
        timed = [row for row in fields if period_tag(row.label) not in ("", "kế hoạch")]
        periods = timed if len(timed) * 2 >= len(fields) else []
        if periods:  # mostly months or quarters may be no fields, whatever their head says
            first = ", ".join(f"«{row.label[:40]}»" for row in periods[:3])
            more = " …" if len(periods) > 3 else ""
            answer = self.draft.ask(
                "ten-dong",
                "row-names",
                f"Các dòng {first}{more} có phải là tên các dòng của biểu không?",
                (("dung", "Phải"), ("khong", "Không phải: không đọc các dòng này")),
                row=periods[0].line,
            )
            if answer == "khong":
                for row in periods:
                    row.kind = "left_out"
                fields = [row for row in fields if row not in periods]
        for row in fields:
            if is_share(row.label):
                self.leave(row, "là tỷ lệ, không phải lĩnh vực; không đọc.")
            elif keys_of(row.label)[:2] == OF_ABOVE:
                self.leave(row, "là phần của dòng trên, không phải lĩnh vực; không đọc.")
            elif row.depth < 0 and self.draft.lexicon.understand((plain_label(row.label),)).keys:
                row.kind = row.ask_kind("phần của dòng trên", self.draft) or "left_out"
            elif row in timed and not periods:
                row.kind = row.ask_kind("số của kỳ khác", self.draft) or "left_out"
            elif is_closed and row.line > end:
                row.kind = row.ask_kind("dòng ghi thêm dưới dòng tổng", self.draft) or "left_out"

    def _check_parts(self) -> None:
        """Sums of a part that have names of their own are no fields.

        That is told where the grand total holds without them alone, asked where nothing proves it.
        """
        fields = self.of("row")
        total = next(iter(self.of("total")), None)
        if self.of("group") or (total and _is_sum(total, fields)):
            return
        ways = [_sums_of_neighbors(order, n) for n in (2, 1) for order in (fields, fields[::-1])]
        for sums in ways:
            rest = [row for row in fields if row not in sums]
            if sums and total and _is_sum(total, rest):
                for row in sums:
                    self.leave(row, PART)
                return
        numbered = sum(row.depth >= 1 for row in fields)
        for row in max(ways[:2], key=len):
            if row.label and row.depth < 0 and numbered * 2 > len(fields):
                row.kind = row.ask_kind("dòng cộng của một phần bảng", self.draft) or "row"

    def _check_groups(self) -> None:
        fields, groups = self.of("row"), self.of("group")
        for group in groups:
            members = [row for row in fields if row.group == str(group.line)]
            if _is_sum(group, members or [row for row in fields if row.line > group.line]):
                continue
            answer = group.ask_kind("dòng cộng của các dòng dưới", self.draft)
            if answer in ("row", "left_out"):
                group.kind = answer
        whole = [group for group in groups if group.kind == "group"]
        if len(whole) != 1 or self.of("total"):
            return
        only = whole[0]
        if all(row.group == str(only.line) for row in fields) and _is_sum(only, fields):
            only.kind = "total"  # I. UBND xã …: the whole commune under its name
            for row in fields:
                row.group = ""
            self.draft.tell(f"{only.name} bằng tổng mọi dòng: là dòng tổng cộng.")

    def _check_totals(self) -> None:
        """Doubt totals that no figures bear out; of several that of all rows stays."""
        fields, totals, groups = self.of("row"), self.of("total"), self.of("group")
        loose = [*groups, *(row for row in fields if not row.group)] if groups else fields
        for total in totals:
            tried = (agreement(total, parts) for parts in (fields, loose))
            held, failed, _speaking = min(tried, key=lambda result: result[1])
            is_grand = keys_of(without_brackets(total.label))[:2] in GRAND_TOTALS
            if failed >= 2 and failed > held and not is_grand:
                total.kind = total.ask_kind("dòng tổng", self.draft) or "total"
        for total in totals[:-1]:
            before = [row for row in fields if row.line < total.line]
            if total.numbers == totals[-1].numbers or _is_sum(total, before):
                self.leave(total, PART)
            else:
                answer = total.ask_kind("dòng tổng", self.draft)
                total.kind = "row" if answer == "row" else "left_out"

    def _check_unnamed(self) -> None:
        """A row that equals the sum of all others may be a total that nobody named."""
        fields = self.of("row")
        total = next(iter(self.of("total")), None)
        whole = {key: _total_of(fields, key) for row in fields for key in row.numbers}
        numbered = sum(row.depth >= 1 for row in fields)
        can_be_sum = len(fields) >= MIN_FIELDS and not (total and _is_sum(total, fields))
        for row in fields:
            # equal to the sum of all others: twice its figure is the sum of all
            tested = [(v, all_) for k, v in row.numbers.items() if (all_ := whole[k]) is not None]
            speaking = sum(value != 0 for value, _sum in tested)
            equals = speaking >= 1 and all(2 * value == sum_ for value, sum_ in tested)
            if not row.label and equals and speaking >= 2:
                row.kind = "total"
                words = "không tên bằng tổng các dòng khác: đọc là dòng tổng cộng."
                self.draft.tell(f"Dòng {row.line} {words}")
            elif not row.label:
                row.kind = "left_out"
                self.draft.complain(f"Dòng {row.line} có số liệu nhưng không có tên; đã bỏ qua.")
            elif equals and can_be_sum and not row.is_known:
                # of an own name: the total where all speaks for it, else it is asked
                values = {value for value in row.numbers.values() if value}
                is_odd = row.depth < 0 and numbered * 2 > len(fields)
                is_sure = is_odd and len(values) >= 3 and max(values) >= 20
                others = [other for other in fields if other is not row]
                answer = "total"
                if is_sure or (total and _is_sum(total, others)):
                    self.draft.tell(f"{row.name} bằng tổng các dòng khác: đọc là dòng tổng cộng.")
                else:
                    answer = row.ask_kind("dòng tổng", self.draft)
                if answer:
                    row.kind = "left_out" if answer == "total" and total else answer

    def _check_fixed(self) -> None:
        """Name the rows of a form that fixes them (đến, đi); others are told."""
        for row in self.rows:
            known = next((k for k in self.draft.form.known_rows if k.is_meant_by(row.label)), None)
            if known and row.kind == "row":
                row.label = known.label
            elif row.kind != "left_out":
                if row.numbers:
                    self.draft.complain(f"{row.name} không có trong biểu; đã bỏ qua.")
                row.kind = "left_out"

    def _check_twice(self) -> None:
        """Two rows of one name in one group: added up, or one of them."""
        seen: dict[tuple[str, str], SourceRow] = {}
        for row in self.of("row"):
            key = (row.slug, row.group)
            first = seen.setdefault(key, row)
            if first is row:
                continue
            lines = (first.line, row.line)
            answer = self.draft.ask(
                f"trung-{row.line}",
                "row-twice",
                f"«{row.label}» có hai dòng (dòng {first.line} và {row.line}): lấy thế nào?",
                (("cong", "Cộng lại"), *((str(line), f"Lấy dòng {line}") for line in lines)),
                row=row.line,
            )
            if answer == "cong":
                for quantity, value in row.numbers.items():
                    first.numbers[quantity] = first.numbers.get(quantity, Decimal(0)) + value
            if answer == str(row.line):
                first.kind, seen[key] = "left_out", row
            else:
                row.kind = "left_out"


def plain_label(label: str) -> str:
    """Return the name of a field without what sources put before it."""
    return _FOOTNOTE.sub("", _FIELD_PREFIX.sub("", label.strip(" +-–•"))).strip(" .:;*")


def match_known(label: str, line: int, draft: Draft) -> str:
    """Return the known name that ``label`` means, asked when it only resembles one."""
    plain = plain_label(label)
    by_slug = {slugify(name): name for name in draft.context.known}
    for wording in (plain, without_brackets(plain)):
        if slugify(wording) in by_slug:
            name = by_slug[slugify(wording)]
            if name != label:
                draft.tell(f"«{label}» là lĩnh vực «{name}» đã có.")
            return name
    words = set(slugify(plain).split("-"))
    parts = {name: set(slug.split("-")) for slug, name in by_slug.items()}
    near = [
        name
        for name, known_words in parts.items()
        if (known_words < words or words < known_words) and len(known_words & words) >= 2
    ]
    if not near:
        return plain if without_brackets(plain) else label
    name = max(near, key=lambda near_name: len(parts[near_name] & words))
    answer = draft.ask(
        f"ten-{line}",
        "known-field",
        f"«{label}» là «{name}» hay lĩnh vực mới?",
        (("cu", f"Là «{name}»"), ("moi", "Lĩnh vực mới")),
        row=line,
        lasting=f"ten:{slugify(plain)[:50]}={slugify(name)[:50]}",
    )
    return name if answer == "cu" else plain


def read_rows(body: Segment, binding: Binding, draft: Draft) -> None:
    """Take the rows of a table whose columns are bound."""
    table = draft.form.table
    rows = []
    for line in body.lines:
        filled = {k: c for c, k in binding.columns.items() if body.cell(line, c) is not None}
        reads = {key: body.read(table.quantity(key), line, c) for key, c in filled.items()}
        source = {key: body.text(line, c) for key, c in filled.items()}
        rows.append(SourceRow(line + 1, *body.name(line), reads, source))
    for line, how in body.misshapen():
        draft.complain(f"Dòng {line + 1} có {how} ô hơn tiêu đề; số có thể lệch cột, xin xem lại.")
    settle_choices({row.line: row.reads for row in rows}, draft)
    for row in rows:
        for key, read in row.reads.items():
            if isinstance(read.value, int | Decimal):
                row.numbers[key] = Decimal(read.value)
        if not row.numbers and binding.asked and body.has_figures(row.line - 1):
            row.numbers = {"": Decimal(1)}
    Outline(rows, draft).classify()
    for row in rows:
        _tell_empty(row, draft)
        row.numbers.pop("", None)
    if not draft.form.shape.has_labels:
        _choose_only(rows, draft)
    _take_rows(rows, draft)


def _tell_empty(row: SourceRow, draft: Draft) -> None:
    """Tell that a row has no figures; figures that stand within its name are a problem."""
    words = [] if row.numbers else row.label.split()
    if len(words) > 2 and all(map(looks_like_figure, words[-2:])):
        draft.complain(
            f"Dòng {row.line} «{row.label[:60]}»: số dính với tên, không tách được; hãy để mỗi "
            "số một ô."
        )
    elif words and row.kind == "left_out":
        draft.tell(f"Dòng {row.line} «{row.label[:60]}» không có số liệu; bỏ qua.")


def _choose_only(rows: Sequence[SourceRow], draft: Draft) -> None:
    """A form of one row takes the total of a longer table, or its only row."""
    totals = [row for row in rows if row.kind == "total"]
    fields = [row for row in rows if row.numbers and row.kind != "left_out"]
    chosen = totals[-1] if totals else fields[0] if len(fields) == 1 else None
    if chosen is None and fields:
        answer = draft.ask(
            "dong",
            "which-row",
            "Biểu này chỉ có một dòng số liệu, nguồn có nhiều dòng và không có dòng tổng. "
            "Lấy dòng nào?",
            [(str(row.line), f"Dòng {row.line} «{row.label}»") for row in fields],
        )
        chosen = next((row for row in fields if str(row.line) == answer), None)
    if chosen and totals and len(fields) > 1:
        draft.tell(f"Biểu này chỉ có một dòng: lấy dòng {chosen.line} «{chosen.label}».")
    for row in rows:
        row.kind = "row" if row is chosen else "left_out"


def _take_rows(rows: Sequence[SourceRow], draft: Draft) -> None:
    """Give every row its key, its name and the group it stands in."""
    form = draft.form
    built = {"": Row("", "")}  # by line
    taken: set[str] = set()
    for row in rows:
        cells, unread = dict[str, Value](), dict[str, str]()
        if row.kind not in ("left_out", "heading"):
            cells, unread = draft.keep(row.name, row.reads)
            for key, number in row.numbers.items():  # where two lines were added up, their sum
                is_count = form.table.quantity(key).kind is ValueKind.COUNT
                cells[key] = int(number) if is_count else number
        if row.kind == "row":
            is_named = form.shape.has_labels
            row.label = match_known(row.label, row.line, draft) if is_named else SINGLE_LABEL
        is_group = row.kind in ("group", "heading")
        key = free_key(row.ordinal, taken) if is_group else row_key(form, row.label, taken)
        above = built[""] if row.kind == "total" else built.get(row.group, built[""])
        one = Row(key, row.label, above.key, above.label, cells, unread=unread)
        if row.kind not in ("left_out", "total"):
            built[str(row.line)] = one
            taken.add(key)
        draft.add(one, row.line, row.source, "left_out" if row.kind == "heading" else row.kind)
