"""Opens the container of an old .xls file, checking every chain and count the file announces."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_END = 0xFFFFFFFA  # this and higher numbers end a chain of sectors
_ENTRY = 128  # bytes of a directory entry
_STREAM, _ROOT = 2, 5  # kinds of directory entry
_STREAMS = ("Workbook", "Book")
_HEAD_TABLE = 109  # sectors of the chain table that the header itself lists
_MAX_SMALL_TABLE = 1_000


@dataclass(frozen=True)
class _Entry:
    name: str
    kind: int
    start: int
    size: int


@dataclass(frozen=True)
class _Container:
    """The sectors of the file and the chain that links them."""

    data: bytes
    size: int
    links: tuple[int, ...]

    def sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        return self.data[start : start + self.size]

    def chain(self, start: int) -> bytes:
        return b"".join(self.sector(number) for number in _follow(start, self.links))


def read_workbook_stream(data: bytes) -> bytes:
    """Return the bytes of the workbook; ValueError, IndexError or struct.error when damaged."""
    container = _open(data)
    directory_start, small_limit = struct.unpack_from("<I4xI", data, 48)
    entries = list(_entries(container.chain(directory_start)))
    if not entries or entries[0].kind != _ROOT:
        raise ValueError("no root")
    pool = container.chain(entries[0].start) if entries[0].size else b""
    small = _small_links(container)
    streams = [entry for entry in entries if entry.kind == _STREAM and entry.size]
    contents = {
        entry.name: _content(container, entry, small_limit, small, pool) for entry in streams
    }
    return next(contents[name] for name in _STREAMS if name in contents)


def _content(
    container: _Container, entry: _Entry, limit: int, small: tuple[int, ...], pool: bytes
) -> bytes:
    if entry.size >= limit:
        content = container.chain(entry.start)
    else:
        pieces = _follow(entry.start, small)
        content = b"".join(pool[number * 64 : number * 64 + 64] for number in pieces)
    if len(content) < entry.size:
        raise ValueError("stream is cut")
    return content[: entry.size]


def _open(data: bytes) -> _Container:
    (shift,) = struct.unpack_from("<H", data, 30)
    if shift not in (9, 12):
        raise ValueError("no such sector size")
    bare = _Container(data, 1 << shift, ())
    limit = len(data) // bare.size + 1
    table_count, small_count = struct.unpack_from("<I16xI", data, 44)
    if table_count > limit or small_count > min(limit, _MAX_SMALL_TABLE):
        raise ValueError("announces more sectors than there are")
    links: list[int] = []
    for number in _table_sectors(bare, limit):
        links += struct.unpack(f"<{bare.size // 4}I", bare.sector(number))
    return _Container(data, bare.size, tuple(links))


def _table_sectors(bare: _Container, limit: int) -> list[int]:
    listed = list(struct.unpack_from(f"<{_HEAD_TABLE}I", bare.data, 76))
    (more,) = struct.unpack_from("<I", bare.data, 68)
    steps = 0
    while more < _END:
        if steps > limit:
            raise ValueError("the chain of tables bites its tail")
        *numbers, more = struct.unpack(f"<{bare.size // 4}I", bare.sector(more))
        listed += numbers
        steps += 1
    numbers = [number for number in listed if number < _END]
    if len(numbers) > limit:
        raise ValueError("more tables than sectors")
    return numbers


def _entries(directory: bytes) -> Iterator[_Entry]:
    for place in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        entry = directory[place : place + _ENTRY]
        (length,) = struct.unpack_from("<H", entry, 64)
        name = entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        start, size = struct.unpack_from("<II", entry, 116)
        yield _Entry(name, entry[66], start, size)


def _small_links(container: _Container) -> tuple[int, ...]:
    """Return the chain of the 64-byte pieces that small streams are kept in."""
    (start,) = struct.unpack_from("<I", container.data, 60)
    packed = container.chain(start)
    return struct.unpack(f"<{len(packed) // 4}I", packed)


def _follow(start: int, links: tuple[int, ...]) -> Iterator[int]:
    number, steps = start, 0
    while number < _END:
        if steps > len(links):
            raise ValueError("the chain of sectors bites its tail")
        yield number
        number, steps = links[number], steps + 1
