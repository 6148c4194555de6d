"""Measures the sheets of an old .xls workbook before the reading library lays them out."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from cchc_public.errors import ImportRejected
from cchc_public.importers.cell_bounds import check_letters, check_rectangle
from cchc_public.importers.ole import read_workbook_stream
from cchc_public.importers.package_guard import CUT_FILE, LOCKED

_SHEET_STARTS = frozenset({0x0809, 0x0409, 0x0209, 0x0009})
_LOCKED = 0x002F
_TEXTS, _CONTINUED = 0x00FC, 0x003C  # the table of shared texts, and its further records
_SHARED_TEXT = 0x00FD  # a cell that names a shared text
_DIMENSIONS = 0x0200
_MULTIPLE = 0x00BD  # a run of numbers; its last two bytes are the last column
_CELLS = frozenset(
    {0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0206, 0x0406, 0x0203, 0x0204, 0x0205}
    | {0x027E, 0x00D6, _SHARED_TEXT, _MULTIPLE}
)
_FORMAT_ROWS, _FORMAT_COLUMNS = 65_536, 256  # an .xls sheet cannot be larger


def check_old_workbook(data: bytes, name: str) -> None:
    """Refuse a damaged, locked or oversized .xls file."""
    try:
        _measure(list(_records(read_workbook_stream(data))), name)
    except (struct.error, IndexError, ValueError, StopIteration) as error:
        raise ImportRejected(CUT_FILE.format(name=name)) from error


def _measure(records: list[tuple[int, bytes]], name: str) -> None:
    lengths = _text_lengths(records)
    rows = columns = letters = 0
    for code, body in records:
        if code == _LOCKED:
            raise ImportRejected(LOCKED.format(name=name))
        if code in _SHEET_STARTS:
            rows = columns = 0
        elif code == _DIMENSIONS:
            _check_dimensions(body)
        elif code in _CELLS and len(body) >= 4:
            row, column = _place(code, body)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            check_rectangle(name, rows, columns)
            letters += _letters(code, body, lengths)
            check_letters(name, letters)


def _check_dimensions(body: bytes) -> None:
    """The reading library takes memory for the announced rectangle at once."""
    first, rows, _, columns = struct.unpack_from("<IIHH" if len(body) == 14 else "<HHHH", body)
    if rows and (first >= rows or rows > _FORMAT_ROWS or columns > _FORMAT_COLUMNS):
        raise ValueError("announces more than a sheet can hold")


def _place(code: int, body: bytes) -> tuple[int, int]:
    row, column = struct.unpack_from("<HH", body)
    if code == _MULTIPLE:
        column = int.from_bytes(body[-2:], "little")
    return row, column


def _letters(code: int, body: bytes, lengths: list[int]) -> int:
    if code != _SHARED_TEXT:
        return len(body)
    (index,) = struct.unpack_from("<I", body, 6)
    return lengths[index] if index < len(lengths) else 0


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 4 <= len(stream):
        code, length = struct.unpack_from("<HH", stream, place)
        if place + 4 + length > len(stream):
            raise ValueError("record beyond the end")
        yield code, stream[place + 4 : place + 4 + length]
        place += 4 + length


def _text_lengths(records: list[tuple[int, bytes]]) -> list[int]:
    """Return how many letters each shared text has."""
    lengths: list[int] = []
    for index, (code, body) in enumerate(records):
        if code == _TEXTS:
            pieces = [body[8:]]
            for following, more in records[index + 1 :]:
                if following != _CONTINUED:
                    break
                pieces.append(more)
            lengths += _Texts(pieces).lengths()
    return lengths


class _Texts:
    """Walks shared texts over the borders of their records.

    Letters that go on in a further record start there with a byte of their own, which says
    whether each letter takes one byte or two; everything else just goes on.
    """

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces
        self.piece = self.place = 0

    def lengths(self) -> list[int]:
        """Return the letters of every text; a cut table ends the list."""
        found = []
        while self._settle():
            count, flags = struct.unpack("<HB", self._take(3))
            runs = int.from_bytes(self._take(2), "little") if flags & 8 else 0
            extra = int.from_bytes(self._take(4), "little") if flags & 4 else 0
            self._skip_letters(count, 2 if flags & 1 else 1)
            self._skip(runs * 4 + extra)
            found.append(count)
        return found

    def _settle(self) -> bool:
        """Move to the next piece with bytes left; False at the end."""
        while self.piece < len(self.pieces) and self.place >= len(self.pieces[self.piece]):
            self.piece, self.place = self.piece + 1, 0
        return self.piece < len(self.pieces)

    def _take(self, size: int) -> bytes:
        taken = b""
        while len(taken) < size and self._settle():
            part = self.pieces[self.piece][self.place : self.place + size - len(taken)]
            taken += part
            self.place += len(part)
        return taken

    def _skip(self, size: int) -> None:
        while size > 0 and self._settle():
            step = min(size, len(self.pieces[self.piece]) - self.place)
            self.place += step
            size -= step

    def _skip_letters(self, count: int, width: int) -> None:
        while count > 0 and self.piece < len(self.pieces):
            step = min(count, (len(self.pieces[self.piece]) - self.place) // width)
            self.place += step * width
            count -= step
            if count <= 0:
                return
            self.piece, self.place = self.piece + 1, 0
            if self.piece < len(self.pieces) and self.pieces[self.piece]:
                width = 2 if self.pieces[self.piece][0] & 1 else 1
                self.place = 1
