import io
import logging
import time
from dataclasses import replace
from datetime import UTC, datetime

import pypdf
import pytest

from cchc_public.exports.pdf import (
    FONT_FOLDER,
    fill_template,
    head_rules,
    layout_stamp,
    render_pdf,
    report_pdf,
    resolve_resource,
)
from cchc_public.present.report_view import build_report_view
from cchc_public.present.tables import print_table
from cchc_public.releases.published import NarrativeSection, ReleaseKind
from cchc_public.tables.sheet import Row
from tests.printed_release import (
    REASON,
    make_dossiers,
    make_release,
    make_table,
    make_tasks,
)

# Vowels with every tone, and đ: the 67 letters ASCII lacks, in both cases 134.
VOWELS = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
NOW = datetime(2023, 6, 13, tzinfo=UTC)


@pytest.fixture(scope="module")
def report():
    return report_pdf(make_release())


def pages_of(data: bytes) -> list[str]:
    """Text of each page with all white space made single: lines break where the paper ends."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    return [" ".join(page.extract_text().replace("\xa0", " ").split()) for page in reader.pages]


def text_of(data: bytes) -> str:
    return " ".join(pages_of(data))


def squeeze(text: str) -> str:
    return "".join(text.split())


def make_html(body: str) -> str:
    view = build_report_view(make_release())
    template = fill_template("report.html", report=view, rules=head_rules(view))
    head = template[: template.index("<body>")]
    return f"{head}<body>{body}</body></html>"


def test_there_are_134_letters_beyond_ascii():
    assert len(set(VOWELS + VOWELS.upper())) == 134


@pytest.mark.parametrize("tag", ["span", "b", "i", "b><i"])
def test_every_letter_is_drawn_and_can_be_extracted(tag, caplog):
    closing = "</i></b>" if tag == "b><i" else f"</{tag}>"
    lines = "".join(f"<p><{tag}>{v} {v.upper()}{closing}</p>" for v in VOWELS)
    with caplog.at_level(logging.WARNING):
        data = render_pdf(make_html(lines), made_at=NOW, identity="x")
    # the renderer warns of each letter that no font of the document can draw
    assert not caplog.records
    assert squeeze(text_of(data)) == "".join(v + v.upper() for v in VOWELS)
    reader = pypdf.PdfReader(io.BytesIO(data))
    fonts = {str(f.get_object()["/BaseFont"]) for p in reader.pages for f in fonts_of(p)}
    assert any("Tinos" in name for name in fonts)


def fonts_of(page):
    return page["/Resources"]["/Font"].values()


def test_report_follows_the_form_of_an_administrative_paper(report):
    first = pages_of(report)[0]
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "HUYỆN VĨNH LINH",
        "XÃ KIM THẠCH",
        "Số: 45/BC-UBND",
        "Kim Thạch, ngày 09 tháng 6 năm 2023",
        "BÁO CÁO Công tác cải cách hành chính 6 tháng đầu năm 2023",
        "- UBND huyện Vĩnh Linh; - Phòng Nội vụ huyện; - Lưu: VP.",
        "TM. ỦY BAN NHÂN DÂN PHÓ CHỦ TỊCH Nguyễn Văn Ẩn",
        "Đoạn một. Đoạn hai.",
        "từ ngày 15/12/2022 đến ngày 12/6/2023",
        "./.",
    ):
        assert words in first


def test_page_is_a4_and_wide_tables_lie_across(report):
    pages = pypdf.PdfReader(io.BytesIO(report)).pages
    sizes = [(round(p.mediabox.width), round(p.mediabox.height)) for p in pages]
    assert sizes[0] == (595, 842)
    wide = [s for s, text in zip(sizes, pages_of(report), strict=True) if "II.06a" in text]
    assert wide == [(842, 595)]


def text_in_top_margin(page) -> str:
    found = []
    edge = float(page.mediabox.height) - 18 * 72 / 25.4

    def visit(text, page_matrix, matrix, _font, _size):
        if text.strip() and matrix[5] * page_matrix[3] + page_matrix[5] > edge:
            found.append(text.strip())

    page.extract_text(visitor_text=visit)
    return " ".join(found)


def test_pages_are_numbered_in_the_top_margin_from_the_second_on(report):
    numbers = [text_in_top_margin(page) for page in pypdf.PdfReader(io.BytesIO(report)).pages]
    assert numbers == ["", *(str(n) for n in range(2, len(numbers) + 1))]


def test_every_page_says_which_release_it_is(report):
    footer = "Công bố lần 1 ngày 13/6/2023 · Mã kiểm tra 3f9c0a77be12"
    assert all(footer in page for page in pages_of(report))


def test_every_figure_of_the_release_is_printed(report):
    text = squeeze(text_of(report))
    for table in make_release().tables:
        for row in print_table(table.evaluated).rows:
            for cell in row.cells:
                assert squeeze(cell.text) in text
                assert squeeze(cell.detail) in text


def test_total_row_stands_in_one_line(report):
    assert "Tổng cộng 692 319 354 19 651 650 1 0 41 – –" in text_of(report)


def test_rate_never_stands_without_its_fraction(report):
    text = text_of(report)
    assert "77,56 % (522/673)" in text
    assert "99,39 % (647/651)" in text
    assert "theo nguồn 100 %" in text


def test_reason_of_a_warning_is_printed_below_its_table(report):
    page = next(p for p in pages_of(report) if "được công khai" in p and "Biểu 4" in p)
    assert REASON in page


def test_header_is_repeated_on_each_page_of_a_long_table():
    data = report_pdf(make_release(tables=(make_tasks(9, 9),)))
    pages = [page for page in pages_of(data)[1:] if "Nhiệm vụ " in page]
    assert len(pages) > 2
    assert all("Đơn vị phối hợp" in page and "(10)" in page for page in pages)


@pytest.mark.parametrize("tasks", range(3, 9))
def test_heading_of_a_section_never_stays_behind(tasks):
    data = report_pdf(make_release(tables=(make_tasks(9, tasks),)))
    for page in pages_of(data):
        for section in range(1, 10):
            if f"{section}. Mục lớn thứ {section}" in page:
                assert f"Nhiệm vụ {section}.1:" in page


def test_equal_releases_give_equal_bytes(report, monkeypatch):
    tomorrow = time.time() + 86_400  # the renderer would write its clock into the file
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    monkeypatch.setenv("TZ", "America/Lima")  # and the zone of the machine
    time.tzset()
    try:
        assert report_pdf(make_release()) == report
    finally:
        monkeypatch.undo()
        time.tzset()
    info = pypdf.PdfReader(io.BytesIO(report)).metadata
    assert info is not None
    assert info.creation_date == datetime(2023, 6, 13, 2, tzinfo=UTC)
    assert info.title == "Báo cáo công tác cải cách hành chính 6 tháng đầu năm 2023"


def test_correction_says_so_and_why():
    data = report_pdf(
        make_release(kind=ReleaseKind.CORRECTION, number=2, reason="Sửa hồ sơ đất đai.")
    )
    first = pages_of(data)[0]
    assert "Bản đính chính, công bố lần 2 ngày 13/6/2023. Lý do: Sửa hồ sơ đất đai." in first
    assert "Công bố lần 2" in first
    # the paper to sign comes before: nobody knows the day yet
    coming = make_release(id=0, kind=ReleaseKind.CORRECTION, number=2, reason="Sửa đất đai.")
    first = pages_of(report_pdf(coming))[0]
    assert "(Bản đính chính. Lý do: Sửa đất đai.)" in first
    assert "công bố lần" not in first.lower()


def test_empty_head_leaves_room_to_write_by_hand():
    first = pages_of(report_pdf(make_release(head={}, narrative=())))[0]
    assert "Số: ……/BC-UBND" in first
    assert "Ngày …… tháng …… năm 2023" in first
    assert "- Lưu: VT." in first


def test_hostile_words_are_only_words(tmp_path, caplog):
    secret = tmp_path / "secret.txt"
    secret.write_text("mật khẩu")
    evil = (
        f'<img src="{secret}"> <pdf:nextpage> </style><script>alert(1)</script> '
        '{{ 7*7 }} <link rel=stylesheet href="http://127.0.0.1:1/x.css"> &amp; \x00\x0b'
    )
    tables = (make_dossiers({evil: (1, 2, 3, 4, 0, 0), "x" * 400: (1, 1, 1, 1, 1, 1)}),)
    data = report_pdf(
        make_release(tables=tables, narrative=(NarrativeSection(evil, evil),), head={"place": evil})
    )
    text = text_of(data)
    assert "<pdf:nextpage>" in text
    assert "{{ 7*7 }}" in text
    assert squeeze(text).count("x" * 40) >= 1
    assert "mật khẩu" not in text
    assert not [r for r in caplog.records if "refused" in r.getMessage()]


def test_long_word_does_not_run_over_the_edge():
    data = report_pdf(make_release(tables=(make_dossiers({"Ộ" * 300: (1, 2, 3, 4, 0, 0)}),)))
    assert squeeze(text_of(data)).count("Ộ") >= 300


def test_a_document_reads_our_fonts_and_nothing_else(tmp_path, caplog):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"not a picture")
    for address in (str(secret), f"file://{secret}", "http://127.0.0.1:1/x.png", "../../config.py"):
        assert resolve_resource(address, None) == str(FONT_FOLDER / "refused")
        data = render_pdf(make_html(f'<p>a<img src="{address}">b</p>'), made_at=NOW, identity="x")
        assert text_of(data).startswith("a")
    assert resolve_resource("Tinos-Bold.ttf", None) == str(FONT_FOLDER / "Tinos-Bold.ttf")


def test_single_row_of_many_columns_is_printed_as_a_list():
    table = make_table(
        "dich-vu-cong", [Row("so-lieu", "", cells={"services_l3": 19})], edition="2022-tro-ve-truoc"
    )
    printed = print_table(table.evaluated)
    assert len(printed.rows) == len(table.definition.columns)
    assert not printed.is_wide
    assert printed.rows[0].cells[2].text == "19"
    assert printed.has_gaps


def test_widths_fill_the_table():
    for table in make_release().tables:
        printed = print_table(table.evaluated)
        assert sum(printed.widths) == pytest.approx(100, abs=0.2)
        assert len(printed.widths) == len(printed.numbers)


def test_layout_stamp_is_short_and_steady():
    assert layout_stamp() == layout_stamp()
    assert len(layout_stamp()) == 12


def test_table_without_figures_is_named():
    data = report_pdf(replace(make_release(), empty_codes=("van-ban",)))
    assert "Kỳ này chưa có số liệu:" in text_of(data)
