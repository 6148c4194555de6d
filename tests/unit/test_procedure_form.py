from dataclasses import replace

import pytest

from cchc_public.office.procedures import ROW_PARTS, input_of, read_form, read_record
from cchc_public.procedures.record import ChannelKind
from tests.procedure_records import FULL, SMALL


def posted(given):
    """The form as a browser posts it."""
    form = dict(given.cells) | {"version": str(given.version)}
    for channel in given.channels:
        kind = channel.kind.value
        form |= {f"{kind}.time": channel.time_limit, f"{kind}.fee": channel.fee}
        form |= {f"{kind}.note": channel.note} | ({f"{kind}.used": "1"} if channel.is_used else {})
    for key, rows in given.rows.items():
        for number, row in enumerate(rows):
            form |= {f"{key}.{number}.{p}": t for p, t in zip(ROW_PARTS[key], row, strict=True)}
    return form


def with_blank_rows(given):
    """The form as the screen offers it: a row to type into at the end of each list."""
    offered = {key: (*rows, ("",) * len(ROW_PARTS[key])) for key, rows in given.rows.items()}
    return replace(given, rows=offered)


@pytest.mark.parametrize("record", [SMALL, FULL])
def test_a_record_goes_through_the_form_unchanged(record):
    given = read_form(posted(with_blank_rows(input_of(record, 3))))
    assert given.version == 3
    assert read_record(given) == (record, {})


def test_every_wrong_cell_is_told_at_once_beside_its_field():
    form = posted(input_of(SMALL)) | {"decision_on": "32/1/2026", "received_here": "đôi khi"}
    record, problems = read_record(read_form(form))
    assert record is None
    assert problems.keys() == {"decision_on", "received_here"}


def test_what_was_typed_stays_in_the_form():
    form = posted(input_of(SMALL)) | {"decision_on": "hôm qua"}
    assert read_form(form).cells["decision_on"] == "hôm qua"


def test_all_channels_and_single_ones_do_not_mix():
    form = posted(input_of(SMALL)) | {"any.time": "1 ngày", "online.time": "2 giờ"}
    record, problems = read_record(read_form(form))
    assert record is None
    assert [*problems] == ["channels"]


def test_a_ticked_channel_without_words_is_a_channel():
    form = posted(input_of(SMALL)) | {"online.used": "1"}
    record, _problems = read_record(read_form(form))
    assert [channel.kind for channel in record.channels] == [ChannelKind.ONLINE]


def test_separators_and_line_breaks_in_a_row_do_not_break_it():
    form = posted(input_of(SMALL)) | {
        "components.0.name": "Giấy A | B\nhoặc C",
        "components.0.originals": "1",
    }
    record, _problems = read_record(read_form(form))
    assert [(c.name, c.originals) for c in record.components] == [("Giấy A ¦ B hoặc C", 1)]


def test_an_emptied_row_is_gone():
    form = posted(input_of(FULL))
    form |= {f"components.0.{part}": "" for part in ROW_PARTS["components"]}
    record, _problems = read_record(read_form(form))
    assert record.components == FULL.components[1:]


@pytest.mark.parametrize("version", ["", "-1", "x", "٣", "9" * 5000])
def test_a_version_that_is_none_counts_as_the_oldest(version):
    assert read_form({"version": version}).version == 0
