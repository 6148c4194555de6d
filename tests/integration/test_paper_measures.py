"""NĐ 30/2020 measured on the PDF itself, and the Word document that says the same."""

import io
import subprocess
import zipfile
from collections import Counter
from datetime import UTC, datetime

import docx
import pypdf
import pytest

from cchc_public.exports import freeze_package
from cchc_public.exports.pdf import report_pdf
from cchc_public.exports.report_docx import report_docx
from cchc_public.present.report_view import build_report_view
from cchc_public.present.tables import measure_text, print_table
from cchc_public.releases.published import NarrativeSection
from tests.papers import MM, bookmarks, fonts, horizontal_lines, open_pdf, pieces
from tests.printed_release import make_dossiers, make_release, make_tables, make_tasks

NARRATIVE = (
    NarrativeSection("Mở đầu", "Căn cứ công văn số 896.", "mo-dau", "", ""),
    NarrativeSection("Công tác chỉ đạo", "- Họp.\n+ Đã **xong**.", "I", "I", ""),
    NarrativeSection("Kết quả thực hiện", "", "II", "II", ""),
    NarrativeSection(
        "Cải cách thủ tục hành chính", "Trước.\n{{ bang.ho-so }}\nSau.", "II.2", "2", ""
    ),
    NarrativeSection("Kiến nghị, đề xuất", "<b>Máy quét</b> & **hai", "V", "V", ""),
    NarrativeSection("Kết thúc", "Xin báo cáo./.", "ket-thuc", "", ""),
)


@pytest.fixture(scope="module")
def release():
    return make_release(narrative=NARRATIVE)


@pytest.fixture(scope="module")
def paper(release):
    return open_pdf(report_pdf(release))


@pytest.fixture(scope="module")
def word(release):
    return report_docx(release)


def find(page, words):
    return next(piece for piece in pieces(page) if words in piece.text)


def test_number_and_place_stand_on_one_row_in_13_points(paper):
    number = find(paper.pages[0], "Số: 45/BC-UBND")
    place = find(paper.pages[0], "Kim Thạch, ngày 09 tháng 6")
    assert number.top == place.top
    assert 13 <= number.size <= 14
    assert 13 <= place.size <= 14
    assert "Italic" in place.font


def test_national_title_and_motto_have_their_sizes_and_one_line_each(paper):
    title = find(paper.pages[0], "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    motto = find(paper.pages[0], "Độc lập - Tự do - Hạnh phúc")
    assert (title.size, motto.size) == (13, 14)
    assert "Bold" in title.font
    assert "Bold" in motto.font
    assert title.left + measure_text(title.text, title.size) / MM <= 195.1


def test_rules_are_as_long_as_the_decree_wants(paper):
    issuer, motto, subject = horizontal_lines(paper.pages[0])[:3]
    wide = measure_text("ỦY BAN NHÂN DÂN", 13) / MM
    assert wide / 3 <= issuer[2] <= wide / 2
    assert motto[2] == pytest.approx(measure_text("Độc lập - Tự do - Hạnh phúc", 14) / MM, abs=1)
    words = measure_text("Công tác cải cách hành chính 6 tháng đầu năm 2023", 14) / MM
    assert words / 3 <= subject[2] <= words / 2


def test_body_is_14_points_within_the_margins(paper):
    for page in paper.pages:
        width = float(page.mediabox.width) / MM
        wide = width > 250
        found = pieces(page)
        assert min(piece.left for piece in found) >= (19.9 if wide else 29.9)
        # only the page number stands in the top margin
        assert all(piece.top >= 20 or piece.text.isdigit() for piece in found)
        assert max(piece.top for piece in found) <= float(page.mediabox.height) / MM - 10
    assert find(paper.pages[0], "Căn cứ công văn").size == 14


def test_every_font_lies_in_the_file(paper):
    found = fonts(paper)
    assert found
    assert all(found.values()), found


def test_recipients_are_12_and_11_points_and_the_deputy_signs_on_two_lines():
    head = {"signatory_title": "KT. Chủ tịch\nPhó chủ tịch", "signatory": "Lê Văn Ẩn"}
    page = open_pdf(report_pdf(make_release(head=head, tables=()))).pages[0]
    assert find(page, "Nơi nhận").size == 12
    assert find(page, "- Lưu: VT").size == 11
    chairman, deputy = find(page, "KT. CHỦ TỊCH"), find(page, "PHÓ CHỦ TỊCH")
    assert chairman.text == "KT. CHỦ TỊCH"
    assert deputy.text == "PHÓ CHỦ TỊCH"
    assert deputy.top > chairman.top
    one_line = make_release(head={"signatory_title": "KT. Chủ tịch Phó Chủ tịch"})
    assert build_report_view(one_line).signatory_lines == ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")


def test_bookmarks_lead_to_parts_and_tables(paper):
    found = bookmarks(paper)
    titles = [title for _depth, title in found]
    assert "II. Kết quả thực hiện" in titles
    assert "Biểu 1. Tình hình, kết quả giải quyết thủ tục hành chính" in titles
    assert "PHỤ LỤC" in titles
    assert paper.trailer["/Root"]["/Lang"] == "vi"
    assert paper.metadata.title == "Báo cáo công tác cải cách hành chính 6 tháng đầu năm 2023"


def test_table_stands_where_the_words_place_it_on_paper_that_stands_where_it_fits(paper):
    texts = [" ".join(page.extract_text().split()) for page in paper.pages]
    whole = " ".join(texts)
    assert (
        whole.index("Trước.")
        < whole.index("Biểu 1. Tình hình")
        < whole.index("Sau.")
        < whole.index("Biểu 3. Số hóa")
    )
    # thirteen columns: a point smaller, so that no page stays half empty before them
    table = next(n for n, text in enumerate(texts) if "Biểu 1. Tình hình" in text)
    assert paper.pages[table].mediabox.width < paper.pages[table].mediabox.height
    assert find(paper.pages[table], "Chứng thực").size == 11


def test_table_too_wide_for_paper_that_stands_lies_across_where_the_words_place_it():
    words = (NarrativeSection("Kiến nghị", "Trước.\n{{ bang.nhiem-vu }}\nSau.", "V", "V", ""),)
    paper = open_pdf(report_pdf(make_release(narrative=words, tables=(make_tasks(2, 2),))))
    kinds = [
        (page.mediabox.width > page.mediabox.height, page.extract_text()) for page in paper.pages
    ]
    assert [wide for wide, _text in kinds] == [False, True, False]
    assert "Trước." in kinds[0][1]
    assert "Nhiệm vụ 2.2" in kinds[1][1]
    assert "Sau." in kinds[2][1]


def test_long_table_is_laid_out_page_by_page_with_nothing_lost_or_said_twice():
    paper = open_pdf(report_pdf(make_release(tables=(make_tasks(8, 50),))))
    texts = ["".join(page.extract_text().split()) for page in paper.pages]
    whole = "".join(texts)
    found = [
        whole.find(f"Nhiệmvụ{section}.{task}:") for section in range(1, 9) for task in range(1, 51)
    ]
    assert found == sorted(found)
    assert found[0] > 0
    assert all(whole.count(f"Mụclớnthứ{section}") == 1 for section in range(1, 9))
    assert all("(10)" in text for text in texts if "Nhiệmvụ" in text and "Biểu1" not in text)


def test_every_page_of_a_long_table_has_the_whole_merged_header():
    table = make_dossiers({f"Lĩnh vực {n}": (1, 1, 0, 1, 0, 0) for n in range(60)})
    head = {cell.text for level in print_table(table.evaluated).head for cell in level}
    pages = open_pdf(report_pdf(make_release(tables=(table,)))).pages
    texts = ["".join(page.extract_text().split()) for page in pages]
    found = [text for text in texts if "(13)" in text]
    assert len(found) > 1
    for text in found:
        assert not [words for words in head if "".join(words.split()) not in text]


def test_row_taller_than_a_page_goes_on_over_pages_in_a_long_table():
    tall = {f"Lĩnh vực {n}": (1, 1, 0, 1, 0, 0) for n in range(40)}
    name = " ".join(["Lĩnh vực tên rất dài"] * 150)
    release = make_release(
        tables=(make_dossiers({**tall, name: (1, 1, 0, 1, 0, 0), "Cuối": (0, 0, 0, 0, 0, 0)}),)
    )
    whole = "".join(
        "".join(page.extract_text().split()) for page in open_pdf(report_pdf(release)).pages
    )
    assert whole.count("rất") == 150
    assert "Lĩnhvực39" in whole
    assert "Cuối" in whole


def test_annex_lies_on_pages_of_one_kind_without_empty_ones_between(paper):
    texts = [" ".join(page.extract_text().split()) for page in paper.pages]
    first = next(n for n, text in enumerate(texts) if "PHỤ LỤC" in text)
    annex = paper.pages[first:]
    assert len({(p.mediabox.width, p.mediabox.height) for p in annex}) == 1
    assert "Biểu" in texts[first]  # the annex begins with a table, not with an empty page


def test_only_one_short_form_of_dates_is_used(paper):
    text = " ".join(page.extract_text() for page in paper.pages)
    assert "12/6/2023" in text
    assert "12/06/2023" not in text


def test_draft_says_so_on_every_page_and_a_final_paper_nowhere(release, paper):
    draft = open_pdf(report_pdf(release, is_draft=True))
    assert all("DỰ THẢO" in page.extract_text() for page in draft.pages)
    assert find(draft.pages[0], "DỰ THẢO")
    assert not any("DỰ THẢO" in page.extract_text() for page in paper.pages)


def words_of_pdf(reader):
    """All words but page numbers and the line at the foot."""
    found = Counter()
    for page in reader.pages:
        body = [p for p in pieces(page) if p.size > 9 and not (p.text.isdigit() and p.top < 20)]
        found.update("".join("".join(p.text.split()) for p in body))
    return found


def docx_texts(data):
    """Every text of the document in its order, each merged cell once."""
    document = docx.Document(io.BytesIO(data))
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            seen = set()
            for row in block.rows:
                for cell in row.cells:
                    if cell._tc not in seen:
                        seen.add(cell._tc)
                        yield from (p.text for p in cell.paragraphs)
        else:
            yield block.text


def test_word_document_and_pdf_hold_the_same_letters():
    # without the tasks: a table of several pages repeats its header in the PDF
    release = make_release(narrative=NARRATIVE, tables=make_tables()[:-1])
    paper, data = open_pdf(report_pdf(release)), report_docx(release)
    letters = Counter("".join("".join(text.split()) for text in docx_texts(data)))
    assert letters == words_of_pdf(paper)


def test_word_document_has_real_styles_headers_and_fields(word):
    document = docx.Document(io.BytesIO(word))
    styles = {p.style.name for p in document.paragraphs}
    assert {"Title", "Heading 1", "Heading 2", "Heading 3", "Normal"} <= styles
    body = document.element.body.xml
    assert "w:tblHeader" in body
    assert "w:gridSpan" in body
    assert "w:vMerge" in body
    header = zipfile.ZipFile(io.BytesIO(word)).read("word/header1.xml").decode()
    assert 'w:instr="PAGE"' in header
    assert {s.orientation for s in document.sections} == {0, 1}
    assert document.core_properties.title.startswith("Báo cáo công tác")
    assert document.core_properties.language == "vi-VN"
    assert document.core_properties.created == datetime(2023, 6, 13, 2, tzinfo=UTC)


def test_equal_releases_give_equal_documents(release, word):
    assert report_docx(release) == word
    frozen = freeze_package(word, datetime(1970, 1, 1, tzinfo=UTC))
    assert zipfile.ZipFile(io.BytesIO(frozen)).testzip() is None


def test_word_document_opens_in_libreoffice_with_the_same_words(word, tmp_path):
    file = tmp_path / "bao-cao.docx"
    file.write_bytes(word)
    home = tmp_path / "home"
    command = ["soffice", f"-env:UserInstallation=file://{home}", "--headless"]
    try:
        subprocess.run(
            [*command, "--convert-to", "pdf", "--outdir", str(tmp_path), str(file)],
            check=True,
            capture_output=True,
            timeout=120,
        )
    except FileNotFoundError:
        pytest.skip("LibreOffice is not installed here")
    text = "".join(
        "".join(p.extract_text().split()) for p in pypdf.PdfReader(tmp_path / "bao-cao.pdf").pages
    )
    for words in docx_texts(word):
        assert "".join(words.split()) in text or len(words) > 60, words
    assert "PHÓCHỦTỊCH" in text


def test_hostile_words_are_inert_in_both_papers():
    evil = "<img src=x onerror=alert(1)> {{ 7*7 }} **a** \x0b & ]]> <w:p/>"
    release = make_release(
        narrative=(NarrativeSection("Mở đầu", evil, "I", "I", evil),), tables=(make_tasks(1, 1),)
    )
    pdf = " ".join(p.extract_text() for p in open_pdf(report_pdf(release)).pages)
    word = " ".join(docx_texts(report_docx(release)))
    for text in (pdf, word):
        assert "{{ 7*7 }}" in text
        assert "<img src=x" in " ".join(text.split())
        assert "49" not in text.replace("13:49", "")
