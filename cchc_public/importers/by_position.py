"""Reads lines that end in a run of figures, in the printed order of the form's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cchc_public.importers.binder import Binder
from cchc_public.importers.grid import find_window
from cchc_public.importers.outcome import ImportNote, SheetImport
from cchc_public.importers.pasted_lines import FigureLine
from cchc_public.importers.printed_order import arrange
from cchc_public.importers.rows_binding import bind_lines
from cchc_public.tables.language import Column, Form

_BY_POSITION = "Không nhận ra tiêu đề cột; các số được đọc theo thứ tự cột của biểu: {columns}."


def read_by_position(
    table: Form, lines: Sequence[FigureLine], texts: Sequence[str]
) -> SheetImport | None:
    """Bind ``lines`` by their place alone, None when no line fits; ``texts`` tell the window."""
    arranged = arrange(table, lines)
    if arranged is None:
        return None
    binder = Binder(table)
    layout = arranged.layout
    bind_lines(binder, arranged.grid, layout)
    for line in arranged.left_over:
        binder.refuse(
            f"Dòng {line.number} «{line.label[:60]}» có {len(line.figures)} số, trong khi bảng có "
            f"{len(layout.columns)} cột số; đã bỏ qua.",
            line=line.number,
        )
    result = binder.finish(find_window(texts))
    columns = ", ".join(_printed(table.column(key)) for key in layout.columns.values())
    note = ImportNote(_BY_POSITION.format(columns=columns))
    return replace(result, readings=(note, *result.readings))


def _printed(column: Column) -> str:
    return f"{column.number} {column.header[-1]}".strip()
