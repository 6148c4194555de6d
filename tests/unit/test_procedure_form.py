import pytest

from cchc_public.office.frame import read_number
from cchc_public.office.procedures import ROW_PARTS, fields_of, read_form, read_record
from cchc_public.procedures import ChannelKind
from tests.procedure_records import FULL, SMALL


def with_blank_rows(fields):
    """The form as the screen offers it: rows to type into at the end of each list."""
    blank = {f"{key}.{n}.{part}": "" for key, parts in ROW_PARTS.items() for part in parts
             for n in (8, 9)}  # fmt: skip
    return blank | fields


@pytest.mark.parametrize("record", [SMALL, FULL])
def test_a_record_goes_through_the_form_unchanged(record):
    given = read_form(with_blank_rows(fields_of(record, 3)))
    assert given["version"] == "3"
    assert read_record(given) == (record, {})


def test_every_wrong_cell_is_told_at_once_beside_its_field():
    form = fields_of(SMALL) | {"decision_on": "32/1/2026", "received_here": "đôi khi"}
    record, problems = read_record(read_form(form))
    assert record is None
    assert problems.keys() == {"decision_on", "received_here"}


def test_what_was_typed_stays_in_the_form():
    form = fields_of(SMALL) | {"decision_on": "hôm qua"}
    assert read_form(form)["decision_on"] == "hôm qua"


def test_all_channels_and_single_ones_do_not_mix():
    form = fields_of(SMALL) | {"any.time": "1 ngày", "online.time": "2 giờ"}
    record, problems = read_record(read_form(form))
    assert record is None
    assert [*problems] == ["channels"]


def test_a_ticked_channel_without_words_is_a_channel():
    form = fields_of(SMALL) | {"online.used": "1"}
    record, _problems = read_record(read_form(form))
    assert [channel.kind for channel in record.channels] == [ChannelKind.ONLINE]


def test_separators_and_line_breaks_in_a_row_do_not_break_it():
    form = fields_of(SMALL) | {
        "components.0.name": "Giấy A | B\nhoặc C",
        "components.0.originals": "1",
    }
    record, _problems = read_record(read_form(form))
    assert [(c.name, c.originals) for c in record.components] == [("Giấy A ¦ B hoặc C", 1)]


def test_an_emptied_row_is_gone():
    form = fields_of(FULL)
    form |= {f"components.0.{part}": "" for part in ROW_PARTS["components"]}
    record, _problems = read_record(read_form(form))
    assert record.components == FULL.components[1:]


@pytest.mark.parametrize("version", ["", "-1", "x", "٣", "9" * 5000])
def test_a_version_that_is_none_counts_as_the_oldest(version):
    assert read_number(read_form({"version": version})["version"]) == 0
