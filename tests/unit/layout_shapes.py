"""The 43 layouts of a dossier table in the shapes in which staff have them.

Word's, LibreOffice's and Google Docs' HTML here IMITATE the structure that those programs put on
the clipboard (LibreOffice's real ones lie in ``tests/data/libreoffice``); xls and ods were saved by
LibreOffice from the xlsx (one sheet a layout).
"""

from __future__ import annotations

import html
import io
import json
import unicodedata
from functools import cache
from pathlib import Path

import docx

from cchc_public.files.grid import Document, read_pasted_text
from cchc_public.files.opening import open_document

DATA = Path(__file__).parents[1] / "data" / "reading"
LAYOUTS = json.loads((DATA / "dossier-layouts.json").read_text("utf-8"))
NAMES = [layout["name"] for layout in LAYOUTS]


def owners(layout):
    """Return by place the top left place of the merged cell it lies in."""
    return {
        (row, column): (top, left)
        for top, left, low, right in layout["merges"]
        for row in range(top, low + 1)
        for column in range(left, right + 1)
    }


def excel_text(layout):
    lines = ("\t".join(str(cell) for cell in row) for row in layout["grid"])
    return read_pasted_text("\n".join(lines))


def word_text(layout):
    owner = owners(layout)
    lines = []
    for r, row in enumerate(layout["grid"]):
        cells = []
        for c, text in enumerate(row):
            place = owner.get((r, c), (r, c))
            if place[1] == c:
                cells.append(str(text) if place == (r, c) else "")
        lines.append("\t".join(cells))
    return read_pasted_text("\n".join(lines))


def html_page(layout, cell):
    owner = owners(layout)
    spans = {
        (top, left): (low - top + 1, right - left + 1) for top, left, low, right in layout["merges"]
    }
    rows = []
    for r, row in enumerate(layout["grid"]):
        cells = []
        for c, text in enumerate(row):
            if owner.get((r, c), (r, c)) == (r, c):
                down, across = spans.get((r, c), (1, 1))
                marks = f' rowspan="{down}"' * (down > 1) + f' colspan="{across}"' * (across > 1)
                cells.append(cell(html.escape(str(text)), marks))
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return "".join(rows)


def word_html(layout):
    def cell(text, marks):
        span = f"<span style='font-size:11.0pt'>{text}<o:p></o:p></span>"
        words = f"<p class=MsoNormal align=center>{span}</p>"
        return (
            f"<td width=48 valign=top{marks.replace(chr(34), '')} style='width:36pt'>{words}</td>"
        )

    head = "<html xmlns:o='urn:schemas-microsoft-com:office:office'><style>p.MsoNormal{}</style>"
    rows = html_page(layout, cell)
    body = f"<body><!--StartFragment--><table class=MsoTableGrid border=1>{rows}</table>"
    return open_document((head + body + "<!--EndFragment--></body></html>").encode(), "x")


def libreoffice_html(layout):
    def cell(text, marks):
        words = f'<p align="left"><font face="Cambria, serif">{text}</font></p>'
        return f'<td{marks} style="padding: 0in">{words}</td>'

    page = f'<!DOCTYPE html><html><body><table cellpadding="7">{html_page(layout, cell)}</table>'
    return open_document(page.encode(), "x")


def google_html(layout):
    def cell(text, marks):
        style = "border-left:solid #000000 1pt;vertical-align:top;padding:5pt;overflow:hidden;"
        words = f'<p dir="ltr" style="line-height:1.2;margin-top:0pt;"><span>{text}</span></p>'
        return f'<td{marks} style="{style}">{words if text else "<br>"}</td>'

    rows = html_page(layout, cell).replace("<tr>", '<tr style="height:0pt">')
    columns = "<col />" * len(layout["grid"][0])
    page = (
        '<meta charset=\'utf-8\'><b style="font-weight:normal;" id="docs-internal-guid-1"><div '
        f'dir="ltr" align="left"><table style="border:none;"><colgroup>{columns}</colgroup><tbody>'
        f"{rows}</tbody></table></div></b>"
    )
    return open_document(f"<html>{page}".encode(), "x")


def docx_file(layout):
    document = docx.Document()
    grid = layout["grid"]
    table = document.add_table(len(grid), len(grid[0]))
    cells = [row.cells for row in table.rows]
    for r, row in enumerate(grid):
        for c, text in enumerate(row):
            cells[r][c].text = str(text)
    for top, left, low, right in layout["merges"]:
        words = str(grid[top][left])
        table.cell(top, left).merge(table.cell(low, right)).text = words
    stream = io.BytesIO()
    document.save(stream)
    return open_document(stream.getvalue(), "x")


@cache
def _workbook(kind):
    return open_document((DATA / f"layouts.{kind}").read_bytes(), f"layouts.{kind}")


def workbook(kind):
    def sheet(layout):
        document = _workbook(kind)
        return Document(document.name, (document.grids[LAYOUTS.index(layout)],))

    return sheet


SHAPES = {
    "excel-text": excel_text,
    "word-text": word_text,
    "word-html": word_html,
    "libreoffice-html": libreoffice_html,
    "google-html": google_html,
    "xlsx": workbook("xlsx"),
    "xls": workbook("xls"),
    "ods": workbook("ods"),
    "docx": docx_file,
}


def plain(text):
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()


def faults(layout, reading):
    """Return what a reading has wrong; a blank where the truth is 0 is not known, not wrong."""
    truth = {plain(name): cells for name, cells in layout["truth"].items()}
    meant = {plain(said): plain(name) for name, said in layout.get("alias", {}).items()}
    found = []
    seen = set()
    for row in reading.rows:
        if row.kind != "row":
            continue
        name = meant.get(plain(row.label), plain(row.label))
        if name not in truth:
            found.append(f"a row nobody printed: {row.label}")
            continue
        seen.add(name)
        for key, value in truth[name].items():
            got = row.cells.get(key)
            if got != value and not (got is None and value == 0):
                found.append(f"{row.label} {key}: {got} instead of {value}")
    return found + [f"lost: {name}" for name in truth if name not in seen]
