"""Rules on the task table: progress, completion, deliverable and target must not contradict."""

from __future__ import annotations

from collections.abc import Iterator

from cchc_public.checks import rules
from cchc_public.checks.rules import Finding
from cchc_public.tables.solved import SolvedRow, SolvedTable
from cchc_public.vietnamese.text import fold

COMPLETION = "completion"
COMPLETE = 100


def has_tasks(solved: SolvedTable) -> bool:
    """Tell whether the rows of a table are tasks."""
    return COMPLETION in solved.form.table.by_key


def count_complete(solved: SolvedTable) -> int:
    """Return how many tasks stand at 100 %."""
    return sum(row.figure(COMPLETION) == COMPLETE for row in solved.rows)


def task_name(row: SolvedRow) -> str:
    """Name a task by its number and words."""
    return f"Nhiệm vụ {row.key} “{row.label}”"


def check_tasks(solved: SolvedTable) -> Iterator[Finding]:
    """Run every task rule on every task."""
    for row in solved.rows if has_tasks(solved) else ():
        yield from _check_task(solved.form.code, row)


def _check_task(code: str, row: SolvedRow) -> Iterator[Finding]:
    completion, progress = row.figure(COMPLETION), fold(row.text("progress"))
    said = f"{task_name(row)}: ghi “{row.text('progress')}” nhưng"
    if completion is None:
        yield rules.COMPLETION_MISSING.at(
            code, f"{task_name(row)}: chưa có tỷ lệ hoàn thành.", row=row.key, column=COMPLETION
        )
    if completion == COMPLETE and progress.startswith("dang"):
        yield rules.IN_PROGRESS_COMPLETE.at(
            code,
            f"{said} tỷ lệ hoàn thành 100 %.",
            row=row.key,
            column=COMPLETION,
            found=str(COMPLETE),
            expected="dưới 100",
        )
    if progress.startswith("da ") and not row.text("deliverable"):
        yield rules.DONE_WITHOUT_DELIVERABLE.at(
            code, f"{said} không nêu sản phẩm đầu ra.", row=row.key, column="deliverable"
        )
    if row.text("target") and not row.text("measured"):
        yield rules.TARGET_UNMEASURED.at(
            code,
            f"{task_name(row)}: có chỉ tiêu phải đạt ({row.text('target')}) nhưng không có kết quả "
            "đo được.",
            row=row.key,
            column="measured",
        )
