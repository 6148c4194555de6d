"""README tells the truth: its table of keys, its pictures, its commands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cchc_public.config import KEYS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DATA = ROOT / "cchc_public" / "demo"
# What the commands of README find in the folder where its reader stands.
FILES = {
    "danh-muc.csv": DATA / "procedures.csv",
    "ho-so.docx": ROOT / "tests" / "data" / "reading" / "25-seed-dossiers.docx",
    "ho-so.csv": DATA / "kim-thach-2023-h1" / "dossiers.csv",
}
# Run elsewhere: `make test` is this very run, `make run` stands in tests/browser/test_make_run.py,
# and a pull needs a remote.
RUN_ELSEWHERE = {"make run", "make test", "git pull", '.venv/bin/pip install -e ".[site]"'}


def commands():
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL):
        yield from (line for line in block.splitlines() if line and not line.startswith("#"))


def config_rows():
    table = README.split("<!-- config -->")[1].split("<!-- /config -->")[0]
    return [line for line in table.strip().splitlines() if line]


def test_table_of_keys_is_complete_and_current():
    expected = [f"| `{k.full_name}` | `{describe(k.default)}` | {k.help} |" for k in KEYS]
    assert config_rows() == expected


def describe(default):
    return " ".join(default) if isinstance(default, tuple) else repr(default).replace("'", '"')


def test_pictures_exist_and_are_small():
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures
    for name in pictures:
        assert (ROOT / name).stat().st_size < 120_000, name


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """Stand where the reader stands: an installed package, an empty instance, two files."""
    folder = tmp_path_factory.mktemp("reader")
    for name, source in FILES.items():
        shutil.copy(source, folder / name)
    environment = {
        **os.environ,
        "CCHC_INSTANCE_PATH": str(folder / "instance"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    run(["cchc", "db", "upgrade"], folder, environment)
    run(["cchc", "demo"], folder, environment)
    return folder, environment


def run(command, folder, environment):
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        shell=isinstance(command, str),  # the line as README prints it
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_every_command_of_readme_runs(reader):
    folder, environment = reader
    failed = []
    for command in commands():
        if command in RUN_ELSEWHERE:
            continue
        result = run(command, folder, environment)
        if result.returncode:
            failed.append(f"{command}\n{result.stdout}{result.stderr}")
    assert not failed, "\n".join(failed)
