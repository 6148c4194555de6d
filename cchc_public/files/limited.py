"""Reads what strangers made in a child process of limited memory and time.

A fresh interpreter, never a fork: the server's threads may hold locks that a forked child would
wait for until the end of days. Bytes go in by its standard input, JSON comes out.
"""

from __future__ import annotations

import json
import os
import subprocess  # noqa: S404 - our own interpreter on our own module
import sys
import threading
from pathlib import Path

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import Document, document_from_json, document_to_json

MAX_BYTES = 20 * 1024 * 1024
MEMORY = 1_000_000_000  # address space of the child
CPU_SECONDS = 8
WALL_SECONDS = 15
CLIPBOARD = "nội dung dán"

_TOO_HEAVY = (
    "Tệp «{name}» quá lớn hoặc quá rắc rối nên không đọc xong trong {seconds} giây. Hãy chép riêng "
    "bảng cần nhập sang một tệp mới rồi lưu lại."
)
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from cchc_public.files.limited import serve; serve(sys.argv[2])"
)
# each child may take its full measure: no more than two at a time
_ROOM = threading.BoundedSemaphore(2)


def read_file(data: bytes, name: str, *, max_bytes: int = MAX_BYTES) -> Document:
    """Read a file of any kind; ImportRejected says what is wrong and how to mend it."""
    if not data:
        raise ImportRejected(f"Tệp «{name}» trống, không có gì để nhập.")
    if len(data) > max_bytes:
        raise ImportRejected(
            f"Tệp «{name}» lớn quá {max_bytes // 1024 // 1024} MB. "
            "Hãy chỉ giữ trang tính cần nhập, xóa ảnh rồi lưu lại."
        )
    with _ROOM:
        answer = _ask_child(data, name)
    if "refused" in answer:
        raise ImportRejected(answer["refused"])
    return document_from_json(answer)


def read_clipboard(page: str) -> Document:
    """Read the ``text/html`` that Word, Excel, LibreOffice or a browser puts on the clipboard."""
    return read_file(b"<html>" + page.encode("utf-8", "replace"), CLIPBOARD)


def _ask_child(data: bytes, name: str) -> dict[str, object]:
    command = [_interpreter(), "-c", _START, json.dumps(sys.path), name]
    try:
        done = subprocess.run(  # noqa: S603 - no word of it comes from outside but the name
            command, input=data, capture_output=True, timeout=WALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _too_heavy(name) from error
    if done.returncode == 0:
        return dict(json.loads(done.stdout))
    if done.returncode == _FAULT:
        raise RuntimeError(f"the reader of files failed: {done.stderr.decode(errors='replace')}")
    raise _too_heavy(name)


_FAULT = 70  # our own mistake, not the file's


def _too_heavy(name: str) -> ImportRejected:
    return ImportRejected(_TOO_HEAVY.format(name=name, seconds=CPU_SECONDS))


def _interpreter() -> str:
    """Return a Python to run; servers that embed one name themselves as the executable."""
    if Path(sys.executable or "").name.lower().startswith(("python", "pypy")):
        return sys.executable
    folder = Path(sys.exec_prefix)
    return str(folder / "python.exe" if os.name == "nt" else folder / "bin" / "python3")


def serve(name: str) -> None:
    """Be the child: limit yourself, read, answer."""
    limit_process()
    from cchc_public.files.opening import open_document  # its libraries only weigh on the child

    try:
        answer = document_to_json(open_document(sys.stdin.buffer.read(), name))
    except ImportRejected as refusal:
        answer = {"refused": str(refusal)}
    except (MemoryError, RecursionError):
        answer = {"refused": str(_too_heavy(name))}
    except Exception:
        sys.excepthook(*sys.exc_info())
        sys.stdout.flush()
        os._exit(_FAULT)
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=True).encode("ascii"))
    sys.stdout.flush()
    os._exit(0)  # nothing is left to tidy up


def limit_process() -> None:
    """Take from this process what a stranger's file must not use: memory, time, core files."""
    try:
        import resource
    except ImportError:  # Windows: the parent's clock alone
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
