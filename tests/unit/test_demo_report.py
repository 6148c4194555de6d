import csv
import re
import unicodedata
from datetime import date
from importlib.resources import files

from cchc_public import demo
from cchc_public.checks.run import solve_report
from cchc_public.releases.prose import OUTLINE, WRITTEN, as_stored, freeze, resolve
from cchc_public.tables.registry import table_codes
from tests.misprints import printed_sheets

PARTS = files("cchc_public.demo") / demo.FOLDER


def records(name):
    return list(csv.DictReader((PARTS / name).read_text(encoding="utf-8").splitlines()))


def test_all_eight_tables_are_there_in_order():
    # tables that began after 2023 have no place in this report
    of_the_time = tuple(code for code in table_codes() if code in demo.demo_sheets())
    assert len(of_the_time) == 8
    assert tuple(demo.demo_sheets()) == of_the_time
    assert tuple(printed_sheets()) == of_the_time


def test_the_rows_are_those_of_the_report():
    sizes = {code: len(sheet.rows) for code, sheet in demo.demo_sheets().items()}
    assert sizes == {
        "ho-so": 5,
        "so-hoa": 1,
        "hai-long": 1,
        "dich-vu-cong": 1,
        "van-ban": 2,
        "so-luong-thu-tuc": 1,
        "nhiem-vu": 32,
        "chi-tieu": 16,
    }
    sections = {row.section for row in demo.demo_sheets()["nhiem-vu"].rows}
    assert sections == {"I", "II", "III", "IV", "V", "VI", "VII"}


def test_every_printed_figure_is_kept_as_cell_or_as_stated():
    dossiers = printed_sheets()["ho-so"]
    for record in records("dossiers.csv")[:-1]:
        row = next(r for r in dossiers.rows if r.label == record["linh_vuc"])
        kept = [int(v) for v in row.cells.values()]
        assert sorted(kept) == sorted(int(v) for k, v in record.items() if k != "linh_vuc")
    assert dossiers.total.cells == {
        "received": 692,
        "received_online": 319,
        "received_direct": 354,
        "carried_over": 19,
        "resolved": 651,
        "resolved_early": 650,
        "resolved_on_time": 1,
        "resolved_overdue": 0,
    }
    services = printed_sheets()["dich-vu-cong"].rows[0]
    assert len(services.cells) == len(records("online_services.csv")) == 16
    counts = printed_sheets()["so-luong-thu-tuc"].rows[0]
    assert len(counts.cells) == 5


def test_a_figure_the_report_leaves_out_is_unknown_not_zero():
    row = demo.demo_sheets()["ho-so"].rows[0]
    assert "pending_in_time" not in row.cells
    survey = demo.demo_sheets()["hai-long"].rows[0]
    assert "slips" not in survey.cells
    assert survey.cells["satisfaction_rate"] == 100


def test_every_table_has_the_data_window_of_the_report():
    windows = {(sheet.data_from, sheet.data_to) for sheet in demo.demo_sheets().values()}
    assert windows == {(date(2022, 12, 15), date(2023, 6, 12))}


def test_labels_of_a_table_are_never_repeated():
    for sheet in demo.demo_sheets().values():
        keys = [row.key for row in sheet.rows]
        assert len(keys) == len(set(keys))


def test_the_words_fill_the_outline_and_name_figures_that_exist():
    tables = solve_report(demo.demo_sheets())
    sections = demo.demo_narrative()
    assert [s.key for s in sections] == [part.key for part in WRITTEN]
    for section in sections:
        assert section.text
        assert unicodedata.is_normalized("NFC", section.text)
        assert resolve(section.text, tables)[1] == ()
    assert demo.COMMUNE["head"]["issued_on"] == "2023-06-12"


# every document number, date, count and percentage of the narrative of the real report; typing
# errors of the source (92/20117NĐ-CP, Nghị định 61/NĐ-CP without a year) as they were meant
REAL_FACTS = """
896/UBND-NV 05/6/2023 27/32 02 06/KH-UBND 18/01/2023 2021-2025 83/QĐ-UBND 22/5/2023 40/BC-UBND
09/6/2023 12/BC-UBND 03/3/2023 15/KH-UBND 14/02/2023 17/KH-UBND 16/KH-UBND 09/QĐ-UBND 10/01/2023
01/KH-UBND 09/01/2023 02/KH-UBND 2019-2023 63/2010/NĐ-CP 08/6/2010 48/2013/NĐ-CP 14/5/2013
92/2017/NĐ-CP 07/8/2017 02/2017/TT-VPCP 31/10/2017 134 138 27 125 09 45/TB-UBND 05/8/2021
2021-2026 50/TB-UBND 01/11/2022 01 100% 30% 20% 15/12/2022 12/6/2023 22/KH-UBND 28/02/2023
650/UBND-BTCD 27/4/2023 28/4/2023 25 5 61/2018/NĐ-CP 9001:2015 692 319 354 19 651 650 1714 107
75 56
""".split()  # noqa: SIM905


def test_the_words_hold_every_fact_of_the_real_narrative():
    tables = solve_report(demo.demo_sheets())
    frozen = freeze(as_stored(demo.demo_narrative()), tables)
    text = " ".join(part["text"] for part in frozen)
    said = set(re.findall(r"[0-9][0-9A-ZĐa-z/:%-]*", text.replace("\xa0", "").replace(".", "")))
    said = {word.rstrip("-/:") for word in said}
    assert [fact for fact in REAL_FACTS if fact not in said] == []
    assert [part["key"] for part in frozen] == [part.key for part in OUTLINE]


def test_the_old_form_is_named_by_its_edition():
    sheet = demo.demo_sheets()["dich-vu-cong"]
    assert sheet.edition == "2022-tro-ve-truoc"
