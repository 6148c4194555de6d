from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from flask import Flask

from cchc_public import i18n
from cchc_public.i18n import (
    _,
    address_language,
    as_vietnamese,
    format_date,
    format_number,
    format_percent,
    ngettext,
    page_language,
    pgettext,
    vietnamese_part,
)

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n{plural}"\n'
PLURAL = "Plural-Forms: nplurals=2; plural=(n != 1);\\n"
WORDS = """
msgid "Thủ tục"
msgstr "Procedures"

#, fuzzy
msgid "Hồ sơ"
msgstr "Folders"

msgctxt "sex"
msgid "Nam"
msgstr "male"

msgid "%(num)s xã"
msgid_plural "%(num)s xã"
msgstr[0] "%(num)s commune"
msgstr[1] "%(num)s communes"

msgid "xong 100 %"
msgstr "100 % done"
"""


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "en" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "cchc_public.po").write_text(HEAD.format(plural=PLURAL) + WORDS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def app(folder, monkeypatch):
    """An app that reads the words above; its addresses begin at ``/cchc``."""
    monkeypatch.setattr(i18n, "_folder", folder)
    app = Flask("words")
    config = {"URL_PREFIX": "/cchc", "LANGUAGES": ("vi", "en")}
    app.extensions["cchc_public"] = SimpleNamespace(config=config)
    return app


@pytest.fixture
def english(app):
    """Read English words at an English address."""
    with app.test_request_context("/cchc/en/ky"):
        yield


def test_words_plurals_and_contexts_come_from_the_po_file_itself(english):
    assert _("Thủ tục") == "Procedures"
    assert ngettext("%(num)s xã", "%(num)s xã", 1) == "1 commune"
    assert ngettext("%(num)s xã", "%(num)s xã", 3) == "3 communes"
    assert pgettext("sex", "Nam") == "male"


def test_what_is_fuzzy_unknown_or_empty_stays_as_it_is(english):
    assert _("Hồ sơ") == "Hồ sơ"
    assert _("Nam") == "Nam"
    assert _("Chưa dịch %(n)s", n=3) == "Chưa dịch 3"
    assert _("") == ""


def test_a_per_cent_sign_needs_no_care_without_variables(english):
    assert _("xong 100 %") == "100 % done"


def test_vietnamese_parts_are_marked_on_english_pages_only(english, app):
    assert page_language() == "en"
    assert vietnamese_part() == ' lang="vi"'
    assert as_vietnamese("Hộ <tịch>") == '<span lang="vi">Hộ &lt;tịch&gt;</span>'
    with app.test_request_context("/cchc/ky"):
        assert page_language() == "vi"
        assert vietnamese_part() == ""
        assert as_vietnamese("Hộ <tịch>") == "Hộ <tịch>"
        assert _("Thủ tục") == "Thủ tục"


def test_figures_are_written_as_each_language_writes_them(english, app):
    figures = (1714, Decimal("1234.5")), (Decimal("77.56"), 100), (date(2023, 6, 12),)
    writers = (format_number, format_percent, format_date)
    found = [[write(value) for value in few] for write, few in zip(writers, figures, strict=True)]
    assert found == [["1,714", "1,234.5"], ["77.56%", "100%"], ["12 June 2023"]]
    with app.test_request_context("/cchc/"):
        assert format_number(Decimal("1234.5")) == "1.234,5"
        assert format_percent(100) == "100\N{NO-BREAK SPACE}%"
        assert format_date(date(2023, 6, 12)) == "12/06/2023"


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("/cchc/en", "en"),
        ("/cchc/en/", "en"),
        ("/cchc/en/ky", "en"),
        ("/cchc/", "vi"),
        ("/cchc/ky/en", "vi"),
        ("/cchc/english", "vi"),
        ("/en/", "vi"),
        ("/cchcen/en/", "vi"),
    ],
)
def test_the_address_alone_tells_the_language(path, language):
    assert address_language(path, "/cchc") == language


def test_outside_an_app_everything_is_vietnamese():
    assert _("Thủ tục") == "Thủ tục"
    assert page_language() == "vi"
