"""One description for every face: what one of them leaves out, all leave out."""

from dataclasses import replace
from datetime import date

from cchc_public.exports.pdf import Leaf
from cchc_public.procedures import (
    Bring,
    Channel,
    ChannelKind,
    Component,
    Exemption,
    OnlineLevel,
    ProcedureStatus,
    build_channels,
)
from cchc_public.procedures.description import Description, short_facts, short_name, short_title
from cchc_public.public.kiosk import build_sheet
from tests.procedure_records import make

TODAY = date(2026, 11, 25)
COUNCIL = "Miễn phí (mức cụ thể do HĐND cấp tỉnh quyết định)"


def test_an_exemption_that_ended_is_told_on_no_face():
    past = Exemption("Hộ nghèo", "miễn", "12/NQ", None, date(2020, 1, 1))
    record = make(status=ProcedureStatus.AMENDED, amended_on=date(2026, 1, 1), exemptions=(past,))
    about = Description(record, TODAY)
    sheet = build_sheet(about, "https://x/1", ("Một cửa", ""))
    assert about.exemptions == ()
    assert "Hộ nghèo" not in str(sheet)
    assert "Hộ nghèo" not in str(Leaf(about, "https://x/1"))
    # the warning too is the same everywhere
    assert about.warning == "Được sửa đổi, bổ sung từ ngày 01/01/2026."
    assert sheet["warning"] == about.warning


def test_papers_of_everybody_stand_apart_from_special_cases():
    about = Description(
        make(
            components=(
                Component("Tờ khai", "Tờ khai", 1, case="Nộp trực tiếp", bring=Bring.HAND_IN),
                Component("Mẫu điện tử", case="Nộp trực tuyến", bring=Bring.ONLINE),
                Component("Giấy tờ tùy thân", originals=1, bring=Bring.SHOW, note="Chỉ cần số"),
                Component("Văn bản ủy quyền", copies=1, case="Nhờ người khác", bring=Bring.HAND_IN),
                Component("Giấy chứng nhận", "Mẫu 02", 0, 0, "Nhờ người khác"),
            )
        ),
        TODAY,
    )
    # the form filled in online is the other shape of the paper form, not one paper more
    assert [(p.name, p.do, p.count, p.note) for p in about.papers] == [
        ("Tờ khai", "nộp", "1 bản chính", "Nộp trực tuyến thì điền ngay trên mạng"),
        ("Giấy tờ tùy thân", "xuất trình rồi cầm về", "", "Chỉ cần số"),
    ]
    (case,) = about.cases
    assert case.title == "Nhờ người khác"
    assert [p.words for p in case.papers] == [
        "Văn bản ủy quyền (nộp, 1 bản sao)",
        "Giấy chứng nhận (Mẫu 02)",
    ]


def test_a_form_that_is_only_filled_in_online_is_told_first():
    about = Description(
        make(
            components=(
                Component("Căn cước", bring=Bring.SHOW),
                Component("Mẫu điện tử", case="Nộp trực tuyến", bring=Bring.ONLINE),
            )
        ),
        TODAY,
    )
    assert [paper.name for paper in about.papers] == ["Mẫu điện tử", "Căn cước"]


def test_what_is_missing_is_gathered_once():
    assert Description(make(), TODAY).missing == ("giấy tờ", "thời hạn", "phí, lệ phí")
    known = make(
        channels=build_channels("3 ngày", "Trực tiếp: Miễn phí; Trực tuyến: không nêu"),
        components=(Component("Tờ khai", case="Nhờ người khác"),),
    )
    assert Description(known, TODAY).missing == ()


def test_lists_say_beside_the_word_free_what_limits_it():
    assert short_facts(make(channels=build_channels("1 ngày", COUNCIL))) == [
        "1 ngày",
        "Hỏi mức thu trước khi nộp",
    ]
    assert short_facts(make()) == []
    assert short_facts(make(channels=build_channels("5", "không nêu trên Cổng"))) == []
    differing = build_channels("", "Trực tiếp: 10,000 VNĐ; Trực tuyến: 5.000 đồng")
    assert short_facts(make(channels=differing)) == ["10.000 đồng, tùy cách nộp"]


def test_a_record_is_to_be_compared_until_the_commune_has_done_so():
    record = make(source="Cổng DVCQG https://x.vn/y", source_on=date(2026, 7, 1))
    assert Description(record, TODAY).origin == (
        "Nguồn: Cổng DVCQG (01/07/2026). Xin đối chiếu trước khi dùng."
    )
    checked = replace(record, checked_on=date(2026, 8, 2))
    assert Description(checked, TODAY).origin.endswith("Xã đã đối chiếu ngày 02/08/2026.")


def test_partly_online_without_a_reason_says_that_none_is_given():
    about = Description(make(online_level=OnlineLevel.PARTIAL), TODAY)
    assert (about.online, about.online_reason) == (
        "Một phần",
        "Chưa nêu lý do chỉ trực tuyến một phần.",
    )


def test_a_note_that_holds_for_all_ways_is_told_once():
    late = "Nhận sau 15 giờ: trả hôm sau"
    ways = tuple(Channel(kind, "1 ngày", "Miễn phí", late) for kind in list(ChannelKind)[:3])
    assert Description(make(channels=ways), TODAY).ways == (
        ("Trực tiếp", ""),
        ("Trực tuyến", ""),
        ("Dịch vụ bưu chính", ""),
        ("", late),
    )


def test_long_names_are_cut_between_words():
    name = short_name("Giao đất ở có thu tiền " * 40)
    assert len(name) <= 201
    assert name.endswith("…")
    assert short_name("Tách hộ") == "Tách hộ"
    assert short_title("Thủ tục đăng ký kết hôn") == "Đăng ký kết hôn"
    assert short_title("Thủ tục") == "Thủ tục"
