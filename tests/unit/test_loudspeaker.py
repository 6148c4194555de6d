"""Numbers in words, and the text for the loudspeakers made of a release's figures."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.present.charts import Badge, badge_svg
from cchc_public.present.wording import loudspeaker_text, say, summary_text
from cchc_public.releases.published import ReleaseKind
from cchc_public.vietnamese.dates import speak_date
from cchc_public.vietnamese.numbers import speak_number
from tests.printed_release import make_release, make_tables

UNITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5,
    "sáu": 6, "bảy": 7, "tám": 8, "chín": 9,
}  # fmt: skip


def listen(words: str) -> int:
    """Understand a spoken number, by rules of its own: what was said is worth what it says."""
    total = group = last = 0
    for word in words.split():
        if word == "mười":
            group, last = group + 10, 0
        elif word == "mươi":
            group, last = group - last + last * 10, 0
        elif word == "trăm":
            group, last = group - last + last * 100, 0
        elif word in ("nghìn", "triệu"):
            total, group, last = total + group * {"nghìn": 1000, "triệu": 10**6}[word], 0, 0
        elif word != "linh":
            last = UNITS[word]
            group += last
    return total + group


@given(st.integers(0, 999_999_999))
def test_every_number_is_understood_as_what_it_was(value):
    words = speak_number(value)
    assert listen(words) == value
    # mốt, tư, lăm only behind mươi; lăm also behind mười; linh only behind trăm
    assert not re.search(r"(?<!mươi) mốt|(?<!mươi) tư|^mốt|^tư|^lăm|(?<!mươi)(?<!mười) lăm", words)
    assert not re.search(r"mươi (một|năm|bốn)( |$)|mười (mốt|tư|năm)( |$)", words)
    assert not re.search(r"(?<!trăm) linh", words)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "không"), (10, "mười"), (15, "mười lăm"), (21, "hai mươi mốt"), (24, "hai mươi tư"),
        (105, "một trăm linh năm"), (651, "sáu trăm năm mươi mốt"),
        (1005, "một nghìn không trăm linh năm"), (1714, "một nghìn bảy trăm mười bốn"),
        (1_000_005, "một triệu không trăm linh năm"),
        (Decimal("77.56"), "bảy mươi bảy phẩy năm mươi sáu"),
        (Decimal("99.05"), "chín mươi chín phẩy không năm"),
        (Decimal("47.40"), "bốn mươi bảy phẩy bốn"), (Decimal("100.00"), "một trăm"),
        (Decimal("99.995"), "chín mươi chín phẩy chín chín năm"), (-3, "âm ba"),
    ],
)  # fmt: skip
def test_numbers_are_said_as_people_say_them(value, said):
    assert speak_number(value) == said


def test_too_large_a_number_is_refused():
    with pytest.raises(ValueError, match="too large"):
        speak_number(1_000_000_000)


def test_days_are_said_as_people_say_them():
    assert speak_date(date(2023, 4, 9)) == (
        "ngày mùng chín tháng tư năm hai nghìn không trăm hai mươi ba"
    )


def test_words_are_read_out_in_full():
    assert say("UBND xã Kim Thạch 2") == "Ủy ban nhân dân xã Kim Thạch hai"


def test_the_text_says_the_figures_of_the_tables_and_no_digit():
    text = loudspeaker_text(make_release())
    assert not re.search(r"[0-9]", text)
    dossiers = make_tables()[0].evaluated
    for key in ("received", "received_online", "received_direct", "carried_over", "resolved",
                "resolved_in_term", "pending"):  # fmt: skip
        assert f" {speak_number(dossiers.figure(key))} " in text.replace(",", " ,"), key
    for row in dossiers.rows:
        told = f"{row.label}, tiếp nhận {speak_number(row.values['received'])}"
        assert told in text
    assert "sáu tháng đầu năm hai nghìn không trăm hai mươi ba" in text
    assert "bảy mươi bảy phẩy năm mươi sáu phần trăm" in text
    assert "không có số phiếu" in text
    assert "đính chính" not in text
    # one to two minutes at the pace of a reader on the loudspeaker
    assert 130 <= len(text.split()) <= 330


def test_a_correction_and_gaps_are_said_honestly():
    text = loudspeaker_text(make_release(kind=ReleaseKind.CORRECTION, number=2, tables=()))
    assert "số liệu đã đính chính" in text
    assert "hồ sơ tiếp nhận" not in text
    assert "None" not in text


@given(st.lists(st.integers(0, 99_999), min_size=6, max_size=6))
def test_numbers_in_the_text_are_those_of_the_table(figures):
    from tests.printed_release import make_dossiers

    table = make_dossiers({"Đất đai": tuple(figures)})
    text = loudspeaker_text(make_release(tables=(table,)))
    received = re.search(r"Tổng số hồ sơ tiếp nhận là (.*?) hồ sơ", text)
    assert received is not None
    assert listen(received[1]) == sum(figures[:3])
    resolved = re.search(r"Đã giải quyết (.*?)(?: trên .*?)? hồ sơ", text)
    assert resolved is not None
    assert listen(resolved[1]) == sum(figures[3:])


def test_page_and_picture_say_the_same_sentences_in_digits():
    release = make_release()
    told = summary_text(release)
    spoken = loudspeaker_text(release)
    assert told.startswith(
        "Tổng số hồ sơ tiếp nhận là 692 hồ sơ; trong đó nộp trực tuyến 319 hồ sơ, nộp trực tiếp "
        "và qua bưu chính 354 hồ sơ, từ kỳ trước chuyển sang 19 hồ sơ. Đã giải quyết 651 trên "
        "692 hồ sơ, đạt 94,08\u00a0%."
    )
    for sentence in re.findall(r"[^.]+\.", told):
        words = re.sub(
            r"([0-9]+(?:,[0-9]+)?)(\u00a0%)?",
            lambda found: (
                speak_number(Decimal(found[1].replace(",", ".")))
                + (" phần trăm" if found[2] else "")
            ),
            sentence.strip(),
        )
        assert words.rstrip(".") in spoken, words
    assert summary_text(make_release(tables=())) == ""
    badge = Badge(
        "UBND xã", "Hồ sơ", "94,08 %", "651/692", "Lần 1", told=told, warning="Đã thu hồi"
    )
    assert "692 hồ sơ" in badge_svg(badge)
    assert "Đã thu hồi" in badge_svg(badge)
