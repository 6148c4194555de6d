"""Decides what each column of figures holds: words propose, figures confirm, else it is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from cchc_public.reading.figures import (
    Figures,
    confirmed_columns,
    find_confirmed,
    list_checks,
    test,
)
from cchc_public.reading.questions import LEAVE, Notes, quantity_options, short_digest
from cchc_public.reading.words import UNUSED_HEADS, Lexicon, Understood, forms_of, marked_key
from cchc_public.tables.language import Form, ValueKind

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
    binder = _Binder(lexicon, paths, figures, notes)
    binder.bind()
    return binder.binding


@dataclass
class _Binder:
    """Binds the columns of one head; what it finds stands in ``binding``."""

    lexicon: Lexicon
    paths: Mapping[int, tuple[str, ...]]
    figures: Figures
    notes: Notes
    binding: Binding = field(default_factory=Binding)

    def bind(self) -> None:
        """Let words propose and figures confirm; ask the rest."""
        binding = self.binding
        understood = {c: self.lexicon.understand(path) for c, path in self.paths.items()}
        candidates: dict[int, frozenset[str]] = {}
        strange: list[int] = []
        for column, path in self.paths.items():
            filled = any(value is not None for value in self.figures[column])
            keys = self._fitting(column, understood[column].keys)
            # rates are computed: one that no word explains is only told
            words = [marked_key(text) for text in path]
            is_unused = not _UNUSED.isdisjoint(words) or (words and words[-1].startswith(_RATE))
            if not understood[column].keys and (is_unused if path else not filled):
                if path:
                    said = self._said(column)
                    self.notes.tell(f"Cột «{said}» không phải số liệu của biểu; không đọc.")
            elif keys:
                candidates[column] = keys
            elif filled and self.notes.knows(f"cot-{column + 1}"):
                self._ask_meaning(column)  # what it is decides what its neighbours are
                if column in binding.columns:
                    candidates[column] = frozenset({binding.columns[column]})
            elif filled:
                strange.append(column)
        candidates = self._narrow(candidates, understood)
        candidates |= {column: frozenset({key}) for column, key in binding.columns.items()}
        self._settle(candidates)
        for column in strange:
            self._ask_meaning(column, proposed=self._propose(column))
        self._ask_twice()
        self._ask_inclusion()
        self._doubt_columns()

    def _said(self, column: int) -> str:
        return " – ".join(self.paths[column])[:120]

    def _fitting(self, column: int, keys: frozenset[str]) -> frozenset[str]:
        """Leave out counts where a head says rate or figures have fractions, and the reverse."""
        values = [value for value in self.figures[column] if value is not None]
        rates = {key for key in keys if self.lexicon.table.quantity(key).is_percent}
        has_fractions = any(value != value.to_integral_value() for value in values)
        said = "%" in " ".join(self.paths[column])
        return frozenset(rates) if said or (has_fractions and rates) else keys

    def _narrow(
        self, candidates: dict[int, frozenset[str]], understood: Mapping[int, Understood]
    ) -> dict[int, frozenset[str]]:
        """A word may mean a part or the whole of it: the part when another part stands beside it.

        «Đúng hạn» beside a «Trước hạn» without any figure may hold both, whatever the form says.
        """
        table, totals = self.lexicon.table, self.lexicon.totals
        filled = {
            column: keys
            for column, keys in candidates.items()
            if any(value is not None for value in self.figures[column])
        }
        opened = dict(filled)
        for column, keys in filled.items():
            for identity in table.sums:
                part = next((p for p in identity.parts if keys == {p}), "")
                if part and self.lexicon.is_doubtful(identity.whole, part):
                    siblings = set(identity.parts) - {part}
                    if not any(named & siblings for named in filled.values()):
                        opened[column] = keys | {identity.whole}
        result = dict(opened)
        for column, keys in opened.items():
            for identity in table.sums if len(keys) == 2 else ():
                parts, meant = set(identity.parts), understood[column]
                if identity.whole not in keys or not keys & parts:
                    continue
                beside = [
                    c for c, named in opened.items() if c != column and named & (parts - keys)
                ]
                # a total under the same block words as a part holds that part
                is_over = not meant.is_bare and all(
                    meant.blocks & understood[other].blocks for other in beside
                )
                if not beside or (keys <= totals and is_over):
                    result[column] = frozenset({identity.whole})
                elif not meant.is_bare and not keys <= totals:
                    result[column] = keys & parts
        return result

    def _propose(self, column: int) -> str:
        """Return what sums say a column of unknown words holds; the words known must allow it."""
        table, binding = self.lexicon.table, self.binding
        # what is shown in place of another cannot be told from it by a sum
        taken = {*binding.columns.values(), *(quantity.stand_in for quantity in table.quantities)}
        free = {quantity.key for quantity in table.quantities if quantity.adds_up} - taken
        known = self.lexicon.known_words(self.paths[column])
        sure = {c: key for c, key in binding.columns.items() if c in binding.certain}
        wanted = {column: frozenset(free & known if known else free)}
        return find_confirmed(table, sure, wanted, self.figures).get(column, "")

    def _settle(self, candidates: Mapping[int, frozenset[str]]) -> None:
        binding, table = self.binding, self.lexicon.table
        for column, keys in candidates.items():
            if len(keys) == 1:
                binding.columns[column] = next(iter(keys))
                binding.certain.add(column)
        taken = set(binding.columns.values())
        unclear = {c: (keys - taken) or keys for c, keys in candidates.items() if len(keys) > 1}
        found = find_confirmed(table, binding.columns, unclear, self.figures)
        rest = {column: keys for column, keys in unclear.items() if column not in found}
        if len(rest) > 1:
            found = {**found, **self._ask_order({**binding.columns, **found}, rest)}
        for column in unclear:
            if found.get(column):
                binding.columns[column] = found[column]
                words = table.column(found[column]).label
                said = self._said(column)
                self.notes.tell(f"Cột {column + 1} «{said}» là «{words}»: các tổng khớp.")
            elif column not in found:
                self._ask_meaning(column, unclear[column])

    def _ask_order(
        self, certain: Mapping[int, str], unclear: Mapping[int, frozenset[str]]
    ) -> dict[int, str]:
        """Several unclear columns in the order of one form, under which sums hold: one question."""
        table = self.lexicon.table
        wanted = {**unclear, **{c: frozenset({key}) for c, key in certain.items()}}
        fitting: dict[tuple[str, ...], tuple[Form, int, bool]] = {}
        for form in forms_of(table):
            order = _in_order(wanted, [column.key for column in form.columns])
            places = {key: column for column, key in (order or {}).items()}
            results = [test(check, places, self.figures) for check in list_checks(table, places)]
            held = sum(result.held for result in results)
            if order and held and not any(result.failed for result in results):
                proofs = any(result.is_proof for result in results)
                fitting.setdefault(tuple(order[c] for c in sorted(order)), (form, held, proofs))
        if len(fitting) != 1:
            return {}
        ((keys, (form, held, is_proved)),) = fitting.items()
        title = form.form_code or form.name or form.title
        answer = self.notes.put(
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
        if answer:
            return {}
        self.binding.asked |= set(unclear)
        return dict.fromkeys(unclear, "")

    def _ask_twice(self) -> None:
        """One quantity in two columns: nobody can know which is meant."""
        binding = self.binding
        for key in [key for key, count in Counter(binding.columns.values()).items() if count > 1]:
            columns = [column for column, bound in binding.columns.items() if bound == key]
            words = self.lexicon.table.column(key).label
            options = [(str(c + 1), f"Cột {c + 1} «{self._said(c)}»") for c in columns]
            answer = self.notes.put(
                f"hai-cot-{key}",
                "column-twice",
                f"Có {len(columns)} cột cùng là «{words}». Lấy cột nào?",
                (*options, (LEAVE, "Không lấy cột nào")),
                place=f"Cột {', '.join(str(c + 1) for c in columns)}",
                column=columns[0] + 1,
                lasting=f"hai-cot-{key}",
            )
            others = [column for column in columns if answer != str(column + 1)]
            self._withdraw(others, is_asked=not answer)
            binding.certain -= set(others)

    def _withdraw(self, columns: Collection[int], *, is_asked: bool) -> None:
        """Leave columns empty: while they are asked, or because a person said so."""
        for column in columns:
            self.binding.columns.pop(column, None)
        if is_asked:
            self.binding.asked |= set(columns)

    def _ask_inclusion(self) -> None:
        """«Đúng hạn» without «Trước hạn» beside it: does it hold what came early?"""
        table, binding = self.lexicon.table, self.binding
        places = {key: column for column, key in binding.columns.items()}
        for identity in table.sums:
            whole, column = identity.whole, places.get(identity.whole, -1)
            doubtful = (p for p in identity.parts if self.lexicon.is_doubtful(whole, p))
            part = next(doubtful, "")
            if not part or not self.paths.get(column) or set(identity.parts) & set(places):
                continue
            if not self.lexicon.says(self.paths[column], part):
                continue
            if column in (confirmed_columns(table, binding.columns, self.figures) or ()):
                continue
            others = [table.column(p).header[-1] for p in identity.parts if p != part]
            answer = self.notes.put(
                f"nghia-{whole}",
                "inclusion",
                f"Bảng không có cột {', '.join(f'“{o}”' for o in others)}. Cột "
                f"“{self.paths[column][-1]}” đã gồm số đó chưa?",
                ((whole, "Đã gồm"), (part, "Chưa")),
                place=f"Cột {column + 1}",
                column=column + 1,
                lasting=f"nghia-{whole}",
            )
            if answer:
                binding.columns[column] = answer
                binding.answered.add(column)
            else:
                self._withdraw([column], is_asked=True)

    def _doubt_columns(self) -> None:
        """A sum that fails in many rows puts its columns in doubt; one slip is the source's."""
        table, binding = self.lexicon.table, self.binding
        places = {key: column for column, key in binding.columns.items()}
        for check in list_checks(table, places):
            result = test(check, places, self.figures)
            columns = {places[key] for key in check.keys}
            if not result.is_systematic or columns & binding.answered:
                continue
            parts = ", ".join(f"«{table.column(part).label}»" for part in check.parts)
            answer = self.notes.put(
                f"lech-{check.whole}",
                "systematic",
                f"Ở {result.failed}/{result.held + result.failed} dòng, "
                f"«{table.column(check.whole).label}» không bằng tổng của {parts}. "
                "Cột xếp sai hay bản gốc sai?",
                (("ban-goc", "Bản gốc ghi vậy"), ("xem-lai", "Xem lại: không lấy các cột này")),
                place=f"Cột {places[check.whole] + 1}",
                column=places[check.whole] + 1,
            )
            if answer != "ban-goc":
                self._withdraw(columns, is_asked=not answer)

    def _ask_meaning(self, column: int, keys: Collection[str] = (), proposed: str = "") -> None:
        table, binding, said = self.lexicon.table, self.binding, self._said(column)
        wanted = [q.key for q in table.quantities if q.kind is not ValueKind.TEXT]
        same = [c for c, path in self.paths.items() if path == self.paths[column]]
        text = f"Cột {column + 1} «{said}» là số gì?" if said else f"Cột {column + 1} là số gì?"
        if len(same) > 1:
            text = f"Có {len(same)} cột «{said}». Cột thứ {column + 1} là số nào?"
        answer = self.notes.put(
            f"cot-{column + 1}",
            "column",
            text,
            quantity_options(table, [key for key in wanted if not keys or key in keys]),
            place=f"Cột {column + 1}",
            proposed=proposed,
            column=column + 1,
            lasting=f"cot-{column + 1}",
        )
        if not answer:
            binding.asked.add(column)
        elif answer != LEAVE:
            binding.answered.add(column)
            binding.columns[column] = answer
            return
        binding.unplaced.append(said or f"Cột {column + 1}")


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
