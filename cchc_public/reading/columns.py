"""Decides what each column of figures holds: words propose, sums confirm, else it is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from math import prod

from cchc_public.reading.questions import AS_PRINTED, LEAVE, Draft, quantity_options, short_digest
from cchc_public.reading.words import RATE, UNUSED, CellRead, Understood, forms_of, marked_key
from cchc_public.tables.language import Form, Sum, Table, ValueKind

Figures = Mapping[int, Sequence[Decimal | None]]  # by column, row by row
MOST_TRIALS = 4_000
_BEFORE = " " + marked_key("kỳ trước")


def list_checks(table: Table, keys: Iterable[str]) -> list[Sum]:
    """Return the sums of a table that can be tested with ``keys``, absent parts spelled out."""
    present = set(keys)
    found = (
        Sum(identity.whole, parts)
        for identity in table.sums
        if identity.whole in present and (parts := _parts_at_hand(table, identity, present))
    )
    return list(dict.fromkeys(sum_ for sum_ in found if len({*sum_.parts}) > 1))


def _parts_at_hand(table: Table, identity: Sum, present: set[str]) -> tuple[str, ...]:
    """Return the parts of a sum, an absent one as its own parts; nothing when one is missing."""
    result: list[str] = []
    for part in identity.parts:
        within = (_parts_at_hand(table, one, present) for one in table.sums if one.whole == part)
        found = (part,) if part in present else next(filter(None, within), ())
        if not found:
            return ()
        result += found
    return tuple(result)


@dataclass(frozen=True)
class Tested:
    """How a check came out over the rows."""

    held: int = 0
    failed: int = 0
    speaking: int = 0  # different rows that hold with something else than zeros
    verb: str = "không bằng tổng của"

    @property
    def is_proof(self) -> bool:
        """True when it holds everywhere and at least two rows say something."""
        return not self.failed and self.speaking >= 2


def test_sums(
    table: Table, places: Mapping[str, int], figures: Figures
) -> Iterator[tuple[Sum, Tested]]:
    """Try each sum among columns row by row; rows with a blank among its members say nothing."""
    for check in list_checks(table, places):
        held = failed = 0
        speaking = set()
        parts = [figures[places[part]] for part in check.parts]
        for whole, *values in zip(figures[places[check.whole]], *parts, strict=True):
            known = [value for value in values if value is not None]
            if whole is None or len(known) < len(values):
                continue
            if whole == sum(known):
                held += 1
                if whole:
                    speaking.add(tuple(known))
            else:
                failed += 1
        yield check, Tested(held, failed, len(speaking))


def test_bounds(
    table: Table, places: Mapping[str, int], figures: Figures
) -> Iterator[tuple[Sum, Tested]]:
    """Try each sum of which a part is missing: those at hand are not more than the whole."""
    present = set(places)
    for identity in (one for one in table.sums if one.whole in present):
        at_hand = [_parts_at_hand(table, Sum("", (part,)), present) for part in identity.parts]
        parts = tuple(part for within in at_hand for part in within)
        if len(parts) < 2 or all(at_hand):
            continue
        rows = zip(*(figures[places[key]] for key in (identity.whole, *parts)), strict=True)
        known = [(row[0], sum(filter(None, row[1:]))) for row in rows if row[0] is not None]
        failed = sum(most > whole for whole, most in known)
        if failed > 1:
            tested = Tested(len(known) - failed, failed, verb="nhỏ hơn tổng của")
            yield Sum(identity.whole, parts), tested


def sums_held(table: Table, places: Mapping[str, int], figures: Figures) -> tuple[int, bool]:
    """Return how often sums hold in an order of columns, and whether they prove it; 0 if not."""
    results = [result for _check, result in test_sums(table, places, figures)]
    if any(result.failed for result in results):
        return 0, False
    return sum(result.held for result in results), any(result.is_proof for result in results)


def find_confirmed(
    table: Table,
    certain: Mapping[int, str],
    unclear: Mapping[int, frozenset[str]],
    figures: Figures,
) -> dict[int, str]:
    """Return the meanings of unclear columns that sums confirm, and no other assignment shares."""
    columns = list(unclear)
    if not columns or prod(map(len, unclear.values())) > MOST_TRIALS:
        return {}
    best: list[tuple[int, dict[int, str]]] = []
    for chosen in product(*(sorted(unclear[column]) for column in columns)):
        trial = dict(zip(columns, chosen, strict=True))
        if len({*chosen, *certain.values()}) < len(chosen) + len(certain):
            continue
        confirmed = confirmed_columns(table, {**certain, **trial}, figures)
        if confirmed is not None:
            best.append((len(confirmed & set(columns)), trial))
    if not best:
        return {}
    most = max(count for count, _trial in best)
    top = [trial for count, trial in best if count == most]
    common = set.intersection(*(set(trial.items()) for trial in top))
    proved = confirmed_columns(table, {**certain, **top[0]}, figures) or set()
    return {column: key for column, key in common if column in proved}


def confirmed_columns(
    table: Table, columns: Mapping[int, str], figures: Figures
) -> set[int] | None:
    """Return the columns an identity proves, None when one fails too often."""
    places = {key: column for column, key in columns.items()}
    proved: set[int] = set()
    for check, result in test_sums(table, places, figures):
        if result.failed:
            return None
        if result.is_proof:
            proved |= {places[key] for key in check.keys}
    return {c for c in proved if sum(value not in (None, 0) for value in figures[c]) >= 2}


Reads = dict[int, dict[str, CellRead]]  # by line and quantity


def settle_choices(reads: Reads, draft: Draft, places: Mapping[str, str] | None = None) -> None:
    """``12.000`` is 12 or 12 000: sums of its row decide, else it is asked.

    ``places`` tell where the quantities of a list stand, whose lines make one row.
    """
    table = draft.form.table
    for line, cells in reads.items():
        for key, read in [(key, read) for key, read in cells.items() if read.choices]:
            fitting = [choice for choice in read.choices if _fits(table, cells, key, choice)]
            column = [other[key] for other in reads.values() if key in other]
            plain = [one.value for one in column if one.note and not one.choices]
            if len(fitting) == 1:
                cells[key] = CellRead(fitting[0], note=f"đọc là {fitting[0]}: các tổng khớp")
            elif any(isinstance(value, int) and value > 1000 and value % 1000 for value in plain):
                most = max(read.choices)
                cells[key] = CellRead(most, note=f"đọc là {most} như các ô cùng cột")
            else:
                options = [(str(choice), str(choice)) for choice in read.choices]
                marks = {"place": places[key]} if places else {}
                answer = draft.ask_figure(line, "", key, options, **marks)
                cells[key] = CellRead(int(answer)) if answer else CellRead()


def _fits(table: Table, cells: Mapping[str, CellRead], key: str, choice: int) -> bool:
    values = {key: Decimal(choice)}
    for other, read in cells.items():
        if isinstance(read.value, int | Decimal) and not read.choices:
            values[other] = Decimal(read.value)
    checks = [check for check in list_checks(table, values) if key in check.keys]
    return bool(checks) and all(
        values[check.whole] == sum(values[part] for part in check.parts) for check in checks
    )


@dataclass
class Binding:
    """Quantity by column; ``asked`` columns stay empty until a person answers."""

    draft: Draft
    paths: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    figures: Figures = field(default_factory=dict)
    columns: dict[int, str] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)
    certain: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)  # a person said what they hold

    def __post_init__(self) -> None:
        """Keep at hand the words of the table and of heads, and which columns hold figures."""
        self.lexicon, self.table = self.draft.lexicon, self.draft.form.table
        self.said = {c: " – ".join(path)[:120] for c, path in self.paths.items()}
        self.filled = {c for c, figures in self.figures.items() if {*figures} - {None}}

    def bind(self) -> Binding:
        """Let words propose and figures confirm; ask the rest."""
        understood = self._understand()
        candidates: dict[int, frozenset[str]] = {}
        strange: list[int] = []
        for column, path in self.paths.items():
            filled = column in self.filled
            keys = self._fitting(column, understood[column].keys)
            # rates are computed: one that no word explains is only told
            words = [marked_key(text) for text in path]
            is_unused = not UNUSED.isdisjoint(words) or (words and words[-1].startswith(RATE))
            if not understood[column].keys and (is_unused if path else not filled):
                if path:
                    said = self.said[column]
                    self.draft.tell(f"Cột «{said}» không phải số liệu của biểu; không đọc.")
            elif keys:
                candidates[column] = keys
            elif filled and self.draft.knows(f"cot-{column + 1}"):
                self._ask_meaning(column)  # what it is decides what its neighbours are
                if column in self.columns:
                    candidates[column] = frozenset({self.columns[column]})
            elif filled:
                strange.append(column)
        candidates = self._narrow(candidates, understood)
        candidates |= {column: frozenset({key}) for column, key in self.columns.items()}
        self._settle(candidates)
        for column in strange:
            self._ask_meaning(column, proposed=self._propose(column))
        self._ask_twice()
        self._ask_inclusion()
        self._doubt_columns()
        return self

    def _understand(self) -> dict[int, Understood]:
        """Return what each head means; «Tiếp nhận kỳ trước» beside «Tiếp nhận» is doubtful."""
        said = {c: marked_key(" ".join(path)) for c, path in self.paths.items()}
        return {
            c: Understood()
            if words.endswith(_BEFORE) and words.removesuffix(_BEFORE) in said.values()
            else self.lexicon.understand(self.paths[c])
            for c, words in said.items()
        }

    def _fitting(self, column: int, keys: frozenset[str]) -> frozenset[str]:
        """Leave out counts where a head says rate or figures have fractions, and the reverse."""
        values = [value for value in self.figures[column] if value is not None]
        rates = {key for key in keys if self.table.quantity(key).is_percent}
        has_fractions = any(value != value.to_integral_value() for value in values)
        said = "%" in " ".join(self.paths[column])
        return frozenset(rates) if said or (has_fractions and rates) else keys

    def _narrow(
        self, candidates: dict[int, frozenset[str]], understood: Mapping[int, Understood]
    ) -> dict[int, frozenset[str]]:
        """A word may mean a part or the whole of it: the part when another part stands beside it.

        «Đúng hạn» beside a «Trước hạn» without any figure may hold both, whatever the form says.
        """
        totals = self.lexicon.totals
        filled = {column: keys for column, keys in candidates.items() if column in self.filled}
        opened = dict(filled)
        for column, keys in filled.items():
            for identity in self.table.sums:
                part = next((p for p in identity.parts if keys == {p}), "")
                if part and self.lexicon.is_doubtful(identity.whole, part):
                    siblings = set(identity.parts) - {part}
                    if not any(named & siblings for named in filled.values()):
                        opened[column] = keys | {identity.whole}
        result = dict(opened)
        for column, keys in opened.items():
            for identity in self.table.sums if len(keys) == 2 else ():
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
        # what is shown in place of another cannot be told from it by a sum
        taken = {*self.columns.values(), *(quantity.stand_in for quantity in self.table.quantities)}
        free = {quantity.key for quantity in self.table.quantities if quantity.adds_up} - taken
        known = self.lexicon.known_words(self.paths[column])
        sure = {c: key for c, key in self.columns.items() if c in self.certain}
        wanted = {column: frozenset(free & known if known else free)}
        return find_confirmed(self.table, sure, wanted, self.figures).get(column, "")

    def _settle(self, candidates: Mapping[int, frozenset[str]]) -> None:
        for column, keys in candidates.items():
            if len(keys) == 1:
                self.columns[column] = next(iter(keys))
                self.certain.add(column)
        taken = set(self.columns.values())
        unclear = {c: (keys - taken) or keys for c, keys in candidates.items() if len(keys) > 1}
        found = find_confirmed(self.table, self.columns, unclear, self.figures)
        rest = {column: keys for column, keys in unclear.items() if column not in found}
        if len(rest) > 1:
            found = {**found, **self._ask_order({**self.columns, **found}, rest)}
        for column in unclear:
            if found.get(column):
                self.columns[column] = found[column]
                words, said = self.table.column(found[column]).label, self.said[column]
                self.draft.tell(f"Cột {column + 1} «{said}» là «{words}»: các tổng khớp.")
            elif column not in found:
                self._ask_meaning(column, unclear[column])

    def _ask_order(
        self, certain: Mapping[int, str], unclear: Mapping[int, frozenset[str]]
    ) -> dict[int, str]:
        """Several unclear columns in the order of one form, under which sums hold: one question."""
        wanted = {**unclear, **{c: frozenset({key}) for c, key in certain.items()}}
        fitting: dict[tuple[str, ...], tuple[Form, int, bool]] = {}
        for form in forms_of(self.table):
            order = _in_order(wanted, [column.key for column in form.columns]) or {}
            places = {key: column for column, key in order.items()}
            held, is_proved = sums_held(self.table, places, self.figures)
            if held:
                keys = tuple(order[column] for column in sorted(order))
                fitting.setdefault(keys, (form, held, is_proved))
        if len(fitting) != 1:
            return {}
        ((keys, (form, held, is_proved)),) = fitting.items()
        title = form.form_code or form.name or form.title
        answer = self.draft.ask(
            "xep-cot",
            "alignment",
            f"Tiêu đề không nói rõ {len(unclear)} cột thuộc phần nào. Xếp theo {title} thì "
            f"{held}/{held} phép cộng đúng. Đúng không?",
            AS_PRINTED,
            proposed="dung" if is_proved else "",
            lasting=f"xep:{short_digest(*keys)}",
        )
        order = dict(zip(sorted(wanted), keys, strict=True))
        if answer == "dung" or (not answer and is_proved):
            return {column: order[column] for column in unclear}
        if answer:
            return {}
        self.asked |= set(unclear)
        return dict.fromkeys(unclear, "")

    def _ask_twice(self) -> None:
        """One quantity in two columns: nobody can know which is meant."""
        for key in [key for key, count in Counter(self.columns.values()).items() if count > 1]:
            columns = [column for column, bound in self.columns.items() if bound == key]
            words = self.table.column(key).label
            options = [(str(c + 1), f"Cột {c + 1} «{self.said[c]}»") for c in columns]
            answer = self.draft.ask(
                f"hai-cot-{key}",
                "column-twice",
                f"Có {len(columns)} cột cùng là «{words}». Lấy cột nào?",
                (*options, (LEAVE, "Không lấy cột nào")),
                place=f"Cột {', '.join(str(c + 1) for c in columns)}",
                column=columns[0] + 1,
            )
            others = [column for column in columns if answer != str(column + 1)]
            self._withdraw(others, is_asked=not answer)
            self.certain -= set(others)

    def _withdraw(self, columns: Collection[int], *, is_asked: bool) -> None:
        """Leave columns empty: while they are asked, or because a person said so."""
        for column in columns:
            self.columns.pop(column, None)
        if is_asked:
            self.asked |= set(columns)

    def _ask_inclusion(self) -> None:
        """«Đúng hạn» without «Trước hạn» beside it: does it hold what came early?"""
        places = {key: column for column, key in self.columns.items()}
        for identity in self.table.sums:
            whole, column = identity.whole, places.get(identity.whole, -1)
            doubtful = (p for p in identity.parts if self.lexicon.is_doubtful(whole, p))
            part = next(doubtful, "")
            if not part or not self.paths.get(column) or set(identity.parts) & set(places):
                continue
            if part not in self.lexicon.understand(self.paths[column]).keys:
                continue
            if column in (confirmed_columns(self.table, self.columns, self.figures) or ()):
                continue
            others = [self.table.column(p).header[-1] for p in identity.parts if p != part]
            answer = self.draft.ask(
                f"nghia-{whole}",
                "inclusion",
                f"Bảng không có cột {', '.join(f'“{o}”' for o in others)}. Cột "
                f"“{self.paths[column][-1]}” đã gồm số đó chưa?",
                ((whole, "Đã gồm"), (part, "Chưa")),
                column=column + 1,
            )
            if answer:
                self.columns[column] = answer
                self.answered.add(column)
            else:
                self._withdraw([column], is_asked=True)

    def _doubt_columns(self) -> None:
        """A sum that fails in many rows puts its columns in doubt; one slip is the source's."""
        places = {key: column for column, key in self.columns.items()}
        for check, result in [
            *test_sums(self.table, places, self.figures),
            *test_bounds(self.table, places, self.figures),
        ]:
            columns = {places[key] for key in check.keys}
            tested = result.held + result.failed
            is_slip = result.failed < 2 or result.failed * 3 <= tested
            if not result.failed or (tested > 2 and is_slip) or columns & self.answered:
                continue
            parts = ", ".join(f"«{self.table.column(part).label}»" for part in check.parts)
            answer = self.draft.ask(
                f"lech-{check.whole}",
                "systematic",
                f"Ở {result.failed}/{tested} dòng, "
                f"«{self.table.column(check.whole).label}» {result.verb} {parts}. "
                "Cột xếp sai hay bản gốc sai?",
                (("ban-goc", "Bản gốc ghi vậy"), ("xem-lai", "Xem lại: không lấy các cột này")),
                column=places[check.whole] + 1,
            )
            if answer != "ban-goc":
                self._withdraw(columns, is_asked=not answer)

    def _ask_meaning(self, column: int, keys: Collection[str] = (), proposed: str = "") -> None:
        said = self.said[column]
        wanted = [q.key for q in self.table.quantities if q.kind is not ValueKind.TEXT]
        same = [c for c, path in self.paths.items() if path == self.paths[column]]
        text = f"Cột {column + 1} «{said}» là số gì?" if said else f"Cột {column + 1} là số gì?"
        if len(same) > 1:
            text = f"Có {len(same)} cột «{said}». Cột thứ {column + 1} là số nào?"
        answer = self.draft.ask(
            f"cot-{column + 1}",
            "column",
            text,
            quantity_options(self.table, [key for key in wanted if not keys or key in keys]),
            proposed=proposed,
            column=column + 1,
        )
        if not answer:
            self.asked.add(column)
        elif answer != LEAVE:
            self.answered.add(column)
            self.columns[column] = answer
            return
        self.draft.unplaced.append(said or f"Cột {column + 1}")


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
