"""Measures an old .xls workbook before the reading library lays its sheets out in memory."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from cchc_public.errors import ImportRejected
from cchc_public.importers.cell_bounds import check_rectangle
from cchc_public.importers.package_guard import CUT_FILE, LOCKED

_END = 0xFFFFFFFA  # this and higher numbers end a chain of sectors
_ENTRY = 128  # bytes of a directory entry
_STREAMS = ("Workbook", "Book")
_ROOT = 5
_HEADER = 512

_SHEET_STARTS = frozenset({0x0809, 0x0409, 0x0209, 0x0009})
_LOCKED = 0x002F
_MULTIPLE = 0x00BD  # a run of numbers; its last two bytes are the last column
_CELLS = frozenset(
    {0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0206, 0x0406, 0x0203, 0x0204, 0x0205}
    | {0x027E, 0x00FD, 0x00D6, _MULTIPLE}
)


@dataclass(frozen=True)
class _Container:
    """The sectors of an OLE file and the chain that links them."""

    data: bytes
    size: int
    links: tuple[int, ...]

    def sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        return self.data[start : start + self.size]

    def chain(self, start: int) -> bytes:
        return b"".join(self.sector(number) for number in _follow(start, self.links))


def check_old_workbook(data: bytes, name: str) -> None:
    """Refuse a damaged, locked or oversized .xls file."""
    try:
        stream = _workbook_stream(data)
        rows = columns = 0
        for code, body in _records(stream):
            if code == _LOCKED:
                raise ImportRejected(LOCKED.format(name=name))
            if code in _SHEET_STARTS:
                rows = columns = 0
            elif code in _CELLS and len(body) >= 4:
                row, column = _place(code, body)
                rows, columns = max(rows, row + 1), max(columns, column + 1)
                check_rectangle(name, rows, columns)
    except (struct.error, IndexError, ValueError, StopIteration) as error:
        raise ImportRejected(CUT_FILE.format(name=name)) from error


def _place(code: int, body: bytes) -> tuple[int, int]:
    row, column = struct.unpack_from("<HH", body)
    if code == _MULTIPLE:
        column = int.from_bytes(body[-2:], "little")
    return row, column


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 4 <= len(stream):
        code, length = struct.unpack_from("<HH", stream, place)
        if place + 4 + length > len(stream):
            raise ValueError("record beyond the end")
        yield code, stream[place + 4 : place + 4 + length]
        place += 4 + length


def _workbook_stream(data: bytes) -> bytes:
    container = _open(data)
    (directory_start,) = struct.unpack_from("<I", data, 48)
    (small_limit,) = struct.unpack_from("<I", data, 56)
    directory = container.chain(directory_start)
    entries = {name: (start, size, kind) for name, start, size, kind in _entries(directory)}
    start, size = next(entries[name][:2] for name in _STREAMS if name in entries)
    if size >= small_limit:
        content = container.chain(start)
    else:
        root = next(entry[0] for entry in entries.values() if entry[2] == _ROOT)
        content = _small_stream(container, root, start)
    if len(content) < size:
        raise ValueError("stream is cut")
    return content[:size]


def _open(data: bytes) -> _Container:
    (shift,) = struct.unpack_from("<H", data, 30)
    if shift not in (9, 12):
        raise ValueError("no such sector size")
    bare = _Container(data, 1 << shift, ())
    per_sector = bare.size // 4
    table_sectors = list(struct.unpack_from("<109I", data, 76))
    (more,) = struct.unpack_from("<I", data, 68)
    limit = len(data) // bare.size + 1
    while more < _END and len(table_sectors) <= limit + 109:
        listed = struct.unpack(f"<{per_sector}I", bare.sector(more))
        table_sectors += listed[:-1]
        more = listed[-1]
    links: list[int] = []
    for number in table_sectors[: limit + 109]:
        if number < _END:
            links += struct.unpack(f"<{per_sector}I", bare.sector(number))
    return _Container(data, bare.size, tuple(links))


def _entries(directory: bytes) -> Iterator[tuple[str, int, int, int]]:
    for place in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        entry = directory[place : place + _ENTRY]
        (length,) = struct.unpack_from("<H", entry, 64)
        name = entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        start, size = struct.unpack_from("<II", entry, 116)
        if entry[66]:
            yield name, start, size, entry[66]


def _small_stream(container: _Container, root: int, start: int) -> bytes:
    """Return a stream kept in 64-byte pieces within the root's own stream."""
    (links_start,) = struct.unpack_from("<I", container.data, 60)
    packed = container.chain(links_start)
    links = struct.unpack(f"<{len(packed) // 4}I", packed)
    pool = container.chain(root)
    return b"".join(pool[number * 64 : number * 64 + 64] for number in _follow(start, links))


def _follow(start: int, links: tuple[int, ...]) -> Iterator[int]:
    number, steps = start, 0
    while number < _END:
        if steps > len(links):
            raise ValueError("the chain of sectors bites its tail")
        yield number
        number, steps = links[number], steps + 1
