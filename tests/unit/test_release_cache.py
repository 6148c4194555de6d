import threading

from cchc_public.releases.reading import BoundedCache


def test_the_value_unused_longest_gives_way():
    cache, made = BoundedCache(2), []

    def ask(key):
        return cache.get(key, lambda: made.append(key) or key.upper())

    assert [ask(key) for key in "abaca"] == ["A", "B", "A", "C", "A"]
    assert made == ["a", "b", "c"]
    assert ask("b") == "B"
    assert made == ["a", "b", "c", "b"]


def test_many_threads_never_make_it_grow():
    cache = BoundedCache(8)

    def work(start):
        for number in range(start, start + 500):
            assert cache.get(number, lambda number=number: number) == number

    threads = [threading.Thread(target=work, args=(n * 1000,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cache._values) == 8  # noqa: SLF001
