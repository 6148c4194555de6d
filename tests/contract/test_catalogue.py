"""Every word that a page can show has its English; nothing is left over, nothing half done."""

import ast
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from cchc_public.config import LOCALES
from cchc_public.tables.registry import get_form, list_forms, table_codes

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "translations"
ENGLISH = TRANSLATIONS / "en" / "LC_MESSAGES" / "cchc_public.po"
# The same in both languages.
SAME = {"Excel", "Menu", "JSON", "%(count)s %(what)s"}
# What English words quote: examples to type, names of tone marks, signs of the forms.
QUOTED = re.compile(
    r"khai sinh|đất đai|chứng thực|sổ đỏ|hộ nghèo|huyền|sắc|hỏi|ngã|nặng|chưa có số liệu"
    r"|Mã thủ tục|ỦY BAN NHÂN DÂN|01 bộ|\d+ giờ( \d+)?"
)
PLACES = re.compile(r"%\((\w+)\)([sd])|\{(\w+)\}|(%%)")


def read(path: Path) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale="en")


def messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def key(message: Message) -> tuple[object, str | None]:
    return message.id, message.context


def texts(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def places(text: str) -> set[str]:
    return {match[0] for match in PLACES.finditer(text)}


def pybabel(*arguments: str) -> None:
    CommandLineInterface().run(["pybabel", "--quiet", *arguments])


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """What pybabel finds in the sources today, with the settings in pyproject.toml."""
    target = tmp_path_factory.mktemp("extracted") / "cchc_public.pot"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        pybabel("extract", "-F", "pyproject.toml", "-o", str(target), ".")
    return target


@pytest.fixture(scope="module")
def used(template):
    return read(template)


@pytest.fixture(scope="module")
def english():
    return read(ENGLISH)


def test_every_word_has_its_english_and_no_english_is_left_over(used, english):
    wanted = {key(message) for message in messages(used)}
    known = {key(message) for message in messages(english)}
    assert len(wanted) > 400, "the extraction found too little to be right"
    assert not wanted - known, "run the two steps in pyproject.toml, then translate"
    assert not known - wanted, "run the two steps in pyproject.toml"
    assert not english.obsolete


def test_nothing_is_empty_or_fuzzy_and_plurals_are_whole(english):
    for message in messages(english):
        assert not message.fuzzy, message.id
        strings = texts(message.string)
        assert all(strings), message.id
        assert len(strings) == (1 if isinstance(message.id, str) else 2), message.id


def test_vietnamese_has_one_form_for_every_number(used):
    for message in messages(used):
        assert len(set(texts(message.id))) == 1, message.id


def test_english_fills_in_what_vietnamese_fills_in(english):
    for message in messages(english):
        wanted = places(texts(message.id)[0])
        for string in texts(message.string):
            assert places(string) == wanted, (message.id, string)
            # the same blanks at both ends: some words are joined to others
            assert (string[:1] == " ", string[-1:] == " ") == (
                texts(message.id)[0][:1] == " ",
                texts(message.id)[0][-1:] == " ",
            ), message.id


def test_a_word_with_blanks_to_fill_can_be_filled(english):
    for message in messages(english):
        names = {match[1] for text in texts(message.id) for match in PLACES.finditer(text)}
        if values := {name: 7 for name in names if name}:
            assert all("%(" not in string % values for string in texts(message.string))


def test_english_is_english(english):
    for message in messages(english):
        for string in texts(message.string):
            left = unicodedata.normalize("NFD", QUOTED.sub("", string))
            marks = [letter for letter in left if unicodedata.combining(letter) or letter in "đĐ"]
            assert not marks, f"Vietnamese left in {string!r}"
            assert string != texts(message.id)[0] or string in SAME, string


def test_no_word_hides_inside_an_f_string():
    # pybabel on Python 3.11 does not look there
    for path in (ROOT / "cchc_public").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if not re.search(r"\b(_|ngettext|pgettext)\(", text):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.JoinedStr):
                names = {call.func.id for call in ast.walk(node) if is_plain_call(call)}
                assert not names & {"_", "ngettext", "pgettext"}, f"{path}:{node.lineno}"


def is_plain_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def test_names_and_units_of_all_tables_have_their_english(english):
    for code in table_codes():
        for table in (get_form(code), *list_forms(code)):
            for word in (table.short_title, table.unit):
                assert word in english, f"add it to exporters/wording.py: {word}"


def test_every_offered_language_has_its_catalogue_and_no_other():
    folders = {path.parents[1].name for path in TRANSLATIONS.glob("*/LC_MESSAGES/cchc_public.po")}
    assert folders == set(LOCALES) - {"vi"}


def test_bringing_the_catalogue_up_to_date_changes_no_word(template, english, tmp_path):
    shutil.copytree(TRANSLATIONS, tmp_path / "t")
    pybabel(
        *("update", "-i", str(template), "-d", str(tmp_path / "t"), "-D", "cchc_public"),
        *("-l", "en", "-N", "--ignore-obsolete", "-w", "100"),
    )
    updated = read(tmp_path / "t" / "en" / "LC_MESSAGES" / "cchc_public.po")
    assert {key(m): m.string for m in messages(updated)} == {
        key(m): m.string for m in messages(english)
    }
