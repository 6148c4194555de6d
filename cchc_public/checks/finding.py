"""A finding: one thing that is wrong, doubtful or worth knowing in the figures, as a value."""

from __future__ import annotations

import hashlib
from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum

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
