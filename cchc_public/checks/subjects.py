"""Rules on what single tables mean: dossiers pending, signatures, slips, procedures posted."""

from __future__ import annotations

from collections.abc import Iterator

from cchc_public.checks import rules
from cchc_public.checks.finding import Finding
from cchc_public.checks.words import add_columns, column_label, gap, known, number, place
from cchc_public.statutory.evaluate import EvaluatedRow, EvaluatedTable
from cchc_public.vietnamese.numbers import Number

# (table, part, whole): a subgroup and the group that holds it, where no rate says so already
PARTS: tuple[tuple[str, str, str], ...] = (
    ("so-hoa", "fully_digitized", "digitized_any"),
    ("dich-vu-cong", "with_dossiers_l3", "services_l3"),
    ("dich-vu-cong", "with_dossiers_l4", "services_l4"),
    ("dich-vu-cong", "with_online_l3", "with_dossiers_l3"),
    ("dich-vu-cong", "with_online_l4", "with_dossiers_l4"),
    ("dich-vu-cong", "with_online_full", "services_full"),
    ("dich-vu-cong", "with_online_partial", "services_partial"),
)
SPLIT = ("pending_in_time", "pending_overdue")
LEVELS = ("very_satisfied", "satisfied", "dissatisfied")


def check_parts(evaluated: EvaluatedTable) -> Iterator[Finding]:
    """Report a subgroup larger than the group that holds it."""
    table = evaluated.table
    keys = {column.key for column in table.columns}
    for code, part_key, whole_key in PARTS:
        if code != table.code or not {part_key, whole_key} <= keys:
            continue
        for row in evaluated.rows:
            part, whole = known(row.values[part_key]), known(row.values[whole_key])
            if part is not None and whole is not None and part > whole:
                yield _part_over(evaluated, row, (part_key, part), (whole_key, whole))


def check_pending_split(evaluated: EvaluatedTable) -> Iterator[Finding]:
    """Report (12) + (13) that is not (11)."""
    if evaluated.table.code != "ho-so":
        return
    for row in evaluated.rows:
        pending = known(row.values.get("pending"))
        split = add_columns(row.values, SPLIT)
        # a negative pending figure is reported as such
        if pending is None or split is None or pending < 0 or split == pending:
            continue
        yield rules.PENDING_SPLIT.at(
            "ho-so",
            f"{place(evaluated.table, row)}: trong hạn cộng quá hạn là {number(split)}, nhưng đang "
            f"giải quyết (tiếp nhận trừ đã giải quyết) là {number(pending)}.",
            row=row.key,
            column="pending_in_time",
            found=number(split),
            expected=number(pending),
        )


def check_pending_unsaid(evaluated: EvaluatedTable) -> Iterator[Finding]:
    """Tell how many dossiers are pending when the source prints nothing in columns 11–13."""
    if evaluated.table.code != "ho-so" or _says_pending(evaluated):
        return
    pending = [(known(row.values.get("pending")), row) for row in evaluated.rows]
    amounts = [(value, row) for value, row in pending if value is not None and value > 0]
    if not amounts:
        return
    total = sum(value for value, _ in amounts)
    largest, row = max(amounts, key=lambda pair: pair[0])
    yield rules.PENDING_NOT_SPLIT.at(
        "ho-so",
        f"{place(evaluated.table, None)}: còn {number(total)} hồ sơ đang giải quyết (tiếp nhận trừ "
        f"đã giải quyết), nhiều nhất là {row.label} với {number(largest)}. Cột 11–13 chưa có nên "
        "chưa biết bao nhiêu hồ sơ quá hạn.",
        column="pending",
        found=number(total),
    )


def check_signed_split(evaluated: EvaluatedTable) -> Iterator[Finding]:
    """Report signed + unsigned that is not the total number of documents."""
    if evaluated.table.code != "van-ban":
        return
    for row in evaluated.rows:
        signed = known(row.values.get("signed_within"))
        unsigned = known(row.values.get("unsigned_within"))
        total = known(row.values.get("total"))
        if signed is None or unsigned is None or total is None:
            continue
        if signed + unsigned != total:
            yield _signed_differs(evaluated, row, (signed, unsigned), total)


def check_posted(evaluated: EvaluatedTable) -> Iterator[Finding]:
    """Report more procedures posted than were promulgated."""
    if evaluated.table.code != "so-luong-thu-tuc":
        return
    posted, promulgated = evaluated.figure("posted"), evaluated.figure("promulgated")
    if posted is None or promulgated is None or posted <= promulgated:
        return
    yield rules.POSTED_OVER_PROMULGATED.at(
        evaluated.table.code,
        f"{place(evaluated.table, None, 'posted')}: ghi {number(posted)} thủ tục được công khai, "
        f"nhưng chỉ có {number(promulgated)} thủ tục được công bố (nhiều hơn "
        f"{number(posted - promulgated)}).",
        row=evaluated.rows[0].key,
        column="posted",
        found=number(posted),
        expected=number(promulgated),
    )


def check_slips_split(evaluated: EvaluatedTable) -> Iterator[Finding]:
    """Report a number of slips that is not the sum of the three levels."""
    if evaluated.table.code != "hai-long":
        return
    for row in evaluated.rows:
        slips, levels = known(row.values.get("slips")), add_columns(row.values, LEVELS)
        if slips is None or levels is None or slips == levels:
            continue
        yield rules.SLIPS_SPLIT.at(
            "hai-long",
            f"{place(evaluated.table, row, 'slips')}: ghi {number(slips)} phiếu, nhưng ba mức độ "
            f"cộng lại là {number(levels)}.",
            row=row.key,
            column="slips",
            found=number(slips),
            expected=number(levels),
        )


def _part_over(
    evaluated: EvaluatedTable,
    row: EvaluatedRow,
    part: tuple[str, Number],
    whole: tuple[str, Number],
) -> Finding:
    table = evaluated.table
    return rules.PART_OVER_WHOLE.at(
        table.code,
        f"{place(table, row, part[0])}: ghi {number(part[1])}, lớn hơn "
        f"{column_label(table, whole[0])} là {number(whole[1])}.",
        row=row.key,
        column=part[0],
        found=number(part[1]),
        expected=number(whole[1]),
    )


def _says_pending(evaluated: EvaluatedTable) -> bool:
    """Tell whether any of the columns 11–13 was filled or printed in the source."""
    keys = ("pending", *SPLIT)
    if any(key in evaluated.sheet.stated_total for key in keys):
        return True
    return any(
        known(row.values.get(key)) is not None if key in SPLIT else key in row.stated
        for row in evaluated.rows
        for key in keys
    )


def _signed_differs(
    evaluated: EvaluatedTable, row: EvaluatedRow, parts: tuple[Number, Number], total: Number
) -> Finding:
    signed, unsigned = parts
    return rules.SIGNED_SPLIT.at(
        "van-ban",
        f"{place(evaluated.table, row)}: có ký số {number(signed)} + không ký số "
        f"{number(unsigned)} = {number(signed + unsigned)}, khác tổng số {number(total)} (chênh "
        f"{gap(total, signed + unsigned)}).",
        row=row.key,
        column="signed_within",
        found=number(signed + unsigned),
        expected=number(total),
    )
