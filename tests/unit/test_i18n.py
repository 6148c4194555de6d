from threading import Barrier, Thread

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from cchc_public import i18n
from cchc_public.i18n import Catalogues, _, ngettext, page_language, pgettext, vietnamese_part

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
def english(folder, monkeypatch):
    """Read English words in an app's context."""
    monkeypatch.setattr(i18n, "_catalogues", Catalogues(folder))
    app = Flask("words")
    Babel(app, default_locale="en")
    with app.app_context():
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


def test_vietnamese_parts_are_marked_on_english_pages_only(english):
    assert page_language() == "en"
    assert vietnamese_part() == ' lang="vi"'
    with force_locale("vi"):
        assert page_language() == "vi"
        assert vietnamese_part() == ""
        assert _("Thủ tục") == "Thủ tục"


@pytest.mark.parametrize(
    ("locale", "language", "words"),
    [
        ("en", "en", "Procedures"),
        ("en_GB", "en", "Procedures"),
        ("vi", "vi", "Thủ tục"),
        ("vi_VN", "vi", "Thủ tục"),
        ("fr", "vi", "Thủ tục"),
        ("zh_Hant_TW", "vi", "Thủ tục"),
    ],
)
def test_a_language_without_catalogue_is_vietnamese(folder, locale, language, words):
    found, catalogue = Catalogues(folder).find(locale)
    assert (found, catalogue.gettext("Thủ tục")) == (language, words)


def test_outside_an_app_everything_is_vietnamese():
    assert _("Thủ tục") == "Thủ tục"
    assert page_language() == "vi"


def test_many_threads_read_the_file_once(folder):
    catalogues = Catalogues(folder)
    gate, found = Barrier(8), []

    def read() -> None:
        gate.wait()
        found.append(catalogues.find("en")[1])

    threads = [Thread(target=read) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({id(catalogue) for catalogue in found}) == 1
