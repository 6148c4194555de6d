import csv
import re
from importlib import resources

import pytest

from cchc_public.procedures.record import ChannelKind
from cchc_public.procedures.wording import (
    build_channels,
    classify_fee,
    fee_classes,
    join_channels,
    split_channels,
    stated,
)
from cchc_public.procedures.words import short_fees, short_name, short_time
from cchc_public.vietnamese.fold import fold
from tests.procedure_records import make

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
    assert classify_fee(fee) == expected


def test_no_real_fee_that_the_council_sets_counts_as_free():
    for row in demo_rows():
        for channel in build_channels(row["time_limit"], row["fee"]):
            if re.search(r"hoi dong nhan dan|\bhdnd\b", fold(channel.fee)):
                assert classify_fee(channel.fee) in ("conditional", "amount")


def test_a_procedure_without_channels_states_no_fee():
    assert fee_classes(()) == " unstated "


def test_lists_say_beside_the_word_free_what_limits_it():
    assert short_fees(make(channels=build_channels("1 ngày", COUNCIL))) == (
        "Miễn phí, có điều kiện"
    )
    assert short_fees(make()) == "Không nêu trong nguồn"
    assert short_fees(make(channels=build_channels("", "không nêu trên Cổng"))) == (
        "Không nêu trong nguồn"
    )
    differing = build_channels("", "Trực tiếp: 10.000 đồng; Trực tuyến: 5.000 đồng")
    assert short_fees(make(channels=differing)) == "tùy cách nộp"
    assert short_time(make(channels=differing)) == "Không nêu trong nguồn"


def test_long_names_are_cut_between_words():
    name = short_name("Giao đất ở có thu tiền " * 40)
    assert len(name) <= 201
    assert name.endswith("…")
    assert short_name("Tách hộ") == "Tách hộ"
