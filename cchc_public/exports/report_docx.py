"""The report of one release as a Word document: the words of the PDF, in real styles and tables.

Imported by who sends the document, when it is asked for: its library takes a third of a second.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, tzinfo
from itertools import chain
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENTATION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from cchc_public.exports import FONT, freeze_package
from cchc_public.exports.pdf import ISSUER_CELL, MOTTO, MOTTO_CELL, PAGE, head_rules
from cchc_public.present.report_view import (
    VIETNAM,
    Heading,
    ReportView,
    TableSection,
    build_report_view,
)
from cchc_public.present.tables import ACROSS, UPRIGHT, PrintedTable
from cchc_public.releases.published import PublishedRelease

LANGUAGE = "vi-VN"
# name, what it is based on, size, bold, italic, alignment, first line in mm, space before and after
_STYLES: tuple[tuple[str, str, float, bool, bool, str, float, float, float], ...] = (
    ("Normal", "", 14, False, False, "JUSTIFY", 12.7, 0, 6),
    ("Heading 1", "", 14, True, False, "JUSTIFY", 12.7, 6, 6),
    ("Heading 2", "", 14, True, False, "JUSTIFY", 12.7, 6, 6),
    ("Heading 3", "", 13, True, False, "CENTER", 0, 10, 0),
    ("Title", "", 14, True, False, "CENTER", 0, 18, 0),
    ("Subtitle", "", 14, True, False, "CENTER", 0, 0, 0),
    ("Header", "", 13, False, False, "CENTER", 0, 0, 0),
    ("Footer", "", 9, False, False, "CENTER", 0, 0, 0),
    ("CCHC Giữa", "Normal", 14, False, True, "CENTER", 0, 0, 6),
    ("CCHC Đầu", "Normal", 13, False, False, "CENTER", 0, 0, 0),
    ("CCHC Đường kẻ", "Normal", 2, False, False, "CENTER", 0, 0, 2),
    ("CCHC Nơi nhận", "Normal", 11, False, False, "LEFT", 0, 0, 0),
    ("CCHC Ký", "Normal", 14, True, False, "CENTER", 0, 0, 0),
    ("CCHC Ô", "Normal", 12, False, False, "CENTER", 0, 0, 0),
    ("CCHC Ô chữ", "CCHC Ô", 12, False, False, "LEFT", 0, 0, 0),
    ("CCHC Ô nhỏ", "CCHC Ô", 11, False, False, "CENTER", 0, 0, 0),
    ("CCHC Ô chữ nhỏ", "CCHC Ô nhỏ", 11, False, False, "LEFT", 0, 0, 0),
    ("CCHC Nguồn", "Normal", 11, False, True, "CENTER", 0, 0, 2),
    ("CCHC Đơn vị", "Normal", 11, False, True, "RIGHT", 0, 0, 3),
    ("CCHC Ghi chú", "Normal", 11, False, False, "JUSTIFY", 0, 3, 0),
)
_SIGNATURE_LINES = 5


def report_docx(
    release: PublishedRelease, *, zone: tzinfo = VIETNAM, is_draft: bool = False
) -> bytes:
    """Return the Word document; equal releases give equal bytes."""
    view = build_report_view(release, zone, is_draft=is_draft)
    writer = _Writer(Document(), view)
    writer.write()
    # what readers of documents show of a file
    properties = writer.document.core_properties
    properties.title, properties.author = view.title, view.author
    properties.language, properties.last_modified_by = LANGUAGE, view.author
    made_at = release.published_at.astimezone(UTC).replace(tzinfo=None)
    properties.created = properties.modified = made_at
    properties.comments = properties.keywords = ""
    properties.revision = 1
    buffer = io.BytesIO()
    writer.document.save(buffer)
    return freeze_package(buffer.getvalue(), release.published_at)


class _Writer:
    """Writes one view into one document, part by part."""

    def __init__(self, document: Any, view: ReportView) -> None:
        self.document, self.view = document, view
        self._is_wide = False
        self._set_styles()
        first = document.sections[0]
        self._set_page(first, is_wide=False)
        # number from the second page on, in the top margin; say below which paper it is
        first.different_first_page_header_footer = True
        page = _element("fldSimple", instr="PAGE")
        first.header.paragraphs[0]._p.append(page)  # noqa: SLF001 - no words for fields
        for footer in (first.footer, first.first_page_footer):
            footer.paragraphs[0].text = view.footer
            footer.paragraphs[0].style = document.styles["Footer"]

    def write(self) -> None:
        """Write the paper from its head to its annex."""
        view, rules = self.view, head_rules(self.view)
        self._head(rules)
        if view.marking:
            self._add(view.marking, "CCHC Đầu").runs[0].bold = True
        self._add("BÁO CÁO", "Title")
        self._add(view.subject, "Subtitle")
        self._rule(self.document, rules["subject"])
        if view.notice:
            self._add(f"({view.notice})", "CCHC Giữa")
        for part in view.body:
            self._turn(is_wide=isinstance(part, TableSection) and part.printed.is_wide)
            if isinstance(part, TableSection):
                self._table(part)
            elif isinstance(part, Heading):
                self._add(part.text, f"Heading {part.level}")
            else:
                paragraph = self._add(part.mark, "Normal")
                for run in part.runs:
                    paragraph.add_run(_plain(run.text)).bold = run.is_bold or None
        self._turn(is_wide=False)
        self._signature()
        if view.sections or view.general_notes:
            self._turn(is_wide=view.is_annex_wide, always=True)
            self._add("PHỤ LỤC", "Heading 1").alignment = WD_ALIGN_PARAGRAPH.CENTER
            self._add(view.annex_title, "Subtitle")
            self._add(f"({view.annex_reference})", "CCHC Giữa")
            for section in view.sections:
                self._table(section)
        if view.general_notes:
            self._add("Ghi chú chung", "Heading 3")
            self._notes(view.general_notes)

    def _set_styles(self) -> None:
        styles = self.document.styles
        for name, base, size, bold, italic, align, first, before, after in _STYLES:
            if name not in styles:
                styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style = styles[name]
            if base:
                style.base_style = styles[base]
            font, layout = style.font, style.paragraph_format
            font.size, font.bold, font.italic = Pt(size), bold, italic
            font.name, font.color.rgb = FONT, RGBColor(0, 0, 0)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
                fonts.set(qn(script), FONT)
            for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
                fonts.attrib.pop(qn(theme), None)
            layout.alignment = getattr(WD_ALIGN_PARAGRAPH, align)
            layout.first_line_indent = Mm(first)
            layout.space_before, layout.space_after = Pt(before), Pt(after)
            layout.line_spacing = 1.15 if name == "Normal" else 1.0
            layout.keep_with_next = name.startswith(("Heading", "CCHC Nguồn", "CCHC Đơn vị"))
            for border in style.element.findall(".//" + qn("w:pBdr")):
                border.getparent().remove(border)  # the built-in title draws a line below itself
        for language in styles.element.iter(qn("w:lang")):
            language.set(qn("w:val"), LANGUAGE)
            language.set(qn("w:eastAsia"), LANGUAGE)

    def _set_page(self, section: Any, *, is_wide: bool) -> None:
        section.orientation = WD_ORIENTATION.LANDSCAPE if is_wide else WD_ORIENTATION.PORTRAIT
        sides = map(Mm, (297, 210, 20, 20) if is_wide else (210, 297, 30, 15))
        section.page_width, section.page_height, section.left_margin, section.right_margin = sides
        section.top_margin = section.bottom_margin = Mm(20)
        section.header_distance = section.footer_distance = Mm(10)

    def _add(self, text: str, style: str) -> Any:
        return self.document.add_paragraph(_plain(text), style)

    def _rule(self, owner: Any, margin: float) -> None:
        """Add a line with ``margin`` mm of room at both ends."""
        paragraph = owner.add_paragraph("", self.document.styles["CCHC Đường kẻ"])
        layout = paragraph.paragraph_format
        layout.left_indent = layout.right_indent = Mm(margin)
        borders = _element("pBdr")
        borders.append(_element("bottom", val="single", sz="6", space="1", color="000000"))
        paragraph._p.get_or_add_pPr().insert_element_before(  # noqa: SLF001
            borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc"
        )

    def _make_table(
        self, count: int, widths: Sequence[float], style: str | None = None
    ) -> tuple[Any, list[Any]]:
        """Return a table and its cells by row: every look at ``table.rows`` walks all of it."""
        table = self.document.add_table(count, len(widths), style)
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        rows = [row.cells for row in table.rows]
        for cells in rows:
            for cell, width in zip(cells, widths, strict=True):
                cell.width = Mm(width)
        return table, rows

    def _fill(
        self, cell: Any, style: str, *lines: str, is_bold: bool = False, more: bool = False
    ) -> None:
        """Write lines into a cell; ``more`` keeps what stands there."""
        for text in lines:
            fresh = cell.add_paragraph() if more else cell.paragraphs[0]
            fresh.style, more = self.document.styles[style], True
            run = fresh.add_run(_plain(text))
            if is_bold:
                run.bold = True

    def _head(self, rules: dict[str, float]) -> None:
        view, style = self.view, "CCHC Đầu"
        _table, ((issuer, motto), (number, place)) = self._make_table(2, (ISSUER_CELL, MOTTO_CELL))
        self._fill(issuer, style, *view.superior)
        self._fill(issuer, style, *view.authority, is_bold=True, more=True)
        self._rule(issuer, rules["issuer"])
        self._fill(motto, style, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", MOTTO, is_bold=True)
        motto.paragraphs[-1].runs[0].font.size = self.document.styles["Normal"].font.size
        self._rule(motto, rules["motto"])
        self._fill(number, style, f"Số: {view.number}")
        self._fill(place, style, view.place_and_date)
        place.paragraphs[0].runs[0].italic = True

    def _turn(self, *, is_wide: bool, always: bool = False) -> None:
        """Begin a new page of the other kind, where the paper is not of that kind already."""
        if is_wide == self._is_wide and not always:
            return
        section = self.document.add_section()
        section.different_first_page_header_footer = False
        self._set_page(section, is_wide=is_wide)
        self._is_wide = is_wide

    def _signature(self) -> None:
        view = self.view
        self.document.paragraphs[-1].paragraph_format.keep_with_next = True
        table, ((left, right),) = self._make_table(1, (PAGE / 2, PAGE / 2))
        self._fill(left, "CCHC Nơi nhận", "Nơi nhận:", is_bold=True)
        heading = left.paragraphs[0].runs[0]
        heading.italic, heading.font.size = True, self.document.styles["CCHC Ô"].font.size
        self._fill(left, "CCHC Nơi nhận", *view.recipients, more=True)
        lines = (view.on_behalf_of, *view.signatory_lines, *[""] * _SIGNATURE_LINES, view.signatory)
        self._fill(right, "CCHC Ký", *lines, is_bold=True)
        _keep_whole(table.rows[0])

    def _table(self, part: TableSection) -> None:
        self._add(part.heading, "Heading 3")
        for text in (part.source, part.window):
            if text:
                self._add(text, "CCHC Nguồn")
        self._add(f"Đơn vị tính: {part.unit}", "CCHC Đơn vị")
        self._grid(part.printed)
        if part.notes:
            self._add("Ghi chú:", "CCHC Ghi chú").runs[0].bold = True
            self._notes(part.notes)

    def _notes(self, notes: Iterable[str]) -> None:
        for number, note in enumerate(notes, start=1):
            self._add(f"{number}. {note}", "CCHC Ghi chú")

    def _grid(self, printed: PrintedTable) -> None:
        """Write the table: merged header that is repeated, rows that are never torn apart."""
        room = ACROSS if self._is_wide else UPRIGHT
        widths = [room * share / 100 for share in printed.widths]
        heads, small = len(printed.head) + 1, " nhỏ" if printed.size < 12 else ""
        table, rows = self._make_table(heads + len(printed.rows), widths, "Table Grid")
        edges = _element("tblCellMar")  # as little room at the edges as in the PDF
        for side in ("left", "right"):
            edges.append(_element(side, w="50", type="dxa"))  # twentieths of a point
        table._tbl.tblPr.append(edges)  # noqa: SLF001
        for cell in chain.from_iterable(rows):
            cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
        for head in chain.from_iterable(printed.head):
            low, right = head.level + head.rowspan - 1, head.place + head.colspan - 1
            cell = rows[head.level][head.place].merge(rows[low][right])
            self._fill(cell, "CCHC Ô" + small, head.text, is_bold=True)
        for cell, number in zip(rows[heads - 1], printed.numbers, strict=True):
            self._fill(cell, "CCHC Ô" + small, number)
            cell.paragraphs[0].runs[0].italic = True
        for cells, row in zip(rows[heads:], printed.rows, strict=True):
            if row.level == "section":
                cells = (cells[0].merge(cells[-1]),)
            for cell, said in zip(cells, row.cells, strict=True):
                style = ("CCHC Ô chữ" if said.is_text else "CCHC Ô") + small
                lines = (said.text, said.detail) if said.detail else (said.text,)
                self._fill(cell, style, *lines, is_bold=row.level in ("section", "total"))
        for place, line in enumerate(table.rows):
            _keep_whole(line, is_repeated=place < heads)


def _keep_whole(row: Any, *, is_repeated: bool = False) -> None:
    layout = row._tr.get_or_add_trPr()  # noqa: SLF001 - the library has no words for it
    for name in ("cantSplit", "tblHeader")[: 1 + is_repeated]:
        layout.append(_element(name))


def _element(name: str, **values: str) -> Any:
    found = OxmlElement(f"w:{name}")
    for key, value in values.items():
        found.set(qn(f"w:{key}"), value)
    return found


def _plain(text: str) -> str:
    """Without the letters that XML forbids; a line break inside a line is a space."""
    return "".join(char if char >= " " else " " for char in text)
