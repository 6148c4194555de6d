"""What a source says: figures as their quantities need them, and the words of heads and labels.

Words are compared with their marks ("Chứng thực" is not "Cộng …"), whatever letter carries the
tone (hoá, hóa) and however i and y are spelled (tỷ, tỉ); every word of a head is accounted for, or
its column is asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from cchc_public.files.grid import Cell, cell_text
from cchc_public.tables.language import Form, Quantity, Table, ValueKind
from cchc_public.tables.registry import list_forms
from cchc_public.tables.sheet import Value
from cchc_public.vietnamese.numbers import (
    Ambiguous,
    Missing,
    Outcome,
    Reading,
    format_number,
    read_count,
    read_decimal,
)
from cchc_public.vietnamese.text import part_tones

Figure = str | int | float | None
_QUOTE = re.compile(r"^['’](?=[0-9])")  # Excel's sign of figures kept as text
_LONGEST = 60  # of a figure with its unit and remark
_UNITS = (
    "hồ sơ|hs|thủ tục|tthc|văn bản|vb|phiếu|lượt|người|đơn|dịch vụ|cuộc|nhiệm vụ|lĩnh vực|"
    "trường hợp|ý kiến|đồng|ngày|bộ|lần|tin|bài|buổi"
)
_WITH_UNIT = re.compile(rf"([0-9][0-9., ]{{0,20}}[0-9]|[0-9])\s?(?:{_UNITS})\.?", re.IGNORECASE)
_MARKED = re.compile(r"([0-9][0-9., ]{0,20}[0-9]|[0-9])\s?(\*{1,3}|\([0-9a-z*]{1,2}\))")
_WITH_RATE = re.compile(
    rf"(?i)([0-9][0-9., ]{{0,20}}[0-9]|[0-9])(?:\s(?:{_UNITS}))?\s?[(/;]"
    r"\s?([0-9]{1,3}(?:[.,][0-9]{1,4})?)\s?%\)?"
)
_THREE_ZEROS = re.compile(r"[1-9][0-9]{0,2}[.,]000")
_FIGURE = re.compile(r"[-–—…]|[0-9(][0-9., ()*%/]{0,30}|[0-9.,]{1,20}\s?\w{1,10}(?:\s\w{1,6})?")
_NO_COUNTS = re.compile(r"(?i)(?:nghìn|ngàn)\s+(?!đồng|đ\b)\w|(?:tính|đvt)\s?:\s?%(?!\s?[,;/])")
_DASHES = frozenset({"-", "–", "—"})


@dataclass(frozen=True)
class CellRead:
    """``value`` when readable, ``unread`` the source's text when not; ``note`` says how.

    ``choices`` are the sensible readings of a writing that only a person (or sums) can settle.
    """

    value: Value = None
    unread: str = ""
    note: str = ""
    choices: tuple[int, ...] = ()
    unit: str = ""  # written beside the figure


def unsigned_share(cell: Cell) -> CellRead:
    """Return a share whose sign is missing, unread: 0,93 may stand for 93 %."""
    return CellRead(unread=cell_text(cell), note="Là phần của 1 hay phần trăm? Hãy ghi dấu %.")


def looks_like_figure(cell: Cell) -> bool:
    """Tell whether a cell holds a figure rather than words."""
    if isinstance(cell, bool) or cell is None:
        return False
    if isinstance(cell, int | float):
        return True
    text = _QUOTE.sub("", cell_text(cell))
    found = _FIGURE.fullmatch(text) or _WITH_RATE.fullmatch(text)
    is_figure = len(text) <= _LONGEST and found is not None and text != "."
    return is_figure and (text.isdecimal() or not period_tag(text))  # «6 tháng 2025» is none


def read_cell(quantity: Quantity, raw: Cell, unit: str = "") -> CellRead:
    """Return what ``raw`` says of ``quantity``; ``unit`` is what its row, head or table names."""
    if quantity.kind is ValueKind.TEXT:
        return CellRead(cell_lines(raw) or None)
    if isinstance(raw, date):
        return CellRead(
            unread=cell_text(raw),
            note=f"ô chứa ngày {cell_text(raw)}; có thể Excel đã tự đổi số thành ngày",
        )
    plain, remark = _without_remark(raw)
    if quantity.kind is ValueKind.COUNT:
        if plain in _DASHES:
            return CellRead(0, note="dấu gạch đọc là 0")
        read = _read_count(plain)
        if read.value and _NO_COUNTS.search(unit):
            read = CellRead(
                unread=cell_text(raw), note="Nguồn ghi theo nghìn hay %; hãy ghi số đủ."
            )
    else:
        outcome, found = quantity.read(raw if quantity.unit_in else plain, unit)
        remark = "" if quantity.unit_in else remark
        if isinstance(outcome, Ambiguous):  # which of two it is, nobody can see
            return CellRead(unread=cell_text(raw), note=outcome.message)
        read = replace(_from_outcome(outcome, raw), unit=found)
    if remark and not read.unread:
        return replace(read, note=remark)
    if read.value is None and not read.unread and cell_text(raw):
        return replace(read, note=f"«{cell_text(raw)}» là chưa có số liệu")
    return replace(read, unread=cell_text(raw) if read.unread else "")


def cell_lines(raw: Cell) -> str:
    """Return text with its own line breaks but without other spare space."""
    if not isinstance(raw, str):
        return cell_text(raw)
    lines = (" ".join(line.split()) for line in raw.splitlines())
    return "\n".join(line for line in lines if line)


def _without_remark(raw: Figure) -> tuple[Figure, str]:
    """Part ``81 hồ sơ``, ``13*`` and ``81 (94,2 %)`` into the figure and how it was read."""
    if not isinstance(raw, str):
        return raw, ""
    text = _QUOTE.sub("", cell_text(raw))
    if not 1 < len(text) <= _LONGEST:
        return text, ""
    for pattern, words in (
        (_WITH_UNIT, "bỏ đơn vị ghi trong ô"),
        (_MARKED, "bỏ dấu ghi chú"),
        (_WITH_RATE, "bỏ tỷ lệ ghi kèm"),
    ):
        found = pattern.fullmatch(text)
        if found and (pattern is not _WITH_RATE or found[1] != text.rstrip("% ")):
            return found[1], f"«{text}» đọc là {found[1]} ({words})"
    return text, ""


def _read_count(raw: Figure) -> CellRead:
    if isinstance(raw, str) and _THREE_ZEROS.fullmatch(raw.strip()):
        whole = int(re.sub(r"[.,]", "", raw))
        return CellRead(whole, choices=(whole // 1000, whole))
    return _from_outcome(read_count(raw), raw)


def _from_outcome(outcome: Outcome, raw: Cell) -> CellRead:
    if isinstance(outcome, Missing):
        return CellRead()
    if isinstance(outcome, Reading):
        return CellRead(outcome.value, note=outcome.note)
    if isinstance(outcome, Ambiguous):
        # 1,714 in a column of counts: a count has no fraction
        whole = [r.value for r in outcome.readings if r.value == int(r.value)]
        if len(whole) == 1:
            words = f"«{cell_text(raw)}» đọc là {format_number(int(whole[0]))}"
            return CellRead(int(whole[0]), note=words)
    return CellRead(unread=cell_text(raw) or "?", note=outcome.message)


def as_number(raw: Cell) -> Decimal | None:
    """Return a figure for comparing columns before their quantity is known."""
    if isinstance(raw, date):
        return None
    plain, _ = _without_remark(raw)
    if plain in _DASHES:
        return Decimal(0)
    read = CellRead(unread="%") if "%" in str(plain) else _read_count(plain)
    if read.unread:
        read = _from_outcome(read_decimal(plain), plain)
    value = read.value
    return Decimal(value) if isinstance(value, int | Decimal) else None


MAX_WORDS = 60  # of one header path; longer text is no header
_WORD = re.compile(r"[^\W_]+")
_OPENING = re.compile(r"\s*([0-9]{1,3}(?:\.[0-9]{1,3}){0,3}|[IVXLC]{1,7}|[A-EĐ])[.)]\s+(?=\S)")
ORDINAL = re.compile(r"(?:[0-9]{1,3}(?:\.[0-9]{1,3}){0,3}|[IVXLC]{1,7}|[A-EĐ])[.)]?")
_CLOSING_Y = re.compile(r"(?:[bcdđghklmnpqrstvx]|qu)y[\u0300\u0309\u0303\u0301\u0323]?")
_BRACKETS = re.compile(r"\([^()]{0,300}\)")
_LIMITS = re.compile(r"\b(?:không|chưa|trừ|ngoài|trong đó)\b", re.IGNORECASE)

# Words that say nothing of which quantity a column holds.
_EMPTY = (
    "số", "lượng", "số lượng", "hồ sơ", "hs", "trong đó", "chia ra", "bao gồm", "gồm", "là", "các",
    "của", "và", "thủ tục hành chính", "tthc", "tổng hợp", "tình hình", "cột", "về", "theo",
)  # fmt: skip
# Total words as a whole label, never as its beginning: "Cộng đồng dân cư" is a field.
_TOTALS = (
    "tổng cộng", "tổng số", "tổng", "cộng", "tc", "t cộng", "tổng hợp", "cộng chung", "tổng chung",
    "tổng số hồ sơ", "tổng hồ sơ", "tổng số chung", "toàn xã", "tổng toàn xã", "tổng cộng toàn xã",
    "toàn phường", "tổng số toàn xã", "cộng tổng", "tổng cộng chung", "tổng cộng hồ sơ",
)  # fmt: skip
_PAGE_SUMS = ("cộng trang", "cộng chuyển", "chuyển trang", "cộng mang sang", "mang sang")
_PERIODS = (
    (re.compile(r"\b(?:cùng kỳ|năm trước|kỳ này năm trước|năm ngoái)\b"), "cùng kỳ"),
    (re.compile(r"\b(?:lũy kế|luỹ kế|cộng dồn|từ đầu năm)\b"), "lũy kế"),
    (re.compile(r"\bkế hoạch\b"), "kế hoạch"),
    (re.compile(r"\b(?:6|sáu|9|chín|3|ba) tháng\b"), "nhiều tháng"),
    (re.compile(r"\b(?:trong tháng|tháng (?:này|báo cáo|[0-9]{1,2}))\b"), "tháng"),
    (re.compile(r"\bquý (?:này|i{1,3}|iv|[1-4])\b"), "quý"),
    (re.compile(r"\b(?:cả năm|năm nay|năm 2[0-9]{3})\b|^20[0-9]{2}$"), "năm"),
    (re.compile(r"\b(?:kỳ này|kỳ báo cáo)\b|^(?:đã )?thực hiện$"), "kỳ này"),
)
_PERIOD_WORDS = re.compile("|".join(pattern.pattern for pattern, _tag in _PERIODS))
_WHEN = re.compile(rf"{_PERIOD_WORDS.pattern}|\b20[0-9]{{2}}\b")
OTHER_PERIODS = frozenset({"cùng kỳ", "kế hoạch"})  # never the figures of the report


@lru_cache(20_000)
def word_key(word: str) -> str:
    """Return a word in small letters with its tone at the end and i for a closing y."""
    letters, tones = part_tones(word.lower())
    if letters.endswith("y") and _CLOSING_Y.fullmatch(letters[-2:]) or letters == "quy":
        letters = letters[:-1] + "i"
    return letters + tones[:1]


def keys_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as keys."""
    return tuple(word_key(word) for word in _WORD.findall(unicodedata.normalize("NFC", text))[:200])


def marked_key(text: str) -> str:
    """Return a text for comparison with its marks."""
    return " ".join(keys_of(text))


_EMPTY_KEYS = frozenset(map(keys_of, _EMPTY))
_TOTAL_KEYS = frozenset(map(keys_of, _TOTALS))
_PAGE_KEYS = tuple(keys_of(text) for text in _PAGE_SUMS)
ORDINALS = frozenset(map(marked_key, ("tt", "stt", "số tt", "số thứ tự", "thứ tự")))
RATE, _PERCENT = marked_key("tỷ lệ"), marked_key("phần trăm")
UNUSED = frozenset(
    map(marked_key, ("ghi chú", "đơn vị", "đơn vị tính", "mã", "mã lĩnh vực", "mã số", "đvt"))
)


def without_brackets(text: str) -> str:
    """Return a label without its remarks: ``Tổng cộng (A+B):``."""
    return _BRACKETS.sub(" ", text).strip(" :.-–*")


def without_remarks(text: str) -> str:
    """Return a head without the brackets that only explain; what limits it stays."""
    return text if _LIMITS.search(" ".join(_BRACKETS.findall(text))) else without_brackets(text)


def holds_two(raw: Cell, heads: Sequence[str]) -> bool:
    """Tell whether a cell holds two figures, ``125 (1)``, as its head says: ``(quá hạn)``."""
    found = _MARKED.fullmatch(cell_text(raw))
    named = {keys_of(bracket) for head in heads for bracket in _BRACKETS.findall(head)}
    return found is not None and found[2][1:-1].isdecimal() and bool(named - _EMPTY_KEYS - {()})


def is_total_label(label: str) -> bool:
    """Tell whether the whole label consists of total words."""
    return keys_of(without_brackets(label)) in _TOTAL_KEYS


def is_share(label: str) -> bool:
    """Tell whether words say that figures are shares."""
    words = marked_key(label)
    return "%" in label or words.startswith(RATE) or _PERCENT in words


def is_page_sum(label: str) -> bool:
    """Tell whether a label closes or opens a page: ``Cộng trang 1``."""
    keys = keys_of(label)
    return any(keys[: len(start)] == start for start in _PAGE_KEYS)


def split_ordinal(ordinal: str, label: str) -> tuple[str, str]:
    """Part a running number from the name when both stand in one cell: ``1. Hộ tịch``."""
    if ordinal and ORDINAL.fullmatch(ordinal.strip()):
        return ordinal.strip(" .)"), label
    found = _OPENING.match(label)
    if found and not ordinal:
        return found[1], label[found.end() :].strip()
    return "", label or ordinal


def depth_of(ordinal: str) -> int:
    """Return the level of a running number: 0 for I and A, 1 for 1, 2 for 1.1; -1 for none."""
    return -1 if not ordinal else 0 if ordinal[0].isalpha() else 1 + ordinal.count(".")


def period_tag(text: str) -> str:
    """Return the period that header words name (month, cumulative, …), '' when they name none."""
    plain = " ".join(unicodedata.normalize("NFC", text).lower().split())[:300]
    return next((tag for pattern, tag in _PERIODS if pattern.search(plain)), "")


def period_words(text: str) -> str:
    """Return the words of a head that name its period: ``6 tháng 2025``."""
    plain = " ".join(unicodedata.normalize("NFC", text).lower().split())[:300]
    return " ".join(_WHEN.findall(plain))


def timeless(text: str) -> str:
    """Return words that name a period without saying which: next month they are the same."""
    return re.sub(r"[0-9]+|\b(?:i{1,3}|iv)\b", "#", text.lower()) if period_tag(text) else text


def without_period(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return a header path without the levels that name a period, or without those words."""
    kept = tuple(text for text in path if not period_tag(text))
    if kept or not path:
        return kept
    cut = (" ".join(_PERIOD_WORDS.sub(" ", text.lower()).split()) for text in path)
    return tuple(filter(None, cut)) or path


@dataclass(frozen=True)
class Understood:
    """What a header path means: the quantities it may name, none where a word is unknown."""

    keys: frozenset[str] = frozenset()
    is_contradictory: bool = False
    has_block: bool = False
    is_bare: bool = False  # a block without a leaf
    blocks: frozenset[tuple[str, ...]] = frozenset()


def forms_of(table: Table) -> tuple[Form, ...]:
    """Return the forms of one table; an older table may go by the same code."""
    return tuple(form for form in list_forms(table.code) if form.table is table)


class Lexicon:
    """All words of one table: which quantities each phrase is compatible with."""

    def __init__(self, table: Table) -> None:
        """Collect the words of the table's quantities, blocks and forms."""
        self.table = table
        self.all_keys = frozenset(table.by_key)
        self.names = {q.name.casefold(): q.key for q in table.quantities}
        self.phrases: dict[tuple[str, ...], frozenset[str]] = {}
        self.blocks: set[tuple[str, ...]] = set()
        self.whole: dict[tuple[str, ...], frozenset[str]] = {}
        columns = [column for form in forms_of(table) for column in form.columns]
        named = [(quantity.words, quantity.aliases, quantity.key) for quantity in table.quantities]
        named += [(column.header, column.aliases, column.key) for column in columns]
        for words, aliases, key in named:
            for text in words[:-1]:
                self._add(text, {key}, is_block=True)
            for text in (*words[-1:], *aliases):
                self._add(text, {key})
            for text in (" ".join(words), *aliases):
                for phrase in {keys_of(text), _without_empty(keys_of(text))} - {()}:
                    self.whole[phrase] = self.whole.get(phrase, frozenset()) | {key}
        for block in table.blocks:
            keys = block.quantities or {q.key for q in table.quantities if q.block == block.key}
            for text in block.words:
                self._add(text, set(keys), is_block=bool(block.key))
        self.longest = max(map(len, self.phrases), default=1)
        self.totals = self.phrases.get(keys_of("Tổng số"), frozenset())

    def _add(self, text: str, keys: set[str], *, is_block: bool = False) -> None:
        for phrase in {keys_of(text), _without_empty(keys_of(text))} - {()} - _EMPTY_KEYS:
            self.phrases[phrase] = self.phrases.get(phrase, frozenset()) | keys
            if is_block:
                self.blocks.add(phrase)

    def understand(self, path: Sequence[str]) -> Understood:
        """Return what the words of a header path, outermost first, mean together."""
        name = self.names.get(path[0].strip().casefold()) if len(path) == 1 else None
        return Understood(frozenset({name})) if name else _understand(self, tuple(path))

    def known_words(self, path: Sequence[str]) -> frozenset[str]:
        """Return what the known words of a path allow; nothing where no word is known."""
        pieces = [piece for level in path for piece in _pieces(self, keys_of(level)[:MAX_WORDS])[0]]
        allowed = [self.phrases[piece] for piece in pieces]
        return frozenset.intersection(*allowed) if allowed else frozenset()

    def names_others(self, text: str, keys: Collection[str]) -> bool:
        """Tell whether known words of ``text`` name a quantity that is not among ``keys``."""
        pieces, _strange = _pieces(self, keys_of(text)[:MAX_WORDS])
        return any(self.phrases[piece].isdisjoint(keys) for piece in pieces)

    def parts_named(self, title: str) -> list[frozenset[str]]:
        """Return what each word of a title means that names a part: ``hồ sơ trực tuyến``."""
        parts = {part for identity in self.table.sums for part in identity.parts}
        own = f" {marked_key(self.table.title)} "
        pieces = {*_pieces(self, keys_of(title)[:MAX_WORDS])[0]} - self.blocks
        found = (self.phrases[one] for one in pieces if f" {' '.join(one)} " not in own)
        return [keys for keys in found if len(keys) < 3 and keys <= parts]

    def is_doubtful(self, whole: str, part: str) -> bool:
        """Tell whether the same words may mean ``part`` or ``whole``, so that figures decide."""
        return any(
            block.is_doubtful and {whole, part} <= set(block.quantities)
            for block in self.table.blocks
        )

    def find_label(self, text: str) -> frozenset[str]:
        """Return the quantities whose whole wording is ``text``."""
        for wording in (text, without_remarks(text)):
            keys = keys_of(wording)
            for words in (keys, _without_empty(keys)):
                if words in self.whole:
                    return self.whole[words]
                if len(self.phrases.get(words, ())) == 1 and words not in self.blocks:
                    return self.phrases[words]
        return frozenset({self.names.get(text.strip().casefold(), "")} - {""})


@lru_cache(4096)
def _understand(lexicon: Lexicon, path: tuple[str, ...]) -> Understood:
    """Take a whole wording first, then level by level, then words that a level break parts."""
    if any("trong đó" in bracket.lower() for t in path for bracket in _BRACKETS.findall(t)):
        return Understood()  # of which of the two are the figures?
    for levels in (path, tuple(map(without_remarks, path))):
        joined = tuple(word for level in levels for word in keys_of(level))
        for words in (joined, _without_empty(joined)):
            keys = lexicon.whole.get(words, frozenset())
            is_bare = words in lexicon.blocks
            # «Quá hạn» alone is what several blocks say, though one form prints it alone
            if len(keys) == 1 and (is_bare or len(lexicon.phrases.get(words, ())) < 2):
                found = _cover(lexicon, list(map(keys_of, levels))) or Understood()
                if is_bare:  # a block without a leaf may mean any total within it: «Tiếp nhận»
                    keys |= lexicon.phrases[words] & lexicon.totals
                return Understood(keys, has_block=True, is_bare=is_bare, blocks=found.blocks)
        for parts in (list(map(keys_of, levels)), [joined]):
            if covered := _cover(lexicon, parts):
                return covered
    return Understood()


def _cover(lexicon: Lexicon, levels: Sequence[tuple[str, ...]]) -> Understood | None:
    """Return what known phrases mean that cover all words, None where they do not."""
    keys = lexicon.all_keys
    blocks: set[tuple[str, ...]] = set()
    is_bare, says_something = True, False
    for level in levels:
        pieces, strange = _pieces(lexicon, level[: MAX_WORDS + 1])
        if strange or len(level) > MAX_WORDS:
            return None
        for piece in pieces:
            keys &= lexicon.phrases[piece]
            blocks |= {piece} & lexicon.blocks
            is_bare = is_bare and piece in lexicon.blocks
            says_something = True
    if not says_something:
        return None
    if is_bare and keys & lexicon.totals:
        keys &= lexicon.totals
    return Understood(keys, not keys, bool(blocks), is_bare, frozenset(blocks))


def _pieces(lexicon: Lexicon, words: tuple[str, ...]) -> tuple[list[tuple[str, ...]], int]:
    """Part words into known phrases; return them and how many words nobody knows.

    The fewest unknown words count first, then the fewest phrases.
    """
    best: list[tuple[int, int, int, tuple[str, ...]]] = [(0, 0, 0, ())]
    for end in range(1, len(words) + 1):
        choices = []
        for start in range(max(0, end - max(lexicon.longest, 4)), end):
            phrase = words[start:end]
            strange, pieces = best[start][:2]
            if phrase in lexicon.phrases:
                choices.append((strange, pieces + 1, start, phrase))
            elif phrase in _EMPTY_KEYS or (len(phrase) == 1 and phrase[0].isdecimal()):
                choices.append((strange, pieces + (len(phrase) > 1), start, ()))
        strange, pieces = best[end - 1][:2]
        choices.append((strange + 1, pieces + 1, end - 1, ()))
        best.append(min(choices, key=lambda choice: choice[:2]))
    found: list[tuple[str, ...]] = []
    end = len(words)
    while end:
        end, piece = best[end][2:]
        found[:0] = [piece] if piece else []
    return found, best[-1][0]


def _without_empty(words: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out empty phrases, the longest first."""
    kept: list[str] = []
    place = 0
    while place < len(words):
        for size in (4, 3, 2, 1):
            if words[place : place + size] in _EMPTY_KEYS and len(words[place:]) >= size:
                place += size
                break
        else:
            kept.append(words[place])
            place += 1
    return tuple(kept)


_LEXICONS: dict[int, Lexicon] = {}  # by identity: tables of one code differ


def lexicon_for(table: Table) -> Lexicon:
    """Return the words of a table, collected once."""
    found = _LEXICONS.get(id(table))
    if found is None or found.table is not table:
        found = _LEXICONS[id(table)] = Lexicon(table)
    return found
