"""Solves a sheet: what follows from what is given, and where what is given contradicts itself.

Every identity has one shape, a whole and its parts: sums within a row, and the rows (groups,
details) below a total. Nothing given is ever replaced; what cannot be derived stays unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from heapq import heappop, heappush
from itertools import islice, product

from cchc_public.tables.language import Form, Sum
from cchc_public.vietnamese.numbers import Number


class Origin(StrEnum):
    """Where a figure comes from."""

    GIVEN = "given"
    SUMMED = "summed"
    BY_DIFFERENCE = "by-difference"
    ZERO = "zero"  # the known parts exhaust their sum
    STAND_IN = "stand-in"  # another quantity shown in place of one nobody gave
    UNKNOWN = "unknown"


MOST_FAULTS = 3  # wrong figures looked for together
MOST_TRIALS = 120  # explanations tried for each number; beyond, one fact names the whole part
Place = tuple[str, str]  # row key, quantity key


@dataclass(frozen=True)
class Term:
    """One given figure of a contradiction; those counted up should equal those counted down."""

    place: Place
    value: Number
    sign: int  # how often it counts, below 0 on the other side


@dataclass(frozen=True)
class Fact:
    """One contradiction among given figures.

    ``cell`` is the only given figure that can be wrong by itself, None when several can
    (``suspects``) or none; ``expected`` is what all others give for it. ``identity`` is the whole
    of the identity the ``terms`` come from; ``is_bound``: known parts alone are more than it.
    """

    terms: tuple[Term, ...]
    identity: Place
    suspects: tuple[Place, ...] = ()
    cell: Place | None = None
    found: Number | None = None
    expected: Number | None = None
    is_bound: bool = False

    def mended(self, place: Place) -> Number | None:
        """Return what one given figure would have to be for the terms to agree."""
        rest = sum(term.value * term.sign for term in self.terms)
        term = next((term for term in self.terms if term.place == place), None)
        return term.value - rest * term.sign if term and abs(term.sign) == 1 else None

    @property
    def places(self) -> frozenset[Place]:
        """All given figures that take part."""
        return frozenset((*self.suspects, *(term.place for term in self.terms)))


@dataclass(frozen=True)
class Figures:
    """The solved figures of a sheet by row (in the order of the nodes) and quantity.

    ``expected`` is what all others give for a given figure that contradicts them; ``confirmed``
    are given figures that others bear out.
    """

    values: Mapping[tuple[int, str], Number]
    origins: Mapping[tuple[int, str], Origin]
    expected: Mapping[tuple[int, str], Number]
    confirmed: frozenset[tuple[int, str]]
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Node:
    """One row of the tree: what is given there, and the nodes whose sum it is."""

    key: str
    given: Mapping[str, Number | str | None]
    children: tuple[int, ...] = ()


@dataclass(frozen=True)
class Equation:
    """``whole`` is the sum of ``parts``; both are variables."""

    whole: int
    parts: tuple[int, ...]

    @property
    def members(self) -> tuple[int, ...]:
        """The whole and its parts."""
        return (self.whole, *self.parts)


@dataclass(frozen=True)
class System:
    """Variables and equations of one sheet; variables are numbered by row and quantity."""

    names: Sequence[tuple[int, str]]
    equations: Sequence[Equation]
    given: Mapping[int, Number]
    uses: Sequence[list[int]]  # equations by variable


def build_system(form: Form, nodes: Sequence[Node]) -> System:
    """Return the equations that can say something about the figures given in ``nodes``."""
    table = form.table
    given = {key for node in nodes for key in node.given}
    absent = set(form.absent) - given
    waiting = [Sum(s.whole, tuple(p for p in s.parts if p not in absent)) for s in table.sums]
    sums: list[Sum] = []
    in_sums: set[str] = set()
    # a sum of which nothing is given, nor can be derived, says nothing
    while fresh := [s for s in waiting if s not in sums and s.keys & (given | in_sums)]:
        sums += fresh
        in_sums.update(*(s.keys for s in fresh))
    keys = [q.key for q in table.quantities if q.adds_up and (q.key in in_sums or q.key in given)]
    names = list(product(range(len(nodes)), keys))
    place = {name: variable for variable, name in enumerate(names)}
    # the order of identities and rows must not matter: equations stand in the order of their names
    found = [
        Equation(place[index, s.whole], tuple(place[index, part] for part in s.parts))
        for index in range(len(nodes))
        for s in sums
    ]
    found += [
        Equation(place[index, key], tuple(place[child, key] for child in node.children))
        for index, node in enumerate(nodes)
        if node.children
        for key in keys
    ]
    equations = sorted(
        found,
        key=lambda e: (names[e.whole][1], names[e.parts[0]][1], nodes[names[e.whole][0]].key),
    )
    uses: list[list[int]] = [[] for _name in names]
    for number, equation in enumerate(equations):
        for variable in equation.members:
            uses[variable].append(number)
    figures = {place[index, key]: nodes[index].given.get(key) for index, key in names}
    known = {v: figure for v, figure in figures.items() if isinstance(figure, int | Decimal)}
    return System(names, equations, known, uses)


_SUM, _DIFFERENCE, _ZEROS = range(3)  # in this order


class Propagation:
    """The closure of given values: sums upward first, then differences, then zeros, anew each time.

    ``reason`` is the equation a value was derived by; ``failed`` are the equations that fail.
    """

    def __init__(self, system: System, without: frozenset[int] = frozenset()) -> None:
        """Solve ``system`` without the given values in ``without``."""
        self.system = system
        self.values: dict[int, Number] = {}
        self.origins: dict[int, Origin] = {}
        self.reason: dict[int, int] = {}
        self._missing = [len(equation.parts) for equation in system.equations]
        self._known: list[Number] = [0] * len(system.equations)
        self._queue: list[tuple[int, int]] = []  # step and number of an equation
        for variable, value in system.given.items():
            if variable not in without:
                self._set(variable, value, Origin.GIVEN)
        self._run()
        self.failed: list[int] = []
        for number, equation in enumerate(system.equations):
            known, whole = self._known[number], self.values.get(equation.whole)
            if whole is not None and (
                known > whole or (known != whole and not self._missing[number])
            ):
                self.failed.append(number)

    def _set(self, variable: int, value: Number, origin: Origin, reason: int = -1) -> None:
        self.values[variable], self.origins[variable] = value, origin
        if reason >= 0:
            self.reason[variable] = reason
        for number in self.system.uses[variable]:
            equation = self.system.equations[number]
            if equation.whole != variable:
                self._missing[number] -= 1
                self._known[number] += value
            missing = self._missing[number]
            if equation.whole in self.values and missing:
                heappush(self._queue, (_DIFFERENCE if missing == 1 else _ZEROS, number))
            elif equation.whole not in self.values and not missing:
                heappush(self._queue, (_SUM, number))

    def _run(self) -> None:
        while self._queue:
            step, number = heappop(self._queue)
            equation, known = self.system.equations[number], self._known[number]
            whole = self.values.get(equation.whole)
            if whole is None:
                self._set(equation.whole, known, Origin.SUMMED, number)
            elif (step == _DIFFERENCE and whole >= known) or (step == _ZEROS and whole == known):
                # known parts above their whole are a contradiction: no value
                origin = Origin.BY_DIFFERENCE if step == _DIFFERENCE else Origin.ZERO
                for part in equation.parts:
                    if part not in self.values:
                        self._set(part, whole - known, origin, number)

    def is_bound(self, number: int) -> bool:
        """Tell whether a failed equation fails only because its known parts are too many."""
        return bool(self._missing[number])

    def confirmed(self) -> set[int]:
        """Return the given values that an identity bears out whose members are known without it."""
        return {
            member
            for number, equation in enumerate(self.system.equations)
            if not self._missing[number]
            and self._known[number] == self.values.get(equation.whole)
            and all(self.reason.get(v) != number for v in equation.members)
            for member in equation.members
            if self.origins[member] is Origin.GIVEN
        }

    def support(self, number: int) -> frozenset[int]:
        """Return the given values on which an equation rests."""
        seen: set[int] = set()
        stack = self._members(number)
        while stack:
            variable = stack.pop()
            if variable not in seen:
                seen.add(variable)
                if variable in self.reason:
                    stack += self._members(self.reason[variable])
        return frozenset(v for v in seen if self.origins[v] is Origin.GIVEN)

    def _members(self, number: int) -> list[int]:
        equation = self.system.equations[number]
        return [v for v in equation.members if v in self.values]

    def terms(self, number: int) -> dict[int, int]:
        """Return an equation in given values only: their coefficients should add up to nothing."""
        equation = self.system.equations[number]
        result: dict[int, int] = defaultdict(int)
        stack = [(equation.whole, 1), *((part, -1) for part in equation.parts)]
        while stack:
            variable, sign = stack.pop()
            if variable not in self.values or self.origins[variable] is Origin.ZERO:
                continue
            reason = self.reason.get(variable)
            if reason is None:
                result[variable] += sign
                continue
            origin = self.system.equations[reason]
            if variable == origin.whole:
                stack += [(part, sign) for part in origin.parts]
            else:
                stack.append((origin.whole, sign))
                stack += [(part, -sign) for part in origin.parts if part != variable]
        return {variable: sign for variable, sign in result.items() if sign}


def solve_figures(form: Form, nodes: Sequence[Node]) -> Figures:
    """Return everything that follows from what ``nodes`` give, and every contradiction once."""
    system = build_system(form, nodes)
    first = Propagation(system)
    facts: list[Fact] = []
    aside: set[int] = set()
    for part in _connected(first):
        slots = _explain(system, first, part)
        everyone = set().union(*slots)
        for suspects in slots:
            own = [n for n in part if first.support(n) & everyone <= set(suspects)]
            facts.append(_fact(first, nodes, own or part, suspects))
        aside.update(slot[0] for slot in slots if len(slot) == 1)
        if not slots:
            facts.append(_fact(first, nodes, part, []))
    final = Propagation(system, frozenset(aside)) if aside else first
    names = system.names
    values = {names[v]: value for v, value in final.values.items()}
    origins = {names[v]: origin for v, origin in final.origins.items()}
    expected = {names[v]: final.values[v] for v in aside if v in final.values}
    for variable in aside:  # what is given is shown, whatever others say
        values[names[variable]] = system.given[variable]
        origins[names[variable]] = Origin.GIVEN
    others = {(nodes[index].key, key): value for (index, key), value in expected.items()}
    facts = [replace(f, expected=others.get(f.cell) if f.cell else None) for f in facts]
    confirmed = frozenset(names[v] for v in final.confirmed())
    return Figures(values, origins, expected, confirmed, tuple(facts))


def _connected(solved: Propagation) -> list[list[int]]:
    """Return the failed equations in parts that share given values, smallest number first."""
    parts: list[tuple[set[int], list[int]]] = []
    for number in solved.failed:
        support, numbers = set(solved.support(number)), [number]
        apart = []
        for other in parts:
            if other[0] & support:
                support |= other[0]
                numbers += other[1]
            else:
                apart.append(other)
        parts = [*apart, (support, numbers)]
    return sorted((sorted(numbers) for _support, numbers in parts), key=lambda part: part[0])


def _explain(system: System, solved: Propagation, part: Sequence[int]) -> list[list[int]]:
    """Return who may be wrong: a list for each of the fewest wrong given values that explain it.

    Left out together, one value of every list lets this part of the sheet hold. Explanations that
    share no such shape, or too many of them, name nobody.
    """
    supports = [solved.support(number) for number in part]
    others = set(solved.failed) - set(part)
    for count in range(1, MOST_FAULTS + 1):
        tried = list(islice(_hitting(supports, count), MOST_TRIALS + 1))
        if len(tried) > MOST_TRIALS:
            return []
        fitting = {group for group in tried if set(Propagation(system, group).failed) <= others}
        if fitting:
            return _slots(fitting, count)
    return []


def _hitting(supports: Sequence[frozenset[int]], count: int) -> Iterator[frozenset[int]]:
    """Yield the sets of ``count`` values of which every failed equation holds one."""
    found: set[frozenset[int]] = set()

    def grow(chosen: frozenset[int]) -> Iterator[frozenset[int]]:
        missed = [support for support in supports if not support & chosen]
        if not missed and len(chosen) == count and chosen not in found:
            found.add(chosen)
            yield chosen
        elif missed and len(chosen) < count:
            fewest = min(missed, key=len)
            for value in sorted(fewest):
                yield from grow(chosen | {value})

    return grow(frozenset())


def _slots(fitting: set[frozenset[int]], count: int) -> list[list[int]]:
    """Part the values into those that stand for each other; one of each makes an explanation."""
    slots: list[set[int]] = []
    for value in sorted(frozenset().union(*fitting)):
        rests = {group - {value} for group in fitting if value in group}
        same = [
            slot
            for slot in slots
            if any(rest | {other} in fitting for rest in rests for other in slot)
        ]
        slots = [slot for slot in slots if slot not in same]
        slots.append({value}.union(*same))
    is_shape = len(slots) == count and all(
        len(group & slot) == 1 for group in fitting for slot in slots
    )
    return [sorted(slot) for slot in slots] if is_shape else []


def _fact(
    solved: Propagation, nodes: Sequence[Node], part: Sequence[int], suspects: Sequence[int]
) -> Fact:
    """Return the fact of one part, told at the smallest identity that holds all suspects."""
    told = [(number, solved.terms(number)) for number in part]
    holding = [one for one in told if set(suspects) <= set(one[1])] or told
    number, terms = min(holding, key=lambda one: (len(one[1]), one[0]))
    only = suspects[0] if len(suspects) == 1 else None
    return Fact(
        identity=_place(solved, nodes, solved.system.equations[number].whole),
        terms=tuple(
            Term(_place(solved, nodes, v), solved.values[v], sign)
            for v, sign in sorted(terms.items())
        ),
        suspects=tuple(_place(solved, nodes, v) for v in suspects),
        cell=_place(solved, nodes, only) if only is not None else None,
        found=solved.values[only] if only is not None else None,
        is_bound=solved.is_bound(number),
    )


def _place(solved: Propagation, nodes: Sequence[Node], variable: int) -> Place:
    index, key = solved.system.names[variable]
    return nodes[index].key, key
