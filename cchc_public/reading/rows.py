"""Tells rows from groups, totals, details, page sums and notes: by numbers, words and sums."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cchc_public.reading.heads import ORDINAL
from cchc_public.reading.questions import Notes
from cchc_public.reading.words import (
    is_page_sum,
    is_total_label,
    keys_of,
    marked_key,
    period_tag,
    without_brackets,
)
from cchc_public.vietnamese.text import slugify

_OPENING = re.compile(r"\s*([0-9]{1,3}(?:\.[0-9]{1,3}){0,3}|[IVXLC]{1,7}|[A-EĐ])[.)]\s+(?=\S)")
_ROMAN = re.compile(r"[IVXLC]+")
_FIELD_PREFIX = re.compile(r"^(?:lĩnh vực|các tthc lĩnh vực|nhóm tthc)\s+(?=\S)", re.IGNORECASE)
_SHARE = marked_key("tỷ lệ")
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
    numbers: dict[str, Decimal] = field(default_factory=dict)
    kind: str = ""
    group: str = ""  # line of the group or row it stands in

    @property
    def has_numbers(self) -> bool:
        """True when it says any figure."""
        return bool(self.numbers)

    @property
    def depth(self) -> int:
        """The level of its running number: I and A above 1 above 1.1; -1 without one."""
        if not self.ordinal:
            return -1
        if _ROMAN.fullmatch(self.ordinal) or (len(self.ordinal) == 1 and self.ordinal.isalpha()):
            return 0
        return 1 + self.ordinal.count(".")

    def ask_kind(self, what: str, notes: Notes) -> str:
        """Ask whether it is ``what`` or a field; return total, row, left_out or nothing yet."""
        return notes.put(
            f"dong-{self.line}",
            "row-kind",
            f"«{self.label or self.ordinal}» (dòng {self.line}): {what} hay một lĩnh vực?",
            (("total", "Dòng tổng"), ("row", "Một lĩnh vực"), ("left_out", "Bỏ qua")),
            place=f"Dòng {self.line}",
            row=self.line,
            lasting=f"dong:{slugify(self.label)[:80]}" if self.label else "",
        )


def split_ordinal(ordinal: str, label: str) -> tuple[str, str]:
    """Part a running number from the name when both stand in one cell: ``1. Hộ tịch``."""
    if ordinal and ORDINAL.fullmatch(ordinal.strip()):
        return ordinal.strip(" .)"), label
    found = _OPENING.match(label)
    if found and not ordinal:
        return found[1], label[found.end() :].strip()
    return "", label or ordinal


def classify(
    rows: list[SourceRow], known: Sequence[str], notes: Notes, *, has_fields: bool = True
) -> None:
    """Give every row its kind; doubts become questions where rows add up to a total."""
    main = min((row.depth for row in rows if row.has_numbers and row.depth > 0), default=1)
    for row in rows:
        if not row.has_numbers and row.label and row.depth == main:
            row.kind = "row"  # a field of which the source says nothing
        elif not row.has_numbers:
            row.kind = "heading" if row.label and 0 <= row.depth < 2 else "left_out"
        elif is_page_sum(row.label):
            row.kind = "left_out"
            notes.tell(f"Dòng {row.line} «{row.label}» là dòng cộng trang; không tính hai lần.")
        else:
            row.kind = "total" if is_total_label(row.label) else "row"
    if has_fields:
        _outline(rows)
        _check_strangers(rows, known, notes)
        _check_parts(rows, notes)
        _check_groups(rows, notes)
        _check_totals(rows, notes)
        _check_unnamed(rows, known, notes)
        _check_twice(rows, notes)


def _outline(rows: list[SourceRow]) -> None:
    """Rows numbered deeper than others stand in them; a group closes where the next one opens."""
    levels = sorted({row.depth for row in rows if row.kind == "row" and row.depth >= 0})
    if len(levels) < 2 and not any(row.kind == "heading" and row.depth == 0 for row in rows):
        return
    main = 1 if 1 in levels else levels[0] if levels else 0
    group = field_ = ""
    for row in rows:
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


def _check_strangers(rows: list[SourceRow], known: Sequence[str], notes: Notes) -> None:
    """Shares, figures of other periods and what stands below the grand total are no fields."""
    slugs = {slugify(name) for name in known}
    fields = [row for row in rows if row.kind == "row" and row.label]
    fields = [row for row in fields if slugify(plain_label(row.label)) not in slugs]
    total = next((row for row in reversed(rows) if row.kind == "total"), None)
    before = [row for row in rows if row.kind == "row" and total and row.line < total.line]
    is_closed = total is not None and _is_sum(total, before)
    timed = [row for row in fields if period_tag(row.label) not in ("", "kế hoạch")]
    periods = timed if len(timed) * 2 >= len(fields) else []
    if periods and not _names_fields(periods, notes):
        for row in periods:
            row.kind = "left_out"
        fields = [row for row in fields if row not in periods]
    for row in fields:
        if "%" in row.label or marked_key(row.label).startswith(_SHARE):
            row.kind = "left_out"
            notes.tell(f"Dòng {row.line} «{row.label}» là tỷ lệ, không phải lĩnh vực; không đọc.")
        elif row in timed and not periods:
            row.kind = row.ask_kind("số của kỳ khác", notes) or "left_out"
        elif is_closed and total and row.line > total.line:
            row.kind = row.ask_kind("dòng ghi thêm dưới dòng tổng", notes) or "left_out"


def _names_fields(periods: Sequence[SourceRow], notes: Notes) -> bool:
    """Rows that are mostly months or quarters are no fields, whatever their head says: asked."""
    first = ", ".join(f"«{row.label[:40]}»" for row in periods[:3])
    answer = notes.put(
        "ten-dong",
        "row-names",
        f"Các dòng {first}{' …' * (len(periods) > 3)} có phải là tên các dòng của biểu không?",
        (("dung", "Phải"), ("khong", "Không phải: không đọc các dòng này")),
        place=f"Dòng {periods[0].line}",
        row=periods[0].line,
        lasting="ten-dong",
    )
    return answer != "khong"


def _sums_of_neighbors(fields: Sequence[SourceRow], least: int) -> list[SourceRow]:
    """Return the rows that add up all rows since the one before that does."""
    found: list[SourceRow] = []
    start = 0
    for index, row in enumerate(fields):
        if index - start >= least and _is_sum(row, fields[start:index]):
            found.append(row)
            start = index + 1
    return found


def _check_parts(rows: list[SourceRow], notes: Notes) -> None:
    """Sums of a part that have names of their own are no fields.

    That is told where the grand total holds without them alone, asked where nothing proves it.
    """
    fields = [row for row in rows if row.kind == "row"]
    total = next((row for row in rows if row.kind == "total"), None)
    if any(row.kind == "group" for row in rows) or (total and _is_sum(total, fields)):
        return
    ways = [_sums_of_neighbors(order, n) for n in (2, 1) for order in (fields, fields[::-1])]
    for sums in ways:
        rest = [row for row in fields if row not in sums]
        if sums and total and _is_sum(total, rest):
            for row in sums:
                row.kind = "left_out"
                notes.tell(f"Dòng {row.line} «{row.label}» là tổng của một phần bảng; bỏ qua.")
            return
    numbered = sum(row.depth >= 1 for row in fields)
    for row in max(ways[:2], key=len):
        if row.label and row.depth < 0 and numbered * 2 > len(fields):
            row.kind = row.ask_kind("dòng cộng của một phần bảng", notes) or "row"


def _check_groups(rows: list[SourceRow], notes: Notes) -> None:
    groups = [row for row in rows if row.kind == "group"]
    fields = [row for row in rows if row.kind == "row"]
    for group in groups:
        members = [row for row in fields if row.group == str(group.line)]
        if _is_sum(group, members or [row for row in fields if row.line > group.line]):
            continue
        answer = group.ask_kind("dòng cộng của các dòng dưới", notes)
        if answer in ("row", "left_out"):
            group.kind = answer
    whole = [group for group in groups if group.kind == "group"]
    if len(whole) != 1 or any(row.kind == "total" for row in rows):
        return
    only = whole[0]
    if all(row.group == str(only.line) for row in fields) and _is_sum(only, fields):
        only.kind = "total"  # I. UBND xã …: the whole commune under its name
        for row in fields:
            row.group = ""
        notes.tell(f"Dòng {only.line} «{only.label}» bằng tổng mọi dòng: là dòng tổng cộng.")


def _check_totals(rows: list[SourceRow], notes: Notes) -> None:
    """Doubt totals that no figures bear out; of several that of all rows stays, parts are told."""
    fields = [row for row in rows if row.kind == "row"]
    totals = [row for row in rows if row.kind == "total"]
    groups = [row for row in rows if row.kind == "group"]
    loose = [*groups, *(row for row in fields if not row.group)] if groups else fields
    for total in totals:
        tried = (agreement(total, parts) for parts in (fields, loose))
        held, failed, _speaking = min(tried, key=lambda result: result[1])
        is_grand = keys_of(without_brackets(total.label))[:2] in GRAND_TOTALS
        if failed >= 2 and failed > held and not is_grand:
            total.kind = total.ask_kind("dòng tổng", notes) or "total"
    for total in totals[:-1]:
        before = [row for row in fields if row.line < total.line]
        if total.numbers == totals[-1].numbers or _is_sum(total, before):
            total.kind = "left_out"
            notes.tell(f"Dòng {total.line} «{total.label}» là tổng của một phần bảng; bỏ qua.")
        else:
            answer = total.ask_kind("dòng tổng", notes)
            total.kind = "row" if answer == "row" else "left_out"


def _check_unnamed(rows: list[SourceRow], known: Sequence[str], notes: Notes) -> None:
    """A row that equals the sum of all others may be a total that nobody named."""
    fields = [row for row in rows if row.kind == "row"]
    total = next((row for row in rows if row.kind == "total"), None)
    whole = {key: _total_of(fields, key) for row in fields for key in row.numbers}
    can_be_sum = len(fields) >= MIN_FIELDS and not (total and _is_sum(total, fields))
    slugs = {slugify(name) for name in known}
    for row in fields:
        # equal to the sum of all others: twice its figure is the sum of all
        tested = [(v, sum_) for key, v in row.numbers.items() if (sum_ := whole[key]) is not None]
        speaking = sum(value != 0 for value, _sum in tested)
        equals = speaking >= 1 and all(2 * value == sum_ for value, sum_ in tested)
        if not row.label and equals and speaking >= 2:
            row.kind = "total"
            notes.tell(f"Dòng {row.line} không tên bằng tổng các dòng khác: đọc là dòng tổng cộng.")
        elif not row.label:
            row.kind = "left_out"
            notes.complain(f"Dòng {row.line} có số liệu nhưng không có tên; đã bỏ qua.")
        elif equals and can_be_sum and slugify(plain_label(row.label)) not in slugs:
            _take_sum(row, fields, total, notes)


def _take_sum(
    row: SourceRow, fields: Sequence[SourceRow], total: SourceRow | None, notes: Notes
) -> None:
    """Take a row of an own name for the total where all speaks for it, else ask."""
    values = {value for value in row.numbers.values() if value}
    is_odd = row.depth < 0 and sum(other.depth >= 1 for other in fields) * 2 > len(fields)
    is_sure = is_odd and len(values) >= 3 and max(values) >= 20
    answer = "total"
    if is_sure or (total and _is_sum(total, [other for other in fields if other is not row])):
        notes.tell(f"Dòng {row.line} «{row.label}» bằng tổng các dòng khác: đọc là dòng tổng cộng.")
    else:
        answer = row.ask_kind("dòng tổng", notes)
    if answer:
        row.kind = "left_out" if answer == "total" and total else answer


def _check_twice(rows: list[SourceRow], notes: Notes) -> None:
    seen: dict[tuple[str, str], SourceRow] = {}
    for row in rows:
        if row.kind != "row":
            continue
        key = (slugify(plain_label(row.label)), row.group)
        first = seen.setdefault(key, row)
        if first is row:
            continue
        answer = notes.put(
            f"trung-{row.line}",
            "row-twice",
            f"«{row.label}» có hai dòng (dòng {first.line} và {row.line}): lấy thế nào?",
            (
                ("cong", "Cộng lại"),
                (str(first.line), f"Lấy dòng {first.line}"),
                (str(row.line), f"Lấy dòng {row.line}"),
            ),
            place=f"Dòng {row.line}",
            row=row.line,
        )
        if answer == "cong":
            for quantity, value in row.numbers.items():
                first.numbers[quantity] = first.numbers.get(quantity, Decimal(0)) + value
            row.kind = "left_out"
        elif answer == str(row.line):
            first.kind, seen[key] = "left_out", row
        else:
            row.kind = "left_out"


def plain_label(label: str) -> str:
    """Return the name of a field without what sources put before it."""
    return _FIELD_PREFIX.sub("", label.strip()).strip(" .:;*")


def match_known(label: str, known: Sequence[str], line: int, notes: Notes) -> str:
    """Return the known name that ``label`` means, asked when it only resembles one."""
    plain = plain_label(label)
    by_slug = {slugify(name): name for name in known}
    for wording in (plain, without_brackets(plain)):
        if slugify(wording) in by_slug:
            name = by_slug[slugify(wording)]
            if name != label:
                notes.tell(f"«{label}» là lĩnh vực «{name}» đã có.")
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
    answer = notes.put(
        f"ten-{line}",
        "known-field",
        f"«{label}» là «{name}» hay lĩnh vực mới?",
        (("cu", f"Là «{name}»"), ("moi", "Lĩnh vực mới")),
        place=f"Dòng {line}",
        row=line,
        lasting=f"ten:{slugify(plain)[:50]}={slugify(name)[:50]}",
    )
    return name if answer == "cu" else plain
