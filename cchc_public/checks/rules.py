"""Every rule by its stable code, its findings, and the words that name cells in them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from cchc_public.tables.language import Form
from cchc_public.tables.sheet import SolvedRow, SolvedTable
from cchc_public.vietnamese.numbers import Number, format_number

EARLIER = "ky-truoc"  # the period before


class Severity(StrEnum):
    """ERROR blocks publication (a contradiction of the source may stand with a reason); WARNING
    needs a published reason; INFO is only told."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """The place in every list: what is worst comes first."""
        return list(Severity).index(self)


@dataclass(frozen=True)
class Finding:
    """One result of one rule.

    ``rule`` is a stable code; ``table`` the table's slug ("" = the whole report); ``row`` and
    ``column`` are keys ("" = the whole table or row; ``data_from`` as column = the data window).
    ``message`` is the Vietnamese sentence: what, where, how to mend; it ends with ``advice``, the
    part only staff need. ``found`` and ``expected`` are the two numbers, already written the
    Vietnamese way ("" when the rule compares nothing).
    """

    severity: Severity
    rule: str
    message: str
    table: str = ""
    row: str = ""
    column: str = ""
    found: str = ""
    expected: str = ""
    advice: str = ""
    takes_reason: bool = False  # it may stand when staff say why
    other: str = ""  # where else it may be mended: a table of this report, or ``EARLIER``

    @property
    def statement(self) -> str:
        """The message without the advice: what citizens read beside the figure."""
        return self.message.removesuffix(self.advice).rstrip()

    def blocks(self, reasons: Container[str]) -> bool:
        """Tell whether this forbids publishing, when ``reasons`` (finding keys) are given."""
        if self.takes_reason:
            return self.key not in reasons
        return self.severity is Severity.ERROR

    @property
    def key(self) -> str:
        """Identity under which a reason is kept; changes when the numbers change, so a reason
        given for other figures never silently covers new ones."""
        parts = (self.rule, self.table, self.row, self.column, self.found, self.expected)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def number(value: Number) -> str:
    """Write a figure without decimals that say nothing: ``60``, not ``60.00``."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return format_number(int(value))
    return format_number(value)


def fraction(numerator: Number, denominator: Number) -> str:
    """Write ``319/379``."""
    return f"{number(numerator)}/{number(denominator)}"


def gap(one: Number, other: Number) -> str:
    """Write how far apart two figures are."""
    return number(one - other if one >= other else other - one)


def column_label(form: Form, *keys: str) -> str:
    """Name columns as printed: ``“Trước hạn” + “Đúng hạn”``."""
    return " + ".join(f"“{form.column(key).label}”" for key in keys)


def place(form: Form, row: SolvedRow | None, *keys: str) -> str:
    """Name a cell: ``Biểu “…”, dòng “…”, cột “…”``; the row is left out where there is only one."""
    words = [f"Biểu “{form.short_title}”"]
    if row is not None and form.shape.has_labels:
        words.append(f"dòng “{row.label}”")
    if keys:
        words.append(f"cột {column_label(form, *keys)}")
    return ", ".join(words)


ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


@dataclass(frozen=True)
class Rule:
    """One rule; ``code`` never changes and is never used again for another rule."""

    code: str
    severity: Severity
    advice: str  # how to mend, or what reason to give
    takes_reason: bool = False  # an error that may stand when staff say why

    def on(
        self,
        solved: SolvedTable,
        row: SolvedRow | None,
        key: str,
        words: str,
        *figures: Number | str,
        where: str = "",
        **more: str,
    ) -> Finding:
        """Return a finding at one cell, or (no row) of the whole table.

        Its statement begins with ``where``, else the name of the cell; ``figures`` are what was
        found and what was expected; ``more`` is for ``at``.
        """
        where = where or place(solved.form, row, *([key] if row and key else []))
        said = [figure if isinstance(figure, str) else number(figure) for figure in figures]
        found, expected = (*said, "", "")[:2]
        at = {"row": row.key if row else "", "column": key, "found": found, "expected": expected}
        return self.at(solved.form.code, f"{where}: {words}", **at, **more)

    def at(self, table: str, statement: str, *, advice: str = "", **at: str) -> Finding:
        """Return a finding of this rule; ``at`` says where, as its fields do.

        ``advice`` replaces the rule's own.
        """
        advice = advice or self.advice
        takes_reason = self.takes_reason or self.severity is WARNING
        message = f"{statement} {advice}"
        return Finding(
            self.severity, self.code, message, table, advice=advice, takes_reason=takes_reason, **at
        )


Check = TypeVar("Check", bound=Callable[..., Iterable[Finding]])


class Checks(list[Check]):
    """The functions that look for one kind of finding, in the order in which they stand."""

    def add(self, check: Check) -> Check:
        """Note a function; it stands as a decorator above it."""
        self.append(check)
        return check


# What each rule asks of staff; why it exists says the check that yields it. A code never changes.
# fmt: off
RULES = {rule.code: rule for rule in (
    # within one sheet
    Rule("unreadable-cell", ERROR, "Hãy gõ lại con số, hoặc để trống nếu chưa có số liệu."),
    Rule("duplicate-row", ERROR, "Hãy gộp hai dòng hoặc xóa một dòng."),
    Rule("negative-count", ERROR, "Hãy sửa lại số này."),
    Rule("percent-range", ERROR, "Hãy sửa lại số này."),
    Rule("over-most", ERROR, "Hãy xem lại điểm trên Cổng."),
    Rule("negative-difference", ERROR,
        "Hãy sửa số sai, hoặc nêu lý do nguồn ghi như vậy.", takes_reason=True),
    Rule("numerator-over-denominator", ERROR, "Hãy kiểm tra hai số này."),
    Rule("indicator-over-whole", WARNING,
        "Hãy kiểm tra hai số này, hoặc nêu lý do (ví dụ vượt kế hoạch)."),
    Rule("part-over-whole", ERROR, "Hãy kiểm tra hai số này."),
    Rule("pending-not-split", INFO, "Hãy bổ sung các cột đang giải quyết nếu có số liệu."),
    Rule("balance", WARNING,
        "Hãy bổ sung số hồ sơ trả lại, xin rút, chờ bổ sung, hoặc nêu lý do chênh lệch."),
    # what a source printed
    Rule("stated-total", ERROR,
        "Hãy sửa số sai, hoặc nêu lý do nguồn ghi như vậy.", takes_reason=True),
    Rule("stated-rate", WARNING, "Hãy kiểm tra tử số, mẫu số, hoặc sửa tỷ lệ theo nguồn."),
    Rule("stated-rate-cut", INFO, "Nên làm tròn tỷ lệ theo cách thông thường."),
    # data windows
    Rule("period-order", ERROR, "Hãy kiểm tra lại năm của ngày đầu."),
    Rule("window-outside-period", WARNING, "Hãy kiểm tra năm và tháng."),
    Rule("window-in-future", ERROR, "Hãy kiểm tra lại ngày cuối lấy số liệu."),
    # sense of single tables
    Rule("signed-split", WARNING,
        "Nếu chênh lệch là văn bản ngoài tỉnh, hãy nêu rõ; nếu không, hãy kiểm tra lại ba số."),
    Rule("posted-over-promulgated", WARNING, "Hãy kiểm tra lại số công khai."),
    Rule("satisfaction-without-slips", WARNING,
        "Hãy bổ sung số phiếu theo từng mức độ, hoặc nêu lý do không có."),
    Rule("survey-coverage", WARNING, "Hãy kiểm tra số phiếu, hoặc nêu lý do chưa đạt."),
    # tasks
    Rule("completion-missing", WARNING, "Hãy ghi tỷ lệ (kể cả 0 %), hoặc nêu lý do chưa đánh giá."),
    Rule("in-progress-complete", WARNING,
        "Hãy sửa một trong hai, hoặc nêu lý do (ví dụ nhiệm vụ thường xuyên)."),
    Rule("done-without-deliverable", WARNING, "Hãy ghi tên văn bản hoặc sản phẩm."),
    Rule("target-unmeasured", WARNING, "Hãy ghi kết quả, hoặc nêu lý do chưa đo."),
    Rule("task-claim", WARNING, "Hãy sửa con số, hoặc nêu cách đếm."),
    # across tables
    Rule("received-agrees", WARNING,
        "Hãy kiểm tra hai biểu, hoặc nêu lý do khác nhau (ví dụ hồ sơ ngoài hệ thống)."),
    Rule("resolved-agrees", WARNING, "Hãy kiểm tra hai biểu, hoặc nêu lý do khác nhau."),
    Rule("online-agrees", WARNING, "Hãy kiểm tra hai biểu, hoặc nêu lý do khác nhau."),
    Rule("services-over-procedures", WARNING, "Hãy kiểm tra hai số này."),
    Rule("overdue-without-apology", WARNING,
        "Hãy ghi số văn bản xin lỗi ở biểu “Chỉ tiêu khác”, hoặc nêu lý do."),
    # against the previous period
    Rule("carried-over", ERROR, "Hãy sửa lại, hoặc đính chính kỳ trước."),
    Rule("carried-over-unsure", WARNING,
        "Hãy kiểm tra, hoặc nêu lý do (ví dụ hồ sơ trả lại, xin rút)."),
    Rule("cumulative-falls", WARNING, "Hãy kiểm tra số kỳ này và kỳ trước, hoặc nêu lý do."),
    Rule("rate-jumps", INFO, "Hãy kiểm tra tử số và mẫu số."),
    Rule("task-goes-back", WARNING, "Hãy kiểm tra tỷ lệ, hoặc nêu lý do."),
    Rule("copied-figures", INFO, "Hãy kiểm tra đã nhập số liệu của kỳ này chưa."),
    # against the procedure list; told in the office only, for the list is of today
    Rule("procedure-count", INFO,
        "Danh mục thay đổi theo thời gian; nếu cùng thời điểm thì hãy sửa số liệu hoặc danh mục."),
)}
# fmt: on
