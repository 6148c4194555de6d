"""Rules on the task table: progress, completion, deliverable and target must not contradict."""

from __future__ import annotations

from collections.abc import Iterator

from cchc_public.checks import rules
from cchc_public.checks.finding import Finding
from cchc_public.checks.words import known, number
from cchc_public.statutory.evaluate import EvaluatedRow, EvaluatedTable
from cchc_public.vietnamese.fold import fold

CODE = "nhiem-vu"
COMPLETE = 100


def check_tasks(evaluated: EvaluatedTable) -> Iterator[Finding]:
    """Run every task rule on every task."""
    if evaluated.table.code != CODE:
        return
    for row in evaluated.rows:
        yield from _check_completion(row)
        yield from _check_in_progress(row)
        yield from _check_deliverable(row)
        yield from _check_target(row)


def count_complete(evaluated: EvaluatedTable) -> int:
    """Return how many tasks stand at 100 %."""
    return sum(known(row.values.get("completion")) == COMPLETE for row in evaluated.rows)


def _check_completion(row: EvaluatedRow) -> Iterator[Finding]:
    if known(row.values.get("completion")) is None:
        yield rules.COMPLETION_MISSING.at(
            CODE,
            f"{_task(row)}: chưa có tỷ lệ hoàn thành.",
            row=row.key,
            column="completion",
        )


def _check_in_progress(row: EvaluatedRow) -> Iterator[Finding]:
    completion = known(row.values.get("completion"))
    if completion == COMPLETE and _text(row, "progress").startswith("dang"):
        yield rules.IN_PROGRESS_COMPLETE.at(
            CODE,
            f"{_task(row)}: ghi “{row.values['progress']}” nhưng tỷ lệ hoàn thành 100 %.",
            row=row.key,
            column="completion",
            found=number(completion),
            expected="dưới 100",
        )


def _check_deliverable(row: EvaluatedRow) -> Iterator[Finding]:
    if _text(row, "progress").startswith("da ") and not _text(row, "deliverable"):
        yield rules.DONE_WITHOUT_DELIVERABLE.at(
            CODE,
            f"{_task(row)}: ghi “{row.values['progress']}” nhưng không nêu sản phẩm đầu ra.",
            row=row.key,
            column="deliverable",
        )


def _check_target(row: EvaluatedRow) -> Iterator[Finding]:
    if _text(row, "target") and not _text(row, "measured"):
        yield rules.TARGET_UNMEASURED.at(
            CODE,
            f"{_task(row)}: có chỉ tiêu phải đạt ({row.values['target']}) nhưng không có kết quả "
            "đo được.",
            row=row.key,
            column="measured",
        )


def _task(row: EvaluatedRow) -> str:
    return f"Nhiệm vụ {row.key} “{row.label}”"


def _text(row: EvaluatedRow, key: str) -> str:
    value = row.values.get(key)
    return fold(value) if isinstance(value, str) else ""
