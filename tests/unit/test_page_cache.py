import gzip

import pytest
from sqlalchemy.exc import OperationalError

from cchc_public.web import cache as module
from cchc_public.web.cache import PageCache, PageKey, build_page
from cchc_public.web.clock import BLIND_INTERVAL, INTERVAL, PublicationClock

KEY = PageKey("vi", "", "/", "")


class Hand:
    """A hand of a clock, moved by the test."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
def clock(hand):
    return PublicationClock(hand)


def broken() -> str:
    raise OperationalError("SELECT", {}, Exception("gone"))


def test_the_database_is_asked_once_a_second(clock, hand):
    looks = []

    def look():
        looks.append(hand.now)
        return "a"

    for step in (0, 0.3, 0.9, INTERVAL, INTERVAL + 0.5):
        hand.now = 100 + step
        assert clock.current(look) == "a"
    assert looks == [100, 101]


def test_a_commit_in_this_process_is_seen_at_once(clock):
    assert clock.current(lambda: "a") == "a"
    clock.expire()
    assert clock.current(lambda: "b") == "b"


def test_a_commit_during_the_look_makes_it_look_again(clock):
    def look_while_publishing():
        clock.expire()
        return "before"

    assert clock.current(look_while_publishing) == "before"
    assert clock.current(lambda: "after") == "after"


def test_without_database_the_last_stamp_stays(clock, hand, caplog):
    clock.current(lambda: "a")
    hand.now += INTERVAL
    assert clock.current(broken) == "a"
    assert clock.is_blind
    hand.now += BLIND_INTERVAL
    assert clock.current(lambda: "b") == "b"
    assert not clock.is_blind
    assert "database does not answer" in caplog.text


def test_bytes_of_another_version_are_not_current():
    cache = PageCache()
    page = build_page("1", [("Content-Type", "text/html")], b"x" * 300)
    cache.put(KEY, page)
    assert cache.find(KEY, "1") is page
    assert cache.find(KEY, "2") is None


def test_bytes_of_another_version_are_served_while_blind(clock):
    cache = PageCache(clock=clock)
    page = build_page("1", [], b"x")
    cache.put(KEY, page)
    clock.current(broken)
    assert cache.find(KEY, "2") is page


def test_both_variants_are_kept_with_their_own_tags():
    page = build_page("1", [("Content-Type", "text/html"), ("ETag", '"old"')], b"x" * 300)
    plain_headers, plain = page.variant(use_gzip=False)
    gzip_headers, packed = page.variant(use_gzip=True)
    assert gzip.decompress(packed) == plain == b"x" * 300
    tags = [dict(headers)["ETag"] for headers in (plain_headers, gzip_headers)]
    assert tags[0] != tags[1]
    assert all(page.matches(tag) for tag in (*tags, f"W/{tags[0]}", f'"z", {tags[1]}', "*"))
    assert not page.matches('"old"')


def test_memory_is_bounded_and_invented_searches_push_out_no_page(monkeypatch):
    monkeypatch.setattr(module, "SEARCHES_BYTES", 5_000)
    cache = PageCache()
    cache.put(KEY, build_page("1", [], b"page"))
    for number in range(50):
        key = PageKey("vi", "", "/thu-tuc", f"q={number}")
        cache.put(key, build_page("1", [], b"y" * 150))
    assert cache.find(KEY, "1")
    assert cache.find(PageKey("vi", "", "/thu-tuc", "q=49"), "1")
    assert cache.find(PageKey("vi", "", "/thu-tuc", "q=0"), "1") is None


def test_switched_off_it_keeps_nothing():
    cache = PageCache(is_on=False)
    cache.put(KEY, build_page("1", [], b"x"))
    assert cache.find_any(KEY) is None


def test_a_page_larger_than_the_shelf_pushes_out_no_other(monkeypatch):
    monkeypatch.setattr(module, "PAGES_BYTES", 5000)
    cache = PageCache()
    cache.put(KEY, build_page("1", [], b"small"))
    huge = PageKey("vi", "", "/man-hinh/ban-luu.json", "")
    cache.put(huge, build_page("1", [], bytes(range(256)) * 100))
    assert cache.find(KEY, "1") is not None
    assert cache.find_any(huge) is None
