import os
import threading
import time

import pytest

from cchc_public.web.assets import MOST_WANTED, PdfBusy, PdfCache

PDF = b"%PDF-1.4\n" + b"x" * 100 + b"\n%%EOF\n"


def refuse():
    raise AssertionError("made again")


def test_second_request_reads_the_kept_file(tmp_path):
    cache = PdfCache(tmp_path / "pdf")
    assert cache.get_or_make("a", lambda: PDF) == PDF
    assert cache.get_or_make("a", refuse) == PDF
    # another process finds it too
    assert PdfCache(tmp_path / "pdf").get_or_make("a", refuse) == PDF


def test_another_key_is_another_file(tmp_path):
    cache = PdfCache(tmp_path)
    cache.get_or_make("a", lambda: PDF)
    assert cache.get_or_make("../b", lambda: PDF + b"\n") == PDF + b"\n"
    assert len(list(tmp_path.iterdir())) == 2
    assert not (tmp_path.parent / "b").exists()


def test_a_cut_file_is_made_again(tmp_path):
    cache = PdfCache(tmp_path)
    cache.get_or_make("a", lambda: PDF)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(PDF[:50])
    assert cache.get_or_make("a", lambda: PDF) == PDF
    assert kept.read_bytes() == PDF


def test_folder_stays_bounded_by_number(tmp_path, monkeypatch):
    monkeypatch.setattr("cchc_public.web.assets.MOST_FILES", 3)
    cache = PdfCache(tmp_path)
    for number in range(6):
        cache.get_or_make(str(number), lambda: PDF)
        for position, file in enumerate(sorted(tmp_path.iterdir(), key=os.path.getmtime)):
            os.utime(file, (position, position))  # a clear order, whatever the clock's step
    assert len(list(tmp_path.iterdir())) == 3
    assert cache.get_or_make("5", refuse) == PDF


def test_folder_stays_bounded_by_size(tmp_path, monkeypatch):
    monkeypatch.setattr("cchc_public.web.assets.MOST_BYTES", len(PDF) * 2)
    cache = PdfCache(tmp_path)
    for number in range(5):
        cache.get_or_make(str(number), lambda: PDF)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= len(PDF) * 2


def test_unusable_folder_costs_time_only(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = PdfCache(tmp_path / "file")
    assert cache.get_or_make("a", lambda: PDF) == PDF


def test_many_at_once_make_it_once(tmp_path):
    cache = PdfCache(tmp_path)
    made = []

    def make():
        made.append(1)
        time.sleep(0.05)
        return PDF

    threads = [threading.Thread(target=cache.get_or_make, args=("a", make)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_failure_keeps_nothing(tmp_path):
    cache = PdfCache(tmp_path)
    with pytest.raises(ZeroDivisionError):
        cache.get_or_make("a", lambda: 1 / 0)
    assert not list(tmp_path.iterdir())


def test_a_crowd_is_told_to_come_back_and_keeps_no_threads(tmp_path):
    cache = PdfCache(tmp_path)
    begun, go_on = threading.Event(), threading.Event()

    def make():
        begun.set()
        go_on.wait(10)
        return PDF

    made = []
    threads = [
        threading.Thread(target=lambda key=key: made.append(cache.get_or_make(key, make)))
        for key in map(str, range(MOST_WANTED))
    ]
    for thread in threads:
        thread.start()
    begun.wait(10)
    while len(cache._wanted) < MOST_WANTED:  # noqa: SLF001 - until the last of them waits
        time.sleep(0.01)
    with pytest.raises(PdfBusy):
        cache.get_or_make("one too many", make)
    go_on.set()
    for thread in threads:
        thread.join()
    assert made == [PDF] * len(threads)
    assert cache.get_or_make("one too many", make) == PDF  # there is room again
