"""Decides what each column of figures holds: words propose, figures confirm, else it is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cchc_public.reading.figures import (
    Figures,
    confirmed_columns,
    find_confirmed,
    list_checks,
    test,
)
from cchc_public.reading.questions import Notes, short_digest
from cchc_public.reading.words import UNUSED_HEADS, Lexicon, Understood, forms_of, marked_key
from cchc_public.tables.language import Form, Table, ValueKind

LEAVE = "bo"  # answer: do not take this column
_RATE = marked_key("tỷ lệ")
_UNUSED = frozenset(marked_key(text) for text in UNUSED_HEADS)


@dataclass
class Binding:
    """Quantity by column; ``asked`` columns stay empty until a person answers."""

    columns: dict[int, str] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)
    unplaced: list[str] = field(default_factory=list)
    certain: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)  # a person said what they hold


def bind_columns(
    lexicon: Lexicon, paths: Mapping[int, tuple[str, ...]], figures: Figures, notes: Notes
) -> Binding:
    """Return what each column holds; every doubt becomes a question in ``notes``."""
    binding = Binding()
    table = lexicon.table
    candidates: dict[int, frozenset[str]] = {}
    strange: list[int] = []
    understood = {column: lexicon.understand(path) for column, path in paths.items()}
    for column, path in paths.items():
        if not understood[column].keys and _is_unused(path, figures[column]):
            if path:
                notes.tell(f"Cột «{_said(path)}» không phải số liệu của biểu; không đọc.")
            continue
        keys = _fitting(table, understood[column].keys, path, figures[column])
        if keys:
            candidates[column] = keys
        elif any(value is not None for value in figures[column]):
            strange.append(column)
            if notes.knows(f"cot-{column + 1}"):  # what it is decides what its neighbours are
                _ask_meaning(binding, lexicon, column, paths, notes)
                strange.remove(column)
                if column in binding.columns:
                    candidates[column] = frozenset({binding.columns[column]})
    candidates = _reopen_beside_blanks(lexicon, candidates, figures)
    candidates = _narrow_by_neighbours(lexicon, candidates, understood)
    candidates |= {column: frozenset({binding.columns[column]}) for column in binding.columns}
    _settle(binding, lexicon, candidates, paths, figures, notes)
    for column in strange:
        proposed = _propose(lexicon, binding, column, paths[column], figures)
        _ask_meaning(binding, lexicon, column, paths, notes, proposed=proposed)
    _ask_twice(binding, lexicon, paths, notes)
    _ask_inclusion(binding, lexicon, paths, figures, notes)
    _doubt_columns(binding, lexicon, paths, figures, notes)
    return binding


def _is_unused(path: tuple[str, ...], values: Sequence[Decimal | None]) -> bool:
    if path and any(marked_key(text) in _UNUSED for text in path):
        return True
    if path and marked_key(path[-1]).startswith(_RATE):
        return True  # rates are computed; one that no word explains is only told
    return not path and not any(value is not None for value in values)


def _fitting(
    table: Table, keys: frozenset[str], path: tuple[str, ...], values: Sequence[Decimal | None]
) -> frozenset[str]:
    """Leave out counts where the head says rate or the figures have fractions, and the reverse."""
    fractions = any(value is not None and value != value.to_integral_value() for value in values)
    said = "%" in " ".join(path)
    rates = {key for key in keys if table.quantity(key).is_percent}
    return frozenset(rates if (said or (fractions and rates)) else keys)


def _reopen_beside_blanks(
    lexicon: Lexicon, candidates: dict[int, frozenset[str]], figures: Figures
) -> dict[int, frozenset[str]]:
    """«Đúng hạn» beside a «Trước hạn» without any figure may hold both, whatever the form says."""
    filled = {c: keys for c, keys in candidates.items() if any(v is not None for v in figures[c])}
    result = dict(filled)
    for column, keys in filled.items():
        for identity in lexicon.table.sums:
            part = next((p for p in identity.parts if keys == {p}), None)
            if part is None or not lexicon.is_doubtful(identity.whole, part):
                continue
            siblings = set(identity.parts) - {part}
            if not any(named & siblings for named in filled.values()):
                result[column] = keys | {identity.whole}
    return result


def _propose(
    lexicon: Lexicon, binding: Binding, column: int, path: tuple[str, ...], figures: Figures
) -> str:
    """Return what sums say a column of unknown words holds; the words known must allow it."""
    quantities = lexicon.table.quantities
    # what is shown in place of another cannot be told from it by a sum
    taken = {*binding.columns.values(), *(quantity.stand_in for quantity in quantities)}
    free = {quantity.key for quantity in quantities if quantity.adds_up} - taken
    known = lexicon.known_words(path)
    wanted = free & known if known else free
    sure = {c: key for c, key in binding.columns.items() if c in binding.certain}
    return find_confirmed(lexicon.table, sure, {column: frozenset(wanted)}, figures).get(column, "")


def _share_block(understood: Mapping[int, Understood], column: int, others: set[int]) -> bool:
    """A total under the same block words as a part holds that part."""
    if understood[column].is_bare:
        return False
    return all(understood[column].blocks & understood[other].blocks for other in others)


def _narrow_by_neighbours(
    lexicon: Lexicon, candidates: dict[int, frozenset[str]], understood: Mapping[int, Understood]
) -> dict[int, frozenset[str]]:
    """A word may mean a part or the whole of it: the part when another part stands beside it."""
    table, totals = lexicon.table, lexicon.totals
    result = dict(candidates)
    for column, keys in candidates.items():
        if len(keys) != 2:
            continue
        for identity in table.sums:
            whole, parts = identity.whole, set(identity.parts)
            if whole not in keys or not keys & parts:
                continue
            siblings = parts - keys
            beside = {
                other for other, named in candidates.items() if other != column and named & siblings
            }
            if not beside or keys <= totals and _share_block(understood, column, beside):
                result[column] = frozenset({whole})
            elif not understood[column].is_bare and not keys <= totals:
                result[column] = keys & parts
    return result


def _settle(
    binding: Binding,
    lexicon: Lexicon,
    candidates: Mapping[int, frozenset[str]],
    paths: Mapping[int, tuple[str, ...]],
    figures: Figures,
    notes: Notes,
) -> None:
    for column, keys in candidates.items():
        if len(keys) == 1:
            binding.columns[column] = next(iter(keys))
            binding.certain.add(column)
    taken = set(binding.columns.values())
    unclear = {
        column: frozenset(keys - taken) or keys
        for column, keys in candidates.items()
        if len(keys) > 1
    }
    found = find_confirmed(lexicon.table, binding.columns, unclear, figures)
    rest = {column: keys for column, keys in unclear.items() if column not in found}
    if len(rest) > 1:
        certain = {**binding.columns, **found}
        found = {**found, **_ask_order(certain, binding, lexicon, rest, figures, notes)}
    for column in unclear:
        if found.get(column) == "":
            continue
        if column in found:
            binding.columns[column] = found[column]
            words = lexicon.table.column(found[column]).label
            notes.tell(f"Cột {column + 1} «{_said(paths[column])}» là «{words}»: các tổng khớp.")
        else:
            _ask_meaning(binding, lexicon, column, paths, notes, unclear[column])


def _ask_order(
    certain: Mapping[int, str],
    binding: Binding,
    lexicon: Lexicon,
    unclear: Mapping[int, frozenset[str]],
    figures: Figures,
    notes: Notes,
) -> dict[int, str]:
    """Several unclear columns in the order of one form, under which sums hold: one question."""
    wanted = {**unclear, **{c: frozenset({key}) for c, key in certain.items()}}
    fitting: dict[tuple[str, ...], tuple[Form, int, bool]] = {}
    for form in forms_of(lexicon.table):
        order = _in_order(wanted, [column.key for column in form.columns])
        if order is None:
            continue
        places = {key: column for column, key in order.items()}
        results = [test(check, places, figures) for check in list_checks(lexicon.table, places)]
        held = sum(result.held for result in results)
        if held and not any(result.failed for result in results):
            proofs = any(result.is_proof for result in results)
            fitting.setdefault(tuple(order[c] for c in sorted(order)), (form, held, proofs))
    if len(fitting) != 1:
        return {}
    ((keys, (form, held, is_proved)),) = fitting.items()
    title = form.form_code or form.name or form.title
    answer = notes.put(
        "xep-cot",
        "alignment",
        f"Tiêu đề không nói rõ {len(unclear)} cột thuộc phần nào. Xếp theo {title} thì "
        f"{held}/{held} phép cộng đúng. Đúng không?",
        (("dung", "Đúng như bản giấy"), ("sai", "Không đúng")),
        place="Tiêu đề",
        proposed="dung" if is_proved else "",
        lasting=f"xep:{short_digest(*keys)}",
    )
    order = dict(zip(sorted(wanted), keys, strict=True))
    if answer == "dung" or (not answer and is_proved):
        return {column: order[column] for column in unclear}
    if not answer:
        binding.asked |= set(unclear)
        return dict.fromkeys(unclear, "")
    return {}


def _in_order(wanted: Mapping[int, frozenset[str]], keys: Sequence[str]) -> dict[int, str] | None:
    """Return the only way to read the columns in the order of ``keys``, None when there is none."""
    ways: list[dict[int, str]] = [{}]
    for column in sorted(wanted):
        following = []
        for way in ways:
            after = max((keys.index(key) for key in way.values()), default=-1)
            later = [key for key in keys[after + 1 :] if key in wanted[column]]
            following += [{**way, column: key} for key in later[:3]]
        ways = following[:200]
    return ways[0] if len(ways) == 1 else None


def _ask_twice(
    binding: Binding, lexicon: Lexicon, paths: Mapping[int, tuple[str, ...]], notes: Notes
) -> None:
    """One quantity in two columns: nobody can know which is meant."""
    counts = Counter(binding.columns.values())
    for key in [key for key, count in counts.items() if count > 1]:
        columns = [column for column, bound in binding.columns.items() if bound == key]
        words = lexicon.table.column(key).label
        options = [(str(c + 1), f"Cột {c + 1} «{_said(paths[c])}»") for c in columns]
        answer = notes.put(
            f"hai-cot-{key}",
            "column-twice",
            f"Có {len(columns)} cột cùng là «{words}». Lấy cột nào?",
            (*options, (LEAVE, "Không lấy cột nào")),
            place=f"Cột {', '.join(str(c + 1) for c in columns)}",
            column=columns[0] + 1,
            lasting=f"hai-cot-{key}",
        )
        for column in columns:
            if answer != str(column + 1):
                binding.columns.pop(column, None)
                binding.certain.discard(column)
                if not answer:
                    binding.asked.add(column)


def _doubt_columns(
    binding: Binding,
    lexicon: Lexicon,
    paths: Mapping[int, tuple[str, ...]],
    figures: Figures,
    notes: Notes,
) -> None:
    """A sum that fails in many rows puts its columns in doubt; one slip is the source's."""
    table = lexicon.table
    places = {key: column for column, key in binding.columns.items()}
    for check in list_checks(table, places):
        result = test(check, places, figures)
        if not result.is_systematic or {places[key] for key in check.keys} & binding.answered:
            continue
        whole = table.column(check.whole).label
        parts = ", ".join(f"«{table.column(part).label}»" for part in check.parts)
        answer = notes.put(
            f"lech-{check.whole}",
            "systematic",
            f"Ở {result.failed}/{result.held + result.failed} dòng, «{whole}» không bằng tổng "
            f"của {parts}. Cột xếp sai hay bản gốc sai?",
            (("ban-goc", "Bản gốc ghi vậy"), ("xem-lai", "Xem lại: không lấy các cột này")),
            place=f"Cột {places[check.whole] + 1}",
            column=places[check.whole] + 1,
        )
        if answer != "ban-goc":
            for key in check.keys:
                column = places[key]
                binding.columns.pop(column, None)
                if not answer:
                    binding.asked.add(column)


def _ask_inclusion(
    binding: Binding,
    lexicon: Lexicon,
    paths: Mapping[int, tuple[str, ...]],
    figures: Figures,
    notes: Notes,
) -> None:
    """«Đúng hạn» without «Trước hạn» beside it: does it hold what came early?"""
    table = lexicon.table
    places = {key: column for column, key in binding.columns.items()}
    for identity in table.sums:
        whole, column = identity.whole, places.get(identity.whole)
        if column is None or set(identity.parts) & set(places) or not paths.get(column):
            continue
        part = next((p for p in identity.parts if lexicon.is_doubtful(whole, p)), None)
        if part is None or not lexicon.says(paths[column], part):
            continue
        proved = confirmed_columns(table, binding.columns, figures)
        if proved and column in proved:
            continue
        others = [table.column(p).header[-1] for p in identity.parts if p != part]
        answer = notes.put(
            f"nghia-{whole}",
            "inclusion",
            f"Bảng không có cột {', '.join(f'“{o}”' for o in others)}. Cột "
            f"“{paths[column][-1]}” đã gồm số đó chưa?",
            ((whole, "Đã gồm"), (part, "Chưa")),
            place=f"Cột {column + 1}",
            column=column + 1,
            lasting=f"nghia-{whole}",
        )
        if answer:
            binding.columns[column] = answer
            binding.answered.add(column)
        else:
            binding.columns.pop(column, None)
            binding.asked.add(column)


def _ask_meaning(
    binding: Binding,
    lexicon: Lexicon,
    column: int,
    paths: Mapping[int, tuple[str, ...]],
    notes: Notes,
    keys: Iterable[str] = (),
    proposed: str = "",
) -> None:
    table = lexicon.table
    wanted = [q for q in table.quantities if q.kind is not ValueKind.TEXT]
    if keys:
        wanted = [quantity for quantity in wanted if quantity.key in set(keys)]
    said = _said(paths[column])
    text = f"Cột {column + 1} «{said}» là số gì?" if said else f"Cột {column + 1} là số gì?"
    same = [c for c, path in paths.items() if path == paths[column]]
    if len(same) > 1:
        text = f"Có {len(same)} cột «{said}». Cột thứ {column + 1} là số nào?"
    answer = notes.put(
        f"cot-{column + 1}",
        "column",
        text,
        (
            *((quantity.key, table.column(quantity.key).label) for quantity in wanted),
            (LEAVE, "Không lấy cột này"),
        ),
        place=f"Cột {column + 1}",
        proposed=proposed,
        column=column + 1,
        lasting=f"cot-{column + 1}",
    )
    if not answer:
        binding.asked.add(column)
    elif answer != LEAVE:
        binding.answered.add(column)
    if answer and answer != LEAVE:
        binding.columns[column] = answer
    else:
        binding.unplaced.append(said or f"Cột {column + 1}")


def _said(path: Sequence[str]) -> str:
    return " – ".join(path)[:120]
