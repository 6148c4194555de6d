"""The tree keeps the house style: size budget, NFC, no machine paths, layers."""

import ast
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from cchc_public.checks.rules import RULES
from tests.measures import ROOT, House, functions_of, length_of, tracked_files

TEXT_SUFFIXES = {
    ".py",
    ".html",
    ".css",
    ".js",
    ".toml",
    ".md",
    ".csv",
    ".po",
    ".xml",
    ".txt",
    ".yml",
}
TOP_LEVEL = {
    "cchc_public",
    "templates",
    "translations",
    "tests",
    "wsgi.py",
    "pyproject.toml",
    "README.md",
    "Makefile",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE",
    ".ci",
    ".gitignore",
}
# lines a file may hold, by the folder it lies in (house style, hard limit)
FILE_LIMITS = (("templates", 180), ("tests", 600), ("cchc_public", 500))
FUNCTION_LIMITS = {"cchc_public": 60, "tests": 80}
# A ratchet: lower it when the house got lighter. Bars when it stands: 130 modules, 14 %.
MOST_MODULES, MOST_USED_ONCE = 262, 27.5
# Frozen data that documents broken input on purpose.
NOT_NFC_ON_PURPOSE = {"tests/data", "cchc_public/demo/procedures.csv"}


FILES = tracked_files()
TEXT_FILES = [f for f in FILES if f.suffix in TEXT_SUFFIXES or f.name in {"Makefile", "run"}]
PYTHON_FILES = [f for f in FILES if f.suffix == ".py"]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_top_level_holds_nothing_unexpected():
    found = {relative(f).split("/")[0] for f in FILES}
    assert found <= TOP_LEVEL, f"unexpected at the top level: {sorted(found - TOP_LEVEL)}"


def test_sources_are_nfc():
    wrong = [
        relative(f)
        for f in TEXT_FILES
        if not any(relative(f).startswith(folder) for folder in NOT_NFC_ON_PURPOSE)
        and not unicodedata.is_normalized("NFC", f.read_text(encoding="utf-8"))
    ]
    assert not wrong, f"not in NFC (Vietnamese letters would not match): {wrong}"


def test_files_stay_small():
    too_long = []
    for folder, limit in FILE_LIMITS:
        for file in FILES:
            is_code = file.suffix in {".py", ".html"}
            if relative(file).startswith(folder + "/") and is_code:
                lines = len(file.read_text(encoding="utf-8").splitlines())
                if lines > limit:
                    too_long.append(f"{lines} {relative(file)} (limit {limit})")
    assert not too_long, too_long


@pytest.mark.parametrize("folder", FUNCTION_LIMITS)
def test_functions_stay_small(folder):
    too_long = [
        f"{length_of(function)} {relative(file)}:{function.name}"
        for file in PYTHON_FILES
        if relative(file).startswith(folder + "/") and "migrations/versions" not in relative(file)
        for function in functions_of(ast.parse(file.read_text(encoding="utf-8")))
        if length_of(function) > FUNCTION_LIMITS[folder]
    ]
    assert not too_long, too_long


def test_the_house_gets_lighter():
    house = House.read()
    assert len(house.modules) <= MOST_MODULES, house.describe()
    assert house.used_once_percent <= MOST_USED_ONCE, house.describe()


def test_every_rule_of_the_checks_has_a_test_that_names_it():
    """Adding a rule without a test fails here."""
    tests = "".join(f.read_text(encoding="utf-8") for f in (ROOT / "tests").glob("*/test_*.py"))
    untested = [code for code in RULES if not re.search(f"[\"']{code}[\"']", tests)]
    assert len(RULES) > 20
    assert not untested, untested


def test_no_path_of_a_machine_and_no_token_is_tracked():
    # Written in pieces so that this file does not find itself.
    forbidden = [
        "/wo" + "rk/",
        "/home/" + "u",
        "pypi" + "-more",
        "BEGIN " + "RSA",
        "BEGIN PRIVATE" + " KEY",
    ]
    hits = [
        f"{relative(file)}: {word}"
        for file in TEXT_FILES
        for word in forbidden
        if word in file.read_text(encoding="utf-8")
    ]
    assert not hits, hits


def test_arrows_only_go_down():
    command = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([str(command)], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_templates_have_no_inline_script_or_style():
    """The widget's style element is allowed: its hash stands in its own policy."""
    wrong = []
    for file in FILES:
        if file.suffix == ".html" and relative(file).startswith("templates/cchc/"):
            if any(part in relative(file) for part in ("/report/", "/embed/")):
                continue
            text = file.read_text(encoding="utf-8")
            for word in (' style="', " onclick=", " onload=", "<style", "javascript:"):
                if word in text:
                    wrong.append(f"{relative(file)}: {word}")
    assert not wrong, wrong


def test_pages_of_the_office_fill_no_block_that_a_host_may_mean_otherwise():
    """A host's frame has blocks of its own: one called ``body`` would lose all of it."""
    ours = {"title", "head", "nav", "tagline", "content", "footer", "body_class"}
    for file in (file for file in FILES if "templates/cchc/office" in relative(file)):
        for name in re.findall(r"{%-? block (\w+)", file.read_text(encoding="utf-8")):
            assert name.startswith("cchc_") or name in ours, (relative(file), name)


def test_a_class_of_the_office_is_none_of_the_public_pages():
    """Office pages have both styles: the big answers of public pages stood in the sheets."""

    def names(file: str) -> set[str]:
        text = (ROOT / "cchc_public/static" / file).read_text(encoding="utf-8")
        return set(re.findall(r"(?m)^\.cchc (\.cchc-[\w-]+) \{", text))

    laid_closer = {".cchc-links", ".cchc-columns"}  # the same lists, in less room
    assert len(names("cchc.css")) > 50
    assert names("cchc.css") & names("office.css") == laid_closer
