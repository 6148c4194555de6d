import gzip
import secrets
from datetime import UTC, datetime, timedelta

import brotli
import pytest
from sqlalchemy.exc import OperationalError

from cchc_public.web import page_store as module
from cchc_public.web.page_store import (
    BLIND_INTERVAL,
    INTERVAL,
    Lifetime,
    PageKey,
    PageStore,
    PublicationClock,
    best_coding,
    build_page,
    find_standing_tag,
    make_tag,
)

KEY = PageKey("vi", "", "/", "")
NOON = datetime(2023, 6, 13, 12, tzinfo=UTC)


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


def test_what_an_outage_leaves_of_a_page_is_not_current_once_the_database_is_back(clock, hand):
    store, later = PageStore(clock=clock), NOON + timedelta(hours=1)
    body = b"<p>8:00 <!--cchc-now-->open<!--/cchc-now--></p>" * 20
    store.put(KEY, build_page("a", [], body, lifetime=Lifetime(60, NOON)))
    clock.lose_sight()
    for _reader in range(2):
        left = store.find(KEY, "a", later)
        assert b"open" not in left.body("")
        store.answer(KEY, left, later, "gzip", "")  # keeps it packed
    hand.now += BLIND_INTERVAL
    assert clock.current(lambda: "a") == "a"
    assert store.find(KEY, "a", later) is None


def test_bytes_of_another_version_are_not_current():
    store = PageStore()
    page = build_page("1", [("Content-Type", "text/html")], b"x" * 300)
    store.put(KEY, page)
    assert store.find(KEY, "1", NOON) is page
    assert store.find(KEY, "2", NOON) is None
    assert store.find_any(KEY) is page


def test_a_page_that_changes_by_itself_is_kept_no_longer():
    store = PageStore()
    closing = NOON + timedelta(minutes=30)
    store.put(KEY, build_page("1", [], b"open", lifetime=Lifetime(60, closing)))
    assert store.find(KEY, "1", closing - timedelta(seconds=1))
    assert store.find(KEY, "1", closing) is None


@pytest.mark.parametrize(
    ("now", "closing", "expected"),
    [
        (NOON, None, "public, max-age=60, stale-while-revalidate=60, stale-if-error=86400"),
        (NOON, NOON + timedelta(hours=4), "public, max-age=60"),
        (NOON, NOON + timedelta(seconds=20), "public, max-age=20"),
        (NOON, NOON, "no-cache"),
        (NOON.replace(hour=23, minute=59, second=50), None, "public, max-age=10"),
    ],
)
def test_no_copy_may_live_beyond_the_next_change_or_midnight(now, closing, expected):
    assert Lifetime(60, closing).header(now) == expected


def test_every_variant_holds_the_same_bytes_under_its_own_tag_and_is_made_when_asked_for():
    body, store = b"x" * 300, PageStore()
    store.put(
        KEY, build_page("1", [("Content-Type", "text/html"), ("ETag", '"old"')], body, tag="t")
    )
    unpack = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
    kept = {"": {""}, "br": {"br"}, "gzip": {"br", "gzip"}}
    tags = set()
    for coding in ("", "br", "", "gzip", ""):
        _status, headers, packed = store.answer(KEY, store.find_any(KEY), NOON, coding, "")
        assert unpack[coding](packed) == body
        assert dict(headers).get("Content-Encoding", "") == coding
        assert int(dict(headers)["Content-Length"]) == len(packed)
        tags.add(dict(headers)["ETag"])
        if coding:  # the plain bytes need no room any more
            assert set(store.find_any(KEY).variants) == kept[coding]
    assert len(tags) == 3
    assert '"old"' not in tags


def test_what_packing_makes_no_smaller_stays_plain():
    body, store = secrets.token_bytes(300), PageStore()
    for taken in ("gzip", "gzip, br"):
        _status, headers, sent = store.answer(KEY, build_page("1", [], body), NOON, taken, "")
        assert sent == body
        assert "Content-Encoding" not in dict(headers)
    assert not store.find_any(KEY).is_packable


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"), ("gzip", "gzip"), ("", ""), ("identity", ""),
        ("gzip;q=0, br;q=0.0", ""), ("br;q=0,gzip;q=0.5", "gzip"), ("xgzip", ""),
    ],
)  # fmt: skip
def test_the_reader_gets_the_best_coding_it_takes(accepted, coding):
    assert best_coding(accepted) == coding


def test_whether_a_copy_still_stands_is_known_without_the_page():
    closing = NOON + timedelta(minutes=30)
    for until in (None, closing):
        tag = make_tag("e", KEY, "1", until)
        for given in (f'"{tag}"', f'W/"{tag}-br"', f'"z", "{tag}-gzip"'):
            assert find_standing_tag(given, "e", KEY, "1", NOON)[1] == until
            assert not find_standing_tag(given, "e", KEY, "2", NOON)
            assert not find_standing_tag(given, "other", KEY, "1", NOON)
        assert bool(find_standing_tag(f'"{tag}"', "e", KEY, "1", closing)) == (until is None)
    assert not find_standing_tag('"x-ffffffffffffffff", "", *, "-"', "e", KEY, "1", NOON)


def test_memory_is_bounded_and_invented_addresses_push_out_no_page(monkeypatch):
    monkeypatch.setattr(module, "INVENTED_BYTES", 9_000)
    store = PageStore()
    store.put(KEY, build_page("1", [], b"page"))
    for number in range(50):
        store.put(PageKey("vi", "", "/thu-tuc", f"q={number}"), build_page("1", [], b"y" * 150))
        store.put(PageKey("vi", f"http://{number}.example", "/", ""), build_page("1", [], b"y"))
    assert store.find_any(KEY)
    assert store.find_any(PageKey("vi", "", "/thu-tuc", "q=49"))
    assert store.find_any(PageKey("vi", "", "/thu-tuc", "q=0")) is None
    assert store.find_any(PageKey("vi", "http://9.example", "/", "")) is None


def test_switched_off_it_keeps_nothing():
    store = PageStore(is_on=False)
    store.put(KEY, build_page("1", [], b"x"))
    assert store.find_any(KEY) is None


def test_a_page_larger_than_the_shelf_pushes_out_no_other(monkeypatch):
    monkeypatch.setattr(module, "PAGES_BYTES", 5000)
    store = PageStore()
    store.put(KEY, build_page("1", [], b"small"))
    huge = PageKey("vi", "", "/man-hinh/ban-luu.json", "")
    store.put(huge, build_page("1", [], secrets.token_bytes(20_000)))
    assert store.find_any(KEY) is not None
    assert store.find_any(huge) is None


def test_one_renders_and_the_others_wait():
    store = PageStore()
    assert store.take_off(KEY) is None
    flight = store.take_off(KEY)
    assert not flight.is_set()
    store.land(KEY)
    assert flight.is_set()
    assert store.take_off(KEY) is None
