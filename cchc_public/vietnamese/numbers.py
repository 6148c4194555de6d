"""Reads and writes numbers the Vietnamese way (1.714, 77,56); says how it read, never guesses."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

Number = int | Decimal
NBSP = "\u00a0"


@dataclass(frozen=True)
class Reading:
    """A number that was read; ``note`` says how when the writing was not plain."""

    value: Number
    note: str = ""


@dataclass(frozen=True)
class Ambiguous:
    """A writing with more than one sensible reading; the person must choose."""

    readings: tuple[Reading, ...]
    message: str


@dataclass(frozen=True)
class Unreadable:
    """A writing that is no number for this cell; ``message`` says why and how to mend it."""

    message: str


@dataclass(frozen=True)
class Missing:
    """Nothing was given: unknown, which is not 0."""


Outcome = Reading | Ambiguous | Unreadable | Missing
Raw = str | int | float | Decimal | None

FLOAT_STEP = Decimal("0.000001")
MAX_DIGITS = 15  # more than any figure of a commune, and still exact in JSON and SQLite

# "Không có" is deliberately not here: it may mean 0, so the person must say it as a number.
_NOTHING = frozenset(
    {"", "-", "–", "—", "…", "..", "...", "....", "/", "n/a", "chưa có", "chưa có số liệu"}
)
_MARK_WORDS = {".": "dấu chấm", " ": "khoảng trắng", ",": "dấu phẩy"}
_SPACES = re.compile(r"[ \t\r\n\u00a0\u2007\u2009\u202f]+")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?P<mark>[., ])[0-9]{3}(?:(?P=mark)[0-9]{3})*")
_SHAPE = re.compile(
    r"(?P<whole>[0-9]+|[1-9][0-9]{0,2}(?P<mark>[., ])[0-9]{3}(?:(?P=mark)[0-9]{3})*)"
    r"(?:(?P<point>[.,])(?P<fraction>[0-9]+))?"
)

_AMOUNT = re.compile(
    r"(?P<body>[-−–]?\s?[0-9][0-9., ]*)(?:/\s?(?P<most>[0-9][0-9.,]*))?"
    r"(?P<unit>\s*%|\s[^0-9/][^0-9]*|)"
)
# units of things that are measured, not counted: a dot may stand for a comma there
_MEASURED = frozenset((
    "%", "điểm", "điểm %", "điểm phần trăm", "triệu đồng", "tỷ đồng", "ha", "km", "m2", "kg", "tấn",
))  # fmt: skip


_SCALES = {"nghìn": 1_000, "ngàn": 1_000, "triệu": 10**6, "tr": 10**6, "tỷ": 10**9, "tỉ": 10**9}
_MONEY = re.compile(r"\b(?:đồng|vnđ|đ)\b", re.IGNORECASE)
_SCALE = re.compile(
    r"\b(nghìn|ngàn|triệu|tỷ|tỉ|tr)\b\.?(?=\s*(?:đồng|đ\b|vnđ|\)|$))|\b1[.,]?000\s?(?:đồng|đ|vnđ)\b",
    re.IGNORECASE,
)


def read_count(text: Raw) -> Outcome:
    """Read a whole number of 0 or more; a dot or space between groups of three parts thousands."""
    tidy = _tidy(text)
    if not isinstance(tidy, str):
        return tidy
    if tidy[0] in "-−–" or (tidy[0] == "(" and tidy[-1] == ")"):
        return Unreadable(f"«{tidy}» là số âm; ô này là số đếm, từ 0 trở lên.")
    if "%" in tidy:
        return Unreadable(f"«{tidy}» là tỷ lệ; ô này là số đếm, không ghi dấu %.")
    if fault := _word_fault(tidy):
        return Unreadable(fault)
    if grouped := _GROUPED.fullmatch(tidy):
        value, mark = int(_digits(tidy)), grouped["mark"]
        if tidy.count(",") == 1:
            # thousands the English way, or one and a fraction the Vietnamese way
            fraction = Decimal(tidy.replace(",", "."))
            english = f"Dấu phẩy ngăn hàng nghìn (kiểu Anh): {format_number(value)}."
            decimal = f"Dấu phẩy là dấu thập phân: {format_number(fraction)}."
            return Ambiguous(
                (Reading(value, english), Reading(fraction, decimal)),
                f"«{tidy}» đọc được hai cách: {value} hoặc {format_number(fraction)}. "
                f"Số đếm phải là số nguyên: nếu đúng là {value}, hãy gõ {format_number(value)}.",
            )
        return Reading(value, f"Đọc «{tidy}» là {value}: {_MARK_WORDS[mark]} ngăn hàng nghìn.")
    shape = _SHAPE.fullmatch(tidy)
    if not shape or (shape["fraction"] and shape["mark"] == shape["point"]):
        return Unreadable(f"Không đọc được «{tidy}»: ô này cần một số đếm, ví dụ 1.714.")
    if (shape["fraction"] or "").strip("0"):
        return Unreadable(
            f"«{tidy}» có phần thập phân; ô này là số đếm, phải là số nguyên. "
            "Hàng nghìn được ngăn bằng dấu chấm, ví dụ 1.714."
        )
    whole = int(_digits(shape["whole"]))
    note = f"Đọc «{tidy}» là {whole}: phần thập phân bằng 0." if shape["fraction"] else ""
    return Reading(whole, note)


def read_decimal(text: Raw, *, allow_negative: bool = False) -> Outcome:
    """Read a figure that may have decimals; ``1.714`` alone has two readings and is not guessed."""
    tidy = _tidy(text)
    if not isinstance(tidy, str):
        return tidy
    sign = -1 if tidy[0] in "-−–" and allow_negative else 1
    body = (tidy if sign > 0 else tidy[1:]).removesuffix("%").strip()
    if sign > 0 and tidy[0] in "-−–(":
        return Unreadable(f"«{tidy}» là số âm hoặc đặt trong ngoặc; ô này cần số từ 0 trở lên.")
    if fault := _word_fault(body):
        return Unreadable(fault)
    if grouped := _GROUPED.fullmatch(body):
        return _grouped_decimal(body, grouped["mark"], sign)
    shape = _SHAPE.fullmatch(body)
    if not shape or (shape["fraction"] and shape["mark"] == shape["point"]):
        return Unreadable(f"Không đọc được «{tidy}»: ô này cần một con số, ví dụ 77,56.")
    value = sign * Decimal(f"{_digits(shape['whole'])}.{shape['fraction'] or 0}")
    if not shape["fraction"]:
        return Reading(sign * Decimal(body))
    note = f"Đọc «{tidy}» là {format_number(value)}: dấu chấm là dấu thập phân."
    return Reading(value, note if shape["point"] == "." else "")


def read_amount(text: Raw, unit: str = "", *, allow_negative: bool = True) -> tuple[Outcome, str]:
    """Read a figure as its unit asks, and return the unit written beside it (else ``unit``).

    ``2.838 hồ sơ`` counts things, so its dot parts thousands; ``15,82/18 điểm`` is 15,82 (the
    maximum is told); ``-1,25 %`` may be below 0. What has no unit is read as ``read_decimal`` does.
    """
    tidy = _tidy(text)
    if not isinstance(tidy, str):
        return tidy, unit
    found = _AMOUNT.fullmatch(tidy)
    if not found:
        return read_decimal(tidy, allow_negative=allow_negative), unit
    body, most = found["body"].strip(), found["most"]
    unit = found["unit"].strip() or unit
    if most and unit == "%" and most != "100":
        return Unreadable(f"«{tidy}» là phân số; hãy gõ tỷ lệ, ví dụ 77,56 %."), unit
    outcome = read_decimal(body, allow_negative=allow_negative)
    if isinstance(outcome, Ambiguous) and unit and unit.casefold() not in _MEASURED:
        counted = outcome.readings[0]
        outcome = Reading(counted.value, f"Đọc «{tidy}» là {format_number(counted.value)}.")
    if most and isinstance(outcome, Reading):
        outcome = Reading(outcome.value, f"Đọc «{tidy}» là {format_number(outcome.value)}.")
    return outcome, unit


def unit_words(*texts: str) -> str:
    """Return the words that may say what figures are counted in; money by the nearest text."""
    return next((text for text in texts if _MONEY.search(text)), " ".join(texts))


def read_money(text: Raw, unit: str = "") -> Outcome:
    """Read a sum of money in đồng: ``12,5 triệu đồng``, or 12,5 where ``unit`` says so."""
    found = _SCALE.search(unit.strip())
    # 12.500 million may be 12,5 million
    is_measured = found is not None and _SCALES.get((found[1] or "").lower(), 0) > 1_000
    plain = "triệu đồng" if is_measured else "đồng"
    outcome, said = read_amount(text, plain, allow_negative=False)
    found = found if said == plain else _SCALE.search(said)
    if not found or not isinstance(outcome, Reading):
        return outcome
    value = outcome.value * (_SCALES[found[1].lower()] if found[1] else 1_000)
    value = int(value) if value == int(value) else value
    return Reading(value, f"Đọc «{text}» là {format_number(value)} đồng.")


def format_number(value: Number, digits: int | None = None) -> str:
    """Write a number the Vietnamese way: ``1.714``, ``77,56``; ``digits`` fixes the decimals."""
    if digits is not None:
        step = Decimal(1).scaleb(-digits)
        value = Decimal(value).quantize(step, ROUND_HALF_UP)
    whole, _, fraction = f"{abs(Decimal(value)):f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", ".")
    return ("-" if value < 0 else "") + grouped + (f",{fraction}" if fraction else "")


def format_percent(value: Number, digits: int | None = None) -> str:
    """Write ``77,56 %`` with a space that never breaks; decimals that say nothing are left out."""
    if digits is None and isinstance(value, Decimal):
        whole = value == value.to_integral_value()
        value = value.quantize(Decimal(1)) if whole else value.normalize()
    return f"{format_number(value, digits)}{NBSP}%"


def _tidy(raw: Raw) -> str | Outcome:
    """Return trimmed text to read on, or the outcome when the value already decides it."""
    if raw is None:
        return Missing()
    if isinstance(raw, bool):
        return Unreadable("Ô chứa đúng/sai (TRUE/FALSE), không phải số.")
    if isinstance(raw, str):
        tidy = _SPACES.sub(" ", raw).strip()
        if tidy.casefold() in _NOTHING:
            return Missing()
        if len(tidy) > 60:
            return Unreadable(f"Không đọc được «{tidy[:40]}…»: ô này cần một con số.")
        return tidy
    if not math.isfinite(raw):
        return Unreadable("Ô chứa lỗi tính toán, không phải số.")
    exact = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
    if abs(exact) >= 10**MAX_DIGITS:
        return Unreadable("Số quá lớn; hãy kiểm tra lại.")
    if isinstance(raw, float):
        # a cell with a formula keeps 0.993855606758833, or 691.9999999999999 for 692
        exact = exact.quantize(FLOAT_STEP).normalize()
    is_whole = exact == exact.to_integral_value()
    # as a Vietnamese clerk would have typed it
    return str(int(exact)) if is_whole else f"{exact:f}".replace(".", ",")


def _word_fault(tidy: str) -> str:
    if not any(char in "0123456789" for char in tidy):
        return (
            f"«{tidy}» không phải là số: gõ 0 nếu thật sự không có, để trống nếu chưa có số liệu."
        )
    if sum(char.isdigit() for char in tidy) > MAX_DIGITS:
        return f"«{tidy}» quá lớn; hãy kiểm tra lại."
    return ""


def _grouped_decimal(body: str, mark: str, sign: int) -> Outcome:
    count = sign * Decimal(_digits(body))
    if mark == " " or body.count(mark) > 1:
        written = format_number(count)
        return Reading(count, f"Đọc «{body}» là {written}: {_MARK_WORDS[mark]} ngăn hàng nghìn.")
    fraction = sign * Decimal(body.replace(",", "."))
    if mark == ",":
        return Reading(fraction)
    readings = (
        Reading(count, f"Dấu chấm ngăn hàng nghìn: {count}."),
        Reading(fraction, f"Dấu chấm là dấu thập phân: {format_number(fraction)}."),
    )
    return Ambiguous(
        readings,
        f"«{body}» đọc được hai cách: {count} hoặc {format_number(fraction)}. "
        f"Hãy gõ {count} hoặc {format_number(fraction)}.",
    )


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


_SPOKEN = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_AFTER_TEN = {5: "lăm"}
_AFTER_TENS = {1: "mốt", 4: "tư", 5: "lăm"}
_GROUPS = ((1_000_000, " triệu"), (1000, " nghìn"), (1, ""))
LARGEST_SPOKEN = 999_999_999


def speak_number(value: Number) -> str:
    """Say a number as people read it out: ``sáu trăm năm mươi mốt``, ``bảy phẩy không năm``.

    ValueError beyond ``LARGEST_SPOKEN``: no figure of a commune needs more.
    """
    whole, _, fraction = f"{abs(Decimal(value)):f}".partition(".")
    if int(whole) > LARGEST_SPOKEN:
        raise ValueError(f"{value} is too large to be read out")
    words = _speak_whole(int(whole))
    fraction = fraction.rstrip("0")
    if fraction:
        # two digits are read as one number; a leading 0, or more of them, digit by digit
        as_number = len(fraction) <= 2 and fraction[0] != "0"
        digits = " ".join(_SPOKEN[int(digit)] for digit in fraction)
        said = _speak_whole(int(fraction)) if as_number else digits
        words = f"{words} phẩy {said}"
    return f"âm {words}" if value < 0 else words


def _speak_whole(value: int) -> str:
    said: list[str] = []
    for size, unit in _GROUPS:
        hundreds, tens, units = (
            value // size // 100 % 10,
            value // size // 10 % 10,
            value // size % 10,
        )
        if not value // size % 1000:
            continue
        # behind a higher group the hundreds are said even when 0
        words = [f"{_SPOKEN[hundreds]} trăm"] if hundreds or said else []
        if tens:
            words.append("mười" if tens == 1 else f"{_SPOKEN[tens]} mươi")
        elif units and words:
            words.append("linh")
        if units:
            special = {} if not tens else _AFTER_TENS if tens > 1 else _AFTER_TEN
            words.append(special.get(units, _SPOKEN[units]))
        said.append(" ".join(words) + unit)
    return " ".join(said) or _SPOKEN[0]
