"""The tree keeps the house style: size budget, NFC, no machine paths, layers."""

import ast
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
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
    "LICENSE",
    ".ci",
    ".gitignore",
}
# lines a file may hold, by the folder it lies in (house style, hard limit)
FILE_LIMITS = (("templates", 180), ("tests", 600), ("cchc_public", 400))
FUNCTION_LIMIT = 60
# Frozen data that documents broken input on purpose.
NOT_NFC_ON_PURPOSE = {"tests/data", "cchc_public/demo/procedures.csv"}


def tracked_files() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [name for name in listing.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


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


@pytest.mark.parametrize("folder", ["cchc_public", "tests"])
def test_functions_stay_small(folder):
    limit = FUNCTION_LIMIT if folder == "cchc_public" else 80
    too_long = [
        f"{node.end_lineno - node.lineno + 1} {relative(file)}:{node.name}"
        for file in PYTHON_FILES
        if relative(file).startswith(folder + "/") and "migrations/versions" not in relative(file)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno + 1 > limit
    ]
    assert not too_long, too_long


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
    result = subprocess.run([str(command), "--no-cache"], cwd=ROOT, capture_output=True, text=True)
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
