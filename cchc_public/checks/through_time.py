"""Rules against the period before: what was pending is carried over, what was counted stays."""

from __future__ import annotations

from collections.abc import Iterator

from cchc_public.checks import rules
from cchc_public.checks.rules import EARLIER, Finding, column_label, number, place
from cchc_public.checks.within import COMPLETION, has_tasks, task_name
from cchc_public.tables.language import Quantity
from cchc_public.tables.rows import opening_figure
from cchc_public.tables.solved import SolvedRow, SolvedTable
from cchc_public.tables.solving import Origin
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import Number, format_percent
from cchc_public.vietnamese.text import fold

FEWEST = 30  # below so many a rate jumps by itself
LARGE_JUMP = 20  # points


def check_carried_over(solved: SolvedTable, last: SolvedTable) -> Iterator[Finding]:
    """Report figures that do not open with what the previous period closed with."""
    for quantity in (q for q in solved.form.table.quantities if q.carried_from):
        for row in solved.rows:
            yield from _check_opening(solved, last, quantity, row)
        for old in last.rows:
            expected = opening_figure(quantity, old.key, last, solved.sheet.data_from)
            if expected and solved.row(old.key) is None and not isinstance(expected, str):
                yield _rule_for(last, old.key, quantity).at(
                    solved.form.code,
                    f"{place(solved.form, old, quantity.key)}: {_before(solved, last)} "
                    f"{number(expected)} nhưng kỳ này không có dòng này.",
                    row=old.key,
                    column=quantity.key,
                    expected=number(expected),
                    advice="Hãy thêm dòng này, hoặc đính chính kỳ trước.",
                    other=EARLIER,
                )


def _check_opening(
    solved: SolvedTable, last: SolvedTable, quantity: Quantity, row: SolvedRow
) -> Iterator[Finding]:
    found = row.known(quantity.key)
    expected = opening_figure(quantity, row.key, last, solved.sheet.data_from)
    if found is None or expected is None or isinstance(expected, str) or found == expected:
        return
    yield _rule_for(last, row.key, quantity).at(
        solved.form.code,
        f"{place(solved.form, row, quantity.key)}: ghi {number(found)}, nhưng "
        f"{_before(solved, last)} {number(expected)}.",
        row=row.key,
        column=quantity.key,
        found=number(found),
        expected=number(expected),
        other=EARLIER,
    )


def _rule_for(last: SolvedTable, key: str, quantity: Quantity) -> rules.Rule:
    """An error where the period before gave its pending figure, else only a doubt."""
    row = last.row(key)
    is_sure = row is None or row.origin(quantity.carried_from) is not Origin.STAND_IN
    return rules.CARRIED_OVER if is_sure else rules.CARRIED_OVER_UNSURE


def _before(solved: SolvedTable, last: SolvedTable) -> str:
    """Say what the earlier figure is: 9 tháng after 6 tháng opens alike, it does not follow on."""
    start = solved.sheet.data_from
    if start is not None and last.sheet.data_from == start:
        return f"kỳ trước cũng tính từ ngày {format_date(start)} và ghi"
    return "kỳ trước kết thúc với"


def check_flows(solved: SolvedTable, last: SolvedTable) -> Iterator[Finding]:
    """Report cumulative figures that fall, and a table copied from the period before."""
    start = solved.sheet.data_from
    is_longer = start is not None and start == last.sheet.data_from
    cells = [
        (row, key, now, before)
        for row in solved.rows
        if (old := last.row(row.key)) is not None
        for key in solved.form.table.flows
        if row.origin(key) is Origin.GIVEN
        and (now := row.known(key)) is not None
        and (before := old.known(key)) is not None
    ]
    fallen = [cell for cell in cells if cell[2] < cell[3]]
    if is_longer and fallen:
        yield _fallen(solved, fallen)
    nonzero = [now for _row, _key, now, _before in cells if now]
    has_another_window = solved.sheet.data_to != last.sheet.data_to
    if len(nonzero) > 3 and has_another_window and all(c[2] == c[3] for c in cells):
        yield rules.COPIED_FIGURES.at(
            solved.form.code,
            f"{place(solved.form, None)}: {len(cells)} con số đều giống hệt kỳ trước.",
        )


def _fallen(solved: SolvedTable, fallen: list[tuple[SolvedRow, str, Number, Number]]) -> Finding:
    row, key, now, before = fallen[0]
    is_one = len(fallen) == 1
    listed = "; ".join(
        f"“{row.label}”, {column_label(solved.form, key)}: {number(before)} còn {number(now)}"
        for row, key, now, before in fallen
    )
    return rules.CUMULATIVE_FALLS.at(
        solved.form.code,
        f"{place(solved.form, None)}: số lũy kế thấp hơn kỳ trước ({listed}).",
        row=row.key if is_one else "",
        column=key if is_one else "",
        found=number(now) if is_one else "; ".join(number(cell[2]) for cell in fallen),
        expected=number(before) if is_one else "; ".join(number(cell[3]) for cell in fallen),
        other=EARLIER,
    )


def check_jumps(solved: SolvedTable, last: SolvedTable) -> Iterator[Finding]:
    """Tell of a rate over many cases that changes by more than half."""
    now, before = solved.whole, last.whole
    for ratio in solved.form.table.ratios if now and before else ():
        rates = [row.rate(ratio.rate) for row in (now, before) if row]
        if any(rate is None or (rate.denominator or 0) < FEWEST for rate in rates):
            continue
        percents = [rate.percent for rate in rates if rate and rate.percent is not None]
        if len(percents) < 2:
            continue
        change = abs(percents[0] - percents[1])
        if change > LARGE_JUMP and change * 2 > percents[1]:
            found, expected = (format_percent(one) for one in percents)
            yield rules.RATE_JUMPS.at(
                solved.form.code,
                f"{place(solved.form, None, ratio.rate)}: {found}, kỳ trước {expected}.",
                row=now.key if now else "",
                column=ratio.rate,
                found=found,
                expected=expected,
            )


def check_tasks_back(solved: SolvedTable, last: SolvedTable) -> Iterator[Finding]:
    """Report a task of the same year that stands lower than in the period before."""
    ends = [table.sheet.data_to for table in (solved, last)]
    if not has_tasks(solved) or not all(ends) or len({day.year for day in ends if day}) > 1:
        return
    for row in solved.rows:
        old = last.row(row.key)
        if old is None or fold(old.label) != fold(row.label):
            continue
        now, before = row.figure(COMPLETION), old.figure(COMPLETION)
        if now is not None and before is not None and now < before:
            yield rules.TASK_GOES_BACK.at(
                solved.form.code,
                f"{task_name(row)}: ghi {number(now)} %, kỳ trước đã ghi {number(before)} %.",
                row=row.key,
                column=COMPLETION,
                found=number(now),
                expected=number(before),
                other=EARLIER,
            )
