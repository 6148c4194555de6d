"""Opens bytes of any kind; runs inside the limited process (see ``limited``)."""

from __future__ import annotations

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import Document, Grid, build_grid, check_rectangle, repair_document
from cchc_public.files.kinds import Kind, find_kind
from cchc_public.files.plain import decode_page, read_separated


def open_document(data: bytes, name: str) -> Document:
    """Return everything a file says; ImportRejected names what is wrong and how to mend it.

    Formulas are never evaluated: the value the file keeps beside each is taken.
    """
    # imported here: only who opens a file waits for the libraries of every kind
    from cchc_public.files.pages import read_docx, read_page
    from cchc_public.files.workbooks import read_ods, read_xls, read_xlsx

    kind = find_kind(data, name)
    blocks: list[Grid | str] = []
    notes: tuple[str, ...] = ()
    if kind is Kind.XLSX:
        grids, notes = read_xlsx(data, name)
        blocks += grids
    elif kind is Kind.XLS:
        blocks += read_xls(data, name)
    elif kind is Kind.ODS:
        blocks += read_ods(data, name)
    elif kind is Kind.DOCX:
        blocks += read_docx(data, name)
    elif kind is Kind.HTML:
        blocks += read_page(decode_page(data, name), name)
    else:
        rows, notes = read_separated(data, name)
        blocks.append(build_grid(rows))
    check_rectangle(name, len(blocks), 1)
    if not any(block if isinstance(block, str) else block.rows for block in blocks):
        raise ImportRejected(f"Tệp «{name}» không có ô nào có dữ liệu.")
    return repair_document(Document(name, tuple(blocks), notes=notes))
