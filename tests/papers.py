"""Measures what a PDF shows: letters with their size and place, lines with their length."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pypdf

MM = 72 / 25.4


@dataclass(frozen=True)
class Printed:
    """One piece of text: where it begins in mm from the left and the top, its size in points."""

    text: str
    left: float
    top: float
    size: float
    font: str


def open_pdf(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def text_of(data: bytes) -> str:
    """All text of a file without any white space: lines break where the paper ends."""
    return "".join("".join(page.extract_text().split()) for page in open_pdf(data).pages)


def pieces(page) -> list[Printed]:
    """Every piece of text on a page, in the order in which it was written."""
    height = float(page.mediabox.height)
    found: list[Printed] = []

    def visit(text, page_matrix, matrix, font, size):
        if text.strip():
            left = matrix[4] * page_matrix[0] + page_matrix[4]
            bottom = matrix[5] * page_matrix[3] + page_matrix[5]
            name = str(font["/BaseFont"]) if font else ""
            found.append(
                Printed(
                    " ".join(text.split()),
                    round(left / MM, 1),
                    round((height - bottom) / MM, 1),
                    round(size * abs(matrix[3]), 1),
                    name,
                )
            )

    page.extract_text(visitor_text=visit)
    return found


def horizontal_lines(page) -> list[tuple[float, float, float]]:
    """Lines drawn across: left and top in mm, length in mm."""
    height = float(page.mediabox.height)
    found, start = [], [0.0, 0.0]

    def visit(operator, operands, matrix, _text_matrix):
        if operator in (b"m", b"l"):
            x = float(operands[0]) * matrix[0] + matrix[4]
            y = float(operands[1]) * matrix[3] + matrix[5]
            if operator == b"l" and abs(y - start[1]) < 0.1:
                left = min(x, start[0])
                found.append((left / MM, (height - y) / MM, abs(x - start[0]) / MM))
            start[:] = [x, y]

    page.extract_text(visitor_operand_before=visit)
    return found


def fonts(reader) -> dict[str, bool]:
    """Every font of the file, and whether its letters are in the file."""
    found: dict[str, bool] = {}
    for page in reader.pages:
        for reference in page["/Resources"]["/Font"].values():
            font = reference.get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            describing = inner.get("/FontDescriptor")
            found[str(font["/BaseFont"])] = bool(
                describing and {"/FontFile", "/FontFile2", "/FontFile3"} & set(describing)
            )
    return found


def bookmarks(reader) -> list[tuple[int, str]]:
    """The outline as depth and title."""

    def walk(items, depth):
        for item in items:
            if isinstance(item, list):
                yield from walk(item, depth + 1)
            else:
                yield depth, str(item.title)

    return list(walk(reader.outline, 0))
