import threading

from cchc_public.releases.reading import BoundedCache


def test_the_value_unused_longest_gives_way():
    cache = BoundedCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)


def test_many_threads_never_make_it_grow():
    cache = BoundedCache(8)

    def work(start):
        for number in range(start, start + 500):
            cache.put(number, number)
            assert cache.get(number) in (number, None)

    threads = [threading.Thread(target=work, args=(n * 1000,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cache._values) == 8  # noqa: SLF001
