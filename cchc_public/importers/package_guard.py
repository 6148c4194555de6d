"""Unpacks xlsx and ods packages within limits, before any library sees them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from cchc_public.errors import ImportRejected

MAX_UNPACKED = 80 * 1024 * 1024
MAX_MEMBERS = 2_000
_CHUNK = 256 * 1024
_LOCAL_HEADER = 30  # fixed part of a member's header inside the archive
_ENCRYPTED = 0x1

CUT_FILE = (
    "Tệp «{name}» bị hỏng hoặc tải lên chưa trọn. Hãy mở lại bằng Excel hoặc LibreOffice, "
    "lưu thành tệp .xlsx mới rồi tải lên."
)
TOO_BIG = (
    "Tệp «{name}» khi giải nén lớn quá {limit} MB. Hãy chỉ giữ trang tính cần nhập, "
    "xóa ảnh và định dạng thừa rồi lưu lại."
)
LOCKED = "Tệp «{name}» có mật khẩu. Hãy bỏ mật khẩu (Lưu thành, không đặt mật khẩu) rồi tải lên."


@dataclass(frozen=True)
class Package:
    """A zip archive whose true size was measured; ``read`` never returns more than was counted."""

    name: str
    data: bytes
    members: dict[str, zipfile.ZipInfo]

    def chunks(self, member: str) -> Iterator[bytes]:
        """Yield the unpacked bytes of one member."""
        return _unpack(self.data, self.members[member], self.name)

    def read(self, member: str, limit: int) -> bytes:
        """Return at most ``limit`` first bytes of one member."""
        result = b""
        for chunk in self.chunks(member):
            result += chunk
            if len(result) >= limit:
                break
        return result[:limit]


def open_package(data: bytes, name: str) -> Package:
    """Return the archive when all its members together stay within the limit."""
    try:
        infos = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise ImportRejected(CUT_FILE.format(name=name)) from error
    members = {info.filename: info for info in infos}
    # names are compared without case: the reading library does not tell them apart either
    names = {name.casefold() for name in members}
    if len(names) != len(infos) or len(infos) > MAX_MEMBERS:
        raise ImportRejected(CUT_FILE.format(name=name))
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise ImportRejected(LOCKED.format(name=name))
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise _too_big(name)
    package = Package(name, data, members)
    _measure(package)
    return package


def _measure(package: Package) -> None:
    """Unpack everything once: declared sizes may lie, and a cut file shows here."""
    total = 0
    for member, info in package.members.items():
        size = 0
        for chunk in package.chunks(member):
            size += len(chunk)
            if total + size > MAX_UNPACKED:
                raise _too_big(package.name)
        if size != info.file_size:
            raise ImportRejected(CUT_FILE.format(name=package.name))
        total += size


def _unpack(data: bytes, info: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    packed = _packed_bytes(data, info, name)
    if info.compress_type == zipfile.ZIP_STORED:
        yield bytes(packed)
        return
    if info.compress_type != zipfile.ZIP_DEFLATED:
        raise ImportRejected(CUT_FILE.format(name=name))
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    rest: bytes | memoryview = packed
    try:
        while not unpacker.eof:
            chunk = unpacker.decompress(rest, _CHUNK)
            rest = unpacker.unconsumed_tail
            if not chunk and not rest:
                break
            yield chunk
    except zlib.error as error:
        raise ImportRejected(CUT_FILE.format(name=name)) from error


def _packed_bytes(data: bytes, info: zipfile.ZipInfo, name: str) -> memoryview:
    """Return the member's packed bytes; its local header tells where they start."""
    start = info.header_offset
    header = data[start : start + _LOCAL_HEADER]
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise ImportRejected(CUT_FILE.format(name=name))
    start += _LOCAL_HEADER + int.from_bytes(header[26:28], "little")
    start += int.from_bytes(header[28:30], "little")
    end = start + info.compress_size
    if end > len(data):
        raise ImportRejected(CUT_FILE.format(name=name))
    return memoryview(data)[start:end]


def _too_big(name: str) -> ImportRejected:
    return ImportRejected(TOO_BIG.format(name=name, limit=MAX_UNPACKED // 1024 // 1024))
