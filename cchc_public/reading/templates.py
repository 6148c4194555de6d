"""Our own blank workbook, filled and handed in: its hidden marks say what each cell holds.

A hidden line below each head names the columns, a hidden column names the rows, and a digest of the
head tells whether its words still stand. Where they do not, the table is read like any other.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from cchc_public.errors import NotFound
from cchc_public.files.grid import Cell, Document, Grid, cell_text
from cchc_public.reading.columns import settle_choices
from cchc_public.reading.questions import Draft, Reading, refused
from cchc_public.reading.words import as_number, read_cell
from cchc_public.tables.language import Form
from cchc_public.tables.registry import SINGLE_LABEL, get_form, row_key, task_key
from cchc_public.tables.sheet import LABEL, ORDINAL, Row
from cchc_public.vietnamese.dates import parse_period
from cchc_public.vietnamese.text import search_key

MARK = "cchc-bieu/1"
RELEASE_MARK = "Mã SHA-256"  # what names the digest on the notes of a published workbook
_KINDS = {"r": "row", "g": "group", "d": "detail", "t": "total"}  # by the letter of a mark
_DEEPEST = 60  # lines above a head: more are not ours
Numbers = Mapping[int, Mapping[str, Decimal | None]]  # by line and quantity
_SECTION = re.compile(r"[IVXLC]{1,7}|[A-Z]")


def head_digest(rows: Sequence[Sequence[Cell]]) -> str:
    """Return the digest of a head's words in their order, whatever columns stand between."""
    words = [text for row in rows for cell in row if (text := cell_text(cell))]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def write_mark(form: Form, period: str, head: Sequence[Sequence[Cell]]) -> str:
    """Return what the corner of a blank table holds."""
    return "|".join((MARK, form.code, form.edition, period, str(len(head)), head_digest(head)))


def write_row_mark(level: str, key: str, label: str, stated: Sequence[str] = ()) -> str:
    """Return what names a row; ``stated`` are sums that stand as figures, not as formulas."""
    return json.dumps([level, key, label, list(stated)], ensure_ascii=False)


@dataclass(frozen=True)
class Template:
    """A blank table as it came back: where it lies and what its marks say."""

    grid: Grid
    place: int
    line: int
    corner: int  # the column of row marks
    form: Form
    period: str
    head: int
    digest: str

    @cached_property
    def columns(self) -> dict[int, str]:
        """What each column holds: a quantity, the label, the running number."""
        known = {*self.form.table.by_key, LABEL, ORDINAL}
        cells = enumerate(self.grid.rows[self.line])
        return {c: cell for c, cell in cells if isinstance(cell, str) and cell in known}

    @cached_property
    def quantities(self) -> dict[int, str]:
        """The columns of figures and words."""
        return {c: key for c, key in self.columns.items() if key not in (LABEL, ORDINAL)}

    def word(self, cells: Sequence[Cell], name: str) -> str:
        """Return what a row says in its label or number column, empty where there is none."""
        column = next((c for c, key in self.columns.items() if key == name), None)
        return "" if column is None else cell_text(cells[column])

    def mark(self, line: int) -> tuple[str, str, str, Sequence[str]]:
        """Return level, key, label and stated sums of a row; nothing for one that is not ours."""
        try:
            level, key, label, stated = json.loads(str(self.grid.rows[line - 1][self.corner]))
            if level in (*_KINDS, "s") and 0 < len(key) <= 200 and isinstance(stated, list):
                return level, str(key), str(label), stated
        except (ValueError, TypeError, RecursionError):
            pass
        return "", "", "", ()

    def computes(self, line: int, key: str) -> bool:
        """Tell whether the blank held a formula in a cell."""
        level, _key, _label, stated = self.mark(line)
        return key not in stated and (level == "t" or self.form.column(key).formula is not None)

    def is_echo(self, line: int, key: str, numbers: Numbers) -> bool:
        """Tell whether a cell only repeats what its own formula gives: it says nothing then."""
        here, formula = numbers[line], self.form.column(key).formula
        said = here[key]
        if not self.computes(line, key) or said is None:
            return False
        others = (cells.get(key) or 0 for other, cells in numbers.items() if other != line)
        if self.mark(line)[0] == "t" and said == sum(others):
            return True
        result = formula.result(here) if formula else None
        return result is not None and abs(result - said) < Decimal("0.006")

    @property
    def plain(self) -> Grid:
        """The grid without its marks, to be read like any other."""
        rows = [
            tuple(None if at == self.corner else cell for at, cell in enumerate(row))
            for row in self.grid.rows
        ]
        rows[self.line] = (None,) * len(rows[self.line])
        return replace(self.grid, rows=tuple(rows))


def find_template(grid: Grid, place: int = 0) -> Template | None:
    """Return the blank table that a grid is, None when it is any other."""
    for line, row in enumerate(grid.rows[:_DEEPEST]):
        for corner, cell in enumerate(row):
            if not isinstance(cell, str) or not cell.startswith(MARK + "|"):
                continue
            parts = cell[:500].split("|")
            try:
                form = get_form(parts[1], parts[2])
                form = form.showing(form.table.by_key.keys() & {c for c in row if c != cell})
                return Template(
                    grid, place, line, corner, form, parts[3], int(parts[4][:2]), parts[5]
                )
            except (NotFound, ValueError, IndexError):
                return None
    return None


def open_templates(document: Document) -> tuple[Document, dict[str, Template]]:
    """Return the blank tables of a document by code; those whose heads were changed lose marks."""
    found: dict[str, Template] = {}
    twice: set[str] = set()
    blocks: list[Grid | str] = list(document.blocks)
    notes = list(document.notes)
    for place, block in enumerate(blocks):
        template = None if isinstance(block, str) else find_template(block, place)
        if template is None:
            continue
        code, name = template.form.code, f"biểu «{template.form.short_title}»"
        top = template.line - template.head
        head = [row[: template.corner] for row in template.grid.rows[max(top, 0) : template.line]]
        is_intact = top >= 0 and head_digest(head) == template.digest
        is_ours = is_intact and not template.grid.is_hidden
        if is_ours and code not in found:
            found[code] = template
            continue
        blocks[place] = template.plain
        why = "có hai trang" if is_ours else "bị sửa tiêu đề hoặc bị ẩn"
        notes.append(f"Trong tệp mẫu, {name} {why} nên được đọc như bảng thường.")
        twice |= {code} if is_ours else set()
    for code in twice:  # two filled copies of one table: neither is taken for the other
        first = found.pop(code)
        blocks[first.place] = first.plain
    return replace(document, blocks=tuple(blocks), notes=tuple(notes)), found


def read_template(template: Template, draft: Draft) -> Reading:
    """Read a filled blank; what its own formulas say is no statement of the source."""
    form, period = draft.form, draft.context.period
    if template.form.shape != form.shape:
        return refused(
            f"Tệp này là mẫu «{template.form.title}», khác mẫu biểu đang dùng. Hãy tải mẫu mới, "
            "hoặc đổi mẫu biểu ở màn hình nhập.",
            form.code,
        )
    if period and template.period != period:
        named = parse_period(template.period)
        return refused(
            f"Tệp này là mẫu của kỳ {named.title if named else template.period}, không phải kỳ "
            "đang nhập. Hãy điền vào mẫu tải ở kỳ này, hoặc chép bảng rồi dán.",
            form.code,
        )
    return Filling(template, draft).read()


@dataclass
class Filling:
    """What is gathered line by line from a filled blank."""

    template: Template
    draft: Draft
    section: tuple[str, str] = ("", "")
    above: tuple[str, str] = ("", "")  # the row that details stand below

    def read(self) -> Reading:
        """Take every line below the marks."""
        template, draft, form = self.template, self.draft, self.draft.form
        lines = {
            number: {key: row[c] for c, key in template.quantities.items() if row[c] is not None}
            for number, row in enumerate(template.grid.rows, start=1)
            if number > template.line + 1
        }
        numbers = {
            number: {
                # below 0 too: a formula may give what nobody may type
                key: Decimal(str(cell)) if type(cell) in (int, float) else as_number(cell)
                for key, cell in cells.items()
            }
            for number, cells in lines.items()
        }
        self.reads = {
            number: {
                key: read_cell(form.table.quantity(key), cell)
                for key, cell in cells.items()
                if not template.is_echo(number, key, numbers)
            }
            for number, cells in lines.items()
        }
        settle_choices(self.reads, draft)
        for line in lines:
            self._take(line)
        for fault in template.grid.faults:
            key = template.quantities.get(fault.column)
            if key and fault.row > template.line and not template.computes(fault.row + 1, key):
                draft.complain(f"Ô {fault.place}: {fault.message}.")
        columns = {
            key: form.column(key).label
            for key in template.quantities.values()
            if not template.form.column(key).formula
        }
        return draft.made(columns=columns, origin=template.place)

    def _take(self, line: int) -> None:
        """Take one line: what its mark says it is, unless its own words say something else."""
        template, draft, shape = self.template, self.draft, self.draft.form.shape
        cells = template.grid.rows[line - 1]
        level, key, written, _stated = template.mark(line)
        ordinal = template.word(cells, ORDINAL).rstrip(". )")
        own = {*template.columns, template.corner}
        strange = (
            text for c, cell in enumerate(cells) if c not in own and (text := cell_text(cell))
        )
        if text := next(strange, ""):
            draft.complain(f"Dòng {line}: «{text[:60]}» nằm ngoài các cột của mẫu, không đọc.")
        has_figures = any(one.value is not None or one.unread for one in self.reads[line].values())
        if shape.has_labels:
            label = template.word(cells, LABEL)
            if search_key(label) != search_key(written):
                level = key = ""  # somebody wrote another row here: its words decide
        else:
            label = SINGLE_LABEL if level == "r" and not draft.rows else ""
        if shape.has_sections and (
            level == "s" or (label and not has_figures and _SECTION.fullmatch(ordinal))
        ):
            self.section = (key or ordinal, label)
        elif not label:
            if has_figures:
                draft.complain(f"Dòng {line} có số liệu mà mẫu không có tên dòng; không đọc.")
        elif not level and not has_figures and not shape.is_list:
            draft.tell(f"Dòng {line} «{label[:60]}» không có số liệu; bỏ qua.")
        elif not level and not shape.is_open:
            draft.complain(f"Dòng {line} «{label}» không có trong biểu; đã bỏ qua.")
        else:
            key = key or self._new_key(label, ordinal, line)
            if self._is_meant(key, label, line):
                self._add(level or "r", key, label, line)

    def _new_key(self, label: str, ordinal: str, line: int) -> str:
        if not self.draft.form.shape.has_sections:
            return row_key(self.draft.form, label)
        if not self.section[0]:
            self.draft.complain(f"Dòng {line}: «{label[:60]}» không thuộc mục nào (I, II, …).")
        taken = {read.row.key for read in self.draft.rows}
        section, number = self.section[0] or "0", ordinal or "1"
        while number.isdecimal() and not ordinal and task_key(section, number) in taken:
            number = str(int(number) + 1)
        return task_key(section, number)

    def _is_meant(self, key: str, label: str, line: int) -> bool:
        """Tell whether a line is taken; of two lines of one name it is asked which is meant."""
        draft = self.draft
        known = (one for one in draft.rows if one.row.key == key and one.kind != "total")
        first = next(known, None)
        if not first:
            return True
        marks = {"place": f"Dòng {line}", "row": first.line}
        if not draft.takes_later(f"hai-dong-{line}", label[:80], (first.line, line), **marks):
            return False
        draft.rows.remove(first)
        return True

    def _add(self, level: str, key: str, label: str, line: int) -> None:
        if level == "g":
            self.section = (key, label)
        elif level == "r":
            self.above = (key, label)
        section = {"r": self.section, "d": self.above}.get(level, ("", ""))
        where = f"Dòng {line} «{label[:60]}»"
        cells, unread = self.draft.keep(where, self.reads[line])
        row = Row(key, label, *section, cells=cells, unread=unread)
        self.draft.add(row, line, kind=_KINDS[level])
