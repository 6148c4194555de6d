"""Quantities written as people read a form: a line of keys, a line of words, what sources call it.

::

    received | tiep_nhan_tong_so | block=received > Số lượng hồ sơ tiếp nhận > Tổng số
    = Tổng; Tổng cộng
    # what readers should know

Key, CSV name and options, then the header path (which may stand on a line of its own); ``=`` starts
aliases, ``#`` a note.
"""

from __future__ import annotations

import re
from typing import Any

from cchc_public.tables.language import NONE, Block, Limit, Quantity, Ratio, Sum, ValueKind

_FLAGS: dict[str, dict[str, Any]] = {
    "rate": {"kind": ValueKind.RATE, "unit": "%"},
    "number": {"kind": ValueKind.NUMBER},
    "text": {"kind": ValueKind.TEXT},
    "carried": {"is_carried": True},
    "unsummed": {"is_summed": False},
}
_VALUES = {
    "unit": "unit",
    "block": "block",
    "from": "carried_from",
    "stand-in": "stand_in",
    "unit-in": "unit_in",
    "most": "most",
}


def read_quantities(text: str) -> tuple[Quantity, ...]:
    """Return the quantities that ``text`` writes; KeyError for an option there is not."""
    found: list[dict[str, Any]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        mark, _space, rest = line.partition(" ")
        if mark == "=":
            words = tuple(word.strip() for word in rest.split(";"))
            found[-1]["aliases"] = (*found[-1].get("aliases", ()), *words)
        elif mark == "#":
            found[-1]["note"] = f"{found[-1].get('note', '')} {rest}".strip()
        else:
            head, *path = (part.strip() for part in f" {line}".split(" > "))
            if head:
                key, name, *options = (part.strip() for part in head.split("|"))
                found.append({"key": key, "name": name})
                for option in options:
                    mark, _equals, value = option.partition("=")
                    known = (
                        {_VALUES[mark]: int(value) if mark == "most" else value} if value else {}
                    )
                    found[-1].update(known or _FLAGS[mark])
            if path:
                found[-1]["words"] = tuple(path)
    return tuple(Quantity(**fields) for fields in found)


def read_blocks(text: str) -> tuple[Block, ...]:
    """Return the header words that ``text`` writes: ``block: word; word``, or their quantities.

    One name is the key of a block, several are quantities; ``?`` marks words of a part or its
    whole; a line that begins with a space goes on.
    """
    found = []
    for line in re.sub(r"\n +", " ", text.strip()).splitlines():
        head, _colon, words = line.partition(":")
        is_doubtful = head.startswith("? ")
        names = head.removeprefix("? ").split()
        is_key = len(names) == 1 and "_" not in names[0]
        key, keys = (names[0], ()) if is_key else ("", tuple(names))
        found.append(Block(key, tuple(map(str.strip, words.split(";"))), keys, is_doubtful))
    return tuple(found)


def read_identities(text: str, *limits: Limit) -> dict[str, Any]:
    """Return the sums, ratios and limits that ``text`` writes, as a table takes them.

    ::

        received = received_in_period + carried_over
        received = resolved + [unresolved]
        slips == satisfied_total + unsatisfied_total
        online_rate = online / received_in_period | received; may_exceed
        fully_digitized <= digitized_any

    Brackets mark the member that forms leave to be computed, ``==`` that sources give all of them;
    denominators behind ``|`` are those that sources use silently; options of a rate stand last.
    """
    found: dict[str, list[Any]] = {"sums": [], "ratios": [], "limits": []}
    for line in filter(None, map(str.strip, text.splitlines())):
        formula, *options = map(str.strip, line.split(";"))
        whole, mark, rest = re.split(r"\s+(==?|<=)\s+", formula)
        if mark == "<=":
            found["limits"].append(Limit(whole, rest))
        elif "/" in rest:
            above, *below = (tuple(part.split(" + ")) for part in re.split(r" [/|] ", rest))
            given = (option.partition("=") for option in options)
            marks: dict[str, Any] = {name: value or True for name, _equals, value in given}
            found["ratios"].append(Ratio(whole, above, below[0], tuple(below[1:]), **marks))
        else:
            computed = re.findall(r"\[(\w+)\]", rest)
            parts = tuple(re.sub(r"[\[\]]", "", rest).split(" + "))
            computes = NONE if mark == "==" else computed[0] if computed else ""
            found["sums"].append(Sum(whole, parts, computes))
    found["limits"] += limits
    return {name: tuple(identities) for name, identities in found.items()}


def keys(text: str) -> tuple[str, ...]:
    """Return the keys of quantities that ``text`` lists."""
    return tuple(text.split())
