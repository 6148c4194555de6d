"""Whatever a stranger types or pastes: four times as many letters take four times as long."""

import time
from contextlib import suppress

import pytest

from cchc_public.checks.within import check_duplicates, check_unread
from cchc_public.errors import ImportRejected
from cchc_public.files.grid import Document, read_pasted_text
from cchc_public.files.opening import open_document
from cchc_public.procedures.importing import read_procedures
from cchc_public.reading.questions import Context, Draft
from cchc_public.reading.rows import match_known, plain_label
from cchc_public.reading.sources import WholeReading, find_window, read_source, read_whole
from cchc_public.reading.words import (
    as_number,
    cell_lines,
    is_page_sum,
    is_total_label,
    keys_of,
    lexicon_for,
    looks_like_figure,
    period_tag,
    read_cell,
    split_ordinal,
    timeless,
    without_brackets,
    word_key,
)
from cchc_public.releases.prose import arrange, read_blocks
from cchc_public.tables.registry import get_form, row_key
from cchc_public.tables.sheet import Row, Sheet, solve
from cchc_public.vietnamese.dates import parse_period, read_date
from cchc_public.vietnamese.numbers import read_amount, read_count, read_decimal
from cchc_public.vietnamese.text import (
    clean_text,
    fold,
    neutralize,
    repair,
    restore,
    search_key,
    slugify,
)

DOSSIERS, TASKS, INDICATORS = (get_form(code) for code in ("ho-so", "nhiem-vu", "chi-tieu"))
WORDS = lexicon_for(DOSSIERS.table)


def paste(form, text):
    with suppress(ImportRejected):
        read_source(read_pasted_text(text), form, Context())


def whole(text):
    with suppress(ImportRejected):
        read_whole(read_pasted_text(text), (DOSSIERS, TASKS, INDICATORS), lambda _code: Context())


def page(text):
    with suppress(ImportRejected):
        open_document(f"<html><table><tr><td>{text}</td></tr></table>".encode(), "x")


def procedures(text):
    with suppress(ImportRejected):
        read_procedures(f'Mã thủ tục,Tên,Cách thức\n1.000001,"{text}","{text}"\n'.encode(), "x.csv")


def checked(text):
    row = Row("a", text, cells={"value": None}, unread={"value": text})
    solved = solve(INDICATORS, Sheet("chi-tieu", INDICATORS.edition, rows=(row, row)))
    return [*check_unread(solved), *check_duplicates(solved)]


READERS = {
    "fold": fold, "search_key": search_key, "slugify": slugify, "clean": clean_text,
    "repair": repair, "neutralize": neutralize, "restore": restore, "count": read_count,
    "decimal": read_decimal, "amount": read_amount, "date": read_date, "period": parse_period,
    "word_key": word_key.__wrapped__, "keys_of": keys_of, "brackets": without_brackets,
    "total": is_total_label, "page sum": is_page_sum, "tag": period_tag, "timeless": timeless,
    "figure": looks_like_figure, "lines": cell_lines, "as number": as_number,
    "cell": lambda text: read_cell(DOSSIERS.table.quantity("received"), text),
    "value": lambda text: read_cell(INDICATORS.table.quantity("value"), text),
    "head": lambda text: WORDS.understand((text, text + "x")),
    "label": WORDS.find_label, "ordinal": lambda text: split_ordinal("", text),
    "plain label": plain_label, "row key": lambda text: row_key(INDICATORS, text),
    "known": lambda text: match_known(text, 1, Draft(DOSSIERS, Context([text[:-1], "Hộ tịch"]))),
    "window": lambda text: find_window(Document("x", (text,)), 0), "procedures": procedures,
    "sections": lambda text: WholeReading((), (text, text)).sections, "prose": read_blocks,
    "outline": lambda text: arrange([{"title": text, "text": text}]), "checks": checked,
    "cell of a table": lambda text: paste(
        DOSSIERS, f"STT\tLĩnh vực\tTiếp nhận\tĐã giải quyết\n1\tHộ tịch\t{text}\t3\n2\t{text}\t4\t3"
    ),
    "head of a table": lambda text: paste(DOSSIERS, f"TT\tLĩnh vực\t{text}\tTiếp nhận\n1\tA\t2"),
    "task": lambda text: paste(TASKS, f"TT\tNội dung\tĐã thực hiện\nI\tA\t\n1\t{text}\t{text}"),
    "lines of a report": whole,
    "many lines": lambda text: whole(text.replace(" ", "\n")),
    "page": page,
}  # fmt: skip
PARTS = (
    "ạ", "a ", "1", "1,", "1. ", "( ", "((", "12.000 ", "I ", "A\u0301", "\u200b", "%", "- ",
    "từ ngày 1/1/2023 ", "Tiếp nhận Trực tuyến ", "aù", "=",
)  # fmt: skip


HEAVY = ("procedures", "many lines", "lines of a report")


@pytest.mark.parametrize("name", READERS)
def test_time_grows_with_the_letters_not_with_their_square(name):
    def spent(letters, part):
        text = part * (letters // len(part))  # whole words: a word cut short may go another way
        begun = time.process_time()
        READERS[name](text)
        return time.process_time() - begun

    spent(200, "a ")
    for part in PARTS[::5] if name in HEAVY else PARTS:
        large = spent(8_000, part)
        if large > 0.02:  # what is quick at this length cannot have grown with the square
            small = min(spent(2_000, part) for _ in range(3))
            large = min(large, *(spent(8_000, part) for _ in range(3)))
            assert large < 6 * small + 0.02, (part, small, large)
