import csv
import re
import time
from importlib import resources

import pytest

from cchc_public.procedures import (
    ChannelKind,
    Money,
    Time,
    build_channels,
    fee_classes,
    join_channels,
    read_fee,
    read_time,
    split_channels,
    stated,
)
from cchc_public.vietnamese.text import fold

COUNCIL = "Miễn phí (Mức lệ phí cụ thể do Hội đồng nhân dân cấp tỉnh quyết định)"


def demo_rows():
    path = resources.files("cchc_public.demo").joinpath("procedures.csv")
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


@pytest.mark.parametrize("column", ["time_limit", "fee"])
def test_every_real_text_comes_back_verbatim_from_its_channel_rows(column):
    position = ("time_limit", "fee").index(column)
    for row in demo_rows():
        channels = build_channels(row["time_limit"], row["fee"])
        parts = tuple((c.kind, (c.time_limit, c.fee)[position]) for c in channels)
        assert join_channels(parts) == row[column]


def test_real_texts_that_name_channels_become_one_row_each():
    counts = [len(build_channels(row["time_limit"], row["fee"])) for row in demo_rows()]
    assert (counts.count(1), counts.count(2), counts.count(3)) == (226, 11, 40)


def test_channels_are_split_with_their_own_words():
    text = "Trực tiếp: Phí : 0 Đồng; Trực tuyến: không nêu"
    assert split_channels(text) == (
        (ChannelKind.IN_PERSON, "Phí : 0 Đồng"),
        (ChannelKind.ONLINE, "không nêu"),
    )


def test_a_channel_word_inside_a_sentence_splits_nothing():
    text = "10.000 đồng (nộp trực tiếp: thu khi nhận; nộp trực tuyến: không thu)"
    assert split_channels(text) == ((ChannelKind.ANY, text),)


def test_a_channel_named_twice_keeps_both_texts():
    assert split_channels("Trực tiếp: 5 ngày; Trực tiếp: 3 ngày") == (
        (ChannelKind.IN_PERSON, "5 ngày / 3 ngày"),
    )


def test_one_text_for_named_channels_holds_for_each():
    kinds = (ChannelKind.IN_PERSON, ChannelKind.ONLINE)
    channels = build_channels("3 ngày", "Trực tuyến: 5.000 đồng", kinds=kinds)
    assert [(c.kind, c.time_limit, c.fee) for c in channels] == [
        (ChannelKind.IN_PERSON, "3 ngày", ""),
        (ChannelKind.ONLINE, "3 ngày", "5.000 đồng"),
    ]


@pytest.mark.parametrize(
    "words",
    [
        "", " ", "không nêu", "không nêu trong nguồn", "không nêu trên Cổng", "Chưa công bố",
        "Cổng không công bố",
    ],
)  # fmt: skip
def test_words_of_absence_are_not_stated(words):
    assert stated(words) is None


def test_none_at_all_is_a_statement():
    assert stated("Không") == "Không"


@pytest.mark.parametrize(
    ("fee", "expected"),
    [
        ("Miễn phí", "free"),
        ("Phí : 0 Đồng", "free"),
        ("Miễn phí (Không quy định.)", "free"),
        (COUNCIL, "conditional"),
        ("Miễn phí (Không thu lệ phí đối với tổ hợp tác)", "conditional"),
        ("70,000 VNĐ (70.000 đồng/giấy)", "amount"),
        ("10,000 Việt Nam Đồng (/trường hợp) / 10 USD (/bản)", "amount"),
        ("25 VNĐ(25.000.000đ/giấy)", "amount"),
        ("không nêu trên Cổng", "unstated"),
        ("", "unstated"),
        # a part that says nothing takes "free" from the whole
        ("Miễn phí / không nêu trên Cổng", "unstated"),
        ("Theo quy định của HĐND tỉnh", "conditional"),
    ],
)
def test_a_fee_is_free_only_when_nothing_limits_it(fee, expected):
    assert read_fee(fee).kind == expected


def test_no_real_fee_that_the_council_sets_counts_as_free():
    for row in demo_rows():
        for channel in build_channels(row["time_limit"], row["fee"]):
            if re.search(r"hoi dong nhan dan|\bhdnd\b", fold(channel.fee)):
                assert read_fee(channel.fee).kind in ("conditional", "amount")


def test_a_procedure_without_channels_states_no_fee():
    assert fee_classes(()) == " unstated "


@pytest.mark.parametrize(
    ("words", "text", "note"),
    [
        ("8,000 VNĐ", "8.000 đồng", ""),
        ("70,000 VNĐ (70.000 đồng/Giấy chứng nhận)", "70.000 đồng/Giấy chứng nhận", ""),
        ("10,000 Việt Nam Đồng (/trường hợp) / 10 USD (/bản)",
         "10.000 đồng/trường hợp / 10 USD/bản", ""),
        # the portal's number column lost its zeros
        ("25 VNĐ(25.000.000đ/giấy)", "25.000.000 đồng/giấy", ""),
        ("Lệ phí: 8.000 đồng", "8.000 đồng", ""),
        ("2.000 đồng/trang; từ trang thứ 3: 1.000 đồng/trang; tối đa 200.000 đồng/bản",
         "2.000 đồng/trang", "từ trang thứ 3: 1.000 đồng/trang; tối đa 200.000 đồng/bản"),
    ],
)  # fmt: skip
def test_amounts_are_written_our_way(words, text, note):
    assert read_fee(words) == Money("amount", text, note)


def test_an_amount_without_its_zeros_and_without_words_is_no_amount():
    assert read_fee("25 VNĐ").kind == "unstated"


@pytest.mark.parametrize(
    ("words", "text", "value", "unit", "note"),
    [
        ("5 Ngày làm việc", "5 ngày làm việc", 5, "ngày làm việc", ""),
        ("20 ngày (hoặc 15 ngày đối với nhà ở riêng lẻ)", "20 ngày", 20, "ngày",
         "hoặc 15 ngày đối với nhà ở riêng lẻ"),
        ("tối đa không quá 20 ngày làm việc", "Tối đa không quá 20 ngày làm việc", 20,
         "ngày làm việc", ""),
        ("Ngay trong ngày", "Ngay trong ngày", None, "", ""),
        ("02 giờ", "2 giờ", 2, "giờ", ""),
    ],
)  # fmt: skip
def test_a_time_limit_is_its_number_its_unit_and_the_rest(words, text, value, unit, note):
    assert read_time(words) == Time(text, value, unit, note)


@pytest.mark.parametrize("words", ["", "1", "5 (Cổng không hiển thị đơn vị)", "không nêu"])
def test_a_number_without_its_unit_is_no_time_limit(words):
    assert read_time(words) is None


@pytest.mark.parametrize(
    "part", ["1,", "1 ", "(", " ", "trực tiếp:;", "không nêu trong ", "1", "ạ", "; ", "phí:"]
)
def test_time_grows_with_the_length_of_a_text_not_with_its_square(part):
    def count(times):
        words = part * times + "x"
        begun = time.process_time()
        for _ in range(3):
            read_fee.__wrapped__(words)
            read_time.__wrapped__(words)
            split_channels(words)
        return time.process_time() - begun

    count(100)
    small = min(count(4_000) for _ in range(3))
    assert min(count(16_000) for _ in range(3)) < 12 * small + 0.02
