"""Tables written as people read a form: one file each of quantities, what ties them, and its forms.

A file is TOML: the fields of a ``Table``, ``[[forms]]`` oldest first (``[every_form]`` says what
most of them share, ``like`` names the one that a form goes by), ``[[known_rows]]``; and texts::

    >> Số lượng hồ sơ tiếp nhận | block=received
    received | tiep_nhan_tong_so > Tổng số
    = Tổng; Tổng cộng
    # what readers should know

    received = received_in_period + carried_over

A quantity is its key, CSV name and options, then the header path (which may stand on a line of its
own); ``=`` starts aliases, ``#`` a note. ``>>`` gives words and options to all quantities below it,
up to the next one. A form's column is the key of a quantity and the number that the form prints,
then its own header path if it has one. Identities::

    received = resolved + [unresolved]
    slips == satisfied_total + unsatisfied_total
    online_rate = online / received_in_period | received; may_exceed
    fully_digitized <= digitized_any
    services_total <= so-luong-thu-tuc.promulgated; its rule; what these count; what those count
    received ~ resolved + pending + [returned]; its rule
    online + offline ~ ho-so.received; its rule; what those count

Brackets mark the member that forms leave to be computed, ``==`` that sources give all of them;
denominators behind ``|`` are those that sources use silently; options of a rate stand last. ``~``
only checks, and members in brackets count when they are known. A dot parts another table. What
begins with ``;`` goes on from the line above.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from typing import Any

from cchc_public.tables.language import (
    NONE,
    SHAPES,
    Agreement,
    Balance,
    Block,
    Form,
    KnownRow,
    Limit,
    Quantity,
    Ratio,
    Sum,
    Table,
    ValueKind,
)

_FLAGS: dict[str, dict[str, Any]] = {
    "rate": {"kind": ValueKind.RATE, "unit": "%"},
    "number": {"kind": ValueKind.NUMBER},
    "text": {"kind": ValueKind.TEXT},
    "carried": {"is_carried": True},
    "unsummed": {"is_summed": False},
}
_IDENTITY = re.compile(r"(\w+(?: \+ \w+)*) (==?|<=|~) (.+)")


def read_forms(text: str) -> tuple[Form, ...]:
    """Return the forms of the table that a file describes; TypeError for a field there is not."""
    said = _frozen(tomllib.loads(text))
    forms, common = said.pop("forms"), said.pop("every_form", {})
    facts, blocks = read_facts(said.pop("facts")), read_blocks(said.pop("blocks", ""))
    known = tuple(KnownRow(**row) for row in said.pop("known_rows", ()))
    table = Table(**said, **facts, blocks=blocks, known_rows=known)
    read: dict[str, dict[str, Any]] = {}
    for form in forms:
        if form["edition"] in read:
            raise ValueError(f"two forms of edition {form['edition']!r}")
        before = read[form.pop("like")] if "like" in form else common
        read[form["edition"]] = {**before, **form}
    for fields in read.values():
        columns, fields["shape"] = fields.get("columns", ()), SHAPES[fields.get("shape", "single")]
        if isinstance(columns, str):
            entries, _identities = _read_entries(columns)
            fields["columns"] = tuple(
                table.column(e.pop("key"), *e.pop("words", ()), number=e.pop("name", ""), **e)
                for e in entries
            )
        else:
            fields["columns"] = table.columns(*columns)
    return tuple(Form(table, **fields) for fields in read.values())


def _frozen(value: Any) -> Any:
    """Return what TOML gives with tuples in place of lists."""
    if isinstance(value, dict):
        return {name: _frozen(part) for name, part in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def read_facts(text: str) -> dict[str, Any]:
    """Return what ``text`` writes as fields of a table; KeyError for an option there is not."""
    quantities, identities = _read_entries(text)
    found: dict[str, list[Any]] = defaultdict(list)
    for whole, mark, rest in identities:
        name, fact = _read_identity(whole, mark, rest)
        found[name].append(fact)
    found["quantities"] = [Quantity(**fields) for fields in quantities]
    return {name: tuple(facts) for name, facts in found.items()}


def _read_entries(text: str) -> tuple[list[dict[str, Any]], list[tuple[str, ...]]]:
    """Return quantities or columns by their fields, and identities: whole, sign and the rest."""
    entries: list[dict[str, Any]] = []
    identities: list[tuple[str, ...]] = []
    above: tuple[str, ...] = ()
    given: dict[str, Any] = {}
    lines = re.sub(r"\n\s*;", ";", text).splitlines()
    for line in filter(None, map(str.strip, lines)):
        mark, _space, rest = line.partition(" ")
        if mark == "=":
            aliases = (word.strip() for word in rest.split(";"))
            entries[-1]["aliases"] = (*entries[-1].get("aliases", ()), *aliases)
        elif mark == "#":
            entries[-1]["note"] = f"{entries[-1].get('note', '')} {rest}".strip()
        elif mark == ">>":
            words, *options = (part.strip() for part in rest.split("|"))
            above, given = tuple(filter(None, words.split(" > "))), _read_options(options)
        elif identity := _IDENTITY.fullmatch(line):
            identities.append(identity.groups())
        else:
            head, *path = (part.strip() for part in f" {line}".split(" > "))
            if head:
                key, *options = (part.strip() for part in head.split("|"))
                names = {"name": options[0]} if options else {}
                entries.append({"key": key, **names, **given, **_read_options(options[1:])})
            if path:
                entries[-1]["words"] = (*above, *path)
    return entries, identities


def _read_options(options: list[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for option in options:
        mark, _equals, value = option.partition("=")
        name = mark.replace("-", "_")
        fields |= {name: int(value) if value.isdecimal() else value} if value else _FLAGS[mark]
    return fields


def _read_identity(whole: str, mark: str, text: str) -> tuple[str, Any]:
    """Return the field of a table and what it holds."""
    rest, *options = map(str.strip, text.split(";"))
    table, _dot, members = rest.rpartition(".")
    bracketed = tuple(re.findall(r"\[(\w+)\]", members))
    parts = tuple(re.sub(r"[\[\]]", "", members).split(" + "))
    if mark == "<=":
        rule = options[0] if options else Limit.rule
        return "limits", Limit(whole, members, rule, table, tuple(options[1:]))
    if mark == "~" and table:
        rule, what = options
        return "agreements", Agreement(rule, tuple(whole.split(" + ")), table, parts, what)
    if mark == "~":
        sure = tuple(part for part in parts if part not in bracketed)
        return "balances", Balance(whole, sure, bracketed, *options)
    if "/" in rest:
        above, *below = (tuple(part.split(" + ")) for part in re.split(r" [/|] ", rest))
        given = (option.partition("=") for option in options)
        marks: dict[str, Any] = {name: value or True for name, _equals, value in given}
        return "ratios", Ratio(whole, above, below[0], tuple(below[1:]), **marks)
    computes = NONE if mark == "==" else bracketed[0] if bracketed else ""
    return "sums", Sum(whole, parts, computes)


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
